//! The mesh as the window shows it: the account, agents, messages, topics.

use super::{BehaviourState, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

/// How this computer takes part. The password is never in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MeshAccount {
    /// Bare JID, `name@server`.
    pub jid: String,
    /// `host` or `host:port` where it is not what the JID's domain says.
    pub server: Option<String>,
    /// How the connection is encrypted.
    pub tls: MeshTls,
    /// Who vouches for the server.
    pub trust: MeshTrust,
    /// What this agent is in the mesh: `probe`, `correlator`, `observer`, or a word of the owner's.
    pub role: String,
    /// What it does: kinds of checks, `correlate`, `store`.
    pub duties: Vec<String>,
    /// A name for people.
    pub name: String,
    /// Whom it lets in.
    pub policy: MeshPolicy,
}

/// How the connection is encrypted; never not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MeshTls {
    /// Upgraded after the first words (RFC 6120 section 5).
    #[default]
    StartTls,
    /// From the first octet (XEP-0368).
    Direct,
}

/// Who vouches for the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum MeshTrust {
    /// The authorities that the computer trusts.
    #[default]
    System,
    /// One authority of the owner's.
    Authority {
        /// Its certificate, PEM.
        pem: String,
    },
    /// One key.
    Pin {
        /// SHA-256 of the server's public key (`SubjectPublicKeyInfo`), hex.
        sha256: String,
    },
}

/// Whom this agent lets in, and what for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct MeshPolicy {
    /// Bare JIDs, or `*@domain`, whose subscription is approved without asking. All others are asked about.
    pub allow: Vec<String>,
    /// Bare JIDs that are refused without asking.
    pub deny: Vec<String>,
    /// Members of the server's own group (shared roster) are let in without asking.
    pub roster_group: bool,
    /// Roles that are believed of agents that cannot announce them (SPADE): bare JID and role.
    pub roles: Vec<(String, String)>,
    /// Bare JIDs, or `*@domain`, of those let in who may see what this agent does: its behaviours. Empty: nobody.
    pub may_see: Vec<String>,
    /// The same of those who may run, pause, resume and break off its behaviours; they see them as well. Empty: nobody.
    pub may_control: Vec<String>,
}

/// Where the connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum MeshPhase {
    /// Not joined.
    #[default]
    Off,
    /// On the way.
    Connecting {
        /// Tries before this one.
        attempt: u32,
        /// Why the last one ended, for a person; English.
        problem: Option<String>,
        /// When it is tried again.
        next: Option<Timestamp>,
    },
    /// Joined.
    Online {
        /// Since.
        since: Timestamp,
    },
    /// It cannot be joined until the owner changes something.
    Refused {
        /// What is in the way.
        why: MeshRefusal,
        /// In words; English.
        problem: String,
    },
}

/// What keeps an agent out for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MeshRefusal {
    /// Name or password are wrong.
    Credentials,
    /// The server's certificate is not vouched for.
    Certificate,
    /// The server offers no login that keeps the password secret (SCRAM).
    NoSafeLogin,
    /// The server offers no encryption.
    NoEncryption,
    /// The account was opened elsewhere with the same resource, or the server threw it out.
    Conflict,
}

/// The mesh as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MeshNow {
    /// The account, once there is one.
    pub account: Option<MeshAccount>,
    /// Where the connection stands.
    pub phase: MeshPhase,
    /// Messages that wait until somebody who can take them appears.
    pub outbox: u32,
    /// Messages of strangers, floods, replays and malformed ones that were not let in, since the program began.
    pub refused: Vec<(String, u32)>,
    /// Where the password lies: `keyring`, or `file`.
    pub password_in: Option<String>,
}

/// How an agent says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// Wants messages (`chat`).
    Chat,
    /// There.
    Available,
    /// Away.
    Away,
    /// Away for long (`xa`).
    ExtendedAway,
    /// Busy (`dnd`).
    Busy,
    /// Not there.
    Offline,
}

/// Who sees whose presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Subscription {
    /// Nobody.
    None,
    /// We see it.
    To,
    /// It sees us.
    From,
    /// Both.
    Both,
    /// It asked, and waits for our owner's answer.
    Asks,
    /// We asked, and wait.
    Asked,
}

/// A member of the mesh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AgentNow {
    /// Bare JID.
    pub jid: String,
    /// The resource that is spoken to.
    pub resource: Option<String>,
    /// A name for people.
    pub name: String,
    /// Its role, where it announced one or the policy gives it one.
    pub role: Option<String>,
    /// What it does.
    pub duties: Vec<String>,
    /// How it says it is.
    pub show: Show,
    /// Its own words.
    pub status: String,
    /// Runs that go on there, as it says.
    pub load: Option<u32>,
    /// Its program and version.
    pub software: Option<String>,
    /// When it was last there.
    pub last_seen: Option<Timestamp>,
    /// Who sees whose presence.
    pub subscription: Subscription,
    /// Whether the policy lets it ask and report.
    pub trusted: bool,
    /// Messages from it.
    pub received: u32,
    /// Messages to it.
    pub sent: u32,
    /// This computer itself.
    pub own: bool,
}

