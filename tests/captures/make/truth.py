"""The truth beside a capture: what the clients did, and what an independent tool (tshark, capinfos) counts.

Fields of NAME.truth.json, each only where it says something:
  capture, made_by, remarks
  counts      packets and octets on the wire, by capinfos
  flows       5-tuples of the outermost IP header and the TCP or UDP header that it carries, fragments not joined,
              with packets and octets on the wire each way, by tshark; `a` sent the first packet
  carried     5-tuples that a tunnel carries, without counts
  hellos      via, sni, server of each ClientHello that a client sent, and alpn where the client's list is known
  dns         name, kind and addresses that a server gave, and the canonical names that led there, in order
  http_hosts  host, server and user_agent of clear-text requests
  certificates names in the certificate of a server, where it crossed the wire in clear
  programs    as apps, where the capture itself does not tell them
  apps        uid, package and label of each app, with the remote endpoints that it talked to
  cut_short   packets of which the file holds fewer octets than were on the wire
  encrypted   packets of a radio network whose payload is encrypted
  dropped     packets that the file says were lost
  stops       the file is damaged or cut: reading stops before its end, and `counts` is what comes before
"""

import json
import os
import re
import subprocess

FIELDS = ["frame.protocols", "frame.len", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
          "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"]
EXTENSIONS = {"ipv6.fraghdr", "ipv6.hopopts", "ipv6.dstopts", "ipv6.routing"}


def endpoint(address, port):
    return {"address": address, "port": port}


def tshark_fields(path):
    command = ["tshark", "-n", "-r", path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
               "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields", "-E", "occurrence=f"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    for line in done.stdout.decode().splitlines():
        yield dict(zip(FIELDS, line.split("\t")))


def outermost(row):
    """(transport, source, destination) of a packet, if its outermost IP header carries TCP or UDP."""
    layers = [layer for layer in row["frame.protocols"].split(":") if layer not in EXTENSIONS]
    at = next((i for i, layer in enumerate(layers) if layer in ("ip", "ipv6")), None)
    if at is None or at + 1 >= len(layers) or layers[at + 1] not in ("tcp", "udp"):
        return None
    ip, transport = layers[at], layers[at + 1]
    if not row[transport + ".srcport"]:
        return None
    ends = [(row[f"{ip}.{end}"], int(row[f"{transport}.{end}port"])) for end in ("src", "dst")]
    return transport, ends[0], ends[1]


def flows(path):
    """Flows in order of their first packet."""
    found = {}
    for row in tshark_fields(path):
        told = outermost(row)
        if not told:
            continue
        transport, source, target = told
        forth, back = (transport, source, target), (transport, target, source)
        key = back if back in found else forth
        counts = found.setdefault(key, [0, 0, 0, 0])
        at = 0 if key == forth else 2
        counts[at] += 1
        counts[at + 1] += int(row["frame.len"])
    return [
        {"transport": t, "a": endpoint(*a), "b": endpoint(*b),
         "a2b": {"packets": n[0], "bytes": n[1]}, "b2a": {"packets": n[2], "bytes": n[3]}}
        for (t, a, b), n in found.items()
    ]


def counts(path):
    done = subprocess.run(["capinfos", "-M", "-c", "-d", "-r", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    said = dict(re.findall(r"^(Number of packets|Data size):\s+(\d+)", done.stdout.decode(), re.MULTILINE))
    return {"packets": int(said["Number of packets"]), "bytes": int(said["Data size"])}


class Truth:
    """Collects what clients did while a capture is made."""

    def __init__(self, made_by):
        self.said = {"capture": None, "made_by": made_by}

    def add(self, kind, what):
        if what not in self.said.setdefault(kind, []):
            self.said[kind].append(what)

    def hello(self, via, sni, address, port, alpn=()):
        self.add("hellos", {"via": via, "sni": sni, "server": endpoint(address, port), "alpn": None if alpn is None else list(alpn)})

    def dns(self, name, addresses, kind="dns", aliases=()):
        self.add("dns", {"name": name, "kind": kind, "addresses": sorted(addresses), "aliases": list(aliases)})

    def http(self, host, address, port=80, user_agent=None):
        self.add("http_hosts", {"host": host, "server": endpoint(address, port), "user_agent": user_agent})

    def certificate(self, address, port, names):
        self.add("certificates", {"server": endpoint(address, port), "names": sorted(names)})

    def remark(self, text):
        self.said["remarks"] = text

    def names(self):
        """Only what the clients said: the part that stays true whatever the packets are wrapped in."""
        return {k: v for k, v in self.said.items() if k in ("hellos", "dns", "http_hosts", "certificates", "apps")}

    def write(self, path, measured=None, **more):
        """Measures the capture (or `measured`, whose packets are the same) and writes the truth beside it."""
        source = measured or path
        self.said.update({"capture": os.path.basename(path), "counts": counts(source), "flows": flows(source)})
        self.said.update(more)
        stem = re.sub(r"\.(pcapng|pcap)(\.gz|\.zst)?$", "", path)
        self.save(stem + ".truth.json")

    def save(self, path):
        with open(path, "w") as file:
            json.dump(self.said, file, indent=1, ensure_ascii=False)
            file.write("\n")


def load(path):
    """The truth of an earlier capture, as something to build on."""
    truth = Truth("")
    with open(path) as file:
        truth.said = json.load(file)
    return truth
