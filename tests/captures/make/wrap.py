"""Wraps the packets of base.pcapng, which real clients and servers sent, the way other links and tunnels carry them.

For links that the making machine cannot have (802.11, PPP, a mobile core, VLANs and tunnels that its kernel lacks) the outer headers
are written here, by the formats' own documents; what they carry is untouched. wrap.py FOLDER reads and writes there.
"""

import os
import struct
import sys

import pcapng
import truth as truths

ETHERNET = 1
OUTER, OUTER_MACS = (bytes([172, 16, 9, 1]), bytes([172, 16, 9, 2])), bytes.fromhex("d6229041aa01d6229041aa02")
STATION, ACCESS_POINT, BSSID = bytes.fromhex("9a105e7724c3"), bytes.fromhex("d62290410f02"), bytes.fromhex("d62290410f0f")


def checksum(data):
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def up(frame):
    """Whether the device sent this frame."""
    return frame[6:12] == STATION


def outer_ipv4(payload, protocol, forth, number):
    """An Ethernet frame with an IPv4 packet between the two ends of a tunnel."""
    source, target = OUTER if forth else OUTER[::-1]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0, 64, protocol, 0) + source + target
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    macs = OUTER_MACS if forth else OUTER_MACS[6:] + OUTER_MACS[:6]
    return macs + b"\x08\x00" + head + payload


def vlan(frame, _):
    return frame[:12] + b"\x81\x00" + struct.pack(">H", 3 << 13 | 5) + frame[12:]


def qinq(frame, _):
    return frame[:12] + b"\x88\xa8" + struct.pack(">H", 7) + b"\x81\x00" + struct.pack(">H", 1 << 13 | 105) + frame[12:]


def ppp_protocol(frame):
    return {b"\x08\x00": b"\x00\x21", b"\x86\xdd": b"\x00\x57"}.get(frame[12:14])


def pppoe(frame, _):
    """RFC 2516; what PPP does not carry (ARP) stays out."""
    protocol = ppp_protocol(frame)
    if not protocol:
        return None
    return frame[:12] + b"\x88\x64\x11\x00" + struct.pack(">HH", 0x0A1B, len(frame) - 12) + protocol + frame[14:]


