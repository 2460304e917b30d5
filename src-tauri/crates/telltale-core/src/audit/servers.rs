//! Server rows: one for each name, or nameless address, that a device talked to.

use super::counted::{Amount, Counted};
use crate::{
    enrich::Atlas,
    limits::{MAX_CONTACTS, MAX_SERVER_ADDRESSES},
    model::{DeviceId, NameSource, Owner, Server, ServerId, Timestamp},
    names::{NameId, Names},
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::{collections::HashSet, net::IpAddr, sync::Arc};

/// Where a row lies, as long as it has flows. The number that the world knows it by is [`Server::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerPlace(u32);

/// What makes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Name(DeviceId, NameId, bool),
    Address(DeviceId, IpAddr),
    /// All that found no row of their own.
    Rest(DeviceId, bool),
}

/// One flow's view of its remote side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remote {
    pub(crate) device: DeviceId,
    pub(crate) name: Option<NameId>,
    pub(crate) source: Option<NameSource>,
    pub(crate) address: IpAddr,
    pub(crate) local: bool,
}

/// Books kept beside a row.
#[derive(Debug, Default)]
struct Books {
    dirty: bool,
    unsent: bool,
    /// What the shares hold of it.
    shared: Shared,
}

/// What the companies, countries and purposes hold of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) there: bool,
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) flows: u32,
}

/// All rows. As long as none is forgotten, a row's place is its number.
#[derive(Debug)]
pub(crate) struct Servers {
    rows: Vec<Server>,
    /// Places of rows that were forgotten.
    free: Vec<u32>,
    /// Number of the next row.
    next: u32,
    books: Vec<Books>,
    by_key: HashMap<Key, u32, FixedState>,
    owners: HashMap<(Option<NameId>, IpAddr), Arc<Owner>, FixedState>,
    dirty: Vec<u32>,
    unsent: Vec<u32>,
    newest: Vec<u32>,
    empty: u32,
    limit: usize,
    merged: u64,
}

