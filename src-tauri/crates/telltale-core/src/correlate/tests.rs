//! Rules at work, second by second: a story of results and what it makes of incidents.

#![allow(clippy::cast_precision_loss, reason = "seconds of a story are small")]

use super::*;
use crate::limits::{LATE_CHANGE_NS, MAX_EVIDENCE, MAX_INCIDENT_STEPS, MAX_RULE_GROUPS, MAX_RULE_RESULTS};
use crate::model::{
    Aggregate, Condition, IncidentState, ResultFilter, ResultVia, Verdict,
    Verdict::{Expected, Failed, Unexpected},
};
use serde_json::{Value, json};

/// Seconds after a day in 2023.
fn t(seconds: f64) -> Timestamp {
    Timestamp(1_700_000_000_000_000_000 + (seconds * 1e9) as i64)
}

fn result(id: &str, agent: &str, verdict: Verdict, ended: f64) -> ProbeResult {
    ProbeResult {
        id: id.to_owned(),
        probe: "p".to_owned(),
        probe_name: "Web".to_owned(),
        kind: "http".to_owned(),
        agent: agent.to_owned(),
        target: "example.org".to_owned(),
        due: t(ended),
        started: t(ended),
        ended: t(ended),
        verdict,
        exit_code: None,
        problem: None,
        summary: format!("{agent} says {verdict:?}"),
        changed: Vec::new(),
        facts: Value::Null,
        via: ResultVia::Mesh,
    }
}

fn with(mut result: ProbeResult, facts: Value, changed: &[&str]) -> ProbeResult {
    result.facts = facts;
    result.changed = changed.iter().map(|&c| c.to_owned()).collect();
    result
}

fn rule(when: Condition, per: &[GroupKey], calm_s: u32) -> Rule {
    Rule {
        id: "r".to_owned(),
        revision: 1,
        name: "A rule".to_owned(),
        enabled: true,
        of: ResultFilter::default(),
        per: per.to_vec(),
        when,
        calm_s,
    }
}

fn agree(k: u32, of: u32) -> Condition {
    Condition::Agree {
        k,
        of,
        within_s: 60,
        verdicts: vec![Unexpected, Failed],
    }
}

fn silent(after_s: u32) -> Condition {
    Condition::Silent { after_s }
}

fn threshold(by: Aggregate, above: bool, limit: f64) -> Condition {
    Condition::Threshold {
        field: if by == Aggregate::Count { "" } else { "/ms" }.to_owned(),
        by,
        above,
        limit,
        window_s: 60,
    }
}

/// A correlator with one rule, as it is at second 0.
fn at_work(rule: Rule) -> Correlator {
    begun(rule, Known::default(), &[], 0.0)
}

fn begun(rule: Rule, known: Known, before: &[(ProbeResult, f64)], now: f64) -> Correlator {
    check(&rule).unwrap();
    let mut n = 0;
    let id = rule.id.clone();
    let mut all = Correlator::new(t(now), move || {
        n += 1;
        format!("incident {n} of {now}")
    });
    all.watch(rule, known);
    for (result, came) in before {
        all.remember(&id, result, t(*came));
    }
    all.settle(&id);
    all
}

/// What changed, in short: the state, when, and the number of results behind it.
fn told(all: &mut Correlator) -> Vec<(IncidentState, f64, u32)> {
    let second = |at: Timestamp| ((at.0 - t(0.0).0) as f64 / 1e9 * 1e3).round() / 1e3;
    let changes = all.changes();
    changes
        .iter()
        .filter(|c| c.told)
        .map(|Change { incident, .. }| (incident.state, second(incident.updated), incident.evidence_total))
        .collect()
}

const OPEN: IncidentState = IncidentState::Open;
const CLOSED: IncidentState = IncidentState::Closed;

