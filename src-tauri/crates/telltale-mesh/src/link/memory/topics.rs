//! Topics (XEP-0060), as far as agents use them.

use super::route::{Server, service_says};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use xmpp_parsers::disco::{DiscoItemsResult, Item};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::{BareJid, FullJid, Jid};
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns::{DATA_FORMS, DISCO_INFO, DISCO_ITEMS, PUBSUB, PUBSUB_EVENT, PUBSUB_OWNER};
use xmpp_parsers::stanza_error::DefinedCondition;

#[derive(Default)]
pub(super) struct Topics(BTreeMap<String, Node>);

struct Node {
    owner: BareJid,
    open: bool,
    publishers: BTreeSet<BareJid>,
    readers: BTreeSet<BareJid>,
    followers: BTreeSet<BareJid>,
    kept: usize,
    /// Id, publisher, payload.
    items: VecDeque<(String, FullJid, Option<Element>)>,
}

impl Node {
    fn reads(&self, jid: &BareJid) -> bool {
        self.open || self.publishes(jid) || self.readers.contains(jid)
    }

    fn publishes(&self, jid: &BareJid) -> bool {
        self.owner == *jid || self.publishers.contains(jid)
    }
}

type Done = Result<Option<Element>, DefinedCondition>;

impl Server {
    pub(super) fn asked_of_topics(&mut self, own: &FullJid, iq: &Iq) {
        let service = Jid::new(&self.service()).ok();
        let (Iq::Get { payload, .. } | Iq::Set { payload, .. }) = iq else {
            return;
        };
        let bare = own.to_bare();
        let payload = payload.clone();
        let done = if payload.is("query", DISCO_INFO) {
            Ok(Some(service_says()))
        } else if payload.is("query", DISCO_ITEMS) {
            Ok(self.nodes(&bare))
        } else if payload.is("pubsub", PUBSUB) || payload.is("pubsub", PUBSUB_OWNER) {
            self.topic(own, &bare, &payload)
        } else {
            Err(DefinedCondition::ServiceUnavailable)
        };
        match done {
            Ok(answer) => self.answer(own, iq, service, answer),
            Err(condition) => self.refuse(own, iq, service, condition),
        }
    }

    fn nodes(&self, own: &BareJid) -> Option<Element> {
        let service = Jid::new(&self.service()).ok()?;
        let nodes = self.topics.0.iter().filter(|(_, node)| node.reads(own));
        let items = nodes.map(|(name, _)| Item {
            jid: service.clone(),
            node: Some(name.clone()),
            name: None,
        });
        let found = DiscoItemsResult {
            node: None,
            items: items.collect(),
            rsm: None,
        };
        Some(found.into())
    }

    fn topic(&mut self, own: &FullJid, bare: &BareJid, payload: &Element) -> Done {
        let verb = payload.children().next().ok_or(DefinedCondition::BadRequest)?;
        let name = verb.attr("node").ok_or(DefinedCondition::BadRequest)?.to_owned();
        if verb.name() == "create" {
            return self.create(bare, name, payload);
        }
        let node = self.topics.0.get_mut(&name).ok_or(DefinedCondition::ItemNotFound)?;
        let owner = payload.is("pubsub", PUBSUB_OWNER);
        if owner && node.owner != *bare {
            return Err(DefinedCondition::Forbidden);
        }
        match verb.name() {
            "configure" if owner => {
                set_up(node, verb);
                Ok(None)
            }
            "affiliations" if owner && verb.children().next().is_none() => Ok(Some(affiliated(&name, node))),
            "affiliations" if owner => {
                affiliate(node, verb);
                Ok(None)
            }
            "subscriptions" if owner && verb.children().next().is_none() => Ok(Some(following(&name, node))),
            "subscriptions" if owner => {
                let over = verb.children().filter_map(|one| BareJid::new(one.attr("jid")?).ok());
                for jid in over {
                    node.followers.remove(&jid);
                }
                Ok(None)
            }
            "delete" if owner => {
                self.topics.0.remove(&name);
                Ok(None)
            }
            "subscribe" if node.reads(bare) => {
                node.followers.insert(bare.clone());
                Ok(None)
            }
            "unsubscribe" => {
                node.followers.remove(bare);
                Ok(None)
            }
            "items" if node.reads(bare) => Ok(Some(kept(&name, node, verb))),
            "publish" if node.publishes(bare) => self.publish(own, &name, verb),
            "retract" if node.publishes(bare) => self.retract(&name, verb),
            "subscribe" | "items" | "publish" | "retract" => Err(DefinedCondition::Forbidden),
            _ => Err(DefinedCondition::FeatureNotImplemented),
        }
    }

    fn create(&mut self, own: &BareJid, name: String, payload: &Element) -> Done {
        if self.topics.0.contains_key(&name) {
            return Err(DefinedCondition::Conflict);
        }
        let mut node = Node {
            owner: own.clone(),
            open: true,
            publishers: BTreeSet::new(),
            readers: BTreeSet::new(),
            followers: BTreeSet::new(),
            kept: 1,
            items: VecDeque::new(),
        };
        if let Some(configure) = payload.get_child("configure", PUBSUB) {
            set_up(&mut node, configure);
        }
        self.topics.0.insert(name, node);
        Ok(None)
    }

