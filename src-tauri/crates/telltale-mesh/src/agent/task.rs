//! The agent's task: waits for what comes next, and never for one side while another waits for it.
//!
//! Nothing here blocks on the link or on the owner: what is on its way out and what is to be heard wait in queues with limits, and what
//! comes in is read on as long as there is room to tell of it.

use super::caps::{Known, Ours};
use super::commands::Sessions;
use super::heard::Settled;
use super::lanes::Lanes;
use super::order::Order;
use super::peers::Peers;
use super::questions::{Asked, Questions, Topic};
use super::receive::Receipts;
use super::rules::Rules;
use super::{AgentConfig, Counts, Heard};
use crate::link::{Link, LinkEvent, LinkOrder, Stanza, Transport};
use crate::message::Rates;
use crate::{Destination, Keeper};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{MeshPhase, Show, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};
use xmpp_parsers::jid::{BareJid, FullJid};

/// Stanzas that wait for the link at most; answers beyond it are left out, messages stay in the outbox.
const MAX_OUT: usize = 2_048;
/// Stanzas up to which messages of the outbox are put on their way.
pub(super) const LOW_OUT: usize = 256;
/// What waits for the owner to hear it, before nothing more is read of the link.
const MAX_UNHEARD: usize = 256;
/// The same, for lines that are only told: beyond it they are left out.
const MAX_UNTOLD: usize = 4_096;
/// Senders whose rate is remembered at most.
const MAX_RATES: usize = 4_096;
/// Receipts that are settled in one step at most.
const MAX_SETTLED: usize = 512;
/// How often overdue things are looked at, while there are some.
const TICK: Duration = Duration::from_millis(500);
/// Taking leave at most.
const LEAVE: Duration = Duration::from_secs(6);

/// Everything that the task holds.
pub(super) struct Task {
    pub(super) config: AgentConfig,
    pub(super) own: BareJid,
    pub(super) inviter: Option<BareJid>,
    pub(super) keeper: Arc<dyn Keeper>,
    pub(super) ours: Ours,
    pub(super) peers: Peers,
    pub(super) known: Known,
    pub(super) questions: Questions,
    pub(super) sessions: Sessions,
    /// Commands of others that the owner has not answered.
    pub(super) commanding: usize,
    pub(super) lanes: Lanes,
    /// Destinations for which something may be sent now.
    pub(super) stirred: HashSet<Destination>,
    pub(super) receipts: Receipts,
    pub(super) message_rates: Rates,
    pub(super) question_rates: Rates,
    pub(super) follows: BTreeSet<Topic>,
    /// The server has told its list in this session, or refuses to.
    pub(super) listed: bool,
    /// Questions that were not answered and are asked again.
    pub(super) undone: Vec<Asked>,
    /// Places in the configuration's routes that were refused since the last login.
    pub(super) bad_routes: BTreeSet<usize>,
    /// Sent for the first time, and not yet counted on the disk.
    pub(super) tried: Vec<String>,
    pub(super) show: Show,
    pub(super) status: String,
    pub(super) load: u32,
    pub(super) presence_due: Option<Instant>,
    pub(super) presence_sent: Option<Instant>,
    /// Who we are while the link stands.
    pub(super) online: Option<FullJid>,
    pub(super) boot: Option<u64>,
    pub(super) seq: u64,
    refused: BTreeMap<&'static str, u32>,
    out: VecDeque<Box<Stanza>>,
    unheard: VecDeque<Heard>,
    changed: watch::Sender<u64>,
    pub(super) settled: mpsc::UnboundedSender<Settled>,
    tick: Instant,
}

/// The ends of the channels that are waited for.
pub(super) struct Ends {
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) heard: mpsc::Sender<Heard>,
    pub(super) settled: mpsc::UnboundedReceiver<Settled>,
}

enum Came {
    Order(Option<Order>),
    Settled(Settled),
    Event(Option<LinkEvent>),
    /// There is room on the link; nobody: it has ended, and its last words are still to be read.
    Room(Option<mpsc::OwnedPermit<LinkOrder>>),
    /// The owner has room to hear.
    Ear(mpsc::OwnedPermit<Heard>),
    /// Nobody hears us any more.
    Deaf,
    Due,
}

