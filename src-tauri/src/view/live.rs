//! What goes over the bridge for live audits: devices, rights, hotspot, requests, and how a live audit stands.

use serde::{Deserialize, Serialize};
use specta::Type;
use telltale_core::model::{Connection, GapReason};

/// What a network device of this computer is, in plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Makes a hotspot, or shares its network with others.
    Hotspot,
    /// Wi-Fi.
    Wifi,
    /// A cable.
    Ethernet,
    /// A phone that shares over USB.
    UsbTether,
    /// Bluetooth.
    Bluetooth,
    /// A tunnel.
    Vpn,
    /// Made by software (containers, virtual machines).
    Virtual,
    /// This computer talking to itself.
    Loopback,
}

/// A network device of this computer.
#[derive(Clone, Debug, Serialize, Type)]
pub struct DeviceView {
    /// Its name (`wlan0`).
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// What its maker calls it, where known.
    pub description: Option<String>,
    /// MAC address.
    pub mac: Option<String>,
    /// Addresses with their prefix (`10.42.0.1/24`).
    pub addresses: Vec<String>,
    /// Switched on, and something is connected.
    pub up: bool,
    /// This computer's own way into the internet goes over it.
    pub default_route: bool,
    /// A phone's traffic most likely passes here.
    pub likely: bool,
    /// Octets received since the device exists; two readings give the traffic of now.
    pub received_bytes: u64,
    /// Octets sent since the device exists.
    pub sent_bytes: u64,
}

/// Whether Telltale may look at packets.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RightsView {
    /// It may.
    Ready,
    /// The capture program lacks its right; `grant_rights` asks for it once.
    Missing {
        /// Where the program lies.
        program: String,
    },
    /// The capture program is not there.
    NoProgram,
    /// The right cannot be given here.
    CannotHere {
        /// Why.
        why: Hindrance,
    },
}

/// Why a right would be of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// Telltale runs in a sandbox or container in which programs get no right.
    NoNewPrivileges,
    /// The program lies on a disk on which rights do not count (a USB stick, a network folder).
    NoSuidMount,
    /// Telltale runs in a container that may never look at packets.
    NotInBoundingSet,
    /// The user is not in the group that may.
    NotInGroup,
}

/// What is wrong with a filter expression.
#[derive(Clone, Debug, Serialize, Type)]
pub struct FilterProblem {
    /// First character in question.
    pub at: u32,
    /// Characters in question; 0: something is missing there.
    pub length: u32,
    /// `unknown_word`, `host_name`, `syntax`, `incomplete`, `too_long`, `other`.
    pub kind: String,
    /// What the filter's compiler says, in English.
    pub message: String,
}

/// Where the packets come from.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveSource {
    /// A network device of this computer.
    Device {
        /// Its name.
        name: String,
    },
    /// `PCAPdroid`'s UDP exporter sends to this computer.
    Udp {
        /// Address of this computer to listen on.
        bind: String,
        /// Port; 0: any free one.
        port: u16,
    },
    /// `PCAPdroid`'s TCP exporter sends to this computer.
    Tcp {
        /// Address of this computer to listen on.
        bind: String,
        /// Port; 0: any free one.
        port: u16,
    },
    /// `PCAPdroid`'s HTTP server on the phone.
    Http {
        /// `http://ADDRESS:PORT/`.
        url: String,
    },
}

/// Which packets are looked at.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PacketFilter {
    /// All.
    All,
    /// Those of these phones: IP addresses, networks, or MAC addresses.
    Phones {
        /// As typed.
        phones: Vec<String>,
    },
    /// A BPF expression.
    Expression {
        /// As typed.
        expression: String,
    },
}

/// What is kept of the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    /// Whole packets.
    Full,
    /// Headers only.
    Headers,
    /// Nothing.
    Off,
}

/// What a live audit is asked to be.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct LiveRequest {
    /// Where the packets come from.
    pub source: LiveSource,
    /// Which of them.
    pub filter: PacketFilter,
    /// Name; empty: one is made of device and time.
    pub name: String,
    /// Notes.
    pub description: String,
    /// How the phone is connected.
    pub connection: Connection,
    /// Ends by itself after so many seconds.
    pub duration_s: Option<u32>,
    /// What is kept of the packets.
    pub recording: Recording,
}

/// What a live audit does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveState {
    /// Begins.
    Opening,
    /// Sees packets as they pass.
    Watching,
    /// Paused by the user.
    Paused,
    /// Something is in the way; it goes on by itself.
    Waiting {
        /// What.
        reason: GapReason,
    },
    /// Ends.
    Ending,
}

/// One second of traffic.
#[derive(Clone, Copy, Debug, Serialize, Type)]
pub struct Rate {
    /// Octets sent by the phones.
    pub sent: u64,
    /// Octets received by the phones.
    pub received: u64,
    /// Packets, both ways.
    pub packets: u32,
}

/// How the recording stands.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RecordingView {
    /// Octets on the disk now.
    pub bytes: u64,
    /// Files on the disk now.
    pub files: u32,
    /// Octets of the oldest files that were removed to stay within the limit.
    pub dropped_bytes: u64,
    /// It reaches back to here, ms; `None`: to the beginning.
    #[specta(type = Option<i32>)]
    pub since_ms: Option<f64>,
    /// Packets that were seen but could not be written.
    pub missed_packets: u64,
    /// Why nothing can be written at the moment.
    pub problem: Option<String>,
}

