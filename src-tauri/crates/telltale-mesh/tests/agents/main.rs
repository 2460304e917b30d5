//! Agents over a real server (Prosody), and with real agents of SPADE.
//!
//! Where this computer lacks the server or the interpreter that has SPADE (`tests/mesh/up --prepare` makes it), a test prints a line and
//! passes; under `CI=true` it fails.

#[path = "../agent/disk.rs"]
mod disk;
mod mesh;
#[path = "../common/prosody.rs"]
mod prosody;
mod spade;
#[path = "../agent/world.rs"]
mod world;
