//! AdGuard's rulesets -> `trackers.fst`: those rules that block a whole domain, whoever asks.
//!
//! A rule counts when it blocks (or replaces) everything below `||domain^`: rules for one site's pages, for a path, for some
//! kinds of content only, say nothing of the host as such. A rule that allows a whole domain makes an exception of it.

use crate::{
    domains::Domains,
    error::DataError,
    packages::{Packages, TRACKERS, input},
};
use serde::{Deserialize, de::IgnoredAny};
use telltale_core::enrich::tracker_bits;

/// Number of the ruleset, and the bit that stands for it: 2 base (ads), 3 tracking protection, 11 mobile ads.
const RULESETS: [(u32, u64); 3] = [
    (2, tracker_bits::ADS),
    (3, tracker_bits::TRACKING),
    (11, tracker_bits::MOBILE_ADS),
];

/// Kinds of content that a rule lists when it means all (`$all`); Chrome knows twelve that matter.
const ALL_KINDS: usize = 10;

#[derive(Deserialize)]
struct Rule {
    action: Action,
    condition: Condition,
}

#[derive(Deserialize)]
struct Action {
    #[serde(rename = "type")]
    kind: String,
}

/// Every key that Chrome's declarative rules know, so that a new one is noticed instead of being passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Condition {
    url_filter: Option<String>,
    #[serde(default)]
    resource_types: Vec<IgnoredAny>,
    /// Third-party requests only: what apps and pages make of it is the same.
    #[serde(rename = "domainType")]
    _domain_type: Option<IgnoredAny>,
    /// A few sites are spared: the host stays what it is.
    #[serde(rename = "excludedInitiatorDomains")]
    _excluded_initiator_domains: Option<IgnoredAny>,
    #[serde(rename = "isUrlFilterCaseSensitive")]
    _is_url_filter_case_sensitive: Option<IgnoredAny>,
    regex_filter: Option<IgnoredAny>,
    initiator_domains: Option<IgnoredAny>,
    request_domains: Option<IgnoredAny>,
    excluded_request_domains: Option<IgnoredAny>,
    excluded_resource_types: Option<IgnoredAny>,
    request_methods: Option<IgnoredAny>,
    excluded_request_methods: Option<IgnoredAny>,
    tab_ids: Option<IgnoredAny>,
    excluded_tab_ids: Option<IgnoredAny>,
    response_headers: Option<IgnoredAny>,
    excluded_response_headers: Option<IgnoredAny>,
    domains: Option<IgnoredAny>,
    excluded_domains: Option<IgnoredAny>,
    top_domains: Option<IgnoredAny>,
    excluded_top_domains: Option<IgnoredAny>,
}

impl Condition {
    /// The domain, when the rule is about all of it and about nothing else.
    fn whole_domain(&self) -> Option<&str> {
        let narrowed = [
            &self.regex_filter,
            &self.initiator_domains,
            &self.request_domains,
            &self.excluded_request_domains,
            &self.excluded_resource_types,
            &self.request_methods,
            &self.excluded_request_methods,
            &self.tab_ids,
            &self.excluded_tab_ids,
            &self.response_headers,
            &self.excluded_response_headers,
            &self.domains,
            &self.excluded_domains,
            &self.top_domains,
            &self.excluded_top_domains,
        ];
        let kinds = self.resource_types.len();
        if narrowed.iter().any(|c| c.is_some()) || (kinds > 0 && kinds < ALL_KINDS) {
            return None;
        }
        self.url_filter.as_deref()?.strip_prefix("||")?.strip_suffix('^')
    }
}

/// The table.
pub(crate) struct Trackers {
    pub(crate) fst: Vec<u8>,
    /// Domains.
    pub(crate) rows: u64,
}

