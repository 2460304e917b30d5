//! A link over an XMPP server: made, held, and made again when it breaks.
//!
//! One task owns the stanza stream, which resumes an interrupted session (XEP-0198) and asks a silent server for a sign of life
//! (XEP-0198, else XEP-0199). The task makes each connection itself, so that what cannot get better by trying is told at once. Never
//! here: what a stanza means.

use super::account::{Account, Checked, LinkError};
use super::backoff;
use super::dial::dial;
use super::guarded::Overheard;
use super::login::log_in;
use super::stream::{Slot, bury, new_stream, stream_error};
use super::{DEPTH, Link, LinkEvent, LinkOrder, Transport};
use futures_util::StreamExt;
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::MeshRefusal;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Sleep, sleep, timeout};
use tokio_xmpp::stanzastream::{Connection, Event, StanzaStage, StanzaStream, StanzaToken, StreamEvent};
use tokio_xmpp::xmlstream::Timeouts;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::FullJid;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stream_error::DefinedCondition;

/// Making a connection, from the first octet to the login, at most.
pub(super) const SETUP: Duration = Duration::from_secs(45);
/// Silence of the server after which it is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(30);
/// Waiting for that sign; then the connection is held to be dead.
const ANSWER: Duration = Duration::from_secs(15);
/// A link that stood this long is a good one: the next wait is short again.
const SETTLED: Duration = Duration::from_secs(30);
/// Taking leave at most; a server that does not answer is left.
const LEAVE: Duration = Duration::from_secs(5);
/// Times that our resource is taken from us, without a time of standing between, before we leave it to the other.
const MAX_CONFLICTS: u32 = 3;
/// Ids of the questions that the stanza stream itself asks; their answers concern nobody else.
const SIGN_OF_LIFE: &str = "xmpp-rs-stanzastream-liveness-probe";

/// A link over an XMPP server.
pub struct XmppTransport {
    account: Arc<Checked>,
    timeouts: Timeouts,
}

impl XmppTransport {
    /// Checks the account; connects to nobody yet. Reads the system's authorities from the disk where they are wanted.
    ///
    /// Fails with [`LinkError::Invalid`] where an address, a server, an authority or a pin is not one.
    pub fn new(account: Account) -> Result<Self, LinkError> {
        Ok(Self {
            account: Arc::new(Checked::try_from(account)?),
            timeouts: Timeouts {
                read_timeout: SILENCE,
                response_timeout: ANSWER,
            },
        })
    }

    /// Other patience than usual: after `silence` the server is asked for a sign of life, and held to be dead after `answer`.
    #[must_use]
    pub fn with_patience(mut self, silence: Duration, answer: Duration) -> Self {
        self.timeouts = Timeouts {
            read_timeout: silence,
            response_timeout: answer,
        };
        self
    }
}

impl Transport for XmppTransport {
    fn open(self: Box<Self>) -> Link {
        let (send, orders) = mpsc::channel(DEPTH);
        let (events, heard) = mpsc::channel(DEPTH);
        tokio::spawn(Keeping::new(*self, orders, events).run());
        Link { send, events: heard }
    }
}

/// A connection on its way.
type Dialing = Pin<Box<dyn Future<Output = Result<Box<Connection>, LinkError>> + Send>>;

/// What became of the last connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// There was none.
    None,
    /// The stream got it.
    Given,
    /// The link stood on it.
    Stood,
}

/// The task that keeps a link.
struct Keeping {
    account: Arc<Checked>,
    timeouts: Timeouts,
    heard: Arc<Overheard>,
    orders: mpsc::Receiver<LinkOrder>,
    events: mpsc::Sender<LinkEvent>,
    stream: StanzaStream,
    slots: mpsc::UnboundedReceiver<Slot>,
    /// The stream holds the state of a session, and asks for its resumption.
    session: bool,
    /// What became of the last connection.
    last: Last,
    /// A connection that the stream waits for.
    dialing: Option<(Slot, Dialing)>,
    /// Stanzas that the stream has not written yet, oldest first; so many that its own queue never blocks this task.
    unwritten: VecDeque<StanzaToken>,
    /// Events that wait for room.
    waiting: VecDeque<LinkEvent>,
    /// Who we are, once the server said it.
    jid: Option<FullJid>,
    standing: bool,
    /// Tries that failed since the link last stood for a while.
    tries: u32,
    /// Times that somebody took our resource, since the link last stood for a while.
    conflicts: u32,
    settled: Option<Pin<Box<Sleep>>>,
}

