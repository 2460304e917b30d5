"""A small DNS server over UDP and TCP for the small captures: it truncates what is too large for the asker."""

import socket
import threading

from dnslib import AAAA, CNAME, MX, NS, PTR, QTYPE, RCODE, RR, SOA, TXT, A, DNSRecord

from stage import accept_loop
from svcb import https_record

MAKERS = {"A": A, "AAAA": AAAA, "CNAME": CNAME, "PTR": PTR, "NS": NS}


class Zone:
    """Names and what they have. `put` gives each record; CNAMEs are followed in answers."""

    def __init__(self):
        self.records = {}

    def put(self, name, kind, *values, ttl=300):
        for value in values:
            if kind == "HTTPS":
                record = https_record(name, ttl=ttl, **value)
            elif kind == "TXT":
                record = RR(name, QTYPE.TXT, ttl=ttl, rdata=TXT(value))
            elif kind == "MX":
                record = RR(name, QTYPE.MX, ttl=ttl, rdata=MX(value, 10))
            else:
                record = RR(name, getattr(QTYPE, kind), ttl=ttl, rdata=MAKERS[kind](value))
            self.records.setdefault((name.lower(), kind), []).append(record)
        return self

    def answer(self, question, room):
        asked = DNSRecord.parse(question)
        name, kind = str(asked.q.qname).rstrip("."), QTYPE[asked.q.qtype]
        reply = asked.reply()
        for extra in asked.ar:
            if extra.rtype == QTYPE.OPT:
                room = max(room, extra.rclass)
                reply.add_ar(extra)
        if name.startswith("broken."):
            reply.header.rcode = RCODE.SERVFAIL
            return reply.pack()
        if not any(name.lower() == known for known, _ in self.records):
            reply.header.rcode = RCODE.NXDOMAIN
            reply.add_auth(RR("example.com", QTYPE.SOA, ttl=60, rdata=SOA("ns.example.com", "root.example.com", (1, 2, 3, 4, 5))))
            return reply.pack()
        at, seen = name, set()
        while (at.lower(), "CNAME") in self.records and kind != "CNAME" and at not in seen:
            seen.add(at)
            record = self.records[at.lower(), "CNAME"][0]
            reply.add_answer(RR(at, QTYPE.CNAME, ttl=record.ttl, rdata=record.rdata))
            at = str(record.rdata.label).rstrip(".")
        for record in self.records.get((at.lower(), kind), []):
            reply.add_answer(RR(at, record.rtype, ttl=record.ttl, rdata=record.rdata))
        packed = reply.pack()
        return packed if len(packed) <= room else reply.truncate().pack()


def serve_dns(zone, address, port=53):
    """Serves until the process ends."""
    door = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    door.bind((address, port))

    def over_tcp(guest):
        kept = b""
        while True:
            while len(kept) < 2 or len(kept) < 2 + int.from_bytes(kept[:2], "big"):
                more = guest.recv(65536)
                if not more:
                    return
                kept += more
            size = int.from_bytes(kept[:2], "big")
            reply, kept = zone.answer(kept[2 : 2 + size], 65535), kept[2 + size :]
            guest.sendall(len(reply).to_bytes(2, "big") + reply)

    threading.Thread(target=accept_loop, args=(address, port, over_tcp), daemon=True).start()
    while True:
        question, peer = door.recvfrom(4096)
        door.sendto(zone.answer(question, 512), peer)
