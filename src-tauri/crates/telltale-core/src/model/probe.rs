//! Probes: what is checked, when, and what is expected of it.

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// A scheduled check. JSON form: `schema/probe.schema.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Probe {
    /// A UUID, the same on every agent that carries it.
    pub id: String,
    /// Grows by one with each change; the first is 1.
    pub revision: u32,
    /// What its owner calls it, 1 to 200 characters.
    pub name: String,
    /// What is checked.
    pub check: Check,
    /// How it acts in time.
    pub behaviour: Behaviour,
    /// What happens to runs that were due while the computer slept or the program was off.
    pub missed: Missed,
    /// What happens when a run is due while the last one still goes on.
    pub overlap: Overlap,
    /// How long and how large a run may become.
    pub limits: Limits,
    /// What the result should say; `None`: it is only noted, and changes are told.
    pub expected: Option<Expectation>,
    /// Who carries it out.
    pub runs_on: RunsOn,
    /// `false`: paused by its owner.
    pub enabled: bool,
}

/// What a probe checks. Never a shell's line: each kind has typed parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Check {
    /// Watches a network device, or reads a capture file, and judges it as an audit.
    Audit {
        /// Where the packets come from.
        source: AuditSource,
        /// For so long, seconds, 1 to 86,400; a file is read to its end.
        seconds: u32,
    },
    /// Can a machine be reached.
    Reachability {
        /// Name or address.
        host: String,
        /// By what.
        how: Reach,
        /// Tries, 1 to 20.
        attempts: u32,
    },
    /// Do several resolvers say the same of a name.
    Dns {
        /// The name.
        name: String,
        /// `A`, `AAAA`, `CNAME`, `MX`, `TXT`, `NS`, `CAA`, `HTTPS`.
        record: String,
        /// `system`, or an address with or without a port; 1 to 16.
        resolvers: Vec<String>,
    },
    /// Whom does a TLS server say it is.
    Tls {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// Name asked for (SNI) where it is not `host`.
        server_name: Option<String>,
        /// A certificate that ends within so many days is told.
        warn_days: u32,
    },
    /// What does a page or an interface answer.
    Http {
        /// `http://` or `https://`.
        url: String,
        /// `GET` or `HEAD`.
        method: String,
        /// Request headers, name and value.
        headers: Vec<(String, String)>,
    },
    /// Over which routers do packets go.
    Trace {
        /// Name or address.
        host: String,
        /// Routers at most, 1 to 64.
        max_hops: u32,
    },
    /// Is traffic from here tampered with: captive portal, rewritten DNS, intercepted TLS.
    Tampering {
        /// A page of known, empty answer (status 204) over clear-text HTTP; `None`: not asked.
        portal_url: Option<String>,
        /// A name with known addresses; `None`: not asked.
        dns_name: Option<String>,
        /// The addresses that `dns_name` should have; empty: resolvers are compared.
        dns_expected: Vec<String>,
        /// A TLS server `host` or `host:port`; `None`: not asked.
        tls_host: Option<String>,
        /// SHA-256 of its public key (`SubjectPublicKeyInfo`), hex; `None`: the public authorities decide, and changes are told.
        tls_pin: Option<String>,
    },
    /// Runs a program of this machine, if its owner allowed that program.
    Command {
        /// Absolute path, or a name that the owner's list resolves.
        program: String,
        /// Its arguments, each as it is: no shell reads them. `{target}` stands for the target.
        args: Vec<String>,
        /// What is checked, for people and for `{target}`.
        target: String,
        /// How its output is read.
        parser: OutputParser,
    },
}

/// Where an audit of a probe gets its packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum AuditSource {
    /// A network device of the machine.
    Device {
        /// Its name.
        device: String,
    },
    /// A capture file of the machine.
    File {
        /// Its path.
        path: String,
    },
}

/// How reachability is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Reach {
    /// Echo request (RFC 792, RFC 4443).
    Icmp,
    /// A TCP connection, closed at once.
    Tcp {
        /// Port.
        port: u16,
    },
    /// A UDP datagram; silence is told as silence.
    Udp {
        /// Port.
        port: u16,
    },
}

/// How the output of a program becomes facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum OutputParser {
    /// One JSON value.
    Json,
    /// Lines of text.
    #[default]
    Lines,
    /// A regular expression with named groups.
    Regex {
        /// The expression.
        pattern: String,
    },
    /// What `nmap -oX -` writes.
    NmapXml,
}

/// How a probe acts in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Behaviour {
    /// Once.
    OneShot {
        /// At this time; `None`: when a person says so.
        at: Option<Timestamp>,
    },
    /// Every so often.
    Periodic {
        /// By period or by calendar.
        every: Every,
    },
    /// Again and again: a pause after each end.
    Cyclic {
        /// Pause, seconds, 1 to 31,536,000.
        pause_s: u32,
    },
}

/// The rhythm of a periodic probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Every {
    /// A period.
    Period {
        /// Seconds from begin to begin, 1 to 31,536,000.
        period_s: u32,
    },
    /// Times of the day.
    Calendar {
        /// Days of the week, Monday 1 to Sunday 7; empty: every day.
        weekdays: Vec<u32>,
        /// Times of the day, `HH:MM`, 1 to 48.
        times: Vec<String>,
        /// IANA name of the time zone; `None`: the computer's.
        zone: Option<String>,
    },
}

/// What happens to runs that were missed (sleep, program off).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They are counted and left out.
    Skip,
    /// One run makes up for all of them.
    #[default]
    Once,
}