#[test]
fn agents_that_agree_open_an_incident_and_close_it_when_they_do_not() {
    let mut all = at_work(rule(agree(2, 3), &[GroupKey::Target], 0));
    all.hear(&result("1", "a", Unexpected, 1.0), t(1.0));
    all.hear(&result("2", "b", Failed, 2.0), t(2.0));
    assert_eq!(told(&mut all), [], "two agree, but only two of three reported");
    all.hear(&result("3", "c", Expected, 3.0), t(3.0));
    let changes = all.changes();
    let incident = &changes[0].incident;
    assert_eq!(
        incident.conclusion,
        "2 of 3 agents that reported about example.org within 1 minute agree: not as expected or could not be checked."
    );
    let evidence: Vec<_> = incident
        .evidence
        .iter()
        .map(|e| (e.result.as_str(), e.says.as_str()))
        .collect();
    assert_eq!(
        evidence,
        [("2", "b says Failed"), ("1", "a says Unexpected")],
        "newest first"
    );
    assert_eq!(incident.about, [(GroupKey::Target, "example.org".to_owned())]);
    all.hear(&result("4", "b", Expected, 10.0), t(10.0));
    let closed = &all.changes()[0].incident;
    assert_eq!((closed.state, closed.closed), (CLOSED, Some(t(10.0))));
    let steps: Vec<_> = closed.history.iter().map(|s| (s.state, s.at)).collect();
    assert_eq!(steps, [(OPEN, t(3.0)), (CLOSED, t(10.0))]);
}

#[test]
fn one_agent_that_says_it_twice_is_one_agent() {
    let mut all = at_work(rule(agree(2, 0), &[], 0));
    for (id, second) in [("1", 1.0), ("2", 2.0), ("3", 3.0)] {
        all.hear(&result(id, "a", Unexpected, second), t(second));
    }
    assert_eq!(told(&mut all), []);
}

#[test]
fn what_leaves_the_window_counts_no_more_and_the_time_of_calm_is_waited_for() {
    let mut all = at_work(rule(agree(2, 0), &[], 30));
    all.hear(&result("1", "a", Failed, 0.0), t(0.0));
    all.hear(&result("2", "b", Failed, 50.0), t(50.0));
    assert_eq!(told(&mut all), [(OPEN, 50.0, 2)]);
    // The first leaves at 60; 30 s of calm end at 90.
    assert_eq!(all.next(), Some(Timestamp(t(60.0).0 + 1)));
    all.advance(t(89.0));
    assert_eq!(told(&mut all), []);
    all.advance(t(1_000.0));
    assert_eq!(
        told(&mut all),
        [(CLOSED, 90.0, 2)],
        "at its own time, though the clock came later"
    );
    assert_eq!(all.next(), None, "nothing is left to do");
}

#[test]
fn calm_that_is_broken_begins_anew() {
    let mut all = at_work(rule(agree(1, 0), &[], 30));
    all.hear(&result("1", "a", Failed, 0.0), t(0.0));
    all.hear(&result("2", "a", Expected, 10.0), t(10.0));
    all.hear(&result("3", "a", Failed, 35.0), t(35.0));
    all.hear(&result("4", "a", Expected, 40.0), t(40.0));
    all.advance(t(69.0));
    let states: Vec<_> = told(&mut all).into_iter().map(|(state, ..)| state).collect();
    assert!(states.iter().all(|s| *s == OPEN), "{states:?}");
    all.advance(t(71.0));
    assert_eq!(told(&mut all), [(CLOSED, 70.0, 2)]);
}

#[test]
fn groups_have_incidents_of_their_own() {
    let mut all = at_work(rule(agree(1, 0), &[GroupKey::Agent], 0));
    all.hear(&result("1", "a", Failed, 1.0), t(1.0));
    all.hear(&result("2", "b", Failed, 2.0), t(2.0));
    all.hear(&result("3", "a", Expected, 3.0), t(3.0));
    assert_eq!(told(&mut all), [(OPEN, 1.0, 1), (OPEN, 2.0, 1), (CLOSED, 3.0, 1)]);
}

#[test]
fn late_results_stand_where_they_belong_and_too_late_ones_open_nothing() {
    let mut all = at_work(rule(agree(2, 0), &[], 0));
    all.hear(&result("1", "a", Failed, 100.0), t(100.0));
    all.hear(&result("2", "b", Failed, 39.0), t(100.0));
    assert_eq!(
        (told(&mut all), all.counted().late),
        (vec![], 1),
        "61 s old: the window is 60"
    );
    all.hear(&result("3", "b", Failed, 41.0), t(100.5));
    assert_eq!(told(&mut all), [(OPEN, 100.5, 2)], "59.5 s old");
    // An older one of the same agent, delivered after the newer one, does not speak for it.
    all.hear(&result("4", "a", Expected, 99.0), t(100.6));
    assert_eq!(told(&mut all), []);
}

