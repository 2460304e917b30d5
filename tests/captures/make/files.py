"""Writes the packets of base.pcapng and raw-ip.pcapng, which real clients and servers sent, in every form of file.

files.py FOLDER reads and writes there. The forms of PCAPdroid follow its own writer (pcap_dump.c).
"""

import gzip
import os
import struct
import subprocess
import sys
import zlib

import pcapng
import truth as truths

NANO = 10**9


def out(folder, name, data, base, what, measured=None, **more):
    """Writes a file and its truth: what clients did is the base's, what is counted is this file's own (or `measured`'s)."""
    path = os.path.join(folder, name)
    pcapng.write(path, data)
    told = truths.Truth("files.py: " + what)
    told.said.update(base.names())
    told.write(path, measured and os.path.join(folder, measured), **more)
    print(f"{name}: {told.said['counts']}", flush=True)


def classics(folder, records, base):
    """Classic files: both orders, both resolutions, packed, and cut or damaged."""
    for name, order, nano in (("micro-le", "<", False), ("micro-be", ">", False), ("nano-le", "<", True), ("nano-be", ">", True)):
        words = f"classic pcap, {'nanoseconds' if nano else 'microseconds'}, {'little' if order == '<' else 'big'}-endian"
        out(folder, f"pcap-{name}.pcap", pcapng.classic(records, 1, order, nano), base, words)
    plain = pcapng.classic(records, 1)
    out(folder, "pcap-packed.pcap.gz", gzip.compress(plain, 9, mtime=0), base, "pcap-micro-le.pcap, packed by gzip")
    joined = gzip.compress(plain[:3000], 9, mtime=0) + gzip.compress(plain[3000:], 9, mtime=0)
    out(folder, "pcap-packed-twice.pcap.gz", joined, base, "pcap-micro-le.pcap, packed by gzip in two members")
    zst = subprocess.run(["zstd", "-19", "-c"], input=plain, stdout=subprocess.PIPE, check=True).stdout
    out(folder, "pcap-packed-zst.pcap.zst", zst, base, "pcap-micro-le.pcap, packed by zstd", "pcap-micro-le.pcap")
    ends, at = [], 24
    for _, data, _ in records:
        at += 16 + len(data)
        ends.append(at)
    for name, cut, whole, what in (
        ("cut-in-packet", ends[30] - 20, 30, "cut within the octets of packet 31"),
        ("cut-in-header", ends[30] + 9, 31, "cut within the header of record 32"),
    ):
        stop_truth(folder, name + ".pcap", plain[:cut], records[:whole], base, what)
    broken = bytearray(plain)
    struct.pack_into("<II", broken, ends[19] + 8, 0x7F000001, 0x7F000001)
    stop_truth(folder, "damaged-length.pcap", bytes(broken), records[:20], base, "record 21 claims a length of 2 GB")
    packed = gzip.compress(plain, 9, mtime=0)
    out(folder, "pcap-cut-packed.pcap.gz", packed[: len(packed) * 2 // 3], base, "packed by gzip and cut at two thirds of its octets; counts are not told",
        "pcap-micro-le.pcap", stops=True, counts=None, flows=None)
    snapped = [(when, data[:96], original) for when, data, original in records]
    out(folder, "snapped.pcap", pcapng.classic(snapped, 1, snap=96), base, "every packet cut to 96 octets as by a snap length",
        "pcap-micro-le.pcap", cut_short=sum(len(d) > 96 for _, d, _ in records))


def stop_truth(folder, name, data, before, base, what):
    """A file whose reading stops early; the truth counts what comes before."""
    aside = os.path.join(folder, "before.tmp.pcap")
    pcapng.write(aside, pcapng.classic(before, 1))
    out(folder, name, data, base, what, "before.tmp.pcap", stops=True)
    os.remove(aside)


def resolutions(folder, records, base):
    """Several interfaces in several sections of both orders, each with its own resolution of time, and what else may stand between."""
    def ticks(when, form):
        kind, power = form
        return when * 10**power // NANO if kind == 10 else when * 2**power // NANO

    forms = [(10, 6, None), (10, 9, b"\x09"), (10, 3, b"\x03"), (2, 20, b"\x94"), (10, 10, b"\x0a")]
    data = b""
    for part, order in enumerate(("<", ">")):
        data += pcapng.section(order, pcapng.option(4, b"files.py", order))
        for number, (_, power, resolution) in enumerate(forms):
            said = [pcapng.option(2, f"wlan{number}".encode(), order)] + ([pcapng.option(9, resolution, order)] if resolution else [])
            data += pcapng.interface(1, order, 262144, *said)
        names = struct.pack(order + "HH", 1, 4 + 8) + bytes([203, 0, 113, 99]) + b"noted\0\0\0" + struct.pack(order + "HH", 0, 0)
        data += pcapng.block(pcapng.NRB, names, order)
        keys = b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"11" * 48 + b"\n"
        data += pcapng.block(pcapng.DSB, struct.pack(order + "II", 0x544C534B, len(keys)) + keys + b"\0" * (-len(keys) % 4), order)
        data += pcapng.block(0x0BAD, struct.pack(order + "I", 32473) + b"a stranger's words, to be passed over", order)
        data += pcapng.block(0x4BAD4BAD, b"a block that nobody knows", order)
        half = records[: len(records) // 2] if part == 0 else records[len(records) // 2 :]
        for number, (when, octets, original) in enumerate(half):
            which = number % len(forms)
            said = [pcapng.option(1, b"only a comment", order)] if number % 5 == 0 else []
            data += pcapng.packet(which, ticks(when, forms[which][:2]), octets, order, original, *said)
        last = half[-1][0]
        for number, form in enumerate(forms):
            data += pcapng.statistics(number, ticks(last, form[:2]), order, 100 + number, 3 + part if number == 0 else 0, 5 if number == 1 else 0)
    out(folder, "pcapng-many.pcapng", data, base, "pcapng: two sections of both byte orders, five interfaces each with its own resolution, "
        "statistics with losses, names, secrets, comments and unknown blocks", dropped={"by_system": 10, "by_interface": 7})
    plain = pcapng.section("<") + pcapng.interface(1)
    for _, octets, original in records:
        plain += pcapng.block(pcapng.SPB, struct.pack("<I", original) + octets)
    out(folder, "pcapng-simple.pcapng", plain, base, "pcapng with simple packet blocks, which have no time")
    whole = pcapng.section(">") + pcapng.interface(1, ">", 262144, pcapng.option(9, b"\x09", ">"))
    starts = []
    for when, octets, original in records:
        starts.append(len(whole))
        whole += pcapng.packet(0, when, octets, ">", original)
    out(folder, "pcapng-be.pcapng", whole, base, "pcapng, big-endian, nanoseconds")
    out(folder, "pcapng-packed.pcapng.gz", gzip.compress(whole, 9, mtime=0), base, "pcapng-be.pcapng, packed by gzip")
    broken = bytearray(whole)
    struct.pack_into(">I", broken, starts[25] + 4, 0x00FFFFFF)
    stop_truth(folder, "damaged-block.pcapng", bytes(broken), records[:25], base, "block of packet 26 claims a wrong length")
    stop_truth(folder, "cut-in-block.pcapng", whole[: starts[40] + 30], records[:40], base, "cut within the block of packet 41")


def app_of(octets, apps, asked):
    """Which app a raw packet belongs to: by the port that the app's client took, or by what the question was for."""
    head = (octets[0] & 15) * 4
    ports = struct.unpack_from(">HH", octets, head) if octets[9] in (6, 17) else (0, 0)
    for app in apps:
        if any(talk["local_port"] in ports for talk in app["talks"]):
            return app
    if 53 in ports:
        key = [p for p in ports if p != 53][0]
        asked.setdefault(key, len(asked))
        order = [app for app in apps for _ in app["talks"]]
        return order[asked[key]]
    return None


def pcapdroid(folder, records, base):
    """The two forms in which PCAPdroid names the app of each packet."""
    apps, asked = base.said["programs"], {}
    owners = [app_of(octets, apps, asked) for _, octets, _ in records]
    trailer, shown = [], set()
    for number, ((when, octets, _), app) in enumerate(zip(records, owners)):
        if number == 12:  # no room for the trailer: the packet goes without it, and without the Ethernet header
            trailer.append((when, octets, len(octets)))
            continue
        frame = bytes(12) + b"\x08\x00" + octets + bytes(-(len(octets) + 14) % 4)
        label = (app["label"].encode() if app else b"")[:19].ljust(20, b"\0")
        frame += struct.pack(">Ii", 0x01072021, app["uid"] if app else -1) + label
        frame += struct.pack("<I", zlib.crc32(frame))
        trailer.append((when, frame, len(frame)))
    cut = [dict(app, label=app["label"].encode()[:19].decode("utf-8", "ignore")) for app in apps]
    out(folder, "pcapdroid-trailer.pcap", pcapng.classic(trailer, 1, snap=65535), base,
        "the packets of raw-ip.pcapng with PCAPdroid's trailer; one packet has none", apps=[{k: v for k, v in a.items() if k != "package"} for a in cut])
    give_back(folder, "pcapdroid-trailer", records[12][1])
    data = pcapng.section("<", pcapng.option(2, b"Phone"), pcapng.option(3, b"Android 14"), pcapng.option(4, b"PCAPdroid v1.8.7"))
    data += pcapng.interface(101, "<", 65535)
    for (when, octets, _), app in zip(records, owners):
        uid = app["uid"] if app else -1
        if app and uid not in shown:
            shown.add(uid)
            package, label = app["package"].encode(), app["label"].encode()
            said = struct.pack("<IHBBiBB", 62652, 1, 1, 0, uid, len(package), len(label)) + package + label
            data += pcapng.block(pcapng.CUSTOM, said)
        data += pcapng.packet(0, when // 1000, octets, "<", None, pcapng.option(1, b"u-%d" % uid))
    out(folder, "pcapdroid-uids.pcapng", data, base, "the packets of raw-ip.pcapng with PCAPdroid's UID map and comments", apps=apps)


def give_back(folder, name, octets):
    """tshark cannot read the packet without its Ethernet header: its flow gets it back in the truth."""
    told = truths.load(os.path.join(folder, name + ".truth.json"))
    flow = next(f for f in told.said["flows"] if f["a"]["port"] == 41000)
    side = flow["a2b"] if struct.unpack_from(">H", octets, 20)[0] == 41000 else flow["b2a"]
    side["packets"] += 1
    side["bytes"] += len(octets)
    told.said["remarks"] = "packet 13 has neither trailer nor Ethernet header; tshark cannot read it, it is counted by hand"
    told.save(os.path.join(folder, name + ".truth.json"))


def ip_links(folder, records, base):
    """The link types of bare IP packets that are not 101."""
    for link in (12, 228):
        out(folder, f"bare-ip-{link}.pcap", pcapng.classic(records, link), base, f"the packets of raw-ip.pcapng under link type {link}", "raw-ip.pcapng")


def no_captures(folder):
    """Files that are no captures, for clear refusals."""
    for name, data in (
        ("not-empty.pcap", b""), ("not-text.pcap", b"No.,Time,Source,Destination\n1,0.0,192.168.43.20,198.51.100.10\n" * 20),
        ("not-zip.pcapng", b"PK\x03\x04" + bytes(60)), ("not-har.pcap", b'{"log": {"version": "1.2", "entries": []}}\n'),
    ):
        pcapng.write(os.path.join(folder, name), data)


def main(folder):
    base = truths.load(os.path.join(folder, "base.truth.json"))
    records = [(when, data, original) for when, data, original, _ in pcapng.read(os.path.join(folder, "base.pcapng"))]
    classics(folder, records, base)
    resolutions(folder, records, base)
    raw = truths.load(os.path.join(folder, "raw-ip.truth.json"))
    packets = [(when, data, original) for when, data, original, _ in pcapng.read(os.path.join(folder, "raw-ip.pcapng"))]
    pcapdroid(folder, packets, raw)
    ip_links(folder, packets, raw)
    no_captures(folder)


if __name__ == "__main__":
    main(sys.argv[1])
