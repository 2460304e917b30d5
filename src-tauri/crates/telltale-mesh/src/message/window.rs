//! Which numbers of a sender were seen: a window for each of its last starts, small enough to be written after each message.

use super::refusal::Refusal;

/// Numbers remembered of each start of a sender.
pub const NUMBERS: u64 = 4_096;
/// Starts remembered of each sender.
pub const BOOTS: usize = 4;

const WORDS: usize = 64;
const WORD_BITS: u64 = 64;
const _: () = assert!(WORDS as u64 * WORD_BITS == NUMBERS);

/// What a window says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// It was not seen.
    New,
    /// It was seen.
    Seen,
    /// It lies before the window, or its start is older than those that are remembered.
    TooOld,
}

/// The windows of one sender, newest start first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    boots: Vec<Start>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Start {
    boot: u64,
    /// The highest number seen.
    top: u64,
    /// One bit for each number above `top - NUMBERS`; number `n` has bit `n % NUMBERS`.
    bits: [u64; WORDS],
}

impl Window {
    /// What it says of a number; changes nothing.
    pub fn look(&self, boot: u64, seq: u64) -> Number {
        let Some(known) = self.boots.iter().find(|b| b.boot == boot) else {
            let older = self.boots.last().is_some_and(|oldest| boot < oldest.boot);
            return if older && self.boots.len() >= BOOTS {
                Number::TooOld
            } else {
                Number::New
            };
        };
        known.look(seq)
    }

    /// Remembers a number; one that is too old changes nothing.
    pub fn take(&mut self, boot: u64, seq: u64) {
        if self.look(boot, seq) != Number::New {
            return;
        }
        if let Some(known) = self.boots.iter_mut().find(|b| b.boot == boot) {
            known.take(seq);
            return;
        }
        let at = self.boots.partition_point(|b| b.boot > boot);
        let mut new = Start {
            boot,
            top: seq,
            bits: [0; WORDS],
        };
        new.set(seq);
        self.boots.insert(at, new);
        self.boots.truncate(BOOTS);
    }

    /// As it is stored; at most 2,112 octets.
    pub fn to_bytes(&self) -> Vec<u8> {
        let words = self
            .boots
            .iter()
            .flat_map(|b| [b.boot, b.top].into_iter().chain(b.bits));
        words.flat_map(u64::to_le_bytes).collect()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let (words, rest) = bytes.as_chunks::<8>();
        let (boots, cut) = words.as_chunks::<{ WORDS + 2 }>();
        let boots: Vec<Start> = boots.iter().map(Start::read).collect();
        let ordered = boots.is_sorted_by(|a, b| a.boot > b.boot);
        if !rest.is_empty() || !cut.is_empty() || boots.len() > BOOTS || !ordered {
            return Err(Refusal::Malformed);
        }
        Ok(Self { boots })
    }
}

impl Start {
    fn read(words: &[[u8; 8]; WORDS + 2]) -> Self {
        let [boot, top, rest @ ..] = words;
        Self {
            boot: u64::from_le_bytes(*boot),
            top: u64::from_le_bytes(*top),
            bits: rest.map(u64::from_le_bytes),
        }
    }

    fn look(&self, seq: u64) -> Number {
        if seq > self.top {
            return Number::New;
        }
        if self.top - seq >= NUMBERS {
            return Number::TooOld;
        }
        let (word, bit) = place(seq);
        if self.bits[word] & bit == 0 {
            Number::New
        } else {
            Number::Seen
        }
    }

    fn take(&mut self, seq: u64) {
        if seq > self.top {
            if seq - self.top >= NUMBERS {
                self.bits = [0; WORDS];
            } else {
                for passed in self.top + 1..seq {
                    let (word, bit) = place(passed);
                    self.bits[word] &= !bit;
                }
            }
            self.top = seq;
        }
        self.set(seq);
    }

    fn set(&mut self, seq: u64) {
        let (word, bit) = place(seq);
        self.bits[word] |= bit;
    }
}

/// The word and the bit of a number.
const fn place(seq: u64) -> (usize, u64) {
    let n = seq % NUMBERS;
    ((n / WORD_BITS) as usize, 1 << (n % WORD_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_number_is_new_once() {
        let mut window = Window::default();
        for seq in [5, 3, 4, 9, 1] {
            assert_eq!(window.look(7, seq), Number::New);
            window.take(7, seq);
            assert_eq!(window.look(7, seq), Number::Seen);
        }
        assert_eq!(window.look(7, 2), Number::New, "a gap may still be filled");
        assert_eq!(window.look(8, 5), Number::New, "another start counts anew");
    }

    #[test]
    fn what_lies_before_the_window_is_too_old() {
        let mut window = Window::default();
        window.take(1, 10);
        window.take(1, 10 + NUMBERS - 1);
        assert_eq!(window.look(1, 10), Number::Seen);
        window.take(1, 10 + NUMBERS);
        assert_eq!(window.look(1, 10), Number::TooOld);
        assert_eq!(window.look(1, 11), Number::New, "passed over, and its old bit is gone");
        window.take(1, u64::MAX);
        assert_eq!(window.look(1, u64::MAX - 1), Number::New);
        assert_eq!(window.look(1, 0), Number::TooOld);
        window.take(1, 0);
        assert_eq!(window.look(1, 0), Number::TooOld);
    }

    #[test]
    fn old_starts_are_forgotten_and_refused() {
        let mut window = Window::default();
        for boot in [10, 20, 30, 40] {
            window.take(boot, 1);
        }
        assert_eq!(window.look(5, 1), Number::TooOld);
        assert_eq!(window.look(15, 1), Number::New, "between those that are remembered");
        window.take(50, 1);
        assert_eq!(window.look(10, 2), Number::TooOld);
        assert_eq!(window.look(20, 1), Number::Seen);
        assert_eq!(window.boots.len(), BOOTS);
    }

    /// Against a plain set, over numbers in a disorder that is the same in each run.
    #[test]
    fn it_agrees_with_a_set_of_all_numbers() {
        let mut window = Window::default();
        let mut all = BTreeSet::new();
        let mut top = 0_u64;
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for round in 0..60_000_u64 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let seq = (round / 2 + state % 9_000).saturating_sub(state % 5_000);
            let wanted = if seq > top {
                Number::New
            } else if top - seq >= NUMBERS {
                Number::TooOld
            } else if all.contains(&seq) {
                Number::Seen
            } else {
                Number::New
            };
            assert_eq!(
                window.look(3, seq),
                wanted,
                "round {round}, number {seq}, highest {top}"
            );
            window.take(3, seq);
            if wanted == Number::New {
                all.insert(seq);
                top = top.max(seq);
            }
        }
    }

    #[test]
    fn it_is_stored_and_read_again() {
        let mut window = Window::default();
        for n in 0..5_000 {
            window.take(1 + n % 6, n * 3);
        }
        let bytes = window.to_bytes();
        assert_eq!(bytes.len(), BOOTS * (WORDS + 2) * 8);
        assert_eq!(Window::from_bytes(&bytes), Ok(window));
        assert_eq!(Window::from_bytes(&[]), Ok(Window::default()));
        for cut in 1..bytes.len() {
            let _ = Window::from_bytes(&bytes[..cut]);
        }
        assert!(Window::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Window::from_bytes(&[bytes.clone(), bytes].concat()).is_err());
    }
}
