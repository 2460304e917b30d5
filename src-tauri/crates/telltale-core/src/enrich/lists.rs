//! Other people's lists as finite-state maps: third-party-web's companies, AdGuard's advertising and tracking domains.
//!
//! `npm run data` writes them with the labels of each domain in reverse order (`com.example.ads`), so that one walk from the
//! right end of a name finds the longest entry. Nothing is allocated by a look-up.

use super::{AtlasError, Octets};
use crate::model::Purpose;
use fst::raw::{Fst, Output};
use std::sync::Arc;

/// Domains -> number.
struct SuffixMap {
    fst: Fst<Octets>,
}

impl std::fmt::Debug for SuffixMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SuffixMap")
            .field("domains", &self.fst.len())
            .finish_non_exhaustive()
    }
}

/// An entry that a name lies at or below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry<'n> {
    value: u64,
    /// The entry: the end of the name that it covers.
    domain: &'n str,
    labels: usize,
}

impl SuffixMap {
    fn open(set: &'static str, octets: Octets) -> Result<Self, AtlasError> {
        let broken = |error: fst::Error| AtlasError::List {
            set,
            reason: error.to_string(),
        };
        let fst = Fst::new(octets).map_err(broken)?;
        // The walk trusts the table, so its checksum is looked at once, here.
        fst.verify().map_err(broken)?;
        Ok(Self { fst })
    }

    /// The longest entry that the name lies at or below.
    fn find<'n>(&self, name: &'n str) -> Option<Entry<'n>> {
        let mut node = self.fst.root();
        let mut output = Output::zero();
        let mut best = None;
        let mut taken = 0_usize;
        for (count, label) in name.rsplit('.').enumerate() {
            let dot: &[u8] = if count == 0 { b"" } else { b"." };
            for byte in dot.iter().chain(label.as_bytes()) {
                let Some(at) = node.find_input(*byte) else { return best };
                let transition = node.transition(at);
                output = output.cat(transition.out);
                node = self.fst.node(transition.addr);
            }
            taken = taken.saturating_add(dot.len()).saturating_add(label.len());
            if node.is_final() {
                let domain = name
                    .len()
                    .checked_sub(taken)
                    .and_then(|start| name.get(start..))
                    .unwrap_or(name);
                let value = output.cat(node.final_output()).value();
                best = Some(Entry {
                    value,
                    domain,
                    labels: count.saturating_add(1),
                });
            }
        }
        best
    }
}

/// A company as third-party-web knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WebCompany {
    /// Company.
    pub(super) company: Arc<str>,
    /// Its product, where that has another name.
    pub(super) product: Option<Arc<str>>,
    /// What its category says.
    pub(super) purpose: Purpose,
}

/// third-party-web.
#[derive(Debug)]
pub(super) struct Companies {
    domains: SuffixMap,
    rows: Vec<WebCompany>,
}

impl Companies {
    pub(super) fn open(fst: Octets, tsv: &[u8]) -> Result<Self, AtlasError> {
        let set = "third-party-web";
        let broken = |reason: &str| AtlasError::List {
            set,
            reason: reason.to_owned(),
        };
        let domains = SuffixMap::open(set, fst)?;
        let text = std::str::from_utf8(tsv).map_err(|_| broken("companies.tsv is no UTF-8"))?;
        let rows = text.lines().map(web_company).collect::<Option<Vec<_>>>();
        let rows = rows.ok_or_else(|| broken("companies.tsv has a line without three columns"))?;
        Ok(Self { domains, rows })
    }

    /// The company, the entry that names it, and how many labels the entry has.
    pub(super) fn find<'n>(&self, name: &'n str) -> Option<(&WebCompany, &'n str, usize)> {
        let entry = self.domains.find(name)?;
        let row = self.rows.get(usize::try_from(entry.value).ok()?)?;
        Some((row, entry.domain, entry.labels))
    }
}

fn web_company(line: &str) -> Option<WebCompany> {
    let mut columns = line.split('\t');
    let (company, product, category) = (columns.next()?, columns.next()?, columns.next()?);
    Some(WebCompany {
        company: company.into(),
        product: (!product.is_empty()).then(|| product.into()),
        purpose: category_purpose(category),
    })
}

/// third-party-web's categories in our words; what is too coarse to say anything stays unknown.
fn category_purpose(category: &str) -> Purpose {
    match category {
        "ad" => Purpose::Advertising,
        "analytics" | "tag-manager" => Purpose::Analytics,
        "social" => Purpose::Social,
        "marketing" | "customer-success" => Purpose::Engagement,
        "consent-provider" => Purpose::Security,
        "cdn" | "hosting" => Purpose::Delivery,
        "content" | "video" => Purpose::Service,
        _ => Purpose::Unknown,
    }
}

/// AdGuard's lists, as bits of an entry's value.
pub mod tracker_bits {
    /// On AdGuard's base list: advertising.
    pub const ADS: u64 = 1;
    /// On AdGuard's tracking protection list.
    pub const TRACKING: u64 = 2;
    /// On AdGuard's list of mobile advertising.
    pub const MOBILE_ADS: u64 = 4;
    /// The lists except this name and what lies below it.
    pub const EXCEPTED: u64 = 8;
}

