//! How an audit was watched while it happened, and when it could not see.

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// How the phone was connected while it was watched, as the user says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Over this computer's hotspot.
    #[default]
    Hotspot,
    /// Over another Wi-Fi network.
    Wifi,
    /// By cable.
    Ethernet,
    /// USB tethering.
    Usb,
    /// Over the mobile network, captured on the phone itself.
    Mobile,
    /// Something else.
    Other,
}

/// How a live audit watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LiveFacts {
    /// Device of the computer, or where the phone's own capture was received.
    pub source: String,
    /// The BPF expression that chose the packets; `None`: all.
    pub filter: Option<String>,
    /// How the phone was connected.
    pub connection: Connection,
    /// Octets kept of each packet on its way into the audit; `None`: all.
    pub snap_len: Option<u32>,
    /// When watching began, by this computer's clock.
    pub began: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
}

/// Why nothing could be seen for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The user paused.
    Paused,
    /// The device vanished, or was switched off.
    DeviceGone,
    /// The capture program ended unasked.
    CaptureEnded,
    /// The computer slept.
    Asleep,
    /// Telltale itself had ended.
    ProgramEnded,
    /// The phone's own capture broke off.
    StreamEnded,
}

/// A time in which nothing could be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Gap {
    /// When it began, by this computer's clock.
    pub from: Timestamp,
    /// When it ended; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: GapReason,
}
