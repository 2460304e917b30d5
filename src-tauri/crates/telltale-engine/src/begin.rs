//! What the engine does by itself, and that it begins only when it is told to.
//!
//! The window and the agent call [`Engine::begin`] once after opening; terminal audits and tests do not, and stay quiet. Never here: what
//! a start does.

use crate::Engine;

impl Engine {
    /// Starts what works by itself: behaviours, and whatever else is on. Call once, inside a tokio runtime; it comes back at once.
    pub fn begin(&self) {
        // One line for each room that has something to start.
        self.begin_probes();
        self.begin_mesh();
        self.begin_http();
        self.begin_outputs();
        self.begin_incidents();
    }
}
