//! DNS responses -> rows of evidence and bindings of the book.

use super::{DnsBook, NameId, Names};
use crate::{
    limits::{MAX_ANSWER_ADDRESSES, MAX_ANSWER_ROWS, MAX_RECORDS_PER_ANSWER},
    model::{DnsKind, NameSource, Timestamp},
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use telltale_wire::dns::{Message, Name, RecordData, Section, ServiceBinding};

/// Aliases followed from one name; real chains have at most six or seven.
const MAX_CHAIN: usize = 16;

/// One name, kind and asking machine.
#[derive(Debug)]
pub(crate) struct AnswerRow {
    pub(crate) name: NameId,
    pub(crate) kind: DnsKind,
    /// Who asked, as the caller numbers machines; `None` when it is none that it knows.
    pub(crate) who: Option<u32>,
    /// Sorted.
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) aliases: Vec<NameId>,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    unsent: bool,
}

/// All rows that are held, by number.
#[derive(Debug)]
pub(crate) struct Answers {
    rows: BTreeMap<u32, AnswerRow>,
    /// Number of the next row.
    next: u32,
    by_key: HashMap<(NameId, DnsKind, Option<u32>), u32, FixedState>,
    unsent: Vec<u32>,
    dropped: u64,
}

impl Answers {
    /// No rows. `seed` keys the hasher.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rows: BTreeMap::new(),
            next: 0,
            by_key: HashMap::with_hasher(FixedState::with_seed(seed)),
            unsent: Vec::new(),
            dropped: 0,
        }
    }

    /// All rows that are held, by number.
    pub(crate) const fn rows(&self) -> &BTreeMap<u32, AnswerRow> {
        &self.rows
    }

    /// Forgets what the store was told and was not seen again since `before`. The same answer makes a new row then.
    pub(crate) fn forget(&mut self, before: Timestamp) {
        let rows = &mut self.rows;
        self.by_key.retain(|_, number| {
            let old = rows.get(number).is_none_or(|row| !row.unsent && row.last < before);
            if old {
                rows.remove(number);
            }
            !old
        });
    }

    /// What found no place.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Numbers of the rows changed since the last call.
    pub(crate) fn take_unsent(&mut self) -> Vec<u32> {
        let numbers = std::mem::take(&mut self.unsent);
        for number in &numbers {
            if let Some(row) = self.rows.get_mut(number) {
                row.unsent = false;
            }
        }
        numbers
    }

    fn row(&mut self, name: NameId, kind: DnsKind, who: Option<u32>, at: Timestamp) -> Option<&mut AnswerRow> {
        let number = if let Some(number) = self.by_key.get(&(name, kind, who)) {
            *number
        } else {
            if self.rows.len() >= MAX_ANSWER_ROWS {
                self.dropped = self.dropped.saturating_add(1);
                return None;
            }
            let number = self.next;
            self.next = self.next.checked_add(1)?;
            self.by_key.insert((name, kind, who), number);
            let row = AnswerRow {
                name,
                kind,
                who,
                addresses: Vec::new(),
                aliases: Vec::new(),
                first: at,
                last: at,
                unsent: false,
            };
            self.rows.insert(number, row);
            number
        };
        let row = self.rows.get_mut(&number)?;
        if !row.unsent {
            row.unsent = true;
            self.unsent.push(number);
        }
        row.first = row.first.min(at);
        row.last = row.last.max(at);
        Some(row)
    }
}

impl AnswerRow {
    /// Adds an address; false when the row is full.
    fn add(&mut self, address: IpAddr) -> bool {
        match self.addresses.binary_search(&address) {
            Ok(_) => true,
            Err(_) if self.addresses.len() >= MAX_ANSWER_ADDRESSES => false,
            Err(place) => {
                self.addresses.insert(place, address);
                true
            }
        }
    }
}

/// Reads one message after another; keeps its working memory between them.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    text: String,
    aliases: Vec<(NameId, NameId)>,
    addresses: Vec<(NameId, IpAddr)>,
    hints: Vec<(NameId, IpAddr)>,
    reverse: Vec<(IpAddr, NameId)>,
    /// Messages of which records were left out.
    dropped: u64,
    chain: Vec<NameId>,
}

