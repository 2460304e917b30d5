//! Doors: a capture that the phone itself makes (`PCAPdroid`), received live.
//!
//! Called by [`crate::live`]. A door is opened because the user asked for it, on the loopback or an address of a local network, and
//! it takes one sender. Its [`DoorStream`] is read like a file, on the audit's own thread; there is no other thread. Whatever comes in
//! is a stranger's: it is bounded, counted, and handed on as it is. Never here: what a packet says, and no request that leaves the
//! local network.

mod error;
mod http;
mod local;
mod shape;
mod state;
mod tcp;
mod udp;

pub(crate) use local::bindable;

pub use error::{DoorError, DoorProblem};
pub use state::{DoorPhase, DoorState};

use http::HttpDoor;
use state::Notes;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tcp::TcpDoor;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::sleep;
use udp::UdpDoor;

/// Which door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorWish {
    /// `PCAPdroid`'s UDP exporter sends to this address.
    Udp {
        /// Loopback, an address of a local network, or (when the user chose "all") the unspecified one.
        bind: IpAddr,
        /// 0: any free one.
        port: u16,
    },
    /// `PCAPdroid`'s TCP exporter connects to this address.
    Tcp {
        /// As above.
        bind: IpAddr,
        /// 0: any free one.
        port: u16,
    },
    /// `PCAPdroid`'s HTTP server is asked at this address: `http://ADDRESS:PORT/`.
    Http {
        /// The address stands there in numbers: no name is looked up.
        url: String,
    },
}

/// Opens doors.
pub struct Door;

impl Door {
    /// Opens a door. Nobody is waited for: a bad address is told now, and who comes (or that nobody answers) when the stream is read.
    pub fn open(wish: &DoorWish) -> Result<(DoorStream, DoorHandle), DoorError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|e| DoorError::System(e.to_string()))?;
        let opened = {
            let _inside = runtime.enter();
            Source::open(wish)
        };
        let (source, address) = match opened {
            Ok(opened) => opened,
            Err(e) => {
                // Its ordinary drop is forbidden where an asynchronous task opens the door.
                runtime.shutdown_background();
                return Err(e);
            }
        };
        let shared = Arc::new(Shared {
            open: Mutex::new(Some(Open {
                runtime: Some(runtime),
                source,
            })),
            notes: Notes::new(address),
            turn: watch::Sender::new(0),
        });
        Ok((DoorStream::new(Arc::clone(&shared)), DoorHandle { shared }))
    }
}

/// What stream and handle share.
struct Shared {
    /// Held by the reader while it waits; `None` once closed.
    open: Mutex<Option<Open>>,
    notes: Notes,
    /// Whose turn it is to read; [`CLOSED`]: nobody's any more.
    turn: watch::Sender<u64>,
}

const CLOSED: u64 = u64::MAX;

