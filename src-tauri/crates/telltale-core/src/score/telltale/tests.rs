//! Each reason fires, does not fire on its named false positive, and never goes beyond its bound.

use super::*;
use crate::model::{DeviceId, Grade, ServerId, Timestamp};
use std::sync::Arc;

fn server(company: &str, purpose: Purpose) -> Server {
    let owner = Owner {
        registrable_domain: None,
        company: (!company.is_empty()).then(|| company.into()),
        parent: None,
        home_country: None,
        service: None,
        purpose,
        what_en: None,
        what_fr: None,
        how: None,
        tracker: purpose.is_tracker(),
        as_number: None,
        organisation: None,
        country: None,
        claims: Vec::new(),
    };
    Server {
        id: ServerId(0),
        device: DeviceId(0),
        name: Some("x.example".into()),
        name_source: None,
        addresses: Vec::new(),
        owner: Arc::new(owner),
        local: false,
        sent_bytes: 100,
        received_bytes: 900,
        sent_packets: 1,
        received_packets: 1,
        flows: 1,
        clear_text_bytes: 0,
        first: Timestamp(0),
        last: Timestamp(0),
    }
}

fn named(prefix: &str, count: usize, purpose: Purpose) -> Vec<Server> {
    (0..count).map(|n| server(&format!("{prefix}{n}"), purpose)).collect()
}

fn judge(servers: &[Server]) -> Score {
    let bytes = servers
        .iter()
        .filter(|s| !s.local)
        .map(|s| s.sent_bytes + s.received_bytes)
        .sum();
    telltale(
        servers,
        &Coverage {
            bytes,
            observed_name_bytes: bytes,
            ..Coverage::default()
        },
    )
}

fn reason<'a>(score: &'a Score, key: &str) -> &'a Reason {
    score.reasons.iter().find(|r| r.key == key).unwrap()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

#[test]
fn nothing_seen_is_no_grade() {
    let mut local = server("Printer", Purpose::Service);
    local.local = true;
    for servers in [vec![], vec![local]] {
        let score = judge(&servers);
        assert_eq!((score.points, score.grade, score.worst_grade), (None, None, None));
        assert_eq!((score.profile.as_str(), score.reasons.len()), ("telltale/1", 0));
    }
}

#[test]
fn points_are_the_sum_of_the_reasons_and_bounded() {
    let mut servers = named("f", 500, Purpose::Advertising);
    servers.extend(named("p", 500, Purpose::Profiling));
    servers.extend(named("m", 500, Purpose::Analytics));
    for server in &mut servers {
        server.clear_text_bytes = 1;
    }
    let score = judge(&servers);
    close(score.reasons.iter().map(|r| r.points).sum(), score.points.unwrap());
    close(score.reasons.iter().map(|r| r.max).sum(), 100.0);
    assert!(score.reasons.iter().all(|r| r.points <= r.max && r.points >= 0.0));
    assert!(
        score.reasons.windows(2).all(|w| w[0].points >= w[1].points),
        "heaviest first"
    );
    assert_eq!(score.grade, Some(Grade::E));
}

#[test]
fn what_is_needed_costs_next_to_nothing() {
    let mut servers = named("s", 8, Purpose::Service);
    servers.extend(named("c", 2, Purpose::Delivery));
    let score = judge(&servers);
    close(score.points.unwrap(), 1.0);
    assert_eq!((score.grade, score.worst_grade), (Some(Grade::A), Some(Grade::A)));
}

#[test]
fn companies_that_follow_weigh_less_one_by_one() {
    for (count, points) in [(1, 6.0), (2, 10.8), (3, 14.64)] {
        let mut servers = named("f", count, Purpose::Social);
        servers.push(servers[0].clone());
        let score = judge(&servers);
        let found = reason(&score, "following_companies");
        close(found.value, f64::from(u32::try_from(count).unwrap()));
        close(found.points, points);
        assert_eq!(
            found.rows.purposes,
            [
                Purpose::Attribution,
                Purpose::Advertising,
                Purpose::Profiling,
                Purpose::Social
            ]
        );
    }
}

