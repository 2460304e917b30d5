//! Who is behind a name or an address: the catalogue, the lists and the network registration, laid over each other.
//!
//! [`Atlas`] is built once, shared as `Arc<Atlas>`, and asked once for each distinct server (the flow table keeps the answer).
//! Called by [`crate::audit`] and, through [`lookup`], by the engine's "who is this?". Never here: a file, the network, a packet.

mod atlas;
mod sources;

pub use atlas::{Atlas, lookup};
pub use sources::{AtlasError, AtlasSources, DataSet, Octets};
