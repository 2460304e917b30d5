//! Name and password of a hotspot: made up, and checked.
//!
//! Called by [`crate::Network::start`] and the engine. Randomness is the operating system's.

use crate::HotspotError;

/// Letters and digits that nobody takes for one another: no `0 o`, `1 l i`. Lower case only: phones begin a word in upper case.
const PASSWORD_LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// The same for the network's name, in upper case.
const NAME_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Groups of a password, and letters of each: 16 letters of 31 are 79 bits.
const GROUPS: usize = 4;
const GROUP: usize = 4;

/// A name and a password nobody has used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// `Telltale-7F3K`: what follows the dash keeps two computers apart.
    pub ssid: String,
    /// Four groups of four, 79 bits.
    pub password: String,
}

/// Why a name or password cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WishFault {
    /// The name is empty.
    #[error("the name is empty")]
    NameEmpty,
    /// The name has more than 32 octets.
    #[error("the name is longer than 32 octets")]
    NameTooLong,
    /// The name has a control character, which a phone cannot show.
    #[error("the name has a character that cannot be shown")]
    NameUnprintable,
    /// Fewer than 8 characters.
    #[error("the password has fewer than 8 characters")]
    PasswordTooShort,
    /// More than 63 characters.
    #[error("the password has more than 63 characters")]
    PasswordTooLong,
    /// WPA takes letters, digits and signs of ASCII alone.
    #[error("the password has a character that Wi-Fi passwords cannot have")]
    PasswordUnprintable,
}

/// Makes up a name and a strong password.
pub fn suggest() -> Result<Suggestion, HotspotError> {
    let mut password = String::with_capacity(GROUPS * (GROUP + 1));
    for group in 0..GROUPS {
        if group > 0 {
            password.push('-');
        }
        letters(PASSWORD_LETTERS, GROUP, &mut password)?;
    }
    let mut ssid = "Telltale-".to_owned();
    letters(NAME_LETTERS, 4, &mut ssid)?;
    Ok(Suggestion { ssid, password })
}

/// Appends `count` letters of `alphabet` (at most 32 of them), each equally likely.
fn letters(alphabet: &[u8], count: usize, into: &mut String) -> Result<(), HotspotError> {
    let full = into.len() + count;
    while into.len() < full {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|e| HotspotError::System(e.to_string()))?;
        // Five bits a letter; what lies behind the alphabet is thrown away, so that no letter is likelier.
        let drawn = bytes.iter().filter_map(|b| alphabet.get(usize::from(b & 31)));
        into.extend(drawn.take(full - into.len()).map(|b| char::from(*b)));
    }
    Ok(())
}

/// Checks the name of a network: IEEE 802.11 allows 1 to 32 octets.
pub fn check_ssid(ssid: &str) -> Result<(), WishFault> {
    match ssid.len() {
        0 => Err(WishFault::NameEmpty),
        33.. => Err(WishFault::NameTooLong),
        _ if ssid.chars().any(char::is_control) => Err(WishFault::NameUnprintable),
        _ => Ok(()),
    }
}

/// Checks a WPA passphrase: IEEE 802.11 J.4 allows 8 to 63 characters of printable ASCII. (64 hexadecimal digits are a key.)
pub fn check_password(password: &str) -> Result<(), WishFault> {
    if !password.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Err(WishFault::PasswordUnprintable);
    }
    match password.len() {
        0..8 => Err(WishFault::PasswordTooShort),
        64.. => Err(WishFault::PasswordTooLong),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_suggestion_is_usable_and_never_the_same() {
        let mut seen = BTreeSet::new();
        for _ in 0..500 {
            let made = suggest().expect("random bytes");
            assert_eq!(
                (check_ssid(&made.ssid), check_password(&made.password)),
                (Ok(()), Ok(()))
            );
            assert_eq!((made.ssid.len(), made.password.len()), (13, 19));
            assert!(made.password.split('-').all(|g| g.len() == 4), "{}", made.password);
            assert!(seen.insert(made.password), "the same password twice");
        }
    }

    #[test]
    fn a_password_has_60_bits_and_every_letter_is_drawn() {
        let count = u16::try_from(PASSWORD_LETTERS.len()).expect("few");
        let bits = f64::from(count).log2() * 16.0;
        assert!(bits >= 60.0, "{bits}");
        for alphabet in [PASSWORD_LETTERS, NAME_LETTERS] {
            assert!(alphabet.len() <= 32);
            assert!(!alphabet.iter().any(|b| b"01oOiIl".contains(b) && !b"L".contains(b)));
            let mut drawn = String::new();
            letters(alphabet, 31_000, &mut drawn).expect("random bytes");
            for letter in alphabet {
                let n = drawn.bytes().filter(|b| b == letter).count();
                // About 1,000 each; twelve standard deviations never happen.
                assert!((600..1_400).contains(&n), "{} was drawn {n} times", char::from(*letter));
            }
        }
    }

    #[test]
    fn names_and_passwords_that_wifi_does_not_know_are_refused() {
        assert_eq!(check_ssid(""), Err(WishFault::NameEmpty));
        assert_eq!(check_ssid(&"a".repeat(32)), Ok(()));
        assert_eq!(check_ssid(&"a".repeat(33)), Err(WishFault::NameTooLong));
        assert_eq!(check_ssid(&"é".repeat(16)), Ok(()));
        assert_eq!(check_ssid(&"é".repeat(17)), Err(WishFault::NameTooLong));
        assert_eq!(check_ssid("a\nb"), Err(WishFault::NameUnprintable));
        assert_eq!(check_password("1234567"), Err(WishFault::PasswordTooShort));
        assert_eq!(check_password(&"~".repeat(63)), Ok(()));
        assert_eq!(check_password(&"f".repeat(64)), Err(WishFault::PasswordTooLong));
        assert_eq!(check_password("motdepassé"), Err(WishFault::PasswordUnprintable));
        assert_eq!(check_password("tab\tulator"), Err(WishFault::PasswordUnprintable));
    }
}
