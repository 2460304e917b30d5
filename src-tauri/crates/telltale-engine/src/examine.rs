//! Whether what an owner wants can be taken: the same looks as when it is stored, without an engine and without touching anything.
//!
//! For a configuration that is only to be checked. Never here: a rule of what may be, which each room has for its own.

use crate::{EngineError, api, mesh, outputs, probes};
use telltale_core::model::{HttpSettings, MeshAccount, Output, Probe, ProbePolicy};

/// An account of the mesh.
pub fn account(account: &MeshAccount) -> Result<(), EngineError> {
    mesh::check_account(account)
}

/// A probe.
pub fn probe(probe: &Probe) -> Result<(), EngineError> {
    probes::examine(probe)
}

/// What an owner allows.
pub fn policy(policy: &ProbePolicy) -> Result<(), EngineError> {
    probes::examine_policy(policy)
}

/// Where results and incidents are sent on.
pub fn output(output: &Output) -> Result<(), EngineError> {
    outputs::check(output)
}

/// Where the HTTP interface listens.
pub fn http(settings: &HttpSettings) -> Result<(), EngineError> {
    api::address(settings).map(drop)
}
