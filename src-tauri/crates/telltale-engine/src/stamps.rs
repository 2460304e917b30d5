//! Numbers that grow when something beside the audits has changed, so that a page asks again only for what it shows.

use std::sync::atomic::{AtomicU32, Ordering};

/// What can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Probes and their behaviours.
    Probes,
    /// Results.
    Results,
    /// The account, agents, messages, topics.
    Mesh,
    /// Rules and incidents.
    Incidents,
    /// The HTTP interface, and outputs.
    Doors,
}

/// How often each has changed, modulo 2^32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// Probes and their behaviours.
    pub probes: u32,
    /// Results.
    pub results: u32,
    /// The account, agents, messages, topics.
    pub mesh: u32,
    /// Rules and incidents.
    pub incidents: u32,
    /// The HTTP interface, and outputs.
    pub doors: u32,
}

/// The counters themselves.
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU32; 5]);

impl Counters {
    pub(crate) fn grow(&self, what: Changed) {
        self.0[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Stamps {
        let of = |what: Changed| self.0[what as usize].load(Ordering::Relaxed);
        Stamps {
            probes: of(Changed::Probes),
            results: of(Changed::Results),
            mesh: of(Changed::Mesh),
            incidents: of(Changed::Incidents),
            doors: of(Changed::Doors),
        }
    }
}
