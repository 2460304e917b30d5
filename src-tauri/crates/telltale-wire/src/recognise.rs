//! Small tests that tell a protocol by its first octets, where Telltale needs no more than its name.
//!
//! Called by `telltale-core` with a UDP payload or the start of a TCP stream. Each says what else may look the same: where
//! that is much, ask only on the protocol's own port. Never here: a protocol of which fields are read; that gets a
//! module of its own.

/// NTP (RFC 5905), versions 1 to 4: time. False positives: one in about 20 payloads of 48 octets or more; ask on port 123.
pub fn ntp(payload: &[u8]) -> bool {
    let [first, stratum, ..] = payload else { return false };
    let (version, mode) = (first >> 3 & 7, first & 7);
    payload.len() >= 48 && matches!(version, 1..=4) && matches!(mode, 1..=5) && *stratum <= 16
}

/// `WireGuard`: handshake messages by type and exact length, transport data by type and padding. False positives: one in
/// 2^36 random payloads. Not seen: Cloudflare's variant, which writes into the three zero octets.
pub fn wireguard(payload: &[u8]) -> bool {
    match (payload, payload.len()) {
        ([1, 0, 0, 0, ..], 148) | ([2, 0, 0, 0, ..], 92) | ([3, 0, 0, 0, ..], 64) => true,
        ([4, 0, 0, 0, ..], len) => len >= 32 && len.is_multiple_of(16),
        _ => false,
    }
}

/// `OpenVPN` over UDP, by the first message of either side (hard reset, key 0): bare, with `tls-auth`, or with `tls-crypt`.
/// False positives: under one in 2^36 random payloads. Data messages look like anything; the flow is known by its start.
pub fn openvpn(payload: &[u8]) -> bool {
    // The first packet number against replay, and a time since 2010.
    let first_replay = |at: usize| matches!(payload.get(at..), Some([0, 0, 0, 1, 0x4b..=0xff, ..]));
    match payload.first() {
        // To the server, versions 2 and 3: opcode and key, session 8, ..., acknowledgements 0, message 0.
        Some(0x38 | 0x50) => {
            let bare_end = payload.ends_with(&[0; 5]);
            match payload.len() {
                14 => bare_end,
                42..54 => bare_end && first_replay(payload.len().saturating_sub(13)),
                54.. => first_replay(9) || bare_end && first_replay(payload.len().saturating_sub(13)),
                _ => false,
            }
        }
        // To the client: session 8, one acknowledgement of message 0, the client's session, message 0.
        Some(0x40) => {
            let bare =
                payload.len() == 26 && payload.get(9..14) == Some(&[1, 0, 0, 0, 0]) && payload.ends_with(&[0; 4]);
            bare || payload.len() >= 54 && first_replay(9)
        }
        _ => false,
    }
}

/// `OpenVPN` over TCP: the same behind a two-octet length.
pub fn openvpn_stream(stream: &[u8]) -> bool {
    crate::Reader::new(crate::Layer::Transport, stream)
        .vec_u16()
        .is_ok_and(openvpn)
}

/// IKE (RFC 7296) on port 500, or IKE, ESP and keep-alives in UDP (RFC 3948) on port 4500. False positives: on port 500 one
/// in 2^40, on port 4500 whatever else uses that port, because ESP is encrypted from its first octets on.
pub fn ike_or_esp(payload: &[u8], port: u16) -> bool {
    match port {
        500 => ike(payload),
        4500 => match payload {
            [0xff] => true,
            [0, 0, 0, 0, rest @ ..] => ike(rest),
            // Security parameter index (up to 255 is reserved), sequence number, at least one cipher block.
            [a, b, c, _, ..] => payload.len() >= 24 && [*a, *b, *c] != [0; 3],
            _ => false,
        },
        _ => false,
    }
}

/// An IKE header: the initiator's index, version 1 or 2, an exchange type in use, the length of the message.
fn ike(message: &[u8]) -> bool {
    let Some([spi @ .., _, version, exchange, _, _, _, _, _, l0, l1, l2, l3]) = message.first_chunk::<28>() else {
        return false;
    };
    let len = u32::from_be_bytes([*l0, *l1, *l2, *l3]);
    matches!((version, exchange), (0x10, 2 | 4 | 5 | 6 | 32 | 33) | (0x20, 34..=44))
        && spi.first_chunk() != Some(&[0_u8; 8])
        && u32::try_from(message.len()) == Ok(len)
}