impl Task {
    pub(super) fn new(
        config: AgentConfig,
        own: BareJid,
        keeper: Arc<dyn Keeper>,
        changed: watch::Sender<u64>,
        settled: mpsc::UnboundedSender<Settled>,
    ) -> Self {
        let inviter = config
            .invited
            .as_ref()
            .and_then(|(jid, _)| BareJid::new(jid.trim()).ok());
        let topic = |(service, node): &(String, String)| Topic::new(service, node);
        Self {
            ours: Ours::new(&config.role, &config.duties, &config.software),
            peers: Peers::new(own.clone(), Rules::new(&config.policy, inviter.as_ref())),
            follows: config.follows.iter().map(topic).collect(),
            message_rates: Rates::new(config.limits.messages, MAX_RATES),
            question_rates: Rates::new(config.limits.questions, MAX_RATES),
            known: Known::default(),
            questions: Questions::default(),
            sessions: Sessions::default(),
            commanding: 0,
            lanes: Lanes::default(),
            stirred: HashSet::new(),
            receipts: Receipts::default(),
            listed: false,
            undone: Vec::new(),
            bad_routes: BTreeSet::new(),
            tried: Vec::new(),
            show: Show::Available,
            status: String::new(),
            load: 0,
            presence_due: None,
            presence_sent: None,
            online: None,
            boot: None,
            seq: 0,
            refused: BTreeMap::new(),
            out: VecDeque::new(),
            unheard: VecDeque::new(),
            tick: Instant::now(),
            config,
            own,
            inviter,
            keeper,
            changed,
            settled,
        }
    }

    pub(super) async fn run(mut self, transport: Box<dyn Transport>, mut ends: Ends) {
        let mut link = Some(transport.open());
        self.hear(Heard::Phase(MeshPhase::Connecting {
            attempt: 0,
            problem: None,
            next: None,
        }));
        self.begin().await;
        let bye = loop {
            self.pump().await;
            match self.next(&mut link, &mut ends).await {
                Came::Order(Some(Order::Close(reply))) => break Some(reply),
                Came::Order(None) | Came::Deaf => break None,
                Came::Order(Some(order)) => self.order(order).await,
                Came::Settled(first) => {
                    let more = std::iter::from_fn(|| ends.settled.try_recv().ok());
                    let all = std::iter::once(first).chain(more.take(MAX_SETTLED - 1)).collect();
                    self.settle(all).await;
                }
                Came::Event(Some(event)) => self.event(event, &mut link).await,
                Came::Event(None) => link = None,
                Came::Room(None) => self.out.clear(),
                Came::Room(Some(permit)) => {
                    if let Some(stanza) = self.out.pop_front() {
                        permit.send(LinkOrder::Send(stanza));
                    }
                }
                Came::Ear(permit) => {
                    if let Some(heard) = self.unheard.pop_front() {
                        permit.send(heard);
                    }
                }
                Came::Due => self.due().await,
            }
        };
        self.leave(link, ends, bye).await;
    }

    /// Waits for the next thing.
    async fn next(&self, link: &mut Option<Link>, ends: &mut Ends) -> Came {
        let room = link.as_ref().filter(|_| !self.out.is_empty()).map(|l| l.send.clone());
        let ear = (!self.unheard.is_empty()).then(|| ends.heard.clone());
        let listens = self.unheard.len() < MAX_UNHEARD;
        let due = self.next_due();
        tokio::select! {
            order = ends.orders.recv() => Came::Order(order),
            Some(settled) = ends.settled.recv() => Came::Settled(settled),
            permit = reserve(ear) => permit.map_or(Came::Deaf, Came::Ear),
            permit = reserve(room) => Came::Room(permit),
            event = read(link), if listens => Came::Event(event),
            () = wait(due) => Came::Due,
        }
    }

    /// When something is due; `None`: nothing is.
    fn next_due(&self) -> Option<Instant> {
        let ticks = self.lanes.any_flying()
            || !self.questions.is_empty()
            || !self.sessions.is_empty()
            || !self.stirred.is_empty()
            || (!self.undone.is_empty() && self.online.is_some())
            || (self.boot.is_none() && self.online.is_some());
        let all = [ticks.then_some(self.tick), self.presence_due, self.receipts.due()];
        all.into_iter().flatten().min()
    }

    async fn due(&mut self) {
        let now = Instant::now();
        if self.receipts.due().is_some_and(|at| at <= now) {
            self.send_receipts();
        }
        if self.presence_due.is_some_and(|at| at <= now) {
            self.send_presence();
        }
        if self.tick <= now {
            self.tick = now + TICK;
            if self.boot.is_none() {
                self.begin().await;
            }
            self.questions_overdue();
            self.ask_again();
            self.sessions.forget(now);
            self.messages_overdue().await;
        }
    }

