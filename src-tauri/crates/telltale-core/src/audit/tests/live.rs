//! What a live audit lets go of, and what it keeps.

use super::*;
use crate::{
    limits::{
        CLOSED_FLOW_NS, IDLE_TCP_FLOW_NS, IDLE_UDP_FLOW_NS, MAX_GAPS_SHOWN, NEW_MACHINE_NS, ROW_LIFETIME_NS, SWEEP_NS,
    },
    model::{Flow, GapReason},
};

/// Another of the phone's servers.
const OTHER: [u8; 4] = [9, 9, 9, 9];

impl Bench {
    /// Nothing comes for so long; then the store is told, and what is over goes.
    fn wait(&mut self, nanoseconds: i64) -> Changes {
        self.audit.expire(Timestamp(self.now));
        self.now += nanoseconds;
        let changes = self.audit.changes();
        self.audit.expire(Timestamp(self.now));
        changes
    }

    /// Somebody talks, so that time passes for the packets too; the phone is met by it.
    fn tick(&mut self) {
        self.udp((PHONE, 60_000), (OTHER, 4_000), b"tick");
    }

    fn close(&mut self, port: u16) {
        self.tcp((PHONE, 50_000), (SERVER, port), FIN | ACK, 101, b"");
        self.tcp((SERVER, port), (PHONE, 50_000), FIN | ACK, 901, b"");
    }
}

/// An audit in which the phone is known for long.
fn settled() -> Bench {
    let mut bench = Bench::new();
    bench.tick();
    bench.wait(0);
    bench.tick();
    bench.wait(NEW_MACHINE_NS + SECOND);
    bench
}

#[test]
fn a_closed_connection_goes_after_some_seconds_and_only_when_the_store_was_told() {
    let mut bench = settled();
    let before = bench.audit.held();
    connection(&mut bench, 443, &[]);
    bench.close(443);
    bench.audit.expire(Timestamp(bench.now));
    bench.audit.expire(Timestamp(bench.now + CLOSED_FLOW_NS + SECOND));
    assert_eq!(bench.audit.held(), before + 1, "the store was not told");
    bench.wait(CLOSED_FLOW_NS / 2);
    assert_eq!(bench.audit.held(), before + 1, "late segments may come");
    bench.wait(CLOSED_FLOW_NS);
    assert_eq!(bench.audit.held(), before);
    let summary = bench.audit.summary();
    assert_eq!(summary.flows, 2, "what there was is counted");
    assert_eq!(summary.devices[0].flows, 2);
    assert!(bench.audit.changes().is_empty(), "nothing is told for it");
}

#[test]
fn idle_flows_go_in_the_time_of_their_kind() {
    let mut bench = settled();
    connection(&mut bench, 443, &[]);
    bench.udp((PHONE, 40_000), (SERVER, 9_000), b"hello");
    bench.wait(IDLE_UDP_FLOW_NS - SECOND);
    assert_eq!(bench.audit.held(), 2, "the first ticks are gone");
    bench.wait(2 * SECOND);
    assert_eq!(bench.audit.held(), 1);
    bench.wait(IDLE_TCP_FLOW_NS - IDLE_UDP_FLOW_NS - 10 * SECOND);
    assert_eq!(bench.audit.held(), 1);
    bench.wait(20 * SECOND);
    assert_eq!(bench.audit.held(), 0);
}

#[test]
fn a_new_machines_flows_wait_until_it_is_decided_who_it_is() {
    let mut bench = Bench::new();
    bench.tick();
    bench.wait(0);
    bench.wait(IDLE_UDP_FLOW_NS + SECOND);
    assert_eq!(bench.audit.held(), 1);
    bench.wait(NEW_MACHINE_NS);
    assert_eq!(bench.audit.held(), 0);
    assert_eq!(bench.audit.summary().devices.len(), 1);
}

#[test]
fn numbers_of_flows_are_never_used_twice_and_a_late_packet_makes_a_new_flow() {
    let mut bench = settled();
    connection(&mut bench, 443, &[(0, &client_hello(Some("a.example")))]);
    bench.close(443);
    let told = bench.wait(0);
    let first = told.flows.iter().find(|flow| flow.name.is_some()).unwrap().id;
    assert_eq!(told.hellos[0].1.flow, first);
    bench.wait(CLOSED_FLOW_NS + SECOND);
    // The same ends again, in the same place of the table.
    connection(&mut bench, 443, &[(0, &client_hello(Some("b.example")))]);
    let told = bench.wait(0);
    let [again] = &told.flows[..] else {
        panic!("{:?}", told.flows)
    };
    assert!(again.id > first);
    assert_eq!(again.name.as_deref(), Some("b.example"));
    assert_eq!(told.hellos[0].1.flow, again.id);
    assert_eq!(told.hellos[0].0, 1, "numbers of hellos go on too");
    let summary = bench.audit.summary();
    assert_eq!((summary.flows, summary.servers), (3, 3));
    assert_eq!(bench.audit.flows().map(|flow| flow.id).collect::<Vec<_>>(), [again.id]);
}

