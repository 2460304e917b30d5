//! Plain types of live audits: what is asked for, and how it stands.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use telltale_core::model::{Connection, GapReason, Timestamp};

/// Where the packets come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveSource {
    /// A network device of this computer, through `telltale-capd`.
    Device {
        /// Its name.
        name: String,
    },
    /// The phone's own capture (`PCAPdroid`'s UDP exporter) comes to this address.
    Udp {
        /// Address to listen on.
        bind: IpAddr,
        /// Port to listen on; 0: any free one.
        port: u16,
    },
    /// The phone's own capture (`PCAPdroid`'s TCP exporter) comes to this address.
    Tcp {
        /// Address to listen on.
        bind: IpAddr,
        /// Port to listen on; 0: any free one.
        port: u16,
    },
    /// The phone offers its own capture (`PCAPdroid`'s HTTP server) here.
    Http {
        /// `http://ADDRESS:PORT/`.
        url: String,
    },
}

/// Which packets are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PacketFilter {
    /// All that pass the device.
    #[default]
    All,
    /// Those of these phones alone: IP addresses, networks (`10.0.0.0/24`) or MAC addresses.
    Phones {
        /// As typed.
        phones: Vec<String>,
    },
    /// A BPF expression of the user's own (pcap-filter(7)).
    Expression {
        /// As typed.
        expression: String,
    },
}

/// What is kept of the packets beside the audit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    /// Whole packets: evidence that others can check.
    #[default]
    Full,
    /// Their headers, without what was said.
    Headers,
    /// Nothing.
    Off,
}

/// What a live audit is asked to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveRequest {
    /// Where the packets come from.
    pub source: LiveSource,
    /// Which of them.
    pub filter: PacketFilter,
    /// The user's name for the audit; empty: one is made of device and time.
    pub name: String,
    /// The user's notes.
    pub description: String,
    /// How the phone is connected.
    pub connection: Connection,
    /// Ends by itself after so many seconds; `None`: by hand.
    pub duration_s: Option<u32>,
    /// What is kept of the packets.
    pub recording: Recording,
}

/// What a live audit does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Begins: the capture program or the door is being opened.
    Opening,
    /// Sees packets as they pass.
    Watching,
    /// The user paused it.
    Paused,
    /// Something is in the way; it goes on by itself as soon as that is over.
    Waiting(GapReason),
    /// Ends: the last rows are being stored.
    Ending,
}

/// One second of traffic, at IP level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Octets sent by the devices.
    pub sent: u64,
    /// Octets received by the devices.
    pub received: u64,
    /// Packets, both ways.
    pub packets: u32,
}

/// Seconds of [`LiveNow::recent`] at most.
pub const RECENT_SECONDS: usize = 120;

/// How the recording stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingNow {
    /// Octets on the disk now.
    pub bytes: u64,
    /// Files on the disk now.
    pub files: u32,
    /// Octets of oldest files that were removed to stay within the limit.
    pub dropped_bytes: u64,
    /// The recording reaches back to here; `None`: to the beginning.
    pub since: Option<Timestamp>,
    /// Packets that were seen but could not be written (the disk was too slow or full).
    pub missed_packets: u64,
    /// Why nothing can be written at the moment, as the system says.
    pub problem: Option<String>,
}

/// How the door to the phone's own capture stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorNow {
    /// Where it listens or asks, `address:port`.
    pub address: String,
    /// Who sends; `None`: nobody yet.
    pub peer: Option<String>,
    /// Others that were turned away.
    pub refused: u32,
    /// Datagrams that were lost by this computer or made no sense.
    pub lost: u64,
    /// The beginning of what is sent was missed, without which nothing can be read: it must be started on the phone again.
    pub joined_late: bool,
}

/// A live audit as it is now, beside its summary.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveNow {
    /// What it does.
    pub state: LiveState,
    /// When this state began, by this computer's clock.
    pub since: Timestamp,
    /// Why it waits or could not go on, for a person, in English; `None`: nothing is in the way.
    pub problem: Option<String>,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// Seconds watched so far, without the gaps.
    pub watched_s: u64,
    /// The last seconds, oldest first, the one that is running left out.
    pub recent: Vec<Rate>,
    /// The recording; `None`: none is made.
    pub recording: Option<RecordingNow>,
    /// The door; `None`: a device of this computer.
    pub door: Option<DoorNow>,
}

/// Something worth telling while it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A company that measures or follows was contacted for the first time in this audit.
    Tracker {
        /// The audit.
        audit: u32,
        /// The company.
        company: String,
    },
    /// Something was said in clear text to a host for the first time in this audit.
    ClearText {
        /// The audit.
        audit: u32,
        /// The host.
        host: String,
    },
    /// A live audit waits: see its [`LiveNow::problem`].
    Waiting {
        /// The audit.
        audit: u32,
        /// Its name.
        name: String,
        /// Why.
        reason: GapReason,
    },
}
