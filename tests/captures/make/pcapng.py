"""Reads and writes capture files, block by block and record by record. Enough for making captures, no more."""

import struct

SHB, IDB, ISB, EPB, SPB, NRB, DSB, CUSTOM = 0x0A0D0D0A, 1, 5, 6, 3, 4, 10, 0x0BAD


def blocks(data):
    """(type, body) of each block of a little-endian pcapng file."""
    at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        yield kind, data[at + 8 : at + length - 4]
        at += length


def block(kind, body, order="<"):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def option(code, value, order="<"):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def options(data):
    """(code, value) of each option."""
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4 : at + 4 + length]
        at += 4 + length + (-length % 4)


def section(order="<", *said):
    body = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + b"".join(said)
    return block(SHB, body + (option(0, b"", order) if said else b""), order)


def interface(link, order="<", snap=262144, *said):
    body = struct.pack(order + "HHI", link, 0, snap) + b"".join(said)
    return block(IDB, body + (option(0, b"", order) if said else b""), order)


def packet(number, ticks, data, order="<", original=None, *said):
    original = len(data) if original is None else original
    body = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), original)
    body += data + b"\0" * (-len(data) % 4) + b"".join(said) + (option(0, b"", order) if said else b"")
    return block(EPB, body, order)


def statistics(number, ticks, order="<", received=None, dropped=None, os_dropped=None):
    said = b""
    for code, value in ((4, received), (5, dropped), (7, os_dropped)):
        if value is not None:
            said += option(code, struct.pack(order + "Q", value), order)
    body = struct.pack(order + "III", number, ticks >> 32, ticks & 0xFFFFFFFF)
    return block(ISB, body + said + option(0, b"", order), order)


def packets(data):
    """(nanoseconds, captured bytes, original length, link type) of each packet of a capture that dumpcap or tcpdump wrote."""
    if data[:4] == struct.pack("<I", SHB):
        links = []
        for kind, body in blocks(data):
            if kind == IDB:
                said = dict(options(body[8:]))
                power = said.get(9, b"\x06")[0]
                links.append((struct.unpack_from("<H", body)[0], 10 ** (9 - power)))
            elif kind == EPB:
                number, high, low, captured, original = struct.unpack_from("<IIIII", body)
                yield ((high << 32 | low) * links[number][1], body[20 : 20 + captured], original, links[number][0])
        return
    order, scale = {0xA1B2C3D4: ("<", 1000), 0xA1B23C4D: ("<", 1)}[struct.unpack_from("<I", data)[0]], None
    order, scale = order
    link, at = struct.unpack_from(order + "I", data, 20)[0], 24
    while at + 16 <= len(data):
        seconds, part, captured, original = struct.unpack_from(order + "IIII", data, at)
        yield seconds * 10**9 + part * scale, data[at + 16 : at + 16 + captured], original, link
        at += 16 + captured


def read(path):
    with open(path, "rb") as file:
        return list(packets(file.read()))


def classic(records, link, order="<", nanoseconds=False, snap=262144):
    """A classic pcap file's bytes. `records` are (nanoseconds, bytes, original length)."""
    magic, scale = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for when, data, original in records:
        out.append(struct.pack(order + "IIII", when // 10**9, when % 10**9 // scale, len(data), original) + data)
    return b"".join(out)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def neutral(source, target, device):
    """Rewrites a capture of dumpcap so that nothing in it tells of the machine that made it: the section keeps only
    the capturing program's name, the interface its new name, its filter and its resolution; packets and statistics
    stay as they are."""
    with open(source, "rb") as file:
        data = file.read()
    out = []
    for kind, body in blocks(data):
        if kind == SHB:
            out.append(section("<", option(4, b"dumpcap")))
        elif kind == IDB:
            link, _, snap = struct.unpack_from("<HHI", body)
            kept = [option(2, device.encode())] + [option(c, v) for c, v in options(body[8:]) if c == 9]
            out.append(interface(link, "<", snap, *kept))
        elif kind in (EPB, ISB):
            out.append(block(kind, body))
    write(target, b"".join(out))
