//! `PCAPdroid`'s UDP exporter: the file header is one datagram, then each record or block is one.
//!
//! The first local sender whose datagram begins a capture is taken; others are turned away and counted. Datagrams that are not whole
//! records are left out and counted.

use crate::doors::DoorError;
use crate::doors::local::is_local;
use crate::doors::shape::Shape;
use crate::doors::state::Notes;
use rustix::net::sockopt::set_socket_recv_buffer_size;
use std::io;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// Octets that the system keeps for us while we are busy; it gives what it allows.
const SYSTEM_BUFFER: usize = 8 << 20;
/// The longest datagram, and what is handed on in one go.
const MAX_DATAGRAM: usize = 65_536;
const MAX_READY: usize = 256 << 10;
/// Descriptions (header, interfaces, names of apps) that are kept for a reader who comes later.
const MAX_BEGINNING: usize = 256 << 10;

pub(crate) struct UdpDoor {
    socket: UdpSocket,
    address: SocketAddr,
    buffer: Box<[u8]>,
    sender: Option<Sender>,
    /// To be handed on before anything else.
    pending: Vec<u8>,
    /// The stream ends here: the sender began a capture of another form.
    ends: bool,
    counted: bool,
}

/// Who is listened to.
struct Sender {
    peer: SocketAddr,
    shape: Shape,
    /// What the stream began with, and what described it since.
    beginning: Vec<u8>,
}

impl UdpDoor {
    /// Call inside a runtime.
    pub(crate) fn open(bind: SocketAddr) -> Result<Self, DoorError> {
        let bound = || -> io::Result<_> {
            let socket = std::net::UdpSocket::bind(bind)?;
            socket.set_nonblocking(true)?;
            // Less is no failure: what is lost is counted.
            let _ = set_socket_recv_buffer_size(&socket, SYSTEM_BUFFER);
            let address = socket.local_addr()?;
            Ok((UdpSocket::from_std(socket)?, address))
        };
        let (socket, address) = bound().map_err(|e| DoorError::bind(&e, bind))?;
        Ok(Self {
            socket,
            address,
            buffer: vec![0; MAX_DATAGRAM].into_boxed_slice(),
            sender: None,
            pending: Vec::new(),
            ends: false,
            counted: false,
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn again(&mut self) {
        self.ends = false;
        if let Some(sender) = &self.sender {
            self.pending.clone_from(&sender.beginning);
        }
    }

    pub(crate) async fn fill(&mut self, into: &mut Vec<u8>, notes: &Notes) -> io::Result<bool> {
        if !self.counted {
            self.counted = true;
            notes.socket(rustix::fs::fstat(&self.socket)?.st_ino);
        }
        if self.ends {
            return Ok(false);
        }
        if !self.pending.is_empty() {
            if let Some(sender) = &self.sender {
                notes.connected(sender.peer);
            }
            into.append(&mut self.pending);
            return Ok(true);
        }
        let (length, peer) = self.socket.recv_from(&mut self.buffer).await?;
        self.take(length, peer, into, notes);
        // What else has come is taken in the same go.
        while into.len() < MAX_READY && !self.ends {
            match self.socket.try_recv_from(&mut self.buffer) {
                Ok((length, peer)) => self.take(length, peer, into, notes),
                Err(_) => break,
            }
        }
        Ok(true)
    }

    /// Takes one datagram.
    fn take(&mut self, length: usize, peer: SocketAddr, into: &mut Vec<u8>, notes: &Notes) {
        let datagram = self.buffer.get(..length).unwrap_or_default();
        if !is_local(peer.ip()) {
            return notes.refused(peer.ip());
        }
        let begins = Shape::of_datagram(datagram);
        let Some(sender) = &mut self.sender else {
            let Some(shape) = begins else {
                notes.joined_late();
                return notes.lost();
            };
            let beginning = datagram.to_vec();
            self.sender = Some(Sender { peer, shape, beginning });
            notes.connected(peer);
            return into.extend_from_slice(datagram);
        };
        // The app takes another port each time it is started.
        if peer.ip() != sender.peer.ip() || (peer != sender.peer && begins.is_none()) {
            return notes.refused(peer.ip());
        }
        match begins {
            Some(shape) => {
                let same = shape == sender.shape && (shape.is_pcapng() || sender.beginning == datagram);
                *sender = Sender {
                    peer,
                    shape,
                    beginning: datagram.to_vec(),
                };
                notes.connected(peer);
                if !same {
                    // A file cannot change its form: the next stream begins with this.
                    self.ends = true;
                } else if shape.is_pcapng() {
                    // A new section may follow another.
                    into.extend_from_slice(datagram);
                }
            }
            None if sender.shape.is_whole(datagram) => {
                if sender.shape.is_description(datagram) && sender.beginning.len() + length <= MAX_BEGINNING {
                    sender.beginning.extend_from_slice(datagram);
                }
                into.extend_from_slice(datagram);
            }
            None => notes.lost(),
        }
    }
}
