"""Captures of HTTP in clear text, and of every kind of link that a kernel without radio gives us."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

from dns_server import Zone, serve_dns
from stage import DEVICE, FAR, HOST, Stage, accept_loop, take_request, web_talk
from truth import Truth


def proxy_talk(guest):
    """A proxy that opens a tunnel for CONNECT, and answers everything else itself."""
    head, _, kept = take_request(guest)
    if not head.startswith(b"CONNECT"):
        guest.sendall(b"HTTP/1.1 200 OK\r\nVia: 1.1 proxy\r\nContent-Length: 5\r\n\r\nfrom\n")
        return
    with socket.create_connection((FAR[10], 443)) as there:
        guest.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        there.sendall(kept)

        def carry(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        back = threading.Thread(target=carry, args=(there, guest))
        back.start()
        carry(guest, there)
        back.join()


def http1(scene):
    scene.host(accept_loop, FAR[10], 443, web_talk(scene.authority.context("vault.example.com", ["vault.example.com"])))
    scene.host(accept_loop, HOST, 3128, proxy_talk)
    for address in FAR[11:14]:
        scene.host(accept_loop, address, 80, web_talk())
    scene.host(accept_loop, FAR[14], 8080, web_talk(None, 4000))

    def pipelined():
        asked = b"".join(b"GET /%d HTTP/1.1\r\nHost: pipe.example.com\r\nUser-Agent: pipe/2.0\r\n\r\n" % n for n in range(4))
        with socket.create_connection((FAR[11], 80)) as door:
            door.sendall(asked)
            got = b""
            while got.count(b"200 OK") < 4:
                got += door.recv(65536)

    def in_pieces():
        said = b"POST /track?device=A54 HTTP/1.1\r\nAccept: */*\r\nuser-agent:  Pieces/1.0 (Phone; fr_FR) \r\nHOST:Pieces.Example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
        said += b"10\r\nHost: nobody.com\r\n5\r\nhello\r\n0\r\n\r\n"
        with socket.create_connection((FAR[12], 80)) as door:
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(said), 31):
                door.sendall(said[at : at + 31])
                time.sleep(0.01)
            door.recv(65536)

    photo = os.path.join(scene.folder, "photo")
    with open(photo, "wb") as file:
        file.write(os.urandom(9000))

    def action(truth):
        scene.hand(pipelined)
        scene.hand(in_pieces)
        scene.sh("hand", f"curl -s -o /dev/null -A 'Upload/3.1' -F 'photo=@{photo};filename=cat.jpg' -H 'Expect: 100-continue' --resolve up.example.com:80:{FAR[13]} http://up.example.com/photos")
        scene.sh("hand", f"curl -s -o /dev/null -o /dev/null -A 'Odd/1' --resolve odd.example.com:8080:{FAR[14]} http://odd.example.com:8080/a http://odd.example.com:8080/b")
        scene.sh("hand", f"curl -s -o /dev/null -A 'Viaproxy/1' -x http://{HOST}:3128 http://absolute.example.com/")
        scene.sh("hand", f"curl -s -o /dev/null -A 'Viaproxy/1' -x http://{HOST}:3128 --cacert {scene.root} https://vault.example.com/")
        truth.http("pipe.example.com", FAR[11], 80, "pipe/2.0")
        truth.http("pieces.example.com", FAR[12], 80, "Pieces/1.0 (Phone; fr_FR)")
        truth.http("up.example.com", FAR[13], 80, "Upload/3.1")
        truth.http("odd.example.com:8080", FAR[14], 8080, "Odd/1")
        truth.http("absolute.example.com", HOST, 3128, "Viaproxy/1")
        truth.http("vault.example.com:443", HOST, 3128, "Viaproxy/1")
        truth.hello("tls", "vault.example.com", HOST, 3128, ["h2", "http/1.1"])

    scene.film("http1", "curl and Python sockets: pipelined, in pieces, chunked, a form with a file, another port, over a proxy, and TLS inside CONNECT", action)


def usual(scene, also=None):
    """A name, a page in clear text and one over TLS, over IPv4, and (`also`) the same over IPv6: what goes through each odd link."""
    zone = Zone().put("shop.example.com", "A", FAR[30]).put("ads.example.net", "A", FAR[31]).put("shop.example.com", "AAAA", "2001:db8:ff::40")
    scene.host(serve_dns, zone, HOST)
    context = scene.authority.context("shop.example.com", ["shop.example.com"])
    scene.host(accept_loop, FAR[30], 443, web_talk(context))
    scene.host(accept_loop, FAR[31], 80, web_talk())
    scene.host(accept_loop, "2001:db8:ff::40", 443, web_talk(context))

    def action(truth):
        for name, kind in (("shop.example.com", "A"), ("shop.example.com", "AAAA"), ("ads.example.net", "A")):
            scene.sh("hand", f"dig @{HOST} {name} {kind} >/dev/null")
        scene.sh("hand", f"curl -s -o /dev/null --cacert {scene.root} --resolve shop.example.com:443:{FAR[30]} https://shop.example.com/")
        scene.sh("hand", f"curl -s -o /dev/null -A 'AdKit/5.2' --resolve ads.example.net:80:{FAR[31]} 'http://ads.example.net/banner?model=A54'")
        if also:
            scene.sh("hand", f"curl -s -o /dev/null --cacert {scene.root} --resolve 'shop.example.com:443:[2001:db8:ff::40]' https://shop.example.com/")
        truth.dns("shop.example.com", [FAR[30], "2001:db8:ff::40"])
        truth.dns("ads.example.net", [FAR[31]])
        truth.hello("tls", "shop.example.com", FAR[30], 443, ["h2", "http/1.1"])
        truth.http("ads.example.net", FAR[31], 80, "AdKit/5.2")
        if also:
            truth.hello("tls", "shop.example.com", "2001:db8:ff::40", 443, ["h2", "http/1.1"])

    return action


def base(scene):
    scene.film("base", "dig and curl, over IPv4 and IPv6: what the wrapped captures and the files are made from", usual(scene, True))


def tcpdump(scene, name, made_by, action, *options, side="hand"):
    """Like `film`, by tcpdump into a classic file."""
    path = os.path.join(scene.out, name + ".pcap")
    truth = Truth(made_by)
    camera = scene.start(side, "tcpdump", "-U", "-Z", "root", "-w", path, *options, stderr=subprocess.DEVNULL)
    time.sleep(1)
    action(truth)
    time.sleep(1)
    scene.stop(camera, signal.SIGINT)
    truth.write(path)
    print(f"{name}: {truth.said['counts']}", flush=True)


def cooked(scene):
    action = usual(scene, True)
    tcpdump(scene, "linux-sll", "tcpdump -i any on the device's side, Linux cooked version 1", action, "-i", "any", "-y", "LINUX_SLL")
    tcpdump(scene, "linux-sll2", "tcpdump -i any on the device's side, Linux cooked version 2", action, "-i", "any", "-y", "LINUX_SLL2")


def nflog(scene):
    scene.sh("host", "nft add table inet t; nft add chain inet t c '{ type filter hook prerouting priority 0; }'; nft add rule inet t c iifname wlan0 log group 7;"
             "nft add chain inet t o '{ type filter hook output priority 0; }'; nft add rule inet t o oifname wlan0 log group 7")
    tcpdump(scene, "nflog", "tcpdump on netfilter's log group 7, fed by nft rules", usual(scene, True), "-i", "nflog:7", side="host")


def loopback(scene):
    """Everything on one machine: a browser and a server that meet on the loopback device."""
    context = scene.authority.context("localhost.example.com", ["localhost.example.com"])
    scene.host(accept_loop, "127.0.0.1", 8443, web_talk(context))
    scene.host(accept_loop, "::1", 8080, web_talk())

    def action(truth):
        scene.sh("host", f"curl -s -o /dev/null --cacert {scene.root} --resolve localhost.example.com:8443:127.0.0.1 https://localhost.example.com:8443/")
        scene.sh("host", "curl -s -o /dev/null -A 'Local/1' 'http://[::1]:8080/'")
        truth.hello("tls", "localhost.example.com", "127.0.0.1", 8443, ["h2", "http/1.1"])
        truth.http("[::1]:8080", "::1", 8080, "Local/1")

    scene.film("loopback", "curl on the machine itself", action, device="lo", shown="lo")


def vxlan(scene):
    for side, mine, other in (("hand", DEVICE, HOST), ("host", HOST, DEVICE)):
        scene.sh(side, f"ip link add vx0 type vxlan id 4242 remote {other} local {mine} dstport 4789 dev wlan0;"
                 f"ip link set vx0 address {'0a' if side == 'hand' else '0e'}:00:00:00:42:42 mtu 1400 up; sysctl -qw net.ipv6.conf.vx0.disable_ipv6=1;"
                 f"ip addr add 10.99.0.{1 if side == 'hand' else 2}/24 dev vx0")
    scene.sh("hand", "".join(f"ip route add {a}/32 via 10.99.0.2;" for a in FAR[30:32]))
    tell = usual(scene)

    def action(truth):
        tell(truth)
        truth.add("carried", {"transport": "tcp", "server": {"address": FAR[30], "port": 443}})
        truth.add("carried", {"transport": "tcp", "server": {"address": FAR[31], "port": 80}})

    scene.film("vxlan", "dig and curl; the pages' packets go through the kernel's own VXLAN, the names beside it", action)


def main(out):
    for make in (http1, base, cooked, loopback, vxlan, nflog):
        with Stage(out) as scene:
            make(scene)


if __name__ == "__main__":
    main(sys.argv[1])
