"""Captures of packets without any link header: a VPN's device, as an app like PCAPdroid sees a phone's packets."""

import os
import sys
import tempfile

from dns_server import Zone, serve_dns
from lab import Lab
from pki import Authority
from stage import FAR, Stage, accept_loop, web_talk

INSIDE, DNS = "10.215.173.1", "10.215.173.2"
WEATHER, GAME = (10234, "fr.example.meteo", "Météo France, prévisions"), (10311, "com.example.blocks", "Blocks")


class TunStage(Stage):
    """The device reaches everything through a tun device."""

    def __init__(self, out):
        Lab.__init__(self, "hand", "host")
        self.out, self.folder = out, tempfile.mkdtemp(prefix="tell-stage-")
        self.authority = Authority(os.path.join(self.folder, "pki"))
        self.wire("hand", "tun0", "host", "tun0", tun=True)
        for side in ("hand", "host"):
            self.sh(side, "sysctl -qw net.ipv6.conf.tun0.disable_ipv6=1")
        self.sh("hand", f"ip addr add {INSIDE}/30 dev tun0; ip route add default dev tun0")
        self.sh("host", f"ip addr add {DNS}/30 dev tun0;" + ";".join(f"ip addr add {a}/32 dev lo" for a in FAR))


def two_apps(scene):
    zone = Zone()
    zone.put("api.meteo.example", "A", FAR[0]).put("stats.example.net", "A", FAR[1]).put("play.blocks.example", "A", FAR[2]).put("ads.example.net", "A", FAR[3])
    scene.host(serve_dns, zone, DNS)
    for address, name in ((FAR[0], "api.meteo.example"), (FAR[1], "stats.example.net"), (FAR[2], "play.blocks.example")):
        scene.host(accept_loop, address, 443, web_talk(scene.authority.context(name, [name])))
    scene.host(accept_loop, FAR[3], 80, web_talk())
    talks = [(WEATHER, "api.meteo.example", FAR[0], 443), (WEATHER, "stats.example.net", FAR[1], 443),
             (GAME, "play.blocks.example", FAR[2], 443), (GAME, "stats.example.net", FAR[1], 443), (GAME, "ads.example.net", FAR[3], 80)]

    def action(truth):
        apps = {}
        for app, name, address, port in talks:
            scene.sh("hand", f"dig @{DNS} +tries=1 {name} A >/dev/null")
            scheme = "https" if port == 443 else "http"
            local = 41000 + talks.index((app, name, address, port))
            scene.sh("hand", f"curl -s -o /dev/null -A 'Blocks/7.0 (A54; fr)' --local-port {local} --cacert {scene.root} --resolve {name}:{port}:{address} {scheme}://{name}/")
            truth.dns(name, [address])
            if port == 443:
                truth.hello("tls", name, address, port, ["h2", "http/1.1"])
            else:
                truth.http(name, address, port, "Blocks/7.0 (A54; fr)")
            apps.setdefault(app, []).append({"transport": "tcp", "local_port": local, "server": {"address": address, "port": port}})
        truth.said["programs"] = [{"uid": uid, "package": package, "label": label, "talks": those} for (uid, package, label), those in apps.items()]

    scene.film("raw-ip", "dig and curl, as two apps, over a tun device", action, device="tun0", side="hand", shown="tun0")


def main(out):
    with TunStage(out) as scene:
        two_apps(scene)


if __name__ == "__main__":
    main(sys.argv[1])
