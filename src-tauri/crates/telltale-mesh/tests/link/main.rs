//! The link against real servers: who is let in, what breaks and heals, and what a hostile other side can do.
//!
//! Tests that need a server print a line and pass where this computer lacks it; under `CI=true` they fail.

#[path = "../common/ejabberd.rs"]
mod ejabberd;
mod fake;
mod hostile;
mod liars;
mod middle;
mod peer;
#[path = "../common/prosody.rs"]
mod prosody;
mod refusals;
mod registration;
mod servers;
mod weather;
