//! What is told of a probe: its state, its plan, and what keeps it from running.

use jiff::tz::TimeZone;
use telltale_core::model::{Behaviour, BehaviourNow, BehaviourState, Check, Every, Probe, ProbePolicy, Timestamp};
use telltale_core::schedule::{Course, Moment, Plan, Stopped};

/// What stands in messages that reach the mailbox of a behaviour: requests to run it, as agents of the mesh send them.
const TEMPLATE: [(&str, &str); 2] = [("performative", "request"), ("ontology", "telltale.control/1")];

/// The zone of a probe's times of the day; `Err`: its name, which this computer does not know.
pub(super) fn zone(probe: &Probe) -> Result<TimeZone, String> {
    match &probe.behaviour {
        Behaviour::Periodic {
            every: Every::Calendar { zone: Some(name), .. },
        } => TimeZone::get(name).map_err(|_| name.clone()),
        Behaviour::Periodic {
            every: Every::Calendar { zone: None, .. },
        } => Ok(TimeZone::system()),
        _ => Ok(TimeZone::UTC),
    }
}

/// What a probe says of time.
pub(super) fn plan(probe: &Probe) -> Plan {
    Plan {
        behaviour: probe.behaviour.clone(),
        missed: probe.missed,
        overlap: probe.overlap,
        zone: zone(probe).unwrap_or(TimeZone::UTC),
    }
}

/// What keeps a probe from running here, for a person.
pub(super) fn hindrance(probe: &Probe, policy: &ProbePolicy) -> Option<String> {
    if let Err(name) = zone(probe) {
        return Some(format!("This computer knows no time zone “{name}”, so nothing is due."));
    }
    let Check::Command { program, .. } = &probe.check else {
        return None;
    };
    let here = probe.runs_on == telltale_core::model::RunsOn::Here;
    let allowed = policy
        .programs
        .iter()
        .any(|(name, path)| name == program || path == program);
    (here && !allowed).then(|| format!("The owner of this computer has not allowed the program {program}."))
}

/// A behaviour without what only its task knows.
pub(super) fn now(probe: &Probe, course: &Course, now: Moment) -> BehaviourNow {
    let past = course.remembered();
    let state = match (course.is_running(), past.stopped) {
        (true, _) => BehaviourState::Running,
        (false, Some(Stopped::Killed)) => BehaviourState::Killed,
        (false, Some(Stopped::Finished)) => BehaviourState::Finished,
        (false, None) if !probe.enabled => BehaviourState::Paused,
        (false, None) => BehaviourState::Waiting,
    };
    let counts = probe.enabled && zone(probe).is_ok();
    // To the millisecond, so that a look by itself changes nothing that is shown.
    let whole = |t: Timestamp| {
        Timestamp(
            t.0.saturating_add(500_000)
                .div_euclid(1_000_000)
                .saturating_mul(1_000_000),
        )
    };
    let template = TEMPLATE.map(|(key, value)| (key.to_owned(), value.to_owned()));
    BehaviourNow {
        probe: probe.clone(),
        state,
        next: course.next(now).filter(|_| counts).map(whole),
        running_since: None,
        runs: past.runs,
        missed: past.missed,
        overlapped: past.overlapped,
        mailbox: 0,
        template: template.to_vec(),
        last: None,
        problem: None,
    }
}
