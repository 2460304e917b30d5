//! The hello of one TLS stream, or the server's certificate.

use super::{content::Ear, key::Direction};
use crate::model::HelloVia;
use telltale_wire::tls::{ClientHello, HandshakeKind, Handshakes, ServerHello, Step, first_certificate};

/// What to do with the stream now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait for more octets.
    Wait,
    /// Nothing more is to be learned from this direction.
    Done,
}

/// Reads the messages that the stream has in order, from where `at` stands. `octets` are those from the stream's start.
pub(crate) fn read(
    at: &mut Handshakes,
    octets: &[u8],
    scratch: &mut Vec<u8>,
    direction: Direction,
    ear: &mut impl Ear,
) -> Next {
    loop {
        let message = match at.next(octets, scratch) {
            Step::Message(message) => message,
            Step::Incomplete { .. } => return Next::Wait,
            Step::Ended | Step::NotTls => return Next::Done,
        };
        match message.kind {
            HandshakeKind::CLIENT_HELLO => {
                if let Some(Ok(hello)) = message.client_hello() {
                    ear.client_hello(HelloVia::Tls, &hello, direction);
                }
                return Next::Done;
            }
            HandshakeKind::SERVER_HELLO if is_1_3(message.body) => return Next::Done,
            HandshakeKind::CERTIFICATE => {
                if let Ok(Some(certificate)) = first_certificate(message.body) {
                    ear.certificate(certificate, direction);
                }
                return Next::Done;
            }
            HandshakeKind::SERVER_HELLO_DONE => return Next::Done,
            _ => {}
        }
    }
}

fn is_1_3(server_hello: &[u8]) -> bool {
    ServerHello::parse(server_hello).is_ok_and(|hello| hello.version.is_1_3())
}

/// The rest of a message will not come: takes what there is of a hello.
pub(crate) fn lost(
    at: &mut Handshakes,
    octets: &[u8],
    scratch: &mut Vec<u8>,
    direction: Direction,
    ear: &mut impl Ear,
) {
    if let Step::Incomplete {
        kind: Some(HandshakeKind::CLIENT_HELLO),
        begun,
    } = at.next(octets, scratch)
        && let Ok(hello) = ClientHello::parse_beginning(begun)
    {
        ear.client_hello(HelloVia::Tls, &hello, direction);
    }
}
