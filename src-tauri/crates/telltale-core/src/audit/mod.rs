//! The accumulator: packets go in, an audit comes out, and what a first page needs is ready at any moment.
//!
//! Called by `telltale-engine`, one packet at a time and in the order of the capture. Here is what ties the other modules
//! together: flows, names, devices, owners, tallies. Never here: reading a file, a clock, a table's format, words for people.

mod apps;
mod counted;
mod coverage;
mod evidence;
mod expire;
mod fold;
mod gaps;
mod hear;
mod learned;
mod observe;
mod options;
mod pauses;
mod rows;
mod servers;
mod shares;
mod summary;
mod timeline;

#[cfg(test)]
mod tests;

pub(crate) use counted::Counted;
pub use options::{AuditOptions, Changes};

use crate::{
    device::{Devices, Mac},
    enrich::Atlas,
    flow::{Defragmenter, FlowTable},
    model::{Counts, Coverage, DnsAnswer, Flow, Outcome, Server, SourceFacts, Span, Summary, Timestamp},
};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher},
    net::IpAddr,
    sync::Arc,
};
use telltale_wire::Frame;

/// One examination of what devices said: feed it with [`Audit::observe`], ask [`Audit::summary`] and [`Audit::changes`] at any
/// time, end it with [`Audit::finish`]. Deterministic: the same packets and the same questions between them give the same audit;
/// questions at other places may give server rows other numbers and another order of addresses, no other sums.
#[derive(Debug)]
pub struct Audit {
    options: AuditOptions,
    atlas: Arc<Atlas>,
    source: SourceFacts,
    counts: Counts,
    span: Option<Span>,
    /// Packets lost so far, by kernel and by interface, of each interface.
    drops: BTreeMap<u32, (u64, u64)>,
    flows: FlowTable,
    fragments: Defragmenter,
    learned: learned::Learned,
    devices: Devices,
    by_device: Vec<fold::DeviceSum>,
    apps: apps::Apps,
    servers: servers::Servers,
    shares: shares::Shares,
    coverage: Coverage,
    timeline: timeline::Steps,
    pauses: pauses::Pauses,
    remotes: HashSet<IpAddr, FixedState>,
    /// Of flows that carry others: octets of those, by direction.
    carried: HashMap<u32, (u64, u64), FixedState>,
    /// Flows changed since the totals were made.
    dirty: Vec<u32>,
    /// Flows changed since the store was told.
    unsent: Vec<u32>,
    /// Octets that all listeners hold.
    held: usize,
    /// Working memory for payloads that are put together.
    scratch: Vec<u8>,
    /// Time of the packet that came last.
    latest: Timestamp,
    expiry: expire::Expiry,
}

impl Audit {
    /// An audit without packets.
    pub fn new(options: AuditOptions, atlas: Arc<Atlas>) -> Self {
        // Strangers choose addresses and names: where they fall in the tables must not be theirs to choose. No result depends on it.
        let seed = std::hash::RandomState::new().build_hasher().finish();
        Self {
            learned: learned::Learned::new(seed, options.keep_evidence),
            options,
            atlas,
            source: SourceFacts::default(),
            counts: Counts::default(),
            span: None,
            drops: BTreeMap::new(),
            flows: FlowTable::new(seed),
            fragments: Defragmenter::default(),
            devices: Devices::default(),
            by_device: Vec::new(),
            apps: apps::Apps::default(),
            servers: servers::Servers::new(seed),
            shares: shares::Shares::new(seed),
            coverage: Coverage::default(),
            timeline: timeline::Steps::default(),
            pauses: pauses::Pauses::default(),
            remotes: HashSet::with_hasher(FixedState::with_seed(seed)),
            carried: HashMap::with_hasher(FixedState::with_seed(seed)),
            dirty: Vec::new(),
            unsent: Vec::new(),
            held: 0,
            scratch: Vec::new(),
            latest: Timestamp(0),
            expiry: expire::Expiry::default(),
        }
    }

    /// Accounts one packet. `captured_len` and `original_len` are those of its record; `uid` is the Android user id that the
    /// capture names for it beside the packet (pcapng comment), if any.
    pub fn observe(
        &mut self,
        at: Timestamp,
        frame: &Frame<'_>,
        captured_len: u32,
        original_len: u32,
        uid: Option<i32>,
    ) {
        self.count_packet(at, frame, captured_len, original_len);
        let app = if uid.is_some() || frame.app.is_some() {
            self.app_of(frame, uid)
        } else {
            None
        };
        let context = observe::Context {
            at,
            mac: Mac::of(frame.link.source_mac),
            app,
        };
        self.take_packet(context, frame, original_len);
    }

    /// The capture names an app (`PCAPdroid`'s UID map).
    pub fn name_app(&mut self, uid: i32, package: Option<&str>, label: Option<&str>) {
        self.apps
            .name(uid, package.map(str::as_bytes), label.map(str::as_bytes));
    }

    /// The machine with this MAC address asked DHCP under this name before the audit began: who joined the network earlier does not say
    /// its name again.
    pub fn introduce(&mut self, mac: [u8; 6], name: &str) {
        let mac = Mac::of(Some(mac));
        let hosts = &mut self.learned.hosts;
        hosts.note_name(None, mac, name, crate::model::DeviceNameSource::Dhcp);
    }

