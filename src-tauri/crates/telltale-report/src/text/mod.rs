//! Everything that a report says to people, in English and French: each language is written, not translated word by word.
//!
//! Used by the page and the charts. Here are words, numbers, dates and country names; never here: markup, a decision, anything
//! from the traffic. The words for one thing are those of the window.

mod answer;
pub(crate) mod apps;
mod country;
mod date;
mod en;
mod fr;
mod number;
mod words;

pub use answer::answer;
pub(crate) use date::{month_and_day, time_of_day, year_and_month};
pub(crate) use words::{Counted, Text};

use crate::Language;

impl Language {
    /// All fixed texts of this language.
    pub(crate) const fn text(self) -> &'static Text {
        match self {
            Self::En => &en::TEXT,
            Self::Fr => &fr::TEXT,
        }
    }

    /// A counted thing with its number: `1 server`, `2 servers`; English says `0 servers`, French `0 serveur`.
    pub(crate) fn counted(self, value: u64, thing: Counted) -> String {
        let many = match self {
            Self::En => value != 1,
            Self::Fr => value >= 2,
        };
        format!("{}\u{a0}{}", self.whole(value), thing[usize::from(many)])
    }
}