impl Reader {
    /// Messages that had more records than are read.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Collects what a response says: its answers, and with `beside` (multicast puts a host's addresses there) what stands in the
    /// additional section; of plain DNS that may be a stranger's addition. False when there is nothing to learn.
    pub(crate) fn read(&mut self, message: &Message<'_>, names: &mut Names, beside: bool) -> bool {
        self.aliases.clear();
        self.addresses.clear();
        self.hints.clear();
        self.reverse.clear();
        if !message.flags.response() {
            return false;
        }
        for (number, record) in message.records().map_while(Result::ok).enumerate() {
            if number >= MAX_RECORDS_PER_ANSWER {
                self.dropped = self.dropped.saturating_add(1);
                break;
            }
            if !(record.section == Section::Answer || (beside && record.section == Section::Additional)) {
                continue;
            }
            match record.data {
                RecordData::A(v4) => self.address(&record.name, v4.into(), names),
                RecordData::Aaaa(v6) => self.address(&record.name, v6.into(), names),
                RecordData::Cname(target) => {
                    if let (Some(from), Some(to)) = (self.name(&record.name, names), self.name(&target, names)) {
                        self.aliases.push((from, to));
                    }
                }
                RecordData::Ptr(target) => {
                    if let Some(address) = reverse_address(&record.name)
                        && let Some(name) = self.name(&target, names)
                    {
                        self.reverse.push((address, name));
                    }
                }
                RecordData::Https(binding) | RecordData::Svcb(binding) => {
                    self.binding(&record.name, &binding, names);
                }
                _ => {}
            }
        }
        !(self.addresses.is_empty() && self.hints.is_empty() && self.reverse.is_empty() && self.aliases.is_empty())
    }

    /// Makes rows of what was collected: every name on the way to an address.
    pub(crate) fn keep(&mut self, answers: &mut Answers, kind: DnsKind, who: Option<u32>, at: Timestamp) {
        let starts = self.aliases.iter().map(|(from, _)| *from);
        let starts: Vec<NameId> = starts.chain(self.addresses.iter().map(|(name, _)| *name)).collect();
        for (index, start) in starts.iter().enumerate() {
            if starts.iter().take(index).any(|earlier| earlier == start) {
                continue;
            }
            let end = self.follow(*start);
            if !self.addresses.iter().any(|(name, _)| *name == end) {
                continue;
            }
            let Some(row) = answers.row(*start, kind, who, at) else {
                continue;
            };
            let mut full = 0_u64;
            for (_, address) in self.addresses.iter().filter(|(name, _)| *name == end) {
                full = full.saturating_add(u64::from(!row.add(*address)));
            }
            for alias in self.chain.iter().skip(1) {
                if !row.aliases.contains(alias) && row.aliases.len() < MAX_CHAIN {
                    row.aliases.push(*alias);
                }
            }
            answers.dropped = answers.dropped.saturating_add(full);
        }
    }

    /// Binds the addresses to the names at the heads of their chains: those that were asked for.
    pub(crate) fn bind(&mut self, book: &mut DnsBook, who: u32, at: Timestamp) {
        for index in 0..self.addresses.len() {
            if let Some((name, address)) = self.addresses.get(index).copied() {
                let asked = self.head(name);
                book.learn(who, address, asked, NameSource::Dns, at);
            }
        }
        for index in 0..self.hints.len() {
            if let Some((name, address)) = self.hints.get(index).copied() {
                let asked = self.head(name);
                book.learn(who, address, asked, NameSource::Dns, at);
            }
        }
        for (address, name) in &self.reverse {
            book.learn(who, *address, *name, NameSource::ReverseDns, at);
        }
    }

    fn name(&mut self, name: &Name<'_>, names: &mut Names) -> Option<NameId> {
        self.text.clear();
        name.write_to(&mut self.text);
        if self.text.is_empty() {
            None
        } else {
            names.intern(&self.text)
        }
    }