#[test]
fn any_order_within_the_window_comes_to_the_same() {
    let story = [
        ("1", "a", Failed, 1.0),
        ("2", "b", Expected, 2.0),
        ("3", "c", Failed, 3.0),
        ("4", "b", Failed, 4.0),
    ];
    let end = |order: &[usize]| {
        let mut all = at_work(rule(agree(3, 0), &[], 0));
        for n in order {
            let (id, agent, verdict, ended) = story[*n];
            all.hear(&result(id, agent, verdict, ended), t(5.0));
        }
        let changes = all.changes();
        let last = &changes.last().unwrap().incident;
        (last.state, last.opened, last.evidence.clone(), last.conclusion.clone())
    };
    let first = end(&[0, 1, 2, 3]);
    assert_eq!((first.0, first.1, first.2.len()), (OPEN, t(4.0), 3));
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(end(&order), first, "{order:?}");
    }
}

#[test]
fn a_clock_that_goes_ahead_moves_nothing_into_the_future() {
    let mut all = at_work(rule(agree(1, 0), &[], 0));
    all.hear(&result("1", "a", Failed, 3_600.0), t(1.0));
    assert_eq!(told(&mut all), [(OPEN, 1.0, 1)]);
    all.advance(t(62.0));
    assert_eq!(
        told(&mut all),
        [(CLOSED, 61.0, 1)],
        "it left the window a minute after it came"
    );
}

#[test]
fn silence_opens_an_incident_and_the_next_result_closes_it() {
    let mut all = at_work(rule(silent(60), &[GroupKey::Agent], 0));
    all.hear(&result("1", "a", Expected, 10.0), t(10.0));
    assert_eq!(all.next(), Some(t(70.0)));
    all.advance(t(200.0));
    let changes = all.changes();
    let incident = &changes[0].incident;
    assert_eq!(incident.opened, t(70.0));
    assert_eq!(incident.conclusion, "No result about agent a came for 1 minute.");
    assert_eq!(incident.evidence[0].result, "1", "the last that was heard");
    // Late, and from before the silence was long: it is silent still.
    all.hear(&result("2", "a", Expected, 20.0), t(201.0));
    assert_eq!(told(&mut all), []);
    // Late, but the silence is shorter than the rule's since then.
    all.hear(&result("3", "a", Expected, 190.0), t(202.0));
    assert_eq!(told(&mut all), [(CLOSED, 202.0, 1)]);
    all.advance(t(300.0));
    assert_eq!(told(&mut all), [(OPEN, 250.0, 1)], "60 s after 190");
}

#[test]
fn who_never_spoke_is_missed_only_where_the_rule_names_him() {
    let mut named = rule(silent(60), &[GroupKey::Agent], 0);
    named.of.agent = Some("a".to_owned());
    let mut all = at_work(named);
    all.advance(t(61.0));
    assert_eq!(told(&mut all), [(OPEN, 60.0, 0)]);
    let mut all = at_work(rule(silent(60), &[GroupKey::Agent], 0));
    all.advance(t(61.0));
    assert_eq!(told(&mut all), [], "nobody is known");
}

#[test]
fn silence_closed_by_hand_stays_closed_until_something_is_heard() {
    let mut all = at_work(rule(silent(60), &[], 0));
    all.advance(t(100.0));
    let id = all.changes()[0].incident.id.clone();
    assert!(all.close_by_hand(&id));
    assert!(!all.close_by_hand(&id), "it is closed");
    assert_eq!(told(&mut all), [(IncidentState::ClosedByHand, 100.0, 0)]);
    all.advance(t(10_000.0));
    assert_eq!(told(&mut all), []);
    all.hear(&result("1", "a", Expected, 10_000.0), t(10_000.0));
    all.advance(t(20_000.0));
    assert_eq!(told(&mut all), [(OPEN, 10_060.0, 1)]);
}

