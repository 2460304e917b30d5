//! Holds what comes from a server to limits before any parser sees it: one stanza's octets, depth, elements and tags. Pure.
//!
//! A stanza over a limit is left out whole, and an empty one takes its place, so that both sides count the same number (XEP-0198). The
//! limits are there because others choose what a stanza holds: a server passes on what strangers send, an element tree that is a hundred
//! thousand deep overflows the stack of whoever drops it, and one long attribute ends the parser's stream for good, again after each
//! reconnect, since the server keeps what was not taken. Never here: what a stanza means.

/// Octets of one stanza at most. A body of [`crate::message::MAX_BODY`] written in the longest way that XML has stays below it.
pub const MAX_STANZA: usize = 524_288;
/// Elements within each other at most, the stream's own included. The deepest that agents use (a form in a topic's item) is nine deep.
pub const MAX_DEPTH: usize = 64;
/// Elements of one stanza at most: a roster of several thousand agents.
pub const MAX_ELEMENTS: usize = 16_384;
/// Octets of one tag with its attributes at most: below what the XML parser takes for one token (8,192).
pub const MAX_TAG: usize = 8_000;
/// Octets of a stream error that are kept for its text.
const MAX_ERROR: usize = 4_096;
/// What a buffer may keep when it is empty; what is larger goes back.
pub(super) const KEPT: usize = 65_536;

