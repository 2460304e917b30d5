//! Domains -> finite-state map, in the form that [`telltale_core::enrich`] walks: labels in reverse order.

use crate::error::DataError;
use std::collections::BTreeMap;

/// Domains and their numbers, sorted as the map wants them.
#[derive(Debug, Default)]
pub(crate) struct Domains {
    reversed: BTreeMap<String, u64>,
}

impl Domains {
    /// Whether a list may name this: a host name of at least two labels that is no public suffix. With `private`, a
    /// company's own suffix (`github.io`) may be named, too.
    pub(crate) fn is_nameable(domain: &str, private: bool) -> bool {
        let labels_fine = domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        });
        let is_address = domain
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        let own_suffix = private && psl::suffix(domain.as_bytes()).is_some_and(|s| s.typ() == Some(psl::Type::Private));
        domain.contains('.')
            && domain.len() <= 253
            && labels_fine
            && !is_address
            && (psl::domain_str(domain).is_some() || own_suffix)
    }

    /// Changes a domain's number; a new one begins as `None`.
    pub(crate) fn update(&mut self, domain: &str, change: impl FnOnce(Option<u64>) -> u64) {
        let key: Vec<&str> = domain.rsplit('.').collect();
        let key = key.join(".");
        let value = change(self.reversed.get(&key).copied());
        self.reversed.insert(key, value);
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.reversed.len()
    }

    /// The map's octets.
    pub(crate) fn build(self) -> Result<Vec<u8>, DataError> {
        let unsound = |error: fst::Error| DataError::Unsound(error.to_string());
        let mut builder = fst::MapBuilder::memory();
        for (domain, value) in &self.reversed {
            builder.insert(domain, *value).map_err(unsound)?;
        }
        builder.into_inner().map_err(unsound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_and_addresses_are_not_nameable() {
        for domain in ["ads.example.com", "example.co.uk", "a_b.example.com", "x.github.io"] {
            assert!(Domains::is_nameable(domain, false), "{domain}");
        }
        for domain in [
            "com",
            "co.uk",
            "192.0.2.1",
            "",
            "a..com",
            "Ads.example.com",
            "github.io",
            "exa mple.com",
        ] {
            assert!(!Domains::is_nameable(domain, false), "{domain}");
        }
        assert!(Domains::is_nameable("github.io", true));
        assert!(!Domains::is_nameable("co.uk", true));
    }
}