    /// What the disk remembers: the number of this start, and for whom something waits.
    async fn begin(&mut self) {
        let remembered = match self.keeper.boot().await {
            Ok(boot) => self.keeper.destinations().await.map(|waiting| (boot, waiting)),
            Err(e) => Err(e),
        };
        match remembered {
            Ok((boot, waiting)) => {
                self.boot = Some(boot);
                for (to, count) in waiting {
                    let lane = self.lanes.all.entry(to.clone()).or_default();
                    lane.stored = lane.stored.max(count);
                    self.stirred.insert(to);
                }
            }
            Err(e) => self.log(e.to_string()),
        }
        self.tick = Instant::now() + TICK;
    }

    async fn leave(mut self, link: Option<Link>, mut ends: Ends, bye: Option<oneshot::Sender<()>>) {
        ends.orders.close();
        let all: Vec<Settled> = std::iter::from_fn(|| ends.settled.try_recv().ok()).collect();
        self.settle(all).await;
        self.send_receipts();
        self.count_tries().await;
        if let Some(link) = link {
            let _ = timeout(LEAVE, take_leave(link, std::mem::take(&mut self.out))).await;
        }
        for asked in self.questions.all() {
            super::answers::over(asked, super::AgentError::Closed);
        }
        self.unheard.push_back(Heard::Phase(MeshPhase::Off));
        for heard in self.unheard {
            if timeout(LEAVE, ends.heard.send(heard)).await.is_err() {
                break;
            }
        }
        if let Some(bye) = bye {
            let _ = bye.send(());
        }
    }

    /// Puts a stanza on its way. `false`: there is no room, or no link.
    pub(super) fn send(&mut self, stanza: impl Into<Stanza>) -> bool {
        if self.online.is_none() {
            return false;
        }
        if self.out.len() >= MAX_OUT {
            self.count("too_many_answers");
            return false;
        }
        self.out.push_back(Box::new(stanza.into()));
        true
    }

    /// Stanzas that may be put on their way before others have to wait.
    pub(super) fn out_room(&self) -> usize {
        LOW_OUT.saturating_sub(self.out.len())
    }

    /// The link does not stand: what was on its way is lost.
    pub(super) fn drop_out(&mut self) {
        self.out.clear();
    }

    /// Tells the owner something that it must hear.
    pub(super) fn hear(&mut self, heard: Heard) {
        self.unheard.push_back(heard);
    }

    /// Tells the owner something for a page; left out where it is far behind.
    pub(super) fn tell(&mut self, heard: Heard) {
        if self.unheard.len() < MAX_UNTOLD {
            self.unheard.push_back(heard);
        } else {
            self.count("not_told");
        }
    }

    pub(super) fn log(&mut self, text: String) {
        let at = self.now();
        self.tell(Heard::Log { at, text });
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.config.clock)()
    }

    /// Counts something that was not let in.
    pub(super) fn count(&mut self, word: &'static str) {
        let count = self.refused.entry(word).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn counts(&self) -> Counts {
        let refused = self.refused.iter().map(|(word, count)| ((*word).to_owned(), *count));
        Counts {
            refused: refused.collect(),
            outbox: self.lanes.len(),
        }
    }

    /// Somebody is not as before: pages are drawn anew.
    pub(super) fn stir_pages(&self) {
        self.changed
            .send_modify(|revision| *revision = revision.wrapping_add(1));
    }

    /// Somebody came, left, or can do something else: each message may have another way.
    pub(super) fn stir_lanes(&mut self) {
        self.stirred.extend(self.lanes.all.keys().cloned());
    }
}

/// Sends what is on its way, says goodbye, and waits until the link has ended.
async fn take_leave(mut link: Link, out: VecDeque<Box<Stanza>>) {
    for stanza in out {
        // The link may wait for us to hear something before it takes more.
        let mut sending = std::pin::pin!(link.send.send(LinkOrder::Send(stanza)));
        loop {
            tokio::select! {
                sent = &mut sending => {
                    if sent.is_err() { return; }
                    break;
                }
                event = link.events.recv() => if event.is_none() { return },
            }
        }
    }
    let closing = link.send.send(LinkOrder::Close);
    let mut closing = std::pin::pin!(closing);
    let mut asked = false;
    loop {
        tokio::select! {
            _ = &mut closing, if !asked => asked = true,
            event = link.events.recv() => match event {
                None | Some(LinkEvent::Closed | LinkEvent::Refused { .. }) => return,
                Some(_) => {}
            },
        }
    }
}

async fn reserve<T>(to: Option<mpsc::Sender<T>>) -> Option<mpsc::OwnedPermit<T>> {
    match to {
        Some(to) => to.reserve_owned().await.ok(),
        None => std::future::pending().await,
    }
}

async fn read(link: &mut Option<Link>) -> Option<LinkEvent> {
    match link {
        Some(link) => link.events.recv().await,
        None => std::future::pending().await,
    }
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
