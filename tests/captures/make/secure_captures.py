"""Captures of TLS, DTLS and QUIC handshakes in many shapes."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion

from stage import FAR, FAR6, Stage, accept_loop, web_talk


def openssl_server(scene, address, port, names, *more):
    certificate, key = scene.leaf(*names)
    server = scene.start("host", "openssl", "s_server", "-accept", f"{address}:{port}", "-cert", certificate, "-key", key,
                         "-cert_chain", scene.root, *more, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.4)
    return server


def openssl_client(scene, address, port, *more, seconds=0.6):
    """Connects, sends a line, waits a moment."""
    client = scene.start("hand", "openssl", "s_client", "-connect", f"{address}:{port}", "-CAfile", scene.root, *more,
                         stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds / 2)
    client.stdin.write(b"GET / HTTP/1.0\r\n\r\n")
    client.stdin.flush()
    time.sleep(seconds / 2)
    client.stdin.close()
    time.sleep(0.2)
    scene.stop(client)


def curl(scene, name, address, *more, port=443):
    scene.sh("hand", f"curl -s -o /dev/null --cacert {scene.root} --resolve {name}:{port}:{address} {' '.join(more)} https://{name}:{port}/")


def tls12(scene):
    many = ["bank.example.com", "*.bank.example.com", "bank.example.org", "login.bank.example.net"]
    openssl_server(scene, FAR[0], 443, many, "-tls1_2", "-www")
    openssl_server(scene, FAR[1], 8443, ["hidden.example.net", "*.hidden.example.net"], "-tls1_2", "-www")
    mail = ["imap.example.org", "smtp.example.org", *[f"mail{n:02}.customers.example.org" for n in range(60)]]
    openssl_server(scene, FAR[2], 993, mail, "-tls1_2")

    def action(truth):
        curl(scene, "www.bank.example.com", FAR[0], "--tls-max", "1.2")
        openssl_client(scene, FAR[1], 8443, "-noservername", "-tls1_2")
        openssl_client(scene, FAR[2], 993, "-servername", "imap.example.org", "-tls1_2")
        truth.hello("tls", "www.bank.example.com", FAR[0], 443, ["h2", "http/1.1"])
        truth.hello("tls", None, FAR[1], 8443)
        truth.hello("tls", "imap.example.org", FAR[2], 993)
        truth.certificate(FAR[0], 443, many)
        truth.certificate(FAR[1], 8443, ["hidden.example.net", "*.hidden.example.net"])
        truth.certificate(FAR[2], 993, mail)

    scene.film("tls12-certificate", "curl and openssl s_client against openssl s_server; one client sends no server name, "
               "one certificate is larger than a segment", action)


def tls13(scene):
    context = scene.authority.context("news.example.com", ["news.example.com"])
    scene.host(accept_loop, FAR[3], 443, web_talk(context))
    openssl_server(scene, FAR[4], 443, ["retry.example.com"], "-tls1_3", "-www", "-groups", "P-384")
    openssl_server(scene, FAR[5], 443, ["again.example.com"], "-tls1_3", "-www")
    session = os.path.join(scene.folder, "session")

    def chrome():
        script = (f"from curl_cffi import requests as r, CurlOpt; r.get('https://news.example.com/', impersonate='chrome131_android', verify='{scene.root}',"
                  f" curl_options={{CurlOpt.RESOLVE: ['news.example.com:443:{FAR[3]}']}})")
        scene.start("hand", sys.executable, "-c", script).wait(20)

    def action(truth):
        curl(scene, "news.example.com", FAR[3])
        chrome()
        openssl_client(scene, FAR[4], 443, "-servername", "retry.example.com", "-groups", "X25519:P-384")
        openssl_client(scene, FAR[5], 443, "-servername", "again.example.com", "-alpn", "imap", "-sess_out", session, seconds=1)
        openssl_client(scene, FAR[5], 443, "-servername", "again.example.com", "-sess_in", session)
        truth.hello("tls", "news.example.com", FAR[3], 443, ["h2", "http/1.1"])
        truth.hello("tls", "retry.example.com", FAR[4], 443)
        truth.hello("tls", "again.example.com", FAR[5], 443, ["imap"])
        truth.hello("tls", "again.example.com", FAR[5], 443)

    scene.film("tls13", "curl, a Chrome-like client (curl_cffi: GREASE, a hybrid key share, an ECH GREASE extension) and openssl s_client; "
               "with a HelloRetryRequest and a resumed session", action)


def hello_bytes(name, alpn, root):
    """(the first record of a TLS client, its state): what is to be sent in pieces."""
    context = ssl.create_default_context(cafile=root)
    if alpn:
        context.set_alpn_protocols(alpn)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return tls, incoming, outgoing, outgoing.read()


def split_client(name, address, root, cut, alpn=(), records=None, pause=0.02):
    """A whole handshake whose ClientHello goes out in pieces of `cut` octets, and in records of `records` octets."""
    tls, incoming, outgoing, first = hello_bytes(name, list(alpn), root)
    if records:
        body = first[5:]
        first = b"".join(b"\x16\x03\x01" + len(body[at : at + records]).to_bytes(2, "big") + body[at : at + records]
                         for at in range(0, len(body), records))
    with socket.create_connection((address, 443)) as door:
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(first), cut):
            door.sendall(first[at : at + cut])
            time.sleep(pause)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                door.sendall(outgoing.read())
                incoming.write(door.recv(65536))
        tls.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        door.sendall(outgoing.read())
        door.recv(65536)


# Many made-up protocol names: a hello of 3 kB.
LONG_ALPN = [f"protocol-{n:03}" for n in range(190)]


def split_hello(scene):
    context = scene.authority.context("split.example.com", ["*.example.com"])
    for address in FAR[10:16]:
        scene.host(accept_loop, address, 443, web_talk(context))

    def action(truth):
        scene.hand(split_client, "three-pieces.example.com", FAR[10], scene.root, 200)
        scene.hand(split_client, "crumbs.example.com", FAR[11], scene.root, 17, (), None, 0.003)
        scene.hand(split_client, "long-list.example.com", FAR[12], scene.root, 100_000, LONG_ALPN)
        scene.hand(split_client, "many-records.example.com", FAR[13], scene.root, 100_000, (), 90)
        scene.hand(split_client, "records-and-pieces.example.com", FAR[14], scene.root, 130, ("h2",), 70)
        truth.hello("tls", "three-pieces.example.com", FAR[10], 443)
        truth.hello("tls", "crumbs.example.com", FAR[11], 443)
        truth.hello("tls", "long-list.example.com", FAR[12], 443, LONG_ALPN)
        truth.hello("tls", "many-records.example.com", FAR[13], 443)
        truth.hello("tls", "records-and-pieces.example.com", FAR[14], 443, ["h2"])

    scene.film("tls-split-hello", "Python ssl over sockets that send the ClientHello in pieces, in several records, or with a long list of protocols", action)


def shuffling():
    """A link of 25 ms that swaps, doubles and loses the first data segments of each connection to port 443."""
    count, base = {}, 0.025

    def rule(frame, forth):
        if not forth or frame[12:14] != b"\x08\x00" or frame[23] != 6 or frame[36:38] != b"\x01\xbb":
            return [base]
        head, length = 20 + (frame[46] >> 4) * 4, int.from_bytes(frame[16:18], "big")
        if length <= head:
            return [base]  # no data in it
        key = frame[30:36]
        count[key] = count.get(key, 0) + 1
        late = {
            20: {1: [0.015]},  # the first comes last
            21: {1: [0.016, 0.02], 2: [0.01], 3: [0.005, 0.018]},  # all in the wrong order, some twice
            22: {2: []},  # the second is lost and sent again
        }.get(frame[33], {})
        return [base + more for more in late.get(count[key], [0.0])]

    return rule


def shuffled_hello(scene):
    context = scene.authority.context("split.example.com", ["*.example.com"])
    for address in FAR[10:13]:
        scene.host(accept_loop, address, 443, web_talk(context))

    def action(truth):
        for address, name in ((FAR[10], "first-comes-last"), (FAR[11], "wrong-order-and-twice"), (FAR[12], "lost-and-again")):
            scene.hand(split_client, f"{name}.example.com", address, scene.root, 150, ("h2", "http/1.1"), None, 0.002)
            truth.hello("tls", f"{name}.example.com", address, 443, ["h2", "http/1.1"])

    scene.film("tls-shuffled-hello", "Python ssl over a link that swaps, doubles and loses segments of the ClientHello; captured where they arrive", action)


def dtls12(scene):
    openssl_server(scene, FAR[6], 4433, ["call.example.com", "*.call.example.com"], "-dtls1_2", "-listen")
    openssl_server(scene, FAR[7], 4433, ["tiny.example.com"], "-dtls1_2", "-mtu", "300")

    def action(truth):
        openssl_client(scene, FAR[6], 4433, "-dtls1_2", "-servername", "eu.call.example.com", seconds=1)
        openssl_client(scene, FAR[7], 4433, "-dtls1_2", "-servername", "tiny.example.com", "-mtu", "300", "-alpn", "webrtc,c-webrtc", seconds=1)
        truth.hello("dtls", "eu.call.example.com", FAR[6], 4433)
        truth.hello("dtls", "tiny.example.com", FAR[7], 4433, ["webrtc", "c-webrtc"])
        truth.certificate(FAR[6], 4433, ["call.example.com", "*.call.example.com"])
        truth.certificate(FAR[7], 4433, ["tiny.example.com"])

    scene.film("dtls12", "openssl s_client against openssl s_server, one with a HelloVerifyRequest, one whose messages are split to 300 octets", action)


class QuicHost(QuicConnectionProtocol):
    """Answers each stream with a few octets."""

    def quic_event_received(self, event):
        if type(event).__name__ == "StreamDataReceived" and event.end_stream:
            self._quic.send_stream_data(event.stream_id, b"fine" * 40, end_stream=True)
            self.transmit()


def quic_server(scene, address, names, versions=None, retry=False):
    async def forever():
        settings = QuicConfiguration(is_client=False, alpn_protocols=[*H3_ALPN, "perf", *LONG_ALPN[:2]])
        if versions:
            settings.supported_versions = versions
        settings.load_cert_chain(*scene.leaf(*names))
        await serve(address, 443, configuration=settings, create_protocol=QuicHost, retry=retry)
        await asyncio.Event().wait()

    scene.host(lambda: asyncio.run(forever()))


def quic_client(scene, name, address, alpn=("h3",), **settings_of):
    async def once():
        settings = QuicConfiguration(is_client=True, alpn_protocols=list(alpn), server_name=name, **settings_of)
        settings.load_verify_locations(scene.root)
        async with connect(address, 443, configuration=settings) as client:
            reader, writer = await client.create_stream()
            writer.write(b"how are you?")
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 5)

    scene.hand(lambda: asyncio.run(once()))


V1, V2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2


def quic_v1(scene):
    quic_server(scene, FAR[20], ["video.example.com"])
    quic_server(scene, FAR6[20], ["video.example.com"])

    def action(truth):
        quic_client(scene, "video.example.com", FAR[20])
        quic_client(scene, "video.example.com", FAR6[20], connection_id_length=4)
        quic_client(scene, "video.example.com", FAR[20], ["h3", *LONG_ALPN[:170]])  # a hello over several datagrams
        truth.hello("quic", "video.example.com", FAR[20], 443, ["h3"])
        truth.hello("quic", "video.example.com", FAR6[20], 443, ["h3"])
        truth.hello("quic", "video.example.com", FAR[20], 443, ["h3", *LONG_ALPN[:170]])

    scene.film("quic-v1", "aioquic on both sides; one client over IPv6, one whose hello needs several datagrams", action)


def quic_v2(scene):
    quic_server(scene, FAR[21], ["two.example.com"], [V2, V1])
    quic_server(scene, FAR[22], ["only-two.example.com"], [V2])
    quic_server(scene, FAR[23], ["chosen.example.com"], [V2])

    def action(truth):
        quic_client(scene, "two.example.com", FAR[21], supported_versions=[V1, V2], original_version=V1)
        quic_client(scene, "only-two.example.com", FAR[22], supported_versions=[V2], original_version=V2)
        quic_client(scene, "chosen.example.com", FAR[23], supported_versions=[V1, V2], original_version=V1)
        truth.hello("quic", "two.example.com", FAR[21], 443, ["h3"])
        truth.hello("quic", "only-two.example.com", FAR[22], 443, ["h3"])
        truth.hello("quic", "chosen.example.com", FAR[23], 443, ["h3"])

    scene.film("quic-v2", "aioquic on both sides: version 1 changed to 2 on the way (RFC 9368), version 2 from the start, and a version "
               "negotiation packet after which the client begins again", action)


def quic_retry(scene):
    quic_server(scene, FAR[24], ["guarded.example.com"], retry=True)
    quic_server(scene, FAR[25], ["guarded-two.example.com"], [V2], retry=True)

    def action(truth):
        quic_client(scene, "guarded.example.com", FAR[24])
        quic_client(scene, "guarded-two.example.com", FAR[25], supported_versions=[V2], original_version=V2)
        truth.hello("quic", "guarded.example.com", FAR[24], 443, ["h3"])
        truth.hello("quic", "guarded-two.example.com", FAR[25], 443, ["h3"])

    scene.film("quic-retry", "aioquic on both sides, the server asks for proof of the address (Retry), in versions 1 and 2", action)


def main(out):
    for make in (tls12, tls13, split_hello, dtls12, quic_v1, quic_v2, quic_retry):
        with Stage(out) as scene:
            make(scene)
    with Stage(out, shuffling()) as scene:
        shuffled_hello(scene)


if __name__ == "__main__":
    main(sys.argv[1])
