//! What payloads have told so far, for all flows together.

use super::evidence::Evidence;
use crate::{
    device::Hosts,
    names::{Answers, DnsBook, Names, Reader},
};

/// Names, answers, evidence, and the machines on the near side.
#[derive(Debug)]
pub(crate) struct Learned {
    pub(crate) names: Names,
    pub(crate) book: DnsBook,
    pub(crate) answers: Answers,
    pub(crate) evidence: Evidence,
    pub(crate) hosts: Hosts,
    pub(crate) reader: Reader,
    pub(crate) keep_evidence: bool,
    /// Working memory for a text.
    pub(crate) text: String,
}

impl Learned {
    /// Nothing yet. `seed` keys the hashers.
    pub(crate) fn new(seed: u64, keep_evidence: bool) -> Self {
        Self {
            names: Names::new(seed),
            book: DnsBook::new(seed),
            answers: Answers::new(seed),
            evidence: Evidence::new(seed),
            hosts: Hosts::new(seed),
            reader: Reader::default(),
            keep_evidence,
            text: String::new(),
        }
    }

    /// Names and rows that found no place.
    pub(crate) const fn dropped(&self) -> u64 {
        self.names
            .dropped()
            .saturating_add(self.book.dropped())
            .saturating_add(self.answers.dropped())
            .saturating_add(self.reader.dropped())
            .saturating_add(self.evidence.dropped())
    }
}
