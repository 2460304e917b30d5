//! What a door can fail at, one variant for each thing that a caller can act on.

use std::io;
use std::net::{IpAddr, SocketAddr};

/// Why a door cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// The address is one of the internet: a phone's capture is taken on the loopback or a local network alone.
    #[error("{0} is not an address of a local network")]
    NotLocal(IpAddr),
    /// This is no address of the form `http://ADDRESS:PORT/`.
    #[error("this is no address of the form http://ADDRESS:PORT/: {0}")]
    BadAddress(String),
    /// A name instead of an address in numbers: names are not looked up.
    #[error("{0} is a name; the address in numbers is needed, as PCAPdroid shows it")]
    NameInsteadOfAddress(String),
    /// `https://`: the app offers plain HTTP only.
    #[error("PCAPdroid offers http:// only")]
    NotHttp,
    /// Another program listens there.
    #[error("port {0} is in use by another program")]
    InUse(u16),
    /// This computer does not have the address (any more).
    #[error("this computer does not have the address {0}")]
    NotOurs(IpAddr),
    /// Ports below 1024 are the system's.
    #[error("port {0} is reserved by the system; choose one from 1024 on")]
    Reserved(u16),
    /// The door was closed.
    #[error("the door is closed")]
    Closed,
    /// The operating system failed at something else.
    #[error("{0}")]
    System(String),
}

/// Why an open door's stream broke off, beside its sender leaving.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorProblem {
    /// Nobody answers at the address: no capture runs there, or the phone is not in this network.
    #[error("nobody answers there: {0}")]
    Unreachable(String),
    /// It took the connection and then said nothing in time.
    #[error("it does not answer in time")]
    Silent,
    /// It answered with this HTTP status instead of a capture.
    #[error("it answered with status {0} instead of a capture")]
    Status(u16),
    /// It sent us elsewhere: to another address, or not to one.
    #[error("it wants to send us elsewhere: {0}")]
    SentAway(String),
    /// It sent us around in circles.
    #[error("it sends us around in circles")]
    Circles,
    /// What it speaks is not HTTP, or more of it than is sensible.
    #[error("it does not speak proper HTTP: {0}")]
    NotHttp(String),
    /// The operating system failed at something else.
    #[error("{0}")]
    System(String),
}

impl From<DoorProblem> for io::Error {
    fn from(problem: DoorProblem) -> Self {
        Self::other(problem)
    }
}

impl DoorError {
    /// A short key that the window puts into its own language.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::NotLocal(_) => "not_local",
            Self::BadAddress(_) => "bad_address",
            Self::NameInsteadOfAddress(_) => "name",
            Self::NotHttp => "not_http",
            Self::InUse(_) => "in_use",
            Self::NotOurs(_) => "not_ours",
            Self::Reserved(_) => "reserved",
            Self::Closed => "closed",
            Self::System(_) => "system",
        }
    }

    /// Why a door's address cannot be had.
    pub(crate) fn bind(error: &io::Error, at: SocketAddr) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::InUse(at.port()),
            io::ErrorKind::AddrNotAvailable => Self::NotOurs(at.ip()),
            io::ErrorKind::PermissionDenied => Self::Reserved(at.port()),
            _ => Self::System(error.to_string()),
        }
    }
}
