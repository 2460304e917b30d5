//! What can keep an agent from doing what its owner asks.

/// Why it was not done; plain English, for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The link does not stand.
    #[error("the mesh cannot be reached at the moment")]
    Offline,
    /// The agent has ended.
    #[error("this computer has left the mesh")]
    Closed,
    /// It is not there, or not seen.
    #[error("{0} is not there")]
    Absent(String),
    /// The owner's policy does not let it in.
    #[error("{0} is not let in by the owner's rules")]
    Stranger(String),
    /// The other side did not answer in time.
    #[error("{0} did not answer")]
    Silent(String),
    /// The other side does not allow it; its words, or the condition of RFC 6120.
    #[error("{0}")]
    Forbidden(String),
    /// The other side said no for another reason; its words, or the condition of RFC 6120.
    #[error("{0}")]
    Refused(String),
    /// What was asked cannot be said in XMPP: an address, a node, a body that is too large.
    #[error("{0}")]
    Invalid(String),
    /// Too many questions wait for an answer.
    #[error("too many questions wait for an answer")]
    Busy,
    /// What must be remembered cannot be stored.
    #[error("{0}")]
    Store(String),
}

impl From<crate::KeeperError> for AgentError {
    fn from(e: crate::KeeperError) -> Self {
        Self::Store(e.to_string())
    }
}
