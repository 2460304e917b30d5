//! Why a message is not let in, in one word each for the counters that people see.

/// Why a message was refused. What is refused is counted and never confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// The server did not say who sent it.
    #[error("it does not say who sent it")]
    NoSender,
    /// It has no text; not one of ours (a chat state, an event of a topic), or an empty one.
    #[error("it has no text")]
    NoBody,
    /// It is the server's answer to one of ours that could not be delivered.
    #[error("it is the answer to a message that could not be delivered")]
    Bounced,
    /// Its text is larger than [`MAX_BODY`](super::MAX_BODY).
    #[error("its text is larger than 64 kB")]
    TooLarge,
    /// Its form has too many fields, or too long ones.
    #[error("its form is too large")]
    FormTooLarge,
    /// It says that it is an envelope, and is none that we read.
    #[error("its envelope cannot be read")]
    Malformed,
    /// Its envelope is of a later version.
    #[error("its envelope is of a version that is not known")]
    Version,
    /// Its envelope names another sender than the server does.
    #[error("its envelope names another sender than the server does")]
    Forged,
    /// Its envelope is for somebody else.
    #[error("it is for somebody else")]
    NotOurs,
    /// Envelope and form say different things.
    #[error("its envelope and its form say different things")]
    Disagrees,
}

impl Refusal {
    /// One word for a counter.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoSender => "no_sender",
            Self::NoBody => "no_body",
            Self::Bounced => "bounced",
            Self::TooLarge => "too_large",
            Self::FormTooLarge => "form_too_large",
            Self::Malformed => "malformed",
            Self::Version => "version",
            Self::Forged => "forged",
            Self::NotOurs => "not_ours",
            Self::Disagrees => "disagrees",
        }
    }
}