/// What the task has to do with next.
enum Came {
    Order(Option<LinkOrder>),
    /// The stream has written its oldest stanza.
    Written,
    Slot(Slot),
    Dialed(Result<Box<Connection>, LinkError>),
    Event(Box<Event>),
    /// There is room for an event that waits.
    Room,
    Settled,
    /// Nobody listens any more, or the stream's own task is gone.
    Deaf,
}

/// Why the task goes on, or not.
enum Next {
    Go,
    /// Take leave and say that it is done.
    Leave,
    /// It cannot stand.
    End(MeshRefusal, String),
}

impl Keeping {
    fn new(transport: XmppTransport, orders: mpsc::Receiver<LinkOrder>, events: mpsc::Sender<LinkEvent>) -> Self {
        let (stream, slots) = new_stream();
        Self {
            account: transport.account,
            timeouts: transport.timeouts,
            heard: Overheard::new(),
            orders,
            events,
            stream,
            slots,
            session: false,
            last: Last::None,
            dialing: None,
            unwritten: VecDeque::new(),
            waiting: VecDeque::new(),
            jid: None,
            standing: false,
            tries: 0,
            conflicts: 0,
            settled: None,
        }
    }

    async fn run(mut self) {
        loop {
            match self.step().await {
                Next::Go => {}
                Next::Leave => return self.leave().await,
                Next::End(why, problem) => return self.end(why, problem).await,
            }
        }
    }

    async fn step(&mut self) -> Next {
        while self
            .unwritten
            .front()
            .is_some_and(|token| token.state() >= StanzaStage::Sent)
        {
            self.unwritten.pop_front();
        }
        match self.next().await {
            Came::Order(Some(LinkOrder::Send(stanza))) => {
                if self.standing {
                    let token = self.stream.send(stanza).await;
                    self.unwritten.push_back(token);
                }
                Next::Go
            }
            Came::Slot(slot) => self.begin(slot),
            Came::Dialed(result) => self.dialed(result),
            Came::Event(event) => self.take(*event),
            Came::Settled => {
                self.settled = None;
                self.tries = 0;
                self.conflicts = 0;
                Next::Go
            }
            Came::Written => Next::Go,
            Came::Room => match self.waiting.pop_front() {
                Some(event) => self.tell(event),
                None => Next::Go,
            },
            Came::Order(Some(LinkOrder::Close) | None) | Came::Deaf => Next::Leave,
        }
    }

    /// Waits for the next thing that this task has to do with.
    async fn next(&mut self) -> Came {
        // What is sent while the link does not stand is dropped, so nobody waits for that.
        let full = self.standing && self.unwritten.len() >= DEPTH;
        tokio::select! {
            order = self.orders.recv(), if !full => Came::Order(order),
            () = written(self.unwritten.front().cloned()), if full => Came::Written,
            Some(slot) = self.slots.recv(), if self.dialing.is_none() => Came::Slot(slot),
            result = dialed(&mut self.dialing) => Came::Dialed(result),
            event = self.stream.next(), if self.waiting.is_empty() => event.map_or(Came::Deaf, |event| Came::Event(Box::new(event))),
            permit = self.events.reserve(), if !self.waiting.is_empty() => {
                if permit.is_ok() { Came::Room } else { Came::Deaf }
            }
            () = over(&mut self.settled) => Came::Settled,
        }
    }