#[test]
fn changes_are_seen_by_comparing_and_by_what_results_say() {
    let field = Some("/cert".to_owned());
    let mut all = at_work(rule(Condition::Changed { field }, &[GroupKey::Target], 0));
    let say = |id: &str, second: f64, cert: &str| with(result(id, "a", Expected, second), json!({ "cert": cert }), &[]);
    all.hear(&say("1", 1.0, "old"), t(1.0));
    all.hear(&say("2", 2.0, "old"), t(2.0));
    assert_eq!(told(&mut all), [], "the first value is no change");
    all.hear(&say("3", 3.0, "new"), t(3.0));
    let incident = all.changes().remove(0).incident;
    assert_eq!(
        incident.conclusion,
        "Something changed about example.org: /cert was “old” and is “new”."
    );
    // A run that failed says nothing of the value.
    all.hear(&with(result("4", "a", Failed, 4.0), Value::Null, &[]), t(4.0));
    assert_eq!(told(&mut all), [(CLOSED, 4.0, 1)]);
    all.hear(&say("5", 5.0, "new"), t(5.0));
    assert_eq!(told(&mut all), [], "the same as before the run that failed");
    // Another agent is another series.
    let other = with(result("6", "b", Expected, 6.0), json!({"cert": "old"}), &[]);
    all.hear(&other, t(6.0));
    assert_eq!(told(&mut all), []);
    all.hear(
        &with(result("7", "b", Expected, 7.0), json!({}), &["/cert/names/0"]),
        t(7.0),
    );
    assert_eq!(told(&mut all), [(OPEN, 7.0, 1)], "it says so itself");
}

#[test]
fn a_change_told_late_counts_once() {
    let mut all = at_work(rule(Condition::Changed { field: None }, &[], 0));
    let say = |id: &str, second: f64, changed: &[&str]| with(result(id, "a", Expected, second), json!({}), changed);
    all.hear(&say("1", 1.0, &[]), t(1.0));
    all.hear(&say("3", 3.0, &[]), t(3.0));
    // Sent again by the mesh, after the one that came after it.
    all.hear(&say("2", 2.0, &["/x", "/y"]), t(4.0));
    let changes = all.changes();
    assert_eq!(changes.len(), 2, "it was so, and is not so any more");
    assert_eq!(changes[0].incident.opened, t(2.0));
    assert_eq!(changes[0].incident.evidence[0].result, "2");
    assert_eq!(changes[1].incident.state, CLOSED);

    let field = Some("/x".to_owned());
    let mut all = at_work(rule(Condition::Changed { field }, &[], 0));
    let say =
        |id: &str, at: f64, x: u32, changed: &[&str]| with(result(id, "a", Expected, at), json!({ "x": x }), changed);
    all.hear(&say("1", 1.0, 1, &[]), t(1.0));
    all.hear(&say("3", 3.0, 2, &[]), t(3.0));
    all.hear(&say("4", 4.0, 2, &[]), t(4.0));
    assert_eq!(told(&mut all), [(OPEN, 3.0, 1), (CLOSED, 4.0, 1)]);
    all.hear(&say("2", 2.0, 2, &["/x"]), t(5.0));
    assert_eq!(told(&mut all), [], "this change was seen from both sides");
    let week = t(5.0).0 + LATE_CHANGE_NS;
    let late = ProbeResult {
        ended: t(1.5),
        ..say("5", 1.5, 9, &["/x"])
    };
    all.hear(&late, Timestamp(week));
    assert_eq!((told(&mut all), all.counted().late), (vec![], 1), "older than a week");
}

#[test]
fn numbers_over_a_window() {
    let cases = [
        (Aggregate::Sum, true, 59.0, true),
        (Aggregate::Sum, true, 60.0, false),
        (Aggregate::Mean, true, 19.9, true),
        (Aggregate::Mean, false, 20.1, true),
        (Aggregate::Min, false, 10.5, true),
        (Aggregate::Min, true, 10.0, false),
        (Aggregate::Max, true, 29.0, true),
        (Aggregate::Max, false, 30.0, false),
        (Aggregate::Count, true, 2.0, true),
        (Aggregate::Count, true, 3.0, false),
    ];
    for (by, above, limit, opens) in cases {
        let mut all = at_work(rule(threshold(by, above, limit), &[], 0));
        for (n, ms) in [10, 20, 30].into_iter().enumerate() {
            let at = 1.0 + n as f64;
            all.hear(
                &with(result(&n.to_string(), "a", Expected, at), json!({ "ms": ms }), &[]),
                t(at),
            );
        }
        all.hear(
            &with(result("none", "a", Failed, 4.0), json!({ "ms": "much" }), &[]),
            t(4.0),
        );
        let changes = all.changes();
        let last = changes.last().map(|c| c.incident.state);
        let counted = by == Aggregate::Count && above && limit < 4.0;
        assert_eq!(
            last == Some(OPEN),
            opens || counted,
            "{by:?} above {above} {limit}: {changes:?}"
        );
    }
}