/// What happens when a run is due while another goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is counted and left out.
    #[default]
    Skip,
    /// One run waits in the mailbox until the other has ended.
    Wait,
}

/// Bounds of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Limits {
    /// Seconds after which it is broken off, 1 to 86,400.
    pub timeout_s: u32,
    /// Octets of an answer or output that are read, 1 to 16,777,216.
    pub output_bytes: u32,
    /// Memory of a program, megabytes (10^6 octets), 1 to 65,536.
    pub memory_mb: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout_s: 30,
            output_bytes: 1_000_000,
            memory_mb: 256,
        }
    }
}

/// What a result should say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Expectation {
    /// JSON pointer (RFC 6901) into the facts of the result.
    pub field: String,
    /// What must hold there.
    pub test: ValueTest,
}

/// A test of one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ValueTest {
    /// The same value.
    Equals {
        /// Which.
        value: serde_json::Value,
    },
    /// A number below this one.
    Below {
        /// Which.
        #[cfg_attr(feature = "specta", specta(type = i32))]
        number: f64,
    },
    /// A number above this one.
    Above {
        /// Which.
        #[cfg_attr(feature = "specta", specta(type = i32))]
        number: f64,
    },
    /// A text with this in it, or a list with this text among it.
    Contains {
        /// Which.
        text: String,
    },
    /// The same as in the result before.
    Unchanged,
}

/// Who carries a probe out. Never an address: a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum RunsOn {
    /// This computer.
    #[default]
    Here,
    /// One agent with this role that can do the kind of check, chosen anew for each run.
    Role {
        /// The role.
        role: String,
    },
    /// Every agent with this role.
    EveryAgent {
        /// The role.
        role: String,
    },
}

/// Where a behaviour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum BehaviourState {
    /// Until its next run.
    Waiting,
    /// A run goes on.
    Running,
    /// By its owner; nothing runs until it is resumed.
    Paused,
    /// Its owner broke it off; nothing runs until it is started again.
    Killed,
    /// It has nothing more to do.
    Finished,
}

/// A probe with its behaviour as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BehaviourNow {
    /// The probe.
    pub probe: Probe,
    /// Where it stands.
    pub state: BehaviourState,
    /// When the next run is due.
    pub next: Option<Timestamp>,
    /// Since when the present run goes on.
    pub running_since: Option<Timestamp>,
    /// Runs that ended, since the probe was made.
    pub runs: u32,
    /// Runs that were missed (sleep, program off) and left out.
    pub missed: u32,
    /// Runs that were left out because another went on.
    pub overlapped: u32,
    /// Requests that wait in its mailbox.
    pub mailbox: u32,
    /// Which messages reach its mailbox: metadata, name and value (SPADE's template).
    pub template: Vec<(String, String)>,
    /// How the last run ended, if one did.
    pub last: Option<ProbeResult>,
    /// What keeps it from running (a program that is not allowed, a role that nobody has), for a person.
    pub problem: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It says what was expected, or nothing was expected.
    Expected,
    /// It says something else than was expected.
    Unexpected,
    /// The check could not be carried out.
    Failed,
    /// It took too long.
    TimedOut,
    /// A person broke it off.
    Killed,
}

/// Where a result came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ResultVia {
    /// A probe of this computer.
    Here,
    /// An agent of the mesh.
    Mesh,
    /// An HTTP POST.
    Http,
}

/// One result. JSON form: `schema/result.schema.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ProbeResult {
    /// A UUID: a result that comes twice is counted once.
    pub id: String,
    /// UUID of its probe.
    pub probe: String,
    /// The probe's name at that time.
    pub probe_name: String,
    /// Kind of the check (`reachability`, `dns` ...), or what a stranger's item says of itself.
    pub kind: String,
    /// Who carried it out: bare JID, or `local`.
    pub agent: String,
    /// What was checked, for people.
    pub target: String,
    /// When it was due.
    pub due: Timestamp,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How it ended.
    pub verdict: Verdict,
    /// Exit code of a program.
    pub exit_code: Option<i32>,
    /// Why it failed, for a person; English.
    pub problem: Option<String>,
    /// One sentence of plain words that says what was found; English.
    pub summary: String,
    /// What is different from the result before of the same probe and agent: JSON pointers into `facts`.
    pub changed: Vec<String>,
    /// What was found, as the kind says (`schema/result.schema.json`).
    pub facts: serde_json::Value,
    /// Where it came in.
    pub via: ResultVia,
}

/// Which results are wanted; newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct ResultQuery {
    /// Of this probe.
    pub probe: Option<String>,
    /// Of this agent.
    pub agent: Option<String>,
    /// Of this target.
    pub target: Option<String>,
    /// With this verdict.
    pub verdict: Option<Verdict>,
    /// Only those that changed something.
    pub changed: bool,
    /// Ended at or after.
    pub from: Option<Timestamp>,
    /// Ended before.
    pub until: Option<Timestamp>,
    /// With this text in name, target, agent or summary.
    pub search: String,
    /// Rows to leave out.
    pub offset: u32,
    /// Rows at most, 1 to 500.
    pub limit: u32,
}

/// A page of results.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ResultPage {
    /// The rows.
    pub rows: Vec<ProbeResult>,
    /// How many match in all.
    pub total: u32,
    /// Results that are no longer kept, whatever was asked: the limits of their number and age removed them.
    pub removed: u32,
}

/// What the owner of this computer allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct ProbePolicy {
    /// Programs that `command` probes may run: name and absolute path. Empty: none (the default).
    pub programs: Vec<(String, String)>,
    /// Kinds of checks that agents of the mesh may ask this computer for.
    pub remote_kinds: Vec<String>,
}
