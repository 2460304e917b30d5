//! What a phone itself reports of its apps (Apple's App Privacy Report), as [`crate::apple`] reads it.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A phone's own report, or several of one phone put together. Nothing of it was seen in the traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppReport {
    /// Its apps, by bundle identifier.
    pub apps: Vec<ReportedApp>,
    /// How the reading went, all files together.
    pub tally: ReportTally,
}

/// What became of the lines of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReportTally {
    /// Lines that were not empty.
    pub lines: u32,
    /// Lines that could not be read: cut, damaged, too long, or with fields that cannot be.
    pub bad_lines: u32,
    /// Lines that are sound, but of a kind that this version does not know.
    pub unknown_lines: u32,
    /// Records beyond a limit of [`crate::limits`].
    pub dropped: u32,
}

/// One app of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedApp {
    /// Its bundle identifier (`org.example.app`), made safe to show.
    pub bundle: Arc<str>,
    /// Domains that it contacted, by name.
    pub domains: Vec<ReportedDomain>,
    /// What it used of the phone, by time.
    pub accesses: Vec<Access>,
}

/// One domain that an app contacted, in one context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedDomain {
    /// Host name, lower case without a dot at the end, or an address in its usual form.
    pub domain: Arc<str>,
    /// Website that was open in the app when it did.
    pub context: Option<Arc<str>>,
    /// Company that the report names behind it.
    pub owner: Option<Arc<str>>,
    /// Apple's `domainType`: 1 (true), it may profile people across apps and websites; 2 (false), Apple did not find so. `None`: not said.
    pub may_profile: Option<bool>,
    /// Who began it.
    pub initiator: Option<Initiator>,
    /// Contacts in the seven days of a report: the most that one report gives. Several weeks together had at least as many.
    pub hits: u32,
    /// First contact, by the phone's clock.
    pub first: Timestamp,
    /// Last contact, by the phone's clock.
    pub last: Timestamp,
}

/// Who began a contact, by Apple's `initiatedType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// `AppInitiated`: the app by itself.
    App,
    /// `NonAppInitiated`: the person, for example by opening a website in the app.
    Person,
}

/// One use of something that the phone guards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// What was used.
    pub category: AccessCategory,
    /// Number by which the report pairs beginning and end (a UUID), made safe to show.
    pub id: Arc<str>,
    /// For a screen recording: the app that received the picture.
    pub broadcaster: Option<Arc<str>>,
    /// When it began; `None` when that was before the report's seven days.
    pub begin: Option<Timestamp>,
    /// When it ended; `None` while it lasted.
    pub end: Option<Timestamp>,
}

/// What an app may use of a phone, by Apple's `category`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum AccessCategory {
    /// The camera.
    Camera,
    /// The contacts.
    Contacts,
    /// Where the phone is.
    Location,
    /// Music and videos.
    MediaLibrary,
    /// The microphone.
    Microphone,
    /// The photos.
    Photos,
    /// A recording of the screen.
    ScreenRecording,
    /// Something newer than this list.
    Other,
}
