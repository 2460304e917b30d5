//! A connection whose incoming side goes through the [`Sieve`], and which remembers what the server said when it threw us out.

use super::sieve::{KEPT, Sieve};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

/// Octets that are read at once.
const CHUNK: usize = 8_192;

/// What is heard on a connection beside its stanzas; shared with whoever made the connection.
#[derive(Debug)]
pub(super) struct Overheard {
    /// The id of the message that stands in for one that was left out; nobody else knows it.
    left_out: String,
    error: Mutex<Option<String>>,
}

impl Overheard {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            left_out: uuid::Uuid::new_v4().to_string(),
            error: Mutex::new(None),
        })
    }

    /// Whether a message with this id stands in for one that was over the limits.
    pub(super) fn is_left_out(&self, id: &str) -> bool {
        self.left_out == id
    }

    /// The last stream error, as XML.
    pub(super) fn take_error(&self) -> Option<String> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A connection with its sieve.
pub(super) struct Guarded<Io> {
    io: Io,
    sieve: Sieve,
    /// What passed the sieve, and how much of it was read.
    passed: Vec<u8>,
    read: usize,
    heard: Arc<Overheard>,
}

impl<Io> Guarded<Io> {
    pub(super) fn new(io: Io, heard: Arc<Overheard>) -> Self {
        Self {
            io,
            sieve: Sieve::new(&format!("<message id='{}'/>", heard.left_out)),
            passed: Vec::new(),
            read: 0,
            heard,
        }
    }

    /// The XML stream begins anew on the same connection; what came before is forgotten.
    pub(super) fn restart(&mut self) {
        self.sieve.restart();
        self.passed.clear();
        self.read = 0;
    }

    /// The bare connection. What was read ahead is dropped: after `<proceed/>` nothing unencrypted may count (RFC 6120 section 5.4.3.3).
    pub(super) fn into_inner(self) -> Io {
        self.io
    }
}

impl<Io: AsyncRead + Unpin> AsyncBufRead for Guarded<Io> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.read >= this.passed.len() {
            this.passed.clear();
            this.read = 0;
            if this.passed.capacity() > KEPT {
                this.passed = Vec::new();
            }
            let mut chunk = [0; CHUNK];
            let mut buffer = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.io).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(&[]));
            }
            this.sieve
                .feed(buffer.filled(), &mut this.passed)
                .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            if let Some(error) = this.sieve.take_error() {
                *this.heard.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
        }
        Poll::Ready(Ok(this.passed.get(this.read..).unwrap_or_default()))
    }

    fn consume(self: Pin<&mut Self>, octets: usize) {
        self.get_mut().read += octets;
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Guarded<Io> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let there = ready!(self.as_mut().poll_fill_buf(cx))?;
        let taken = there.len().min(buffer.remaining());
        buffer.put_slice(there.get(..taken).unwrap_or_default());
        self.consume(taken);
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Guarded<Io> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
