//! Behaviours under a clock that tests move: no test waits for a time of day.

use super::clock::{Clock, Clocks, Sleep};
use super::*;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use telltale_core::model::{BehaviourState, Every, OutputParser, Reach, ResultQuery, ResultVia, ValueTest, Verdict};
use telltale_core::schedule::{Moment, UnderWay};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// 2026-11-18 11:06:40 UTC.
const T0: i64 = 1_795_000_000;

/// The clocks of a computer, in the hand of a test.
struct Hand(watch::Sender<Moment>);

impl Hand {
    fn new() -> Self {
        Self(watch::Sender::new(Moment {
            wall: at(0),
            awake: Duration::from_secs(100),
            lived: Duration::from_secs(150),
        }))
    }

    fn moves(&self, wall: i64, awake: u64, lived: u64) {
        self.0.send_modify(|m| {
            m.wall.0 += wall * 1_000_000_000;
            m.awake += Duration::from_secs(awake);
            m.lived += Duration::from_secs(lived);
        });
    }

    fn passes(&self, seconds: u32) {
        self.moves(i64::from(seconds), seconds.into(), seconds.into());
    }

    /// The computer sleeps; its timers stand still.
    fn sleeps(&self, seconds: u32) {
        self.moves(i64::from(seconds), 0, seconds.into());
    }

    fn set(&self, by: i64) {
        self.moves(by, 0, 0);
    }
}

impl Clock for Hand {
    fn now(&self) -> Moment {
        *self.0.borrow()
    }

    fn sleep_until(&self, awake: Duration) -> Sleep<'_> {
        let mut moves = self.0.subscribe();
        Box::pin(async move {
            let _ = moves.wait_for(|m| m.awake >= awake).await;
        })
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp((T0 + seconds) * 1_000_000_000)
}

/// A computer with its engine.
struct Home {
    folder: TempDir,
    hand: Arc<Hand>,
    engine: Engine,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hand = Arc::new(Hand::new());
        let engine = Engine::open(folder.path()).await.unwrap();
        let programs = ["sleep", "cat", "false"].map(|name| (name.to_owned(), format!("/bin/{name}")));
        let policy = ProbePolicy {
            programs: programs.to_vec(),
            remote_kinds: Vec::new(),
        };
        engine.save_probe_policy(policy).await.unwrap();
        let home = Self { folder, hand, engine };
        home.begin().await;
        home
    }

    async fn begin(&self) {
        let probes = &self.engine.inner.probes;
        probes.set_clocks(Clocks::new(Arc::<Hand>::clone(&self.hand)));
        self.engine.begin_probes();
        holds("they act", async || *probes.begun.lock().await).await;
    }

    /// The program ends, `meanwhile` happens, and it is started again.
    async fn restarts(&mut self, meanwhile: impl FnOnce(&Hand)) {
        self.engine.close().await;
        meanwhile(&self.hand);
        self.engine = Engine::open(self.folder.path()).await.unwrap();
        self.begin().await;
    }

    async fn now(&self, id: &str) -> BehaviourNow {
        self.engine.probe(id).await.unwrap()
    }

    /// Waits until a behaviour is so.
    async fn until(&self, id: &str, what: &str, so: impl Fn(&BehaviourNow) -> bool) -> BehaviourNow {
        holds(what, async || so(&self.now(id).await)).await;
        self.now(id).await
    }

    async fn runs(&self, id: &str, runs: u32) -> BehaviourNow {
        let so = move |b: &BehaviourNow| b.runs == runs && b.state != BehaviourState::Running;
        self.until(id, &format!("{runs} runs"), so).await
    }

    async fn results(&self, id: &str) -> Vec<ProbeResult> {
        let query = ResultQuery {
            probe: Some(id.to_owned()),
            limit: 500,
            ..ResultQuery::default()
        };
        self.engine.results(&query).await.unwrap().rows
    }
}

