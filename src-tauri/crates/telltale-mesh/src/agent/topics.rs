//! Topics (XEP-0060): who may read and write, items, and what of it an agent's owner asks for.

use super::order::Order;
use super::xml::{MAX_NAME, around, bare, element, named};
use super::{Access, Agent, AgentError};
use crate::message::{MAX_BODY, in_xml};
use serde_json::Value;
use telltale_core::model::{Timestamp, TopicItem};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoInfoResult, DiscoItemsQuery, DiscoItemsResult};
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns::{PUBSUB, PUBSUB_EVENT, PUBSUB_OWNER};

/// Payload of an item (XEP-0335).
const JSON: &str = "urn:xmpp:json:0";
/// What a node's settings are called (XEP-0060 section 16.4).
const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
/// Items that a node keeps; a reader who was away longer than they last has missed some. Prosody refuses a node that would keep more
/// than 256.
pub const KEPT_ITEMS: u32 = 250;
/// Components of a server that are asked whether they keep topics.
const MAX_COMPONENTS: usize = 16;
/// Topics that are listed of one service at most.
const MAX_LISTED: usize = 1_000;
/// The condition by which a service says that a node is there already.
const TAKEN: &str = "conflict";

impl Agent {
    /// JIDs of the services on our server that keep topics.
    pub async fn topic_services(&self) -> Result<Vec<String>, AgentError> {
        let query = DiscoItemsQuery { node: None, rsm: None };
        let found = self.question(self.domain(), false, query.into()).await?;
        let found = found.and_then(|e| DiscoItemsResult::try_from(e).ok());
        let mut services = Vec::new();
        for item in found
            .map(|f| f.items)
            .unwrap_or_default()
            .into_iter()
            .take(MAX_COMPONENTS)
        {
            let jid = item.jid.to_string();
            let told = self.question(&jid, false, DiscoInfoQuery { node: None }.into()).await;
            let told = told.ok().flatten().and_then(|e| DiscoInfoResult::try_from(e).ok());
            let identities = told.map(|t| t.identities).unwrap_or_default();
            if identities
                .iter()
                .any(|i| i.category == "pubsub" && i.type_ == "service")
            {
                services.push(jid);
            }
        }
        Ok(services)
    }

