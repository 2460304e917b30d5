//! The crate from outside: against an independent tool's truth, and against hostile bytes.
//! One binary, so that the crate is linked once.

mod clear_text;
mod corpus;
mod hellos;
mod hostile_hellos;
mod robustness;
mod truth;