def gre(frame, number):
    """RFC 2784 and 2890: IPv4 with checksum, key and sequence number; IPv6 bare; everything else as a whole Ethernet frame."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        head = struct.pack(">HHHHII", 0xB000, 0x0800, 0, 0, 0xCAFE, number)
        head = head[:4] + struct.pack(">H", checksum(head + frame[14:])) + head[6:]
        inner = head + frame[14:]
    elif kind == b"\x86\xdd":
        inner = struct.pack(">HH", 0, 0x86DD) + frame[14:]
    else:
        inner = struct.pack(">HH", 0, 0x6558) + frame
    return outer_ipv4(inner, 47, up(frame), number)


def sixin4(frame, number):
    """RFC 4213: IPv6 in IPv4; the rest goes as it is."""
    return outer_ipv4(frame[14:], 41, up(frame), number) if frame[12:14] == b"\x86\xdd" else frame


def ipip(frame, number):
    """RFC 2003: IPv4 in IPv4; the rest goes as it is."""
    return outer_ipv4(frame[14:], 4, up(frame), number) if frame[12:14] == b"\x08\x00" else frame


def gtpu(frame, number):
    """3GPP TS 29.281: a G-PDU to port 2152, every second one with the PDU session container of 5G."""
    if frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
        return None
    forth, inner = up(frame), frame[14:]
    tunnel = 0x0000A001 if forth else 0x0000B002
    if number % 2:
        head = struct.pack(">BBHI", 0x30, 0xFF, len(inner), tunnel)
    else:
        head = struct.pack(">BBHIHBB", 0x34, 0xFF, len(inner) + 8, tunnel, 0, 0, 0x85) + bytes([1, 0x10 if forth else 0, 9, 0])
    said = head + inner
    return outer_ipv4(struct.pack(">HHHH", 2152, 2152, 8 + len(said), 0) + said, 17, forth, number)


def ieee80211(frame, number):
    """IEEE 802.11 data frames between a station and its access point, with LLC and SNAP; every third one is plain data, the others QoS data."""
    if frame[12:14] not in (b"\x08\x00", b"\x86\xdd", b"\x08\x06"):
        return None
    forth, qos = up(frame), number % 3 != 0
    control = bytes([0x88 if qos else 0x08, 0x01 if forth else 0x02])
    addresses = BSSID + frame[6:12] + frame[:6] if forth else frame[:6] + BSSID + frame[6:12]
    head = control + struct.pack("<H", 44) + addresses + struct.pack("<H", (number & 0xFFF) << 4) + (b"\x00\x00" if qos else b"")
    return head + b"\xaa\xaa\x03\x00\x00\x00" + frame[12:]


RADIOTAP = struct.pack("<BBHIBBHH", 0, 0, 14, 0x0000000E, 0x00, 0x6C, 2437, 0x00C0)


def radiotap(frame, number):
    """A radiotap header with flags, rate and channel before the 802.11 frame."""
    inner = ieee80211(frame, number)
    return RADIOTAP + inner if inner else None


def ppi(frame, number):
    """A PPI header without fields before the 802.11 frame."""
    inner = ieee80211(frame, number)
    return struct.pack("<BBHI", 0, 0, 8, 105) + inner if inner else None


def ppp(frame, number):
    """RFC 1661: with address and control, and every second packet with both left out and the protocol in one octet."""
    protocol = ppp_protocol(frame)
    if not protocol:
        return None
    return (protocol[1:] if number % 2 else b"\xff\x03" + protocol) + frame[14:]


def null(order, families):
    def wrap(frame, number):
        kind = frame[12:14]
        if kind not in (b"\x08\x00", b"\x86\xdd"):
            return None
        family = 2 if kind == b"\x08\x00" else families[number % len(families)]
        return struct.pack(order + "I", family) + frame[14:]

    return wrap


def radio_only():
    """What only a radio shows: a beacon, and a data frame whose payload is encrypted (CCMP)."""
    beacon = b"\x80\x00\x00\x00" + b"\xff" * 6 + BSSID * 2 + b"\x10\x00" + bytes(8) + b"\x64\x00\x11\x04" + b"\x00\x06Casa_5" + b"\x01\x01\x8c"
    sealed = b"\x88\x41\x2c\x00" + BSSID + STATION + ACCESS_POINT + b"\x20\x00\x00\x00" + bytes.fromhex("0100002000000000") + bytes(range(64))
    return [RADIOTAP + beacon, RADIOTAP + sealed]


# name: (wrapping, link type, what it is, whether the wrapped packets are inside a tunnel)
FORMS = {
    "vlan": (vlan, ETHERNET, "an 802.1Q tag", False),
    "qinq": (qinq, ETHERNET, "an 802.1ad and an 802.1Q tag", False),
    "pppoe": (pppoe, ETHERNET, "a PPPoE session", False),
    "gre": (gre, ETHERNET, "GRE with and without its options, one Ethernet frame in it", True),
    "sixin4": (sixin4, ETHERNET, "6in4 for the IPv6 packets, the rest beside it", True),
    "ipip": (ipip, ETHERNET, "IPv4 in IPv4 for the IPv4 packets, the rest beside it", True),
    "gtp-u": (gtpu, ETHERNET, "GTP-U, half of it with a PDU session container", True),
    "radiotap": (radiotap, 127, "802.11 data frames with radiotap headers; a beacon and an encrypted frame, which no client sent", False),
    "ieee80211": (ieee80211, 105, "802.11 data frames", False),
    "ppi": (ppi, 192, "802.11 data frames with PPI headers", False),
    "ppp": (ppp, 9, "PPP frames, half of them with compressed header fields", False),
    "bsd-null-le": (null("<", (24, 28, 30)), 0, "the loopback header of a little-endian BSD, with every family number of IPv6", False),
    "bsd-null-be": (null(">", (24, 28, 30)), 0, "the loopback header of a big-endian BSD", False),
    "bsd-loop": (null(">", (24,)), 108, "the loopback header of OpenBSD", False),
}


def main(folder):
    base = pcapng.read(os.path.join(folder, "base.pcapng"))
    for name, (wrapping, link, what, tunnel) in FORMS.items():
        records = []
        for number, (when, data, _, _) in enumerate(base):
            wrapped = wrapping(data, number)
            if wrapped:
                records.append((when, wrapped, len(wrapped)))
        if name == "radiotap":
            records += [(base[-1][0], frame, len(frame)) for frame in radio_only()]
        path = os.path.join(folder, name + ".pcap")
        pcapng.write(path, pcapng.classic(records, link))
        told = truths.Truth(f"wrap.py: the packets of base.pcapng, in {what}")
        told.said.update(truths.load(os.path.join(folder, "base.truth.json")).names())
        if tunnel:
            told.said["carried"] = [
                {"transport": f["transport"], "server": f["b"]}
                for f in truths.load(os.path.join(folder, "base.truth.json")).said["flows"]
                if name not in ("sixin4", "ipip") or (":" in f["b"]["address"]) == (name == "sixin4")
            ]
        if name == "radiotap":
            told.said["encrypted"] = 1
        told.write(path)
        print(f"{name}: {told.said['counts']}, {len(told.said['flows'])} flows", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
