//! A link through memory: a small XMPP server inside the process, for tests, with faults that can be turned on.
//!
//! It does of RFC 6121 and XEP-0060 what agents use: lists and presence, messages kept for those who are away, questions, topics. Used by
//! tests of this crate and of the engine; each account is whoever opens a transport for it. Never here: encryption, passwords.

mod roster;
mod route;
mod topics;

use super::{DEPTH, Link, LinkEvent, LinkOrder, Stanza, Transport};
use route::Server;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};
use xmpp_parsers::jid::{BareJid, FullJid};

/// What goes wrong with messages on their way to an account, each in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Lost.
    pub lost: u8,
    /// Delivered twice.
    pub twice: u8,
    /// Delivered before the one that came before it.
    pub swapped: u8,
}

/// The server; cheap to clone.
#[derive(Clone)]
pub struct Memory(Arc<Mutex<Server>>);

impl Memory {
    /// A server for this domain; its topics are at `pubsub.` and the domain.
    pub fn new(domain: &str) -> Self {
        Self(Arc::new(Mutex::new(Server::new(domain))))
    }

    /// Puts accounts (bare JIDs) into the server's own group: they see each other's presence without asking.
    pub fn group(&self, jids: &[&str]) {
        let mut server = self.lock();
        for jid in jids.iter().filter_map(|jid| BareJid::new(jid).ok()) {
            server.add_to_group(jid);
        }
    }

    /// A transport of an account, which is made if it is not there. An address that is none makes a transport that never stands.
    pub fn transport(&self, jid: &str) -> Box<dyn Transport> {
        Box::new(Opening {
            memory: self.clone(),
            jid: BareJid::new(jid).ok(),
        })
    }

    /// What goes wrong on the way to an account, from now on.
    pub fn faults(&self, jid: &str, faults: Faults) {
        if let Ok(jid) = BareJid::new(jid) {
            self.lock().account(&jid).faults = faults;
        }
    }

    /// The network of an account breaks, and the server notices: it is not there until [`Self::mend`].
    pub fn cut(&self, jid: &str) {
        self.change(jid, Server::cut);
    }

    /// The network stands again.
    pub fn mend(&self, jid: &str) {
        self.change(jid, Server::mend);
    }

    /// The process of an account dies, and nobody notices: what is sent to it is lost until [`Self::notice`].
    pub fn kill(&self, jid: &str) {
        self.change(jid, Server::kill);
    }

    /// The server notices that an account's process is dead: it is not there any more.
    pub fn notice(&self, jid: &str) {
        self.change(jid, Server::notice);
    }

    /// Messages that were lost because of [`Faults`], or with a process that died.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    fn change(&self, jid: &str, change: fn(&mut Server, &BareJid)) {
        if let Ok(jid) = BareJid::new(jid) {
            change(&mut self.lock(), &jid);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Server> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transport that is not opened yet.
struct Opening {
    memory: Memory,
    jid: Option<BareJid>,
}

impl Transport for Opening {
    fn open(self: Box<Self>) -> Link {
        let (send, orders) = mpsc::channel(DEPTH);
        let (told, events) = mpsc::channel(DEPTH);
        if let Some(jid) = self.jid {
            let wake = Arc::new(Notify::new());
            let full = self.memory.lock().open(&jid, Arc::clone(&wake));
            if let Some(full) = full {
                tokio::spawn(carry(self.memory, full, orders, told, wake));
            }
        }
        Link { send, events }
    }
}

/// Carries what an agent sends to the server, and what the server has for it to the agent. Neither waits for the other.
async fn carry(
    memory: Memory,
    own: FullJid,
    mut orders: mpsc::Receiver<LinkOrder>,
    events: mpsc::Sender<LinkEvent>,
    wake: Arc<Notify>,
) {
    loop {
        let (waits, dead) = memory.lock().waits(&own);
        if dead {
            return;
        }
        tokio::select! {
            order = orders.recv() => match order {
                Some(LinkOrder::Send(stanza)) => memory.lock().take(&own, *stanza),
                Some(LinkOrder::Close) => {
                    memory.lock().leave(&own);
                    let _ = events.send(LinkEvent::Closed).await;
                    return;
                }
                None => return memory.lock().leave(&own),
            },
            permit = events.reserve(), if waits => match permit {
                Ok(permit) => {
                    if let Some(event) = memory.lock().next_event(&own) {
                        permit.send(event);
                    }
                }
                Err(_) => return memory.lock().leave(&own),
            },
            () = wake.notified() => {}
        }
    }
}

/// A stanza as the server hands it on.
fn event(stanza: impl Into<Stanza>) -> LinkEvent {
    LinkEvent::Stanza(Box::new(stanza.into()))
}
