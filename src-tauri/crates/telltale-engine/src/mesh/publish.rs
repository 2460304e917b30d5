//! Results and incidents on topics (XEP-0060), where this agent is the correlator: `telltale/results` and `telltale/incidents` on the
//! service of its own server. Whoever this agent lets in may read them; it alone writes. Both are readers of the store with a cursor.

use super::desk::Joined;
use super::report::CORRELATOR;
use crate::stamps::Changed;
use crate::{Engine, EngineError};
use std::time::{Duration, Instant};
use telltale_core::model::MeshPhase;
use telltale_mesh::agent::{Access, AgentError, KEPT_ITEMS};
use tokio::time::sleep;

/// The topics.
pub(super) const RESULTS: &str = "telltale/results";
pub(super) const INCIDENTS: &str = "telltale/incidents";
/// The readers' names.
pub(super) const RESULTS_READER: &str = "mesh topic results";
pub(super) const INCIDENTS_READER: &str = "mesh topic incidents";
/// Rows that are read at once.
const ROWS: u32 = 100;
/// How soon a service that said no is asked again.
const AGAIN: Duration = Duration::from_secs(30);
/// The rest after each result that is published, by the time that it took: some servers write a whole topic anew for each item, and
/// results on their way to a store need the same server.
const REST: u32 = 4;
/// The longest of these rests.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// How often it is looked whether somebody else may read now.
const LOOK: Duration = Duration::from_secs(10);

/// Publishes what comes in, as long as the agent is there.
pub(super) async fn publish(engine: Engine, joined: Joined) {
    if joined.account.role != CORRELATOR {
        return;
    }
    loop {
        engine.until_online().await;
        match engine.publish_all(&joined).await {
            // The connection broke; it is waited for.
            Err(Stop::Agent(AgentError::Offline | AgentError::Silent(_))) | Ok(()) => {
                sleep(Duration::from_secs(1)).await;
            }
            Err(Stop::Agent(AgentError::Closed)) => return,
            Err(Stop::Agent(e)) => {
                tracing::warn!("nothing can be published at the moment: {e}");
                sleep(AGAIN).await;
            }
            Err(Stop::Store(e)) => {
                tracing::warn!("nothing can be published at the moment: {e}");
                sleep(AGAIN).await;
            }
        }
    }
}

/// Why it stopped.
enum Stop {
    Agent(AgentError),
    Store(EngineError),
}

impl From<AgentError> for Stop {
    fn from(e: AgentError) -> Self {
        Self::Agent(e)
    }
}

impl From<EngineError> for Stop {
    fn from(e: EngineError) -> Self {
        Self::Store(e)
    }
}

impl Engine {
    async fn until_online(&self) {
        let mut phase = self.inner.mesh.phase.subscribe();
        let online = phase.wait_for(|p| matches!(p, MeshPhase::Online { .. })).await;
        // The sender lives as long as the engine.
        drop(online);
    }

    async fn publish_all(&self, joined: &Joined) -> Result<(), Stop> {
        let services = joined.agent.topic_services().await?;
        let Some(service) = services.first() else {
            tracing::info!("the server keeps no topics");
            sleep(AGAIN).await;
            return Ok(());
        };
        let (mut results, mut incidents) = (self.newest_result(), self.newest_incident());
        let mut readers = None;
        loop {
            let may_read = self.readers(joined).await;
            if readers.as_ref() != Some(&may_read) {
                self.make_topics(joined, service, &may_read).await?;
                readers = Some(may_read);
            }
            results.mark_unchanged();
            incidents.mark_unchanged();
            self.publish_incidents(joined, service).await?;
            self.publish_results(joined, service).await?;
            tokio::select! {
                _ = results.changed() => {}
                _ = incidents.changed() => {}
                () = sleep(LOOK) => {}
            }
        }
    }

    /// Bare JIDs of who may read: all that are let in, as far as they are known by name.
    async fn readers(&self, joined: &Joined) -> Vec<String> {
        let agents = joined.agent.agents().await;
        let mut jids: Vec<_> = agents
            .into_iter()
            .filter(|a| a.trusted && !a.own)
            .map(|a| a.jid)
            .collect();
        if let Ok(now) = self.inner.mesh.joined() {
            let named = now.account.policy.allow.into_iter().filter(|a| !a.starts_with('*'));
            jids.extend(named);
        }
        jids.sort();
        jids.dedup();
        jids
    }

    async fn make_topics(&self, joined: &Joined, service: &str, readers: &[String]) -> Result<(), Stop> {
        let access = Access::Listed {
            publishers: Vec::new(),
            readers: readers.to_vec(),
        };
        for node in [RESULTS, INCIDENTS] {
            joined.agent.create_topic(service, node, &access).await?;
            self.inner.mesh.set_published(service, node);
        }
        self.changed(Changed::Mesh);
        Ok(())
    }

    async fn publish_results(&self, joined: &Joined, service: &str) -> Result<(), Stop> {
        let store = &self.inner.store;
        loop {
            // What the topic would not keep anyway is left out: followers who were away get what it keeps.
            let oldest = store.newest_result_seq().await?.saturating_sub(i64::from(KEPT_ITEMS));
            let from = store.cursor(RESULTS_READER).await?.max(oldest);
            let rows = store.results_after(from, ROWS).await?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            let last = *last;
            for (seq, result) in rows {
                // A flood of results, told one by one, does not keep back what they mean.
                self.publish_incidents(joined, service).await?;
                let agent = if result.agent == "local" {
                    &joined.account.jid
                } else {
                    &result.agent
                };
                let payload = super::report::as_sent(result.clone(), agent)?;
                let began = Instant::now();
                publish_one(joined, service, RESULTS, &result.id, &payload).await?;
                let took = began.elapsed();
                // Each by itself: what was published once is not published again after a kill.
                store.set_cursor(RESULTS_READER, seq).await?;
                sleep((took * REST).min(LONGEST_REST)).await;
            }
            if last == store.newest_result_seq().await? {
                return Ok(());
            }
        }
    }

    async fn publish_incidents(&self, joined: &Joined, service: &str) -> Result<(), Stop> {
        let store = &self.inner.store;
        loop {
            let rows = store
                .incident_changes_after(store.cursor(INCIDENTS_READER).await?, ROWS)
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for (seq, incident) in rows {
                let payload = serde_json::to_value(&incident).map_err(EngineError::from)?;
                publish_one(joined, service, INCIDENTS, &incident.id, &payload).await?;
                store.set_cursor(INCIDENTS_READER, seq).await?;
            }
        }
    }
}

/// Publishes one item; one that cannot be said at all is left out, so that it does not hold up all others.
async fn publish_one(
    joined: &Joined,
    service: &str,
    node: &str,
    id: &str,
    payload: &serde_json::Value,
) -> Result<(), Stop> {
    match joined.agent.publish(service, node, id, payload).await {
        Err(AgentError::Invalid(why)) => {
            tracing::warn!("{id} is not published on {node}: {why}");
            Ok(())
        }
        other => Ok(other?),
    }
}
