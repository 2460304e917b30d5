//! Flows, endpoints, devices and apps.

use super::{NameSource, ServerId, Tally, Timestamp};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};

/// Number of a flow within its audit, from 0 in order of first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct FlowId(pub u32);

/// Number of a device within its audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct DeviceId(pub u32);

/// Number of an app within its audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct AppId(pub u32);

/// Transport of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// An IP protocol without ports that carries other packets (IP in IP, GRE, ESP): both ports are 0.
    Ip,
}

/// Address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Endpoint {
    /// IP address.
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub address: IpAddr,
    /// Port.
    pub port: u16,
}

/// Where a TCP flow stood at its last packet (UDP flows: `None` of it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum TcpState {
    /// SYN seen, no answer yet.
    Opening,
    /// Handshake done.
    Established,
    /// First packet seen was no SYN: it began before the capture.
    Midstream,
    /// One side or both sent FIN.
    Closing,
    /// FIN of both sides.
    Closed,
    /// RST ended it.
    Reset,
}

/// The application protocol that the bytes showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FlowProtocol {
    /// DNS in clear.
    Dns,
    /// Multicast DNS.
    Mdns,
    /// Link-local multicast name resolution.
    Llmnr,
    /// DNS over TLS.
    DnsOverTls,
    /// DNS over HTTPS, by name or address.
    DnsOverHttps,
    /// DNS over QUIC.
    DnsOverQuic,
    /// HTTP/1 in clear.
    Http,
    /// HTTP/2 in clear.
    Http2,
    /// TLS.
    Tls,
    /// DTLS.
    Dtls,
    /// QUIC (IETF).
    Quic,
    /// Google QUIC.
    GoogleQuic,
    /// STUN or TURN.
    Stun,
    /// DHCP.
    Dhcp,
    /// NTP.
    Ntp,
    /// WireGuard.
    WireGuard,
    /// `OpenVPN`.
    OpenVpn,
    /// IPsec with UDP encapsulation, or IKE.
    Ipsec,
    /// SSDP.
    Ssdp,
    /// Carries other IP packets (VXLAN, GTP-U, Teredo).
    Tunnel,
    /// Not recognised.
    Unknown,
}

/// Both directions of one 5-tuple, from its first packet to its last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Flow {
    /// Its number.
    pub id: FlowId,
    /// Transport.
    pub transport: TransportKind,
    /// Who spoke first (the sender of the SYN where it was seen).
    pub initiator: Endpoint,
    /// The other side.
    pub responder: Endpoint,
    /// What the initiator sent.
    pub from_initiator: Tally,
    /// What the responder sent.
    pub from_responder: Tally,
    /// Time of the first packet.
    pub first: Timestamp,
    /// Time of the last packet.
    pub last: Timestamp,
    /// TCP state at the last packet.
    pub tcp: Option<TcpState>,
    /// The flow that carries this one, when it came out of a tunnel.
    pub tunnel: Option<FlowId>,
    /// Protocol that the bytes showed.
    pub protocol: FlowProtocol,
    /// Best name of the remote side.
    pub name: Option<Arc<str>>,
    /// Where that name was read.
    pub name_source: Option<NameSource>,
    /// First ALPN value offered (`h2`, `h3`, `http/1.1`).
    pub alpn: Option<Arc<str>>,
    /// JA4 of its `ClientHello`.
    pub ja4: Option<Arc<str>>,
    /// The `ClientHello` was encrypted (ECH): the name is the outer one.
    pub ech: bool,
    /// The audited device that it belongs to, if one of its ends is one.
    pub device: Option<DeviceId>,
    /// Whether that device is the initiator.
    pub device_is_initiator: bool,
    /// The server row that it is counted under.
    pub server: Option<ServerId>,
    /// The app, where the capture names it.
    pub app: Option<AppId>,
}

/// An audited phone (or another machine on the near side).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Device {
    /// Its number.
    pub id: DeviceId,
    /// Its addresses, in order of appearance.
    #[cfg_attr(feature = "specta", specta(type = Vec<String>))]
    pub addresses: Vec<IpAddr>,
    /// MAC address as `aa:bb:cc:dd:ee:ff`, where the link showed it.
    pub mac: Option<String>,
    /// The MAC address is a random one (locally administered), so it names no maker.
    pub mac_random: bool,
    /// Maker of the network chip by the MAC address, where it is not random.
    pub maker: Option<String>,
    /// Name that the device gave itself.
    pub name: Option<String>,
    /// Where that name was read.
    pub name_source: Option<DeviceNameSource>,
    /// Why we take it for an audited device, as a key that the window puts into words: `private_address`, `dhcp`, `speaks_first`, `user`.
    pub because: String,
    /// Octets at IP level that it sent to remotes.
    pub sent_bytes: u64,
    /// Octets at IP level that it received from remotes.
    pub received_bytes: u64,
    /// Flows with remotes.
    pub flows: u32,
}

/// Where a device's name was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum DeviceNameSource {
    /// Host name option of its DHCP request.
    Dhcp,
    /// Its multicast DNS answers.
    Mdns,
}

/// An app that the capture itself names (`PCAPdroid`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct App {
    /// Its number.
    pub id: AppId,
    /// Android user id; -1 where the capture knows a name only (a process of an iPhone).
    pub uid: i32,
    /// Label as a person knows it.
    pub label: Option<String>,
    /// Package name (`org.example.app`).
    pub package: Option<String>,
    /// Octets sent.
    pub sent_bytes: u64,
    /// Octets received.
    pub received_bytes: u64,
    /// Flows.
    pub flows: u32,
}
