//! Joining and leaving: the account, its password, the agent and what works beside it.

use super::desk::{Joined, Tasks};
use super::keeper::StoreKeeper;
use super::{check, hear, publish, report};
use crate::stamps::Changed;
use crate::store::StoredMesh;
use crate::{Engine, EngineError, now, password};
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{MeshAccount, MeshPhase, MeshPolicy, MeshRefusal, MeshTrust, Show};
use telltale_mesh::agent::{Agent, AgentConfig, AgentLimits};
use telltale_mesh::link::{self, Account, LinkError, Transport, XmppTransport};
use tokio::sync::mpsc;

/// What was heard and waits to be taken in: beyond, nothing more is read of the connection.
const HEARD: usize = 256;
/// Taking leave at most.
const LEAVE: Duration = Duration::from_secs(6);

impl Engine {
    /// Joins the mesh again, if the owner had joined when the program ended.
    pub(crate) fn begin_mesh(&self) {
        let engine = self.clone();
        self.inner.runtime.spawn(async move {
            if let Err(e) = engine.join_again().await {
                engine.refused(&e);
            }
        });
    }

    async fn join_again(&self) -> Result<(), EngineError> {
        let moving = self.inner.mesh.moves.lock().await;
        let stored = self.inner.store.mesh().await?.filter(|m| m.joined);
        // Whoever joined by hand meanwhile has joined.
        let (Some(stored), Err(_)) = (stored, self.inner.mesh.joined()) else {
            return Ok(());
        };
        let transport = self.transport(&stored, None).await?;
        self.start_agent(&stored, transport).await?;
        drop(moving);
        Ok(())
    }

    /// Says on the page why the mesh cannot be joined again: nobody waits for an answer.
    fn refused(&self, e: &EngineError) {
        tracing::warn!("the mesh cannot be joined: {e}");
        self.inner.mesh.phase.send_replace(MeshPhase::Refused {
            why: MeshRefusal::Credentials,
            problem: e.to_string(),
        });
        self.changed(Changed::Mesh);
    }

    /// Joins the mesh; with no password, the stored one is used.
    pub async fn mesh_join(&self, account: MeshAccount, password: Option<String>) -> Result<(), EngineError> {
        let moving = self.inner.mesh.moves.lock().await;
        let stored = self.new_account(account).await?;
        let transport = self.transport(&stored, password.as_deref()).await?;
        if let Some(password) = &password {
            password::keep(&self.inner.folder, &stored.account.jid, password).await?;
        }
        self.enter(stored, transport).await?;
        drop(moving);
        Ok(())
    }

    /// Makes an account on its server (in-band registration, XEP-0077), and joins.
    pub async fn mesh_register(&self, account: MeshAccount, password: String) -> Result<(), EngineError> {
        let stored = self.new_account(account.clone()).await?;
        link::register(&link_account(&stored, password.clone()))
            .await
            .map_err(of_link)?;
        self.mesh_join(account, Some(password)).await
    }

    /// Joins over any transport.
    #[cfg(test)]
    pub(super) async fn join_over(
        &self,
        account: MeshAccount,
        transport: Box<dyn Transport>,
    ) -> Result<(), EngineError> {
        let stored = self.new_account(account).await?;
        self.enter(stored, transport).await
    }

    /// Leaves the mesh; the account stays.
    pub async fn mesh_leave(&self) -> Result<(), EngineError> {
        let moving = self.inner.mesh.moves.lock().await;
        self.stop_agent().await;
        if let Some(stored) = self.inner.store.mesh().await? {
            self.inner
                .store
                .save_mesh(&StoredMesh {
                    joined: false,
                    ..stored
                })
                .await?;
        }
        drop(moving);
        Ok(())
    }

    /// Leaves the mesh; account and password are forgotten.
    pub async fn mesh_forget(&self) -> Result<(), EngineError> {
        let moving = self.inner.mesh.moves.lock().await;
        self.stop_agent().await;
        if let Some(stored) = self.inner.store.mesh().await? {
            password::forget(&self.inner.folder, &stored.account.jid).await?;
            self.inner.store.forget_mesh().await?;
        }
        self.inner.mesh.set_invitation(None);
        self.changed(Changed::Mesh);
        drop(moving);
        Ok(())
    }

