"""Packets for floods: a small capture of many flows, and what tcpreplay says of having sent it."""

import re
import socket
import struct

FLOWS, PER_FLOW, SIZE = 500, 10, 120


def checksum(header):
    """The Internet checksum (RFC 1071)."""
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total >> 16) + (total & 0xFFFF)
    return 0xFFFF - ((total >> 16) + total & 0xFFFF)


def packet(phone, phone_mac, gateway_mac, flow):
    """A UDP datagram of the phone to a stranger, without a checksum of its own (RFC 768 allows it)."""
    body = struct.pack(">HHHH", 20000 + flow, 40000, SIZE - 34, 0) + bytes(SIZE - 42)
    fields = [0x45, 0, 20 + len(body), flow & 0xFFFF, 0, 64, 17, 0]
    ends = socket.inet_aton(phone) + socket.inet_aton(f"198.51.100.{200 + flow % 50}")
    head = struct.pack(">BBHHHBBH", *fields) + ends
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    macs = bytes.fromhex(gateway_mac.replace(":", "")) + bytes.fromhex(phone_mac.replace(":", ""))
    return macs + b"\x08\x00" + head + body


def write(path, phone, phone_mac, gateway_mac):
    """Writes the capture; gives how many packets are in it."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for turn in range(PER_FLOW):
            for flow in range(FLOWS):
                data = packet(phone, phone_mac, gateway_mac, flow)
                file.write(struct.pack("<IIII", 1_700_000_000 + turn, flow, len(data), len(data)) + data)
    return FLOWS * PER_FLOW


def sent(told):
    """Packets that went out, as tcpreplay says."""
    return int(re.search(r"Successful packets:\s+(\d+)", told).group(1))