impl Shared {
    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open door, with a runtime of its own that has no thread: what is read drives it.
struct Open {
    runtime: Option<Runtime>,
    source: Source,
}

impl Drop for Open {
    fn drop(&mut self) {
        // The ordinary drop of a runtime waits, which is forbidden where an asynchronous task closes the door.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

enum Source {
    Udp(Box<UdpDoor>),
    Tcp(Box<TcpDoor>),
    Http(Box<HttpDoor>),
}

impl Source {
    /// Opens it, and says at which address. Call inside a runtime.
    fn open(wish: &DoorWish) -> Result<(Self, String), DoorError> {
        Ok(match wish {
            DoorWish::Udp { bind, port } => {
                let door = UdpDoor::open(SocketAddr::new(local::bindable(*bind)?, *port))?;
                let address = door.address().to_string();
                (Self::Udp(Box::new(door)), address)
            }
            DoorWish::Tcp { bind, port } => {
                let door = TcpDoor::open(SocketAddr::new(local::bindable(*bind)?, *port))?;
                let address = door.address().to_string();
                (Self::Tcp(Box::new(door)), address)
            }
            DoorWish::Http { url } => {
                let door = HttpDoor::new(local::page(url)?);
                let address = door.address();
                (Self::Http(Box::new(door)), address)
            }
        })
    }

    /// Waits for octets and appends them; `false` at the end of this sender's stream.
    async fn fill(&mut self, into: &mut Vec<u8>, notes: &Notes) -> io::Result<bool> {
        match self {
            Self::Udp(door) => door.fill(into, notes).await,
            Self::Tcp(door) => door.fill(into, notes).await,
            Self::Http(door) => door.fill(into, notes).await,
        }
    }

    /// Makes ready for the next stream.
    fn again(&mut self) {
        match self {
            Self::Udp(door) => door.again(),
            Self::Tcp(door) => door.again(),
            Self::Http(door) => door.again(),
        }
    }
}

/// What the phone sends, as octets of a pcap or pcapng file. Blocking: read it on a thread of its own, never inside an asynchronous
/// task. Ends when the sender ended, or when the door was closed.
pub struct DoorStream {
    shared: Arc<Shared>,
    turn: u64,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    beat: Option<Duration>,
}

impl DoorStream {
    fn new(shared: Arc<Shared>) -> Self {
        let turn = *shared.turn.borrow();
        Self {
            shared,
            turn,
            ready: Vec::new(),
            at: 0,
            ended: false,
            beat: None,
        }
    }

    /// From now on a read that nothing answers for so long fails as timed out, and may be tried again: who reads can look at a clock
    /// in between. Nothing is lost by it.
    pub fn set_beat(&mut self, beat: Duration) {
        self.beat = Some(beat);
    }

    /// Waits until octets are ready, or the end.
    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() {
            let mut guard = self.shared.open();
            let Some(Open {
                runtime: Some(runtime),
                source,
            }) = guard.as_mut()
            else {
                self.ended = true;
                return Ok(());
            };
            let (mut turn, mine) = (self.shared.turn.subscribe(), self.turn);
            let (into, notes, beat) = (&mut self.ready, &self.shared.notes, self.beat);
            let more = runtime.block_on(async {
                tokio::select! {
                    biased;
                    _ = turn.wait_for(|t| *t != mine) => Some(Ok(false)),
                    more = source.fill(into, notes) => Some(more),
                    () = sleep(beat.unwrap_or_default()), if beat.is_some() => None,
                }
            });
            match more {
                Some(Ok(true)) => {}
                Some(Ok(false)) => self.ended = true,
                Some(Err(e)) => {
                    notes.failed(&e);
                    self.ended = true;
                    return Err(e);
                }
                None => return Err(io::ErrorKind::TimedOut.into()),
            }
            if self.ended {
                break;
            }
        }
        self.shared.notes.received(self.ready.len());
        Ok(())
    }
}

impl Read for DoorStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            if into.is_empty() || self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = self.ready.get(self.at..).unwrap_or_default();
        let n = rest.len().min(into.len());
        into[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

/// Looks at a door and closes it; cheap to clone. The door stays open while a stream or a handle is left.
#[derive(Clone)]
pub struct DoorHandle {
    shared: Arc<Shared>,
}

impl DoorHandle {
    /// How the door stands. Asks the system for lost datagrams; meant for a few times a second.
    pub fn state(&self) -> DoorState {
        self.shared.notes.state()
    }

    /// The next stream, after one has ended: the sender left, and the same or another may come. One that has not ended does now. Where the sender cannot tell that a
    /// new reader listens (UDP), the beginning of its capture is repeated.
    pub fn again(&self) -> Result<DoorStream, DoorError> {
        // A stream that still waits gives way.
        self.shared.turn.send_if_modified(|turn| {
            let open = *turn != CLOSED;
            *turn = if open { turn.wrapping_add(1) } else { CLOSED };
            open
        });
        match self.shared.open().as_mut() {
            Some(Open {
                runtime: Some(runtime),
                source,
            }) => {
                let _inside = runtime.enter();
                source.again();
            }
            _ => return Err(DoorError::Closed),
        }
        self.shared.notes.waits();
        Ok(DoorStream::new(Arc::clone(&self.shared)))
    }

    /// Closes the door: when this returns, its sockets are closed, and whoever reads the stream is at its end.
    pub fn close(&self) {
        self.shared.turn.send_replace(CLOSED);
        drop(self.shared.open().take());
        self.shared.notes.ended();
    }
}
