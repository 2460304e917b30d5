//! Filter expressions (pcap-filter(7)): is one valid, and where is it not; and the filter for the phone alone.
//!
//! Called by the engine, and by `telltale-capd` before it hands a text to libpcap. Two things are done before libpcap sees anything:
//! every word is looked at ([`words`]), because libpcap says no place for what it does not understand, and because it would ask a
//! name server for a host's name. Nothing leaves this computer, so names of hosts are refused.

mod only;
mod place;
mod words;

pub use only::{Only, combined, only};

use crate::link::dlt_of;
use pcap::{Capture, Dead, Linktype};
use std::fmt;

/// The longest expression, in characters; an expression of a person has tens, one of a program hundreds.
pub const MAX_FILTER: usize = 4_096;

/// What is wrong with a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// Where it fails, in characters from 0; the length of the text when something is missing at its end.
    pub at: usize,
    /// How many characters are wrong from there; 0 when something is missing.
    pub len: usize,
    /// What is wrong.
    pub kind: FilterErrorKind,
    /// A sentence for a log, in English; libpcap's own where it says more than "syntax error".
    pub message: String,
}

/// What can be wrong with a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterErrorKind {
    /// Longer than [`MAX_FILTER`].
    TooLong,
    /// A character that no filter has.
    Character,
    /// A word that is no part of the language.
    UnknownWord,
    /// The name of a host or network: it would have to be asked for on the network. An address is meant.
    HostName,
    /// An address, network or number that is none.
    Address,
    /// The name of a port or protocol that this computer does not know.
    UnknownName,
    /// A word that cannot stand at this place.
    Unexpected,
    /// The text ends too early.
    Missing,
    /// No packet can ever pass it.
    RejectsAll,
    /// Valid as such, but not on this kind of device, or refused by libpcap for another reason.
    Refused,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (character {})", self.message, self.at + 1)
    }
}

impl std::error::Error for FilterError {}

/// Whether `expression` is a filter for a device of `link_type` (`LINKTYPE_`; 1 for Ethernet and Wi-Fi). An empty one takes everything.
pub fn check_filter(expression: &str, link_type: u16) -> Result<(), FilterError> {
    let words = words::read(expression)?;
    if words.is_empty() {
        return Ok(());
    }
    let compiler = Compiler::new(link_type)?;
    let Err(said) = compiler.compile(expression, true) else {
        return Ok(());
    };
    let whole = |kind, message: &str| FilterError {
        at: 0,
        len: expression.chars().count(),
        kind,
        message: message.to_owned(),
    };
    // Without its optimizer, libpcap does not see that nothing can pass.
    if compiler.compile(expression, false).is_ok() {
        return Err(whole(FilterErrorKind::RejectsAll, &said));
    }
    Err(place::of(expression, &words, &compiler, &said))
}

/// Whether every word of `expression` may be handed to libpcap: none is the name of a host. Says nothing about their order.
pub fn check_filter_words(expression: &str) -> Result<(), FilterError> {
    words::read(expression).map(drop)
}

/// libpcap's compiler for one link type.
struct Compiler(Capture<Dead>);

impl Compiler {
    fn new(link_type: u16) -> Result<Self, FilterError> {
        Capture::dead(Linktype(dlt_of(link_type)))
            .map(Self)
            .map_err(|e| FilterError {
                at: 0,
                len: 0,
                kind: FilterErrorKind::Refused,
                message: e.to_string(),
            })
    }

    /// libpcap's words where it is no filter. The one way to libpcap, and it goes past the words: what is tried out to find the place of
    /// an error could make a host's name of any word.
    fn compile(&self, expression: &str, optimize: bool) -> Result<(), String> {
        words::cut(expression).map_err(|e| e.message)?;
        match self.0.compile(expression, optimize) {
            Ok(_) => Ok(()),
            Err(pcap::Error::PcapError(text)) => Err(crate::plain(&text)),
            Err(other) => Err(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
