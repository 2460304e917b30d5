//! Roles through the server's own group, one who takes over, a server that falls, topics with rules.

use crate::disk::Disk;
use crate::prosody::{DOMAIN, Options, Prosody, TOPICS, password};
use crate::world::{Member, TestClock, config, draft, role, start, there, until};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telltale_core::model::{MeshTls, MeshTrust};
use telltale_mesh::agent::{Access, AgentConfig};
use telltale_mesh::link::{Account, XmppTransport};
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// A transport of an account of the server.
pub(crate) fn transport(server: &Prosody, user: &str) -> XmppTransport {
    let account = Account {
        jid: format!("{user}@{DOMAIN}"),
        password: password(user),
        server: Some(format!("127.0.0.1:{}", server.port)),
        tls: MeshTls::StartTls,
        trust: MeshTrust::Authority {
            pem: server.authority(),
        },
        resource: Some("telltale".to_owned()),
    };
    XmppTransport::new(account).expect("an account")
}

pub(crate) fn settings(user: &str, what: &str) -> AgentConfig {
    config(&format!("{user}@{DOMAIN}"), what, &TestClock::new())
}

fn member(server: &Prosody, user: &str, what: &str, disk: &Arc<Disk>) -> Member {
    start(settings(user, what), Box::new(transport(server, user)), disk)
}

/// An agent that can be killed as a process is: in one moment, without a word.
pub(crate) struct Process {
    runtime: Option<Runtime>,
    pub(crate) member: Member,
}

