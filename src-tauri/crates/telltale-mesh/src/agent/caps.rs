//! What agents say that they can do: entity capabilities (XEP-0115) over service discovery (XEP-0030). Pure.
//!
//! An agent announces a hash of what it can do with its presence; who does not know the hash asks, and believes the answer only if it
//! has that hash. So a hash is asked about once, and nobody can give another a role.

use super::rules::word;
use std::collections::BTreeMap;
use std::sync::Arc;
use xmpp_parsers::caps::{Caps, compute_disco, hash_caps};
use xmpp_parsers::disco::{DiscoInfoResult, Identity};
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

/// The feature that says: I read envelopes and confirm them.
pub(super) const MESH: &str = "urn:telltale:mesh:1";
/// What a feature that names a role begins with.
const ROLE: &str = "urn:telltale:role:";
/// What a feature that names a duty begins with.
const DUTY: &str = "urn:telltale:duty:";
/// What our capabilities are called.
const NODE: &str = "urn:telltale:agent";
/// Namespace of ad-hoc commands (XEP-0050).
pub(super) const COMMANDS: &str = "http://jabber.org/protocol/commands";
/// Duties of one agent at most.
const MAX_DUTIES: usize = 32;
/// Features of an answer at most; programs for people have some fifty.
const MAX_FEATURES: usize = 256;
/// Identities and forms of an answer at most.
const MAX_PARTS: usize = 16;
/// Hashes that are remembered at most.
const MAX_KNOWN: usize = 256;

/// What an agent can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) role: Option<String>,
    pub(super) duties: Vec<String>,
    pub(super) software: Option<String>,
    /// It reads envelopes, and confirms them.
    pub(super) envelopes: bool,
    /// Its role was given by the owner, who said nothing of duties: it can do all of them.
    pub(super) any_duty: bool,
}

impl Abilities {
    /// Whether it has this role and can do this duty; empty: any.
    pub(super) fn fit(&self, role: &str, duty: &str) -> bool {
        let has_role = role.is_empty() || self.role.as_deref() == Some(role);
        has_role && (duty.is_empty() || self.any_duty || self.duties.iter().any(|d| d == duty))
    }

    /// Of an answer to a question.
    fn of(answer: &DiscoInfoResult) -> Self {
        let named = |start: &'static str| answer.features.iter().filter_map(move |f| word(f.strip_prefix(start)?));
        let mut roles = named(ROLE);
        // One who says that it has two roles has none.
        let role = roles.next().filter(|_| roles.next().is_none());
        let name = answer.identities.iter().find_map(|i| i.name.as_deref());
        Self {
            role: role.map(ToOwned::to_owned),
            duties: named(DUTY).take(MAX_DUTIES).map(ToOwned::to_owned).collect(),
            software: name.map(super::xml::said).filter(|n| !n.is_empty()),
            envelopes: answer.features.contains(MESH),
            any_duty: false,
        }
    }
}

/// Our own capabilities.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    pub(super) answer: DiscoInfoResult,
    caps: Caps,
    /// As others see them.
    pub(super) abilities: Arc<Abilities>,
}

impl Ours {
    pub(super) fn new(role: &str, duties: &[String], software: &str) -> Self {
        let duties = duties.iter().filter_map(|d| word(d)).take(MAX_DUTIES);
        let features = [
            MESH,
            COMMANDS,
            ns::DISCO_INFO,
            ns::DISCO_ITEMS,
            ns::CAPS,
            ns::PING,
            ns::DATA_FORMS,
        ];
        let features = features.iter().map(|&f| f.to_owned());
        let role = word(role).map(|role| format!("{ROLE}{role}"));
        // A `<` would let the hash mean two things (XEP-0115 section 8.2).
        let software = super::xml::said(software).replace(['<', '>'], " ");
        let answer = DiscoInfoResult {
            node: None,
            identities: vec![Identity {
                category: "automation".to_owned(),
                type_: "telltale".to_owned(),
                lang: None,
                name: Some(software),
            }],
            features: features
                .chain(role)
                .chain(duties.map(|d| format!("{DUTY}{d}")))
                .collect(),
            extensions: Vec::new(),
        };
        let ver = hash(&answer, Algo::Sha_256).unwrap_or_default();
        let caps = Caps {
            ext: None,
            node: NODE.to_owned(),
            hash: Algo::Sha_256,
            ver,
        };
        let abilities = Arc::new(Abilities::of(&answer));
        Self {
            answer,
            caps,
            abilities,
        }
    }

    /// What goes with our presence.
    pub(super) fn element(&self) -> Element {
        self.caps.clone().into()
    }

    /// The node of a question about our present capabilities.
    pub(super) fn node(&self) -> Option<String> {
        xmpp_parsers::caps::query_caps(self.caps.clone()).node
    }
}

fn hash(answer: &DiscoInfoResult, algo: Algo) -> Option<Vec<u8>> {
    let sound = |text: &str| !text.contains('<');
    let identities = answer.identities.iter();
    let mut texts = identities.flat_map(|i| [i.category.as_str(), &i.type_, i.name.as_deref().unwrap_or_default()]);
    if !texts.all(sound) || !answer.features.iter().all(|f| sound(f)) {
        return None;
    }
    hash_caps(&compute_disco(answer), algo).ok().map(|hash| hash.hash)
}

/// What an agent announced: which hash of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    node: String,
    algo: Algo,
    ver: Vec<u8>,
}

