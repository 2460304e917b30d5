//! The HTTP interface: a door for programs, closed until its owner opens it.
//!
//! Called by the shells through [`crate::Engine`], and by programs over HTTP/1.1. The only room that says `axum`. Whoever asks shows a
//! token; tokens are kept as digests. Results that come in go through the one door of results, with the token's name as their agent.
//! What comes in is a stranger's: it is bounded in size, rate, time and number, and checked against the schema. Never here: SQL, what a
//! result means, pages of the window, a password or token that is given back.

mod describe;
mod events;
mod gate;
mod pandore;
mod problem;
mod results;
mod routes;
mod scandale;
mod schema;
mod server;
mod token;

use crate::stamps::Changed;
use crate::{Engine, EngineError, now};
use gate::Gate;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_core::model::{HttpNow, HttpSettings};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Key of the settings table.
const SETTINGS: &str = "http";
/// Tokens at most.
const MAX_TOKENS: usize = 100;
/// Letters of a token's name, at most.
const MAX_NAME: usize = 64;

/// The interface as it stands.
#[derive(Default)]
pub(crate) struct Desk {
    standing: Arc<Mutex<Standing>>,
    gate: Arc<Gate>,
    /// The task that listens. Held while it is opened or closed.
    server: tokio::sync::Mutex<Option<Listening>>,
}

/// Where it answers, or why not.
#[derive(Clone, Default)]
struct Standing {
    url: Option<String>,
    problem: Option<String>,
}

/// The listening task; it ends when this is dropped.
struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Desk {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the door: when this returns, its port is free and every connection is closed.
    pub(crate) async fn close(&self) {
        let mut server = self.server.lock().await;
        end(server.take()).await;
        *self.standing() = Standing::default();
    }
}

async fn end(listening: Option<Listening>) {
    if let Some(mut listening) = listening {
        listening.0.abort();
        // It was told to end; how it did says nothing.
        let _ = (&mut listening.0).await;
    }
}

impl Engine {
    /// The HTTP interface as it is now.
    pub async fn http(&self) -> Result<HttpNow, EngineError> {
        let settings: HttpSettings = self.inner.store.choice(SETTINGS).await?;
        let tokens = self.inner.store.tokens().await?;
        let Standing { url, problem } = self.inner.api.standing().clone();
        let (answered, refused) = self.inner.api.gate.counts();
        Ok(HttpNow {
            settings,
            url,
            problem,
            tokens: tokens.into_iter().map(|t| t.token).collect(),
            answered,
            refused,
        })
    }

    /// Opens, closes or moves the HTTP interface. That it cannot be opened is told in the answer; it is tried again as long as it is
    /// wanted.
    pub async fn save_http(&self, settings: HttpSettings) -> Result<HttpNow, EngineError> {
        let address = address(&settings)?;
        self.inner.store.save_choice(SETTINGS, &settings).await?;
        let mut server = self.inner.api.server.lock().await;
        self.open_http(&mut server, settings.on.then_some(address)).await?;
        drop(server);
        self.changed(Changed::Doors);
        self.http().await
    }

    /// Makes a token that is let in. It is shown this once: only its digest is kept.
    pub async fn add_http_token(&self, name: &str) -> Result<String, EngineError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(EngineError::InvalidInput(format!(
                "a token's name has 1 to {MAX_NAME} letters"
            )));
        }
        if self.inner.store.tokens().await?.len() >= MAX_TOKENS {
            return Err(EngineError::InvalidInput(format!(
                "there are {MAX_TOKENS} tokens already"
            )));
        }
        let token = token::make().ok_or_else(|| EngineError::Http("the system gives no random numbers".to_owned()))?;
        if !self.inner.store.add_token(name, &token::digest(&token), now()).await? {
            return Err(EngineError::InvalidInput(format!(
                "there is a token called {name} already"
            )));
        }
        self.let_in().await?;
        self.changed(Changed::Doors);
        Ok(token)
    }

    /// Lets a token in no more, from now on.
    pub async fn remove_http_token(&self, name: &str) -> Result<(), EngineError> {
        if !self.inner.store.remove_token(name).await? {
            return Err(EngineError::InvalidInput(format!("there is no token called {name}")));
        }
        self.let_in().await?;
        self.changed(Changed::Doors);
        Ok(())
    }

    /// Opens the door if its owner wants it open; called by [`Engine::begin`].
    pub(crate) fn begin_http(&self) {
        let engine = self.clone();
        self.inner.runtime.spawn(async move {
            let mut server = engine.inner.api.server.lock().await;
            if server.is_some() {
                // Its owner was faster.
                return;
            }
            let settings: HttpSettings = engine.inner.store.choice(SETTINGS).await.unwrap_or_default();
            let opened = match address(&settings) {
                Ok(address) if settings.on => engine.open_http(&mut server, Some(address)).await,
                _ => return,
            };
            drop(server);
            if let Err(e) = opened {
                tracing::warn!("the HTTP interface cannot be opened: {e}");
            }
            engine.changed(Changed::Doors);
        });
    }

    /// Listens at this address instead of where it did, or nowhere; comes back after the first try.
    async fn open_http(&self, server: &mut Option<Listening>, at: Option<SocketAddr>) -> Result<(), EngineError> {
        let desk = &self.inner.api;
        end(server.take()).await;
        *desk.standing() = Standing::default();
        let Some(at) = at else { return Ok(()) };
        self.let_in().await?;
        let (tried, first) = oneshot::channel();
        let (engine, standing) = (Arc::downgrade(&self.inner), Arc::clone(&desk.standing));
        let listening = server::keep_open(at, engine, Arc::clone(&desk.gate), standing, tried);
        *server = Some(Listening(self.inner.runtime.spawn(listening)));
        // A task that was ended before its first try was closed again.
        let _ = first.await;
        Ok(())
    }

    /// Tells the gate who is let in.
    async fn let_in(&self) -> Result<(), EngineError> {
        self.inner.api.gate.let_in(self.inner.store.tokens().await?, now());
        Ok(())
    }
}

/// The address of the settings: loopback, of a local network, or all of this computer's.
pub(crate) fn address(settings: &HttpSettings) -> Result<SocketAddr, EngineError> {
    let ip: IpAddr = settings.address.trim().parse().map_err(|_| {
        EngineError::InvalidInput("the address is written in numbers, for example 127.0.0.1".to_owned())
    })?;
    Ok(SocketAddr::new(crate::doors::bindable(ip)?, settings.port))
}
