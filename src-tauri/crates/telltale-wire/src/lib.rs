//! Bytes of a packet -> what each protocol says.
//!
//! Pure and borrowed: [`dissect`] turns one captured packet into a [`Frame`] without touching the heap; the modules for
//! each protocol read a payload that `telltale-core` hands them (a datagram, or the start of a stream put back together).
//! Called by `telltale-core` (and by the engine, to say what a link type is). Never here: a clock, a file, a log line, serde,
//! tokio, or state that outlives one message. Every input is chosen by a stranger: nothing panics, indexes or loops without a bound.
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

pub mod certificate;
pub mod dhcp;
mod dissect;
pub mod dns;
pub mod dtls;
mod error;
mod ether_type;
mod frame;
pub mod gquic;
pub mod http;
mod ip;
pub mod ja4;
mod link;
mod link_type;
#[cfg(test)]
mod octets;
pub mod quic;
mod reader;
pub mod recognise;
pub mod stun;
pub mod tls;
mod transport;
mod tunnel;

pub use dissect::{dissect, dissect_reassembled, transport_of};
pub use error::{DissectError, ErrorKind, Layer};
pub use frame::{
    AppTrailer, Fragment, Frame, IpPacket, LinkHeader, MAX_TUNNEL_DEPTH, Tcp, TcpFlags, Transport, Tunnel,
};
pub use link_type::LinkType;
pub use reader::Reader;