/// Waits until something holds; no longer than a minute, on a computer that is slow.
async fn holds<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    for _ in 0..12_000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came to this: {what}");
}

/// Nothing happens to it for a moment.
async fn stays(home: &Home, id: &str) {
    let before = home.now(id).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(home.now(id).await, before);
}

fn probe(check: Check, behaviour: Behaviour) -> Probe {
    Probe {
        id: String::new(),
        revision: 0,
        name: "A probe".to_owned(),
        check,
        behaviour,
        missed: Missed::Once,
        overlap: Overlap::Skip,
        // What a test holds or lets run goes on until the test ends it.
        limits: Limits {
            timeout_s: 600,
            ..Limits::default()
        },
        expected: None,
        runs_on: RunsOn::Here,
        enabled: true,
    }
}

fn program(program: &str, args: &[&str]) -> Check {
    Check::Command {
        program: program.to_owned(),
        args: args.iter().map(|a| (*a).to_owned()).collect(),
        target: String::new(),
        parser: OutputParser::Lines,
    }
}

fn quick() -> Check {
    program("sleep", &["0"])
}

/// A program that runs until a test lets it end.
struct Held(std::path::PathBuf);

impl Held {
    fn new(home: &Home) -> Self {
        let path = home.folder.path().join("held");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        Self(path)
    }

    fn check(&self) -> Check {
        program("cat", &[self.0.to_str().unwrap()])
    }

    /// Lets the run that goes on end.
    async fn end(&self) {
        self.end_with("").await;
    }

    /// Lets the run that goes on end, after it has said something.
    async fn end_with(&self, said: &str) {
        // It opens as soon as the program reads.
        tokio::fs::write(&self.0, said).await.unwrap();
    }
}

fn slow() -> Check {
    program("sleep", &["600"])
}

fn period(period_s: u32) -> Behaviour {
    Behaviour::Periodic {
        every: Every::Period { period_s },
    }
}

