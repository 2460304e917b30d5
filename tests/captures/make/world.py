"""The far network of the example capture: which name has which address, and how far away it is.

The addresses lie in networks that are registered to the company behind the name, or to the cloud that it rents.
No packet ever reaches them: they are set on a device of a namespace.
"""

# name: (canonical names on the way, addresses)
NAMES = {
    # the system: joining, time, push, store
    "connectivitycheck.gstatic.com": ([], ["142.250.179.67"]),
    "www.google.com": ([], ["142.250.201.164"]),
    "time.android.com": ([], ["216.239.35.4", "216.239.35.8"]),
    "mtalk.google.com": (["mobile-gtalk.l.google.com"], ["74.125.133.188"]),
    "android.clients.google.com": (["android.l.google.com"], ["142.250.178.142"]),
    "play.googleapis.com": ([], ["142.250.75.234"]),
    "play-fe.googleapis.com": ([], ["142.250.179.106"]),
    "firebaseinstallations.googleapis.com": ([], ["216.58.214.170"]),
    "xtrapath1.izatcloud.net": (["d1w0wgnlpcdlcs.cloudfront.net"], ["18.66.2.40", "18.66.2.77"]),
    "dc.dqa.samsung.com": ([], ["54.229.14.202"]),
    "fota-cloud-dn.ospserver.net": (["fota-cloud-dn.ospserver.net.edgesuite.net", "a1809.dscd.akamai.net"], ["2.16.204.20"]),
    # a weather app with what its maker built in
    "webservice.meteofrance.com": ([], ["185.86.168.137"]),
    "app-measurement.com": ([], ["216.58.214.174"]),
    "firebase-settings.crashlytics.com": ([], ["142.250.179.99"]),
    "crashlyticsreports-pa.googleapis.com": ([], ["216.58.215.42"]),
    "googleads.g.doubleclick.net": ([], ["142.250.201.162"]),
    "pagead2.googlesyndication.com": ([], ["142.250.179.98"]),
    "launches.appsflyersdk.com": ([], ["13.225.25.60", "13.225.25.83"]),
    "mobile.smartadserver.com": ([], ["185.86.137.17"]),
    "sdk.privacy-center.org": (["d3vb6n2w8u4f1a.cloudfront.net"], ["18.66.2.91"]),
    # a newspaper in the browser
    "www.lemonde.fr": (["s2.shared.global.fastly.net"], ["151.101.2.137"]),
    "cloudflare-dns.com": ([], ["104.16.248.249"]),
    "logs1412.xiti.com": ([], ["52.211.10.14"]),
    "gum.criteo.com": (["gum.nl3.vip.prod.criteo.com"], ["178.250.1.11"]),
    "trc.taboola.com": (["tls13.taboola.map.fastly.net"], ["151.101.129.44"]),
    "aax-eu.amazon-adsystem.com": ([], ["52.95.120.20"]),
    "track.adform.net": ([], ["37.157.6.230"]),
    "fr.m.wikipedia.org": (["dyna.wikimedia.org"], ["185.15.58.224"]),
    # talking to people
    "chat.signal.org": ([], ["13.248.212.111", "76.223.92.165"]),
    "turn3.voip.signal.org": ([], ["34.149.140.80"]),
    "stun.l.google.com": ([], ["74.125.250.129"]),
    "mmg.whatsapp.net": (["mmx-ds.cdn.whatsapp.net"], ["157.240.202.60"]),
    "outlook.office365.com": (["ooc-g2.tm-4.office.com", "outlook.ms-acdc.office.com", "cdg-efz.ms-acdc.office.com"], ["52.98.207.2"]),
    "eu-mobile.events.data.microsoft.com": (["global.asimov.events.data.trafficmanager.net"], ["51.105.71.136"]),
    # videos and music
    "youtubei.googleapis.com": ([], ["142.250.74.234"]),
    "i.ytimg.com": ([], ["142.250.179.118"]),
    "rr4---sn-25ge7nzs.googlevideo.com": (["rr4.sn-25ge7nzs.googlevideo.com"], ["74.125.11.9"]),
    "apresolve.spotify.com": (["edge-web.dual-gslb.spotify.com"], ["35.186.224.25"]),
    "audio-ak-spotify-com.akamaized.net": (["a297.dscc.akamai.net"], ["23.55.163.50"]),
    # a game that lives on advertising
    "graph.facebook.com": (["api.facebook.com", "star.c10r.facebook.com"], ["157.240.202.1"]),
    "app.adjust.com": ([], ["185.151.204.11"]),
    "config.unityads.unity3d.com": ([], ["34.110.150.10"]),
    "cdp.cloud.unity3d.com": ([], ["34.110.229.214"]),
    "init.supersonicads.com": ([], ["52.211.48.120"]),
    "ms.applovin.com": ([], ["34.117.147.68"]),
    "config.ads.vungle.com": ([], ["54.229.200.31"]),
    "sessions.bugsnag.com": ([], ["35.190.88.7"]),
    "o447951.ingest.sentry.io": ([], ["34.120.195.249"]),
    "api.onesignal.com": (["api.onesignal.com.cdn.cloudflare.net"], ["104.17.111.223"]),
    "api2.amplitude.com": ([], ["52.36.10.71", "52.42.118.9"]),
    "api.mixpanel.com": ([], ["107.178.240.159"]),
}

# An address that a game asks for by number: no name leads to it.
NAMELESS = "88.198.54.77"

# Servers that speak no newer TLS than 1.2, and the names in their certificates.
TLS12 = {
    "outlook.office365.com": ["outlook.com", "*.office365.com", "*.outlook.com", "*.office.com", "outlook.office365.com"],
    "app.adjust.com": ["*.adjust.com", "adjust.com"],
    "webservice.meteofrance.com": ["*.meteofrance.com", "meteofrance.com"],
}

# Names that also answer over QUIC.
QUIC = [
    "www.google.com", "youtubei.googleapis.com", "i.ytimg.com", "rr4---sn-25ge7nzs.googlevideo.com",
    "graph.facebook.com", "googleads.g.doubleclick.net", "play.googleapis.com",
]

# Names whose HTTPS record offers HTTP/3 (for a browser's question of that kind).
HTTPS_RECORDS = {"www.lemonde.fr": b"\x02h2", "www.google.com": b"\x02h2\x02h3", "fr.m.wikipedia.org": None}

# One-way delay in milliseconds, by the first octets of an address. The rest is near.
FAR = {"13.248.": 46, "76.223.": 46, "52.36.": 71, "52.42.": 71, "107.178.": 52, "34.110.": 51, "35.190.": 12, "34.120.": 12}
NEAR = 9


def addresses():
    """Every address of the far network, once."""
    found = {a for _, those in NAMES.values() for a in those}
    return sorted(found | {NAMELESS})


def certificate_names(name):
    """What the certificate of a server says."""
    return TLS12.get(name) or [name, "*." + name.split(".", 1)[1]]


def delay(address):
    """Seconds that a packet to or from this address is under way."""
    return next((ms for start, ms in FAR.items() if address.startswith(start)), NEAR) / 1000
