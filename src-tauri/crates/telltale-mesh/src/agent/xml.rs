//! Small pieces of XML, made and read: what the stanza library has no words for.

use super::AgentError;
use crate::message::in_xml;
use xmpp_parsers::jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::minidom::rxml::NcName;

/// Octets of a name (a node, an item's id, a line for people) at most.
pub(super) const MAX_NAME: usize = 256;

/// An element with attributes; the names are ours, and a value that is no XML makes it lack that attribute.
pub(super) fn element(name: &str, ns: &str, attributes: &[(&str, &str)]) -> Element {
    let mut built = Element::builder(name, ns);
    for (name, value) in attributes {
        if let (Ok(name), true) = (NcName::try_from(*name), value.chars().all(in_xml)) {
            built = built.attr(name, *value);
        }
    }
    built.build()
}

/// The same with elements in it.
pub(super) fn around(
    name: &str,
    ns: &str,
    attributes: &[(&str, &str)],
    inner: impl IntoIterator<Item = Element>,
) -> Element {
    let mut outer = element(name, ns, attributes);
    for one in inner {
        outer.append_child(one);
    }
    outer
}

/// The same with text in it, without what XML cannot say.
pub(super) fn with_text(name: &str, ns: &str, text: &str) -> Element {
    let mut outer = element(name, ns, &[]);
    outer.append_text(said(text));
    outer
}

/// A text without what XML cannot say, cut to [`MAX_NAME`] octets.
pub(super) fn said(text: &str) -> String {
    let mut kept = String::new();
    for c in text.chars().filter(|c| in_xml(*c)) {
        if kept.len() + c.len_utf8() > MAX_NAME {
            break;
        }
        kept.push(c);
    }
    kept
}

/// A name that is asked for, if it can be one.
pub(super) fn named(name: &str) -> Result<&str, AgentError> {
    let good =
        !name.is_empty() && name.len() <= MAX_NAME && !name.contains(char::is_control) && name.chars().all(in_xml);
    if good {
        Ok(name)
    } else {
        Err(AgentError::Invalid(format!("`{}` cannot be a name here", said(name))))
    }
}

/// A bare JID as it was written.
pub(super) fn bare(jid: &str) -> Result<BareJid, AgentError> {
    BareJid::new(jid.trim())
        .map_err(|_| AgentError::Invalid(format!("`{}` is no address; it is written name@server", said(jid))))
}