impl Servers {
    /// No rows. `seed` keys the hashers.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rows: Vec::new(),
            free: Vec::new(),
            next: 0,
            books: Vec::new(),
            by_key: HashMap::with_hasher(FixedState::with_seed(seed)),
            owners: HashMap::with_hasher(FixedState::with_seed(seed)),
            dirty: Vec::new(),
            unsent: Vec::new(),
            newest: Vec::new(),
            empty: 0,
            limit: usize::MAX,
            merged: 0,
        }
    }

    /// All rows by place; those with 0 flows are gone.
    pub(crate) fn rows(&self) -> &[Server] {
        &self.rows
    }

    /// From now on no more rows than these, and one a device (two, with the local network) for what finds none.
    pub(crate) const fn limit(&mut self, rows: usize) {
        self.limit = rows;
    }

    /// Forgets rows that are gone, once the store was told: most are addresses whose name came a moment later. Their numbers stay taken; the
    /// same address makes a new row.
    pub(crate) fn forget_gone(&mut self, atlas: &Atlas) {
        let nobody = Arc::new(atlas.owner_of(None, None));
        let (rows, books, free) = (&mut self.rows, &self.books, &mut self.free);
        let mut gone = HashSet::new();
        self.by_key.retain(|_, number| {
            let place = *number as usize;
            let told = books.get(place).is_some_and(|books| !books.dirty && !books.unsent);
            let Some(row) = rows.get_mut(place).filter(|row| row.flows == 0 && told) else {
                return true;
            };
            row.name = None;
            row.addresses = Vec::new();
            row.owner = Arc::clone(&nobody);
            gone.insert(*number);
            false
        });
        self.newest.retain(|place| !gone.contains(place));
        free.extend(gone);
        // Which place is used next shall not depend on a table's order.
        free.sort_unstable();
        self.owners.retain(|_, owner| Arc::strong_count(owner) > 1);
    }

    /// Flows that were counted under a row that is not their own.
    pub(crate) const fn merged(&self) -> u64 {
        self.merged
    }

    /// Rows with flows.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.rows.len())
            .unwrap_or(u32::MAX)
            .saturating_sub(self.empty)
    }

    /// One row.
    pub(crate) fn get(&self, id: ServerPlace) -> Option<&Server> {
        self.rows.get(id.0 as usize)
    }

    /// The row of a remote side, made when it is new.
    pub(crate) fn row(&mut self, remote: &Remote, atlas: &Atlas, names: &Names, first: Timestamp) -> ServerPlace {
        let key = match remote.name {
            Some(name) => Key::Name(remote.device, name, remote.local),
            None => Key::Address(remote.device, remote.address),
        };
        let full = self.len() as usize >= self.limit && !self.by_key.contains_key(&key);
        self.merged = self.merged.saturating_add(u64::from(full));
        let (key, name, source) = if full {
            (Key::Rest(remote.device, remote.local), None, None)
        } else {
            (key, remote.name, remote.source)
        };
        let place = if let Some(place) = self.by_key.get(&key) {
            *place
        } else {
            let owner = if full {
                Arc::new(atlas.owner_of(None, None))
            } else {
                self.owner(remote, atlas, names)
            };
            let row = Server {
                id: ServerId(self.next),
                device: remote.device,
                name: name.map(|name| names.text(name)),
                name_source: source,
                addresses: Vec::new(),
                owner,
                local: remote.local,
                sent_bytes: 0,
                received_bytes: 0,
                sent_packets: 0,
                received_packets: 0,
                flows: 0,
                clear_text_bytes: 0,
                first,
                last: first,
            };
            self.next = self.next.saturating_add(1);
            let place = self.put(row);
            self.by_key.insert(key, place);
            self.note_new(place);
            place
        };
        ServerPlace(place)
    }

    /// Lays a row without flows into a free place, or behind all others.
    fn put(&mut self, row: Server) -> u32 {
        if let Some(place) = self.free.pop()
            && let (Some(old), Some(books)) = (self.rows.get_mut(place as usize), self.books.get_mut(place as usize))
        {
            (*old, *books) = (row, Books::default());
            return place;
        }
        let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(row);
        self.books.push(Books::default());
        self.empty = self.empty.saturating_add(1);
        place
    }

    /// Notes what a flow adds to its row: a better source of the name, another address.
    pub(crate) fn note(&mut self, id: ServerPlace, remote: &Remote) {
        if let Some(row) = self.rows.get_mut(id.0 as usize) {
            // The row of the rest has no name, whatever its flows have.
            if row.name.is_some() {
                row.name_source = row.name_source.into_iter().chain(remote.source).min();
            }
            if row.addresses.len() < MAX_SERVER_ADDRESSES && !row.addresses.contains(&remote.address) {
                row.addresses.push(remote.address);
            }
        }
    }

    /// Moves one flow's octets from what was counted to what is to be counted, both for this row; `None` where nothing was or is.
    pub(crate) fn count(&mut self, id: ServerPlace, old: Option<&Counted>, new: Option<&Counted>) {
        let Some(row) = self.rows.get_mut(id.0 as usize) else {
            return;
        };
        let clear = |c: &Counted| {
            if c.class.clear_text { c.bytes() } else { 0 }
        };
        let nothing = (Amount::default(), Amount::default(), 0);
        let amounts = |c: Option<&Counted>| c.map_or(nothing, |c| (c.sent(), c.received(), clear(c)));
        let (old_amounts, new_amounts) = (amounts(old), amounts(new));
        let mut sent = Amount {
            packets: row.sent_packets,
            bytes: row.sent_bytes,
        };
        let mut received = Amount {
            packets: row.received_packets,
            bytes: row.received_bytes,
        };
        sent.replace(old_amounts.0, new_amounts.0);
        received.replace(old_amounts.1, new_amounts.1);
        (row.sent_packets, row.sent_bytes) = (sent.packets, sent.bytes);
        (row.received_packets, row.received_bytes) = (received.packets, received.bytes);
        row.clear_text_bytes = row
            .clear_text_bytes
            .saturating_sub(old_amounts.2)
            .saturating_add(new_amounts.2);
        let was_empty = row.flows == 0;
        row.flows = row
            .flows
            .saturating_sub(u32::from(old.is_some()))
            .saturating_add(u32::from(new.is_some()));
        match (was_empty, row.flows == 0) {
            (true, false) => self.empty = self.empty.saturating_sub(1),
            (false, true) => self.empty = self.empty.saturating_add(1),
            _ => {}
        }
        self.touch(id.0);
    }

    /// Widens the time that a row covers.
    pub(crate) fn cover(&mut self, id: ServerPlace, first: Timestamp, last: Timestamp) {
        if let Some(row) = self.rows.get_mut(id.0 as usize) {
            row.first = row.first.min(first);
            row.last = row.last.max(last);
        }
    }

    /// Gives each row that changed with what the shares hold of it and what they should hold.
    pub(crate) fn settle(&mut self, mut share: impl FnMut(&Server, Shared, Shared)) {
        for number in std::mem::take(&mut self.dirty) {
            let place = number as usize;
            let (Some(row), Some(books)) = (self.rows.get(place), self.books.get_mut(place)) else {
                continue;
            };
            books.dirty = false;
            let now = Shared {
                there: row.flows > 0,
                sent: row.sent_bytes,
                received: row.received_bytes,
                flows: row.flows,
            };
            if now != books.shared {
                share(row, books.shared, now);
                books.shared = now;
            }
        }
    }

    /// Rows changed since the last call.
    pub(crate) fn take_unsent(&mut self) -> Vec<Server> {
        let numbers = std::mem::take(&mut self.unsent);
        for number in &numbers {
            if let Some(books) = self.books.get_mut(*number as usize) {
                books.unsent = false;
            }
        }
        numbers
            .iter()
            .filter_map(|number| self.rows.get(*number as usize).cloned())
            .collect()
    }

    /// The newest rows, newest first.
    pub(crate) fn newest(&mut self) -> Vec<&Server> {
        self.thin_newest();
        let rows = self.newest.iter().filter_map(|number| self.rows.get(*number as usize));
        rows.filter(|row| row.flows > 0 && !row.local)
            .take(MAX_CONTACTS)
            .collect()
    }

    fn owner(&mut self, remote: &Remote, atlas: &Atlas, names: &Names) -> Arc<Owner> {
        let look = || Arc::new(atlas.owner_of(remote.name.map(|name| names.str(name)), Some(remote.address)));
        Arc::clone(self.owners.entry((remote.name, remote.address)).or_insert_with(look))
    }

    fn touch(&mut self, number: u32) {
        if let Some(books) = self.books.get_mut(number as usize) {
            if !books.dirty {
                books.dirty = true;
                self.dirty.push(number);
            }
            if !books.unsent {
                books.unsent = true;
                self.unsent.push(number);
            }
        }
    }

    /// More candidates than are shown, since rows may empty and local ones are not shown.
    fn note_new(&mut self, number: u32) {
        self.newest.push(number);
        if self.newest.len() > MAX_CONTACTS.saturating_mul(16) {
            self.thin_newest();
        }
    }

    fn thin_newest(&mut self) {
        let rows = &self.rows;
        let time = |number: &u32| rows.get(*number as usize).map_or(Timestamp(i64::MIN), |row| row.first);
        self.newest
            .sort_by_key(|number| std::cmp::Reverse((time(number), *number)));
        self.newest.truncate(MAX_CONTACTS.saturating_mul(4));
    }
}
