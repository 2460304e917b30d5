//! When a behaviour runs: due times, and what becomes of those that nobody could keep.
//!
//! Called by the engine's probes. Pure: each moment and the time zone are arguments, so a table of moments tests it. Never here: a clock,
//! a task, what a run does.
//!
//! The policies, in full:
//!
//! * **Period** and **pause** are measured by the time that the computer lived, sleep included: setting the clock moves nothing. A period
//!   counts from begin to begin; the first run of a new probe is due at once. While the program is off, the wall clock takes over; where
//!   it went back meanwhile, one period is waited at most.
//! * **Times of the day** and a **one-shot's time** go by the wall clock. A time that the change to summer time leaves out is due as long
//!   after the change as it would have been before it; one that comes twice in autumn is due the first time. Two times that fall on one
//!   moment are one.
//!   Where no zone is named, it is the computer's, also after the computer was carried into another.
//! * **The clock is set forward**: times of the day that were jumped over are due now; if that is more than [`LATE_S`] late, they are missed.
//!   **It is set back**: what was due once is not due again, unless the clock went back by more than [`BACK_S`]: then it was wrong
//!   before, and the times of the day begin anew.
//! * **Missed** is a run that nobody could begin within [`LATE_S`] of its time: the computer slept, the program was off or the clock was
//!   set forward. [`Missed::Skip`](crate::model::Missed::Skip): counted and left out. [`Missed::Once`](crate::model::Missed::Once): the newest is run, the others are counted. A run that the end
//!   of the program broke off is missed, too: `Once` begins it again. Of a calendar, no more than the last [`COUNTED_DAYS`] days are counted.
//! * **Overlap**: a run that is due while another goes on is counted and left out, or (`Wait`) one of them waits for its end. A behaviour
//!   never runs twice at one time.
//! * A **cyclic** behaviour has nothing to miss and nothing that overlaps: each pause begins with the end of the run.
//! * **Paused** or **killed**, nothing is due and nothing is missed; when it goes on, it begins as a new one does.

mod calendar;
mod course;

pub use calendar::{Calendar, time_of_day};
pub use course::{Course, Moment, Plan, Remembered, Stopped, UnderWay};

/// A run that begins at most so many seconds after its time is on time: computers wake slowly.
pub const LATE_S: u32 = 60;
/// Seconds that the clock may go back without the times of the day beginning anew: a day, and the hour of a summer.
pub const BACK_S: u32 = 90_000;
/// Days whose missed times of the day are counted at most.
pub const COUNTED_DAYS: u32 = 400;
