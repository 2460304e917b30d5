//! Who is in the mesh, and what people say to them by hand.

use super::report::draft;
use super::{check, of_agent};
use crate::stamps::Changed;
use crate::{Engine, EngineError};
use telltale_core::model::{AgentNow, DraftMessage, MessagePage, MessageQuery, Show, Subscription};
use telltale_mesh::Destination;
use uuid::Uuid;

impl Engine {
    /// Everybody who is known in the mesh, this computer first.
    pub async fn agents(&self) -> Result<Vec<AgentNow>, EngineError> {
        let mut known = self.inner.store.known_agents().await?;
        let mut agents = match self.inner.mesh.joined() {
            Ok(joined) => joined.agent.agents().await,
            Err(_) => Vec::new(),
        };
        for agent in &mut agents {
            let Some(before) = known.remove(&agent.jid) else {
                continue;
            };
            agent.received = before.traffic.received;
            agent.sent = before.traffic.sent;
            agent.last_seen = agent.last_seen.max(before.last_seen);
            if let Some(last) = before.last {
                agent.role = agent.role.take().or(last.role);
                agent.software = agent.software.take().or(last.software);
                if agent.duties.is_empty() {
                    agent.duties = last.duties;
                }
            }
        }
        let away = known.into_values().filter_map(|k| {
            Some(AgentNow {
                received: k.traffic.received,
                sent: k.traffic.sent,
                last_seen: k.last_seen,
                ..away(k.last?)
            })
        });
        agents.extend(away);
        Ok(agents)
    }

    /// Asks an agent to let this one see its presence.
    pub async fn subscribe(&self, jid: &str) -> Result<(), EngineError> {
        let jid = check::bare(jid)?;
        self.inner
            .mesh
            .joined()?
            .agent
            .subscribe(&jid)
            .await
            .map_err(of_agent)?;
        self.changed(Changed::Mesh);
        Ok(())
    }

    /// Wants to see no more of an agent, and shows it nothing more.
    pub async fn unsubscribe(&self, jid: &str) -> Result<(), EngineError> {
        let jid = check::bare(jid)?;
        self.inner
            .mesh
            .joined()?
            .agent
            .unsubscribe(&jid)
            .await
            .map_err(of_agent)?;
        self.inner.store.forget_agent(&jid).await?;
        self.changed(Changed::Mesh);
        Ok(())
    }

    /// Answers an agent that asked. Who is let see this one is let in, and stands in the owner's rules from now on; so does who is not.
    pub async fn answer_subscription(&self, jid: &str, yes: bool) -> Result<(), EngineError> {
        let jid = check::bare(jid)?;
        let joined = self.inner.mesh.joined()?;
        let moving = self.inner.mesh.moves.lock().await;
        self.set_policy(|mut policy| {
            let (to, from) = if yes {
                (&mut policy.allow, &mut policy.deny)
            } else {
                (&mut policy.deny, &mut policy.allow)
            };
            from.retain(|j| *j != jid);
            if !to.contains(&jid) {
                to.push(jid.clone());
            }
            policy
        })
        .await?;
        drop(moving);
        joined.agent.answer(&jid, yes).await.map_err(of_agent)?;
        self.changed(Changed::Mesh);
        Ok(())
    }

    /// A page of messages, newest first.
    pub async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, EngineError> {
        self.inner.store.messages(query).await
    }

    /// Sends a message that a person wrote; it waits in the outbox while the other side is away.
    pub async fn send_message(&self, message: DraftMessage) -> Result<(), EngineError> {
        let body = check::draft(&message)?;
        let joined = self.inner.mesh.joined()?;
        let thread = message.thread.unwrap_or_else(|| Uuid::new_v4().to_string());
        let said = draft(&message.performative, &message.ontology, &thread, body);
        let to = Destination::Agent(check::bare(&message.to)?);
        self.tell(&joined, vec![(said, to)]).await
    }
}

/// An agent that is remembered, as one who is not there.
fn away(last: AgentNow) -> AgentNow {
    AgentNow {
        resource: None,
        show: Show::Offline,
        status: String::new(),
        load: None,
        subscription: match last.subscription {
            Subscription::Asks => Subscription::None,
            other => other,
        },
        ..last
    }
}
