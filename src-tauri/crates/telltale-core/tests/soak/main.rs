//! A day of live audit in some seconds: 20 phones that come and go, 10 million packets, a million flows, 2,000 joins. Memory must be
//! flat after the first tenth of the day and stay far under 400 MB.
//!
//! An ordinary test run drives a twentieth of it; `TELLTALE_SOAK=full cargo test --release -p telltale-core --test soak -- --nocapture`
//! drives all and prints the figures. Time is the packets' own, and the phones' whims come from a fixed seed.
#![allow(
    unsafe_code,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::print_stderr,
    reason = "counts this process's own memory; builds packets; says what was measured"
)]

mod frames;

use frames::{ACK, End, FIN, RST, SYN};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use telltale_core::{
    audit::{Audit, AuditOptions},
    enrich::Atlas,
    model::Timestamp,
};
use telltale_wire::{LinkType, dissect};

/// Counts the octets that are allocated.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
/// The most since it was set back.
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands every call to the system's allocator as it came; beside it only numbers are changed.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: the caller's promise is the one that is asked for here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
const PHONES: usize = 20;
const GATEWAY: [u8; 6] = [0x3c, 0x5a, 0xb4, 0, 0, 1];
const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 42, 0, 1);

/// Deterministic whims (xorshift64*).
struct Whim(u64);

impl Whim {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below
    }
}

/// A phone as it is joined now.
#[derive(Clone, Copy)]
struct Phone {
    mac: [u8; 6],
    v4: Ipv4Addr,
    v6: Ipv6Addr,
    port: u16,
}

/// What stands behind the gateway.
fn far(ip: IpAddr, port: u16) -> End {
    End { mac: GATEWAY, ip, port }
}

struct Day {
    audit: Audit,
    now: i64,
    packets: u64,
    whim: Whim,
    phones: [Phone; PHONES],
    joins: u32,
    visits: u32,
    /// Names that one phone's apps call; with its neighbours' it shares most.
    names: u64,
    /// Connections that are open and have not said a name yet.
    begun: Vec<Call>,
}

/// A TCP connection: its ends, what it says first, and the flags of its end.
struct Call {
    near: End,
    far: End,
    first: Vec<u8>,
    end: u8,
}

impl Day {
    fn new(names: u64) -> Self {
        let nobody = Phone {
            mac: [0; 6],
            v4: Ipv4Addr::UNSPECIFIED,
            v6: Ipv6Addr::UNSPECIFIED,
            port: 20_000,
        };
        Self {
            audit: Audit::new(AuditOptions::default(), Arc::new(Atlas::empty_but_catalogue())),
            now: 1_700_000_000 * SECOND,
            packets: 0,
            whim: Whim(42),
            phones: [nobody; PHONES],
            joins: 0,
            visits: 0,
            names,
            begun: Vec::new(),
        }
    }

    fn send(&mut self, frame: &[u8]) {
        self.now += 1_000;
        self.packets += 1;
        let len = frame.len() as u32;
        let dissected = dissect(LinkType::ETHERNET, frame, len);
        self.audit.observe(Timestamp(self.now), &dissected, len, len, None);
    }

