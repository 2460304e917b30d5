//! Which names a device was given for an address, and when: names flows that show none themselves.

use super::NameId;
use crate::{
    limits::{MAX_NAME_BINDINGS, MAX_NAMES_PER_ADDRESS},
    model::{NameSource, Timestamp},
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::net::IpAddr;

/// One name of one address, as one machine was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The name asked for.
    pub(crate) name: NameId,
    /// [`NameSource::Dns`] or [`NameSource::ReverseDns`].
    pub(crate) source: NameSource,
    first: Timestamp,
    last: Timestamp,
}

#[derive(Debug)]
struct Bindings {
    newest: Binding,
    /// Earlier ones, in the order in which they were last confirmed.
    earlier: Vec<Binding>,
}

/// The answers, by who asked and by address.
#[derive(Debug)]
pub(crate) struct DnsBook {
    by_address: HashMap<(u32, IpAddr), Bindings, FixedState>,
    dropped: u64,
}

impl DnsBook {
    /// An empty book. `seed` keys the hasher.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            by_address: HashMap::with_hasher(FixedState::with_seed(seed)),
            dropped: 0,
        }
    }

    /// Forgets addresses for which no answer came since `before`.
    pub(crate) fn forget(&mut self, before: Timestamp) {
        self.by_address.retain(|_, bindings| bindings.newest.last >= before);
    }

    /// Answers that found no place.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// `who` (a number that the caller gives to one machine) was told at `at` that `name` has `address`.
    pub(crate) fn learn(&mut self, who: u32, address: IpAddr, name: NameId, source: NameSource, at: Timestamp) {
        let fresh = Binding {
            name,
            source,
            first: at,
            last: at,
        };
        if let Some(bindings) = self.by_address.get_mut(&(who, address)) {
            self.dropped = self.dropped.saturating_add(bindings.learn(fresh));
        } else if self.by_address.len() < MAX_NAME_BINDINGS {
            self.by_address.insert(
                (who, address),
                Bindings {
                    newest: fresh,
                    earlier: Vec::new(),
                },
            );
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// The name under which `who` most likely called `address` at `start`: the newest answer before, a name asked for before
    /// one that the address itself gave (PTR).
    pub(crate) fn name_at(&self, who: u32, address: IpAddr, start: Timestamp) -> Option<Binding> {
        let bindings = self.by_address.get(&(who, address))?;
        bindings.at(start)
    }

    /// Whether `name` is among the names that `who` was given this address for; `None` when it was given none.
    pub(crate) fn has_asked(&self, who: u32, address: IpAddr, name: NameId) -> Option<bool> {
        let bindings = self.by_address.get(&(who, address))?;
        Some(bindings.all().any(|binding| binding.name == name))
    }

    /// As [`Self::name_at`]; for a flow that began before any answer was seen, the earliest answer after its beginning.
    pub(crate) fn name_for(&self, who: u32, address: IpAddr, start: Timestamp) -> Option<Binding> {
        let bindings = self.by_address.get(&(who, address))?;
        let after = || {
            bindings
                .all()
                .filter(|b| b.first > start)
                .min_by_key(|b| (b.source, b.first))
        };
        bindings.at(start).or_else(after)
    }
}

impl Bindings {
    fn all(&self) -> impl Iterator<Item = Binding> {
        std::iter::once(self.newest).chain(self.earlier.iter().rev().copied())
    }

    fn at(&self, start: Timestamp) -> Option<Binding> {
        self.all().filter(|b| b.first <= start).min_by_key(|b| {
            // An answer that came again later may already have been the newest at `start`: count it as of `start`.
            (b.source, std::cmp::Reverse(b.last.min(start)))
        })
    }

    /// Makes `fresh` the newest; returns how many names were dropped for it.
    fn learn(&mut self, fresh: Binding) -> u64 {
        let same = |b: &Binding| b.name == fresh.name && b.source == fresh.source;
        if same(&self.newest) {
            self.newest.last = self.newest.last.max(fresh.last);
            return 0;
        }
        let first = match self.earlier.iter().position(same) {
            Some(place) => self.earlier.remove(place).first,
            None => fresh.first,
        };
        self.earlier.push(self.newest);
        self.newest = Binding { first, ..fresh };
        if self.earlier.len() < MAX_NAMES_PER_ADDRESS {
            return 0;
        }
        self.earlier.remove(0);
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;

    const SECOND: i64 = 1_000_000_000;

    fn t(seconds: i64) -> Timestamp {
        Timestamp(seconds * SECOND)
    }

    #[test]
    fn the_newest_answer_before_a_flow_names_it() {
        let (mut names, mut book) = (Names::new(1), DnsBook::new(1));
        let address = "192.0.2.1".parse().unwrap();
        let (a, b) = (names.intern("a.example").unwrap(), names.intern("b.example").unwrap());
        book.learn(0, address, a, NameSource::Dns, t(10));
        book.learn(0, address, b, NameSource::Dns, t(20));
        assert_eq!(book.name_at(0, address, t(15)).unwrap().name, a);
        assert_eq!(book.name_at(0, address, t(25)).unwrap().name, b);
        assert_eq!(book.name_at(0, address, t(5)), None);
        assert_eq!(
            book.name_for(0, address, t(5)).unwrap().name,
            a,
            "the first that came later"
        );
        assert_eq!(book.name_at(1, address, t(25)), None, "another device did not ask");
        book.learn(0, address, a, NameSource::Dns, t(30));
        assert_eq!(book.name_at(0, address, t(31)).unwrap().name, a);
    }

    #[test]
    fn what_was_not_answered_again_is_forgotten() {
        let (mut names, mut book) = (Names::new(1), DnsBook::new(1));
        let (old, young) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let name = names.intern("a.example").unwrap();
        book.learn(0, old, name, NameSource::Dns, t(10));
        book.learn(0, young, name, NameSource::Dns, t(10));
        book.learn(0, young, name, NameSource::Dns, t(30));
        book.forget(t(20));
        assert_eq!(book.name_at(0, old, t(40)), None);
        assert_eq!(book.name_at(0, young, t(15)).unwrap().name, name);
    }

    #[test]
    fn a_name_asked_for_beats_a_reverse_name() {
        let (mut names, mut book) = (Names::new(1), DnsBook::new(1));
        let address = "192.0.2.1".parse().unwrap();
        let (asked, reverse) = (
            names.intern("app.example").unwrap(),
            names.intern("host-1.example").unwrap(),
        );
        book.learn(0, address, asked, NameSource::Dns, t(1));
        book.learn(0, address, reverse, NameSource::ReverseDns, t(2));
        assert_eq!(book.name_at(0, address, t(3)).unwrap().name, asked);
    }

    #[test]
    fn one_address_keeps_a_bounded_number_of_names() {
        let (mut names, mut book) = (Names::new(1), DnsBook::new(1));
        let address = "192.0.2.1".parse().unwrap();
        for i in 0..100 {
            let name = names.intern(&format!("{i}.example")).unwrap();
            book.learn(0, address, name, NameSource::Dns, t(i));
        }
        assert_eq!(book.dropped(), 100 - MAX_NAMES_PER_ADDRESS as u64);
        assert_eq!(names.str(book.name_at(0, address, t(500)).unwrap().name), "99.example");
    }
}
