"""Captures of names being looked up: DNS over UDP and TCP, mDNS, LLMNR, IPv6 with its extension headers and fragments."""

import socket
import sys
import time

from dnslib import QTYPE, RR, A, DNSRecord
from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf

from dns_server import Zone, serve_dns
from stage import DEVICE, FAR6, HOST, HOST6, Stage, accept_loop, web_talk


def dig(scene, *asked, server=HOST):
    scene.sh("hand", "dig @" + server + " +tries=1 +time=2 " + " ".join(asked) + " >/dev/null")


def zone():
    known = Zone()
    known.put("plain.example.com", "A", "198.51.100.10", "198.51.100.11").put("plain.example.com", "AAAA", "2001:db8:ff::10")
    known.put("www.shop.example", "CNAME", "shop.cdn.example.net").put("shop.cdn.example.net", "CNAME", "edge7.cdn.example.net", ttl=20)
    known.put("edge7.cdn.example.net", "A", "198.51.100.20").put("edge7.cdn.example.net", "AAAA", "2001:db8:ff::20")
    hints = {"alpn": b"\x02h3\x02h2", "hints": [bytes([198, 51, 100, 30])], "hints6": [socket.inet_pton(socket.AF_INET6, "2001:db8:ff::30")]}
    known.put("secure.example.com", "HTTPS", hints).put("secure.example.com", "A", "198.51.100.30")
    known.put("10.100.51.198.in-addr.arpa", "PTR", "plain.example.com")
    known.put("0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.f.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR", "plain.example.com")
    known.put("many.example.com", "A", *[f"203.0.113.{n}" for n in range(1, 61)])
    known.put("huge.example.com", "A", *[f"203.0.113.{n}" for n in range(61, 181)])
    known.put("long.example.com", "TXT", *["all work and no play makes a dull capture %03d " % n * 4 for n in range(40)])
    known.put("xn--caf-dma.example", "A", "198.51.100.40").put("example.com", "MX", "mail.example.com").put("example.com", "NS", "ns.example.com")
    return known


def ask_everything(scene, server):
    dig(scene, "plain.example.com", "A", server=server)
    dig(scene, "plain.example.com", "AAAA", server=server)
    dig(scene, "www.shop.example", "A", server=server)
    dig(scene, "+noedns", "www.shop.example", "AAAA", server=server)
    dig(scene, "secure.example.com", "TYPE65", server=server)
    dig(scene, "secure.example.com", "A", server=server)
    dig(scene, "-x", "198.51.100.10", server=server)
    dig(scene, "-x", "2001:db8:ff::10", server=server)
    dig(scene, "PLaiN.eXampLE.cOm", "A", server=server)
    dig(scene, "xn--caf-dma.example", "A", server=server)
    dig(scene, "example.com", "MX", server=server)
    dig(scene, "nobody.example.com", "A", server=server)
    dig(scene, "broken.example.com", "A", server=server)


def tell(truth):
    truth.dns("plain.example.com", ["198.51.100.10", "198.51.100.11", "2001:db8:ff::10"])
    truth.dns("www.shop.example", ["198.51.100.20", "2001:db8:ff::20"], aliases=["shop.cdn.example.net", "edge7.cdn.example.net"])
    truth.dns("secure.example.com", ["198.51.100.30"])
    truth.dns("xn--caf-dma.example", ["198.51.100.40"])


def dns(scene):
    scene.host(serve_dns, zone(), HOST)

    def several_on_one_connection():
        with socket.create_connection((HOST, 53)) as door:
            asked = [DNSRecord.question(n, k).pack() for n, k in (("many.example.com", "A"), ("long.example.com", "TXT"), ("plain.example.com", "A"))]
            said = b"".join(len(q).to_bytes(2, "big") + q for q in asked)
            for at in range(0, len(said), 25):  # the length prefix and the questions come in pieces
                door.sendall(said[at : at + 25])
                time.sleep(0.02)
            got, missing = b"", 3
            while missing:
                got += door.recv(65536)
                while len(got) >= 2 and len(got) >= 2 + int.from_bytes(got[:2], "big"):
                    got, missing = got[2 + int.from_bytes(got[:2], "big") :], missing - 1

    def action(truth):
        ask_everything(scene, HOST)
        dig(scene, "+noedns", "many.example.com", "A")  # truncated, asked again over TCP
        dig(scene, "+bufsize=4096", "many.example.com", "A")
        dig(scene, "+tcp", "www.shop.example", "A")
        dig(scene, "long.example.com", "TXT")
        scene.hand(several_on_one_connection)
        tell(truth)
        truth.dns("many.example.com", [f"203.0.113.{n}" for n in range(1, 61)])

    scene.film("dns-udp-tcp", "dig (bind9-dnsutils) and Python sockets against a DNS server in Python (dnslib)", action)