    /// Names of the nodes of a service, as far as it shows them to us.
    pub async fn topic_nodes(&self, service: &str) -> Result<Vec<String>, AgentError> {
        let query = DiscoItemsQuery { node: None, rsm: None };
        let found = self.question(service, false, query.into()).await?;
        let found = found.and_then(|e| DiscoItemsResult::try_from(e).ok());
        let nodes = found
            .map(|f| f.items)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|i| i.node);
        Ok(nodes.filter(|n| n.len() <= MAX_NAME).take(MAX_LISTED).collect())
    }

    /// Makes a topic whose items are kept. One that is there already gets these rules, where it is ours.
    pub async fn create_topic(&self, service: &str, node: &str, access: &Access) -> Result<(), AgentError> {
        let node = named(node)?;
        let create = element("create", PUBSUB, &[("node", node)]);
        let configure = around("configure", PUBSUB, &[], [settings(access)]);
        match self.question(service, true, pubsub([create, configure])).await {
            Ok(_) => {}
            Err(AgentError::Refused(words)) if words.starts_with(TAKEN) => {
                let configure = around("configure", PUBSUB_OWNER, &[("node", node)], [settings(access)]);
                self.question(service, true, owner(configure)).await?;
            }
            Err(e) => return Err(e),
        }
        if let Access::Listed { publishers, readers } = access {
            self.set_list(service, node, publishers, readers).await?;
        }
        Ok(())
    }

    /// Who may publish and read from now on. Who stood on the list and does not any more has to be named, too, and follows no more: servers
    /// keep telling news to who is only taken off the list, or refuse to take it off (Prosody).
    async fn set_list(
        &self,
        service: &str,
        node: &str,
        publishers: &[String],
        readers: &[String],
    ) -> Result<(), AgentError> {
        let named = rights(publishers, readers)?;
        let before = self.list(service, node, "affiliations").await?;
        let over: Vec<BareJid> = affiliated(&before)
            .filter(|jid| !named.iter().any(|(other, _)| other == jid))
            .collect();
        if !over.is_empty() {
            let followers = self.list(service, node, "subscriptions").await?;
            let gone = listed(&followers, "subscription").filter(|jid| over.contains(&jid.to_bare()));
            let gone = gone.map(|jid| entry("subscription", jid.as_str(), "none"));
            let gone: Vec<Element> = gone.collect();
            if !gone.is_empty() {
                let gone = around("subscriptions", PUBSUB_OWNER, &[("node", node)], gone);
                self.question(service, true, owner(gone)).await?;
            }
        }
        let over = over.iter().map(|jid| (jid, "none"));
        let all = named.iter().map(|(jid, may)| (jid, *may)).chain(over);
        let all = all.map(|(jid, may)| entry("affiliation", jid.as_str(), may));
        let list = around("affiliations", PUBSUB_OWNER, &[("node", node)], all);
        self.question(service, true, owner(list)).await?;
        Ok(())
    }

    /// What a service tells the owner of a node; one that does not tell it has nothing to tell.
    async fn list(&self, service: &str, node: &str, what: &str) -> Result<Element, AgentError> {
        let asked = owner(element(what, PUBSUB_OWNER, &[("node", node)]));
        let told = match self.question(service, false, asked).await {
            Err(e @ (AgentError::Offline | AgentError::Closed | AgentError::Silent(_) | AgentError::Busy)) => {
                return Err(e);
            }
            Err(_) => None,
            Ok(told) => told,
        };
        let list = told.as_ref().and_then(|e| e.get_child(what, PUBSUB_OWNER)).cloned();
        Ok(list.unwrap_or_else(|| element(what, PUBSUB_OWNER, &[])))
    }

    /// Takes a topic away, with its items.
    pub async fn remove_topic(&self, service: &str, node: &str) -> Result<(), AgentError> {
        let delete = element("delete", PUBSUB_OWNER, &[("node", named(node)?)]);
        self.question(service, true, owner(delete)).await?;
        Ok(())
    }

    /// Publishes an item; one with the same id is replaced. Comes back once the service has it.
    pub async fn publish(&self, service: &str, node: &str, id: &str, payload: &Value) -> Result<(), AgentError> {
        self.question(service, true, publication(node, id, payload)?).await?;
        Ok(())
    }

    /// Takes an item back, and tells those who follow.
    pub async fn retract(&self, service: &str, node: &str, id: &str) -> Result<(), AgentError> {
        let item = element("item", PUBSUB, &[("id", named(id)?)]);
        let asked = [("node", named(node)?), ("notify", "true")];
        let retract = around("retract", PUBSUB, &asked, [item]);
        self.question(service, true, pubsub([retract])).await?;
        Ok(())
    }

    /// Follows a topic, or no more. What it keeps is heard at once, and what was missed after each absence.
    pub async fn follow(&self, service: &str, node: &str, follow: bool) -> Result<(), AgentError> {
        let jid = self.jid();
        let verb = if follow { "subscribe" } else { "unsubscribe" };
        let asked = element(verb, PUBSUB, &[("node", named(node)?), ("jid", jid)]);
        match self.question(service, true, pubsub([asked])).await {
            Ok(_) => {}
            // Whatever the service says, it is followed no more.
            Err(AgentError::Refused(_) | AgentError::Forbidden(_)) if !follow => {}
            Err(e) => return Err(e),
        }
        self.order(|reply| Order::Follow {
            service: service.to_owned(),
            node: node.to_owned(),
            follow,
            reply,
        })
        .await
    }

    /// What a topic keeps, in the order in which the service gives it (it has no times), at most `limit`.
    pub async fn topic_items(&self, service: &str, node: &str, limit: u32) -> Result<Vec<TopicItem>, AgentError> {
        let found = self.question(service, false, wanted(named(node)?, limit)).await?;
        Ok(found.map(|e| kept(&e, self.now())).unwrap_or_default())
    }

    async fn question(&self, to: &str, set: bool, payload: Element) -> Result<Option<Element>, AgentError> {
        let to = Jid::new(to).map_err(|_| AgentError::Invalid("the service has no address".to_owned()))?;
        self.order(|reply| Order::Ask {
            to,
            set,
            payload,
            reply,
        })
        .await
    }
}

