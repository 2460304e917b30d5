//! Makes a hotspot with `NetworkManager` over D-Bus, after having said whether this computer can.
//!
//! Called by `telltale-engine`. Here are the words of `NetworkManager`, the name and password of a hotspot, and the QR code that joins a
//! phone to it. Never here: packets, the store, words for people.
#![forbid(unsafe_code)]

mod bus;
mod check;
mod error;
mod join;
mod machine;
mod model;
mod neighbours;
mod network;
mod reason;
mod secret;
mod start;

pub use error::HotspotError;
pub use join::{QrCode, join_text};
pub use model::{Band, Cause, Check, Ending, Failure, HotspotDevice, HotspotState, Neighbour, WhyNot, Wish};
pub use network::Network;
pub use secret::{Suggestion, WishFault, check_password, check_ssid, suggest};
pub use start::Hotspot;
