//! The scores: how an audit becomes a grade, with every point traceable to rows.
//!
//! Called by [`crate::audit`], and by the engine when the user changes Pandore's numbers. Never here: words for people (window
//! and report put the keys into words), a table, a clock.
//!
//! # Grades
//! Points run from 0 (best) to 100 (worst): A below 20, B below 40, C below 60, D below 80, E from 80. Nothing seen: no grade.
//!
//! # `telltale/1`
//! The sum of these reasons; servers on the local network do not count. Only servers with a purpose of the group *follows*
//! weigh heavily, those that *measure* weigh little, those that are *needed* nothing.
//!
//! | key | `value` | most | how |
//! |---|---|---|---|
//! | `following_companies` | companies that follow across apps | 30 | the first weighs 6, each further one 4/5 of the one before |
//! | `following_flows` | their share of all flows, percent | 20 | in proportion, full from 50 % |
//! | `following_sent` | their share of all octets that left the device, percent | 10 | in proportion, full from 25 % |
//! | `profiling_companies` | companies of these that trade profiles | 10 | the first weighs 5, each further one half of the one before |
//! | `measuring_companies` | companies that measure and do not follow | 10 | the first weighs 2, each further one 4/5 |
//! | `clear_text_servers` | servers that were spoken to in clear text | 10 | the first weighs 2, each further one 4/5 |
//! | `unnamed_bytes` | share of octets to addresses without a name or a known service, percent | 5 | in proportion, full from 50 % |
//! | `companies` | companies in all | 5 | in proportion, full from 50 |
//!
//! *A company* is a name; a server that is only known to follow or measure counts by its registrable domain. Those that do
//! both count as following.
//!
//! Clear text: servers with purpose `system` or `security` do not count. Captive-portal checks, signed updates (`system`) and
//! certificate checks (OCSP, CRL: `security`) are in clear text by design; they are this reason's named false positives.
//!
//! **A long capture is not worse by being long.** Three reasons are shares, which do not grow with time. The counts grow
//! ever more slowly and never above their bound: whoever is seen in the second hour weighs less than who was seen in
//! the first minute. What remains: a longer capture of the same life may meet a few more companies and then
//! costs a few points more; captures of about the same length compare best.
//!
//! **What could not be seen** makes a range: when the octets inside tunnels and those to addresses without a name or a known
//! service are more than a tenth of all, `worst_grade` is the grade for `points + hidden share * (100 - points)`, as if all that was hidden were as bad as can
//! be. The true grade lies between the two.
//!
//! # `pandore/1`
//! The formula of Pandore, exact (see [`mod@pandore`]): how rarely the phone is silent, how much it transfers, how many addresses it
//! talks to. It knows nothing of companies, purposes or encryption. With its one slope for three units the
//! number of servers is a step at the reference and long captures always grade worse: it is here to compare with old results.
//!
//! | key | `value` | most |
//! |---|---|---|
//! | `pandore_pause` | mean pause in seconds; 0 when there was none of 10 s | 100 times the weight's share |
//! | `pandore_rate` | MiB/s, both directions | the same |
//! | `pandore_servers` | distinct remote addresses | the same |

mod pandore;
mod telltale;

pub use pandore::{PANDORE_PROFILE, SettingOutOfRange, pandore};
pub use telltale::{TELLTALE_PROFILE, telltale};

use crate::model::Grade;

/// The grade for points from 0 to 100.
pub fn grade(points: f64) -> Grade {
    match points {
        p if p < 20.0 => Grade::A,
        p if p < 40.0 => Grade::B,
        p if p < 60.0 => Grade::C,
        p if p < 80.0 => Grade::D,
        _ => Grade::E,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_begin_at_their_bounds() {
        for (points, expected) in [
            (0.0, Grade::A),
            (19.999, Grade::A),
            (20.0, Grade::B),
            (40.0, Grade::C),
            (60.0, Grade::D),
            (79.999, Grade::D),
            (80.0, Grade::E),
            (100.0, Grade::E),
        ] {
            assert_eq!(grade(points), expected, "{points}");
        }
    }
}
