//! The way into the mesh: the account that is made first where the file wants it, the invitation, and what a refusal means.
//!
//! That the server cannot be reached is no failure: it is tried again. A file whose account was never let in is wrong, and the agent ends;
//! one that was let in before may have met a server in trouble, so its probes go on, and what they find waits.

use super::config::MeshWish;
use super::settle::{self, failed};
use crate::Failure;
use std::path::Path;
use telltale_core::model::{MeshAccount, MeshPhase, MeshRefusal};
use telltale_engine::Engine;

/// The way of one configuration.
pub(super) struct Entry<'a> {
    data: &'a Path,
    wish: &'a MeshWish,
    account: MeshAccount,
    /// Nothing more is to be looked after: it was let in, or waits for its owner.
    is_over: bool,
    /// The server was asked for the account after it had refused it.
    asked_again: bool,
}

impl<'a> Entry<'a> {
    /// Joins the mesh as the configuration says.
    pub(super) async fn begin(engine: &Engine, data: &'a Path, wish: &'a MeshWish) -> Result<Self, Failure> {
        let mut made = settle::read(data);
        let mut account = wish.account.clone();
        if let Some(line) = &wish.invitation {
            // An invitation ends after a day; what it said is kept, so that the agent starts with the same line afterwards.
            if made.invited.as_ref().is_none_or(|(before, _)| before != line) {
                let read = engine.mesh_read_invitation(line).await;
                let said = read.map_err(|e| Failure::Input(format!("this invitation cannot be taken: {e}")))?;
                made.invited = Some((line.clone(), said));
            }
            if let Some((_, invitation)) = made.invited.as_ref().filter(|_| !wish.own_way) {
                account.server.clone_from(&invitation.server);
                account.tls = invitation.tls;
                account.trust = invitation.trust.clone();
            }
        }
        let entry = Self {
            data,
            wish,
            account,
            is_over: false,
            asked_again: false,
        };
        let registers = wish.register && made.registered.as_ref() != Some(&entry.account.jid);
        match if registers {
            entry.register(engine).await
        } else {
            Ok(false)
        } {
            Ok(true) => {}
            Ok(false) => entry.join(engine).await?,
            Err(why) => {
                eprintln!("telltale-cli: the account was not made, perhaps because it is there: {why}");
                entry.join(engine).await?;
            }
        }
        // Not before: an invitation is brought when the account joins for the first time.
        let invited = made.invited;
        let mut made = settle::read(data);
        made.invited = invited;
        settle::write(data, &made)?;
        Ok(entry)
    }

    async fn join(&self, engine: &Engine) -> Result<(), Failure> {
        let password = Some(self.wish.password.0.clone());
        let joined = engine.mesh_join(self.account.clone(), password).await;
        joined.map_err(|e| Failure::Input(format!("the mesh cannot be joined: {e}")))
    }

    /// Makes the account and joins with it; else says why not.
    async fn register(&self, engine: &Engine) -> Result<bool, String> {
        let registered = engine.mesh_register(self.account.clone(), self.wish.password.0.clone());
        registered.await.map_err(|e| e.to_string())?;
        let mut made = settle::read(self.data);
        made.registered = Some(self.account.jid.clone());
        // Not known at the next start, it is asked for again, and is there.
        let _ = settle::write(self.data, &made);
        Ok(true)
    }

    /// Looks where the mesh stands; fails where this configuration lets nobody in.
    pub(super) async fn look(&mut self, engine: &Engine) -> Result<(), Failure> {
        if self.is_over {
            return Ok(());
        }
        let (why, problem) = match engine.mesh().await.map_err(failed)?.phase {
            MeshPhase::Online { .. } => return self.came_in(),
            MeshPhase::Refused { why, problem } => (why, problem),
            MeshPhase::Off | MeshPhase::Connecting { .. } => return Ok(()),
        };
        let made = settle::read(self.data);
        let mut hint = String::new();
        // The server may not have been there when the account was to be made.
        let unmade = self.wish.register && made.registered.as_ref() != Some(&self.account.jid);
        if why == MeshRefusal::Credentials && unmade && !self.asked_again {
            self.asked_again = true;
            match self.register(engine).await {
                Ok(_) => return Ok(()),
                Err(why) => hint = format!("; the account was not made either: {why}"),
            }
        }
        if made.joined.as_ref() == Some(&self.account.jid) {
            eprintln!(
                "telltale-cli: probes go on; what they find waits until the agent is started with what the server accepts"
            );
            self.is_over = true;
            return Ok(());
        }
        Err(Failure::Input(format!(
            "the mesh cannot be joined as {}: {problem}{hint}. Change the file, then start the agent again",
            self.account.jid
        )))
    }

    fn came_in(&mut self) -> Result<(), Failure> {
        self.is_over = true;
        let mut made = settle::read(self.data);
        made.joined = Some(self.account.jid.clone());
        settle::write(self.data, &made)
    }
}
