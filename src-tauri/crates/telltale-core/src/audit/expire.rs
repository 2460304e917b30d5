//! What a live audit lets go of, so that it can run for days: flows that are over, and rows of evidence that were handed out.
//!
//! Called by the engine's live loop after each [`Audit::changes`]; an audit of a file never comes here. Totals keep what was counted.

use super::Audit;
use crate::{
    device::HostId,
    limits::{
        BINDING_LIFETIME_NS, EXPIRY_CALLS, MAX_LIVE_SERVERS, MIN_EXPIRY_STEP, NEW_MACHINE_NS, ROW_LIFETIME_NS, SWEEP_NS,
    },
    model::Timestamp,
};

/// Where the looks for what is over stand.
#[derive(Debug, Default)]
pub(super) struct Expiry {
    /// Packets seen at the last call.
    packets: u64,
    /// By how much the caller's clock was before the packets' one, when packets came last.
    ahead: i64,
    /// The place looked at next.
    next: u32,
    /// When machines were first met, by number.
    met: Vec<Timestamp>,
    /// When rows and bindings were looked through last.
    swept: Option<Timestamp>,
}

impl Expiry {
    /// The time by the packets' own clock. A phone that captures itself may have set its clock otherwise, and a replay plays the past.
    fn by_packets(&mut self, now: Timestamp, latest: Timestamp, packets: u64) -> Timestamp {
        if self.packets != packets {
            self.packets = packets;
            self.ahead = now.since(latest);
        }
        Timestamp(now.0.saturating_sub(self.ahead))
    }

    fn meet(&mut self, machines: usize, now: Timestamp) {
        if self.met.len() < machines {
            self.met.resize(machines, now);
        }
    }

    /// Whether a machine is known for long enough that its part in the audit is decided.
    fn is_decided(&self, host: Option<HostId>, now: Timestamp) -> bool {
        let met = |host: HostId| self.met.get(host.0 as usize).copied();
        host.is_none_or(|host| met(host).is_some_and(|met| now.since(met) > NEW_MACHINE_NS))
    }

    /// The next places to be looked at: all of a small table, a part of a large one.
    fn step(&mut self, places: u32) -> impl Iterator<Item = u32> + use<> {
        let part = places.checked_div(EXPIRY_CALLS).unwrap_or(places);
        let count = part.max(MIN_EXPIRY_STEP).min(places);
        let from = if self.next < places { self.next } else { 0 };
        let place = move |n: u32| u64::from(from).saturating_add(n.into()).checked_rem(places.into());
        self.next = from.saturating_add(count);
        if self.next >= places {
            self.next = self.next.saturating_sub(places);
        }
        (0..count).filter_map(move |n| u32::try_from(place(n)?).ok())
    }
}

impl Audit {
    /// Lets go of what is over and was handed out by [`Self::changes`]: flows (a closed connection after some seconds, idle ones after the
    /// times of RFC 4787 and RFC 5382), hellos, and DNS answers and clear-text hosts that were not seen again for long. To be called
    /// after [`Self::changes`], about once a second, for live audits only. `now` is the caller's clock; how far the packets' own clock is
    /// from it does not matter.
    ///
    /// Totals keep what was let go. Numbers of rows are never used twice; a later packet of a flow that was let go makes a new flow, a
    /// later answer for a name that was forgotten a new row. [`Self::finish`] and [`Self::flows`] give what is still held. A flow that
    /// got its name only now is handed out once more before it goes.
    pub fn expire(&mut self, now: Timestamp) {
        let now = self.expiry.by_packets(now, self.latest, self.counts.packets);
        self.expiry.meet(self.learned.hosts.list().len(), now);
        self.servers.limit(MAX_LIVE_SERVERS);
        for flow in self.expiry.step(self.flows.places()) {
            self.let_go(flow, now);
        }
        self.learned.evidence.forget_hellos();
        let since_sweep = self.expiry.swept.map(|swept| now.since(swept));
        if since_sweep.is_none_or(|since| !(0..SWEEP_NS).contains(&since)) {
            self.expiry.swept = Some(now);
            let before = |lifetime: i64| Timestamp(now.0.saturating_sub(lifetime));
            self.learned.answers.forget(before(ROW_LIFETIME_NS));
            self.learned.evidence.forget_hosts(before(ROW_LIFETIME_NS));
            self.learned.book.forget(before(BINDING_LIFETIME_NS));
            self.servers.forget_gone(&self.atlas);
        }
    }

    /// Flows, DNS answers, hellos and clear-text hosts held in memory now: what [`Self::expire`] keeps small.
    pub fn held(&self) -> usize {
        let rows = self.learned.answers.rows().len();
        let rows = rows.saturating_add(self.learned.evidence.held());
        rows.saturating_add(self.flows.held())
    }

    /// The machine's address is another's now: a packet that looks like one of this flow is not.
    fn has_left(&self, host: Option<HostId>) -> bool {
        let host = host.and_then(|host| self.learned.hosts.get(host));
        host.is_some_and(|host| host.left)
    }

    fn let_go(&mut self, flow: u32, now: Timestamp) {
        let may_go = self.flows.get(flow).is_some_and(|entry| {
            !entry.is_vacant()
                && !entry.dirty
                && !entry.unsent
                && (entry.is_over(now) || self.has_left(entry.near_host))
                && self.expiry.is_decided(entry.near_host, now)
                && self.expiry.is_decided(entry.far_host, now)
        });
        if !may_go {
            return;
        }
        self.settle_flow(flow);
        let Some(entry) = self.flows.get(flow).filter(|entry| !entry.dirty) else {
            return;
        };
        if let Some(device) = entry.counted.device {
            self.devices.keep(device);
        }
        self.carried.remove(&flow);
        self.flows.remove(flow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_looked_at_in_turn() {
        let mut expiry = Expiry::default();
        assert_eq!(expiry.step(0).count(), 0);
        assert_eq!(expiry.step(3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(expiry.step(3).collect::<Vec<_>>(), [0, 1, 2]);
        let places = MIN_EXPIRY_STEP * 20;
        let mut seen = vec![0_u8; places as usize];
        for _ in 0..EXPIRY_CALLS {
            expiry.step(places).for_each(|place| seen[place as usize] += 1);
        }
        assert!(seen.iter().all(|times| *times == 1));
    }

    #[test]
    fn time_is_the_packets_own() {
        let mut expiry = Expiry::default();
        let hour = 3_600 * 1_000_000_000;
        assert_eq!(
            expiry.by_packets(Timestamp(5 * hour), Timestamp(hour), 1),
            Timestamp(hour)
        );
        assert_eq!(
            expiry.by_packets(Timestamp(6 * hour), Timestamp(hour), 1),
            Timestamp(2 * hour),
            "no packet since"
        );
        assert_eq!(
            expiry.by_packets(Timestamp(6 * hour), Timestamp(9 * hour), 2),
            Timestamp(9 * hour)
        );
    }
}
