//! Finds the longest domain pattern that a name matches.
//!
//! Three forms, as `catalogue/README.md` says: `example.com` stands for itself and all below; `=example.com` for itself alone;
//! `log*.example.com` has a wildcard inside its leftmost label (and stands for names below, too, unless it begins with `=`).
//! Called by the catalogue alone. Never here: what a pattern means.

use hashbrown::HashMap;
use std::sync::Arc;

/// A pattern's place: which row it leads to, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// What it leads to.
    pub(crate) row: usize,
    /// As written in the catalogue.
    pub(crate) text: Arc<str>,
    /// Labels that it fixes.
    pub(crate) labels: usize,
}

#[derive(Debug)]
struct Glob {
    /// Leftmost label, with its `*`.
    label: Box<str>,
    exact: bool,
    pattern: Pattern,
}

/// All patterns, ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct PatternIndex {
    exact: HashMap<Box<str>, Pattern>,
    below: HashMap<Box<str>, Pattern>,
    /// By what follows the leftmost label; most literal characters first.
    globs: HashMap<Box<str>, Vec<Glob>>,
}

/// Why a pattern was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No host name: upper case, another script not in punycode, an empty or over-long label, a slash, a space.
    NotAName,
    /// `*` outside of the leftmost label, twice, or alone.
    Wildcard,
    /// It stands there already.
    Twice,
}

impl PatternIndex {
    /// Adds one; the same pattern cannot be there twice.
    pub(crate) fn insert(&mut self, text: &str, row: usize) -> Result<(), Refusal> {
        let (exact, name) = match text.strip_prefix('=') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let pattern = Pattern {
            row,
            text: Arc::from(text),
            labels: name.split('.').count(),
        };
        if name.contains('*') {
            return self.insert_glob(name, exact, pattern);
        }
        if !is_host_name(name) {
            return Err(Refusal::NotAName);
        }
        let map = if exact { &mut self.exact } else { &mut self.below };
        match map.insert(name.into(), pattern) {
            None => Ok(()),
            Some(_) => Err(Refusal::Twice),
        }
    }

    fn insert_glob(&mut self, name: &str, exact: bool, pattern: Pattern) -> Result<(), Refusal> {
        let (label, parent) = name.split_once('.').ok_or(Refusal::Wildcard)?;
        if label == "*" || label.matches('*').count() != 1 || parent.contains('*') {
            return Err(Refusal::Wildcard);
        }
        if !is_host_name(parent) || !is_label(&label.replace('*', "x")) {
            return Err(Refusal::NotAName);
        }
        let globs = self.globs.entry(parent.into()).or_default();
        if globs.iter().any(|g| &*g.label == label && g.exact == exact) {
            return Err(Refusal::Twice);
        }
        globs.push(Glob {
            label: label.into(),
            exact,
            pattern,
        });
        globs.sort_by_key(|g| std::cmp::Reverse(g.label.len()));
        Ok(())
    }

    /// The longest pattern that matches a lower-case name without a last dot.
    pub(crate) fn find(&self, name: &str) -> Option<&Pattern> {
        if let Some(pattern) = self.exact.get(name) {
            return Some(pattern);
        }
        let mut rest = name;
        loop {
            if let Some(pattern) = self.below.get(rest) {
                return Some(pattern);
            }
            let (label, parent) = rest.split_once('.')?;
            let whole = rest.len() == name.len();
            if let Some(globs) = self.globs.get(parent)
                && let Some(glob) = globs
                    .iter()
                    .find(|g| (whole || !g.exact) && label_matches(&g.label, label))
            {
                return Some(&glob.pattern);
            }
            rest = parent;
        }
    }
}

/// Whether `label` is `glob` with any run of characters in place of its one `*`.
fn label_matches(glob: &str, label: &str) -> bool {
    let Some((head, tail)) = glob.split_once('*') else {
        return glob == label;
    };
    label.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail))
}

