//! Each text once: a name is a small number inside the audit, and one `Arc<str>` when it leaves it.

use crate::limits::{MAX_NAME_OCTETS, MAX_NAMES};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::{hash::BuildHasher, num::NonZeroU32, sync::Arc};

/// Number of a text; in an `Option` no larger than alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NameId(NonZeroU32);

/// All texts of an audit.
#[derive(Debug)]
pub(crate) struct Names {
    texts: Vec<Arc<str>>,
    by_text: HashTable<NameId>,
    hasher: FixedState,
    octets: usize,
    dropped: u64,
}

impl Names {
    /// No texts yet. `seed` keys the hasher.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            texts: Vec::new(),
            by_text: HashTable::new(),
            hasher: FixedState::with_seed(seed),
            octets: 0,
            dropped: 0,
        }
    }

    /// The number of `text`; `None` when the limit is reached and the text is a new one.
    pub(crate) fn intern(&mut self, text: &str) -> Option<NameId> {
        let hash = self.hasher.hash_one(text);
        let texts = &self.texts;
        if let Some(id) = self
            .by_text
            .find(hash, |id| at(texts, *id).is_some_and(|known| &**known == text))
        {
            return Some(*id);
        }
        if self.texts.len() >= MAX_NAMES || self.octets.saturating_add(text.len()) > MAX_NAME_OCTETS {
            self.dropped = self.dropped.saturating_add(1);
            return None;
        }
        self.octets = self.octets.saturating_add(text.len());
        self.texts.push(text.into());
        let id = NameId(NonZeroU32::new(u32::try_from(self.texts.len()).ok()?)?);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.by_text
            .insert_unique(hash, id, |id| at(texts, *id).map_or(0, |text| hasher.hash_one(&**text)));
        Some(id)
    }

    /// The text of a number that this audit gave out.
    pub(crate) fn text(&self, id: NameId) -> Arc<str> {
        at(&self.texts, id).map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// The same, borrowed.
    pub(crate) fn str(&self, id: NameId) -> &str {
        at(&self.texts, id).map_or("", |text| text)
    }

    /// Texts that found no place.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }
}

fn at(texts: &[Arc<str>], id: NameId) -> Option<&Arc<str>> {
    texts.get((id.0.get() as usize).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_held_once() {
        let mut names = Names::new(7);
        let a = names.intern("example.org").unwrap();
        let b = names.intern("example.com").unwrap();
        assert_ne!(a, b);
        assert_eq!(names.intern("example.org"), Some(a));
        assert_eq!(&*names.text(b), "example.com");
        assert!(Arc::ptr_eq(&names.text(a), &names.text(a)));
        assert_eq!(size_of::<Option<NameId>>(), 4);
    }
}
