//! Commands: each only translates between the window's types and the engine's.

pub(crate) mod apps;
pub(crate) mod audit;
pub(crate) mod doors;
pub(crate) mod file;
pub(crate) mod hotspot;
pub(crate) mod incidents;
pub(crate) mod keep;
pub(crate) mod know;
pub(crate) mod live;
pub(crate) mod mesh;
pub(crate) mod notify;
pub(crate) mod probes;
pub(crate) mod table;