    /// The stream wants a connection: at the start, or because the last one broke.
    fn begin(&mut self, slot: Slot) -> Next {
        self.standing = false;
        self.settled = None;
        if self.session && self.last != Last::Stood {
            self.forget_session(slot);
            return Next::Go;
        }
        let error = self.heard.take_error().as_deref().and_then(stream_error);
        if error
            .as_ref()
            .is_some_and(|e| e.condition == DefinedCondition::Conflict)
        {
            self.conflicts = self.conflicts.saturating_add(1);
            // Once it may be ourselves: a connection that we gave up and that the server opened late.
            if self.conflicts >= MAX_CONFLICTS {
                self.dialing = Some((slot, Box::pin(std::future::pending())));
                let problem = "the account was opened elsewhere with the same resource".to_owned();
                return Next::End(MeshRefusal::Conflict, problem);
            }
        }
        let wait = match error {
            Some(error) => self.tell_offline(format!("the server ended the connection: {error}")),
            None if self.last == Last::None => Duration::ZERO,
            None => self.tell_offline("the connection to the server broke".to_owned()),
        };
        self.dialing = Some((slot, self.dial_after(wait)));
        Next::Go
    }

    /// The session could not be resumed: the server has forgotten it, and says so in a way that the stream may not understand. The next
    /// connection begins a new one; what the old one had not sent is sent again by the agent's outbox.
    fn forget_session(&mut self, slot: Slot) {
        let (stream, slots) = new_stream();
        drop(std::mem::replace(&mut self.stream, stream));
        bury(Some(slot), std::mem::replace(&mut self.slots, slots));
        self.unwritten.clear();
        self.session = false;
        self.last = Last::None;
    }

    /// A try to connect came to its end.
    fn dialed(&mut self, result: Result<Box<Connection>, LinkError>) -> Next {
        let Some((slot, _)) = self.dialing.take() else {
            return Next::Go;
        };
        let problem = match result {
            // The stream takes it; if it is gone, its end is told by itself.
            Ok(connection) => {
                self.last = Last::Given;
                let _ = slot.send(*connection);
                return Next::Go;
            }
            // A server that once was right may get right again by itself, and nobody may be there to see to it: its certificate is
            // renewed late, its login is misconfigured for an hour. A wrong password never gets right, and trying locks accounts.
            Err(LinkError::Refused { why, problem }) if self.jid.is_none() || why == MeshRefusal::Credentials => {
                self.dialing = Some((slot, Box::pin(std::future::pending())));
                return Next::End(why, problem);
            }
            Err(error) => error.to_string(),
        };
        let wait = self.tell_offline(problem);
        self.dialing = Some((slot, self.dial_after(wait)));
        Next::Go
    }

    /// Tells that the link does not stand, and says how long to wait.
    fn tell_offline(&mut self, problem: String) -> Duration {
        let wait = backoff::wait(self.tries, chance());
        self.tries = self.tries.saturating_add(1);
        // A listener that is slow needs the last of them only.
        if matches!(self.waiting.back(), Some(LinkEvent::Offline { .. })) {
            self.waiting.pop_back();
        }
        self.waiting.push_back(LinkEvent::Offline {
            problem,
            attempt: self.tries,
            retry_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        });
        wait
    }

    fn dial_after(&self, wait: Duration) -> Dialing {
        let (account, heard, timeouts) = (Arc::clone(&self.account), Arc::clone(&self.heard), self.timeouts);
        Box::pin(async move {
            sleep(wait).await;
            match timeout(SETUP, Box::pin(connect(&account, &heard, timeouts))).await {
                Ok(connection) => connection,
                Err(_) => Err(LinkError::Broken("the server took too long to answer".to_owned())),
            }
        })
    }

    /// Something came from the stream.
    fn take(&mut self, event: Event) -> Next {
        let event = match event {
            Event::Stanza(stanza) => match self.concerns_us(stanza) {
                Some(stanza) => LinkEvent::Stanza(Box::new(stanza)),
                None => return Next::Go,
            },
            Event::Stream(StreamEvent::Reset { bound_jid, .. }) => match bound_jid.try_into_full() {
                Ok(jid) => {
                    self.jid = Some(jid.clone());
                    self.stand();
                    LinkEvent::Online { jid, resumed: false }
                }
                Err(_) => return Next::Leave,
            },
            Event::Stream(StreamEvent::Resumed) => match self.jid.clone() {
                Some(jid) => {
                    self.stand();
                    LinkEvent::Online { jid, resumed: true }
                }
                None => return Next::Leave,
            },
            // Told, with its reason, when the stream asks for the next connection.
            Event::Stream(StreamEvent::Suspended) => {
                self.standing = false;
                return Next::Go;
            }
        };
        self.tell(event)
    }