    fn publish(&mut self, own: &FullJid, name: &str, verb: &Element) -> Done {
        let item = verb.get_child("item", PUBSUB).ok_or(DefinedCondition::BadRequest)?;
        let id = item.attr("id").ok_or(DefinedCondition::BadRequest)?.to_owned();
        let payload = item.children().next().cloned();
        let node = self.topics.0.get_mut(name).ok_or(DefinedCondition::ItemNotFound)?;
        node.items.retain(|(known, ..)| *known != id);
        let told = item_element(&id, own, payload.as_ref(), PUBSUB_EVENT);
        node.items.push_back((id, own.clone(), payload));
        while node.items.len() > node.kept {
            node.items.pop_front();
        }
        self.tell_followers(name, told);
        Ok(None)
    }

    fn retract(&mut self, name: &str, verb: &Element) -> Done {
        let item = verb.get_child("item", PUBSUB).ok_or(DefinedCondition::BadRequest)?;
        let id = item.attr("id").ok_or(DefinedCondition::BadRequest)?.to_owned();
        let node = self.topics.0.get_mut(name).ok_or(DefinedCondition::ItemNotFound)?;
        node.items.retain(|(known, ..)| *known != id);
        let told = with("retract", PUBSUB_EVENT, &[("id", &id)], None);
        self.tell_followers(name, told);
        Ok(None)
    }

    fn tell_followers(&mut self, name: &str, what: Element) {
        let from = Jid::new(&self.service()).ok();
        let items = with("items", PUBSUB_EVENT, &[("node", name)], Some(what));
        let event = with("event", PUBSUB_EVENT, &[], Some(items));
        let followers = self.topics.0.get(name).map(|n| n.followers.clone()).unwrap_or_default();
        for follower in followers {
            let mut message = Message::new_with_type(MessageType::Headline, Some(follower.into()));
            message.from.clone_from(&from);
            message.payloads.push(event.clone());
            self.message(message);
        }
    }
}

/// What a node keeps: of the newest, the oldest first.
fn kept(name: &str, node: &Node, verb: &Element) -> Element {
    let limit = verb
        .attr("max_items")
        .and_then(|n| n.parse().ok())
        .unwrap_or(usize::MAX);
    let mut items = with("items", PUBSUB, &[("node", name)], None);
    for (id, publisher, payload) in node.items.iter().skip(node.items.len().saturating_sub(limit)) {
        items.append_child(item_element(id, publisher, payload.as_ref(), PUBSUB));
    }
    with("pubsub", PUBSUB, &[], Some(items))
}

fn item_element(id: &str, publisher: &FullJid, payload: Option<&Element>, ns: &str) -> Element {
    with(
        "item",
        ns,
        &[("id", id), ("publisher", publisher.as_str())],
        payload.cloned(),
    )
}

fn with(name: &str, ns: &str, attributes: &[(&str, &str)], inner: Option<Element>) -> Element {
    let mut built = Element::builder(name, ns);
    for (name, value) in attributes {
        if let Ok(name) = xmpp_parsers::minidom::rxml::NcName::try_from(*name) {
            built = built.attr(name, *value);
        }
    }
    built.append_all(inner).build()
}

fn set_up(node: &mut Node, configure: &Element) {
    let Some(form) = configure.get_child("x", DATA_FORMS) else {
        return;
    };
    for field in form.children().filter(|c| c.is("field", DATA_FORMS)) {
        let value = field
            .get_child("value", DATA_FORMS)
            .map(Element::text)
            .unwrap_or_default();
        match field.attr("var") {
            Some("pubsub#access_model") => node.open = value == "open",
            Some("pubsub#max_items") => node.kept = value.parse().unwrap_or(1),
            _ => {}
        }
    }
}

fn affiliate(node: &mut Node, list: &Element) {
    for one in list.children() {
        let (Some(jid), Some(affiliation)) = (one.attr("jid"), one.attr("affiliation")) else {
            continue;
        };
        let Ok(jid) = BareJid::new(jid) else {
            continue;
        };
        match affiliation {
            "publisher" => {
                node.publishers.insert(jid);
            }
            "member" => {
                node.readers.insert(jid);
            }
            "none" => {
                node.publishers.remove(&jid);
                node.readers.remove(&jid);
            }
            _ => {}
        }
    }
}

/// Who follows a node, for its owner.
fn following(name: &str, node: &Node) -> Element {
    let mut list = with("subscriptions", PUBSUB_OWNER, &[("node", name)], None);
    for jid in &node.followers {
        let told = [("jid", jid.as_str()), ("subscription", "subscribed")];
        list.append_child(with("subscription", PUBSUB_OWNER, &told, None));
    }
    with("pubsub", PUBSUB_OWNER, &[], Some(list))
}

/// The list of a node, for its owner.
fn affiliated(name: &str, node: &Node) -> Element {
    let publishers = node.publishers.iter().map(|jid| (jid, "publisher"));
    let all = publishers.chain(node.readers.iter().map(|jid| (jid, "member")));
    let all = all.chain([(&node.owner, "owner")]);
    let mut list = with("affiliations", PUBSUB_OWNER, &[("node", name)], None);
    for (jid, affiliation) in all {
        let told = [("jid", jid.as_str()), ("affiliation", affiliation)];
        list.append_child(with("affiliation", PUBSUB_OWNER, &told, None));
    }
    with("pubsub", PUBSUB_OWNER, &[], Some(list))
}
