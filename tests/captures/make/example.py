"""Makes the example capture that ships in the app: a phone on a hotspot, for some eleven minutes.

example.py OUT.pcapng [--pace N]. Needs root. The phone (udhcpc, then `phone_life.py`) hangs by a veth pair on a
router (dnsmasq for DHCP and DNS, as a hotspot of a desktop has it); behind the router, over a link with delays, is a
namespace that holds every address of `world.py` and the servers of `far_servers.py`. Captured by dumpcap on the
router's side of the phone's link. Time stamps are those of the capture.
"""

import argparse
import ipaddress
import json
import os
import random
import shutil
import sys
import tempfile
import time

import pcapng
import world
from lab import HERE, Lab, run
from truth import Truth

PHONE_MAC, ROUTER_MAC = "9e:4f:21:b7:63:0a", "d6:1b:d4:88:5c:10"


def lateness():
    """Delays by address, with a little jitter; a link of 30 Mbit/s keeps the order of packets."""
    dice, free = random.Random(7), {True: 0.0, False: 0.0}

    def rule(frame, forth):
        if frame[12:14] != b"\x08\x00":
            return [0.0]
        far = str(ipaddress.ip_address(frame[30:34] if forth else frame[26:30]))
        now = time.monotonic()
        arrival = max(now + world.delay(far) + dice.uniform(0, 0.002), free[forth]) + len(frame) * 8 / 30e6
        free[forth] = arrival if world.delay(far) == world.NEAR / 1000 else free[forth]
        return [arrival - now]

    return rule


def build(lab, folder):
    """The phone, the router and the far network; returns when all servers answer."""
    lab.link("phone", "wlan0", "router", "wlan0", PHONE_MAC, ROUTER_MAC)
    lab.wire("router", "wan0", "far", "eth0", lateness())
    lab.sh("router", "sysctl -qw net.ipv6.conf.wlan0.accept_ra=0; ip addr add 10.42.0.1/24 dev wlan0; ip addr add 192.0.2.1/24 dev wan0; sysctl -qw net.ipv4.ip_forward=1;"
           "ip route add default via 192.0.2.53")
    lab.sh("far", "ip addr add 192.0.2.53/24 dev eth0; ip route add 10.42.0.0/24 via 192.0.2.1;"
           + ";".join(f"ip addr add {a}/32 dev lo" for a in world.addresses()))
    lab.resolver("phone", "nameserver 10.42.0.1\noptions no-aaaa\n")
    lab.start("far", sys.executable, os.path.join(HERE, "far_servers.py"), folder)
    lab.start("router", "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--server=192.0.2.53", "--user=root",
              "--interface=wlan0", "--bind-interfaces", "--dhcp-range=10.42.0.10,10.42.0.254,3600", "--conf-file=/dev/null",
              f"--dhcp-host={PHONE_MAC},10.42.0.57", f"--dhcp-leasefile={folder}/leases", f"--pid-file={folder}/dnsmasq.pid",
              "--dhcp-authoritative", "--no-ping")
    while not os.path.exists(os.path.join(folder, "ready")):
        time.sleep(0.1)


def join(lab, folder):
    """The phone asks for an address."""
    script = os.path.join(folder, "udhcpc.script")
    with open(script, "w") as file:
        file.write('#!/bin/sh\nif [ "$1" = bound ]; then ip addr add $ip/24 dev $interface; ip route add default via $router; fi\n')
    os.chmod(script, 0o755)
    lab.sh("phone", f"udhcpc -i wlan0 -q -n -f -V android-dhcp-14 -x hostname:Lea-s-phone -s {script} -O dns -O lease -O mtu >/dev/null 2>&1")


def tell(log, out):
    """The truth of the example: what the phone's programs say that they did."""
    truth = Truth("example.py: udhcpc, curl, curl_cffi, openssl s_client, Python ssl and sockets, aioquic and zeroconf as a phone; "
                  "dnsmasq as router; Python servers (ssl, aioquic, dnslib) as the internet")
    with open(log) as file:
        talks = [json.loads(line) for line in file]
    for talk in talks:
        name, known = talk["name"], world.NAMES.get(talk["name"], ([], []))[1]
        address = talk.get("address") or known[0]
        if talk["via"] in ("tls", "quic"):
            truth.hello(talk["via"], name, address, talk["port"], None)
        elif talk["via"] == "http":
            truth.http(name, address, 80, talk["agent"])
        if name and not talk.get("hidden"):
            truth.dns(name, known, aliases=world.NAMES[name][0])
    truth.dns("lea-s-phone.local", ["10.42.0.57"], "mdns")
    truth.write(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--pace", type=float, default=1.0)
    asked = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tell-example-")
    raw = os.path.join(folder, "raw.pcapng")
    with Lab("phone", "router", "far") as lab:
        build(lab, folder)
        capture = lab.capture("router", "wlan0", raw)
        join(lab, folder)
        log = open(os.path.join(folder, "life.jsonl"), "w")
        life = lab.start("phone", sys.executable, os.path.join(HERE, "phone_life.py"), os.path.join(folder, "root.pem"),
                         "--pace", asked.pace, stdout=log)
        life.wait()
        lab.stop_capture(capture)
    pcapng.neutral(raw, asked.out, "wlan0")
    run("capinfos", "-c", "-s", "-u", asked.out)
    tell(os.path.join(folder, "life.jsonl"), asked.out)
    shutil.rmtree(folder)
    if life.returncode != 0:
        sys.exit(1)


main()
