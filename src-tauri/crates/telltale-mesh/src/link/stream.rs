//! A stanza stream's beginning and end, as the library that has it does not offer them: no session that is carried over, no panic, no
//! task that is left behind. Never here: when a connection is made.

use super::DEPTH;
use tokio::io::{AsyncWriteExt, BufStream, duplex};
use tokio::sync::{mpsc, oneshot};
use tokio_xmpp::stanzastream::{Connection, StanzaStream, XmppStream};
use tokio_xmpp::xmlstream::{StreamHeader, Timeouts, initiate_stream};
use xmpp_parsers::bind::BindFeature;
use xmpp_parsers::jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns::{JABBER_CLIENT, STREAM};
use xmpp_parsers::stream_error::StreamError;
use xmpp_parsers::stream_features::StreamFeatures;

/// Where a stanza stream wants its next connection.
pub(super) type Slot = oneshot::Sender<Connection>;

/// A stanza stream without a session, and where it asks for connections: at most one at a time.
pub(super) fn new_stream() -> (StanzaStream, mpsc::UnboundedReceiver<Slot>) {
    let (wanted, slots) = mpsc::unbounded_channel();
    let connector = move |_: Option<String>, slot: Slot| {
        let _ = wanted.send(slot);
    };
    (StanzaStream::new(Box::new(connector), DEPTH), slots)
}

/// Ends a stream's task that may still wait for a connection: a slot that is dropped would make it panic, one that is kept would keep
/// it for ever. It gets a connection that is over.
pub(super) fn bury(mut waiting: Option<Slot>, mut slots: mpsc::UnboundedReceiver<Slot>) {
    tokio::spawn(async move {
        loop {
            if let Some(slot) = waiting.take()
                && let Some(over) = over_connection().await
            {
                let _ = slot.send(over);
            }
            match slots.recv().await {
                Some(slot) => waiting = Some(slot),
                None => return,
            }
        }
    });
}

/// A connection whose other end has hung up.
async fn over_connection() -> Option<Connection> {
    let (ours, mut theirs) = duplex(1_024);
    let header = format!("<stream:stream xmlns='{JABBER_CLIENT}' xmlns:stream='{STREAM}' version='1.0' id='over'>");
    theirs.write_all(header.as_bytes()).await.ok()?;
    let header = StreamHeader {
        to: None,
        from: None,
        id: None,
    };
    let stream = initiate_stream(BufStream::new(ours), JABBER_CLIENT, header, Timeouts::tight())
        .await
        .ok()?;
    drop(theirs);
    let stream: XmppStream = stream.skip_features().box_stream();
    let features = StreamFeatures {
        bind: Some(BindFeature { required: false }),
        ..StreamFeatures::default()
    };
    Some(Connection {
        stream,
        features,
        identity: Jid::new("over@localhost").ok()?,
    })
}

/// The stream error of an XML text.
pub(super) fn stream_error(xml: &str) -> Option<StreamError> {
    let text = format!("<stream:stream xmlns='{JABBER_CLIENT}' xmlns:stream='{STREAM}'>{xml}</stream:stream>");
    let root: Element = text.parse().ok()?;
    let error = root.children().next()?.clone();
    StreamError::try_from(error).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_parsers::stream_error::DefinedCondition;

    #[test]
    fn a_stream_error_is_read() {
        let xml = "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
        assert_eq!(stream_error(xml).map(|e| e.condition), Some(DefinedCondition::Conflict));
        assert!(stream_error("<stream:error>").is_none());
    }

    #[tokio::test]
    async fn a_stream_that_waits_for_a_connection_is_ended() {
        let (stream, slots) = new_stream();
        drop::<StanzaStream>(stream);
        bury(None, slots);
        let tasks = tokio::runtime::Handle::current().metrics();
        for _ in 0..1_000 {
            if tasks.num_alive_tasks() == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("a task is left behind");
    }
}