    /// Stores whom this agent lets in; it counts at once.
    pub async fn mesh_save_policy(&self, policy: MeshPolicy) -> Result<(), EngineError> {
        let moving = self.inner.mesh.moves.lock().await;
        self.set_policy(|_| policy).await?;
        drop(moving);
        Ok(())
    }

    /// Changes whom this agent lets in. Call while `moves` is held.
    pub(super) async fn set_policy(&self, change: impl FnOnce(MeshPolicy) -> MeshPolicy) -> Result<(), EngineError> {
        self.change_policy(change, None).await.map(drop)
    }

    /// The same, where `invitation` is given only if one with this digest is open, which ends with it; `false`: there is none.
    pub(super) async fn change_policy(
        &self,
        change: impl FnOnce(MeshPolicy) -> MeshPolicy,
        invitation: Option<&[u8]>,
    ) -> Result<bool, EngineError> {
        let mut stored = self.inner.store.mesh().await?.ok_or_else(super::not_joined)?;
        stored.account.policy = change(stored.account.policy);
        check::account(&stored.account)?;
        let store = &self.inner.store;
        match invitation {
            None => store.save_mesh(&stored).await?,
            Some(digest) if store.save_mesh_by_invitation(&stored, digest, now()).await? => {}
            Some(_) => return Ok(false),
        }
        self.inner.mesh.set_account(&stored.account);
        if let Ok(joined) = self.inner.mesh.joined() {
            joined.agent.set_policy(stored.account.policy).await;
        }
        self.changed(Changed::Mesh);
        Ok(true)
    }

    /// The account as it will be stored, with what stands of the one before.
    async fn new_account(&self, mut account: MeshAccount) -> Result<StoredMesh, EngineError> {
        check::account(&account)?;
        account.jid = check::bare(&account.jid)?;
        if let MeshTrust::Authority { pem } = &mut account.trust {
            *pem = link::read_authority(pem.as_bytes()).map_err(of_link)?;
        }
        let before = self.inner.store.mesh().await?.filter(|m| m.account.jid == account.jid);
        let domain = account.jid.rsplit('@').next().unwrap_or_default();
        let invitation = self.inner.mesh.invitation(domain);
        let (resource, invited) = match before {
            Some(before) => (before.resource, before.invited),
            None => (resource()?, None),
        };
        let invited = invitation.map(|i| (i.inviter, i.token)).or(invited);
        // Who invites is let in: it is the one whom the new agent came for.
        if let Some((inviter, _)) = &invited
            && !account.policy.allow.contains(inviter)
        {
            account.policy.allow.push(inviter.clone());
        }
        Ok(StoredMesh {
            account,
            joined: true,
            resource,
            invited,
        })
    }

    async fn transport(&self, stored: &StoredMesh, password: Option<&str>) -> Result<Box<dyn Transport>, EngineError> {
        let password = match password {
            Some(password) => password.to_owned(),
            None => password::read(&self.inner.folder, &stored.account.jid)
                .await?
                .ok_or_else(|| EngineError::Password("no password is stored for this account".to_owned()))?,
        };
        let transport = XmppTransport::new(link_account(stored, password)).map_err(of_link)?;
        Ok(Box::new(transport))
    }

    /// Takes the place of whatever account was there.
    async fn enter(&self, stored: StoredMesh, transport: Box<dyn Transport>) -> Result<(), EngineError> {
        let before = self.inner.store.mesh().await?;
        self.stop_agent().await;
        if before.is_none_or(|b| b.account.jid != stored.account.jid) {
            // Only what is found from now on is told to this mesh.
            self.inner.store.forget_mesh().await?;
            let results = [report::READER, publish::RESULTS_READER];
            let store = &self.inner.store;
            store.begin_mesh_readers(&results, &[publish::INCIDENTS_READER]).await?;
        }
        self.inner.store.save_mesh(&stored).await?;
        self.start_agent(&stored, transport).await
    }