#[test]
fn what_a_tunnel_carried_is_not_taken_for_what_another_flow_carries() {
    let mut bench = settled();
    let inner = ipv4([10, 8, 0, 2], OTHER, 17, &udp(40_000, 9_000, &[1; 100]));
    bench.packet(&ethernet(PHONE, SERVER, 4, &inner));
    let told = bench.wait(0);
    let (outer, carried) = (&told.flows[0], &told.flows[1]);
    assert_eq!(carried.tunnel, Some(outer.id));
    bench.wait(IDLE_TCP_FLOW_NS + NEW_MACHINE_NS);
    assert_eq!(bench.audit.held(), 0);
    // A flow in the tunnel's place carries nothing; another tunnel with the same inside is another.
    bench.udp((PHONE, 41_000), (SERVER, 9_000), &[2; 200]);
    bench.packet(&ethernet(PHONE, SERVER, 4, &inner));
    let told = bench.wait(0);
    let (plain, tunnel, again) = (&told.flows[0], &told.flows[1], &told.flows[2]);
    assert_eq!(again.tunnel, Some(tunnel.id));
    assert_ne!(again.tunnel, carried.tunnel);
    let summary = bench.audit.summary();
    assert_eq!(plain.from_initiator.ip_bytes, 228);
    let inside = 128;
    // Two ticks of 32 octets, twice the inner packet with its carrier's header, and the plain packet.
    assert_eq!(
        summary.devices.iter().map(|d| d.sent_bytes).sum::<u64>(),
        64 + 2 * (inside + 20) + 228
    );
}

#[test]
fn totals_are_those_of_an_audit_that_forgets_nothing() {
    let run = |live: bool| {
        let mut bench = settled();
        let mut flows = std::collections::BTreeMap::<u32, Flow>::new();
        let take = |flows: &mut std::collections::BTreeMap<u32, Flow>, changes: Changes| {
            flows.extend(changes.flows.into_iter().map(|flow| (flow.id.0, flow)));
        };
        for round in 0..50_u16 {
            let address = [93, 184, 216, (round % 7) as u8];
            let name = format!("{}.example", round % 5);
            bench.udp((ROUTER, 53), (PHONE, 40_000 + round), &dns_response(&name, address));
            bench.udp((PHONE, 30_000 + round), (address, 443), &[3; 64]);
            connection(&mut bench, 1_000 + round, &[(0, &client_hello(Some(&name)))]);
            bench.close(1_000 + round);
            let changes = bench.audit.changes();
            take(&mut flows, changes);
            bench.now += 97 * SECOND;
            if live {
                bench.audit.expire(Timestamp(bench.now));
            }
        }
        bench.audit.settle();
        let changes = bench.audit.changes();
        take(&mut flows, changes);
        (bench.audit.held(), bench.audit.summary(), flows)
    };
    let ((held, live, told), (all, whole, known)) = (run(true), run(false));
    assert!(held * 3 < all, "{held} of {all} are held");
    assert_eq!(live, whole);
    // The first tick was told before the live audit began to let go.
    assert_eq!(told, known);
}

#[test]
fn a_name_that_dns_told_only_after_the_flow_began_is_told_before_it_goes() {
    let mut bench = settled();
    bench.udp((PHONE, 40_000), (SERVER, 9_000), b"hello");
    bench.udp((ROUTER, 53), (PHONE, 41_000), &dns_response("late.example", SERVER));
    bench.wait(0);
    let told = bench.wait(IDLE_UDP_FLOW_NS + SECOND);
    assert!(told.flows.is_empty());
    let told = bench.wait(SECOND);
    let [flow] = &told.flows[..] else {
        panic!("{:?}", told.flows)
    };
    assert_eq!(flow.name.as_deref(), Some("late.example"));
    assert!(bench.audit.flows().all(|held| held.id != flow.id));
    assert_eq!(bench.audit.summary().coverage.inferred_name_bytes, 33);
}

