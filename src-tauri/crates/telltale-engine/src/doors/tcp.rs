//! `PCAPdroid`'s TCP exporter ("pcap over IP"): the phone connects to us and sends the file as it grows.
//!
//! One sender at a time; others are turned away and counted. The app sends nothing before its first packet, so silence is borne until
//! somebody else knocks; what does not begin a capture is turned away.

use crate::doors::DoorError;
use crate::doors::local::is_local;
use crate::doors::shape::Shape;
use crate::doors::state::Notes;
use rustix::net::sockopt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// Octets read at once.
const CHUNK: usize = 64 << 10;
/// Octets that tell what a stream is.
const MAGIC: usize = 12;
/// After so much silence a sender that has not begun yet gives way to the next one who knocks.
const PATIENCE: Duration = Duration::from_secs(10);
/// A phone that left the network without a word is noticed after about 15 + 4 * 5 seconds.
const KEEP_ALIVE: (Duration, Duration, u32) = (Duration::from_secs(15), Duration::from_secs(5), 4);

pub(crate) struct TcpDoor {
    listener: TcpListener,
    address: SocketAddr,
    sender: Option<Sender>,
}

struct Sender {
    stream: TcpStream,
    peer: SocketAddr,
    since: Instant,
    /// The first octets, until they tell what it is.
    head: Vec<u8>,
    begun: bool,
}

/// What happens next.
enum Event {
    Knock(TcpStream, SocketAddr),
    /// Octets of the sender; 0: it left.
    Octets(usize),
    /// It was a false alarm.
    Nothing,
}

impl TcpDoor {
    /// Call inside a runtime.
    pub(crate) fn open(bind: SocketAddr) -> Result<Self, DoorError> {
        let bound = || -> io::Result<_> {
            let listener = std::net::TcpListener::bind(bind)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((TcpListener::from_std(listener)?, address))
        };
        let (listener, address) = bound().map_err(|e| DoorError::bind(&e, bind))?;
        Ok(Self {
            listener,
            address,
            sender: None,
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A sender in the middle of its file is of no use to a new reader: it must connect again.
    pub(crate) fn again(&mut self) {
        if self.sender.as_ref().is_some_and(|s| s.begun) {
            self.sender = None;
        }
    }

    pub(crate) async fn fill(&mut self, into: &mut Vec<u8>, notes: &Notes) -> io::Result<bool> {
        loop {
            match self.next(into, notes).await? {
                Event::Knock(stream, peer) => self.knock(stream, peer, notes),
                Event::Octets(0) => {
                    let begun = self.sender.take().is_some_and(|s| s.begun);
                    notes.waits();
                    if begun {
                        return Ok(false);
                    }
                }
                Event::Octets(_) if self.judge(into, notes) => return Ok(true),
                Event::Octets(_) | Event::Nothing => {}
            }
        }
    }

    async fn next(&mut self, into: &mut Vec<u8>, notes: &Notes) -> io::Result<Event> {
        let Some(sender) = &mut self.sender else {
            let (stream, peer) = accept(&self.listener, notes).await?;
            return Ok(Event::Knock(stream, peer));
        };
        // Whoever waits may break off here: nothing is taken before it is there.
        tokio::select! {
            biased;
            ready = sender.stream.readable() => ready?,
            knock = accept(&self.listener, notes) => return knock.map(|(stream, peer)| Event::Knock(stream, peer)),
        }
        let (buffer, want) = if sender.begun {
            (into, CHUNK)
        } else {
            (&mut sender.head, MAGIC)
        };
        let start = buffer.len();
        buffer.resize(if sender.begun { start + want } else { want }, 0);
        let read = sender.stream.try_read(buffer.get_mut(start..).unwrap_or_default());
        buffer.truncate(start + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(n) => Ok(Event::Octets(n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(Event::Nothing),
            // A connection that breaks has ended.
            Err(_) => Ok(Event::Octets(0)),
        }
    }

    /// Somebody local connects.
    fn knock(&mut self, stream: TcpStream, peer: SocketAddr, notes: &Notes) {
        let silent = |s: &Sender| !s.begun && s.since.elapsed() >= PATIENCE;
        if let Some(sender) = &self.sender
            && !silent(sender)
        {
            return notes.refused(peer.ip());
        }
        if let Some(silent) = self.sender.take() {
            notes.refused(silent.peer.ip());
        }
        // Without it a phone that vanished is waited for; nothing else changes.
        let _ = keep_alive(&stream);
        notes.connected(peer);
        self.sender = Some(Sender {
            stream,
            peer,
            since: Instant::now(),
            head: Vec::new(),
            begun: false,
        });
    }

    /// Hands the first octets on once they begin a capture; `true` when there is something to hand on.
    fn judge(&mut self, into: &mut Vec<u8>, notes: &Notes) -> bool {
        let Some(sender) = self.sender.as_mut().filter(|s| !s.begun) else {
            return !into.is_empty();
        };
        if sender.head.len() < MAGIC {
            return false;
        }
        if Shape::of_beginning(&sender.head).is_none() {
            notes.refused(sender.peer.ip());
            notes.waits();
            self.sender = None;
            return false;
        }
        sender.begun = true;
        into.append(&mut sender.head);
        true
    }
}

/// The next local one who connects.
async fn accept(listener: &TcpListener, notes: &Notes) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) if is_local(peer.ip()) => return Ok((stream, peer)),
            Ok((_, peer)) => notes.refused(peer.ip()),
            // One that left before it was let in.
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(e) => return Err(e),
        }
    }
}

pub(crate) fn keep_alive(stream: &TcpStream) -> rustix::io::Result<()> {
    let (idle, interval, count) = KEEP_ALIVE;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, idle)?;
    sockopt::set_tcp_keepintvl(stream, interval)?;
    sockopt::set_tcp_keepcnt(stream, count)
}