    /// Tells what happened, now or as soon as there is room for it.
    fn tell(&mut self, event: LinkEvent) -> Next {
        match self.events.try_send(event) {
            Ok(()) => Next::Go,
            Err(TrySendError::Full(event)) => {
                self.waiting.push_front(event);
                Next::Go
            }
            // Nobody listens any more.
            Err(TrySendError::Closed(_)) => Next::Leave,
        }
    }

    fn stand(&mut self) {
        self.standing = true;
        self.session = true;
        self.last = Last::Stood;
        self.settled = Some(Box::pin(sleep(SETTLED)));
    }

    /// Leaves out answers to the stream's own questions, and what stands in for a stanza over the limits.
    fn concerns_us(&self, stanza: Stanza) -> Option<Stanza> {
        let ours = match &stanza {
            Stanza::Iq(Iq::Result { id, .. } | Iq::Error { id, .. }) => !id.starts_with(SIGN_OF_LIFE),
            Stanza::Message(message) => !message.id.as_ref().is_some_and(|id| self.heard.is_left_out(&id.0)),
            _ => true,
        };
        ours.then_some(stanza)
    }

    /// Unavailable presence, end of stream, and the last event.
    async fn leave(self) {
        if self.standing {
            let goodbye = Stanza::Presence(Presence::new(Type::Unavailable));
            if self.unwritten.len() < DEPTH {
                let _ = self.stream.send(Box::new(goodbye)).await;
            }
            let _ = timeout(LEAVE, self.stream.close()).await;
        } else {
            drop(self.stream);
        }
        bury(self.dialing.map(|(slot, _)| slot), self.slots);
        let _ = self.events.send(LinkEvent::Closed).await;
    }

    /// It cannot stand until the owner changes something.
    async fn end(self, why: MeshRefusal, problem: String) {
        drop(self.stream);
        bury(self.dialing.map(|(slot, _)| slot), self.slots);
        for event in self.waiting {
            let _ = self.events.send(event).await;
        }
        let _ = self.events.send(LinkEvent::Refused { why, problem }).await;
    }
}

/// Dials and logs in. A server that then offers no resource would end the stream's task, so it is told here.
async fn connect(account: &Checked, heard: &Arc<Overheard>, timeouts: Timeouts) -> Result<Box<Connection>, LinkError> {
    // What an earlier connection said is not about this one.
    heard.take_error();
    let secured = dial(account, heard, timeouts).await?;
    let (features, stream) = Box::pin(log_in(account, secured, timeouts)).await?;
    if !features.can_bind() {
        return Err(LinkError::Broken(
            "the server gives this account no resource".to_owned(),
        ));
    }
    Ok(Box::new(Connection {
        stream: stream.box_stream(),
        features,
        identity: account.identity.clone(),
    }))
}

/// A random number; what cannot be random is the middle.
fn chance() -> u32 {
    let mut octets = [0; 4];
    match SystemRandom::new().fill(&mut octets) {
        Ok(()) => u32::from_be_bytes(octets),
        Err(_) => u32::MAX / 2,
    }
}

async fn dialed(dialing: &mut Option<(Slot, Dialing)>) -> Result<Box<Connection>, LinkError> {
    match dialing {
        Some((_, dialing)) => dialing.await,
        None => std::future::pending().await,
    }
}

async fn over(settled: &mut Option<Pin<Box<Sleep>>>) {
    match settled {
        Some(sleep) => sleep.await,
        None => std::future::pending().await,
    }
}

async fn written(token: Option<StanzaToken>) {
    match token {
        Some(mut token) => {
            token.wait_for(StanzaStage::Sent).await;
        }
        None => std::future::pending().await,
    }
}