impl Announced {
    /// What a presence says; `None`: nothing, or in a way that proves nothing.
    pub(super) fn of(payloads: &[Element]) -> Option<Self> {
        let caps = payloads.iter().find(|e| e.is("c", ns::CAPS))?;
        let caps = Caps::try_from(caps.clone()).ok()?;
        let strong = matches!(caps.hash, Algo::Sha_1 | Algo::Sha_256 | Algo::Sha_512);
        (strong && caps.node.len() <= super::xml::MAX_NAME && caps.ver.len() <= 64).then_some(Self {
            node: caps.node,
            algo: caps.hash,
            ver: caps.ver,
        })
    }

    /// The node to ask about.
    pub(super) fn question(&self) -> Option<String> {
        let caps = Caps {
            ext: None,
            node: self.node.clone(),
            hash: self.algo.clone(),
            ver: self.ver.clone(),
        };
        xmpp_parsers::caps::query_caps(caps).node
    }

    /// What an answer says, if it has the hash that was announced. With a form in it, it may be somebody else's announcement whose features
    /// were put into the form, which gives the same hash: such an answer counts for who gave it alone.
    pub(super) fn verify(&self, answer: &DiscoInfoResult) -> Option<Abilities> {
        let small = answer.features.len() <= MAX_FEATURES
            && answer.identities.len() <= MAX_PARTS
            && answer.extensions.len() <= MAX_PARTS;
        (small && hash(answer, self.algo.clone())? == self.ver).then(|| Abilities::of(answer))
    }

    fn key(&self) -> (String, Vec<u8>) {
        (format!("{:?}", self.algo), self.ver.clone())
    }
}

/// What is known of hashes.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<(String, Vec<u8>), Arc<Abilities>>);

impl Known {
    pub(super) fn get(&self, announced: &Announced) -> Option<Arc<Abilities>> {
        self.0.get(&announced.key()).cloned()
    }

    /// Remembers what was verified. Where there are too many, those that nobody has any more leave.
    pub(super) fn add(&mut self, announced: &Announced, abilities: Abilities) -> Arc<Abilities> {
        if self.0.len() >= MAX_KNOWN {
            self.0.retain(|_, abilities| Arc::strong_count(abilities) > 1);
        }
        let abilities = Arc::new(abilities);
        if self.0.len() < MAX_KNOWN {
            self.0.insert(announced.key(), Arc::clone(&abilities));
        }
        abilities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Ours {
        let duties = ["store".to_owned(), "dns".to_owned(), "no duty".to_owned()];
        Ours::new("correlator", &duties, "Telltale <1>")
    }

    #[test]
    fn what_is_announced_is_what_is_answered() {
        let ours = ours();
        let announced = Announced::of(&[ours.element()]).expect("capabilities");
        assert_eq!(announced.question(), ours.node());
        let abilities = announced.verify(&ours.answer).expect("the same hash");
        assert_eq!(abilities.role.as_deref(), Some("correlator"));
        assert_eq!(abilities.duties, ["dns", "store"]);
        assert!(abilities.envelopes);
        assert!(abilities.fit("correlator", "") && abilities.fit("", "dns") && abilities.fit("correlator", "store"));
        assert!(!abilities.fit("probe", "") && !abilities.fit("correlator", "tls"));
    }

    #[test]
    fn an_answer_with_another_hash_says_nothing() {
        let ours = ours();
        let announced = Announced::of(&[ours.element()]).expect("capabilities");
        let mut lie = ours.answer.clone();
        lie.features.insert("urn:telltale:duty:tls".to_owned());
        assert_eq!(announced.verify(&lie), None);
        // The hash of XEP-0115 cannot tell `a<b` from `a` and `b`: such an answer is not believed.
        let mut glued = ours.answer.clone();
        glued.features.clear();
        let all: Vec<String> = ours.answer.features.iter().cloned().collect();
        glued.features.insert(all.join("<"));
        assert_eq!(compute_disco(&glued), compute_disco(&ours.answer));
        assert_eq!(announced.verify(&glued), None);
    }

    #[test]
    fn two_roles_are_none() {
        let mut answer = ours().answer;
        answer.features.insert("urn:telltale:role:probe".to_owned());
        assert_eq!(Abilities::of(&answer).role, None);
    }

    #[test]
    fn hashes_without_end_take_no_memory() {
        let mut known = Known::default();
        let held = known.add(&announced(0), Abilities::default());
        for n in 1..2_000_u32 {
            known.add(&announced(n), Abilities::default());
        }
        assert!(known.0.len() <= MAX_KNOWN);
        assert_eq!(known.get(&announced(0)), Some(held), "what somebody has stays");
    }

    fn announced(n: u32) -> Announced {
        Announced {
            node: "n".to_owned(),
            algo: Algo::Sha_1,
            ver: n.to_be_bytes().to_vec(),
        }
    }

    /// The example of XEP-0115 section 5.2.
    #[test]
    fn the_published_example_is_verified() {
        let features = [ns::CAPS, ns::DISCO_INFO, ns::DISCO_ITEMS, ns::MUC];
        let answer = DiscoInfoResult {
            node: None,
            identities: vec![Identity {
                category: "client".to_owned(),
                type_: "pc".to_owned(),
                lang: None,
                name: Some("Exodus 0.9.1".to_owned()),
            }],
            features: features.iter().map(|&f| f.to_owned()).collect(),
            extensions: Vec::new(),
        };
        let caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.google.com/p/exodus' \
                    ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
        let announced = Announced::of(&[caps.parse().expect("XML")]).expect("capabilities");
        assert!(announced.verify(&answer).is_some());
    }
}
