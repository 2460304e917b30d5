//! Rules and incidents: what results say together.

use crate::Engine;
use tokio::sync::watch;

impl Engine {
    /// Tells when an incident was opened, updated or closed: the number of that change. A reader looks into the store from its cursor on
    /// (`store::incident_changes_after`); the number may jump.
    pub(crate) fn newest_incident(&self) -> watch::Receiver<i64> {
        self.inner.newest_incident.subscribe()
    }
}
