"""A quarter of an hour in the life of a phone, run inside the phone's namespace.

phone_life.py CA_FILE [--pace N]: at pace 1 the pauses are as long as they are; at 4 a quarter of that.
What each step did is printed as one JSON line.
"""

import argparse
import asyncio
import json
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

from aioquic.asyncio import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from curl_cffi import requests
from dnslib import DNSRecord
from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf

import world

OKHTTP = ":".join([
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384",
])
DALVIK = "Dalvik/2.1.0 (Linux; U; Android 14; SM-A546B Build/UP1A.231005.007)"
CHECKER = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/60.0.3112.32 Safari/537.36")


class Phone:
    def __init__(self, authority, pace):
        self.authority, self.pace = authority, pace

    def wait(self, seconds):
        time.sleep(seconds / self.pace)

    def said(self, **what):
        print(json.dumps(what), flush=True)

    def context(self, alpn):
        context = ssl.create_default_context(cafile=self.authority)
        context.set_ciphers(OKHTTP)
        if alpn:
            context.set_alpn_protocols(alpn)
        return context

    def app(self, name, *turns, port=443, alpn=("h2", "http/1.1")):
        """An app's connection. Each turn: octets up, octets down, seconds of pause after."""
        address = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)[0][4]
        with socket.create_connection(address) as plain:
            with self.context(alpn).wrap_socket(plain, server_hostname=name) as tls:
                for up, down, pause in turns:
                    method = f"POST /{down} HTTP/1.1\r\nContent-Length: {up}" if up else f"GET /{down} HTTP/1.1"
                    tls.sendall(f"{method}\r\nHost: {name}\r\nUser-Agent: okhttp/4.12.0\r\n\r\n".encode() + os.urandom(up))
                    got = b""
                    while b"\r\n\r\n" not in got:
                        got += tls.recv(65536)
                    missing = down + got.index(b"\r\n\r\n") + 4 - len(got)
                    while missing > 0:
                        missing -= len(tls.recv(65536))
                    self.wait(pause)
        self.said(via="tls", name=name, address=address[0], port=port)

    def push(self, name, port, beats, pause):
        """A connection that stays open and says little."""
        address = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_STREAM)[0][4]
        with socket.create_connection(address) as plain:
            with self.context(()).wrap_socket(plain, server_hostname=name) as tls:
                self.said(via="tls", name=name, address=address[0], port=port)
                for beat in range(beats):
                    tls.sendall(os.urandom(640 if beat == 0 else 24))
                    tls.recv(4096)
                    self.wait(pause)

    def browser(self, *loads):
        """Pages and their parts, as a browser for Android fetches them: name, octets up, octets down."""
        with requests.Session(impersonate="chrome99_android", verify=self.authority) as session:
            for name, up, down in loads:
                url = f"https://{name}/{down}"
                session.post(url, data=os.urandom(up)) if up else session.get(url)
                self.said(via="tls", name=name, address=None, port=443)

    def ask_https(self, name):
        """A browser's question for the HTTPS record of a name."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.settimeout(3)
            door.sendto(DNSRecord.question(name, "HTTPS").pack(), ("10.42.0.1", 53))
            door.recv(4096)

    def secure_dns(self, *names):
        """A browser with a DNS server of its own, asked over HTTPS; then the pages' parts."""
        pages = [part for name, down in names for part in ("-o", "/dev/null", f"https://{name}/{down}")]
        subprocess.run(["curl", "-s", "--cacert", self.authority, "--tlsv1.3", "--doh-insecure",
                        "--doh-url", "https://cloudflare-dns.com/dns-query", *pages], check=True)
        for name, _ in names:
            self.said(via="tls", name=name, address=None, port=443, hidden=True)
        self.said(via="tls", name="cloudflare-dns.com", address=None, port=443)

    def plain(self, name, path, agent, *headers):
        """A request in clear text."""
        extra = [part for header in headers for part in ("-H", header)]
        subprocess.run(["curl", "-s", "-o", "/dev/null", "-A", agent, "-H", "Accept:", *extra, f"http://{name}{path}"], check=True)
        self.said(via="http", name=name, port=80, agent=agent)

    def ntp(self):
        """One question for the time (SNTP, RFC 4330)."""
        address = socket.getaddrinfo("time.android.com", 123, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.settimeout(3)
            now = time.time() + 2208988800
            door.sendto(b"\x1b" + bytes(39) + struct.pack(">II", int(now), int(now % 1 * 2**32)), address)
            door.recv(512)
        self.said(via="ntp", name="time.android.com", address=address[0], port=123)

    def quic(self, name, *turns):
        """HTTP/3. Each turn: octets down, seconds of pause after."""
        address = socket.getaddrinfo(name, 443, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]

        class Client(QuicConnectionProtocol):
            http, done = None, None

            def quic_event_received(self, event):
                self.http = self.http or H3Connection(self._quic)
                for told in self.http.handle_event(event):
                    if isinstance(told, (HeadersReceived, DataReceived)) and told.stream_ended:
                        self.done.set()

        async def talk():
            settings = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=name)
            settings.load_verify_locations(self.authority)
            async with connect(address, 443, configuration=settings, create_protocol=Client) as client:
                client.http = client.http or H3Connection(client._quic)
                for down, pause in turns:
                    client.done = asyncio.Event()
                    stream = client._quic.get_next_available_stream_id()
                    head = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", name.encode()), (b":path", b"/%d" % down)]
                    client.http.send_headers(stream, head, end_stream=True)
                    client.transmit()
                    await client.done.wait()
                    await asyncio.sleep(pause / self.pace)

        asyncio.run(talk())
        self.said(via="quic", name=name, address=address, port=443)

    def call(self):
        """A call: binding requests, then sound both ways over a relay."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.settimeout(3)
            for name, port in (("stun.l.google.com", 19302), ("turn3.voip.signal.org", 3478)):
                peer = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
                door.sendto(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + os.urandom(12), peer)
                door.recv(2048)
                self.said(via="stun", name=name, address=peer[0], port=port)
            for number in range(64):
                header = struct.pack(">BBHII", 0x80, 0x6F, number, number * 960, 0x1D2C3B4A)
                door.sendto(header + os.urandom(68), peer)
                door.recv(2048)
                time.sleep(0.12)

    def mail(self, name):
        """Looks for new letters over IMAP with TLS."""
        orders = [(0.6, "a LOGIN lea.martin@example.com secret"), (0.5, "b SELECT INBOX"), (0.7, "c FETCH 1 BODY[]"), (0.5, "d LOGOUT")]
        client = subprocess.Popen(["openssl", "s_client", "-quiet", "-CAfile", self.authority, "-servername", name,
                                   "-tls1_2", "-connect", f"{name}:993"], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for pause, order in orders:
            time.sleep(pause)
            client.stdin.write(order.encode() + b"\r\n")
            client.stdin.flush()
        time.sleep(0.5)
        client.kill()
        client.wait()
        self.said(via="tls", name=name, address=None, port=993)

    def game_server(self):
        """A protocol of the game's own, to an address that no name leads to."""
        with socket.create_connection((world.NAMELESS, 9339)) as door:
            for size in (48, 900, 120, 120, 260, 120):
                door.sendall(struct.pack(">HI", 0x2774, size) + os.urandom(size))
                door.recv(4096)
                self.wait(6)
        self.said(via="tcp", name=None, address=world.NAMELESS, port=9339)

    def announce(self):
        """Looks for screens to play on, and offers itself for sharing nearby (mDNS)."""
        hall = Zeroconf(interfaces=["10.42.0.57"])
        offer = ServiceInfo("_FC9F5ED42C8A._tcp.local.", "I0tLQkr8n14AAA._FC9F5ED42C8A._tcp.local.", port=43127,
                            addresses=[socket.inet_aton("10.42.0.57")], server="Lea-s-phone.local.", properties={"n": "EgtMZWEncyBwaG9uZQ"})
        hall.register_service(offer)
        ServiceBrowser(hall, "_googlecast._tcp.local.", handlers=[lambda **_: None])
        self.wait(20)
        hall.unregister_all_services()
        hall.close()


