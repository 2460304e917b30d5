"""The lab of `up`, in the interpreter that has its clients and servers: hotspot.py NAME DEVICE. See there for the commands."""

import ctypes
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAKE = os.path.join(os.path.dirname(HERE), "captures", "make")
sys.path.insert(0, MAKE)

import flood  # noqa: E402
import world  # noqa: E402
from lab import Inside, Lab  # noqa: E402

GATEWAY, NETWORK, GATEWAY6 = "10.42.0.1", "10.42.0.0/24", "fd42:7e11:7a1e::1"
PHONE_MACS = ["9e:4f:21:b7:63:0a", "9e:4f:21:b7:63:5c"]
GATEWAY_MAC = "d6:1b:d4:88:5c:10"
NAME = "Annas-Phone"
# Addresses kept for documentation (RFC 5737): nobody's, and each is new to an audit.
STRANGERS = "198.51.100.0/24"
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """Whatever this lab started ends with it, even when it is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Hotspot(Lab):
    """The three namespaces and the phone's comings and goings."""

    def __init__(self, name, device):
        self.host, self.phone, self.world = f"{name}-host", f"{name}-phone", f"{name}-world"
        self.device, self.folder, self.macs, self.lives = device, tempfile.mkdtemp(prefix="tell-lab-"), 0, []
        self.speaking = threading.Lock()
        self.leases = os.path.join(self.folder, "leases")
        super().__init__(self.host, self.phone, self.world)

    def __exit__(self, *gone):
        super().__exit__(*gone)
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, **what):
        with self.speaking:
            print(json.dumps(what), flush=True)

    def build(self):
        """The laptop and the internet; returns when all servers answer."""
        self.link(self.host, "wan0", self.world, "eth0")
        self.sh(self.world, "ip addr add 192.0.2.53/24 dev eth0; ip route add 10.42.0.0/24 via 192.0.2.1;"
                f"ip route add local {STRANGERS} dev lo;" + ";".join(f"ip addr add {a}/32 dev lo" for a in world.addresses()))
        self.sh(self.host, "ip addr add 192.0.2.1/24 dev wan0; ip route add default via 192.0.2.53; sysctl -qw net.ipv4.ip_forward=1")
        rules = 'table ip nat { chain out { type nat hook postrouting priority 100 ; oifname "wan0" masquerade ; }; }'
        self.sh(self.host, f"nft {shlex.quote('add ' + rules)}")
        self.resolver(self.phone, f"nameserver {GATEWAY}\noptions no-aaaa\n")
        self.begin(self.world, sys.executable, os.path.join(MAKE, "far_servers.py"), self.folder)
        self.plug()
        self.begin(self.host, "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--server=192.0.2.53", "--user=root",
                   f"--interface={self.device}", "--bind-dynamic", "--except-interface=lo", "--conf-file=/dev/null",
                   "--dhcp-range=10.42.0.10,10.42.0.254,3600", f"--dhcp-leasefile={self.leases}", "--dhcp-authoritative", "--no-ping",
                   f"--dhcp-range=::,constructor:{self.device},slaac,ra-stateless", "--enable-ra", f"--pid-file={self.folder}/dnsmasq.pid")
        self.wait_for(lambda: os.path.exists(os.path.join(self.folder, "ready")), "the servers")
        return {"namespace": f"tell-{self.host}", "phone": f"tell-{self.phone}", "device": self.device, "gateway": GATEWAY,
                "network": NETWORK, "authority": os.path.join(self.folder, "root.pem"), "leases": self.leases}

    def begin(self, namespace, *command):
        """A process that ends with the lab; what it complains of goes where the lab's complaints go."""
        return self.start(namespace, *command, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=die_with_parent)

    def wait_for(self, true, what, seconds=30):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not come in {seconds} s")
            time.sleep(0.05)

    def plug(self):
        """The hotspot's device and the phone's radio."""
        self.link(self.host, self.device, self.phone, "wlan0", GATEWAY_MAC, PHONE_MACS[0])
        self.sh(self.host, f"sysctl -qw net.ipv6.conf.{self.device}.accept_dad=0 net.ipv6.conf.{self.device}.accept_ra=0;"
                f"ip addr add {GATEWAY}/24 dev {self.device}; ip -6 addr add {GATEWAY6}/64 dev {self.device} nodad")
        self.sh(self.phone, "ip link set wlan0 down")

    def address(self):
        """The phone's own IPv4 address."""
        shown = self.ask(self.phone, "ip", "-j", "-4", "addr", "show", "dev", "wlan0")
        return next((a["local"] for a in json.loads(shown)[0]["addr_info"]), None)

    def ask(self, namespace, *command):
        told = subprocess.run(["ip", "netns", "exec", f"tell-{namespace}", *map(str, command)], check=True, capture_output=True, text=True)
        return told.stdout

    # The commands. Each gives what its answer says.

    def join(self, *name):
        name, mac = " ".join(name) or NAME, PHONE_MACS[self.macs % len(PHONE_MACS)]
        script = os.path.join(self.folder, "udhcpc.script")
        with open(script, "w") as file:
            file.write('#!/bin/sh\nif [ "$1" = bound ]; then ip addr add $ip/24 dev $interface; ip route add default via $router; fi\n')
        os.chmod(script, 0o755)
        self.sh(self.phone, f"ip link set wlan0 address {mac}; ip link set wlan0 up")
        self.sh(self.phone, f"udhcpc -i wlan0 -q -n -f -t 8 -T 1 -V android-dhcp-14 -x hostname:{shlex.quote(name)} -s {script}"
                " -O dns -O lease -O mtu >/dev/null 2>&1")
        return {"address": self.address(), "mac": mac, "name": name}

    def leave(self):
        for life in self.lives:
            self.stop(life)
        self.lives = []
        self.sh(self.phone, "ip addr flush dev wlan0; ip link set wlan0 down")
        return {}

    def join_again(self, *name):
        self.leave()
        self.macs += 1
        return self.join(*name)

    def start_life(self, rounds):
        """The phone's programs, and a thread that passes on what they say."""
        command = [sys.executable, os.path.join(HERE, "phone.py"), os.path.join(self.folder, "root.pem"), rounds]
        life = self.start(self.phone, *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)

        def listen():
            for line in life.stdout:
                self.say(said=json.loads(line))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        return life, listener

    def live(self, rounds="1"):
        life, listener = self.start_life(rounds)
        listener.join(120 * int(rounds))
        self.stop(life)
        if life.returncode != 0:
            raise ChildProcessError(f"the phone's life ended with {life.returncode}")
        return {}

    def life(self):
        self.lives.append(self.start_life("0")[0])
        return {}

    def mark(self, address, port):
        def send():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
                at = time.time_ns()
                door.sendto(b"mark" * 16, (address, int(port)))
                return at

        return {"at_ns": Inside(self.phone, send).result(), "address": address, "port": int(port)}

    def flood(self, pps, seconds):
        path = os.path.join(self.folder, "flood.pcap")
        packets = flood.write(path, self.address(), PHONE_MACS[self.macs % 2], GATEWAY_MAC)
        loops = max(1, int(pps) * int(seconds) // packets)
        told = self.ask(self.phone, "tcpreplay", "-q", "-K", "-i", "wlan0", f"--pps={pps}", f"--loop={loops}", path)
        return {"packets": flood.sent(told)}

    def device_down(self):
        self.sh(self.host, f"ip link set {self.device} down")
        return {}

    def device_up(self):
        self.sh(self.host, f"ip link set {self.device} up; ip -6 addr replace {GATEWAY6}/64 dev {self.device} nodad")
        return {}

    def device_gone(self):
        for life in self.lives:
            self.stop(life)
        self.lives = []
        self.sh(self.host, f"ip link del {self.device}")
        return {}

    def device_back(self):
        self.plug()
        return {}

    def door(self, port):
        """Sockets stay in the namespace where they were opened: this one takes guests here and leads them there."""
        entrance = socket.create_server(("127.0.0.1", 0))

        def carry(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                source.close()
                sink.close()

        def let_in():
            while True:
                guest, _ = entrance.accept()
                try:
                    inside = Inside(self.host, socket.create_connection, ("127.0.0.1", int(port))).result()
                except OSError:
                    guest.close()
                    continue
                for pair in ((guest, inside), (inside, guest)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

        threading.Thread(target=let_in, daemon=True).start()
        return {"port": entrance.getsockname()[1]}


COMMANDS = ["join", "live", "life", "mark", "leave", "join-again", "flood", "device-down", "device-up", "device-gone", "device-back", "door"]


def obey(lab, line):
    """One command of the tests."""
    command, *given = line.split()
    try:
        if command not in COMMANDS:
            raise ValueError(f"no such command; there are {', '.join(COMMANDS)}")
        lab.say(done=command, **getattr(lab, command.replace("-", "_"))(*given))
    except Exception as problem:  # whatever it is, the test is told
        lab.say(failed=command, why=f"{type(problem).__name__}: {problem}")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    with Hotspot(*sys.argv[1:3]) as lab:
        lab.say(ready=lab.build())
        for line in sys.stdin:
            if line.strip():
                obey(lab, line)


main()