    fn address(&mut self, owner: &Name<'_>, address: IpAddr, names: &mut Names) {
        if let Some(name) = self.name(owner, names) {
            self.addresses.push((name, address));
        }
    }

    fn binding(&mut self, owner: &Name<'_>, binding: &ServiceBinding<'_>, names: &mut Names) {
        let Some(name) = self.name(owner, names) else { return };
        let hints = binding.ipv4_hints().map(IpAddr::from);
        for address in hints
            .chain(binding.ipv6_hints().map(IpAddr::from))
            .take(MAX_RECORDS_PER_ANSWER)
        {
            self.hints.push((name, address));
        }
    }

    /// Follows the aliases from `start` to the name that has addresses; leaves the names passed in `chain`.
    fn follow(&mut self, start: NameId) -> NameId {
        self.chain.clear();
        self.chain.push(start);
        let mut at = start;
        while let Some((_, to)) = self.aliases.iter().find(|(from, _)| *from == at) {
            if self.chain.contains(to) || self.chain.len() >= MAX_CHAIN {
                break;
            }
            self.chain.push(*to);
            at = *to;
        }
        at
    }

    /// Follows the aliases backwards to the name asked for.
    fn head(&self, name: NameId) -> NameId {
        let mut at = name;
        for _ in 0..MAX_CHAIN {
            match self.aliases.iter().find(|(_, to)| *to == at) {
                Some((from, _)) if *from != name => at = *from,
                _ => break,
            }
        }
        at
    }
}

/// The address that a reverse name stands for (RFC 1035 section 3.5, RFC 3596 section 2.5).
fn reverse_address(name: &Name<'_>) -> Option<IpAddr> {
    let mut labels: [&[u8]; 34] = [&[]; 34];
    let mut count = 0_usize;
    for label in name.labels() {
        *labels.get_mut(count)? = label;
        count = count.checked_add(1)?;
    }
    let (parts, zone) = labels.get(..count)?.split_at_checked(count.checked_sub(2)?)?;
    let [under, arpa] = zone else { return None };
    if !arpa.eq_ignore_ascii_case(b"arpa") {
        return None;
    }
    if under.eq_ignore_ascii_case(b"in-addr") {
        let [d, c, b, a] = parts else { return None };
        return Some(Ipv4Addr::new(number(a)?, number(b)?, number(c)?, number(d)?).into());
    }
    if !under.eq_ignore_ascii_case(b"ip6") || parts.len() != 32 {
        return None;
    }
    let mut bits = 0_u128;
    for nibble in parts.iter().rev() {
        let [digit] = nibble else { return None };
        bits = bits << 4 | u128::from(char::from(*digit).to_digit(16)?);
    }
    Some(Ipv6Addr::from_bits(bits).into())
}

