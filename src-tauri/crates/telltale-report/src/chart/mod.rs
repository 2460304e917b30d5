//! The charts as SVG, drawn by plotters: for the page, and for the window's shell to save.
//!
//! Each says what it shows in its title and description. Text in them that a stranger chose is made visible and short here
//! and escaped by the backend. Never here: a font file (the reader's own sans-serif is named), words (they come from
//! [`crate::text`]), a decision about numbers.

mod canvas;
mod coverage;
mod ranking;
mod timeline;

pub use coverage::coverage;
pub(crate) use coverage::{parts, swatch};
pub(crate) use ranking::MAX_COMPANIES;
pub use ranking::{companies, purposes};
pub(crate) use timeline::bars;
pub use timeline::timeline;

/// What a chart stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Inside the page: no ground of its own; the page's style turns the light colours into dark ones.
    Page,
    /// A picture of its own on a light ground.
    Light,
    /// A picture of its own on a dark ground.
    Dark,
}
