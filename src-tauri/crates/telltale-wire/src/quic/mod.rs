//! QUIC as far as an observer can read it: packet headers, and the Initial packets, whose keys follow from what is on
//! the wire.
//!
//! How `telltale-core` reads a hello: [`packets`] splits a datagram of the flow's initiator; each [`Packet::Long`] of
//! kind [`LongKind::Initial`] is opened with the keys that the flow keeps ([`InitialKeys::open`]), or, while it has
//! none or they do not fit, with [`InitialKeys::discover`], whose keys the flow keeps from then on. They come from the
//! first connection id that the client chose, or from the one after a Retry; the ids of later packets differ, the keys
//! stay. Discovering again when an Initial does not open covers Retry, version negotiation, and connections that follow
//! each other on one port: what was put together before then belongs to another connection. A responder's packets never
//! open so, and cost a key derivation each. [`Opened::frames`] gives the CRYPTO octets, which the flow puts in order;
//! [`hello`] reads them, and [`beginning`] when no more will come. Never here: anything kept between two packets.
//! Sources: RFC 8999 (invariants), RFC 9000, RFC 9001 (v1), RFC 9369 (v2), the drafts 22 to 34, and Google's `Q050`,
//! `T050`, `T051`.

mod frame;
mod header;
mod initial;
mod version;

pub use frame::{Frame, Frames, Hello, beginning, hello};
pub use header::{LongHeader, LongKind, Packet, Packets, looks_like_long_header, packets};
pub use initial::{InitialKeys, Opened};
pub use version::Version;