#[test]
fn old_answers_and_hosts_are_forgotten_and_come_back_under_new_numbers() {
    let mut bench = settled();
    let request = b"GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n";
    let say = |bench: &mut Bench, port: u16| {
        bench.udp((ROUTER, 53), (PHONE, 41_000), &dns_response("asked.example", SERVER));
        connection(bench, port, &[(0, request)]);
        bench.close(port);
    };
    say(&mut bench, 80);
    let told = bench.wait(ROW_LIFETIME_NS / 2);
    assert_eq!((told.dns[0].0, told.http_hosts[0].0), (0, 0));
    say(&mut bench, 80);
    let told = bench.wait(ROW_LIFETIME_NS - 2 * SWEEP_NS);
    assert_eq!(
        (told.dns[0].0, told.http_hosts[0].0, told.http_hosts[0].1.requests),
        (0, 0, 2)
    );
    bench.wait(4 * SWEEP_NS);
    assert_eq!(bench.audit.held(), 0);
    say(&mut bench, 80);
    let told = bench.wait(0);
    assert_eq!(
        (told.dns[0].0, told.http_hosts[0].0, told.http_hosts[0].1.requests),
        (1, 1, 1)
    );
}

#[test]
fn an_address_whose_name_came_later_leaves_nothing_behind() {
    let mut bench = settled();
    connection(&mut bench, 443, &[]);
    let told = bench.wait(0);
    let nameless = told
        .servers
        .iter()
        .find(|row| row.addresses == [IpAddr::from(SERVER)])
        .unwrap()
        .id;
    let hello = client_hello(Some("late.example"));
    bench.tcp((PHONE, 50_000), (SERVER, 443), ACK, 101, &hello);
    let told = bench.wait(SECOND);
    assert_eq!(
        told.servers
            .iter()
            .filter(|row| row.flows == 0)
            .map(|row| row.id)
            .collect::<Vec<_>>(),
        [nameless]
    );
    bench.wait(2 * SWEEP_NS);
    bench.tcp((PHONE, 50_001), (SERVER, 443), SYN, 100, b"");
    let told = bench.wait(0);
    let again = told.servers.iter().find(|row| row.name.is_none()).unwrap();
    assert!(again.id > nameless && again.addresses == [IpAddr::from(SERVER)]);
    assert_eq!(bench.audit.summary().servers, 3);
    assert_eq!(bench.audit.servers.rows().len(), 3, "in the same place");
}

#[test]
fn servers_beyond_the_limit_share_a_row() {
    let mut bench = settled();
    bench.audit.servers.limit(3);
    for last in 0..6 {
        bench.udp((PHONE, 40_000), ([93, 184, 216, last], 443), &[3; 64]);
        bench.audit.summary();
    }
    let summary = bench.audit.summary();
    assert_eq!((summary.servers, summary.counts.evicted_flows), (4, 4));
    let told = bench.audit.changes();
    let rest = told.servers.iter().max_by_key(|row| row.flows).unwrap();
    assert_eq!((rest.flows, rest.name.as_deref(), rest.addresses.len()), (4, None, 4));
    assert_eq!(summary.devices[0].flows, 7, "nothing is lost");
}

#[test]
fn a_gap_is_told_and_a_second_one_within_it_is_the_same() {
    let mut bench = Bench::new();
    let at = |second: i64| Timestamp((1_700_000_000 + second) * SECOND);
    bench.tick();
    bench.audit.begin_gap(at(5), GapReason::DeviceGone);
    bench.audit.begin_gap(at(6), GapReason::Paused);
    let gap = bench.audit.summary().source.gaps[0];
    assert_eq!((gap.from, gap.to, gap.reason), (at(5), None, GapReason::DeviceGone));
    bench.audit.end_gap(at(65));
    bench.audit.end_gap(at(99));
    bench.now += 70 * SECOND;
    bench.tick();
    let summary = bench.audit.summary();
    assert_eq!(summary.source.gaps.len(), 1);
    assert_eq!(summary.source.gaps[0].to, Some(at(65)));
    assert_eq!((summary.pandore.gaps, summary.pandore.gap_seconds), (0, 0));
    assert!(
        (summary.pandore.seconds - 10.0).abs() < 0.1,
        "{}",
        summary.pandore.seconds
    );
}

#[test]
fn a_device_that_flaps_all_day_makes_a_bounded_list() {
    let mut bench = Bench::new();
    for round in 0..3_000_i64 {
        bench.audit.begin_gap(Timestamp(round * 10), GapReason::DeviceGone);
        bench.audit.end_gap(Timestamp(round * 10 + 5));
    }
    let gaps = bench.audit.summary().source.gaps;
    assert_eq!(gaps.len(), MAX_GAPS_SHOWN);
    assert_eq!(gaps.last().unwrap().to, Some(Timestamp(29_995)));
}
