//! Tokens: how they are made, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest as ring_digest};
use ring::rand::{SecureRandom, SystemRandom};

/// A digest of a token. A token has 256 random bits, so that a plain digest cannot be turned back.
pub(super) type Digest = [u8; SHA256_OUTPUT_LEN];

/// What a token begins with, so that one that turns up in a file or a log is known for what it is.
const PREFIX: &str = "telltale-";
const RANDOM_OCTETS: usize = 32;
/// Letters of a token at most; longer ones are not looked at.
pub(super) const MAX_LETTERS: usize = 200;

/// A new one; `None`: the system has no random numbers.
pub(super) fn make() -> Option<String> {
    let mut octets = [0_u8; RANDOM_OCTETS];
    SystemRandom::new().fill(&mut octets).ok()?;
    Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(octets)))
}

/// What is kept of a token.
pub(super) fn digest(token: &str) -> Digest {
    sha256(token.as_bytes())
}

/// SHA-256.
pub(super) fn sha256(octets: &[u8]) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(ring_digest(&SHA256, octets).as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same_and_each_can_stand_in_a_header() {
        let (one, other) = (make().expect("random"), make().expect("random"));
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + 43);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
        assert_ne!(digest(&one), digest(&other));
    }
}
