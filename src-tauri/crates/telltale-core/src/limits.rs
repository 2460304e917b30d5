//! Every limit of the core in one place, each with its reason; what a limit drops is counted in [`crate::model::Counts`].

/// Flows that one audit holds; later ones are merged into one remainder per transport. A day of a busy phone is about 100,000.
pub const MAX_FLOWS: usize = 1_000_000;
/// Addresses kept of one server row; big services use hundreds, a person reads a few.
pub const MAX_SERVER_ADDRESSES: usize = 64;
/// Steps of the timeline: one a pixel on a wide screen.
pub const MAX_TIMELINE_BUCKETS: usize = 1_200;
/// Company rows of a summary.
pub const MAX_COMPANIES: usize = 2_000;
/// Newest contacts of a summary.
pub const MAX_CONTACTS: usize = 50;