/// SSDP (`UPnP` Device Architecture 2.0 section 1): the search for devices in the house. False positives: other HTTP over
/// UDP; ask on port 1900.
pub fn ssdp(payload: &[u8]) -> bool {
    [&b"M-SEARCH * HTTP/1."[..], b"NOTIFY * HTTP/1.", b"HTTP/1.1 200 "]
        .iter()
        .any(|start| payload.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_is_told_by_version_mode_and_length() {
        let mut request = [0; 48];
        request[0] = 0x23; // version 4, client
        assert!(ntp(&request));
        assert!(!ntp(&request[..47]));
        request[0] = 0x07;
        assert!(!ntp(&request), "version 0");
        request[0] = 0x27;
        assert!(!ntp(&request), "mode 7");
        request[..2].copy_from_slice(&[0x24, 17]);
        assert!(!ntp(&request), "stratum 17");
    }

    #[test]
    fn wireguard_is_told_by_type_and_length() {
        let message = |kind, len| {
            let mut message = vec![7; len];
            message[..4].copy_from_slice(&[kind, 0, 0, 0]);
            wireguard(&message)
        };
        assert!(message(1, 148) && message(2, 92) && message(3, 64) && message(4, 32) && message(4, 1408));
        assert!(!message(1, 147) && !message(2, 148) && !message(4, 33) && !message(4, 16) && !message(5, 64));
        assert!(!wireguard(&[1; 148]));
    }

    #[test]
    fn openvpn_is_told_by_its_first_message() {
        let bare = b"\x38abcdefgh\0\0\0\0\0";
        assert!(openvpn(bare) && openvpn_stream(b"\0\x0e\x38abcdefgh\0\0\0\0\0"));
        assert!(!openvpn(b"\x38abcdefgh\0\0\0\0\x01") && !openvpn(b"\x39abcdefgh\0\0\0\0\0") && !openvpn_stream(bare));
        let mut signed = b"\x38abcdefgh12345678901234567890\0\0\0\x01time\0\0\0\0\0".to_vec();
        assert!(openvpn(&signed));
        signed[29] = 9;
        assert!(!openvpn(&signed));
        let mut crypt = b"\x38abcdefgh\0\0\0\x01".to_vec();
        crypt.resize(54, 0x5a);
        assert!(openvpn(&crypt));
        crypt[13] = b'1'; // a DNS question for 1.0.0.127.in-addr.arpa
        assert!(!openvpn(&crypt));
        assert!(openvpn(b"\x40abcdefgh\x01\0\0\0\0ABCDEFGH\0\0\0\0"));
        assert!(!openvpn(b"\x40abcdefgh\x02\0\0\0\0ABCDEFGH\0\0\0\0"));
        assert!(!openvpn(b""));
    }

    #[test]
    fn ike_and_esp_are_told_by_port() {
        let mut ike = b"initiatr\0\0\0\0\0\0\0\0\x21\x20\x22\x08\0\0\0\0\0\0\0\x20more".to_vec();
        assert!(ike_or_esp(&ike, 500) && !ike_or_esp(&ike, 501));
        let marked = [&[0; 4][..], &ike].concat();
        assert!(ike_or_esp(&marked, 4500));
        assert!(ike_or_esp(&[0xff], 4500) && !ike_or_esp(&[0xfe], 4500));
        assert!(ike_or_esp(&[0x5a; 60], 4500) && !ike_or_esp(&[0, 0, 0, 9, 1], 4500));
        ike[27] = 0x21;
        assert!(!ike_or_esp(&ike, 500), "a wrong length");
        ike[27] = 0x20;
        ike[..8].fill(0);
        assert!(!ike_or_esp(&ike, 500), "no initiator");
    }

    #[test]
    fn ssdp_is_told_by_its_first_line() {
        assert!(ssdp(b"M-SEARCH * HTTP/1.1\r\n") && ssdp(b"NOTIFY * HTTP/1.1\r\n") && !ssdp(b"GET / HTTP/1.1\r\n"));
    }
}
