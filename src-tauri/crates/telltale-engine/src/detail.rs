//! One server in detail: its row, its evidence, its flows, its octets over time.

use crate::types::{FlowRow, ServerDetail, TableQuery};
use crate::{Engine, EngineError, MAX_PAGE};
use telltale_core::model::{Bucket, ServerId, Timeline, Timestamp};

/// Flows of one detail page; the rest is in the flow table.
const FLOWS: u32 = 200;
/// Steps of its timeline.
const STEPS: i64 = 120;

impl Engine {
    /// Everything about one server row of an audit.
    pub async fn server(&self, id: u32, server: ServerId) -> Result<ServerDetail, EngineError> {
        let store = &self.inner.store;
        let row = store.server(id, server).await?;
        let row =
            row.ok_or_else(|| EngineError::InvalidInput("this server is not part of the audit (any more)".to_owned()))?;
        let dns = match &row.name {
            Some(name) => store.dns_of(id, name).await?,
            None => Vec::new(),
        };
        let hellos = store.hellos_of(id, server).await?;
        let http_hosts = store.http_of(id, server).await?;
        let query = TableQuery {
            server: Some(server),
            sort: "first".to_owned(),
            limit: FLOWS.min(MAX_PAGE),
            ..TableQuery::default()
        };
        let flows = self.flows(id, &query).await?;
        let apps = self.apps_of_server(id, server).await?;
        let timeline = timeline(&flows.rows, row.first, row.last);
        Ok(ServerDetail {
            server: row,
            dns,
            hellos,
            http_hosts,
            flows,
            apps,
            timeline,
        })
    }
}

/// Octets over time, each flow's spread evenly from its first packet to its last: packets are not stored, so this is inferred.
fn timeline(flows: &[FlowRow], first: Timestamp, last: Timestamp) -> Timeline {
    let seconds = last.since(first).max(0) / 1_000_000_000 + 1;
    let width = (seconds + STEPS - 1) / STEPS;
    let steps = usize::try_from((seconds + width - 1) / width).unwrap_or(1);
    let mut buckets = vec![Bucket::default(); steps];
    let place = |t: Timestamp| {
        usize::try_from(t.since(first).max(0) / 1_000_000_000 / width)
            .unwrap_or(0)
            .min(steps - 1)
    };
    for FlowRow { flow, .. } in flows {
        let (from, to) = (place(flow.first), place(flow.last));
        let (sent, received) = if flow.device_is_initiator {
            (flow.from_initiator, flow.from_responder)
        } else {
            (flow.from_responder, flow.from_initiator)
        };
        let parts = (to.saturating_sub(from) + 1) as u64;
        for (n, bucket) in buckets[from..=to.max(from)].iter_mut().enumerate() {
            // The rest of the division goes to the first step, so that the sum is exact.
            let share = |whole: u64| whole / parts + if n == 0 { whole % parts } else { 0 };
            bucket.sent += share(sent.ip_bytes);
            bucket.received += share(received.ip_bytes);
            bucket.packets = bucket
                .packets
                .saturating_add(u32::try_from(share(sent.packets + received.packets)).unwrap_or(u32::MAX));
        }
    }
    Timeline {
        start: first,
        bucket_seconds: u32::try_from(width).unwrap_or(u32::MAX),
        buckets,
    }
}
