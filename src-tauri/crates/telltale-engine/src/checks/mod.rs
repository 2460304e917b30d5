//! Carrying a check out: one look at a machine, a name, a page, a path or a program, now.
//!
//! Called by the probes, and by nobody else: they know when, what was expected and what it was before. What comes back says what was
//! found and judges nothing. Everything that is read here (an answer, a certificate, a page, the output of a program) was written by
//! strangers: it is bounded, and no control character of it reaches facts or summary. Nothing is sent anywhere but where the check says.
//! Never here: the audit kind (the engine's own audits do that), schedules, the store.
//!
//! What each kind finds stands in its own module and in `telltale-core/schema/facts/<kind>.schema.json`. One rule holds for all: what
//! differs in each run by its nature (times, days left, ages) lies below the key [`MEASURED`] of the facts; a change there is no change.

use serde_json::Value;
use telltale_core::model::{Check, Limits, ProbePolicy, Timestamp};

/// The key of the facts below which everything lies that differs in each run: left out when a result is compared with the one before.
pub(crate) const MEASURED: &str = "measured";

/// What a check may use, and what time it is.
#[derive(Clone, Debug)]
pub(crate) struct CheckContext {
    /// Now: certificates are judged by it.
    pub(crate) now: Timestamp,
    /// Programs that the owner allows: name and absolute path.
    pub(crate) programs: Vec<(String, String)>,
}

impl CheckContext {
    /// What the owner of this computer allows, and now.
    pub(crate) fn new(policy: &ProbePolicy, now: Timestamp) -> Self {
        Self {
            now,
            programs: policy.programs.clone(),
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

/// Why a check could not be carried out; the text is for a person.
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

/// Says what is wrong with a check before it is ever carried out.
pub(crate) fn examine(_check: &Check) -> Result<(), Problem> {
    Ok(())
}

/// Carries a check out, within its limits. Whoever drops the future breaks the check off: nothing of it goes on, no program is left.
pub(crate) async fn carry_out(check: &Check, limits: &Limits, context: &CheckContext) -> Found {
    let _ = (limits, context);
    Found {
        problem: examine(check).err(),
        ..Found::default()
    }
}
