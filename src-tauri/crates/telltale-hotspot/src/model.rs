//! Plain types of this crate's API.
//!
//! Filled by [`crate::Network`], read by the engine. Machine-readable: the window words them. Never here: D-Bus.

use std::net::IpAddr;

/// Whether this computer can make a hotspot, said before trying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// At least one device can be a hotspot now; nothing in `why` that [`WhyNot::prevents`].
    pub possible: bool,
    /// The Wi-Fi devices, the best one first: [`crate::Wish::device`] is to be the first one's name unless the user chooses.
    pub devices: Vec<HotspotDevice>,
    /// What is in the way, or missing; empty when all is well. Each at most once.
    pub why: Vec<WhyNot>,
}

/// A Wi-Fi device, seen as a hotspot to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of one device")]
pub struct HotspotDevice {
    /// The system's name of it (`wlp3s0`).
    pub name: String,
    /// What it is called in the hardware's registry, where the system says so (`Intel Corporation Wi-Fi 6 AX200`).
    pub product: Option<String>,
    /// Its driver can be an access point (`NM_WIFI_DEVICE_CAP_AP`).
    pub access_point: bool,
    /// It knows 5 GHz. Whether an access point may use it here is only known after trying.
    pub band5: bool,
    /// It is the station of this network now; the hotspot ends that.
    pub connected_to: Option<String>,
    /// The computer's way into the internet goes over it.
    pub carries_internet: bool,
    /// Wi-Fi is switched off, by software or by a switch.
    pub blocked: bool,
    /// It is a hotspot already (of the system's own settings, or ours).
    pub is_hotspot: bool,
    /// It could be made a hotspot now.
    pub usable: bool,
}

/// What is in the way of a hotspot, or missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyNot {
    /// `NetworkManager` does not run, or there is no system bus.
    NoNetworkManager,
    /// `NetworkManager` is told to leave all networks alone (flight mode of the desktop, sleep).
    NetworkingOff,
    /// There is no Wi-Fi device.
    NoWifi,
    /// There is one, but `NetworkManager` does not look after any (another program does).
    NotManaged,
    /// Wi-Fi is switched off in the system's settings.
    WifiOff,
    /// Wi-Fi is switched off by a switch or key of the computer.
    HardwareSwitch,
    /// A device is there but not ready: its firmware, or the program `wpa_supplicant`, is missing.
    NotReady,
    /// No Wi-Fi device can be an access point.
    NoAccessPointMode,
    /// The only one that could is the computer's own way into the internet: a hotspot would end it.
    OnlyWifiIsInUse,
    /// The system's rules (polkit) forbid it to this user.
    NotAllowed,
    /// The program `dnsmasq` was not found, which `NetworkManager` needs to give the phone an address. Trying is possible: it may lie
    /// where this check does not look.
    NoDnsmasq,
    /// The computer itself has no network to share: the phone would join, and reach nothing.
    NoUpstream,
}

impl WhyNot {
    /// Whether a hotspot cannot be made at all for this reason; else it is a warning.
    pub const fn prevents(self) -> bool {
        !matches!(self, Self::NoUpstream | Self::NoDnsmasq)
    }
}

/// The hotspot that the user wants.
#[derive(Clone, PartialEq, Eq)]
pub struct Wish {
    /// Name of the Wi-Fi device.
    pub device: String,
    /// Name of the network; 1 to 32 octets of UTF-8.
    pub ssid: String,
    /// 8 to 63 printable ASCII characters.
    pub password: String,
    /// Which frequencies.
    pub band: Band,
}

/// A password is never written into a log.
impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wish")
            .field("device", &self.device)
            .field("ssid", &self.ssid)
            .field("band", &self.band)
            .finish_non_exhaustive()
    }
}

/// Frequencies of a hotspot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Band {
    /// 2.4 GHz: every phone knows it, and it is allowed everywhere.
    #[default]
    Ghz2,
    /// 5 GHz: faster, but many computers may not be access points there.
    Ghz5,
}

/// Where a hotspot stands, once it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HotspotState {
    /// Phones can join.
    Running,
    /// It is over.
    Ended(Ending),
}

/// Why a hotspot is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// [`crate::Hotspot::stop`] was called.
    Stopped,
    /// Somebody ended it in the system's own settings, or chose another network for the device.
    ByUser,
    /// The Wi-Fi device was pulled out, or Wi-Fi was switched off.
    DeviceGone,
    /// The computer went to sleep.
    Sleep,
    /// `NetworkManager` ended or was restarted.
    NetworkManagerGone,
    /// Something failed.
    Failed(Failure),
}

/// Why `NetworkManager` could not make or keep the hotspot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it comes down to.
    pub cause: Cause,
    /// `NMDeviceStateReason` as given, for a report of a fault; 0 when none was given.
    pub reason: u32,
}

/// What a failure comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The driver or `wpa_supplicant` refused to be an access point.
    AccessPointRefused,
    /// The same while 5 GHz was asked for: no channel there may be used here as an access point. 2.4 GHz may work.
    Band5Refused,
    /// The computer could not give addresses, and the program `dnsmasq` is not installed.
    DnsmasqMissing,
    /// The computer could not give addresses: `dnsmasq` or the firewall failed; often another program serves DNS or DHCP already.
    SharingFailed,
    /// The device's firmware is missing.
    FirmwareMissing,
    /// The device vanished or was switched off meanwhile.
    DeviceGone,
    /// Somebody, or another program, ended it while it was being made.
    Interrupted,
    /// Another reason; see the number.
    Other,
}

/// Somebody on the hotspot's network now, as the kernel's table of neighbours has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Hardware address.
    pub mac: [u8; 6],
    /// Its addresses, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// It answered within the last minute or so; else it may have left.
    pub reachable: bool,
}
