//! By which way a message goes: chosen by role, duty, presence and load, the same every time, and with its reason. Pure.

use crate::Destination;
use telltale_core::model::Show;
use xmpp_parsers::jid::Jid;

/// Somebody who could take a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Where it is spoken to.
    pub(super) jid: Jid,
    /// How it says it is.
    pub(super) show: Show,
    /// Runs that go on there, as it says.
    pub(super) load: u32,
    /// It has not answered what it was sent, while its presence says that it is there.
    pub(super) silent: bool,
}

/// A way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// Straight to somebody.
    Direct(Jid),
    /// This agent has the role itself.
    Local,
    /// Nobody can take it now: it waits on the disk.
    Outbox,
}

/// A way and why, in plain English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) channel: Channel,
    pub(super) why: String,
}

/// Sorts those who can take a message, the best first: who answers before who does not, then how they say they are, then the load in
/// rough steps, then a number that is different for each pair of agents, so that many probes spread over many correlators.
pub(super) fn rank(own: &str, candidates: &mut [Candidate]) {
    candidates.sort_by_cached_key(|c| {
        let bare = c.jid.to_bare().to_string();
        (c.silent, c.show, step(c.load), spread(own, &bare), bare)
    });
}

/// 0 to 3 runs are one step, each further step is four times as long: a choice does not change with each run.
const fn step(load: u32) -> u32 {
    (u32::BITS - load.leading_zeros()).saturating_sub(1) / 2
}

/// FNV-1a, so that it is the same number on every machine and in every version.
fn spread(own: &str, peer: &str) -> u64 {
    let octets = own.bytes().chain([0]).chain(peer.bytes());
    octets.fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Chooses for whoever has a role; `candidates` are ranked, `own`: this agent has the role.
pub(super) fn by_role(role: &str, duty: &str, own: bool, candidates: &[Candidate]) -> Choice {
    let wanted = wanted(role, duty);
    if own {
        return Choice {
            channel: Channel::Local,
            why: format!("local: this computer has {wanted}"),
        };
    }
    match candidates.first() {
        None => Choice {
            channel: Channel::Outbox,
            why: format!("outbox: nobody who is there has {wanted}"),
        },
        Some(best) => Choice {
            why: format!(
                "direct to {}: has {wanted}, {}, load {}, of {} the first",
                best.jid,
                show(best.show),
                best.load,
                candidates.len()
            ),
            channel: Channel::Direct(best.jid.clone()),
        },
    }
}

/// Chooses for one agent: where it is there, `seen`: we see whether it is.
pub(super) fn by_name(bare: &Jid, there: Option<&Candidate>, seen: bool) -> Choice {
    match there {
        Some(candidate) => Choice {
            channel: Channel::Direct(candidate.jid.clone()),
            why: format!("direct to {}: it is there", candidate.jid),
        },
        None if seen => Choice {
            channel: Channel::Outbox,
            why: format!("outbox: {bare} is not there"),
        },
        None => Choice {
            channel: Channel::Direct(bare.clone()),
            why: format!("direct to {bare}: its presence is not shown to us"),
        },
    }
}

fn wanted(role: &str, duty: &str) -> String {
    match (role, duty) {
        ("", "") => "any role".to_owned(),
        ("", duty) => format!("the duty {duty}"),
        (role, "") => format!("the role {role}"),
        (role, duty) => format!("the role {role} with the duty {duty}"),
    }
}

const fn show(show: Show) -> &'static str {
    match show {
        Show::Chat => "wants messages",
        Show::Available => "available",
        Show::Away => "away",
        Show::ExtendedAway => "away for long",
        Show::Busy => "busy",
        Show::Offline => "offline",
    }
}

/// A destination in words.
pub(super) fn words(to: &Destination) -> String {
    match to {
        Destination::Agent(jid) => jid.clone(),
        Destination::Role { role, duty } => wanted(role, duty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(jid: &str, show: Show, load: u32, silent: bool) -> Candidate {
        Candidate {
            jid: Jid::new(jid).expect("an address"),
            show,
            load,
            silent,
        }
    }

    fn best(own: &str, mut all: Vec<Candidate>) -> String {
        rank(own, &mut all);
        all[0].jid.to_string()
    }

    #[test]
    fn who_answers_comes_first_then_show_then_load() {
        let all = vec![
            candidate("a@x/1", Show::Chat, 0, true),
            candidate("b@x/1", Show::Away, 0, false),
            candidate("c@x/1", Show::Available, 9, false),
            candidate("d@x/1", Show::Available, 2, false),
        ];
        assert_eq!(best("p@x", all.clone()), "d@x/1");
        assert_eq!(best("p@x", all[..3].to_vec()), "c@x/1");
        assert_eq!(best("p@x", all[..2].to_vec()), "b@x/1");
        assert_eq!(best("p@x", all[..1].to_vec()), "a@x/1");
    }

    #[test]
    fn the_order_in_which_they_came_does_not_matter_and_probes_spread() {
        let all: Vec<Candidate> = (0..4)
            .map(|n| candidate(&format!("c{n}@x/r"), Show::Available, n, false))
            .collect();
        let mut taken = std::collections::BTreeMap::new();
        for probe in 0..200 {
            let own = format!("probe{probe}@x");
            let mut turned = all.clone();
            turned.reverse();
            let chosen = best(&own, all.clone());
            assert_eq!(chosen, best(&own, turned));
            *taken.entry(chosen).or_insert(0) += 1;
        }
        assert_eq!(taken.len(), 4);
        assert!(taken.values().all(|n| *n > 20), "{taken:?}");
    }

    #[test]
    fn each_choice_has_its_reason() {
        let all = [candidate("c@x/1", Show::Available, 2, false)];
        let chosen = by_role("correlator", "store", false, &all);
        assert_eq!(chosen.channel, Channel::Direct(all[0].jid.clone()));
        assert_eq!(
            chosen.why,
            "direct to c@x/1: has the role correlator with the duty store, available, load 2, of 1 the first"
        );
        assert_eq!(by_role("correlator", "", true, &all).channel, Channel::Local);
        assert_eq!(
            by_role("correlator", "", false, &[]).why,
            "outbox: nobody who is there has the role correlator"
        );
        let bare = Jid::new("c@x").expect("an address");
        assert_eq!(by_name(&bare, None, true).channel, Channel::Outbox);
        assert_eq!(by_name(&bare, None, false).channel, Channel::Direct(bare.clone()));
        assert_eq!(
            by_name(&bare, Some(&all[0]), true).channel,
            Channel::Direct(all[0].jid.clone())
        );
    }

    #[test]
    fn a_run_more_changes_no_choice() {
        assert_eq!(step(0), step(3));
        assert_ne!(step(3), step(4));
        assert_eq!(step(4), step(15));
        assert_eq!(step(u32::MAX), 15);
    }
}