/// How the door to the phone's own capture stands.
#[derive(Clone, Debug, Serialize, Type)]
pub struct DoorView {
    /// Where it listens or asks.
    pub address: String,
    /// Who sends; `None`: nobody yet.
    pub peer: Option<String>,
    /// Others that were turned away.
    pub refused: u32,
    /// Datagrams that were lost by this computer or made no sense.
    pub lost: u64,
    /// The beginning of what is sent was missed: it must be started on the phone again.
    pub joined_late: bool,
}

/// A live audit as it is now.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LiveView {
    /// What it does.
    pub state: LiveState,
    /// Since when, ms.
    #[specta(type = i32)]
    pub since_ms: f64,
    /// Why it waits, in English.
    pub problem: Option<String>,
    /// When it ends by itself, ms.
    #[specta(type = Option<i32>)]
    pub ends_ms: Option<f64>,
    /// Seconds watched so far, without the gaps.
    pub watched_s: u64,
    /// The last seconds, oldest first, at most 120.
    pub recent: Vec<Rate>,
    /// The recording while it runs.
    pub recording: Option<RecordingView>,
    /// The door, where the phone sends its own capture.
    pub door: Option<DoorView>,
}

/// Something worth telling while it happens; the window words it, and notifies if the user wants that.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
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
    /// A live audit waits.
    Waiting {
        /// The audit.
        audit: u32,
        /// Its name.
        name: String,
        /// Why.
        reason: GapReason,
    },
}

/// Why this computer cannot make a hotspot, or what stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// `NetworkManager` does not run.
    NoNetworkManager,
    /// All networks are switched off (flight mode).
    NetworkingOff,
    /// No Wi-Fi device.
    NoWifi,
    /// Another program looks after the Wi-Fi device.
    NotManaged,
    /// The Wi-Fi device lacks its firmware, or the system `wpa_supplicant`.
    NotReady,
    /// No Wi-Fi device can be an access point.
    NoAccessPointMode,
    /// Wi-Fi is switched off.
    WifiOff,
    /// A switch on the computer turns Wi-Fi off.
    HardwareSwitch,
    /// The only Wi-Fi device is this computer's own way into the internet.
    OnlyWifiIsInUse,
    /// This user may not share the network.
    NotAllowed,
    /// `dnsmasq` was not found, which gives the phone its address: it may fail.
    NoDnsmasq,
    /// Nothing to share: this computer has no connection to the internet (a hotspot works, but the phone gets nowhere).
    NoUpstream,
}

/// A Wi-Fi device that could make a hotspot.
#[derive(Clone, Debug, Serialize, Type)]
pub struct HotspotDevice {
    /// Its name.
    pub name: String,
    /// What its maker calls it.
    pub product: Option<String>,
    /// Can be an access point.
    pub access_point: bool,
    /// Can do so at 5 GHz.
    pub band5: bool,
    /// The network that it is connected to, which making the hotspot ends.
    pub connected_to: Option<String>,
}

/// Whether this computer can make a hotspot.
#[derive(Clone, Debug, Serialize, Type)]
pub struct HotspotCheck {
    /// It can.
    pub possible: bool,
    /// Its Wi-Fi devices, the proposed one first.
    pub devices: Vec<HotspotDevice>,
    /// What stands in the way, or should be known.
    pub why: Vec<WhyNot>,
    /// Proposed name of the network.
    pub ssid: String,
    /// Proposed password.
    pub password: String,
}

/// A hotspot to be made.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct HotspotWish {
    /// Wi-Fi device.
    pub device: String,
    /// Name of the network, 1 to 32 octets.
    pub ssid: String,
    /// Password, 8 to 63 printable ASCII characters.
    pub password: String,
    /// At 5 GHz instead of 2.4 GHz.
    pub band5: bool,
}

/// A phone that joined the hotspot, or is on a device.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Joined {
    /// MAC address.
    pub mac: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// The name it gave itself (DHCP, mDNS), where one was seen.
    pub name: Option<String>,
    /// Maker of its network chip, where the address tells.
    pub maker: Option<String>,
}

/// A QR code, row by row.
#[derive(Clone, Debug, Serialize, Type)]
pub struct QrCode {
    /// Modules a side, without the quiet zone.
    pub size: u32,
    /// `size * size` modules; true is dark.
    pub modules: Vec<bool>,
}

/// The hotspot that Telltale made.
#[derive(Clone, Debug, Serialize, Type)]
pub struct HotspotView {
    /// Device that makes it.
    pub device: String,
    /// Name of the network.
    pub ssid: String,
    /// Password.
    pub password: String,
    /// Joins a phone that looks at it.
    pub qr: QrCode,
    /// Phones can join.
    pub ready: bool,
    /// Why it is over: `stopped`, `by_user`, `device_gone`, `sleep`, `network_manager_gone`, `failed`; `None` while it stands.
    pub ended: Option<String>,
}

/// Audits and recordings that will be removed soon, because they are older than the user's limit.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Leaving {
    /// The audit.
    pub audit: u32,
    /// Its name.
    pub name: String,
    /// Only its recording goes; the audit stays.
    pub recording_only: bool,
    /// When, ms.
    #[specta(type = i32)]
    pub at_ms: f64,
}