/// A behaviour of another agent, as it tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AgentBehaviour {
    /// The probe's id there.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Kind of the check: `dns`, `tls` ...; a word of the other side's.
    pub kind: String,
    /// How it acts in time: `one_shot`, `periodic`, `cyclic`; a word of the other side's.
    pub acts: String,
    /// Where it stands.
    pub state: BehaviourState,
    /// When the next run is due.
    pub next: Option<Timestamp>,
    /// How the last run ended, if one did.
    pub last: Option<Verdict>,
    /// When the last run ended.
    pub ended: Option<Timestamp>,
    /// Runs that ended.
    pub runs: u32,
}

/// What another agent answers when it is asked what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AgentDoes {
    /// This.
    Told {
        /// Its behaviours.
        rows: Vec<AgentBehaviour>,
        /// Behaviours that it has beyond those.
        left_out: u32,
        /// It lets this agent control them.
        may_control: bool,
    },
    /// Its owner does not allow it.
    Refused,
    /// It cannot: another program, an older one, or it has not let this agent in.
    Unable,
    /// It did not answer in time.
    Silent,
    /// It is not there.
    Absent,
    /// This agent has not let it in, and asks it nothing.
    Stranger,
}

/// What may be done with a behaviour from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ControlAction {
    /// Carry it out now.
    Run,
    /// Pause it.
    Pause,
    /// Let it go on.
    Resume,
    /// Break the run off, and stop it until it is started again.
    Kill,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It came in.
    Received,
    /// It waits in the outbox.
    Waiting,
    /// It was sent, and not confirmed yet.
    Sent,
    /// The other side has it.
    Confirmed,
    /// It was given up; see `problem`.
    Failed,
}

/// A message, come in or gone out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MeshMessage {
    /// A UUID, the sender's where it gave one.
    pub id: String,
    /// Bare JID of the other side; of one to a role that nobody has yet, empty.
    pub peer: String,
    /// When it came or was made.
    pub at: Timestamp,
    /// How far it is.
    pub delivery: Delivery,
    /// FIPA performative (SC00037J): `inform`, `request` ...
    pub performative: String,
    /// What it is about: `telltale.result/1`, `telltale.control/1` ...
    pub ontology: String,
    /// Language of the body: `json`.
    pub language: String,
    /// The conversation.
    pub thread: String,
    /// The body as it is.
    pub body: String,
    /// The channel and why it was chosen (`direct to …`, `topic …`, `outbox: nobody has the role …`).
    pub channel: String,
    /// Why it failed, for a person.
    pub problem: Option<String>,
}

/// Which messages are wanted; newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct MessageQuery {
    /// From or to this bare JID.
    pub peer: Option<String>,
    /// Of this conversation.
    pub thread: Option<String>,
    /// With this performative.
    pub performative: Option<String>,
    /// With this text in them.
    pub search: String,
    /// Rows to leave out.
    pub offset: u32,
    /// Rows at most, 1 to 500.
    pub limit: u32,
}

/// A page of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MessagePage {
    /// The rows.
    pub rows: Vec<MeshMessage>,
    /// How many match in all.
    pub total: u32,
}

/// A message that a person writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DraftMessage {
    /// Bare JID.
    pub to: String,
    /// FIPA performative.
    pub performative: String,
    /// Ontology.
    pub ontology: String,
    /// The conversation; `None`: a new one.
    pub thread: Option<String>,
    /// The body: JSON.
    pub body: String,
}

/// A topic: a `PubSub` node (XEP-0060).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Topic {
    /// JID of the service.
    pub service: String,
    /// Name of the node.
    pub node: String,
    /// Whether this agent follows it.
    pub followed: bool,
    /// Whether this agent may publish there.
    pub publishes: bool,
    /// Items that came from it.
    pub items: u32,
    /// When the last one came.
    pub last: Option<Timestamp>,
}

/// One item of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TopicItem {
    /// Its id on the node.
    pub id: String,
    /// Who published it, as the service says.
    pub publisher: Option<String>,
    /// When it came.
    pub at: Timestamp,
    /// Its payload: JSON.
    pub body: String,
}

/// An invitation: one line (`telltale-mesh:…`) that brings a new agent in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Invitation {
    /// The domain of the server.
    pub domain: String,
    /// `host` or `host:port` where it is not what the domain says.
    pub server: Option<String>,
    /// How the connection is encrypted.
    pub tls: MeshTls,
    /// Who vouches for the server.
    pub trust: MeshTrust,
    /// Bare JID of who invites; the new agent subscribes to it.
    pub inviter: String,
    /// Proves to the inviter that it invited: its subscription is approved once.
    pub token: String,
    /// When the invitation ends.
    pub until: Timestamp,
}