fn pubsub(inner: impl IntoIterator<Item = Element>) -> Element {
    around("pubsub", PUBSUB, &[], inner)
}

fn owner(inner: Element) -> Element {
    around("pubsub", PUBSUB_OWNER, &[], [inner])
}

/// How a node is set up.
fn settings(access: &Access) -> Element {
    let access = match access {
        Access::Open => "open",
        Access::Listed { .. } => "whitelist",
    };
    let kept = KEPT_ITEMS.to_string();
    let fields = [
        ("pubsub#access_model", access),
        ("pubsub#publish_model", "publishers"),
        ("pubsub#persist_items", "1"),
        ("pubsub#max_items", kept.as_str()),
        // Those who follow ask for what they missed.
        ("pubsub#send_last_published_item", "never"),
    ];
    let fields = fields.iter().map(|(name, value)| Field::text_single(name, value));
    DataForm::new(DataFormType::Submit, NODE_CONFIG, fields.collect()).into()
}

/// Who may do what.
fn rights(publishers: &[String], readers: &[String]) -> Result<Vec<(BareJid, &'static str)>, AgentError> {
    let publishers = publishers.iter().map(|jid| (jid, "publisher"));
    let all = publishers.chain(readers.iter().map(|jid| (jid, "member")));
    all.map(|(jid, may)| Ok((bare(jid)?, may))).collect()
}

/// A line of a list of affiliations or subscriptions, which says `what` in an attribute of the same name.
fn entry(name: &str, jid: &str, what: &str) -> Element {
    element(name, PUBSUB_OWNER, &[("jid", jid), (name, what)])
}

/// Who stands on a list, whatever it says of them, but for those who own the node or can nothing.
fn listed<'a>(list: &'a Element, name: &'a str) -> impl Iterator<Item = Jid> + 'a {
    let some = move |one: &&Element| !matches!(one.attr(name), None | Some("none" | "owner" | "outcast"));
    list.children()
        .filter(some)
        .filter_map(|one| Jid::new(one.attr("jid")?).ok())
}

/// Who has a right that can be taken away.
fn affiliated(list: &Element) -> impl Iterator<Item = BareJid> + '_ {
    listed(list, "affiliation").map(|jid| jid.to_bare())
}

/// The question that publishes an item.
pub(super) fn publication(node: &str, id: &str, payload: &Value) -> Result<Element, AgentError> {
    let text = payload.to_string();
    if text.len() > MAX_BODY || !text.chars().all(in_xml) {
        return Err(AgentError::Invalid("an item can hold 64 kB of JSON".to_owned()));
    }
    let mut json = element("json", JSON, &[]);
    json.append_text(text);
    let item = around("item", PUBSUB, &[("id", named(id)?)], [json]);
    Ok(pubsub([around("publish", PUBSUB, &[("node", named(node)?)], [item])]))
}

/// The question for what a node keeps.
pub(super) fn wanted(node: &str, limit: u32) -> Element {
    let limit = limit.clamp(1, KEPT_ITEMS).to_string();
    pubsub([element("items", PUBSUB, &[("node", node), ("max_items", &limit)])])
}

/// The question that follows a node.
pub(super) fn following(node: &str, jid: &str) -> Element {
    pubsub([element("subscribe", PUBSUB, &[("node", node), ("jid", jid)])])
}

