"""HTTPS records (RFC 9460) for dnslib, written out octet by octet."""

from dnslib import RD, RR


def https_record(name, alpn, ttl, hints=(), hints6=()):
    """Priority 1, the name itself, its protocols (`alpn` as on the wire) and address hints."""
    value = b"\x00\x01\x00"
    value += b"\x00\x01" + len(alpn).to_bytes(2, "big") + alpn
    for key, those in ((4, hints), (6, hints6)):
        if those:
            joined = b"".join(those)
            value += key.to_bytes(2, "big") + len(joined).to_bytes(2, "big") + joined
    return RR(name, 65, ttl=ttl, rdata=RD(value))
