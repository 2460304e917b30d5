//! What the engine says of itself while the agent works, warnings above all: a line each on stderr, where systemd's journal finds it.
//!
//! Only Telltale's own rooms are written down: what libraries below say is for their makers, and may hold what nobody should read.

use crate::Failure;
use crate::args::LogLevel;
use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What the targets of Telltale's own rooms begin with.
const OURS: &str = "telltale_";
/// Letters of a line at most: others choose parts of it.
const MAX_LINE: usize = 2_000;

/// Begins to write down what the engine says, as far as `asked` (else `TELLTALE_LOG`) wants it.
pub(super) fn begin(asked: Option<LogLevel>) -> Result<(), Failure> {
    let level = match asked {
        Some(level) => level,
        None => LogLevel::from_environment().map_err(Failure::Usage)?,
    };
    let most = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    };
    let lines = Lines {
        most,
        journal: is_journal(),
    };
    tracing::subscriber::set_global_default(lines).map_err(|e| Failure::Output(e.to_string()))
}

/// Whether stderr leads into systemd's journal (systemd.exec(5), `JOURNAL_STREAM`).
fn is_journal() -> bool {
    let Some(told) = std::env::var_os("JOURNAL_STREAM") else {
        return false;
    };
    let stderr = std::fs::metadata("/proc/self/fd/2");
    stderr.is_ok_and(|m| told == *format!("{}:{}", m.dev(), m.ino()))
}

/// Writes a line for each event.
struct Lines {
    most: Level,
    journal: bool,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.most && metadata.target().starts_with(OURS)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most.into())
    }

    fn event(&self, event: &Event<'_>) {
        let mut said = Said(String::new());
        event.record(&mut said);
        let line = line(*event.metadata().level(), &said.0, self.journal);
        // Who reads it may be gone.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    // No span is enabled, so none of these is called.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What an event says: its message, and its fields behind.
struct Said(String);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

/// One line, whatever a stranger put into it; for the journal with its priority (sd-daemon(3)).
fn line(level: Level, said: &str, journal: bool) -> String {
    let (priority, word) = match level {
        Level::ERROR => (3, "error"),
        Level::WARN => (4, "warning"),
        Level::INFO => (6, "note"),
        _ => (7, "detail"),
    };
    let plain = said.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let plain: String = plain.take(MAX_LINE).collect();
    if journal {
        format!("<{priority}>telltale-cli: {word}: {plain}")
    } else {
        format!("telltale-cli: {word}: {plain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_is_said() {
        let said = "from \u{1b}[31mred\nand <3>more";
        assert_eq!(
            line(Level::WARN, said, false),
            "telltale-cli: warning: from \u{fffd}[31mred\u{fffd}and <3>more"
        );
        assert!(line(Level::ERROR, said, true).starts_with("<3>telltale-cli: error: "));
        let long = line(Level::INFO, &"é".repeat(5_000), false);
        assert_eq!(long.chars().count(), "telltale-cli: note: ".len() + MAX_LINE);
    }
}