def story(p):
    """(second, step): what happens when."""
    return [
        # The phone joins, and looks whether there is an internet behind the hotspot.
        (0, lambda: p.plain("connectivitycheck.gstatic.com", "/generate_204", CHECKER)),
        (0.2, lambda: p.app("www.google.com", (0, 90, 0))),
        (1, lambda: p.ntp()),
        (1.5, lambda: p.push("mtalk.google.com", 5228, 7, 110)),
        (2.2, lambda: p.app("android.clients.google.com", (1400, 600, 0))),
        (3, lambda: p.plain("xtrapath1.izatcloud.net", "/xtra3grcej.bin", "A/14/samsung/SM-A546B/a54x/exynos1380", "Accept-Language: fr-FR")),
        (4, lambda: p.announce()),
        (5, lambda: p.app("dc.dqa.samsung.com", (2600, 120, 0))),
        (7, lambda: p.quic("play.googleapis.com", (700, 2))),
        (9, lambda: p.app("api.onesignal.com", (800, 240, 0))),
        # A weather app.
        (34, lambda: p.app("webservice.meteofrance.com", (0, 5200, 2), (0, 3400, 9))),
        (34.4, lambda: p.app("firebaseinstallations.googleapis.com", (420, 500, 0))),
        (34.6, lambda: p.app("firebase-settings.crashlytics.com", (0, 800, 0))),
        (35, lambda: p.app("sdk.privacy-center.org", (0, 2600, 0))),
        (35.5, lambda: p.app("launches.appsflyersdk.com", (2300, 60, 0))),
        (36, lambda: p.plain("mobile.smartadserver.com", "/ac?siteid=104808&pgid=663262&fmtid=15140&devicemodel=SM-A546B"
                             "&os=Android%2014&language=fr_FR&carrier=20801&uid=7f1c2b9e-5d0a-4c35-9be2-3a6d0e51f8a4", DALVIK)),
        (37, lambda: p.quic("googleads.g.doubleclick.net", (5200, 1), (900, 1))),
        (38, lambda: p.app("pagead2.googlesyndication.com", (0, 4200, 0))),
        (41, lambda: p.app("app-measurement.com", (1900, 60, 0))),
        (58, lambda: p.app("app-measurement.com", (900, 60, 0))),
        # A newspaper in the browser, with the browser's own DNS.
        (92, lambda: p.ask_https("www.lemonde.fr")),
        (92.1, lambda: p.browser(("www.lemonde.fr", 0, 17000), ("www.lemonde.fr", 0, 6000))),
        (93, lambda: p.browser(("logs1412.xiti.com", 0, 60), ("logs1412.xiti.com", 700, 60))),
        (93.6, lambda: p.secure_dns(("gum.criteo.com", 900), ("trc.taboola.com", 4200), ("aax-eu.amazon-adsystem.com", 1500), ("track.adform.net", 70))),
        (131, lambda: p.ask_https("fr.m.wikipedia.org")),
        (131.1, lambda: p.browser(("fr.m.wikipedia.org", 0, 11000))),
        # Letters and messages.
        (168, lambda: p.app("chat.signal.org", (600, 300, 8), (240, 180, 30), (900, 180, 12), (200, 1200, 4))),
        (176, lambda: p.app("mmg.whatsapp.net", (30000, 220, 3))),
        (190, lambda: p.mail("outlook.office365.com")),
        (193, lambda: p.app("eu-mobile.events.data.microsoft.com", (3100, 80, 0))),
        # Asleep: nothing but push, and one look around by the maker.
        (322, lambda: p.app("fota-cloud-dn.ospserver.net", (0, 1100, 0))),
        (323, lambda: p.ntp()),
        (324, lambda: p.app("dc.dqa.samsung.com", (1800, 120, 0))),
        # Videos.
        (404, lambda: p.quic("youtubei.googleapis.com", (5200, 2), (1800, 9))),
        (405, lambda: p.quic("i.ytimg.com", (7000, 1))),
        (407, lambda: p.quic("rr4---sn-25ge7nzs.googlevideo.com", (26000, 11), (19000, 12), (17000, 9))),
        (409, lambda: p.quic("googleads.g.doubleclick.net", (2100, 1))),
        (420, lambda: p.app("play-fe.googleapis.com", (900, 2400, 0))),
        # A game.
        (475, lambda: p.game_server()),
        (475.3, lambda: p.app("graph.facebook.com", (1900, 500, 14), (800, 60, 0))),
        (476, lambda: p.app("app.adjust.com", (1600, 180, 0))),
        (476.4, lambda: p.app("config.unityads.unity3d.com", (700, 2100, 0))),
        (477, lambda: p.app("cdp.cloud.unity3d.com", (1500, 40, 0))),
        (477.5, lambda: p.app("init.supersonicads.com", (1300, 2300, 0))),
        (478.5, lambda: p.app("ms.applovin.com", (2100, 3800, 0))),
        (479.5, lambda: p.app("config.ads.vungle.com", (900, 1200, 0))),
        (483, lambda: p.app("sessions.bugsnag.com", (500, 30, 0))),
        (489, lambda: p.app("api.mixpanel.com", (1400, 30, 0))),
        (505, lambda: p.app("ms.applovin.com", (1100, 5200, 0))),
        (531, lambda: p.app("o447951.ingest.sentry.io", (2700, 60, 0))),
        (532, lambda: p.app("crashlyticsreports-pa.googleapis.com", (1500, 40, 0))),
        # Music, then a call.
        (572, lambda: p.app("apresolve.spotify.com", (0, 400, 0))),
        (573, lambda: p.app("audio-ak-spotify-com.akamaized.net", (0, 16000, 10), (0, 11000, 2))),
        (575, lambda: p.app("api2.amplitude.com", (1700, 40, 0))),
        (622, lambda: p.app("chat.signal.org", (700, 900, 6), (300, 200, 16))),
        (624, lambda: p.call()),
        (655, lambda: p.app("mmg.whatsapp.net", (300, 7000, 3))),
        (676, lambda: p.app("app-measurement.com", (1300, 60, 0))),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("authority")
    parser.add_argument("--pace", type=float, default=1.0)
    asked = parser.parse_args()
    phone, begin, steps = Phone(asked.authority, asked.pace), time.monotonic(), []
    for second, step in story(phone):
        time.sleep(max(0.0, begin + second / asked.pace - time.monotonic()))
        steps.append(threading.Thread(target=step, daemon=True))
        steps[-1].start()
    for step in steps:
        step.join(60)


if __name__ == "__main__":
    main()
