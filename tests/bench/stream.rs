//! `soak-stream PACKETS JOINS`: a day of phones on a hotspot in a minute or two, in the place of `telltale-capd`.
//!
//! Writes what the capture program would: pcapng with drop statistics, until all is told or stdin closes. Then it waits, as a quiet
//! device does. A connection has ten packets, two of them DNS. The same arguments give the same packets. Their times are
//! those of the day before: what took [`DAY_NS`] then is told in a minute or two. Never here: reading, measuring.

mod packets;

use packets::{Phone, Talk};
use std::io::{self, BufWriter, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use telltale_capture::{InterfaceBlock, PcapngWriter, Section};

/// Phones on the hotspot at a time.
const AT_ONCE: u64 = 4;
/// Flows that talk at the same time.
const OPEN_FLOWS: usize = 200;
/// Packets between two drop statistics.
const PER_STATISTICS: u64 = 100_000;
/// Nanoseconds between the first packet and the last.
const DAY_NS: i64 = 86_400 * 1_000_000_000;
/// Packets a second: a busy hotspot's day of 10 million packets in 200 s.
const PACE: u64 = 50_000;
/// Packets between two looks at the clock.
const PER_LOOK: u64 = 500;
/// Everything is on one Ethernet link.
const ETHERNET: u16 = 1;

fn main() -> io::Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).map_while(|a| a.parse().ok()).collect();
    let [packets, joins] = numbers[..] else {
        return Err(io::Error::other("usage: soak-stream PACKETS JOINS"));
    };
    let stopped = Arc::new(AtomicBool::new(false));
    let closed = Arc::clone(&stopped);
    let stdin = std::thread::spawn(move || {
        io::copy(&mut io::stdin().lock().take(u64::MAX), &mut io::sink()).ok();
        closed.store(true, Ordering::Relaxed);
    });
    tell(packets, joins, &stopped)?;
    // Nothing passes any more; the capture goes on until it is ended.
    stdin.join().ok();
    Ok(())
}

fn tell(packets: u64, joins: u64, stopped: &AtomicBool) -> io::Result<()> {
    let out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
    let mut writer = PcapngWriter::new(out, &Section::default())?;
    let interface = writer.interface(&InterfaceBlock {
        link_type: ETHERNET,
        name: Some("soak".to_owned()),
        ..InterfaceBlock::default()
    })?;
    writer.flush()?;
    let from_ns = now_ns() - DAY_NS;
    let step_ns = DAY_NS / i64::try_from(packets).unwrap_or(i64::MAX).max(1);
    let (first_at, mut sent, mut joined, mut begun) = (Instant::now(), 0_u64, 0_u64, 0_u64);
    let mut open: Vec<Talk> = Vec::with_capacity(OPEN_FLOWS);
    let mut buffer = Vec::with_capacity(2_048);
    while sent < packets && !stopped.load(Ordering::Relaxed) {
        if sent.is_multiple_of(PER_LOOK) {
            let due = Duration::from_micros(sent * 1_000_000 / PACE);
            std::thread::sleep(due.saturating_sub(first_at.elapsed()));
        }
        let at = from_ns + step_ns * sent.cast_signed();
        if sent * joins / packets >= joined {
            // The oldest phone goes without a word, another comes.
            Phone::of(joined).asks_for_an_address(&mut buffer);
            writer.packet(interface, at, octets(&buffer), &buffer, None)?;
            Phone::of(joined).is_given_one(&mut buffer);
            writer.packet(interface, at, octets(&buffer), &buffer, None)?;
            (sent, joined) = (sent + 2, joined + 1);
        }
        // By turns, so that as many talk at once; who has said everything makes room for another.
        let place = usize::try_from(sent).unwrap_or(0) % OPEN_FLOWS;
        let talk = match open.get_mut(place) {
            Some(talk) => talk,
            None => open.push_mut(Talk::new(newest(joined, begun), begun)),
        };
        if talk.is_over() {
            *talk = Talk::new(newest(joined, begun), begun);
        }
        begun += u64::from(talk.begins());
        talk.next_packet(&mut buffer);
        writer.packet(interface, at, octets(&buffer), &buffer, None)?;
        sent += 1;
        if sent.is_multiple_of(PER_STATISTICS) {
            writer.drops(interface, at, sent, 0, 0)?;
        }
    }
    writer.flush()
}

/// One of the phones that came last.
fn newest(joined: u64, begun: u64) -> Phone {
    Phone::of(joined - 1 - begun % AT_ONCE.min(joined))
}

/// Nanoseconds since the Unix epoch, as the capture program would say them.
fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn octets(packet: &[u8]) -> u32 {
    u32::try_from(packet.len()).unwrap_or(u32::MAX)
}