    async fn start_agent(&self, stored: &StoredMesh, transport: Box<dyn Transport>) -> Result<(), EngineError> {
        let account = stored.account.clone();
        let topics = self.inner.store.topics().await?;
        let follows = topics.into_iter().filter(|t| t.followed).map(|t| (t.service, t.node));
        let config = AgentConfig {
            jid: account.jid.clone(),
            name: account.name.clone(),
            role: account.role.clone(),
            duties: account.duties.clone(),
            software: format!("Telltale {}", env!("CARGO_PKG_VERSION")),
            policy: account.policy.clone(),
            invited: stored.invited.clone(),
            follows: follows.collect(),
            routes: Vec::new(),
            limits: AgentLimits::default(),
            clock: Arc::new(now),
        };
        let keeper = Arc::new(StoreKeeper::open(Arc::clone(&self.inner.store)).await?);
        let (tell, heard) = mpsc::channel(HEARD);
        self.set_phase(MeshPhase::Connecting {
            attempt: 0,
            problem: None,
            next: None,
        });
        let agent = Agent::start(config, transport, Arc::clone(&keeper) as _, tell).map_err(super::of_agent)?;
        let joined = Joined {
            agent,
            account,
            keeper,
            tasks: Arc::new(Tasks::default()),
        };
        self.inner.mesh.set_joined(Some(joined.clone()));
        let spawn = |task| joined.tasks.add(task);
        let runtime = &self.inner.runtime;
        spawn(
            runtime
                .spawn(hear::hear(self.clone(), joined.clone(), heard))
                .abort_handle(),
        );
        spawn(
            runtime
                .spawn(hear::follow_agents(self.clone(), joined.clone()))
                .abort_handle(),
        );
        spawn(
            runtime
                .spawn(hear::follow_load(self.clone(), joined.clone()))
                .abort_handle(),
        );
        spawn(
            runtime
                .spawn(report::deliver(self.clone(), joined.clone()))
                .abort_handle(),
        );
        spawn(
            runtime
                .spawn(publish::publish(self.clone(), joined.clone()))
                .abort_handle(),
        );
        spawn(
            runtime
                .spawn(super::ask::give_up(self.clone(), joined.clone()))
                .abort_handle(),
        );
        self.go_on_for_others(&joined).await
    }

    /// Takes leave, if there is anybody to take it from.
    pub(crate) async fn stop_agent(&self) {
        let Some(joined) = self.inner.mesh.set_joined(None) else {
            return self.set_phase(MeshPhase::Off);
        };
        // What was taken in meanwhile is still confirmed: else another would get it, too.
        if tokio::time::timeout(LEAVE, joined.agent.close()).await.is_err() {
            tracing::warn!("the mesh did not answer the farewell");
        }
        joined.tasks.end();
        self.set_phase(MeshPhase::Off);
    }

    pub(super) fn set_phase(&self, phase: MeshPhase) {
        self.inner.mesh.phase.send_replace(phase);
        self.changed(Changed::Mesh);
    }
}

/// How this agent says it is when it has just come.
pub(super) const SHOW: Show = Show::Available;

fn link_account(stored: &StoredMesh, password: String) -> Account {
    Account {
        jid: stored.account.jid.clone(),
        password,
        server: stored.account.server.clone(),
        tls: stored.account.tls,
        trust: stored.account.trust.clone(),
        resource: Some(stored.resource.clone()),
    }
}

/// A resource of this computer's own: a session of it that hangs is replaced by the next, and those of other computers are not.
fn resource() -> Result<String, EngineError> {
    Ok(format!("telltale-{}", &token()?[..8]))
}

/// 32 random octets, hex.
pub(super) fn token() -> Result<String, EngineError> {
    use std::fmt::Write as _;
    let mut octets = [0_u8; 32];
    let drawn = SystemRandom::new().fill(&mut octets);
    drawn.map_err(|_| EngineError::Mesh("the system gives no random numbers".to_owned()))?;
    Ok(octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    }))
}

pub(super) fn of_link(e: LinkError) -> EngineError {
    match e {
        LinkError::Invalid(what) => EngineError::InvalidInput(what),
        other => EngineError::Mesh(other.to_string()),
    }
}