def mdns_llmnr(scene):
    group = "224.0.0.252"

    def llmnr_answers():
        """A responder (RFC 4795) for one name."""
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        door.bind(("", 5355))
        door.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(HOST))
        while True:
            data, peer = door.recvfrom(2048)
            asked = DNSRecord.parse(data)
            if str(asked.q.qname).rstrip(".").lower() == "printer" and asked.q.qtype == QTYPE.A:
                reply = asked.reply()
                reply.header.aa = reply.header.ra = reply.header.rd = 0
                reply.add_answer(RR(asked.q.qname, QTYPE.A, ttl=30, rdata=A(HOST)))
                door.sendto(reply.pack(), peer)

    def llmnr_asks():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(DEVICE))
            door.settimeout(1)
            for name in ("printer", "wpad"):
                question = DNSRecord.question(name)
                question.header.rd = 0
                door.sendto(question.pack(), (group, 5355))
                try:
                    door.recv(2048)
                except TimeoutError:
                    pass

    def announce():
        hall = Zeroconf(interfaces=[HOST])
        hall.register_service(ServiceInfo("_ipp._tcp.local.", "Printer in the hall._ipp._tcp.local.", port=631, server="hall-printer.local.",
                                          addresses=[socket.inet_aton(HOST), socket.inet_pton(socket.AF_INET6, HOST6)], properties={"ty": "Laser"}))
        return hall

    def look():
        hall = Zeroconf(interfaces=[DEVICE])
        hall.register_service(ServiceInfo("_companion-link._tcp.local.", "Noor's tablet._companion-link._tcp.local.", port=49152,
                                          server="Noors-tablet.local.", addresses=[socket.inet_aton(DEVICE)]))
        ServiceBrowser(hall, "_ipp._tcp.local.", handlers=[lambda **_: None])
        time.sleep(2.5)
        assert hall.get_service_info("_ipp._tcp.local.", "Printer in the hall._ipp._tcp.local.", timeout=3000)
        hall.close()

    scene.host(llmnr_answers)

    def action(truth):
        hall = scene.host(announce)
        scene.hand(look)
        scene.hand(llmnr_asks)
        hall.result().close()
        truth.dns("hall-printer.local", [HOST, HOST6], "mdns")
        truth.dns("noors-tablet.local", [DEVICE], "mdns")
        truth.dns("printer", [HOST], "llmnr")

    scene.film("mdns-llmnr", "python-zeroconf on both sides; an LLMNR asker and responder in Python (dnslib)", action)


def ipv6(scene):
    context = scene.authority.context("six.example.com", ["six.example.com"])
    scene.host(serve_dns, zone(), HOST6)
    scene.host(accept_loop, FAR6[5], 443, web_talk(context))
    scene.host(accept_loop, FAR6[6], 80, web_talk())
    hop = bytes([0, 0, 5, 2, 0, 0, 1, 0])  # hop-by-hop: router alert, padding; the first octets are filled in by the kernel
    destination = bytes([0, 0, 1, 4, 0, 0, 0, 0])

    def with_extensions():
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as door:
            door.settimeout(2)
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, hop)
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, destination)
            door.sendto(DNSRecord.question("secure.example.com").pack(), (HOST6, 53))
            door.recv(4096)
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as door:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, destination)
            door.connect((FAR6[6], 80))
            door.sendall(b"GET /six HTTP/1.1\r\nHost: ext.example.com\r\nUser-Agent: six/1.0\r\n\r\n")
            door.recv(4096)

    def action(truth):
        ask_everything(scene, HOST6)
        scene.sh("host", "ip link set wlan0 mtu 1280")
        dig(scene, "+bufsize=4096", "+ignore", "huge.example.com", "A", server=HOST6)  # the answer comes in fragments
        dig(scene, "+bufsize=16000", "+ignore", "long.example.com", "TXT", server=HOST6)
        scene.sh("host", "ip link set wlan0 mtu 1500")
        scene.sh("hand", f"ping -6 -c 2 -i 0.2 -s 3000 {HOST6} >/dev/null; ping -c 1 -s 4000 {HOST} >/dev/null")
        scene.sh("hand", f"curl -s -o /dev/null --cacert {scene.root} --resolve 'six.example.com:443:[{FAR6[5]}]' https://six.example.com/")
        scene.hand(with_extensions)
        tell(truth)
        truth.dns("huge.example.com", [f"203.0.113.{n}" for n in range(61, 181)])
        truth.hello("tls", "six.example.com", FAR6[5], 443, ["h2", "http/1.1"])
        truth.http("ext.example.com", FAR6[6], 80, "six/1.0")

    scene.film("ipv6", "dig, ping, curl and Python sockets with extension headers, all over IPv6 (one large ping over IPv4)", action)


def main(out):
    for make in (dns, mdns_llmnr, ipv6):
        with Stage(out) as scene:
            make(scene)


if __name__ == "__main__":
    main(sys.argv[1])
