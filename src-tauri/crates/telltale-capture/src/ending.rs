//! How `telltale-capd` ends: its exit codes and the one line it says on stderr, for the program and its client alike.
//!
//! Never here: starting or reading it.

use serde_json::Value;

/// Why `telltale-capd` ended; each has an exit code and a word of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its stdin was closed, or nobody reads its stdout any more: what was captured until then is written.
    Stopped,
    /// It was called in a way that it does not take; no privilege was used.
    Usage,
    /// It has no right to capture (`cap_net_raw`).
    NoRights,
    /// The device is not there, is down, or went while it was read.
    DeviceGone,
    /// The filter is none.
    BadFilter,
    /// Something else failed.
    Failed,
    /// A privilege would have been left, so it read nothing.
    Privilege,
}

impl Ending {
    const ALL: [Self; 7] = [
        Self::Stopped,
        Self::Usage,
        Self::NoRights,
        Self::DeviceGone,
        Self::BadFilter,
        Self::Failed,
        Self::Privilege,
    ];

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Stopped => 0,
            Self::Usage => 2,
            Self::NoRights => 3,
            Self::DeviceGone => 4,
            Self::BadFilter => 5,
            Self::Failed => 6,
            Self::Privilege => 7,
        }
    }

    /// The word in the line on stderr.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Usage => "usage",
            Self::NoRights => "no-rights",
            Self::DeviceGone => "device-gone",
            Self::BadFilter => "bad-filter",
            Self::Failed => "failed",
            Self::Privilege => "privilege",
        }
    }

    pub(crate) fn of_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| i32::from(ending.code()) == code)
    }

    /// The line that says so: JSON with `code` and `message`, without control characters, without its newline.
    pub fn line(self, message: &str) -> String {
        serde_json::json!({ "code": self.word(), "message": plain(message) }).to_string()
    }
}

/// A library's text as one line of printable characters, of at most 500.
pub fn plain(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    text.trim().chars().take(500).collect()
}

/// The message in a line of [`Ending::line`]; of anything else, the text itself.
pub(crate) fn message_of(line: &str) -> String {
    let value: Option<Value> = serde_json::from_str(line).ok();
    let message = value.as_ref().and_then(|v| v.get("message")).and_then(Value::as_str);
    plain(message.unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_has_its_own_code_and_word() {
        for ending in Ending::ALL {
            assert_eq!(Ending::of_code(i32::from(ending.code())), Some(ending));
            assert_eq!(Ending::ALL.iter().filter(|e| e.word() == ending.word()).count(), 1);
        }
        // 1 is what Rust's own failures and 101 what its panics end with.
        assert_eq!(Ending::of_code(1), None);
        assert_eq!(Ending::of_code(101), None);
    }

    #[test]
    fn a_message_survives_as_one_line_without_control_characters() {
        let line = Ending::Failed.line("a \"quoted\"\nline\u{1b}[31m \\ \u{7f}end");
        assert!(!line.contains(char::is_control), "{line}");
        assert_eq!(message_of(&line), "a \"quoted\" line [31m \\  end");
        assert_eq!(message_of("telltale-capd: not\tfound"), "telltale-capd: not found");
        assert_eq!(plain(&"x".repeat(9_000)).len(), 500);
    }
}