#[test]
fn a_threshold_says_its_number_and_closes_when_the_window_has_passed() {
    let mut all = at_work(rule(threshold(Aggregate::Mean, true, 100.0), &[GroupKey::Probe], 0));
    for (id, at, ms) in [("1", 1.0, 90.0), ("2", 2.0, 200.5)] {
        all.hear(&with(result(id, "a", Expected, at), json!({ "ms": ms }), &[]), t(at));
    }
    let incident = all.changes().remove(0).incident;
    assert_eq!(
        incident.conclusion,
        "The mean of /ms over 1 minute is 145.25, above the limit of 100: probe “Web”."
    );
    assert_eq!(incident.evidence_total, 2);
    all.advance(t(100.0));
    assert_eq!(told(&mut all).last(), Some(&(CLOSED, 62.0, 2)));
}

#[test]
fn too_few_results_are_missed_after_a_whole_window() {
    let mut all = at_work(rule(threshold(Aggregate::Count, false, 2.0), &[], 0));
    all.hear(&result("1", "a", Expected, 1.0), t(1.0));
    all.advance(t(59.0));
    assert_eq!(told(&mut all), [], "a minute was not yet listened to");
    all.hear(&result("2", "a", Expected, 59.0), t(59.0));
    all.advance(t(60.5));
    assert_eq!(told(&mut all), [], "two came within it");
    all.advance(t(70.0));
    assert_eq!(told(&mut all), [(OPEN, 61.0, 1)], "the first has left");
    all.hear(&result("3", "a", Expected, 71.0), t(71.0));
    assert_eq!(told(&mut all), [(CLOSED, 71.0, 1)]);
}

#[test]
fn a_sequence_needs_its_order_and_its_time() {
    let step = |verdict| ResultFilter {
        verdicts: vec![verdict],
        ..ResultFilter::default()
    };
    let steps = vec![step(Expected), step(Failed), step(Failed), step(Expected)];
    let sequence = || {
        rule(
            Condition::Sequence {
                steps: steps.clone(),
                within_s: 60,
            },
            &[GroupKey::Target],
            0,
        )
    };
    let run = |story: &[(Verdict, f64, f64)]| {
        let mut all = at_work(sequence());
        for (n, (verdict, ended, came)) in story.iter().enumerate() {
            all.hear(&result(&n.to_string(), "a", *verdict, *ended), t(*came));
        }
        all.changes().into_iter().map(|c| c.incident).collect::<Vec<_>>()
    };
    let opened = run(&[
        (Expected, 1.0, 1.0),
        (Failed, 2.0, 2.0),
        (Failed, 3.0, 3.0),
        (Expected, 4.0, 4.0),
    ]);
    let ids: Vec<_> = opened[0].evidence.iter().map(|e| e.result.as_str()).collect();
    assert_eq!(ids, ["3", "2", "1", "0"]);
    assert_eq!(
        opened[0].conclusion,
        "4 results about example.org followed one another as the rule says, within 1 minute."
    );
    let one_failure = run(&[(Expected, 1.0, 1.0), (Failed, 2.0, 2.0), (Expected, 4.0, 4.0)]);
    assert!(one_failure.is_empty(), "one result stands for one step");
    let slow = run(&[
        (Expected, 1.0, 1.0),
        (Failed, 2.0, 2.0),
        (Failed, 3.0, 3.0),
        (Expected, 62.0, 62.0),
    ]);
    assert!(slow.is_empty(), "61 s from the first to the last");
    let mixed = run(&[
        (Expected, 4.0, 4.0),
        (Failed, 3.0, 5.0),
        (Expected, 1.0, 6.0),
        (Failed, 2.0, 7.0),
    ]);
    assert_eq!(mixed.len(), 1, "their own order counts, not that of coming");
    assert_eq!(mixed[0].opened, t(4.0));
}

