//! STUN (RFC 8489), which calls use to find a way through address translation; TURN is an extension of it.
//!
//! Called by `telltale-core` with UDP payloads. Never here: which call it belongs to.

/// True when `payload` begins with a STUN header: two leading zero bits, a length that is a multiple of 4, the magic cookie
/// (RFC 8489 section 5). False positives: one in 2^36 random payloads. The form of 2003 without cookie (RFC 3489) is not
/// recognised: it looks like anything.
#[inline]
pub fn is_stun(payload: &[u8]) -> bool {
    let Some([first, _, _, len, 0x21, 0x12, 0xa4, 0x42, ..]) = payload.first_chunk::<20>() else {
        return false;
    };
    first >> 6 == 0 && len.is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_request_is_recognised() {
        let mut request = *b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
        assert!(is_stun(&request));
        assert!(!is_stun(&request[..19]));
        request[3] = 2;
        assert!(!is_stun(&request));
        request[3] = 4;
        request[0] = 0x40; // TURN's channel data
        assert!(!is_stun(&request));
        assert!(!is_stun(b"\0\x01\0\0\x21\x12\xa4\x43abcdefghijkl"));
    }
}