/// A name on an advertising or tracking list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed<'n> {
    /// The entry.
    pub(super) domain: &'n str,
    /// Its labels.
    pub(super) labels: usize,
    /// What the list is about.
    pub(super) purpose: Purpose,
}

/// AdGuard's plain domains.
#[derive(Debug)]
pub(super) struct Trackers {
    domains: SuffixMap,
}

impl Trackers {
    pub(super) fn open(fst: Octets) -> Result<Self, AtlasError> {
        Ok(Self {
            domains: SuffixMap::open("adguard", fst)?,
        })
    }

    /// The longest entry; `None` where that is an exception.
    pub(super) fn find<'n>(&self, name: &'n str) -> Option<Listed<'n>> {
        let entry = self.domains.find(name)?;
        let purpose = listed_purpose(entry.value)?;
        Some(Listed {
            domain: entry.domain,
            labels: entry.labels,
            purpose,
        })
    }
}

/// What a list's word is worth: the advertising lists say advertising; the tracking list says that use is measured, and no more
/// (it mixes counters with followers, and we take the milder).
const fn listed_purpose(bits: u64) -> Option<Purpose> {
    if bits & tracker_bits::EXCEPTED != 0 {
        None
    } else if bits & (tracker_bits::ADS | tracker_bits::MOBILE_ADS) != 0 {
        Some(Purpose::Advertising)
    } else if bits & tracker_bits::TRACKING != 0 {
        Some(Purpose::Analytics)
    } else {
        None
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use fst::MapBuilder;

    /// A table as `npm run data` writes it.
    pub(crate) fn table(rows: &[(&str, u64)]) -> Vec<u8> {
        let mut rows: Vec<_> = rows
            .iter()
            .map(|(d, v)| (d.rsplit('.').collect::<Vec<_>>().join("."), *v))
            .collect();
        rows.sort();
        let mut builder = MapBuilder::memory();
        for (domain, value) in rows {
            builder.insert(domain, value).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn the_longest_entry_at_a_label_boundary_wins() {
        let map = SuffixMap::open(
            "t",
            table(&[("example.com", 7), ("ads.example.com", 300), ("a.b.example.org", 0)]).into(),
        )
        .unwrap();
        let find = |name| map.find(name).map(|e| (e.domain, e.value, e.labels));
        assert_eq!(find("example.com"), Some(("example.com", 7, 2)));
        assert_eq!(find("x.y.example.com"), Some(("example.com", 7, 2)));
        assert_eq!(find("x.ads.example.com"), Some(("ads.example.com", 300, 3)));
        assert_eq!(find("badads.example.com"), Some(("example.com", 7, 2)));
        assert_eq!(find("a.b.example.org"), Some(("a.b.example.org", 0, 4)));
        for name in [
            "b.example.org",
            "notexample.com",
            "com",
            "",
            ".",
            "..",
            "example.com.",
            "exämple.com",
        ] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn an_exception_below_an_entry_counts() {
        let trackers = Trackers::open(
            table(&[
                ("t.example", 2),
                ("ok.t.example", 8),
                ("ads.example", 3),
                ("m.example", 4),
            ])
            .into(),
        )
        .unwrap();
        let find = |name| trackers.find(name).map(|l| (l.domain, l.purpose));
        assert_eq!(find("a.t.example"), Some(("t.example", Purpose::Analytics)));
        assert_eq!(find("a.ok.t.example"), None);
        assert_eq!(find("ads.example"), Some(("ads.example", Purpose::Advertising)));
        assert_eq!(find("m.example"), Some(("m.example", Purpose::Advertising)));
    }

    #[test]
    fn companies_come_with_their_category() {
        let fst = table(&[("example.com", 0), ("video.example", 1)]);
        let companies = Companies::open(fst.clone().into(), b"Acme\tAcme Ads\tad\nVid\t\tvideo\n").unwrap();
        let (row, domain, labels) = companies.find("x.example.com").unwrap();
        assert_eq!(
            (&*row.company, row.product.as_deref(), row.purpose),
            ("Acme", Some("Acme Ads"), Purpose::Advertising)
        );
        assert_eq!((domain, labels), ("example.com", 2));
        assert_eq!(companies.find("video.example").unwrap().0.product, None);
        assert!(Companies::open(fst.clone().into(), b"Acme\n").is_err());
        assert!(Companies::open(fst.into(), b"\xff\n").is_err());
    }

    #[test]
    fn a_damaged_table_is_an_error() {
        let good = table(&[("example.com", 7), ("example.org", 9)]);
        assert!(SuffixMap::open("t", good.clone().into()).is_ok());
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(SuffixMap::open("t", bad.into()).is_err(), "octet {at}");
        }
        for length in 0..good.len() {
            assert!(SuffixMap::open("t", good[..length].to_vec().into()).is_err());
        }
    }
}