#[test]
fn a_nameless_follower_counts_by_its_domain() {
    let mut one = server("", Purpose::Advertising);
    Arc::make_mut(&mut one.owner).registrable_domain = Some("ads.example".into());
    let score = judge(&[one.clone(), one, server("Acme", Purpose::Advertising)]);
    close(reason(&score, "following_companies").value, 2.0);
    close(reason(&score, "companies").value, 1.0);
}

#[test]
fn shares_are_in_proportion_and_do_not_grow_with_time() {
    let mut servers = named("s", 3, Purpose::Service);
    servers.extend(named("f", 1, Purpose::Advertising));
    let short = judge(&servers);
    close(reason(&short, "following_flows").value, 25.0);
    close(reason(&short, "following_flows").points, 10.0);
    close(reason(&short, "following_sent").points, 10.0);
    for server in &mut servers {
        server.flows *= 100;
        server.sent_bytes *= 100;
        server.received_bytes *= 100;
    }
    assert_eq!(judge(&servers).points, short.points);
}

#[test]
fn who_measures_and_follows_counts_as_following() {
    let servers = [
        server("Both", Purpose::Analytics),
        server("Both", Purpose::Advertising),
        server("Measures", Purpose::Crash),
        server("Maker", Purpose::Telemetry),
    ];
    let score = judge(&servers);
    close(reason(&score, "following_companies").value, 1.0);
    close(reason(&score, "measuring_companies").value, 2.0);
    close(reason(&score, "measuring_companies").points, 3.6);
    close(reason(&score, "profiling_companies").points, 0.0);
}

#[test]
fn traders_of_profiles_weigh_on_top() {
    let score = judge(&named("p", 2, Purpose::Profiling));
    close(reason(&score, "profiling_companies").points, 7.5);
    close(reason(&score, "following_companies").points, 10.8);
}

#[test]
fn clear_text_by_design_does_not_count() {
    let mut servers = vec![
        server("Portal check", Purpose::System),
        server("Certificate check", Purpose::Security),
        server("Shop", Purpose::Service),
        server("Nobody", Purpose::Unknown),
    ];
    for server in &mut servers {
        server.clear_text_bytes = 50;
    }
    let score = judge(&servers);
    let found = reason(&score, "clear_text_servers");
    close(found.value, 2.0);
    close(found.points, 3.6);
    assert!(found.rows.clear_text);
    assert!(!found.rows.purposes.contains(&Purpose::System) && !found.rows.purposes.contains(&Purpose::Security));
    assert!(found.rows.purposes.contains(&Purpose::Unknown));
}

#[test]
fn hidden_traffic_makes_a_range() {
    let mut servers = named("s", 5, Purpose::Service);
    let mut tunnel = server("Vpn", Purpose::Tunnel);
    tunnel.received_bytes = 4_900;
    servers.push(tunnel);
    let score = judge(&servers);
    assert_eq!((score.grade, score.worst_grade), (Some(Grade::A), Some(Grade::C)));
    let mut nameless = named("", 1, Purpose::Unknown);
    nameless[0].name = None;
    nameless.extend(named("s", 9, Purpose::Service));
    let score = judge(&nameless);
    close(reason(&score, "unnamed_bytes").value, 10.0);
    assert!(reason(&score, "unnamed_bytes").rows.unnamed);
    assert_eq!(score.grade, score.worst_grade, "a tenth is not yet much");
    let mut by_range = named("Messenger", 1, Purpose::Service);
    by_range[0].name = None;
    let score = judge(&by_range);
    close(reason(&score, "unnamed_bytes").value, 0.0);
    assert_eq!(
        score.grade, score.worst_grade,
        "an address range of a known service explains the address"
    );
    let seen = named("s", 2, Purpose::Service);
    let score = telltale(
        &seen,
        &Coverage {
            bytes: 2_000,
            tunnel_bytes: 1_900,
            ..Coverage::default()
        },
    );
    assert_eq!(score.worst_grade, Some(Grade::E));
}

#[test]
fn one_more_company_never_makes_it_better() {
    let mut servers = named("s", 10, Purpose::Service);
    let mut before = 0.0;
    for n in 0..40 {
        servers.push(server(&format!("f{n}"), Purpose::Advertising));
        let points = judge(&servers).points.unwrap();
        assert!(points > before, "{n}: {points} after {before}");
        before = points;
    }
}
