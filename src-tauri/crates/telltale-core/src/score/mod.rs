//! The scores: how an audit becomes a grade, with every point traceable to rows.
//!
//! Called by [`crate::audit`] and by the engine (when the user changes Pandore's numbers). Never here: words for people (the
//! window and the report put the keys into words), a table, a clock.

mod pandore;
mod telltale;

pub use pandore::{PANDORE_PROFILE, SettingOutOfRange, pandore};
pub use telltale::{TELLTALE_PROFILE, telltale};
