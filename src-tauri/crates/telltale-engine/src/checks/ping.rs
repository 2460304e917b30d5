//! Echo requests without any right: the system's ping sockets (Linux: `net.ipv4.ping_group_range`).
//!
//! The system writes identifier and checksum, and lets only answers to this socket in. Used by reachability.

use super::Problem;
use super::place::{hear_routers, why};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket as StdSocket};
use tokio::net::UdpSocket;
use uuid::Uuid;

/// Types of messages: echo request and reply of RFC 792 and of RFC 4443.
const REQUEST_4: u8 = 8;
const REPLY_4: u8 = 0;
const REQUEST_6: u8 = 128;
const REPLY_6: u8 = 129;
/// Octets of an ICMP header.
const HEAD: usize = 8;

/// A socket that asks one machine for echoes.
pub(super) struct Ping {
    socket: UdpSocket,
    request: u8,
    reply: u8,
    /// What comes back in an echo of ours.
    token: [u8; 16],
}

impl Ping {
    pub(super) fn open(ip: IpAddr) -> Result<Self, Problem> {
        let (domain, protocol, request, reply) = match ip {
            IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4, REQUEST_4, REPLY_4),
            IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6, REQUEST_6, REPLY_6),
        };
        let socket = || -> io::Result<UdpSocket> {
            let socket = Socket::new(domain, Type::DGRAM, Some(protocol))?;
            socket.set_nonblocking(true)?;
            hear_routers(&socket, ip.is_ipv4())?;
            // Connected: what routers say of the way there comes in as an error.
            socket.connect(&SocketAddr::new(ip, 0).into())?;
            UdpSocket::from_std(StdSocket::from(socket))
        };
        let socket = socket().map_err(|e| match e.kind() {
            io::ErrorKind::PermissionDenied => Problem::NotAllowed(
                "this system lets ordinary programs send no echo requests: its administrator can allow it with \
                 sysctl net.ipv4.ping_group_range=\"0 2147483647\""
                    .to_owned(),
            ),
            _ => Problem::Failed(format!("no echo request can be sent to {ip}: {}", why(&e))),
        })?;
        Ok(Self {
            socket,
            request,
            reply,
            token: *Uuid::new_v4().as_bytes(),
        })
    }

    /// Sends a request, and comes back when its reply has come.
    pub(super) async fn once(&self, sequence: u16) -> io::Result<()> {
        let [high, low] = sequence.to_be_bytes();
        let mut message = vec![self.request, 0, 0, 0, 0, 0, high, low];
        message.extend_from_slice(&self.token);
        self.socket.send(&message).await?;
        let mut answer = [0; 64];
        loop {
            let octets = self.socket.recv(&mut answer).await?;
            let Some((head, rest)) = answer[..octets].split_at_checked(HEAD) else {
                continue;
            };
            if head[0] == self.reply && head[6..] == [high, low] && rest == self.token {
                return Ok(());
            }
        }
    }
}
