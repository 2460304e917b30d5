//! The command line, as clap reads it; the doc comments are the help text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;
use telltale_report::Language;

/// Tells whom a phone talked to, from a network capture.
///
/// Exit codes: 0 done (a damaged file is read up to its damage, which is told on stderr); 1 a result could not be written;
/// 2 wrong command line; 3 the input cannot be opened or is no capture, or the configuration is wrong; 4 the network device or the
/// right to look at its packets is missing.
#[derive(Parser)]
#[command(version, name = "telltale-cli")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Reads a capture file and says whom the devices in it talked to.
    Audit(AuditTask),
    /// Says what is known of names and addresses, without any capture and without asking the network.
    Lookup(LookupTask),
    /// Lists the network devices of this computer, the one that most likely carries a phone first.
    Devices(DevicesTask),
    /// Watches a network device while packets pass it, and says whom the phones on it talk to. Ends with Ctrl-C.
    Watch(WatchTask),
    /// Carries out probes and takes part in the mesh of agents until it is told to end: for a server or a small computer without a
    /// window.
    ///
    /// Everything is said in one file (below is an example). It carries out the file's probes, keeps what they find in the data folder,
    /// follows the file's rules, joins the mesh if the file says so, and obeys other agents as far as the file allows, which is not at
    /// all at first. What happens is told on stderr, a line each. SIGTERM and Ctrl-C end it: runs that go on are broken off and
    /// said to be so, the mesh is told farewell, and the next start goes on where this one ended.
    #[command(after_long_help = AGENT_HELP)]
    Agent(AgentTask),
}

/// The example that `agent --help` shows, word for word.
const AGENT_HELP: &str = concat!("An example of the file:\n\n", include_str!("../agent.example.toml"));

/// `audit`.
#[derive(Args)]
pub(crate) struct AuditTask {
    /// The capture: pcap or pcapng, plain, gzip- or zstd-packed.
    pub(crate) file: PathBuf,
    /// Writes the whole audit as JSON (schema telltale.audit/1); - is stdout.
    #[arg(long, value_name = "OUT")]
    pub(crate) json: Option<PathBuf>,
    /// Writes the servers as CSV; - is stdout.
    #[arg(long, value_name = "OUT")]
    pub(crate) csv: Option<PathBuf>,
    /// Writes a page that a layperson understands; - is stdout.
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
    /// Address of an audited device, instead of finding out; may be repeated.
    #[arg(long = "device", value_name = "ADDR")]
    pub(crate) devices: Vec<IpAddr>,
    /// Language of the page and of the summary.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
    /// Also computes the SHA-256 of the file, which seals the report to it.
    #[arg(long)]
    pub(crate) sha256: bool,
}

/// `lookup`.
#[derive(Args)]
pub(crate) struct LookupTask {
    /// Names, web addresses or IP addresses.
    #[arg(required = true, value_name = "NAME-OR-ADDRESS")]
    pub(crate) queries: Vec<String>,
    /// Prints a JSON array in the order asked.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `devices`.
#[derive(Args)]
pub(crate) struct DevicesTask {
    /// Prints a JSON array.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `watch`.
#[derive(Args)]
pub(crate) struct WatchTask {
    /// The network device, as `devices` names it.
    pub(crate) device: String,
    /// Looks at these packets alone: a BPF expression, as tcpdump and Wireshark take it.
    #[arg(long, value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// Ends by itself after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) duration: Option<u32>,
    /// Keeps the packets as a pcapng file.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Writes the whole audit as JSON (schema telltale.audit/1) when it ends; - is stdout, which then holds nothing else.
    #[arg(long, value_name = "OUT")]
    pub(crate) json: Option<PathBuf>,
    /// Language of the summary.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
}

/// `agent`.
#[derive(Args)]
pub(crate) struct AgentTask {
    /// The file that says everything (TOML).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Only looks whether the file is right, starts nothing and changes nothing.
    #[arg(long)]
    pub(crate) check: bool,
    /// How much the engine says of itself on stderr: nothing but errors, also warnings (the default), notes, or every detail. The variable
    /// `TELLTALE_LOG` says the same. Passwords and tokens are never among it.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) log: Option<LogLevel>,
}

/// How much the engine says of itself.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum LogLevel {
    /// What failed.
    Error,
    /// Also what may be wrong, or waits.
    #[default]
    Warn,
    /// Also what was decided, such as whom a message is sent to.
    Info,
    /// Also what is of use for looking for faults.
    Debug,
}

impl LogLevel {
    /// What `TELLTALE_LOG` says; not set, the default.
    pub(crate) fn from_environment() -> Result<Self, String> {
        match std::env::var("TELLTALE_LOG") {
            Ok(word) => Self::from_str(word.trim(), true).map_err(|_| {
                format!(
                    "TELLTALE_LOG is error, warn, info or debug, not `{}`",
                    word.escape_debug()
                )
            }),
            Err(_) => Ok(Self::default()),
        }
    }
}

/// Languages of texts.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Fr => Self::Fr,
        }
    }
}
