//! What making a hotspot can fail at, one variant for each thing that a caller can act on.

use crate::{Failure, WishFault};

/// Why there is no hotspot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HotspotError {
    /// `NetworkManager` does not run, or there is no system bus.
    #[error("NetworkManager does not run on this computer")]
    NoNetworkManager,
    /// It is older than 1.16 (2019).
    #[error("this NetworkManager is too old to make a hotspot that ends with the program")]
    TooOld,
    /// No Wi-Fi device has this name (any more).
    #[error("there is no Wi-Fi device {0}")]
    NoDevice(String),
    /// The system's rules (polkit) forbid it, or the person declined.
    #[error("the system does not allow it")]
    NotAllowed,
    /// Name or password cannot be used.
    #[error(transparent)]
    Wish(#[from] WishFault),
    /// It was begun, and failed.
    #[error("the hotspot failed: {:?} (reason {})", .0.cause, .0.reason)]
    Failed(Failure),
    /// It did not come up in time.
    #[error("the hotspot did not come up in time")]
    TimedOut,
    /// `NetworkManager` vanished meanwhile.
    #[error("NetworkManager ended while the hotspot was being made")]
    Gone,
    /// `NetworkManager` refused or answered what it never should; the text is its own.
    #[error("NetworkManager refused: {0}")]
    Refused(String),
    /// The operating system failed at something else.
    #[error("{0}")]
    System(String),
}