    /// The next phone leaves and comes back: with another address, and every second time under another MAC address that it made up.
    fn join(&mut self) {
        let number = self.joins as usize % PHONES;
        let round = self.joins / PHONES as u32;
        self.joins += 1;
        let [_, _, high, low] = (round / 2).to_be_bytes();
        let mac = [0xda, 0, number as u8, 0, high, low];
        let host = 10 + (self.whim.next(12) as u8) * 20 + number as u8;
        let v4 = Ipv4Addr::new(10, 42, 0, host);
        let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0x4000 + number as u16, round as u16, 0, 1);
        let port = self.phones[number].port;
        self.phones[number] = Phone { mac, v4, v6, port };
        let name = format!("Phone-of-{number}");
        let asking = End {
            mac,
            ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            port: 68,
        };
        let all = End {
            mac: [0xff; 6],
            ip: IpAddr::V4(Ipv4Addr::BROADCAST),
            port: 67,
        };
        self.send(&frames::udp(asking, all, &frames::dhcp(mac, &name, None)));
        let (server, client) = (
            far(ROUTER.into(), 67),
            End {
                port: 68,
                ip: v4.into(),
                mac,
            },
        );
        self.send(&frames::udp(server, client, &frames::dhcp(mac, "", Some(v4))));
    }

    /// A phone asks for a name and calls it: two flows, twenty packets.
    fn visit(&mut self) {
        let number = self.whim.next(PHONES as u64);
        self.visits += 1;
        // One visit in five hundred is to a server that nobody called before.
        let name = if self.whim.next(500) == 0 {
            format!("only-{}.example", self.visits)
        } else {
            format!(
                "host-{}.service-{}.example",
                number * 37 + self.whim.next(self.names),
                number % 3
            )
        };
        let is_v6 = self.whim.next(5) == 0;
        let place = name
            .bytes()
            .fold(7_u32, |sum, octet| sum.wrapping_mul(31).wrapping_add(octet.into()));
        let place = place.wrapping_add(self.whim.next(2) as u32) % 50_000;
        let server: IpAddr = if is_v6 {
            Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0, (place >> 16) as u16, place as u16).into()
        } else {
            Ipv4Addr::from_bits(0x5db8_0000 + place).into()
        };
        let phone = &mut self.phones[number as usize];
        phone.port = if phone.port > 60_000 { 20_000 } else { phone.port + 1 };
        let phone = *phone;
        let near = |ip: IpAddr| End {
            mac: phone.mac,
            ip,
            port: phone.port,
        };
        let (asking, resolver) = (near(phone.v4.into()), far(ROUTER.into(), 53));
        // One phone in four asks a resolver that nobody can listen to.
        if number.is_multiple_of(4) {
            let hidden = far(Ipv4Addr::new(9, 9, 9, 9).into(), 853);
            self.send(&frames::udp(asking, hidden, &[0x33; 80]));
            self.send(&frames::udp(hidden, asking, &[0x34; 120]));
        } else {
            self.send(&frames::udp(asking, resolver, &frames::dns(&name, None)));
            self.send(&frames::udp(resolver, asking, &frames::dns(&name, Some(server))));
        }
        let calling = near(if is_v6 { phone.v6.into() } else { phone.v4.into() });
        let hello = || frames::client_hello(&name);
        let (port, first, end) = match self.whim.next(20) {
            // To one of few: a call, a game, a tunnel.
            0..2 => {
                let relay = Ipv4Addr::from_bits(0xcb00_7100 + self.whim.next(30) as u32);
                return self.talk(near(phone.v4.into()), far(relay.into(), 443));
            }
            2 => (80, format!("GET / HTTP/1.1\r\nHost: {name}\r\n\r\n").into_bytes(), FIN),
            // Left open, as when a phone walks away.
            3 => (5228, hello(), 0),
            4..6 => (443, hello(), RST),
            _ => (443, hello(), FIN),
        };
        let call = Call {
            near: calling,
            far: far(server, port),
            first,
            end,
        };
        self.begin(&call);
        // Every third one says its name only after the next look at what changed.
        if self.visits.is_multiple_of(3) {
            self.begun.push(call);
        } else {
            self.go_on(&call);
        }
    }

    /// Eighteen datagrams that show no name.
    fn talk(&mut self, a: End, b: End) {
        for _ in 0..9 {
            self.send(&frames::udp(a, b, &[0x11; 60]));
            self.send(&frames::udp(b, a, &[0x12; 300]));
        }
    }

    /// The first two of a connection's eighteen packets.
    fn begin(&mut self, call: &Call) {
        let (a, b) = (call.near, call.far);
        self.send(&frames::tcp(a, b, SYN, 100, b""));
        self.send(&frames::tcp(b, a, SYN | ACK, 900, b""));
    }

    fn go_on(&mut self, call: &Call) {
        let (a, b) = (call.near, call.far);
        self.send(&frames::tcp(a, b, ACK, 101, &call.first));
        let (mut forth, mut back) = (101 + call.first.len() as u32, 901);
        for _ in 0..6 {
            self.send(&frames::tcp(b, a, ACK, back, &[23; 400]));
            self.send(&frames::tcp(a, b, ACK, forth, &[23; 40]));
            (forth, back) = (forth + 40, back + 400);
        }
        self.send(&frames::tcp(a, b, ACK | call.end, forth, b""));
        self.send(&frames::tcp(b, a, ACK | call.end, back, b""));
        self.send(&frames::tcp(a, b, ACK, forth + 1, b""));
    }
}

