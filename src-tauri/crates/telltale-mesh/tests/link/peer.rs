//! One end of the mesh as these tests use it: a link with a patience of its own.

use crate::prosody::{DOMAIN, Prosody, password};
use std::time::Duration;
use telltale_core::model::{MeshRefusal, MeshTls, MeshTrust};
use telltale_mesh::link::{Account, Link, LinkEvent, LinkOrder, Stanza, Transport, XmppTransport};
use tokio::time::timeout;
use xmpp_parsers::jid::{FullJid, Jid};
use xmpp_parsers::message::{Id, Message};
use xmpp_parsers::presence::Presence;

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// An account of `user` on the server, reached at `port` of this computer.
pub(crate) fn account(server: &Prosody, user: &str, port: u16) -> Account {
    Account {
        jid: format!("{user}@{DOMAIN}"),
        password: password(user),
        server: Some(format!("127.0.0.1:{port}")),
        tls: if port == server.port {
            MeshTls::StartTls
        } else {
            MeshTls::Direct
        },
        trust: MeshTrust::Authority {
            pem: server.authority(),
        },
        resource: None,
    }
}

/// A link and what it told.
pub(crate) struct Peer {
    pub(crate) link: Link,
}

impl Peer {
    pub(crate) fn open(account: Account) -> Self {
        Self::over(XmppTransport::new(account).expect("an account"))
    }

    pub(crate) fn over(transport: XmppTransport) -> Self {
        Self {
            link: Box::new(transport).open(),
        }
    }

    /// Opens a link and waits until it stands and is seen.
    pub(crate) async fn online(account: Account) -> (Self, FullJid) {
        let mut peer = Self::open(account);
        let (jid, _) = peer.stands().await;
        peer.send(Stanza::Presence(Presence::available())).await;
        (peer, jid)
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Option<LinkEvent> {
        let event = timeout(PATIENCE, self.link.events.recv()).await;
        event.expect("the link tells nothing")
    }

    /// Waits until the link stands; who we are, and whether the session was resumed.
    pub(crate) async fn stands(&mut self) -> (FullJid, bool) {
        loop {
            match self.event().await {
                Some(LinkEvent::Online { jid, resumed }) => return (jid, resumed),
                Some(LinkEvent::Refused { why, problem }) => panic!("{why:?}: {problem}"),
                Some(_) => {}
                None => panic!("the link ended"),
            }
        }
    }

    /// Waits until the link does not stand; why.
    pub(crate) async fn breaks(&mut self) -> String {
        loop {
            match self.event().await {
                Some(LinkEvent::Offline { problem, .. }) => return problem,
                Some(LinkEvent::Refused { why, problem }) => panic!("{why:?}: {problem}"),
                Some(_) => {}
                None => panic!("the link ended"),
            }
        }
    }

    /// Waits until the link is refused, which ends it.
    pub(crate) async fn refused(&mut self) -> (MeshRefusal, String) {
        loop {
            match self.event().await {
                Some(LinkEvent::Refused { why, problem }) => {
                    assert!(self.link.events.recv().await.is_none(), "a refused link has ended");
                    return (why, problem);
                }
                Some(LinkEvent::Online { .. }) => panic!("it was let in"),
                Some(_) => {}
                None => panic!("the link ended without a word"),
            }
        }
    }

    pub(crate) async fn send(&self, stanza: Stanza) {
        let order = LinkOrder::Send(Box::new(stanza));
        let sent = timeout(PATIENCE, self.link.send.send(order)).await;
        sent.expect("the link takes nothing").expect("the link has ended");
    }

    pub(crate) async fn say(&self, to: &FullJid, text: &str) {
        let mut message = Message::chat(Some(Jid::from(to.clone())));
        message.id = Some(Id(text.chars().take(40).collect()));
        self.send(Stanza::Message(
            message.with_body(xmpp_parsers::message::Lang::default(), text.to_owned()),
        ))
        .await;
    }

    /// The text of the next message that has one.
    pub(crate) async fn hears(&mut self) -> String {
        loop {
            match self.event().await {
                Some(LinkEvent::Stanza(stanza)) => {
                    if let Stanza::Message(message) = *stanza
                        && let Some(text) = message.bodies.values().next()
                    {
                        return text.clone();
                    }
                }
                Some(_) => {}
                None => panic!("the link ended"),
            }
        }
    }

    /// Takes leave, and waits for the last event.
    pub(crate) async fn close(mut self) {
        self.link
            .send
            .send(LinkOrder::Close)
            .await
            .expect("the link still runs");
        while let Some(event) = self.event().await {
            if matches!(event, LinkEvent::Closed) {
                return;
            }
        }
        panic!("the link ended without saying so");
    }
}
