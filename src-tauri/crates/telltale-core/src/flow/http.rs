//! The requests of an HTTP/1 connection, one behind the other (RFC 9112).

use super::{content::Ear, key::Direction, stream::Stream};
use telltale_wire::{ErrorKind, http};

/// Octets of a head that are waited for; servers refuse heads of more than 8 to 64 kB.
const MAX_HEAD: usize = 64 << 10;
/// Octets of the line that tells a chunk's size.
const MAX_CHUNK_LINE: usize = 4 << 10;

/// Where in the exchange the stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Requests {
    /// A head comes next.
    #[default]
    Head,
    /// The size of a chunk comes next.
    ChunkSize,
    /// Fields behind the last chunk.
    Trailer,
}

/// What to do with the stream now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait for more octets.
    Wait,
    /// Something else may begin (CONNECT): look at the stream anew.
    Anew,
    /// The order is lost, or the protocol changes: look for the next request.
    Search,
}

impl Requests {
    /// Reads what the stream has in order.
    pub(crate) fn read(&mut self, stream: &mut Stream, direction: Direction, ear: &mut impl Ear) -> Next {
        loop {
            let next = match self {
                Self::Head => self.head(stream, direction, ear),
                Self::ChunkSize => self.chunk_size(stream),
                Self::Trailer => self.trailer(stream),
            };
            if let Some(next) = next {
                return next;
            }
        }
    }

    /// The rest of a head will not come: takes what there is.
    pub(crate) fn lost(self, stream: &Stream, direction: Direction, ear: &mut impl Ear) {
        if self == Self::Head
            && let Some(head) = http::request_head_so_far(stream.octets())
        {
            ear.request(&head, direction);
        }
    }

    fn head(&mut self, stream: &mut Stream, direction: Direction, ear: &mut impl Ear) -> Option<Next> {
        // RFC 9112 section 2.2: empty lines before a request are to be passed over.
        let blank = stream
            .octets()
            .iter()
            .take_while(|octet| matches!(octet, b'\r' | b'\n'))
            .count();
        stream.consume(blank);
        let octets = stream.octets();
        if octets.is_empty() {
            return Some(Next::Wait);
        }
        let head = match http::request_head(octets) {
            Ok(head) => head,
            Err(error) if matches!(error.kind, ErrorKind::Truncated { .. }) && octets.len() < MAX_HEAD => {
                return Some(Next::Wait);
            }
            Err(_) => {
                self.lost(stream, direction, ear);
                return Some(Next::Search);
            }
        };
        ear.request(&head, direction);
        let (len, body) = (head.head_len, head.content_length);
        let (chunked, connect, upgrade) = (head.chunked, head.method == "CONNECT", head.upgrade);
        stream.consume(len);
        if connect {
            return Some(Next::Anew);
        }
        if upgrade {
            return Some(Next::Search);
        }
        if chunked {
            *self = Self::ChunkSize;
        } else {
            stream.skip(body.unwrap_or_default());
        }
        None
    }

    fn chunk_size(&mut self, stream: &mut Stream) -> Option<Next> {
        let (line, len) = match line(stream.octets()) {
            Ok(line) => line,
            Err(next) => return Some(next),
        };
        let digits = line
            .split(|octet| *octet == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        let size = std::str::from_utf8(digits)
            .ok()
            .and_then(|d| u64::from_str_radix(d, 16).ok());
        let Some(size) = size else { return Some(Next::Search) };
        stream.consume(len);
        if size == 0 {
            *self = Self::Trailer;
        } else {
            stream.skip(size.saturating_add(2));
        }
        None
    }

    fn trailer(&mut self, stream: &mut Stream) -> Option<Next> {
        let (is_end, len) = match line(stream.octets()) {
            Ok((line, len)) => (line.is_empty(), len),
            Err(next) => return Some(next),
        };
        stream.consume(len);
        if is_end {
            *self = Self::Head;
        }
        None
    }
}

/// The first line without its end, and its length with it.
fn line(octets: &[u8]) -> Result<(&[u8], usize), Next> {
    let Some(end) = octets.iter().take(MAX_CHUNK_LINE).position(|octet| *octet == b'\n') else {
        return Err(if octets.len() < MAX_CHUNK_LINE {
            Next::Wait
        } else {
            Next::Search
        });
    };
    let line = octets.get(..end).unwrap_or_default();
    Ok((line.strip_suffix(b"\r").unwrap_or(line), end.saturating_add(1)))
}