pub(crate) fn build(packages: &Packages) -> Result<Trackers, DataError> {
    let mut domains = Domains::default();
    for (number, bit) in RULESETS {
        let path = format!("dist/filters/declarative/ruleset_{number}/ruleset_{number}.json");
        // From octets: the parser is twice as fast as from a reader.
        let octets = packages.read(TRACKERS, &path)?;
        let rules: Vec<Rule> =
            serde_json::from_slice(&octets).map_err(|error| input(&packages.file(TRACKERS, &path), &error))?;
        add(&mut domains, &rules, bit);
    }
    let rows = domains.len() as u64;
    Ok(Trackers {
        fst: domains.build()?,
        rows,
    })
}

fn add(domains: &mut Domains, rules: &[Rule], bit: u64) {
    for rule in rules {
        let bit = match rule.action.kind.as_str() {
            "block" | "redirect" => bit,
            "allow" => tracker_bits::EXCEPTED,
            _ => continue,
        };
        if let Some(domain) = rule.condition.whole_domain()
            && Domains::is_nameable(domain, false)
        {
            domains.update(domain, |known| known.unwrap_or(0) | bit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::{
        enrich::{Atlas, AtlasSources},
        model::Purpose,
    };

    const RULES: &str = r#"[
        {"id":1,"action":{"type":"block"},"condition":{"urlFilter":"||ads-example.com^"},"priority":1},
        {"id":2,"action":{"type":"block"},"condition":{"urlFilter":"||third-example.com^","domainType":"thirdParty"}},
        {"id":3,"action":{"type":"block"},"condition":{"urlFilter":"||path-example.com/ads^"}},
        {"id":4,"action":{"type":"block"},"condition":{"urlFilter":"||one-example.com^","initiatorDomains":["a.com"]}},
        {"id":5,"action":{"type":"block"},"condition":{"urlFilter":"||script-example.com^","resourceTypes":["script"]}},
        {"id":6,"action":{"type":"allow"},"condition":{"urlFilter":"||ok.ads-example.com^"}},
        {"id":7,"action":{"type":"modifyHeaders"},"condition":{"urlFilter":"||header-example.com^"}},
        {"id":8,"action":{"type":"redirect"},"condition":{"urlFilter":"||stub-example.com^"}},
        {"id":9,"action":{"type":"block"},"condition":{"urlFilter":"||co.uk^"}},
        {"id":10,"action":{"type":"block"},"condition":{"urlFilter":"||pre-example."}},
        {"id":11,"action":{"type":"block"},"condition":{"urlFilter":"||all-example.com^","resourceTypes":
            ["main_frame","sub_frame","stylesheet","script","image","font","object","xmlhttprequest","ping","media"]}}]"#;

    #[test]
    fn only_whole_domains_count() {
        let rules: Vec<Rule> = serde_json::from_str(RULES).unwrap();
        let mut domains = Domains::default();
        add(&mut domains, &rules, tracker_bits::ADS);
        assert_eq!(domains.len(), 5);
        let sources = AtlasSources {
            trackers_fst: Some(domains.build().unwrap().into()),
            ..AtlasSources::default()
        };
        let atlas = Atlas::new(sources).unwrap();
        let purpose = |name| atlas.owner_of(Some(name), None).purpose;
        for name in [
            "x.ads-example.com",
            "third-example.com",
            "stub-example.com",
            "all-example.com",
        ] {
            assert_eq!(purpose(name), Purpose::Advertising, "{name}");
        }
        for name in [
            "ok.ads-example.com",
            "path-example.com",
            "one-example.com",
            "script-example.com",
            "header-example.com",
            "other.co.uk",
            "pre-example.com",
        ] {
            assert_eq!(purpose(name), Purpose::Unknown, "{name}");
        }
    }

    #[test]
    fn an_unheard_condition_is_noticed() {
        let rule = r#"[{"id":1,"action":{"type":"block"},"condition":{"urlFilter":"||a.com^","moonPhase":"full"}}]"#;
        assert!(serde_json::from_str::<Vec<Rule>>(rule).is_err());
    }
}
