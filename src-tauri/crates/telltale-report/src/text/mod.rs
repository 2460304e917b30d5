//! Everything that a report says to people, in English and French: each language is written, not translated word by word.
//!
//! Used by the page and the charts. Here are words and number forms; never here: markup, a decision, anything from the traffic.

mod answer;
mod number;

pub use answer::answer;
