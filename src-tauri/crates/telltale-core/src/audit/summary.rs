//! What a first page needs, out of the totals.

use super::{Audit, server_name};
use crate::{
    model::{Contact, Counts, Span, Summary},
    score,
};

impl Audit {
    pub(super) fn make_summary(&mut self) -> Summary {
        self.fold();
        let (companies, company_count, tracker_companies) = self.shares.companies();
        let score = score::telltale(self.servers.rows(), &self.coverage);
        let contacts = self.servers.newest().into_iter().map(|row| Contact {
            at: row.first,
            name: server_name(row),
            company: row.owner.company.clone(),
            purpose: row.owner.purpose,
            device: row.device,
        });
        let contacts = contacts.collect();
        Summary {
            source: self.source.clone(),
            span: self.span,
            counts: self.counts_now(),
            coverage: self.coverage.clone(),
            devices: self.device_rows(),
            apps: self.apps.list().to_vec(),
            servers: self.servers.len(),
            flows: self.flows.count(),
            company_count,
            tracker_companies,
            companies,
            countries: self.shares.countries(),
            purposes: self.shares.purposes(),
            timeline: self.timeline.timeline(),
            contacts,
            pandore: self.pauses.facts(self.remotes.len() as u64, seconds(self.span)),
            score,
        }
    }

    fn counts_now(&self) -> Counts {
        let mut counts = self.counts.clone();
        for (by_kernel, by_interface) in self.drops.values() {
            counts.dropped_by_kernel = counts.dropped_by_kernel.saturating_add(*by_kernel);
            counts.dropped_by_interface = counts.dropped_by_interface.saturating_add(*by_interface);
        }
        counts.evicted_flows = self.flows.evicted().saturating_add(self.servers.merged());
        counts.dropped_names = self.learned.dropped();
        counts
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a duration for a person and a formula: nanoseconds do not matter"
)]
fn seconds(span: Option<Span>) -> f64 {
    span.map_or(0.0, |span| span.last.since(span.first) as f64 / 1e9)
}
