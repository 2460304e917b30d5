//! Frames -> flows -> names -> owners -> score.
//!
//! What Telltale knows and how it judges: the flow table, names and how each is known, devices, owners and purposes from the
//! catalogue and the tables of `npm run data`, and the score with its reasons. Called by `telltale-engine`; its model is read by
//! `telltale-report` and the shells. Never here: a clock (time comes with each packet), a file, tokio, SQL, a log line. The same
//! frames give the same audit every time. Every table that a stranger can grow has a named limit whose overflow is counted.
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

pub mod apple;
pub mod audit;
pub mod catalogue;
pub mod correlate;
mod device;
pub mod enrich;
pub mod facts;
mod flow;
pub mod limits;
pub mod model;
mod names;
pub mod probe_file;
pub mod schedule;
pub mod score;

/// Who made the network chip with this MAC address, by the registry of the IEEE; `None` where it does not know, and for random
/// addresses, which name nobody.
pub fn maker_of(mac: [u8; 6]) -> Option<String> {
    device::Mac::of(Some(mac))?.maker()
}
