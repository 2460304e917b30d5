//! How a door stands, shared between who reads and who looks.

use crate::doors::DoorProblem;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Senders that are remembered as turned away; more are not told apart.
const MAX_REFUSED: usize = 256;

/// How a door stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorState {
    /// Where it listens (`address:port`) or asks (`http://address:port/`).
    pub address: String,
    /// Whether somebody sends.
    pub phase: DoorPhase,
    /// Others that were turned away, each counted once; at most 256.
    pub refused_peers: u32,
    /// Octets of the capture handed on.
    pub bytes: u64,
    /// Datagrams that were lost by this computer or made no sense; 0 for TCP and HTTP.
    pub lost: u64,
    /// Somebody sends a capture whose beginning was missed: it must be started on the phone again.
    pub joined_late: bool,
    /// Why the last stream broke off.
    pub problem: Option<DoorProblem>,
}

/// Whether somebody sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorPhase {
    /// Nobody yet, or nobody any more.
    Waiting,
    /// This one.
    Connected {
        /// Its address and port.
        peer: SocketAddr,
    },
    /// The door is closed.
    Ended,
}

/// The state as it is written.
pub(crate) struct Notes(Mutex<Noted>);

struct Noted {
    state: DoorState,
    refused: BTreeSet<IpAddr>,
    /// The system's number of the UDP socket.
    socket: Option<u64>,
}

impl Notes {
    pub(crate) const fn new(address: String) -> Self {
        let state = DoorState {
            address,
            phase: DoorPhase::Waiting,
            refused_peers: 0,
            bytes: 0,
            lost: 0,
            joined_late: false,
            problem: None,
        };
        Self(Mutex::new(Noted {
            state,
            refused: BTreeSet::new(),
            socket: None,
        }))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> DoorState {
        let (mut state, socket) = {
            let noted = self.noted();
            (noted.state.clone(), noted.socket)
        };
        state.lost += socket.and_then(lost_by_system).unwrap_or(0);
        state
    }

    pub(crate) fn socket(&self, inode: u64) {
        self.noted().socket = Some(inode);
    }

    pub(crate) fn received(&self, octets: usize) {
        self.noted().state.bytes += octets as u64;
    }

    pub(crate) fn connected(&self, peer: SocketAddr) {
        let mut noted = self.noted();
        noted.state.phase = DoorPhase::Connected { peer };
        noted.state.joined_late = false;
        noted.state.problem = None;
    }

    pub(crate) fn waits(&self) {
        let mut noted = self.noted();
        if noted.state.phase != DoorPhase::Ended {
            noted.state.phase = DoorPhase::Waiting;
        }
    }

    pub(crate) fn ended(&self) {
        let mut noted = self.noted();
        // What the system lost is forgotten with the socket.
        noted.socket = None;
        noted.state.phase = DoorPhase::Ended;
    }

    pub(crate) fn refused(&self, peer: IpAddr) {
        let mut noted = self.noted();
        if noted.refused.len() < MAX_REFUSED && noted.refused.insert(peer) {
            noted.state.refused_peers += 1;
        }
    }

    pub(crate) fn lost(&self) {
        self.noted().state.lost += 1;
    }

    pub(crate) fn joined_late(&self) {
        self.noted().state.joined_late = true;
    }

    pub(crate) fn failed(&self, error: &std::io::Error) {
        let known = error.get_ref().and_then(|e| e.downcast_ref::<DoorProblem>()).cloned();
        let mut noted = self.noted();
        noted.state.problem = Some(known.unwrap_or_else(|| DoorProblem::System(error.to_string())));
        if noted.state.phase != DoorPhase::Ended {
            noted.state.phase = DoorPhase::Waiting;
        }
    }
}

/// Datagrams that found the socket's buffer full, as the kernel counts them (the last column of `/proc/net/udp`).
fn lost_by_system(inode: u64) -> Option<u64> {
    ["/proc/net/udp", "/proc/net/udp6"].iter().find_map(|path| {
        let table = std::fs::read_to_string(path).ok()?;
        table.lines().skip(1).find_map(|line| drops_of(line, inode))
    })
}

fn drops_of(line: &str, inode: u64) -> Option<u64> {
    let mut words = line.split_whitespace();
    (words.nth(9)?.parse() == Ok(inode)).then_some(())?;
    words.next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_of_sockets_is_read() {
        let line = " 1234: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 98765 2 0000000000000000 42";
        assert_eq!(drops_of(line, 98_765), Some(42));
        assert_eq!(drops_of(line, 1), None);
        assert_eq!(drops_of("", 1), None);
    }

    #[test]
    fn who_knocks_again_and_again_is_one() {
        let notes = Notes::new("here".to_owned());
        for _ in 0..3 {
            notes.refused([10, 0, 0, 1].into());
        }
        assert_eq!(notes.state().refused_peers, 1);
        for n in 0..2_000_u32 {
            notes.refused(IpAddr::from(n.to_be_bytes()));
        }
        assert_eq!(notes.state().refused_peers, 256);
    }
}
