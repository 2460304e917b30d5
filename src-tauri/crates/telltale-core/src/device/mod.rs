//! Who is audited: which addresses are phones, which are routers, and what each calls itself.
//!
//! Called by [`crate::audit`] alone. Never here: flows' tallies, names of servers, owners.

mod decide;
mod hosts;
mod links;
mod rejoin;
mod scope;

pub(crate) use decide::Devices;
pub(crate) use hosts::{HostId, Hosts};
pub(crate) use links::Mac;
pub(crate) use scope::{Scope, scope_of};
