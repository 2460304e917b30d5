//! Whom the owner's policy lets in. Pure.

use std::collections::{BTreeMap, BTreeSet};
use telltale_core::model::MeshPolicy;
use xmpp_parsers::jid::BareJid;

/// Words of a role or a duty, in octets at most.
const MAX_WORD: usize = 64;

/// What a policy says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Let in: it may ask, report, and have a role.
    Trusted,
    /// The owner is asked.
    Unknown,
    /// Refused.
    Denied,
}

/// Bare JIDs, and whole domains (`*@domain`).
#[derive(Clone, Debug, Default)]
struct Named {
    jids: BTreeSet<BareJid>,
    domains: BTreeSet<String>,
}

impl Named {
    fn new(list: &[String]) -> Self {
        let domain = |text: &String| Some(BareJid::new(text.trim().strip_prefix("*@")?).ok()?.to_string());
        Self {
            jids: list.iter().filter_map(|text| jid(text)).collect(),
            domains: list.iter().filter_map(domain).collect(),
        }
    }

    fn has(&self, jid: &BareJid) -> bool {
        self.jids.contains(jid) || self.domains.contains(jid.domain().as_str())
    }
}

fn jid(text: &str) -> Option<BareJid> {
    BareJid::new(text.trim()).ok()
}

/// A policy, ready to be asked. Addresses that are none say nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    allow: Named,
    deny: Named,
    group: bool,
    roles: BTreeMap<BareJid, String>,
    see: Named,
    control: Named,
}

impl Rules {
    /// Of a policy; who invited us is let in, too.
    pub(super) fn new(policy: &MeshPolicy, inviter: Option<&BareJid>) -> Self {
        let role = |(who, role): &(String, String)| Some((jid(who)?, word(role)?.to_owned()));
        let mut allow = Named::new(&policy.allow);
        allow.jids.extend(inviter.cloned());
        Self {
            allow,
            deny: Named::new(&policy.deny),
            group: policy.roster_group,
            roles: policy.roles.iter().filter_map(role).collect(),
            see: Named::new(&policy.may_see),
            control: Named::new(&policy.may_control),
        }
    }

    /// What is said of `jid`; `grouped`: the server's own group has it, and it sees our presence.
    pub(super) fn standing(&self, jid: &BareJid, grouped: bool) -> Standing {
        if self.deny.has(jid) {
            Standing::Denied
        } else if self.allow.has(jid) || (self.group && grouped) {
            Standing::Trusted
        } else {
            Standing::Unknown
        }
    }

    /// Whether it may see what this agent does, once it is let in.
    pub(super) fn may_see(&self, jid: &BareJid) -> bool {
        self.see.has(jid) || self.may_control(jid)
    }

    /// Whether it may control what this agent does, once it is let in.
    pub(super) fn may_control(&self, jid: &BareJid) -> bool {
        self.control.has(jid)
    }

    /// The role that the owner gives somebody.
    pub(super) fn role(&self, jid: &BareJid) -> Option<&str> {
        self.roles.get(jid).map(String::as_str)
    }
}

/// A role or a duty, if the text can be one.
pub(super) fn word(text: &str) -> Option<&str> {
    let text = text.trim();
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!text.is_empty() && text.len() <= MAX_WORD && text.chars().all(good)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).expect("an address")
    }

    fn strings(all: &[&str]) -> Vec<String> {
        all.iter().map(|&one| one.to_owned()).collect()
    }

    #[test]
    fn who_is_refused_stays_so_and_who_is_not_named_is_asked_about() {
        let policy = MeshPolicy {
            allow: strings(&["Probe@Example.ORG", "*@lab.example", "nonsense@@", "*"]),
            deny: strings(&["bad@lab.example", "*@worse.example"]),
            roster_group: true,
            roles: vec![("spade@lab.example".to_owned(), "correlator".to_owned())],
            may_see: strings(&["*@lab.example", "<x>"]),
            may_control: strings(&["Probe@Example.ORG"]),
        };
        let rules = Rules::new(&policy, Some(&jid("host@home.example")));
        assert_eq!(rules.standing(&jid("probe@example.org"), false), Standing::Trusted);
        assert_eq!(rules.standing(&jid("any@lab.example"), false), Standing::Trusted);
        assert_eq!(rules.standing(&jid("host@home.example"), false), Standing::Trusted);
        assert_eq!(rules.standing(&jid("bad@lab.example"), true), Standing::Denied);
        assert_eq!(rules.standing(&jid("any@worse.example"), true), Standing::Denied);
        assert_eq!(rules.standing(&jid("any@sub.lab.example"), false), Standing::Unknown);
        assert_eq!(rules.standing(&jid("other@example.org"), false), Standing::Unknown);
        assert_eq!(rules.standing(&jid("other@example.org"), true), Standing::Trusted);
        assert_eq!(rules.role(&jid("spade@lab.example")), Some("correlator"));
        let may = |who: &str| (rules.may_see(&jid(who)), rules.may_control(&jid(who)));
        assert_eq!(may("any@lab.example"), (true, false));
        assert_eq!(may("probe@example.org"), (true, true), "who controls sees");
        assert_eq!(may("host@home.example"), (false, false), "to be let in is not enough");
        let none = Rules::new(&MeshPolicy::default(), None);
        assert!(!none.may_see(&jid("any@lab.example")));
        assert_eq!(none.standing(&jid("other@example.org"), true), Standing::Unknown);
    }

    #[test]
    fn a_role_is_a_word() {
        assert_eq!(word(" correlator "), Some("correlator"));
        for wrong in ["", "a b", "a<b", "rôle", &"x".repeat(65)] {
            assert_eq!(word(wrong), None, "{wrong}");
        }
    }
}