fn number(digits: &[u8]) -> Option<u8> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A response: one question, then records of (owner, type, data), names uncompressed.
    fn response(question: &str, records: &[(&str, u16, Vec<u8>)]) -> Vec<u8> {
        let mut m = vec![0, 1, 0x81, 0x80, 0, 1];
        m.extend((records.len() as u16).to_be_bytes());
        m.extend([0, 0, 0, 0]);
        m.extend(wire(question));
        m.extend([0, 1, 0, 1]);
        for (owner, kind, data) in records {
            m.extend(wire(owner));
            m.extend(kind.to_be_bytes());
            m.extend([0, 1, 0, 0, 0, 60]);
            m.extend((data.len() as u16).to_be_bytes());
            m.extend(data);
        }
        m
    }

    fn wire(name: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for label in name.split('.').filter(|l| !l.is_empty()) {
            out.push(label.len() as u8);
            out.extend(label.bytes());
        }
        out.push(0);
        out
    }

    #[test]
    fn a_chain_names_the_address_by_what_was_asked() {
        let message = response(
            "www.Example.org",
            &[
                ("www.example.org", 5, wire("edge.cdn.net")),
                ("edge.cdn.net", 5, wire("e1.cdn.net")),
                ("e1.cdn.net", 1, vec![192, 0, 2, 7]),
                ("e1.cdn.net", 1, vec![192, 0, 2, 3]),
            ],
        );
        let (mut names, mut book, mut answers) = (Names::new(1), DnsBook::new(1), Answers::new(1));
        let mut reader = Reader::default();
        assert!(reader.read(&Message::parse(&message).unwrap(), &mut names, false));
        reader.keep(&mut answers, DnsKind::Dns, Some(4), Timestamp(5));
        reader.bind(&mut book, 4, Timestamp(5));
        let texts: Vec<_> = answers
            .rows()
            .values()
            .map(|r| (names.str(r.name), r.addresses.len(), r.aliases.len()))
            .collect();
        assert_eq!(
            texts,
            [("www.example.org", 2, 2), ("edge.cdn.net", 2, 1), ("e1.cdn.net", 2, 0)]
        );
        assert!(answers.rows()[&0].addresses.is_sorted());
        let found = book.name_at(4, "192.0.2.3".parse().unwrap(), Timestamp(6)).unwrap();
        assert_eq!(names.str(found.name), "www.example.org");
        assert_eq!(answers.take_unsent(), [0, 1, 2]);
        assert!(answers.take_unsent().is_empty());
    }

    #[test]
    fn old_rows_are_forgotten_once_told_and_their_numbers_never_come_again() {
        let message = response("a.example", &[("a.example", 1, vec![192, 0, 2, 7])]);
        let (mut names, mut answers, mut reader) = (Names::new(1), Answers::new(1), Reader::default());
        let mut say = |answers: &mut Answers, at| {
            reader.read(&Message::parse(&message).unwrap(), &mut names, false);
            reader.keep(answers, DnsKind::Dns, Some(4), Timestamp(at));
        };
        say(&mut answers, 10);
        answers.forget(Timestamp(100));
        assert_eq!(answers.rows().len(), 1, "the store was not told yet");
        assert_eq!(answers.take_unsent(), [0]);
        say(&mut answers, 20);
        assert_eq!(answers.take_unsent(), [0], "the same row again");
        answers.forget(Timestamp(20));
        assert_eq!(answers.rows().len(), 1, "seen at that very time");
        answers.forget(Timestamp(21));
        assert!(answers.rows().is_empty() && answers.by_key.is_empty());
        say(&mut answers, 30);
        assert_eq!(answers.take_unsent(), [1]);
    }

    #[test]
    fn aliases_in_a_circle_end() {
        let message = response(
            "a.example",
            &[
                ("a.example", 5, wire("b.example")),
                ("b.example", 5, wire("a.example")),
                ("a.example", 1, vec![1, 2, 3, 4]),
            ],
        );
        let (mut names, mut book, mut answers) = (Names::new(1), DnsBook::new(1), Answers::new(1));
        let mut reader = Reader::default();
        assert!(reader.read(&Message::parse(&message).unwrap(), &mut names, false));
        reader.keep(&mut answers, DnsKind::Dns, None, Timestamp(0));
        reader.bind(&mut book, 0, Timestamp(0));
        assert!(book.name_at(0, "1.2.3.4".parse().unwrap(), Timestamp(0)).is_some());
    }

    #[test]
    fn reverse_names_give_their_address() {
        let v6 = "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        for (asked, address) in [("4.3.2.1.in-addr.arpa", "1.2.3.4"), (v6, "2001:db8::567:89ab")] {
            let message = response(asked, &[(asked, 12, wire("host.example.net"))]);
            let (mut names, mut book) = (Names::new(1), DnsBook::new(1));
            let mut reader = Reader::default();
            assert!(reader.read(&Message::parse(&message).unwrap(), &mut names, false));
            reader.bind(&mut book, 0, Timestamp(0));
            let found = book.name_at(0, address.parse().unwrap(), Timestamp(0)).unwrap();
            assert_eq!(
                (names.str(found.name), found.source),
                ("host.example.net", NameSource::ReverseDns)
            );
        }
    }
}
