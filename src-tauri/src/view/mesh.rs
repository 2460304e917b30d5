//! Envelopes around probes, incidents and the mesh; their words are the core's.

use super::QrCode;
use serde::Serialize;
use specta::Type;
use telltale_core::model::{Incident, Invitation};

/// How often each has changed since the program began, modulo 2^32; a page asks again when the number of what it shows is another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct Stamps {
    /// Probes and their behaviours.
    pub probes: u32,
    /// Results.
    pub results: u32,
    /// The account, agents, messages, topics.
    pub mesh: u32,
    /// Rules and incidents.
    pub incidents: u32,
    /// The HTTP interface, and outputs.
    pub doors: u32,
}

/// An invitation, to be read out, sent or scanned.
#[derive(Clone, Debug, Serialize, Type)]
pub struct InvitationView {
    /// What it says.
    pub invitation: Invitation,
    /// The one line.
    pub line: String,
    /// The same as a QR code; `None` where it is too long for one.
    pub qr: Option<QrCode>,
}

/// A page of incidents.
#[derive(Clone, Debug, Serialize, Type)]
pub struct IncidentPage {
    /// The rows.
    pub rows: Vec<Incident>,
    /// How many match in all.
    pub total: u32,
    /// Times that a result came too late for a rule, since the program began.
    pub late: u64,
    /// Results and groups that a limit made a rule forget before their time, since the program began.
    pub forgotten: u64,
}