#[test]
fn a_flood_is_no_flood_of_news() {
    let mut all = at_work(rule(threshold(Aggregate::Count, true, 10.0), &[], 0));
    let mut stored = 0;
    let mut news = 0;
    for n in 0..1_000 {
        let at = f64::from(n) / 50.0;
        all.hear(&result(&n.to_string(), "a", Expected, at), t(at));
        for change in all.changes() {
            stored += 1;
            news += u32::from(change.told);
            assert!(change.incident.evidence.len() <= MAX_EVIDENCE);
            assert!(change.incident.history.len() <= MAX_INCIDENT_STEPS);
        }
    }
    assert_eq!(stored, 991, "each result more is stored, and that it is told");
    assert_eq!(news, 2, "opened, and once in ten seconds");
    all.advance(t(31.0));
    let last = all.changes();
    assert!(last[0].told, "what was not told is told later");
    assert_eq!(last[0].incident.evidence_total, 1_000);
}

#[test]
fn memory_is_bounded_and_what_is_forgotten_is_counted() {
    let mut all = at_work(rule(agree(2, 0), &[GroupKey::Target], 0));
    all.hear(
        &ProbeResult {
            target: "bad".to_owned(),
            ..result("x", "a", Failed, 0.0)
        },
        t(0.0),
    );
    all.hear(
        &ProbeResult {
            target: "bad".to_owned(),
            ..result("y", "b", Failed, 0.0)
        },
        t(0.0),
    );
    let many = MAX_RULE_GROUPS as u64 + 50;
    for n in 0..many {
        let target = format!("target {n}");
        all.hear(
            &ProbeResult {
                target,
                ..result(&n.to_string(), "a", Expected, 1.0)
            },
            t(1.0),
        );
    }
    assert_eq!(all.counted().forgotten, 51);
    assert_eq!(told(&mut all), [(OPEN, 0.0, 2)]);
    all.advance(t(100.0));
    assert_eq!(told(&mut all), [(CLOSED, 60.0, 2)], "its group was never forgotten");

    let mut all = at_work(rule(threshold(Aggregate::Count, true, 1e9), &[], 0));
    for n in 0..MAX_RULE_RESULTS + 10 {
        all.hear(&result(&n.to_string(), "a", Expected, 1.0), t(1.0));
    }
    assert_eq!(all.counted().forgotten, 10);
}

#[test]
fn after_a_start_open_incidents_go_on_and_none_is_doubled() {
    let story = [("1", "a", Failed, 10.0), ("2", "b", Failed, 20.0)];
    let before: Vec<_> = story
        .iter()
        .map(|(id, a, v, at)| (result(id, a, *v, *at), *at))
        .collect();
    let mut all = at_work(rule(agree(2, 0), &[], 0));
    for (result, came) in &before {
        all.hear(result, t(*came));
    }
    let open = all.changes().remove(0).incident;
    let known = Known {
        open: vec![open.clone()],
        ..Known::default()
    };
    let mut all = begun(rule(agree(2, 0), &[], 0), known, &before, 30.0);
    assert_eq!(told(&mut all), [], "it is open already");
    all.hear(&result("3", "c", Failed, 31.0), t(31.0));
    all.hear(&result("4", "a", Expected, 32.0), t(32.0));
    all.hear(&result("5", "b", Expected, 33.0), t(33.0));
    let last = all.changes().pop().unwrap().incident;
    assert_eq!((last.id, last.state, last.evidence_total), (open.id.clone(), CLOSED, 3));

    // Off for an hour: the window is empty, so it is over.
    let known = Known {
        open: vec![open],
        ..Known::default()
    };
    let mut all = begun(rule(agree(2, 0), &[], 0), known, &[], 3_600.0);
    assert_eq!(told(&mut all), [(CLOSED, 3_600.0, 2)]);
}

#[test]
fn after_a_start_nothing_that_a_person_closed_opens_again() {
    let before = [(result("1", "a", Failed, 10.0), 10.0)];
    let known = Known {
        open: vec![],
        closed_by_hand: vec![(vec![], t(15.0))],
    };
    let mut all = begun(rule(agree(1, 0), &[], 0), known, &before, 20.0);
    assert_eq!(told(&mut all), []);
    all.hear(&result("2", "b", Failed, 14.0), t(21.0));
    assert_eq!(told(&mut all), [], "it ended before");
    all.hear(&result("3", "a", Failed, 22.0), t(22.0));
    assert_eq!(told(&mut all), [(OPEN, 22.0, 1)]);
}