/// What was measured.
#[derive(Default)]
struct Figures {
    /// The most octets held within the first tenth, and after it.
    early: usize,
    late: usize,
    most_rows: usize,
}

/// Drives a day with so many visits and joins; `each` is told the octets held after each second.
fn drive(day: &mut Day, visits: i64, joins: i64) -> Figures {
    let before = HELD.load(Relaxed);
    let start = day.now;
    let mut figures = Figures::default();
    for second in 0..DAY {
        day.now = start + second * SECOND;
        let due = |all: i64| (second + 1) * all / DAY;
        for call in std::mem::take(&mut day.begun) {
            day.go_on(&call);
        }
        while i64::from(day.joins) < due(joins) || (day.joins as usize) < PHONES {
            day.join();
        }
        while i64::from(day.visits) < due(visits) {
            day.visit();
        }
        PEAK.store(HELD.load(Relaxed), Relaxed);
        drop(day.audit.changes());
        day.audit.expire(Timestamp(start + (second + 1) * SECOND));
        if second % 300 == 0 {
            drop(day.audit.summary());
        }
        let held = PEAK.load(Relaxed).saturating_sub(before);
        let most = if second < DAY / 10 {
            &mut figures.early
        } else {
            &mut figures.late
        };
        *most = (*most).max(held);
        figures.most_rows = figures.most_rows.max(day.audit.held());
    }
    figures
}

#[test]
fn a_day_of_live_audit_holds_what_it_held_after_its_first_tenth() {
    let full = std::env::var("TELLTALE_SOAK").is_ok_and(|size| size == "full");
    let (visits, joins, names) = if full { (500_000, 2_000, 300) } else { (25_000, 100, 50) };
    let mut day = Day::new(names);
    let figures = drive(&mut day, visits, joins);
    let summary = day.audit.summary();
    eprintln!(
        "{} packets, {} flows, {} joins: {:.1} MB at the most in the first tenth, {:.1} MB after it; {} rows held at the most, {} at the end; {} servers",
        summary.counts.packets,
        summary.flows,
        day.joins,
        figures.early as f64 / 1e6,
        figures.late as f64 / 1e6,
        figures.most_rows,
        day.audit.held(),
        summary.servers,
    );
    // What is new all day is still learned: some servers, some addresses of phones.
    let slack = figures.early / 10 + 3_000_000;
    assert!(figures.late <= figures.early + slack, "memory grows");
    assert!(figures.late < 400_000_000, "too much memory");
    assert_eq!(summary.counts.packets, day.packets);
    assert!(u64::from(summary.flows) >= 2 * visits as u64, "every flow is counted");
    assert_eq!((summary.counts.evicted_flows, summary.counts.dropped_names), (0, 0));
    let names: Vec<_> = summary
        .devices
        .iter()
        .filter_map(|device| device.name.as_deref())
        .collect();
    assert_eq!(names.len(), PHONES, "the same phones: {names:?}");
    assert_eq!(summary.devices.len(), PHONES);
    let counted: u64 = summary.devices.iter().map(|device| u64::from(device.flows)).sum();
    assert!(counted >= 2 * visits as u64, "every flow is a phone's: {counted}");
}
