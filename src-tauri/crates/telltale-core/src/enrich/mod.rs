//! Who is behind a name or an address: the catalogue, the lists and the network registration, laid over each other.
//!
//! [`Atlas`] is built once, shared as `Arc<Atlas>`, and asked once for each distinct server (the flow table keeps the answer).
//! Called by [`crate::audit`] and, through [`lookup`], by the engine's "who is this?". Never here: a file, the network, a packet.
//!
//! # Who is believed
//! 1. **Our catalogue**: the longest pattern that the name matches gives company, service and purpose.
//! 2. **AdGuard's lists** decide over the catalogue only where their entry is *more specific* (fixes more labels) than the
//!    catalogue's pattern and the catalogue took the name for needed: `ads.example.com` on the list counts against a catalogue
//!    row `example.com`, a list entry `example.com` never counts against a catalogue row `example.com` or
//!    `login.example.com`. Then company stays, service and sentence go (they describe another host), purpose is the list's.
//! 3. Where the catalogue has rows below the same **registrable domain**, all of one company, that company is *inferred*.
//! 4. **third-party-web** names the company where the catalogue does not. Its category gives the purpose; a category that
//!    would make a tracker is believed only where AdGuard's lists agree, since whole companies (Yahoo, Snapchat) stand under `ad`.
//! 5. The **network registration** adds AS number, organisation and country, and names a company only for an address without
//!    a name: first the catalogue's address ranges, then its AS numbers. A tenant's name says nothing about who rents it the
//!    machine, nor the reverse: an entry of somebody else below a shared suffix (`xyz.cloudfront.net`) never falls upon the suffix's owner.

mod address;
mod atlas;
mod lists;
mod mmdb;
mod query;
mod sources;

pub use atlas::{Atlas, lookup};
pub use lists::tracker_bits;
pub use sources::{AtlasError, AtlasSources, DataSet, Octets};
