//! An audit -> JSON, CSV, HTML with SVG charts, for people and programs outside of Telltale.
//!
//! Called by `telltale-engine` (saved reports), the terminal and the window's shell (charts). Everything that is written here
//! was chosen by strangers at some point: names, hosts and notes pass through one escaping writer for each form. Never here: a
//! clock (the date comes in), a file (a writer comes in), the network, a judgement (core's), a script in a page.
#![forbid(unsafe_code)]

pub mod chart;
mod context;
mod foreign;
mod json;
mod lookup;
mod moment;
mod page;
mod reported;
mod sheet;
mod text;

pub use context::{Language, ReportContext, ReportError};
pub use json::{SCHEMA, json};
pub use lookup::lookup_json;
pub use moment::minute;
pub use page::html;
pub use sheet::csv;
pub use text::answer;