/// The items of an answer.
pub(super) fn kept(answer: &Element, at: Timestamp) -> Vec<TopicItem> {
    let items = answer.get_child("items", PUBSUB);
    items.map(|items| read(items, PUBSUB, at)).unwrap_or_default()
}

/// What a topic tells those who follow it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct News {
    pub(super) node: String,
    pub(super) items: Vec<TopicItem>,
    pub(super) retracted: Vec<String>,
}

/// Reads what came in a message of a service; `None`: it tells nothing of items.
pub(super) fn news(event: &Element, at: Timestamp) -> Option<News> {
    let items = event.get_child("items", PUBSUB_EVENT)?;
    let node = items.attr("node").filter(|n| n.len() <= MAX_NAME)?;
    let retracted = items.children().filter(|c| c.is("retract", PUBSUB_EVENT));
    let retracted = retracted.filter_map(|c| c.attr("id")).filter(|id| id.len() <= MAX_NAME);
    Some(News {
        node: node.to_owned(),
        items: read(items, PUBSUB_EVENT, at),
        retracted: retracted.map(ToOwned::to_owned).collect(),
    })
}

/// Items with JSON in them, at most [`KEPT_ITEMS`]; others are none of ours.
fn read(items: &Element, ns: &str, at: Timestamp) -> Vec<TopicItem> {
    let items = items.children().filter(|c| c.is("item", ns)).take(KEPT_ITEMS as usize);
    let item = |item: &Element| {
        let body = item.get_child("json", JSON)?.text();
        let id = item.attr("id").filter(|id| id.len() <= MAX_NAME)?;
        let good = body.len() <= MAX_BODY && serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok();
        good.then(|| TopicItem {
            id: id.to_owned(),
            publisher: item
                .attr("publisher")
                .filter(|p| p.len() <= MAX_NAME)
                .map(ToOwned::to_owned),
            at,
            body,
        })
    };
    items.filter_map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_item_is_read_as_it_was_published() {
        let published = publication("telltale/results", "1", &json!({"a": "<b> & ü"})).expect("a question");
        let text = String::from(&published);
        let answer = text.replace("publish", "items");
        let answer: Element = answer.parse().expect("XML");
        let items = kept(&answer, Timestamp(7));
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].id, "1");
        assert_eq!(items[0].body, r#"{"a":"<b> & ü"}"#);
        assert_eq!(items[0].at, Timestamp(7));
    }

    #[test]
    fn what_is_no_item_of_ours_is_left_out() {
        let event = format!(
            "<event xmlns='{PUBSUB_EVENT}'><items node='n'><item id='1'><json xmlns='{JSON}'>{{</json></item>\
             <item id='2'><entry xmlns='atom'/></item><item><json xmlns='{JSON}'>1</json></item>\
             <item id='4' publisher='a@b'><json xmlns='{JSON}'>4</json></item><retract id='0'/></items></event>"
        );
        let told = news(&event.parse().expect("XML"), Timestamp(0)).expect("news");
        assert_eq!(told.node, "n");
        assert_eq!(told.retracted, ["0"]);
        let ids: Vec<&str> = told.items.iter().map(|i| i.id.as_str()).collect();
        assert_eq!(ids, ["4"]);
        let other = format!("<event xmlns='{PUBSUB_EVENT}'><purge node='n'/></event>");
        assert_eq!(news(&other.parse().expect("XML"), Timestamp(0)), None);
    }

    #[test]
    fn what_cannot_be_said_is_refused_before_it_is_sent() {
        assert!(publication("n", "", &json!(1)).is_err());
        assert!(publication("n\u{0}", "1", &json!(1)).is_err());
        assert!(publication("n", "1", &json!("x".repeat(MAX_BODY))).is_err());
        assert!(rights(&["no address@".to_owned()], &[]).is_err());
    }
}
