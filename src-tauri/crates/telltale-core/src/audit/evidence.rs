//! Rows of evidence: hellos and hosts asked in clear text.

use crate::{
    limits::{MAX_HELLOS, MAX_HTTP_HOSTS},
    model::{Endpoint, FlowId, Hello, HelloVia, HttpHost, Timestamp},
    names::{NameId, Names},
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

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
    unsent: bool,
}

/// All rows.
#[derive(Debug)]
pub(crate) struct Evidence {
    hellos: Vec<HelloRow>,
    sent_hellos: usize,
    hosts: Vec<HostRow>,
    by_host: HashMap<(NameId, Endpoint), u32, FixedState>,
    unsent_hosts: Vec<u32>,
    dropped: u64,
}

impl Evidence {
    /// No rows. `seed` keys the hasher.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            hellos: Vec::new(),
            sent_hellos: 0,
            hosts: Vec::new(),
            by_host: HashMap::with_hasher(FixedState::with_seed(seed)),
            unsent_hosts: Vec::new(),
            dropped: 0,
        }
    }

    /// Rows that found no place.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
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
            let Some(number) = u32::try_from(self.hosts.len())
                .ok()
                .filter(|_| self.hosts.len() < MAX_HTTP_HOSTS)
            else {
                self.dropped = self.dropped.saturating_add(1);
                return;
            };
            self.by_host.insert((host, server), number);
            self.hosts.push(HostRow {
                host,
                server,
                user_agent: user_agent(),
                requests: 0,
                flow,
                first: at,
                unsent: false,
            });
            number
        };
        if let Some(row) = self.hosts.get_mut(number as usize) {
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
        rows.filter_map(|(number, row)| Some((u32::try_from(number).ok()?, row.hello(names))))
            .collect()
    }

    /// Hosts that are new or were asked again since the last call.
    pub(crate) fn take_changed_hosts(&mut self, names: &Names) -> Vec<(u32, HttpHost)> {
        let numbers = std::mem::take(&mut self.unsent_hosts);
        let mut rows = Vec::with_capacity(numbers.len());
        for number in numbers {
            if let Some(row) = self.hosts.get_mut(number as usize) {
                row.unsent = false;
                rows.push((number, row.http_host(names)));
            }
        }
        rows
    }

    /// All hellos, in order of time.
    pub(crate) fn hellos(&self, names: &Names) -> Vec<Hello> {
        let mut rows: Vec<Hello> = self.hellos.iter().map(|row| row.hello(names)).collect();
        rows.sort_by_key(|row| row.at);
        rows
    }

    /// All hosts, in order of their first request.
    pub(crate) fn http_hosts(&self, names: &Names) -> Vec<HttpHost> {
        let mut rows: Vec<HttpHost> = self.hosts.iter().map(|row| row.http_host(names)).collect();
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
