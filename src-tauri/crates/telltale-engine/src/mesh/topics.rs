//! Topics as the page shows them: those that are followed, published to, or found on the server.

use super::desk::Joined;
use super::of_agent;
use crate::stamps::Changed;
use crate::store::MAX_TOPICS;
use crate::{Engine, EngineError};
use std::collections::BTreeMap;
use std::time::Duration;
use telltale_core::model::{MeshPhase, Topic, TopicItem};
use tokio::time::Instant;

/// How long what the server told of its topics counts.
const FRESH: Duration = Duration::from_mins(1);
/// Items of a topic that is not followed, when somebody looks at it.
const LOOKED_AT: u32 = 50;
/// Octets of the name of a service, or of a node.
const MAX_NAME: usize = 256;

impl Engine {
    /// Topics that are followed, published to, or found on the server.
    pub async fn topics(&self) -> Result<Vec<Topic>, EngineError> {
        let mut topics = BTreeMap::new();
        for stored in self.inner.store.topics().await? {
            let topic = Topic {
                service: stored.service.clone(),
                node: stored.node.clone(),
                followed: stored.followed,
                publishes: false,
                items: stored.items,
                last: stored.last,
            };
            topics.insert((stored.service, stored.node), topic);
        }
        let own = self.inner.mesh.published();
        let found = self.found_topics().await;
        for (service, node) in own.iter().cloned().chain(found) {
            let publishes = own.contains(&(service.clone(), node.clone()));
            let topic = topics.entry((service.clone(), node.clone())).or_insert(Topic {
                service,
                node,
                followed: false,
                publishes: false,
                items: 0,
                last: None,
            });
            topic.publishes = publishes;
        }
        Ok(topics.into_values().collect())
    }

    /// Topics of the server, as it told of late.
    async fn found_topics(&self) -> Vec<(String, String)> {
        let before = self.inner.mesh.found();
        if let Some((at, found)) = &before
            && at.elapsed() < FRESH
        {
            return found.clone();
        }
        let online = matches!(*self.inner.mesh.phase.borrow(), MeshPhase::Online { .. });
        let before = before.map(|(_, found)| found).unwrap_or_default();
        let Some(joined) = self.inner.mesh.joined().ok().filter(|_| online) else {
            return before;
        };
        // Noted before it is asked: whoever looks meanwhile gets what is known, and the server one question.
        self.inner.mesh.set_found(Instant::now(), before.clone());
        let found = ask_server(&joined).await.unwrap_or(before);
        self.inner.mesh.set_found(Instant::now(), found.clone());
        found
    }

    /// What came from a topic, newest first; of one that is not followed, what it keeps now.
    pub async fn topic_items(&self, service: &str, node: &str) -> Result<Vec<TopicItem>, EngineError> {
        named(service, node)?;
        let stored = self.inner.store.topic_items(service, node).await?;
        let all = self.inner.store.topics().await?;
        let followed = all.iter().any(|t| t.followed && t.service == service && t.node == node);
        if followed || !stored.is_empty() {
            return Ok(stored);
        }
        match self.inner.mesh.joined() {
            Ok(joined) => joined
                .agent
                .topic_items(service, node, LOOKED_AT)
                .await
                .map_err(of_agent),
            Err(_) => Ok(stored),
        }
    }

    /// Follows a topic, or no more.
    pub async fn follow_topic(&self, service: &str, node: &str, follow: bool) -> Result<(), EngineError> {
        named(service, node)?;
        let joined = self.inner.mesh.joined()?;
        let store = &self.inner.store;
        if follow && store.topics().await?.iter().filter(|t| t.followed).count() >= MAX_TOPICS {
            let problem = format!("at most {MAX_TOPICS} topics can be followed");
            return Err(EngineError::InvalidInput(problem));
        }
        joined.agent.follow(service, node, follow).await.map_err(of_agent)?;
        store.set_followed(service, node, follow).await?;
        self.changed(Changed::Mesh);
        Ok(())
    }
}

async fn ask_server(joined: &Joined) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for service in joined.agent.topic_services().await.ok()? {
        let nodes = joined.agent.topic_nodes(&service).await.unwrap_or_default();
        found.extend(nodes.into_iter().map(|node| (service.clone(), node)));
    }
    Some(found)
}

fn named(service: &str, node: &str) -> Result<(), EngineError> {
    if [service, node].iter().any(|n| n.is_empty() || n.len() > MAX_NAME) {
        return Err(EngineError::InvalidInput(format!(
            "the names of a service and of a topic have 1 to {MAX_NAME} letters"
        )));
    }
    Ok(())
}