/// Whether this is a lower-case host name of at least two labels in ASCII (RFC 1123, with the underscore that DNS uses).
pub(crate) fn is_host_name(name: &str) -> bool {
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && name
            .rsplit('.')
            .next()
            .is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit()))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(patterns: &[&str]) -> PatternIndex {
        let mut index = PatternIndex::default();
        for (row, pattern) in patterns.iter().enumerate() {
            index.insert(pattern, row).unwrap();
        }
        index
    }

    fn found<'a>(index: &'a PatternIndex, name: &str) -> Option<&'a str> {
        index.find(name).map(|p| &*p.text)
    }

    #[test]
    fn the_longest_match_at_a_label_boundary_wins() {
        let index = index(&["example.com", "ads.example.com", "com.example"]);
        assert_eq!(found(&index, "example.com"), Some("example.com"));
        assert_eq!(found(&index, "www.example.com"), Some("example.com"));
        assert_eq!(found(&index, "x.ads.example.com"), Some("ads.example.com"));
        assert_eq!(found(&index, "badads.example.com"), Some("example.com"));
        assert_eq!(found(&index, "notexample.com"), None);
        assert_eq!(found(&index, "com"), None);
        assert_eq!(found(&index, ""), None);
        assert_eq!(found(&index, "..."), None);
    }

    #[test]
    fn an_exact_pattern_stands_for_itself_alone() {
        let index = index(&["example.com", "=app.example.com"]);
        assert_eq!(found(&index, "app.example.com"), Some("=app.example.com"));
        assert_eq!(found(&index, "x.app.example.com"), Some("example.com"));
    }

    #[test]
    fn a_wildcard_stays_inside_its_label() {
        let index = index(&[
            "log*.example.com",
            "log-a*.example.com",
            "*-eu.example.com",
            "=m*n.example.com",
            "example.com",
        ]);
        assert_eq!(found(&index, "log.example.com"), Some("log*.example.com"));
        assert_eq!(found(&index, "log16.example.com"), Some("log*.example.com"));
        assert_eq!(found(&index, "log-a1.example.com"), Some("log-a*.example.com"));
        assert_eq!(found(&index, "x.log16.example.com"), Some("log*.example.com"));
        assert_eq!(found(&index, "log.x.example.com"), Some("example.com"));
        assert_eq!(found(&index, "blog.example.com"), Some("example.com"));
        assert_eq!(found(&index, "push-eu.example.com"), Some("*-eu.example.com"));
        assert_eq!(found(&index, "mon.example.com"), Some("=m*n.example.com"));
        assert_eq!(found(&index, "m.example.com"), Some("example.com"));
        assert_eq!(found(&index, "a.mon.example.com"), Some("example.com"));
    }

    #[test]
    fn a_plain_pattern_wins_over_a_wildcard_of_the_same_length() {
        let index = index(&["log*.example.com", "login.example.com"]);
        assert_eq!(found(&index, "login.example.com"), Some("login.example.com"));
        assert_eq!(found(&index, "a.login.example.com"), Some("login.example.com"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let mut index = index(&["example.com", "a*.example.com"]);
        for (text, refusal) in [
            ("example.com", Refusal::Twice),
            ("a*.example.com", Refusal::Twice),
            ("Example.com", Refusal::NotAName),
            ("example.com/", Refusal::NotAName),
            ("exämple.com", Refusal::NotAName),
            ("com", Refusal::NotAName),
            ("192.0.2.1", Refusal::NotAName),
            (".example.com", Refusal::NotAName),
            ("*.example.com", Refusal::Wildcard),
            ("a*b*.example.com", Refusal::Wildcard),
            ("a.*.example.com", Refusal::Wildcard),
            ("a*", Refusal::Wildcard),
        ] {
            assert_eq!(index.insert(text, 9), Err(refusal), "{text}");
        }
        assert_eq!(index.insert("=example.com", 9), Ok(()));
    }
}
