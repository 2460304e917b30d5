//! How long a link waits before it is tried again: longer each time, and never all agents at once. Pure: chance is an argument.

use std::time::Duration;

/// The first wait at most.
const FIRST: Duration = Duration::from_millis(600);
/// The longest wait; a server that was away for an hour has everybody back a minute later.
const LONGEST: Duration = Duration::from_mins(1);

/// The wait before the next try, after `tries` that failed (0: the link stood until now). `chance` is a random number; it spreads
/// the waits over the upper half, so that a server that comes back is not met by everybody in one moment.
pub(super) fn wait(tries: u32, chance: u32) -> Duration {
    let full = FIRST.saturating_mul(1_u32 << tries.min(10)).min(LONGEST);
    let half = full / 2;
    half + half.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_until_the_longest() {
        let most: Vec<u128> = (0..9).map(|tries| wait(tries, u32::MAX).as_millis()).collect();
        assert_eq!(most, [600, 1200, 2400, 4800, 9600, 19_200, 38_400, 60_000, 60_000]);
        assert_eq!(wait(u32::MAX, u32::MAX), LONGEST);
    }

    #[test]
    fn chance_spreads_over_the_upper_half() {
        assert_eq!(wait(7, 0), LONGEST / 2);
        assert!(wait(7, u32::MAX / 2) > LONGEST / 2 && wait(7, u32::MAX / 2) < LONGEST);
    }
}
