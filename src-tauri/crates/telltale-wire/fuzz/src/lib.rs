//! The bodies of the fuzz targets, for the programs in `bin`.

pub mod targets;