/// 980 seconds after [`T0`], each day.
fn daily() -> Behaviour {
    Behaviour::Periodic {
        every: Every::Calendar {
            weekdays: Vec::new(),
            times: vec!["11:23".to_owned()],
            zone: Some("UTC".to_owned()),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_periodic_probe_runs_at_its_times() {
    let home = Home::new().await;
    let id = home.engine.save_probe(probe(quick(), period(60))).await.unwrap().id;
    let first = home.runs(&id, 1).await;
    assert_eq!((first.state, first.next), (BehaviourState::Waiting, Some(at(60))));
    home.hand.passes(59);
    stays(&home, &id).await;
    home.hand.passes(1);
    home.runs(&id, 2).await;
    home.hand.passes(60);
    let third = home.runs(&id, 3).await;
    let last = third.last.unwrap();
    assert_eq!(
        (last.verdict, last.exit_code, last.via),
        (Verdict::Expected, Some(0), ResultVia::Here)
    );
    assert_eq!(
        (last.due, last.agent.as_str(), last.kind.as_str()),
        (at(120), "local", "command")
    );
    let due: Vec<_> = home.results(&id).await.iter().map(|r| r.due).collect();
    assert_eq!(due, [at(120), at(60), at(0)]);
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sleep_is_noticed_and_what_was_missed_is_counted() {
    let home = Home::new().await;
    let mut skips = probe(quick(), period(600));
    skips.missed = Missed::Skip;
    let skips = home.engine.save_probe(skips).await.unwrap().id;
    let once = home.engine.save_probe(probe(quick(), period(600))).await.unwrap().id;
    home.runs(&skips, 1).await;
    home.runs(&once, 1).await;
    home.hand.sleeps(2_500);
    // Its timers stood still; within two seconds of being awake it is noticed.
    home.hand.passes(2);
    let now = home.until(&skips, "four were missed", |b| b.missed == 4).await;
    assert_eq!((now.runs, now.next), (1, Some(at(3_000))));
    let now = home.runs(&once, 2).await;
    assert_eq!((now.missed, now.last.unwrap().due), (3, at(2_400)));
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_moves_an_hour_both_ways_doubles_nothing() {
    let home = Home::new().await;
    let daily = home.engine.save_probe(probe(quick(), daily())).await.unwrap().id;
    let hourly = home.engine.save_probe(probe(quick(), period(3_600))).await.unwrap().id;
    home.runs(&hourly, 1).await;
    home.hand.set(3_600);
    home.hand.passes(2);
    let now = home.runs(&daily, 1).await;
    assert_eq!(now.last.unwrap().due, at(980), "it was jumped over, and is made up for");
    home.hand.set(-3_600);
    home.hand.passes(2);
    let tomorrow = at(980 + 86_400);
    home.until(&daily, "tomorrow", |b| b.next == Some(tomorrow)).await;
    home.hand.passes(3_500);
    stays(&home, &daily).await;
    assert_eq!(home.now(&hourly).await.runs, 1, "a period does not care for the clock");
    home.hand.passes(96);
    home.runs(&hourly, 2).await;
    assert_eq!(home.now(&daily).await.runs, 1);
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_killed_is_broken_off_and_stays_killed() {
    let mut home = Home::new().await;
    let id = home.engine.save_probe(probe(slow(), period(60))).await.unwrap().id;
    home.until(&id, "it runs", |b| b.running_since == Some(at(0))).await;
    home.hand.passes(60);
    home.until(&id, "one overlaps", |b| b.overlapped == 1).await;
    home.engine.run_probe(&id).await.unwrap();
    home.until(&id, "one waits", |b| b.mailbox == 1).await;
    home.engine.kill_probe(&id).await.unwrap();
    let killed = home
        .until(&id, "it is killed", |b| b.state == BehaviourState::Killed)
        .await;
    assert_eq!((killed.runs, killed.mailbox, killed.next), (1, 0, None));
    assert_eq!(killed.last.unwrap().verdict, Verdict::Killed);
    home.restarts(|hand| hand.passes(600)).await;
    stays(&home, &id).await;
    assert_eq!(home.now(&id).await.state, BehaviourState::Killed);
    home.engine.pause_probe(&id, false).await.unwrap();
    home.until(&id, "it runs again", |b| b.state == BehaviourState::Running)
        .await;
    home.engine.kill_probe(&id).await.unwrap();
    home.until(&id, "it is killed again", |b| b.state == BehaviourState::Killed)
        .await;
    home.engine.run_probe(&id).await.unwrap();
    home.until(&id, "it runs once more", |b| b.state == BehaviourState::Running)
        .await;
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_probe_rests_and_runs_by_hand() {
    let mut home = Home::new().await;
    let id = home.engine.save_probe(probe(quick(), period(60))).await.unwrap().id;
    home.runs(&id, 1).await;
    home.engine.pause_probe(&id, true).await.unwrap();
    home.until(&id, "it is paused", |b| {
        b.state == BehaviourState::Paused && b.next.is_none()
    })
    .await;
    home.hand.passes(600);
    stays(&home, &id).await;
    home.engine.run_probe(&id).await.unwrap();
    let now = home.runs(&id, 2).await;
    assert_eq!((now.state, now.missed), (BehaviourState::Paused, 0));
    home.restarts(|hand| hand.passes(600)).await;
    stays(&home, &id).await;
    home.engine.pause_probe(&id, false).await.unwrap();
    let now = home.runs(&id, 3).await;
    assert_eq!(
        (now.state, now.missed),
        (BehaviourState::Waiting, 0),
        "a pause misses nothing"
    );
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_wait_for_the_end_of_the_run() {
    let home = Home::new().await;
    let clicked = Behaviour::OneShot { at: None };
    let held = Held::new(&home);
    let id = home.engine.save_probe(probe(held.check(), clicked)).await.unwrap().id;
    stays(&home, &id).await;
    assert_eq!(home.now(&id).await.state, BehaviourState::Waiting);
    home.engine.run_probe(&id).await.unwrap();
    home.until(&id, "it runs", |b| b.state == BehaviourState::Running).await;
    for _ in 0..3 {
        home.engine.run_probe(&id).await.unwrap();
    }
    home.until(&id, "three wait", |b| b.mailbox == 3).await;
    held.end().await;
    home.until(&id, "it runs again", |b| b.mailbox == 0).await;
    held.end().await;
    let now = home.runs(&id, 2).await;
    assert_eq!(
        (now.mailbox, now.state),
        (0, BehaviourState::Finished),
        "one run answers them all"
    );
    stays(&home, &id).await;
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_may_wait_where_the_probe_says_so() {
    let home = Home::new().await;
    let held = Held::new(&home);
    let mut waits = probe(held.check(), period(60));
    waits.overlap = Overlap::Wait;
    let id = home.engine.save_probe(waits).await.unwrap().id;
    home.until(&id, "it runs", |b| b.state == BehaviourState::Running).await;
    home.hand.passes(60);
    home.until(&id, "one waits", |b| b.mailbox == 1).await;
    home.hand.passes(60);
    home.until(&id, "one is left out", |b| b.overlapped == 1).await;
    held.end().await;
    home.until(&id, "the other runs", |b| b.runs == 1 && b.mailbox == 0)
        .await;
    held.end().await;
    home.runs(&id, 2).await;
    let due: Vec<_> = home.results(&id).await.iter().map(|r| r.due).collect();
    assert_eq!(due, [at(60), at(0)]);
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_in_a_run_neither_loses_nor_doubles_it() {
    let mut home = Home::new().await;
    let once = home.engine.save_probe(probe(slow(), daily())).await.unwrap().id;
    let mut skips = probe(slow(), daily());
    skips.missed = Missed::Skip;
    let skips = home.engine.save_probe(skips).await.unwrap().id;
    home.hand.passes(980);
    for id in [&once, &skips] {
        home.until(id, "it runs", |b| b.state == BehaviourState::Running).await;
    }
    home.restarts(|hand| hand.passes(10)).await;
    let now = home
        .until(&once, "it runs again", |b| b.state == BehaviourState::Running)
        .await;
    assert_eq!((now.runs, now.missed), (0, 0));
    let now = home.until(&skips, "it was missed", |b| b.missed == 1).await;
    assert_eq!((now.state, now.runs), (BehaviourState::Waiting, 0));
    // Killed after the result was stored and before that was remembered.
    home.engine.kill_probe(&once).await.unwrap();
    home.until(&once, "it is over", |b| b.state == BehaviourState::Killed)
        .await;
    let result = home.results(&once).await.remove(0);
    let past = Remembered {
        settled: Some(at(980)),
        under_way: Some(UnderWay {
            due: at(980),
            result: result.id,
        }),
        ..Remembered::default()
    };
    home.engine.close().await;
    home.engine = Engine::open(home.folder.path()).await.unwrap();
    home.engine.remember(&once, &past).await.unwrap();
    home.begin().await;
    let now = home.until(&once, "it ended", |b| b.runs == 1).await;
    assert_eq!((now.state, now.missed), (BehaviourState::Waiting, 0));
    stays(&home, &once).await;
    assert_eq!(home.results(&once).await.len(), 1);
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_stored_is_stored_later() {
    let home = Home::new().await;
    // It can be carried out once: another run would wait for ever.
    let held = Held::new(&home);
    let clicked = Behaviour::OneShot { at: None };
    let id = home.engine.save_probe(probe(held.check(), clicked)).await.unwrap().id;
    home.engine.run_probe(&id).await.unwrap();
    home.until(&id, "it runs", |b| b.state == BehaviourState::Running).await;
    home.engine.inner.store.limit_pages(1).await.unwrap();
    // Larger than the room that is left in the store's last pages.
    held.end_with(&"a line of the file\n".repeat(2_000)).await;
    let now = home.until(&id, "it says so", |b| b.problem.is_some()).await;
    assert_eq!(now.state, BehaviourState::Running);
    home.hand.passes(5);
    stays(&home, &id).await;
    home.engine.inner.store.limit_pages(1_000_000).await.unwrap();
    home.hand.passes(5);
    let now = home.runs(&id, 1).await;
    assert_eq!((now.problem, home.results(&id).await.len()), (None, 1));
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_killed_stays_killed_though_its_result_is_stored_later() {
    let home = Home::new().await;
    let held = Held::new(&home);
    let clicked = probe(held.check(), Behaviour::OneShot { at: None });
    let made = home.engine.save_probe(clicked).await.unwrap();
    home.engine.run_probe(&made.id).await.unwrap();
    home.until(&made.id, "it runs", |b| b.state == BehaviourState::Running)
        .await;
    // Its times change while it runs: they are to count from its end on.
    let changed = Probe {
        behaviour: period(60),
        ..made.clone()
    };
    home.engine.save_probe(changed).await.unwrap();
    home.engine.inner.store.limit_pages(1).await.unwrap();
    held.end_with(&"a line of the file\n".repeat(2_000)).await;
    home.until(&made.id, "it says so", |b| b.problem.is_some()).await;
    home.engine.run_probe(&made.id).await.unwrap();
    home.until(&made.id, "one waits", |b| b.mailbox == 1).await;
    home.engine.kill_probe(&made.id).await.unwrap();
    home.until(&made.id, "none waits", |b| b.mailbox == 0).await;
    home.engine.inner.store.limit_pages(1_000_000).await.unwrap();
    home.hand.passes(5);
    let now = home.runs(&made.id, 1).await;
    assert_eq!((now.state, now.next), (BehaviourState::Killed, None));
    assert_eq!(home.results(&made.id).await.len(), 1);
    home.engine.run_probe(&made.id).await.unwrap();
    let again = |b: &BehaviourNow| b.state == BehaviourState::Running && b.probe.behaviour == period(60);
    home.until(&made.id, "it begins with its new times", again).await;
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_would_remember_does_not_set_out() {
    let home = Home::new().await;
    let clicked = Behaviour::OneShot { at: None };
    let id = home.engine.save_probe(probe(quick(), clicked)).await.unwrap().id;
    home.engine.inner.store.refuse_states(true).await.unwrap();
    home.engine.run_probe(&id).await.unwrap();
    let now = home.until(&id, "it says so", |b| b.problem.is_some()).await;
    assert_eq!(now.state, BehaviourState::Running);
    home.hand.passes(5);
    stays(&home, &id).await;
    assert!(
        home.results(&id).await.is_empty(),
        "killed now, it would be carried out a second time"
    );
    home.engine.inner.store.refuse_states(false).await.unwrap();
    home.hand.passes(5);
    let now = home.runs(&id, 1).await;
    assert_eq!((now.problem, home.results(&id).await.len()), (None, 1));
    home.engine.close().await;
}

#[tokio::test]
async fn a_file_for_which_there_is_no_room_is_not_taken_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let there = |n: usize| Probe {
        id: Uuid::from_u128(n as u128).to_string(),
        ..probe(quick(), Behaviour::OneShot { at: None })
    };
    for n in 0..MAX_PROBES - 1 {
        engine.inner.store.save_probe(&there(n), at(0)).await.unwrap();
    }
    let new = || Probe {
        id: String::new(),
        ..there(0)
    };
    let two = probe_file::write(&[new(), new()]);
    assert!(engine.import_probes(&two).await.is_err());
    assert_eq!(engine.inner.store.probes().await.unwrap().len(), MAX_PROBES - 1);
    let one_and_a_known_one = probe_file::write(&[new(), there(7)]);
    assert_eq!(engine.import_probes(&one_and_a_known_one).await.unwrap().len(), 2);
    engine.close().await;
}

#[tokio::test]
async fn results_are_looked_at_again_after_many() {
    let (tell, mut newest) = watch::channel(100);
    let mut waits = Box::pin(many(&mut newest, 100));
    tell.send_replace(100 + LOOK_AFTER - 1);
    assert!(futures_util::FutureExt::now_or_never(&mut waits).is_none());
    tell.send_replace(100 + LOOK_AFTER);
    assert!(futures_util::FutureExt::now_or_never(&mut waits).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_and_an_expectation_is_judged() {
    let home = Home::new().await;
    let file = home.folder.path().join("door");
    let check = || program("cat", &[file.to_str().unwrap()]);
    let mut closed = probe(check(), Behaviour::OneShot { at: None });
    closed.expected = Some(Expectation {
        field: "/lines".to_owned(),
        test: ValueTest::Contains {
            text: "closed".to_owned(),
        },
    });
    let id = home.engine.save_probe(closed).await.unwrap().id;
    let mut seen = Vec::new();
    for (n, said) in (1..).zip(["closed\n", "closed\n", "open\n", "", "open\n"]) {
        home.hand.passes(1);
        if said.is_empty() {
            std::fs::remove_file(&file).unwrap();
        } else {
            std::fs::write(&file, said).unwrap();
        }
        home.engine.run_probe(&id).await.unwrap();
        let last = home.runs(&id, n).await.last.unwrap();
        seen.push((last.verdict, last.changed, last.problem.is_some()));
    }
    let line = || vec!["/lines/0".to_owned()];
    let back = ["/exit_code", "/lines", "/lines_total"].map(str::to_owned).to_vec();
    let gone = seen.remove(3);
    assert_ne!(gone.0, Verdict::Expected, "a program that failed");
    assert_eq!(
        seen,
        [
            (Verdict::Expected, vec![], false),
            (Verdict::Expected, vec![], false),
            (Verdict::Unexpected, line(), true),
            (Verdict::Unexpected, back, true),
        ]
    );
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_probes_take_turns() {
    const PROBES: usize = 60;
    let home = Home::new().await;
    let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let counts = (Arc::clone(&at_once), Arc::clone(&most));
    let accepts = tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = server.accept().await else {
                return;
            };
            let (at_once, most) = (Arc::clone(&counts.0), Arc::clone(&counts.1));
            tokio::spawn(async move {
                use tokio::io::AsyncWriteExt;
                most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(60)).await;
                at_once.fetch_sub(1, Ordering::SeqCst);
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    let check = Check::Http {
        url: format!("http://{address}/"),
        method: "GET".to_owned(),
        headers: Vec::new(),
    };
    for n in 0..PROBES {
        let mut one = probe(check.clone(), Behaviour::OneShot { at: Some(at(10)) });
        one.name = format!("Probe {n}");
        home.engine.save_probe(one).await.unwrap();
    }
    home.hand.passes(10);
    let all = || async {
        let all = home.engine.probes().await.unwrap();
        all.iter().all(|b| b.state == BehaviourState::Finished)
    };
    holds("all have run", all).await;
    let seen = most.load(Ordering::SeqCst);
    assert!((2..=32).contains(&seen), "{seen} at one time");
    let all = home.engine.results(&ResultQuery::default()).await.unwrap();
    assert_eq!(all.total as usize, PROBES);
    accepts.abort();
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_made_changed_removed_and_brought_back() {
    let mut home = Home::new().await;
    let reach = Check::Reachability {
        host: "127.0.0.1".to_owned(),
        how: Reach::Tcp { port: 9 },
        attempts: 1,
    };
    let made = home.engine.save_probe(probe(reach, daily())).await.unwrap();
    assert_eq!((made.revision, made.id.len()), (1, 36));
    let renamed = Probe {
        name: " Another name ".to_owned(),
        ..made.clone()
    };
    let changed = home.engine.save_probe(renamed).await.unwrap();
    assert_eq!(
        (changed.revision, changed.name.as_str(), &changed.id),
        (2, "Another name", &made.id)
    );
    assert_eq!(home.now(&made.id).await.next, Some(at(980)), "its times are as before");
    let sooner = Probe {
        behaviour: Behaviour::OneShot { at: Some(at(50)) },
        ..changed.clone()
    };
    home.engine.save_probe(sooner).await.unwrap();
    home.until(&made.id, "it has other times", |b| b.next == Some(at(50)))
        .await;
    home.engine.remove_probe(&made.id).await.unwrap();
    assert!(home.engine.probes().await.unwrap().is_empty());
    let gone = |e: EngineError| matches!(e, EngineError::NoSuchProbe(_));
    assert!(gone(home.engine.remove_probe(&made.id).await.unwrap_err()));
    assert!(gone(home.engine.run_probe(&made.id).await.unwrap_err()));
    assert!(gone(home.engine.kill_probe("none").await.unwrap_err()));
    home.engine.restore_probe(&made.id).await.unwrap();
    home.hand.passes(50);
    home.runs(&made.id, 1).await;
    home.engine.remove_probe(&made.id).await.unwrap();
    home.restarts(|_| ()).await;
    assert!(
        gone(home.engine.restore_probe(&made.id).await.unwrap_err()),
        "it is gone for good"
    );
    assert_eq!(home.results(&made.id).await.len(), 1, "its results stay");
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_values_are_refused() {
    let home = Home::new().await;
    let good = || probe(quick(), daily());
    let changes: [fn(&mut Probe); 7] = [
        |p| p.name = " ".to_owned(),
        |p| p.id = "seven".to_owned(),
        |p| p.behaviour = period(0),
        |p| p.limits.timeout_s = 0,
        |p| {
            p.behaviour = Behaviour::Periodic {
                every: Every::Calendar {
                    weekdays: Vec::new(),
                    times: vec!["11:23".to_owned()],
                    zone: Some("Atlantis/Harbour".to_owned()),
                },
            };
        },
        |p| {
            p.check = Check::Trace {
                host: String::new(),
                max_hops: 3,
            };
        },
        |p| p.runs_on = RunsOn::Role { role: "a b".to_owned() },
    ];
    for change in changes {
        let mut wrong = good();
        change(&mut wrong);
        let refused = home.engine.save_probe(wrong.clone()).await;
        assert!(matches!(refused, Err(EngineError::InvalidInput(_))), "{wrong:?}");
    }
    for (programs, kinds) in [
        (vec![("x", "relative/path")], vec![]),
        (vec![("a/b", "/bin/b")], vec![]),
        (vec![], vec!["everything"]),
    ] {
        let policy = ProbePolicy {
            programs: programs
                .into_iter()
                .map(|(n, p)| (n.to_owned(), p.to_owned()))
                .collect(),
            remote_kinds: kinds.into_iter().map(str::to_owned).collect(),
        };
        assert!(
            home.engine.save_probe_policy(policy.clone()).await.is_err(),
            "{policy:?}"
        );
    }
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_runs_only_while_its_owner_allows_it() {
    let home = Home::new().await;
    let id = home
        .engine
        .save_probe(probe(quick(), Behaviour::OneShot { at: None }))
        .await
        .unwrap()
        .id;
    assert_eq!(home.now(&id).await.problem, None);
    home.engine.save_probe_policy(ProbePolicy::default()).await.unwrap();
    let now = home.until(&id, "it is not allowed", |b| b.problem.is_some()).await;
    assert!(now.problem.unwrap().contains("sleep"));
    home.engine.run_probe(&id).await.unwrap();
    let last = home.runs(&id, 1).await.last.unwrap();
    assert_eq!(last.verdict, Verdict::Failed);
    assert!(last.problem.is_some());
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_asked_fails_in_words() {
    let home = Home::new().await;
    let mut far = probe(quick(), Behaviour::OneShot { at: None });
    far.runs_on = RunsOn::EveryAgent {
        role: "probe".to_owned(),
    };
    let id = home.engine.save_probe(far).await.unwrap().id;
    home.engine.run_probe(&id).await.unwrap();
    let last = home.runs(&id, 1).await.last.unwrap();
    assert_eq!(last.verdict, Verdict::Failed);
    assert!(last.summary.len() > 20, "{}", last.summary);
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_can_be_tried_and_a_file_imported() {
    let home = Home::new().await;
    let equals = Expectation {
        field: "/exit_code".to_owned(),
        test: ValueTest::Unchanged,
    };
    let tried = home
        .engine
        .try_check(quick(), Limits::default(), Some(equals))
        .await
        .unwrap();
    assert_eq!((tried.verdict, tried.exit_code), (Verdict::Expected, Some(0)));
    assert!(
        home.engine.result(&tried.id).await.unwrap().is_none(),
        "it is not stored"
    );
    let file = r#"{"uuid": "56163b3b-c563-4c03-b30a-3ae2549e98c3", "period": 60, "target": "", "command": "sleep 0",
        "args": [], "jid": "a@b", "passwd": "secret"}"#;
    for revision in 1..=2 {
        let imported = home.engine.import_probes(file).await.unwrap();
        assert_eq!(
            (imported.len(), imported[0].revision, imported[0].enabled),
            (1, revision, false)
        );
    }
    let now = home.engine.probes().await.unwrap();
    assert_eq!((now.len(), now[0].state), (1, BehaviourState::Paused));
    stays(&home, &now[0].probe.id).await;
    let half = format!("[{file}, {{}}]");
    assert!(home.engine.import_probes(&half).await.is_err());
    assert_eq!(home.now(&now[0].probe.id).await.probe.revision, 2, "all or none");
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_is_a_check() {
    let home = Home::new().await;
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures/example.pcapng");
    let path = example.canonicalize().unwrap().to_str().unwrap().to_owned();
    let source = telltale_core::model::AuditSource::File { path };
    let check = Check::Audit { source, seconds: 60 };
    let id = home
        .engine
        .save_probe(probe(check, Behaviour::OneShot { at: None }))
        .await
        .unwrap()
        .id;
    let schema = include_str!("../../../telltale-core/schema/facts/audit.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let mut audits = Vec::new();
    for n in 1..=2 {
        home.engine.run_probe(&id).await.unwrap();
        let last = home.runs(&id, n).await.last.unwrap();
        assert_eq!(last.verdict, Verdict::Expected, "{:?}", last.problem);
        assert!(schema.is_valid(&last.facts), "{}", last.facts);
        assert!(
            last.facts["measured"]["servers"].as_u64().unwrap() > 10,
            "{}",
            last.facts
        );
        assert!(
            last.facts["trackers"].as_array().is_some_and(|t| !t.is_empty()),
            "{}",
            last.facts
        );
        assert_eq!(last.changed, Vec::<String>::new());
        audits.push(last.facts["measured"]["audit"].clone());
    }
    assert_eq!(audits[0], audits[1], "the same capture is one audit");
    let missing = telltale_core::model::AuditSource::File {
        path: "/nowhere/a.pcap".to_owned(),
    };
    let missing = Check::Audit {
        source: missing,
        seconds: 1,
    };
    let tried = home.engine.try_check(missing, Limits::default(), None).await.unwrap();
    assert_eq!(tried.verdict, Verdict::Failed);
    home.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_has_not_begun_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.save_probe(probe(quick(), period(1))).await.unwrap().id;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let now = engine.probe(&id).await.unwrap();
    assert_eq!((now.runs, now.state), (0, BehaviourState::Waiting));
    assert!(engine.run_probe(&id).await.is_err());
    engine.kill_probe(&id).await.unwrap();
    assert_eq!(engine.probe(&id).await.unwrap().state, BehaviourState::Killed);
    engine.pause_probe(&id, true).await.unwrap();
    engine.pause_probe(&id, false).await.unwrap();
    assert_eq!(engine.probe(&id).await.unwrap().state, BehaviourState::Waiting);
    engine.close().await;
}
