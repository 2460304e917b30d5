//! Packets -> flows: which packets belong together, who spoke first, how a TCP connection stands, and the streams and
//! datagrams put back together as far as a name needs it.
//!
//! Called by [`crate::audit`] alone. Never here: names, owners, devices, totals.

mod content;
mod datagram;
mod entry;
mod fragment;
mod http;
mod key;
mod patchwork;
mod quic;
mod stream;
mod table;
mod tcp;
mod tls;

pub(crate) use content::{Content, Ear};
pub(crate) use datagram::Datagrams;
pub(crate) use entry::{FlowEntry, Near};
pub(crate) use fragment::Defragmenter;
pub(crate) use key::{Direction, FlowKey};
pub(crate) use table::{FlowTable, Place};
pub(crate) use tcp::Segment;