#[test]
fn after_a_start_silence_is_counted_anew_but_known_silence_stays() {
    let before = [(result("1", "a", Expected, 10.0), 10.0)];
    let by_agent = || rule(silent(60), &[GroupKey::Agent], 0);
    let mut all = begun(by_agent(), Known::default(), &before, 1_000.0);
    all.advance(t(1_059.0));
    assert_eq!(told(&mut all), [], "nobody listened until 1,000");
    all.advance(t(1_061.0));
    assert_eq!(told(&mut all), [(OPEN, 1_060.0, 1)]);

    let mut all = at_work(by_agent());
    all.hear(&before[0].0, t(10.0));
    all.advance(t(100.0));
    let known = Known {
        open: vec![all.changes().remove(0).incident],
        ..Known::default()
    };
    let mut all = begun(by_agent(), known, &before, 1_000.0);
    assert_eq!(told(&mut all), [], "still silent");
    all.hear(&result("2", "a", Expected, 1_001.0), t(1_001.0));
    assert_eq!(told(&mut all), [(CLOSED, 1_001.0, 1)]);
}

#[test]
fn after_a_start_an_old_change_is_no_news_and_an_open_one_stays() {
    let field = Some("/x".to_owned());
    let changed = || rule(Condition::Changed { field: field.clone() }, &[], 0);
    let say = |id: &str, at: f64, x: u32| with(result(id, "a", Expected, at), json!({ "x": x }), &["/x"]);
    let before = [(say("1", 10.0, 2), 10.0)];
    let mut all = begun(changed(), Known::default(), &before, 20.0);
    assert_eq!(told(&mut all), []);
    all.hear(&with(result("2", "a", Expected, 21.0), json!({ "x": 3 }), &[]), t(21.0));
    let open = all.changes().remove(0).incident;
    assert_eq!(
        open.conclusion,
        "Something changed about all that the rule looks at: /x was 2 and is 3."
    );
    let known = Known {
        open: vec![open],
        ..Known::default()
    };
    let before = [(with(result("2", "a", Expected, 21.0), json!({ "x": 3 }), &[]), 21.0)];
    let mut all = begun(changed(), known, &before, 30.0);
    assert_eq!(told(&mut all), [], "the newest result is the one that changed");
    all.hear(&with(result("3", "a", Expected, 31.0), json!({ "x": 3 }), &[]), t(31.0));
    assert_eq!(told(&mut all), [(CLOSED, 31.0, 1)]);
}

#[test]
fn an_incident_whose_rule_ends_says_why() {
    let mut all = at_work(rule(agree(1, 0), &[GroupKey::Agent], 600));
    all.hear(&result("1", "a", Failed, 1.0), t(1.0));
    let open = all.changes().remove(0).incident;
    all.forget("r");
    assert!(!all.watches());
    all.hear(&result("2", "b", Failed, 3.0), t(3.0));
    assert_eq!(told(&mut all), []);
    let Change { incident, told } = closed(open, t(4.0), Ending::RuleRemoved);
    assert!(told && incident.state == CLOSED && incident.closed == Some(t(4.0)));
    assert_eq!(incident.history.last().unwrap().conclusion, "The rule was removed.");
}

#[test]
fn a_filter_chooses_what_a_rule_looks_at() {
    let mut only = rule(agree(1, 0), &[], 0);
    only.of = ResultFilter {
        probe: Some("p".to_owned()),
        kind: Some("http".to_owned()),
        target: Some("example.org".to_owned()),
        agent: Some("a".to_owned()),
        verdicts: vec![Failed],
    };
    let good = result("1", "a", Failed, 1.0);
    let others = [
        ProbeResult {
            probe: "q".to_owned(),
            ..good.clone()
        },
        ProbeResult {
            kind: "dns".to_owned(),
            ..good.clone()
        },
        ProbeResult {
            target: "example.net".to_owned(),
            ..good.clone()
        },
        ProbeResult {
            agent: "b".to_owned(),
            ..good.clone()
        },
        ProbeResult {
            verdict: Unexpected,
            ..good.clone()
        },
    ];
    let mut all = at_work(only);
    for other in &others {
        all.hear(other, t(1.0));
        assert_eq!(told(&mut all), [], "{other:?}");
    }
    all.hear(&good, t(1.0));
    assert_eq!(told(&mut all), [(OPEN, 1.0, 1)]);
}

