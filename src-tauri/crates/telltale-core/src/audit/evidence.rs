//! Rows of evidence: hellos and hosts asked in clear text.

use crate::{
    limits::{MAX_HELLOS, MAX_HTTP_HOSTS},
    model::{Endpoint, FlowId, Hello, HelloVia, HttpHost, Timestamp},
    names::{NameId, Names},
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// One hello, in numbers.
#[derive(Debug)]
pub(crate) struct HelloRow {
    pub(crate) via: HelloVia,
    pub(crate) sni: Option<NameId>,
    pub(crate) server: Endpoint,
    /// Values offered, in order, with commas between them.
    pub(crate) alpn: Option<NameId>,
    pub(crate) ja4: Option<NameId>,
    pub(crate) ech: bool,
    pub(crate) flow: u32,
    pub(crate) at: Timestamp,
}

/// One host at one server, in numbers.
#[derive(Debug)]
struct HostRow {
    host: NameId,
    server: Endpoint,
    user_agent: Option<String>,
    requests: u32,
    flow: u32,
    first: Timestamp,
    last: Timestamp,
    unsent: bool,
}

/// All rows that are held.
#[derive(Debug)]
pub(crate) struct Evidence {
    hellos: Vec<HelloRow>,
    /// Number of the first of these.
    first_hello: u32,
    /// How many of them the store was told.
    sent_hellos: usize,
    hosts: BTreeMap<u32, HostRow>,
    /// Number of the next host.
    next_host: u32,
    by_host: HashMap<(NameId, Endpoint), u32, FixedState>,
    unsent_hosts: Vec<u32>,
    dropped: u64,
}

impl Evidence {
    /// No rows. `seed` keys the hasher.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            hellos: Vec::new(),
            first_hello: 0,
            sent_hellos: 0,
            hosts: BTreeMap::new(),
            next_host: 0,
            by_host: HashMap::with_hasher(FixedState::with_seed(seed)),
            unsent_hosts: Vec::new(),
            dropped: 0,
        }
    }

    /// Rows that found no place.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Forgets the hellos that the store was told.
    pub(crate) fn forget_hellos(&mut self) {
        let told = u32::try_from(self.sent_hellos).unwrap_or(u32::MAX);
        self.hellos.drain(..self.sent_hellos.min(self.hellos.len()));
        self.first_hello = self.first_hello.saturating_add(told);
        self.sent_hellos = 0;
    }

    /// Forgets hosts that the store was told and that were not asked since `before`: the next request makes a new row.
    pub(crate) fn forget_hosts(&mut self, before: Timestamp) {
        let hosts = &mut self.hosts;
        self.by_host.retain(|_, number| {
            let old = hosts.get(number).is_none_or(|row| !row.unsent && row.last < before);
            if old {
                hosts.remove(number);
            }
            !old
        });
    }

    /// Rows held.
    pub(crate) fn held(&self) -> usize {
        self.hellos.len().saturating_add(self.hosts.len())
    }

    /// Keeps one hello.
    pub(crate) fn hello(&mut self, row: HelloRow) {
        if self.hellos.len() < MAX_HELLOS {
            self.hellos.push(row);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Counts one request; `user_agent` is asked for at the first one.
    pub(crate) fn request(
        &mut self,
        host: NameId,
        server: Endpoint,
        flow: u32,
        at: Timestamp,
        user_agent: impl FnOnce() -> Option<String>,
    ) {
        let number = if let Some(number) = self.by_host.get(&(host, server)) {
            *number
        } else {
            let number = self.next_host;
            let next = number.checked_add(1).filter(|_| self.hosts.len() < MAX_HTTP_HOSTS);
            let Some(next) = next else {
                self.dropped = self.dropped.saturating_add(1);
                return;
            };
            self.next_host = next;
            self.by_host.insert((host, server), number);
            let row = HostRow {
                host,
                server,
                user_agent: user_agent(),
                requests: 0,
                flow,
                first: at,
                last: at,
                unsent: false,
            };
            self.hosts.insert(number, row);
            number
        };
        if let Some(row) = self.hosts.get_mut(&number) {
            row.last = row.last.max(at);
            row.requests = row.requests.saturating_add(1);
            if !row.unsent {
                row.unsent = true;
                self.unsent_hosts.push(number);
            }
        }
    }

    /// Hellos since the last call, with their numbers.
    pub(crate) fn take_new_hellos(&mut self, names: &Names) -> Vec<(u32, Hello)> {
        let from = self.sent_hellos;
        self.sent_hellos = self.hellos.len();
        let rows = self.hellos.iter().enumerate().skip(from);
        let number = |place: usize| u32::try_from(place).ok()?.checked_add(self.first_hello);
        rows.filter_map(|(place, row)| Some((number(place)?, row.hello(names))))
            .collect()
    }

    /// Hosts that are new or were asked again since the last call.
    pub(crate) fn take_changed_hosts(&mut self, names: &Names) -> Vec<(u32, HttpHost)> {
        let numbers = std::mem::take(&mut self.unsent_hosts);
        let mut rows = Vec::with_capacity(numbers.len());
        for number in numbers {
            if let Some(row) = self.hosts.get_mut(&number) {
                row.unsent = false;
                rows.push((number, row.http_host(names)));
            }
        }
        rows
    }

    /// The hellos held, in order of time.
    pub(crate) fn hellos(&self, names: &Names) -> Vec<Hello> {
        let mut rows: Vec<Hello> = self.hellos.iter().map(|row| row.hello(names)).collect();
        rows.sort_by_key(|row| row.at);
        rows
    }

    /// The hosts held, in order of their first request.
    pub(crate) fn http_hosts(&self, names: &Names) -> Vec<HttpHost> {
        let mut rows: Vec<HttpHost> = self.hosts.values().map(|row| row.http_host(names)).collect();
        rows.sort_by_key(|row| row.first);
        rows
    }
}

impl HelloRow {
    fn hello(&self, names: &Names) -> Hello {
        let list = self.alpn.map(|list| names.str(list)).unwrap_or_default();
        Hello {
            via: self.via,
            sni: self.sni.map(|name| names.text(name)),
            server: self.server,
            alpn: list
                .split(',')
                .filter(|value| !value.is_empty())
                .map(Into::into)
                .collect(),
            ja4: self.ja4.map(|ja4| names.text(ja4)),
            ech: self.ech,
            flow: FlowId(self.flow),
            at: self.at,
        }
    }
}

impl HostRow {
    fn http_host(&self, names: &Names) -> HttpHost {
        HttpHost {
            host: names.text(self.host),
            server: self.server,
            user_agent: self.user_agent.as_deref().map(Into::into),
            requests: self.requests,
            flow: FlowId(self.flow),
            first: self.first,
        }
    }
}
