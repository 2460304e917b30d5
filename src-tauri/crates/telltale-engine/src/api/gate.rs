//! The gate: who is let in, how fast, and what was let in and refused so far.
//!
//! Asked for each request before anything of it is read but its head. Time is an argument.

use super::token::{self, Digest};
use crate::store::StoredToken;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use telltale_core::model::Timestamp;
use telltale_mesh::message::{Bucket, Rate};

/// Requests of one token. A probe that reports twice a second needs two; a flood must not keep the others out.
pub(super) const RATE: Rate = Rate { per_s: 50, burst: 200 };
/// Requests without a valid token, all senders together: the description and the page to try it need a handful.
pub(super) const RATE_OF_STRANGERS: Rate = Rate { per_s: 20, burst: 60 };
/// Nanoseconds after which it is noted again that a token is used: not a write for each request.
const USED_AGAIN: i64 = 30_000_000_000;

/// See the module.
#[derive(Default)]
pub(super) struct Gate {
    /// By digest: looking a digest up tells nothing of the token, whatever time it takes.
    tokens: RwLock<HashMap<Digest, Arc<Holder>>>,
    strangers: Mutex<Option<Bucket>>,
    answered: AtomicU32,
    refused: AtomicU32,
    told: AtomicBool,
}

/// Who holds a token.
pub(super) struct Holder {
    /// The token's name.
    pub(super) name: String,
    bucket: Mutex<Bucket>,
    used: AtomicI64,
}

impl Holder {
    /// The agent of the results that come with this token.
    pub(super) fn agent(&self) -> String {
        format!("http:{}", self.name)
    }

    /// Whether one more request is let in now.
    pub(super) fn may(&self, now: Timestamp) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(RATE, now)
    }

    /// Whether it should be noted that the token is used.
    pub(super) fn is_news(&self, now: Timestamp) -> bool {
        let last = self.used.load(Ordering::Relaxed);
        let news = now.0.abs_diff(last) >= USED_AGAIN.unsigned_abs();
        news && self
            .used
            .compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

impl Gate {
    /// These tokens are let in from now on, and no others. What is left of a token's rate is not given anew.
    pub(super) fn let_in(&self, tokens: Vec<StoredToken>, now: Timestamp) {
        let mut list = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *list);
        for stored in tokens {
            let Ok(digest) = Digest::try_from(stored.digest.as_slice()) else {
                continue;
            };
            let holder = before.remove(&digest).unwrap_or_else(|| {
                Arc::new(Holder {
                    name: stored.token.name,
                    bucket: Mutex::new(Bucket::full(RATE, now)),
                    used: AtomicI64::new(stored.token.used.map_or(0, |t| t.0)),
                })
            });
            list.insert(digest, holder);
        }
    }

    /// Who holds the token of an `Authorization` header: `Bearer TOKEN`, or `Basic` with the token as the password, whatever the name.
    pub(super) fn holder(&self, authorization: &str) -> Option<Arc<Holder>> {
        let (scheme, rest) = authorization.trim().split_once(' ')?;
        let token = if scheme.eq_ignore_ascii_case("bearer") {
            rest.trim().to_owned()
        } else if scheme.eq_ignore_ascii_case("basic") && rest.len() <= 4 * token::MAX_LETTERS {
            let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
            pair.split_once(':')?.1.to_owned()
        } else {
            return None;
        };
        if token.len() > token::MAX_LETTERS {
            return None;
        }
        let list = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        list.get(&token::digest(&token)).cloned()
    }

    /// Whether this holder's token is still let in.
    pub(super) fn knows(&self, holder: &Arc<Holder>) -> bool {
        let list = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        list.values().any(|known| Arc::ptr_eq(known, holder))
    }

    /// Whether one more request without a token is let in now.
    pub(super) fn stranger_may(&self, now: Timestamp) -> bool {
        let mut bucket = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        bucket
            .get_or_insert_with(|| Bucket::full(RATE_OF_STRANGERS, now))
            .take(RATE_OF_STRANGERS, now)
    }

    /// Counts an answer; `true`: it is time to tell that the counts have changed, and [`Self::told`] is to be called then.
    pub(super) fn count(&self, refused: bool) -> bool {
        let counter = if refused { &self.refused } else { &self.answered };
        counter.fetch_add(1, Ordering::Relaxed);
        !self.told.swap(true, Ordering::Relaxed)
    }

    /// The counts that are asked for from now on are told.
    pub(super) fn told(&self) {
        self.told.store(false, Ordering::Relaxed);
    }

    /// Answered, and refused, since the program began.
    pub(super) fn counts(&self) -> (u32, u32) {
        (
            self.answered.load(Ordering::Relaxed),
            self.refused.load(Ordering::Relaxed),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::HttpToken;

    fn gate() -> Gate {
        let stored = |name: &str, token: &str| StoredToken {
            digest: token::digest(token).to_vec(),
            token: HttpToken {
                name: name.to_owned(),
                made: Timestamp(0),
                used: None,
            },
        };
        let gate = Gate::default();
        gate.let_in(vec![stored("one", "aaa"), stored("two", "b:b")], Timestamp(0));
        gate
    }

    #[test]
    fn a_token_is_known_as_bearer_and_as_a_password() {
        let gate = gate();
        let name = |header: &str| gate.holder(header).map(|h| h.name.clone());
        assert_eq!(name("Bearer aaa").as_deref(), Some("one"));
        assert_eq!(name("bearer  aaa ").as_deref(), Some("one"));
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        assert_eq!(name(&basic("admin:aaa")).as_deref(), Some("one"));
        assert_eq!(name(&basic(":b:b")).as_deref(), Some("two"), "a colon in the password");
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer aab",
            "Digest aaa",
            "aaa",
            "Basic aaa",
            "Basic !!!",
        ] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
        assert_eq!(name(&basic("aaa:")), None, "a token as the name");
        assert_eq!(name(&format!("Bearer {}", "a".repeat(10_000))), None);
    }

    #[test]
    fn a_flood_of_one_token_keeps_no_other_out() {
        let gate = gate();
        let one = gate.holder("Bearer aaa").expect("known");
        let let_in = (0..1_000).filter(|_| one.may(Timestamp(0))).count();
        assert_eq!(let_in, RATE.burst as usize);
        assert!(gate.holder("Bearer b:b").expect("known").may(Timestamp(0)));
        assert!(gate.stranger_may(Timestamp(0)));
        assert!(one.may(Timestamp(1_000_000_000)), "a second later it may again");
    }

    #[test]
    fn a_removed_token_is_let_in_no_more_and_the_rate_of_the_others_stays() {
        let gate = gate();
        let one = gate.holder("Bearer aaa").expect("known");
        while one.may(Timestamp(0)) {}
        let stored = StoredToken {
            digest: token::digest("aaa").to_vec(),
            token: HttpToken {
                name: "one".to_owned(),
                made: Timestamp(0),
                used: None,
            },
        };
        gate.let_in(vec![stored], Timestamp(0));
        assert!(gate.holder("Bearer b:b").is_none());
        assert!(!gate.holder("Bearer aaa").expect("known").may(Timestamp(0)));
    }

    #[test]
    fn that_a_token_is_used_is_noted_now_and_then() {
        let gate = gate();
        let one = gate.holder("Bearer aaa").expect("known");
        let at = Timestamp(1_700_000_000_000_000_000);
        assert!(one.is_news(at));
        assert!(!one.is_news(Timestamp(at.0 + 1_000_000_000)));
        assert!(
            one.is_news(Timestamp(at.0 - 3_600_000_000_000)),
            "also after the clock was put back"
        );
    }
}
