//! Carrying a check out: one look at a machine, a name, a page, a path or a program, now.
//!
//! Called by the probes, and by nobody else: they know when, what was expected and what it was before. What comes back says what was
//! found and judges nothing. Everything that is read here (an answer, a certificate, a page, the output of a program) was written by
//! strangers: it is bounded, and no control character of it reaches facts or summary. Nothing is sent anywhere but where the check says.
//! Never here: the audit kind (the engine's own audits do that), schedules, the store.
//!
//! What each kind finds stands in its own module and in `telltale-core/schema/facts/<kind>.schema.json`. One rule holds for all: what
//! differs in each run by its nature (times, days left, ages) lies below the key [`MEASURED`] of the facts; a change there is no change.

mod certificate;
mod command;
mod dns;
mod examine;
mod group;
mod http;
mod nmap;
mod output;
mod page;
mod ping;
mod place;
mod reachability;
mod resolver;
mod route;
mod tampering;
#[cfg(test)]
mod tests;
mod text;
mod tls;
mod trust;

use serde_json::Value;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
pub(crate) use telltale_core::facts::MEASURED;
use telltale_core::model::{Check, Limits, ProbePolicy, Timestamp};
use tokio::time::{Instant, timeout_at};
pub(crate) use trust::Authorities;

/// A check keeps its own time, and tells what it saw until then; after so long it is broken off from outside. A computer under load takes a
/// moment to tell.
const GRACE: Duration = Duration::from_secs(3);

/// What a check may use, and what time it is.
#[derive(Clone, Debug)]
pub(crate) struct CheckContext {
    /// Now: certificates are judged by it.
    now: Timestamp,
    /// Programs that the owner allows: name and absolute path.
    programs: Vec<(String, String)>,
    /// Whom to believe; `None`: as this computer does.
    authorities: Option<Authorities>,
    /// What `tampering` takes for this computer's resolver, whom it compares it with, and where it expects nobody.
    system_resolver: String,
    compared_with: Vec<String>,
    nobody: SocketAddr,
}

impl CheckContext {
    /// What the owner of this computer allows, and now.
    pub(crate) fn new(policy: &ProbePolicy, now: Timestamp) -> Self {
        Self {
            now,
            programs: policy.programs.clone(),
            authorities: None,
            system_resolver: "system".to_owned(),
            compared_with: tampering::PUBLIC_RESOLVERS.map(str::to_owned).to_vec(),
            nobody: SocketAddr::new(IpAddr::V4(tampering::NOBODY), 53),
        }
    }

    async fn authorities(&self) -> Result<Authorities, Problem> {
        match &self.authorities {
            Some(authorities) => Ok(authorities.clone()),
            None => Authorities::load().await,
        }
    }
}

/// What was found. It holds no verdict: who asked knows what was expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// What the kind says, an object; also what was found before a problem ended the check. `Null`: nothing.
    pub(crate) facts: Value,
    /// One sentence of plain English; without a control character.
    pub(crate) summary: String,
    /// Exit code of a program.
    pub(crate) exit_code: Option<i32>,
    /// What kept the check from being carried out.
    pub(crate) problem: Option<Problem>,
}

impl Found {
    fn of(facts: Value, summary: String) -> Self {
        Self {
            facts,
            summary,
            exit_code: None,
            problem: None,
        }
    }

    /// What was seen of a check that could not be carried out to its end.
    fn with_problem(facts: Value, problem: Problem) -> Self {
        Self {
            problem: Some(problem),
            ..Self::of(facts, String::new())
        }
    }

    /// Strangers' texts made harmless, all of it bounded; a problem has its sentence.
    fn tame(mut self) -> Self {
        self.facts = text::facts(self.facts);
        if let (true, Some(problem)) = (self.summary.is_empty(), &self.problem) {
            self.summary = format!("It could not be carried out: {problem}.");
        }
        self.summary = text::sentence(&self.summary);
        self.problem = self.problem.map(|p| p.map(|said| text::sentence(&said)));
        self
    }
}

/// Why a check could not be carried out; the text is for a person, and ends without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// The check itself is wrong: a value out of its range.
    #[error("{0}")]
    Invalid(String),
    /// The owner of this computer, or its system, does not allow it.
    #[error("{0}")]
    NotAllowed(String),
    /// It was tried and did not work.
    #[error("{0}")]
    Failed(String),
    /// It took longer than its limit.
    #[error("{0}")]
    TimedOut(String),
}

impl Problem {
    fn map(self, to: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Invalid(said) => Self::Invalid(to(said)),
            Self::NotAllowed(said) => Self::NotAllowed(to(said)),
            Self::Failed(said) => Self::Failed(to(said)),
            Self::TimedOut(said) => Self::TimedOut(to(said)),
        }
    }
}

/// Says what is wrong with a check before it is ever carried out: a value out of its range. Asks nobody, opens nothing.
pub(crate) fn examine(check: &Check) -> Result<(), Problem> {
    examine::examine(check).map_err(Problem::Invalid)
}

/// Carries a check out, within its limits. Whoever drops the future breaks the check off: nothing of it goes on, no program is left.
pub(crate) async fn carry_out(check: &Check, limits: &Limits, context: &CheckContext) -> Found {
    let until = Instant::now() + Duration::from_secs(u64::from(limits.timeout_s));
    let found = match examine(check) {
        Ok(()) => timeout_at(until + GRACE, look(check, limits, context, until)).await,
        Err(problem) => Ok(Err(problem)),
    };
    let too_long = |_| Err(Problem::TimedOut(format!("it took longer than {} s", limits.timeout_s)));
    let found = found.unwrap_or_else(too_long);
    found
        .unwrap_or_else(|problem| Found::with_problem(Value::Null, problem))
        .tame()
}

async fn look(check: &Check, limits: &Limits, context: &CheckContext, until: Instant) -> Result<Found, Problem> {
    match check {
        Check::Audit { .. } => Err(Problem::Invalid("an audit is not carried out as a check".to_owned())),
        Check::Reachability { host, how, attempts } => reachability::look(host, *how, *attempts, until).await,
        Check::Dns {
            name,
            record,
            resolvers,
        } => dns::look(name, record, resolvers, until).await,
        Check::Tls {
            host,
            port,
            server_name,
            warn_days,
        } => {
            let authorities = context.authorities().await?;
            let server = (host.as_str(), *port, server_name.as_deref());
            tls::look(server, *warn_days, (&authorities, context.now), until).await
        }
        Check::Http { url, method, headers } => {
            let address = page::address(url).map_err(Problem::Invalid)?;
            let most = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
            http::look(url, (&address, method, headers), most, context, until).await
        }
        Check::Trace { host, max_hops } => route::look(host, *max_hops, until).await,
        Check::Tampering {
            portal_url,
            dns_name,
            dns_expected,
            tls_host,
            tls_pin,
        } => {
            let wanted = tampering::Wanted {
                portal_url: portal_url.as_deref(),
                dns_name: dns_name.as_deref(),
                dns_expected,
                tls_host: tls_host.as_deref(),
                tls_pin: tls_pin.as_deref(),
            };
            tampering::look(&wanted, context, until).await
        }
        Check::Command {
            program,
            args,
            target,
            parser,
        } => command::look((program, args, target), parser, limits, &context.programs, until).await,
    }
}
