"""The servers of the far network: TLS, HTTP, QUIC, DNS, DNS over HTTPS, NTP, STUN, and one unknown protocol.

Run inside the far namespace: far_servers.py FOLDER (certificates and keys go there).
"""

import asyncio
import os
import re
import ssl
import struct
import sys
import time

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated
from dnslib import CNAME, QTYPE, RCODE, RR, A, DNSRecord

import world
from pki import Authority
from svcb import https_record


def answer(question):
    """The DNS answer of the far network's own server."""
    asked = DNSRecord.parse(question)
    reply, name = asked.reply(), str(asked.q.qname).rstrip(".").lower()
    kind = QTYPE[asked.q.qtype]
    if name not in world.NAMES:
        reply.header.rcode = RCODE.NXDOMAIN
        return reply.pack()
    chain, addresses = world.NAMES[name]
    if kind == "HTTPS" and world.HTTPS_RECORDS.get(name):
        reply.add_answer(https_record(name, world.HTTPS_RECORDS[name], 300))
        return reply.pack()
    for target in chain:
        reply.add_answer(RR(name, QTYPE.CNAME, ttl=600, rdata=CNAME(target)))
        name = target
    if kind == "A":
        for address in addresses:
            reply.add_answer(RR(name, QTYPE.A, ttl=240, rdata=A(address)))
    return reply.pack()


class Dns(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        self.transport.sendto(answer(data), peer)


class Ntp(asyncio.DatagramProtocol):
    """A time server of stratum 1 (RFC 5905)."""

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        now = time.time() + 2208988800
        stamp = struct.pack(">II", int(now), int(now % 1 * 2**32))
        head = struct.pack(">BBbbII4s", 0x24, 1, 0, -20, 0, 0x1A, b"GOOG")
        self.transport.sendto(head + stamp + data[40:48] + stamp + stamp, peer)


class Stun(asyncio.DatagramProtocol):
    """Answers binding requests (RFC 8489) and gives every other datagram back, as the other end of a call would."""

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        if data[:2] == b"\x00\x01" and data[4:8] == b"\x21\x12\xa4\x42":
            host = bytes(int(o) for o in peer[0].split("."))
            mixed = bytes(a ^ b for a, b in zip(host, data[4:8]))
            value = struct.pack(">BBH", 0, 1, peer[1] ^ 0x2112) + mixed
            reply = struct.pack(">HH", 0x0020, len(value)) + value
            self.transport.sendto(b"\x01\x01" + struct.pack(">H", len(reply)) + data[4:20] + reply, peer)
        else:
            self.transport.sendto(os.urandom(len(data)), peer)


async def read_request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    body = await reader.readexactly(int(length.group(1))) if length else b""
    return head, body


PAGES = {
    "/generate_204": ("204 No Content", "", 0),
    "/xtra3grcej.bin": ("200 OK", "application/octet-stream", 6400),
    "/ac": ("200 OK", "application/json", 900),
}


async def web(reader, writer):
    """HTTP/1.1, with TLS or without. A path that ends in a number wants that many bytes."""
    try:
        while True:
            head, body = await read_request(reader)
            path = head.split(b" ")[1].decode()
            if path == "/dns-query":
                reply, status, kind = answer(body), "200 OK", "application/dns-message"
            else:
                status, kind, size = PAGES.get(path.split("?")[0], ("200 OK", "application/octet-stream", None))
                reply = os.urandom(int((re.findall(r"(\d+)$", path) or ["120"])[0]) if size is None else size)
            kind = f"Content-Type: {kind}\r\n" if kind else ""
            date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
            answer_head = f"HTTP/1.1 {status}\r\nDate: {date}\r\n{kind}Content-Length: {len(reply)}\r\n\r\n"
            writer.write(answer_head.encode() + reply)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def echo(reader, writer):
    """Push and other long connections: a short answer to whatever comes."""
    try:
        while data := await reader.read(4096):
            writer.write(os.urandom(max(12, len(data) // 3)))
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def mail(reader, writer):
    """Enough of IMAP for a client that looks for new letters."""
    try:
        writer.write(b"* OK The Microsoft Exchange IMAP4 service is ready.\r\n")
        while line := await reader.readline():
            tag, command = line.split(b" ")[:2]
            if command.strip().upper() == b"FETCH":
                writer.write(b"* 1 FETCH (BODY {3000}\r\n" + os.urandom(2250).hex().encode()[:3000] + b")\r\n")
            writer.write(tag + b" OK completed\r\n")
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


class Http3(QuicConnectionProtocol):
    """HTTP/3: a path that ends in a number wants that many bytes."""

    http = None

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        for told in self.http.handle_event(event) if self.http else []:
            if isinstance(told, HeadersReceived):
                self.asked = dict(told.headers)[b":path"].decode()
            if isinstance(told, (HeadersReceived, DataReceived)) and told.stream_ended:
                size = int((re.findall(r"(\d+)$", self.asked) or ["200"])[0])
                self.http.send_headers(told.stream_id, [(b":status", b"200")])
                self.http.send_data(told.stream_id, os.urandom(size), end_stream=True)
                self.transmit()


async def main(folder):
    authority, loop = Authority(folder), asyncio.get_running_loop()
    entrance = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    entrance.load_cert_chain(*authority.leaf("default.invalid", ["default.invalid"]))

    def choose(tls, name, _context):
        top = ssl.TLSVersion.TLSv1_2 if name in world.TLS12 else ssl.TLSVersion.TLSv1_3
        if name in world.NAMES:
            tls.context = authority.context(name, world.certificate_names(name), top)

    entrance.sni_callback = choose
    await asyncio.start_server(web, "0.0.0.0", 80)
    await asyncio.start_server(web, "0.0.0.0", 443, ssl=entrance)
    await asyncio.start_server(echo, "0.0.0.0", 5228, ssl=entrance)
    await asyncio.start_server(mail, "0.0.0.0", 993, ssl=entrance)
    await asyncio.start_server(echo, "0.0.0.0", 9339)
    await loop.create_datagram_endpoint(Dns, ("192.0.2.53", 53))
    for address in world.NAMES["time.android.com"][1]:
        await loop.create_datagram_endpoint(Ntp, (address, 123))
    for name, port in (("stun.l.google.com", 19302), ("turn3.voip.signal.org", 3478)):
        await loop.create_datagram_endpoint(Stun, (world.NAMES[name][1][0], port))
    for name in world.QUIC:
        settings = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
        settings.load_cert_chain(*authority.leaf(name, world.certificate_names(name)))
        await serve(world.NAMES[name][1][0], 443, configuration=settings, create_protocol=Http3)
    open(os.path.join(folder, "ready"), "w").close()
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
