//! The default score, profile `telltale/1`; the rule is written down in [`crate::score`].

use super::grade;
use crate::model::{Coverage, Owner, Purpose, PurposeGroup, Reason, RowFilter, Score, Server};
use hashbrown::HashSet;

/// Name and version of the rule.
pub const TELLTALE_PROFILE: &str = "telltale/1";
/// Share of hidden octets from which on the grade is a range.
const MUCH_HIDDEN: f64 = 0.1;

/// What one pass over the rows counts.
#[derive(Default)]
struct Counted<'a> {
    companies: HashSet<&'a str>,
    following: HashSet<&'a str>,
    measuring: HashSet<&'a str>,
    profiling: HashSet<&'a str>,
    flows: u64,
    following_flows: u64,
    sent: u64,
    following_sent: u64,
    bytes: u64,
    unnamed_bytes: u64,
    /// Without a name, or to a tunnel.
    hidden_bytes: u64,
    clear_text_servers: u32,
}

/// Judges all server rows of an audit; rows on the local network do not count, nor do those without flows.
pub fn telltale(servers: &[Server], coverage: &Coverage) -> Score {
    let mut counted = Counted::default();
    for server in servers.iter().filter(|s| !s.local && s.flows > 0) {
        counted.add(server);
    }
    let mut score = Score {
        profile: TELLTALE_PROFILE.to_owned(),
        points: None,
        grade: None,
        worst_grade: None,
        reasons: Vec::new(),
    };
    if counted.bytes == 0 {
        return score;
    }
    score.reasons = counted.reasons();
    score.reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
    let points = score.reasons.iter().map(|r| r.points).sum::<f64>().clamp(0.0, 100.0);
    // A tunnel that the bytes show (WireGuard) mostly has no name; one that the catalogue knows mostly has: the rows count both.
    let hidden = percent(
        counted.hidden_bytes.max(coverage.tunnel_bytes).min(counted.bytes),
        counted.bytes,
    ) / 100.0;
    let worst = if hidden > MUCH_HIDDEN {
        points + hidden * (100.0 - points)
    } else {
        points
    };
    score.points = Some(points);
    score.grade = Some(grade(points));
    score.worst_grade = Some(grade(worst));
    score
}

/// Who a server counts as: its company, or failing that its registrable domain or what the network's registration says.
fn company(owner: &Owner) -> Option<&str> {
    let name = owner.company.as_deref().or(owner.registrable_domain.as_deref());
    name.or(owner.organisation.as_deref())
}

impl<'a> Counted<'a> {
    fn add(&mut self, server: &'a Server) {
        let owner = &*server.owner;
        let bytes = server.sent_bytes.saturating_add(server.received_bytes);
        let flows = u64::from(server.flows);
        self.bytes = self.bytes.saturating_add(bytes);
        self.sent = self.sent.saturating_add(server.sent_bytes);
        self.flows = self.flows.saturating_add(flows);
        // A public resolver or a messenger's own address range explains an address without a name.
        let unnamed = server.name.is_none() && owner.purpose == Purpose::Unknown;
        if unnamed {
            self.unnamed_bytes = self.unnamed_bytes.saturating_add(bytes);
        }
        if unnamed || owner.purpose == Purpose::Tunnel {
            self.hidden_bytes = self.hidden_bytes.saturating_add(bytes);
        }
        if server.clear_text_bytes > 0 && !in_clear_by_design(owner.purpose) {
            self.clear_text_servers = self.clear_text_servers.saturating_add(1);
        }
        // Companies in all are those with a name, as the summary counts them.
        self.companies
            .extend(owner.company.as_deref().or(owner.organisation.as_deref()));
        match owner.purpose.group() {
            PurposeGroup::Follows => {
                self.following.extend(company(owner));
                self.following_flows = self.following_flows.saturating_add(flows);
                self.following_sent = self.following_sent.saturating_add(server.sent_bytes);
                if owner.purpose == Purpose::Profiling {
                    self.profiling.extend(company(owner));
                }
            }
            PurposeGroup::Measures => self.measuring.extend(company(owner)),
            PurposeGroup::Needed | PurposeGroup::Unknown => {}
        }
    }

    fn reasons(&self) -> Vec<Reason> {
        let measuring_only = self.measuring.difference(&self.following).count();
        let companies = self.companies.len();
        let follows = || purposes(|p| p.group() == PurposeGroup::Follows);
        let measures = || purposes(|p| p.group() == PurposeGroup::Measures);
        let following_flows = percent(self.following_flows, self.flows);
        let following_sent = percent(self.following_sent, self.sent);
        let unnamed = percent(self.unnamed_bytes, self.bytes);
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        [
            fading("following_companies", count(self.following.len()), 30.0, 0.8, follows()),
            sharing("following_flows", following_flows, 20.0, 50.0, follows()),
            sharing("following_sent", following_sent, 10.0, 25.0, follows()),
            fading(
                "profiling_companies",
                count(self.profiling.len()),
                10.0,
                0.5,
                purposes(|p| p == Purpose::Profiling),
            ),
            fading("measuring_companies", count(measuring_only), 10.0, 0.8, measures()),
            fading(
                "clear_text_servers",
                f64::from(self.clear_text_servers),
                10.0,
                0.8,
                RowFilter {
                    clear_text: true,
                    ..purposes(|p| !in_clear_by_design(p))
                },
            ),
            sharing(
                "unnamed_bytes",
                unnamed,
                5.0,
                50.0,
                RowFilter {
                    unnamed: true,
                    ..purposes(|p| p == Purpose::Unknown)
                },
            ),
            sharing("companies", count(companies), 5.0, 50.0, RowFilter::default()),
        ]
        .into()
    }
}

/// Captive-portal checks and signed updates; certificate checks (OCSP, CRL).
const fn in_clear_by_design(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::System | Purpose::Security)
}

fn purposes(wanted: impl Fn(Purpose) -> bool) -> RowFilter {
    RowFilter {
        purposes: Purpose::ALL.into_iter().filter(|p| wanted(*p)).collect(),
        ..RowFilter::default()
    }
}

/// The first weighs `max * (1 - fade)`, each further one `fade` times the one before; all together never more than `max`.
fn fading(key: &str, value: f64, max: f64, fade: f64, rows: RowFilter) -> Reason {
    Reason {
        key: key.to_owned(),
        value,
        points: max * (1.0 - fade.powf(value)),
        max,
        rows,
    }
}

/// In proportion to the value, `max` from `full` on.
fn sharing(key: &str, value: f64, max: f64, full: f64, rows: RowFilter) -> Reason {
    Reason {
        key: key.to_owned(),
        value,
        points: max * (value / full).min(1.0),
        max,
        rows,
    }
}

#[allow(clippy::cast_precision_loss, reason = "shares need no more than a double's digits")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        100.0 * part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests;
