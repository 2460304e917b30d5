//! Small tests that tell a protocol by its first octets, where Telltale needs no more than its name.
//!
//! Called by `telltale-core` with a UDP payload, and the port where the function asks for it. Each says what else may look the
//! same. Never here: a protocol of which fields are read; that gets a module of its own.

/// NTP, versions 1 to 4.
pub fn ntp(payload: &[u8]) -> bool {
    let _ = payload;
    false
}

/// `WireGuard`.
pub fn wireguard(payload: &[u8]) -> bool {
    let _ = payload;
    false
}

/// `OpenVPN` over UDP.
pub fn openvpn(payload: &[u8]) -> bool {
    let _ = payload;
    false
}

/// IKE (RFC 7296) on port 500, or IKE and ESP in UDP (RFC 3948) on port 4500.
pub fn ike_or_esp(payload: &[u8], port: u16) -> bool {
    let _ = (payload, port);
    false
}

/// SSDP, the search for devices in the house (`UPnP`).
pub fn ssdp(payload: &[u8]) -> bool {
    let _ = payload;
    false
}