impl Process {
    pub(crate) fn start(settings: AgentConfig, transport: XmppTransport, disk: &Arc<Disk>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let member = {
            let _inside = runtime.enter();
            start(settings, Box::new(transport), disk)
        };
        Self {
            runtime: Some(runtime),
            member,
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime goes on for some steps after it is told to end; a process that was killed does not.
            let ended = std::thread::spawn(|| runtime.shutdown_timeout(Duration::from_mins(1)));
            ended.join().expect("it ended");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Each was counted once by whoever got it; a message that came to one who was killed before it said so is counted by another, too.
fn all_came(members: &[&Member], sent: usize) {
    let mut ids = HashSet::new();
    for member in members {
        for (id, times) in member.notes.lock().expect("notes").counted() {
            assert_eq!(times, 1, "{id}");
            ids.insert(id);
        }
    }
    assert_eq!(ids.len(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_agents_find_each_other_and_one_takes_over() {
    let Some(server) = Prosody::start(&Options::users(&["probe", "c1", "c2"]).in_one_group()) else {
        return;
    };
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&server, "probe", "probe", &disk);
    let mut processes = ["c1", "c2"]
        .map(|user| Process::start(settings(user, "correlator"), transport(&server, user), &Arc::default()));
    let began = Instant::now();
    until("both correlators are found", || async {
        probe.agent.holders("correlator", "store").await.len() == 2
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for n in 0..200 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("they have come", || async { disk.outbox() == 0 }).await;
    let chosen = usize::from(processes[1].member.got() > 0);
    assert_eq!(processes[1 - chosen].member.got(), 0);
    // The chosen one dies, and the server, which holds its session for it, says to nobody that it did.
    processes[chosen].kill();
    let killed = Instant::now();
    for n in 200..400 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("the other takes over", || async {
        processes[1 - chosen].member.got() > 0
    })
    .await;
    eprintln!("another took over after {:?}", killed.elapsed());
    assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    // The other leaves in good order, and nobody is left.
    processes[1 - chosen].member.agent.close().await;
    until("it is gone", || async {
        !there(probe.sees(["c2@localhost", "c1@localhost"][chosen]).await.as_ref())
    })
    .await;
    all_came(&[&processes[0].member, &processes[1].member], 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_nothing() {
    let Some(mut server) = Prosody::start(&Options::users(&["probe", "c1"]).in_one_group()) else {
        return;
    };
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&server, "probe", "probe", &disk);
    let correlator = member(&server, "c1", "correlator", &Arc::default());
    until("it is found", || async {
        !probe.agent.holders("correlator", "").await.is_empty()
    })
    .await;
    for part in 0..3 {
        for n in 0..300 {
            probe
                .agent
                .tell(draft(part * 300 + n), role("correlator"))
                .await
                .expect("it is queued");
        }
        sleep(Duration::from_millis(60)).await;
        server.start_again();
    }
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    all_came(&[&correlator], 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_in_the_group_is_let_in_by_the_owner_alone() {
    let mut options = Options::users(&["probe", "c1", "new"]);
    options.group = vec!["probe".to_owned(), "c1".to_owned()];
    let Some(server) = Prosody::start(&options) else {
        return;
    };
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(&server, "c1", "correlator", &Arc::default());
    until("it stands", || async { there(correlator.agent.agents().await.first()) }).await;
    let mut invited = settings("new", "probe");
    invited.invited = Some(("c1@localhost".to_owned(), "s3cret".to_owned()));
    let new = start(invited, Box::new(transport(&server, "new")), &disk);
    until("the owner is asked", || async {
        !correlator.notes.lock().expect("notes").asks.is_empty()
    })
    .await;
    let asked = ("new@localhost".to_owned(), Some("s3cret".to_owned()));
    assert_eq!(correlator.notes.lock().expect("notes").asks[0], asked);
    let mut policy = settings("c1", "").policy;
    policy.allow.push("new@localhost".to_owned());
    correlator.agent.set_policy(policy).await;
    until("it is found", || async {
        new.agent.holders("correlator", "store").await == ["c1@localhost"]
    })
    .await;
    new.agent
        .tell(draft(1), role("correlator"))
        .await
        .expect("it is queued");
    until("it has come", || async { correlator.got() == 1 && disk.outbox() == 0 }).await;
    new.agent.unsubscribe("c1@localhost").await.expect("it is told");
    until("it is off the list", || async {
        !there(correlator.sees("new@localhost").await.as_ref())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_keep_their_rules_and_what_was_missed() {
    let mut options = Options::users(&["c1", "reader", "stranger"]).in_one_group();
    options.admins.push("c1@localhost".to_owned());
    let Some(server) = Prosody::start(&options) else {
        return;
    };
    let owner = member(&server, "c1", "correlator", &Arc::default());
    let stranger = member(&server, "stranger", "observer", &Arc::default());
    for member in [&owner, &stranger] {
        until("it stands", || async { there(member.agent.agents().await.first()) }).await;
    }
    assert_eq!(owner.agent.topic_services().await.expect("an answer"), [TOPICS]);
    let listed = Access::Listed {
        publishers: vec![],
        readers: vec!["reader@localhost".to_owned()],
    };
    let publish = async |n: u32| {
        let body = serde_json::json!(n);
        owner
            .agent
            .publish(TOPICS, "incidents", &n.to_string(), &body)
            .await
            .expect("it is ours");
    };
    for _ in 0..2 {
        owner
            .agent
            .create_topic(TOPICS, "incidents", &listed)
            .await
            .expect("a topic");
    }
    publish(1).await;
    publish(2).await;
    assert!(
        stranger
            .agent
            .publish(TOPICS, "incidents", "x", &serde_json::json!(1))
            .await
            .is_err()
    );
    assert!(stranger.agent.follow(TOPICS, "incidents", true).await.is_err());
    assert!(stranger.agent.topic_items(TOPICS, "incidents", 9).await.is_err());
    let mut follows = settings("reader", "observer");
    follows.follows.push((TOPICS.to_owned(), "incidents".to_owned()));
    let heard = |member: &Member| -> Vec<String> {
        let notes = member.notes.lock().expect("notes");
        notes.items.iter().map(|(_, body)| body.clone()).collect()
    };
    let reader = start(follows.clone(), Box::new(transport(&server, "reader")), &Arc::default());
    until("what was there is heard", || async { heard(&reader) == ["1", "2"] }).await;
    publish(3).await;
    until("the next, too", || async { heard(&reader) == ["1", "2", "3"] }).await;
    reader.agent.close().await;
    publish(4).await;
    owner.agent.retract(TOPICS, "incidents", "1").await.expect("it is ours");
    let reader = start(follows, Box::new(transport(&server, "reader")), &Arc::default());
    until("what was missed is caught up", || async {
        heard(&reader) == ["2", "3", "4"]
    })
    .await;
    // Who is taken off the list reads no more of it, and hears no more.
    let nobody = Access::Listed {
        publishers: vec![],
        readers: vec![],
    };
    owner
        .agent
        .create_topic(TOPICS, "incidents", &nobody)
        .await
        .expect("it is ours");
    assert!(reader.agent.topic_items(TOPICS, "incidents", 9).await.is_err());
    publish(5).await;
    owner
        .agent
        .create_topic(TOPICS, "incidents", &listed)
        .await
        .expect("it is ours");
    assert!(reader.agent.topic_items(TOPICS, "incidents", 9).await.is_ok());
    assert_eq!(
        heard(&reader),
        ["2", "3", "4"],
        "what was said meanwhile did not reach it"
    );
    owner.agent.remove_topic(TOPICS, "incidents").await.expect("it is ours");
}