#[test]
fn rules_that_cannot_be_followed_are_refused_in_words() {
    let good = rule(agree(2, 0), &[GroupKey::Agent], 0);
    let wrong = [
        (
            Rule {
                name: " ".to_owned(),
                ..good.clone()
            },
            "name",
        ),
        (
            Rule {
                per: vec![GroupKey::Agent, GroupKey::Agent],
                ..good.clone()
            },
            "once",
        ),
        (
            Rule {
                calm_s: 2_592_001,
                ..good.clone()
            },
            "waits",
        ),
        (
            Rule {
                when: agree(0, 0),
                ..good.clone()
            },
            "agree are",
        ),
        (
            Rule {
                when: agree(3, 2),
                ..good.clone()
            },
            "at least as many",
        ),
        (
            Rule {
                when: silent(0),
                ..good.clone()
            },
            "seconds",
        ),
        (
            Rule {
                when: threshold(Aggregate::Mean, true, f64::NAN),
                ..good.clone()
            },
            "number",
        ),
        (
            Rule {
                when: Condition::Changed {
                    field: Some("x".to_owned()),
                },
                ..good.clone()
            },
            "pointer",
        ),
        (
            Rule {
                when: Condition::Sequence {
                    steps: vec![ResultFilter::default()],
                    within_s: 1,
                },
                ..good.clone()
            },
            "steps",
        ),
    ];
    for (rule, word) in wrong {
        let problem = check(&rule).unwrap_err().to_string();
        assert!(problem.contains(word), "{problem}");
    }
    assert_eq!(check(&good), Ok(()));
}

/// Hostile results at hostile times: nothing panics, every incident is opened once and closed once, and time never stands still.
#[test]
fn strangers_cannot_break_it() {
    let conditions = [
        agree(2, 3),
        silent(5),
        threshold(Aggregate::Count, false, 3.0),
        threshold(Aggregate::Mean, true, 5.0),
        Condition::Changed {
            field: Some("/ms".to_owned()),
        },
        Condition::Sequence {
            steps: vec![ResultFilter::default(), ResultFilter::default()],
            within_s: 30,
        },
    ];
    let mut all = Correlator::new(t(0.0), {
        let mut n = 0;
        move || {
            n += 1;
            n.to_string()
        }
    });
    for (n, when) in conditions.into_iter().enumerate() {
        let id = n.to_string();
        all.watch(
            Rule {
                id: id.clone(),
                ..rule(when, &[GroupKey::Agent], n as u32 * 3)
            },
            Known::default(),
        );
        all.settle(&id);
    }
    let mut random = 42_u64;
    let mut next = move || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        random >> 33
    };
    let mut open = std::collections::BTreeMap::new();
    let mut closed = std::collections::BTreeSet::new();
    for n in 0..20_000 {
        let now = f64::from(n) / 10.0;
        let ended = match next() % 10 {
            0 => Timestamp(i64::MIN),
            1 => Timestamp(i64::MAX),
            2 => Timestamp(0),
            k => t(now - k as f64 * 20.0),
        };
        let agent = format!("é{}", "x".repeat((next() % 5 * 150) as usize));
        let mut one = result(
            &n.to_string(),
            &agent,
            [Expected, Failed, Unexpected][(next() % 3) as usize],
            0.0,
        );
        one.ended = ended;
        one.facts = json!({ "ms": next() % 10 });
        all.hear(&one, if next() % 50 == 0 { Timestamp(i64::MIN) } else { t(now) });
        for Change { incident, .. } in all.changes() {
            assert!(!closed.contains(&incident.id), "{incident:?} was closed");
            let group = (incident.rule.clone(), incident.about.clone());
            if incident.state == OPEN {
                let known = open.entry(group).or_insert_with(|| incident.id.clone());
                assert_eq!(*known, incident.id, "one open incident a group");
            } else {
                open.remove(&group);
                closed.insert(incident.id);
            }
        }
    }
    assert!(closed.len() > 100, "{}", closed.len());
    all.advance(t(1e6));
    all.advance(Timestamp(i64::MAX));
}