    /// Packets lost so far on one interface (running number over all sections): totals, each report replaces the last one.
    pub fn note_drops(&mut self, interface: u32, by_kernel: u64, by_interface: u64) {
        /// Interfaces whose losses are told apart; a file may describe any number.
        const MAX_INTERFACES: usize = 4_096;
        if self.drops.len() < MAX_INTERFACES || self.drops.contains_key(&interface) {
            self.drops.insert(interface, (by_kernel, by_interface));
        }
    }

    /// Where the packets come from; the engine fills it in.
    pub fn source_mut(&mut self) -> &mut SourceFacts {
        &mut self.source
    }

    /// What a first page needs, now. Takes time by what changed since the last call, and by the number of server rows.
    pub fn summary(&mut self) -> Summary {
        self.make_summary()
    }

    /// Rows new or changed since the last call, for the store. Without [`AuditOptions::keep_evidence`] only flows and servers.
    pub fn changes(&mut self) -> Changes {
        self.fold();
        let mut flows = Vec::new();
        for flow in std::mem::take(&mut self.unsent) {
            if let Some(entry) = self.flows.get_mut(flow) {
                entry.unsent = false;
            }
            if let Some(entry) = self.flows.get(flow) {
                flows.push(self.flow_row(entry));
            }
        }
        let numbers = self.learned.answers.take_unsent();
        let answers = self.learned.answers.rows();
        let answer = |number: u32| Some((number, self.answer_row(answers.get(&number)?)));
        Changes {
            flows,
            dns: numbers.into_iter().filter_map(answer).collect(),
            servers: self.servers.take_unsent(),
            hellos: self.learned.evidence.take_new_hellos(&self.learned.names),
            http_hosts: self.learned.evidence.take_changed_hosts(&self.learned.names),
        }
    }

    /// Takes the decisions that wait for the end of the input (streams with holes, names from later DNS answers, devices), so that
    /// the next [`Self::summary`] and [`Self::changes`] are the last ones; [`Self::finish`] does it too.
    pub fn settle(&mut self) {
        for flow in 0..self.flows.places() {
            self.settle_flow(flow);
        }
        self.held = 0;
        self.fold();
    }

    /// The flows by number, made one at a time, for who writes them out without holding them all; those that [`Self::expire`] let go
    /// are not among them. Their servers, devices and names are those of the last [`Self::settle`], [`Self::summary`] or
    /// [`Self::changes`].
    pub fn flows(&self) -> impl ExactSizeIterator<Item = Flow> {
        self.flows.in_order().into_iter().map(|entry| self.flow_row(entry))
    }

    /// The whole audit; after [`Self::expire`] the rows that are still held.
    pub fn finish(mut self) -> Outcome {
        self.settle();
        let summary = self.make_summary();
        let mut dns: Vec<DnsAnswer> = self
            .learned
            .answers
            .rows()
            .values()
            .map(|row| self.answer_row(row))
            .collect();
        dns.sort_by_key(|row| row.first);
        Outcome {
            summary,
            flows: self.flows().collect(),
            servers: self.server_rows(),
            dns,
            hellos: self.learned.evidence.hellos(&self.learned.names),
            http_hosts: self.learned.evidence.http_hosts(&self.learned.names),
            apps_imported: None,
        }
    }

    fn count_packet(&mut self, at: Timestamp, frame: &Frame<'_>, captured_len: u32, original_len: u32) {
        self.latest = at;
        let counts = &mut self.counts;
        counts.packets = counts.packets.saturating_add(1);
        counts.bytes = counts.bytes.saturating_add(original_len.into());
        counts.captured_bytes = counts.captured_bytes.saturating_add(captured_len.into());
        counts.cut_packets = counts
            .cut_packets
            .saturating_add(u64::from(captured_len < original_len));
        counts.undecoded_packets = counts.undecoded_packets.saturating_add(u64::from(frame.stop.is_some()));
        match &mut self.span {
            Some(span) => {
                counts.time_went_back = counts.time_went_back.saturating_add(u64::from(at < span.last));
                span.first = span.first.min(at);
                span.last = span.last.max(at);
            }
            None => self.span = Some(Span { first: at, last: at }),
        }
        if frame.link.encrypted {
            counts.encrypted_radio_packets = counts.encrypted_radio_packets.saturating_add(1);
        } else if frame.ip().next().is_none() {
            counts.non_ip_packets = counts.non_ip_packets.saturating_add(1);
        } else {
            self.pauses.take(at, original_len);
        }
    }

    fn app_of(&mut self, frame: &Frame<'_>, uid: Option<i32>) -> Option<u32> {
        let Some(trailer) = frame.app else {
            return uid.and_then(|uid| self.apps.of(uid));
        };
        if trailer.uid < 0 {
            return self.apps.called(trailer.label);
        }
        let number = self.apps.of(trailer.uid)?;
        if !self.apps.has_label(number) {
            self.apps.name(trailer.uid, None, Some(trailer.label));
        }
        Some(number)
    }
}

/// What a server row is called: its name, or its first address.
fn server_name(row: &Server) -> Arc<str> {
    row.name.clone().unwrap_or_else(|| {
        row.addresses
            .first()
            .map_or_else(|| Arc::from(""), |a| a.to_string().into())
    })
}
