//! A session that goes on after a break, and a server that leaves questions unanswered: what an agent cannot do without is asked again, and
//! what changed meanwhile is told.

use crate::disk::Disk;
use crate::world::{Member, TestClock, config, member, start, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::Show;
use telltale_mesh::agent::Access;
use telltale_mesh::link::{DEPTH, Link, LinkEvent, LinkOrder, Memory, Stanza, Transport};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// A link whose connection breaks and is resumed (XEP-0198), and which loses the first questions.
struct Shaky {
    inner: Box<dyn Transport>,
    breaks: mpsc::UnboundedReceiver<bool>,
    /// Questions that never reach the server.
    lost: usize,
}

impl Transport for Shaky {
    fn open(self: Box<Self>) -> Link {
        let (send, orders) = mpsc::channel(DEPTH);
        let (tell, events) = mpsc::channel(DEPTH);
        tokio::spawn(self.carry(orders, tell));
        Link { send, events }
    }
}

impl Shaky {
    async fn carry(self, mut orders: mpsc::Receiver<LinkOrder>, tell: mpsc::Sender<LinkEvent>) {
        let Self {
            inner,
            mut breaks,
            mut lost,
        } = self;
        let mut link = inner.open();
        let (mut broken, mut who, mut held) = (false, None, Vec::new());
        loop {
            tokio::select! {
                Some(breaks) = breaks.recv() => {
                    broken = breaks;
                    let event = if broken {
                        LinkEvent::Offline { problem: "it broke".to_owned(), attempt: 1, retry_ms: 100 }
                    } else {
                        LinkEvent::Online { jid: Option::clone(&who).expect("it stood before"), resumed: true }
                    };
                    let _ = tell.send(event).await;
                    if !broken {
                        for event in held.drain(..) {
                            let _ = tell.send(event).await;
                        }
                    }
                }
                order = orders.recv() => match order {
                    Some(LinkOrder::Send(stanza)) => {
                        let question = matches!(*stanza, Stanza::Iq(_));
                        if question && lost > 0 {
                            lost -= 1;
                        } else if !broken {
                            let _ = link.send.send(LinkOrder::Send(stanza)).await;
                        }
                    }
                    Some(LinkOrder::Close) | None => return,
                },
                event = link.events.recv() => match event {
                    None => return,
                    Some(event) => {
                        if let LinkEvent::Online { jid, .. } = &event {
                            who = Some(jid.clone());
                        }
                        if broken {
                            held.push(event);
                        } else {
                            let _ = tell.send(event).await;
                        }
                    }
                },
            }
        }
    }
}

const SERVICE: &str = "pubsub.mesh";

/// A correlator with a topic, and a probe that follows it over a shaky link which loses so many questions.
async fn two(lost: usize) -> (Member, Member, mpsc::UnboundedSender<bool>) {
    let memory = Memory::new("mesh");
    memory.group(&["probe@mesh", "c1@mesh"]);
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    until("the topic is there", || async {
        let made = correlator.agent.create_topic(SERVICE, "incidents", &Access::Open);
        made.await.is_ok()
    })
    .await;
    let (breaks, read) = mpsc::unbounded_channel();
    let shaky = Shaky {
        inner: memory.transport("probe@mesh"),
        breaks: read,
        lost,
    };
    let mut settings = config("probe@mesh", "probe", &TestClock::new());
    // As a person may write it; news come of the service as it calls itself.
    settings.follows = vec![("PubSub.Mesh".to_owned(), "incidents".to_owned())];
    let disk: Arc<Disk> = Arc::default();
    let probe = start(settings, Box::new(shaky), &disk);
    (correlator, probe, breaks)
}

async fn knows_all(correlator: &Member, probe: &Member) {
    until("it has the list", || async {
        probe.agent.holders("correlator", "").await.len() == 1
    })
    .await;
    let mut n = 0;
    while probe.notes.lock().expect("notes").items.is_empty() {
        n += 1;
        assert!(n < 600, "no news of the topic came");
        let item = serde_json::json!(n);
        let published = correlator.agent.publish(SERVICE, "incidents", "1", &item).await;
        published.expect("it is its own");
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_server_does_not_answer_is_asked_again() {
    let (correlator, probe, _breaks) = two(2).await;
    knows_all(&correlator, &probe).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_when_the_connection_broke_is_asked_again() {
    let (correlator, probe, breaks) = two(2).await;
    sleep(Duration::from_secs(1)).await;
    breaks.send(true).expect("it breaks");
    sleep(Duration::from_secs(1)).await;
    breaks.send(false).expect("it goes on");
    knows_all(&correlator, &probe).await;
}

#[tokio::test(start_paused = true)]
async fn what_changed_while_the_connection_was_broken_is_told() {
    let (correlator, probe, breaks) = two(0).await;
    knows_all(&correlator, &probe).await;
    until("it is seen", || async {
        correlator
            .sees("probe@mesh")
            .await
            .is_some_and(|a| a.show == Show::Available)
    })
    .await;
    breaks.send(true).expect("it breaks");
    sleep(Duration::from_secs(1)).await;
    probe.agent.set_presence(Show::Busy, "", 3).await;
    sleep(Duration::from_secs(10)).await;
    breaks.send(false).expect("it goes on");
    until("it is seen as it is now", || async {
        let seen = correlator.sees("probe@mesh").await;
        seen.is_some_and(|a| a.show == Show::Busy && a.load == Some(3))
    })
    .await;
}
