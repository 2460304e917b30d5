"""Where the small captures are made: a hand-held device and a host with everything else, on one link.

The addresses are those kept for documentation, the names end in example.com and the like: nothing here means anybody.
"""

import os
import re
import shutil
import socket
import ssl
import tempfile
import threading
import time

import pcapng
from lab import Inside, Lab
from pki import Authority
from truth import Truth

DEVICE, HOST = "192.168.43.20", "192.168.43.1"
DEVICE6, HOST6 = "2001:db8:43::20", "2001:db8:43::1"
DEVICE_MAC, HOST_MAC = "9a:10:5e:77:24:c3", "d6:22:90:41:0f:02"
FAR = [f"198.51.100.{n}" for n in range(10, 60)] + [f"203.0.113.{n}" for n in range(10, 20)]
FAR6 = [f"2001:db8:ff::{n}" for n in range(10, 60)]


class Stage(Lab):
    """The two namespaces, linked, with addresses; captures come out through `film`."""

    def __init__(self, out, rule=None):
        super().__init__("hand", "host")
        self.out, self.folder = out, tempfile.mkdtemp(prefix="tell-stage-")
        self.authority = Authority(os.path.join(self.folder, "pki"))
        if rule:
            self.wire("hand", "wlan0", "host", "wlan0", rule)
            self.sh("hand", f"ip link set wlan0 address {DEVICE_MAC}")
            self.sh("host", f"ip link set wlan0 address {HOST_MAC}")
        else:
            self.link("hand", "wlan0", "host", "wlan0", DEVICE_MAC, HOST_MAC)
        for side in ("hand", "host"):  # addresses are usable at once, and no router is asked for
            self.sh(side, "sysctl -qw net.ipv6.conf.wlan0.accept_dad=0 net.ipv6.conf.wlan0.router_solicitations=0 net.ipv6.conf.lo.accept_dad=0")
        self.sh("hand", f"ip addr add {DEVICE}/24 dev wlan0; ip -6 addr add {DEVICE6}/64 dev wlan0 nodad;"
                f"ip route add default via {HOST}; ip -6 route add default via {HOST6}")
        self.sh("host", f"ip addr add {HOST}/24 dev wlan0; ip -6 addr add {HOST6}/64 dev wlan0 nodad;"
                + ";".join(f"ip addr add {a}/32 dev lo" for a in FAR) + ";"
                + ";".join(f"ip -6 addr add {a}/128 dev lo nodad" for a in FAR6))

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.folder)

    def film(self, name, made_by, action, device="wlan0", side="host", shown="wlan0"):
        """Captures while `action(truth)` runs, and writes NAME.pcapng with its truth."""
        raw, path = os.path.join(self.folder, name + ".raw"), os.path.join(self.out, name + ".pcapng")
        truth = Truth(made_by)
        camera = self.capture(side, device, raw)
        try:
            action(truth)
        finally:
            self.stop_capture(camera)
        pcapng.neutral(raw, path, shown)
        truth.write(path)
        print(f"{name}: {truth.said['counts']}", flush=True)
        return truth

    def hand(self, function, *given):
        """Runs a function on the device's side and waits for it."""
        return Inside("hand", function, *given).result()

    def host(self, function, *given):
        """Starts a server function on the host's side."""
        server = Inside("host", function, *given)
        time.sleep(0.3)
        if server.failed:
            raise server.failed
        return server

    def leaf(self, *names):
        return self.authority.leaf(names[0], list(names))

    @property
    def root(self):
        return os.path.join(self.folder, "pki", "root.pem")


def accept_loop(address, port, talk):
    """A TCP server: `talk(socket)` for each client, each in a thread of its own."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((address, port))
    door.listen(16)

    def one(guest):
        try:
            with guest:
                talk(guest)
        except (OSError, ssl.SSLError, EOFError):
            pass

    while True:
        threading.Thread(target=one, args=(door.accept()[0],), daemon=True).start()


def take_request(stream, kept=b""):
    """(head, body, what came after) of one HTTP/1 request; a body may be chunked."""
    while b"\r\n\r\n" not in kept:
        more = stream.recv(65536)
        if not more:
            raise EOFError
        kept += more
    head, kept = kept.split(b"\r\n\r\n", 1)
    if b"100-continue" in head.lower():
        stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    if b"chunked" in head.lower():
        while b"0\r\n\r\n" not in kept:
            kept += stream.recv(65536)
        body, kept = kept.split(b"0\r\n\r\n", 1)
        return head, body, kept
    need = int(length.group(1)) if length else 0
    while len(kept) < need:
        kept += stream.recv(65536)
    return head, kept[:need], kept[need:]


def web_talk(context=None, size=300):
    """A talk for `accept_loop`: HTTP/1.1, over TLS if a context is given."""

    def talk(guest):
        stream = context.wrap_socket(guest, server_side=True) if context else guest
        kept = b""
        while True:
            _, _, kept = take_request(stream, kept)
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % size + b"t" * size)

    return talk
