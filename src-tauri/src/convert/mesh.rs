//! Probes, incidents and the mesh, from the engine to the window.

use crate::view::{IncidentPage, InvitationView, QrCode, Stamps};
use telltale_core::correlate::Counted;
use telltale_core::model::{Incident, Invitation};

impl From<telltale_engine::Stamps> for Stamps {
    fn from(now: telltale_engine::Stamps) -> Self {
        Self {
            probes: now.probes,
            results: now.results,
            mesh: now.mesh,
            incidents: now.incidents,
            doors: now.doors,
        }
    }
}

impl From<(Invitation, String)> for InvitationView {
    fn from((invitation, line): (Invitation, String)) -> Self {
        let qr = telltale_engine::QrCode::encode(&line).ok().map(QrCode::from);
        Self { invitation, line, qr }
    }
}

impl From<((Vec<Incident>, u32), Counted)> for IncidentPage {
    fn from(((rows, total), Counted { late, forgotten }): ((Vec<Incident>, u32), Counted)) -> Self {
        Self {
            rows,
            total,
            late,
            forgotten,
        }
    }
}
