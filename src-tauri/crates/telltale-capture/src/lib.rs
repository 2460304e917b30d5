//! Capture files -> packets: pcap and pcapng, plain, gzip- or zstd-packed.
//!
//! Called by `telltale-engine`. Knows records and blocks and never looks past a packet's record header: what is inside is
//! `telltale-wire`'s. A damaged file gives every packet up to the damage and then a [`Stop`] that says where and why. Memory is
//! bounded by [`MAX_RECORD_LEN`], whatever the file claims. The only room that says `pcap` (the library), which live capture uses.
#![forbid(unsafe_code)]

mod buffer;
mod capd;
mod device;
mod ending;
mod error;
mod file;
mod filter;
mod link;
mod looks;
mod pcap_file;
mod pcapng;
mod rights;
#[cfg(test)]
mod testing;
mod unpack;
mod writer;

pub use buffer::MAX_RECORD_LEN;
pub use capd::{Capd, CapdEnd, CapdError, CapdOutput, CapdRequest};
pub use device::{Counters, Device, DeviceAddress, DeviceError, DeviceKind, devices, is_capturable_name, mac_text};
pub use ending::{Ending, plain};
pub use error::{CaptureError, Stop, StopReason};
pub use file::CaptureFile;
pub use filter::{FilterError, FilterErrorKind, MAX_FILTER, Only, check_filter, check_filter_words, combined, only};
pub use link::link_type_of;
pub use looks::LooksLike;
pub use rights::{GrantError, Hindrance, Rights, grant, rights, rights_of};
pub use writer::{InterfaceBlock, PcapngWriter, Section};

/// The most octets of a packet that a live capture keeps; what `tcpdump` and Wireshark take as well.
pub const MAX_SNAP_LEN: u32 = 262_144;

/// One captured packet; `data` borrows the reader's buffer until the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Capture time in nanoseconds since the Unix epoch, UTC; clamped to what fits. A simple packet block has none: then the last one seen.
    pub at_ns: i64,
    /// `LINKTYPE_` number.
    pub link_type: u16,
    /// Number of the interface within its section, from 0.
    pub interface: u32,
    /// Octets that passed on the wire.
    pub original_len: u32,
    /// Android user id of the app, where `PCAPdroid` wrote one as a packet comment.
    pub uid: Option<i32>,
    /// Captured octets, from the link header on.
    pub data: &'a [u8],
}

/// What a capture file holds, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// `PCAPdroid`'s UID map: which app a user id stands for (text as written, UTF-8 not guaranteed).
    App {
        /// Android user id.
        uid: i32,
        /// Package name.
        package: &'a [u8],
        /// Label as a person knows it.
        label: &'a [u8],
    },
    /// Interface statistics: packets lost so far on one interface.
    Drops {
        /// Running number of the interface over all sections, from 0.
        interface: u32,
        /// Lost by the operating system (`isb_osdrop`).
        by_system: u64,
        /// Lost by the interface (`isb_ifdrop`).
        by_interface: u64,
    },
    /// A new interface begins.
    Interface {
        /// `LINKTYPE_` number.
        link_type: u16,
        /// Its name, if the file gives one (text as written).
        name: Option<&'a [u8]>,
    },
}
