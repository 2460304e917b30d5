//! What is known of agents while they are away, and how many messages went between them and us.

use crate::EngineError;
use crate::store::{Store, small};
use sqlx::Row;
use std::collections::BTreeMap;
use telltale_core::model::{AgentNow, Timestamp};

/// Agents remembered at most; the one that was not seen for longest is forgotten.
const MAX_AGENTS: i64 = 2_000;

/// An agent as it is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownAgent {
    /// When it was last there.
    pub(crate) last_seen: Option<Timestamp>,
    /// Messages from it, and to it.
    pub(crate) traffic: Traffic,
    /// As it last was.
    pub(crate) last: Option<AgentNow>,
}

/// Messages from an agent, and to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// From it.
    pub(crate) received: u32,
    /// To it.
    pub(crate) sent: u32,
}

impl Store {
    /// All that are remembered, by bare JID.
    pub(crate) async fn known_agents(&self) -> Result<BTreeMap<String, KnownAgent>, EngineError> {
        let rows = sqlx::query("SELECT jid, last_seen_ns, received, sent, json FROM mesh_agents")
            .fetch_all(&self.read)
            .await?;
        let known = rows.iter().map(|row| {
            let json: Option<String> = row.get(4);
            let known = KnownAgent {
                last_seen: row.get::<Option<i64>, _>(1).map(Timestamp),
                traffic: Traffic {
                    received: small(row.get(2)),
                    sent: small(row.get(3)),
                },
                last: json.map(|json| serde_json::from_str(&json)).transpose()?,
            };
            Ok((row.get(0), known))
        });
        known.collect()
    }

    /// Remembers agents as they are.
    pub(crate) async fn save_agents(&self, agents: &[AgentNow]) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for agent in agents {
            sqlx::query(
                "INSERT INTO mesh_agents (jid, last_seen_ns, json) VALUES (?1, ?2, ?3)
                 ON CONFLICT (jid) DO UPDATE SET last_seen_ns = coalesce(?2, last_seen_ns), json = ?3",
            )
            .bind(&agent.jid)
            .bind(agent.last_seen.map(|at| at.0))
            .bind(serde_json::to_string(agent)?)
            .execute(&mut *all)
            .await?;
        }
        sqlx::query(
            "DELETE FROM mesh_agents WHERE jid NOT IN
               (SELECT jid FROM mesh_agents ORDER BY last_seen_ns DESC NULLS LAST LIMIT ?)",
        )
        .bind(MAX_AGENTS)
        .execute(&mut *all)
        .await?;
        all.commit().await?;
        Ok(())
    }

    /// Forgets one.
    pub(crate) async fn forget_agent(&self, jid: &str) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM mesh_agents WHERE jid = ?")
            .bind(jid)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Counts messages.
    pub(crate) async fn count_traffic(&self, of: &BTreeMap<String, Traffic>) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for (jid, traffic) in of {
            sqlx::query(
                "INSERT INTO mesh_agents (jid, received, sent) VALUES (?1, ?2, ?3)
                 ON CONFLICT (jid) DO UPDATE SET received = received + ?2, sent = sent + ?3",
            )
            .bind(jid)
            .bind(traffic.received)
            .bind(traffic.sent)
            .execute(&mut *all)
            .await?;
        }
        all.commit().await?;
        Ok(())
    }
}
