//! The devices of this computer.

mod name;

pub use name::is_capturable_name;