/// What no XMPP server may send (RFC 6120 section 11.1), or no XML at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server sent what XMPP forbids: {0}")]
pub(super) struct Restricted(&'static str);

/// Where in the XML the next octet stands.
#[derive(Clone, Copy)]
enum At {
    /// Between tags.
    Text,
    /// Within a tag.
    Tag(Tag),
    /// Within `<![CDATA[`; how much of `]]>` has just passed.
    Cdata(usize),
}

/// A tag that has begun.
#[derive(Clone, Copy)]
struct Tag {
    /// Octets after `<`.
    len: usize,
    /// The first of them; 0 before it came.
    first: u8,
    /// The one before this.
    last: u8,
    /// The quote that an attribute's value began with; 0 outside of one.
    quote: u8,
}

const CDATA: &[u8] = b"![CDATA[";

/// The sieve of one stream.
pub(super) struct Sieve {
    at: At,
    /// Open elements.
    depth: usize,
    /// The stanza that is coming, as far as it came.
    held: Vec<u8>,
    /// Elements of it.
    elements: usize,
    /// It broke a limit.
    over: bool,
    /// Takes the place of what is left out.
    stand_in: Vec<u8>,
    /// The stream error that passed.
    error: Option<String>,
}

impl Sieve {
    /// A sieve for a stream that begins. `stand_in` takes the place of each stanza that is left out.
    pub(super) fn new(stand_in: &str) -> Self {
        Self {
            at: At::Text,
            depth: 0,
            held: Vec::new(),
            elements: 0,
            over: false,
            stand_in: stand_in.as_bytes().to_vec(),
            error: None,
        }
    }

    /// The stream begins anew on the same connection (after a login).
    pub(super) fn restart(&mut self) {
        self.at = At::Text;
        self.depth = 0;
        self.end_of_stanza();
    }

    /// The stream error that the server sent, as XML.
    pub(super) fn take_error(&mut self) -> Option<String> {
        self.error.take()
    }

    /// Takes what came; appends to `out` what may be parsed: whole stanzas and what stands between them.
    pub(super) fn feed(&mut self, mut came: &[u8], out: &mut Vec<u8>) -> Result<(), Restricted> {
        while let Some((&octet, rest)) = came.split_first() {
            match self.at {
                At::Text => {
                    let text = came.iter().position(|&o| o == b'<').unwrap_or(came.len());
                    if text > 0 {
                        let (passed, rest) = came.split_at(text);
                        self.hold(passed);
                        if self.depth <= 1 {
                            self.pass(out);
                        }
                        came = rest;
                        continue;
                    }
                    self.hold(b"<");
                    self.at = At::Tag(Tag {
                        len: 0,
                        first: 0,
                        last: 0,
                        quote: 0,
                    });
                }
                At::Tag(tag) => {
                    self.hold(&came[..1]);
                    self.at = self.within_tag(tag, octet, out)?;
                }
                At::Cdata(seen) => {
                    self.hold(&came[..1]);
                    self.at = match (seen, octet) {
                        (2, b'>') => At::Text,
                        (0 | 1, b']') => At::Cdata(seen + 1),
                        (2, b']') => At::Cdata(2),
                        _ => At::Cdata(0),
                    };
                }
            }
            came = rest;
        }
        Ok(())
    }

    fn within_tag(&mut self, mut tag: Tag, octet: u8, out: &mut Vec<u8>) -> Result<At, Restricted> {
        if tag.len == 0 {
            tag.first = octet;
        }
        if tag.first == b'!' {
            if CDATA.get(tag.len) != Some(&octet) || self.depth < 2 {
                return Err(Restricted("a comment or a document type"));
            }
            tag.len += 1;
            return Ok(if tag.len == CDATA.len() {
                At::Cdata(0)
            } else {
                At::Tag(tag)
            });
        }
        if tag.first == b'?' && self.depth > 0 {
            return Err(Restricted("a processing instruction"));
        }
        tag.len += 1;
        if tag.len > MAX_TAG {
            if self.depth < 1 {
                return Err(Restricted("a stream header without end"));
            }
            self.leave_out();
        }
        match (tag.quote, octet) {
            (0, b'>') => {
                self.end_of_tag(tag, out)?;
                return Ok(At::Text);
            }
            (0, b'"' | b'\'') => tag.quote = octet,
            (quote, _) if quote == octet => tag.quote = 0,
            _ => {}
        }
        tag.last = octet;
        Ok(At::Tag(tag))
    }

    fn end_of_tag(&mut self, tag: Tag, out: &mut Vec<u8>) -> Result<(), Restricted> {
        match (tag.first, tag.last) {
            (b'?', _) => {}
            (b'/', _) => {
                let depth = self.depth.checked_sub(1);
                self.depth = depth.ok_or(Restricted("an end without a beginning"))?;
            }
            (_, b'/') => self.elements += 1,
            _ => {
                self.elements += 1;
                self.depth += 1;
                if self.depth == 1 {
                    self.pass(out);
                    return Ok(());
                }
            }
        }
        if self.depth > MAX_DEPTH || self.elements > MAX_ELEMENTS {
            self.leave_out();
        }
        if self.depth <= 1 {
            self.pass(out);
        }
        Ok(())
    }

    fn hold(&mut self, octets: &[u8]) {
        if self.over {
            return;
        }
        if self.held.len() + octets.len() > MAX_STANZA {
            self.leave_out();
        } else {
            self.held.extend_from_slice(octets);
        }
    }

    fn leave_out(&mut self) {
        self.over = true;
        self.held = Vec::new();
    }

    /// What is held is whole: it goes out, or what stands in for it.
    fn pass(&mut self, out: &mut Vec<u8>) {
        if self.over {
            out.extend_from_slice(&self.stand_in);
        } else {
            if self.held.starts_with(b"<stream:error") {
                let kept = self.held.get(..MAX_ERROR).unwrap_or(&self.held);
                self.error = Some(String::from_utf8_lossy(kept).into_owned());
            }
            out.extend_from_slice(&self.held);
        }
        self.end_of_stanza();
    }

    fn end_of_stanza(&mut self) {
        self.over = false;
        self.elements = 0;
        self.held.clear();
        if self.held.capacity() > KEPT {
            self.held = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0'>";

    /// What passes of `stream`, fed in pieces of `piece` octets, without the header.
    fn passes(stream: &str, piece: usize) -> Result<String, Restricted> {
        let mut sieve = Sieve::new("<message id='left-out'/>");
        let mut out = Vec::new();
        for part in format!("{HEAD}{stream}").as_bytes().chunks(piece) {
            sieve.feed(part, &mut out)?;
        }
        let text = String::from_utf8(out).expect("text");
        Ok(text.strip_prefix(HEAD).expect("the header passes").to_owned())
    }

    #[track_caller]
    fn check(stream: &str, expected: &str) {
        for piece in [1, 2, 3, 7, 4096] {
            assert_eq!(passes(stream, piece).as_deref(), Ok(expected), "in pieces of {piece}");
        }
    }

    #[test]
    fn what_keeps_the_limits_passes_unchanged() {
        let fine = "<message to='a'><body>1 &lt; 2 > 1</body><x a='/>' b=\"'>\"/></message>\n <iq type='result' id='1'/><r/>\
                    <message><body><![CDATA[ ]] ]]]><b></body></message></stream:stream>";
        check(fine, fine);
    }

    #[test]
    fn a_stanza_passes_only_when_it_is_whole() {
        check("<presence/><message><body>half", "<presence/>");
        check("<message to='a'", "");
    }

    #[test]
    fn a_stanza_over_a_limit_is_left_out_whole_and_the_next_one_passes() {
        let next = "<presence from='b'/>";
        let left_out = format!("<message id='left-out'/>{next}");
        let body = "x".repeat(MAX_STANZA);
        let deep = format!("{}{}", "<a>".repeat(MAX_DEPTH), "</a>".repeat(MAX_DEPTH));
        let attribute = format!("<a b='{}'/>", "y".repeat(MAX_TAG));
        let many = "<a/>".repeat(MAX_ELEMENTS);
        for inner in [body, deep, attribute, many] {
            for piece in [5, 4096] {
                let stream = format!("<message>{inner}</message>{next}");
                assert_eq!(passes(&stream, piece).as_deref(), Ok(left_out.as_str()));
            }
        }
    }

    #[test]
    fn just_below_the_limits_passes() {
        let depth = MAX_DEPTH - 2;
        let deep = format!("<message>{}{}</message>", "<a>".repeat(depth), "</a>".repeat(depth));
        check(&deep, &deep);
        let body = format!(
            "<message><body>{}</body></message>",
            "&quot;".repeat(crate::message::MAX_BODY)
        );
        assert!(passes(&body, 4096).is_ok_and(|passed| passed == body));
    }

    #[test]
    fn what_xmpp_forbids_ends_the_stream() {
        for wrong in [
            "<!-- a -->",
            "<message><!-- a --></message>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]>",
            "<message><?php ?></message>",
            "</stream:stream></stream:stream>",
        ] {
            assert!(passes(wrong, 3).is_err(), "{wrong}");
        }
        let mut sieve = Sieve::new("");
        let endless = format!("<stream:stream a='{}", "b".repeat(MAX_TAG));
        assert!(sieve.feed(endless.as_bytes(), &mut Vec::new()).is_err());
    }

    #[test]
    fn a_stream_error_is_overheard() {
        let mut sieve = Sieve::new("");
        let error = "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
        let stream = format!("{HEAD}{error}");
        sieve.feed(stream.as_bytes(), &mut Vec::new()).expect("well-formed");
        assert_eq!(sieve.take_error().as_deref(), Some(error));
        assert_eq!(sieve.take_error(), None);
    }

    #[test]
    fn memory_is_bounded_and_given_back() {
        let mut sieve = Sieve::new("");
        let mut out = Vec::new();
        sieve.feed(HEAD.as_bytes(), &mut out).expect("the header");
        sieve.feed(b"<message><body>", &mut out).expect("a beginning");
        for _ in 0..1_000 {
            sieve.feed(&[b'x'; 4096], &mut out).expect("text");
            assert!(sieve.held.capacity() <= 2 * MAX_STANZA);
        }
        sieve.feed(b"</body></message>", &mut out).expect("an end");
        assert!(sieve.held.capacity() <= KEPT);
    }
}
