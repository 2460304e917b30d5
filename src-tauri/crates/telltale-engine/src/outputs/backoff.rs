//! How long is waited before something is tried again, and when it is given up. Pure: chance is an argument.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait: a server that was away for a night is found a quarter of an hour later at most.
pub(super) const LONGEST: Duration = Duration::from_mins(15);
/// Tries before it is given up: they take a day. They are counted, not timed, so that neither a clock that is moved nor a computer that
/// sleeps gives anything up.
pub(super) const MAX_TRIES: u32 = 128;

/// The wait after so many tries that failed, at least one; `None`: it is given up. `chance` (a random number) spreads the waits
/// over the upper quarter, so that many senders do not meet a server that came back in one moment.
pub(super) fn wait(tries: u32, chance: u32) -> Option<Duration> {
    if tries >= MAX_TRIES {
        return None;
    }
    let doubled = 1_u32 << tries.saturating_sub(1).min(16);
    let full = FIRST.saturating_mul(doubled).min(LONGEST);
    let quarter = full / 4;
    Some(quarter * 3 + quarter.mul_f64(f64::from(chance) / f64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_until_the_longest() {
        let seconds: Vec<u64> = (1..=12).filter_map(|n| Some(wait(n, u32::MAX)?.as_secs())).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(wait(0, u32::MAX), Some(FIRST));
    }

    #[test]
    fn it_is_given_up_after_a_day() {
        assert_eq!(wait(MAX_TRIES, 0), None);
        assert_eq!(wait(u32::MAX, 0), None);
        for chance in [0, u32::MAX] {
            let all: Duration = (1..MAX_TRIES).filter_map(|n| wait(n, chance)).sum();
            let hours = all.as_secs() / 3_600;
            assert!((21..=30).contains(&hours), "{hours} hours");
        }
    }

    #[test]
    fn chance_spreads_over_the_upper_quarter() {
        assert_eq!(wait(3, 0), Some(Duration::from_secs(6)));
        let half = wait(3, u32::MAX / 2).expect("not given up");
        assert!(
            half > Duration::from_secs(6) && half < Duration::from_secs(8),
            "{half:?}"
        );
    }
}
