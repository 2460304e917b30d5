//! The door to `NetworkManager`: what the engine holds.

use crate::bus::{Address, NAME, ROOT, Session};
use crate::machine::Machine;
use crate::start::{Hotspot, start};
use crate::{Check, HotspotError, Neighbour, WhyNot, Wish, check, neighbours};
use std::collections::BTreeMap;
use std::path::Path;

/// `NetworkManager` of this computer. Holds no connection: each question opens its own.
#[derive(Clone, Debug)]
pub struct Network {
    address: Address,
    machine: Machine,
}

impl Network {
    /// On the system's bus (`DBUS_SYSTEM_BUS_ADDRESS` names another).
    pub fn system() -> Self {
        Self {
            address: Address::System,
            machine: Machine::at(Path::new("/")),
        }
    }

    /// On the bus at a D-Bus address, with the system's files below `root`: for tests.
    pub fn at(address: &str, root: &Path) -> Self {
        Self {
            address: Address::At(address.to_owned()),
            machine: Machine::at(root),
        }
    }

    /// Says whether this computer can make a hotspot. Changes nothing and asks nobody. That there is no `NetworkManager` is an
    /// answer, not an error.
    pub async fn check(&self) -> Result<Check, HotspotError> {
        let none = || Check {
            why: vec![WhyNot::NoNetworkManager],
            ..Check::default()
        };
        let session = match Session::open(&self.address).await {
            Err(HotspotError::NoNetworkManager) => return Ok(none()),
            other => other?,
        };
        let objects = match session.objects().await {
            Err(HotspotError::Gone) => return Ok(none()),
            other => other?,
        };
        // Without an answer nothing is known to be forbidden; starting will say.
        let permissions = session.ask(ROOT, NAME, "GetPermissions", &()).await;
        let permissions: Option<BTreeMap<String, String>> = permissions.ok().and_then(|m| m.body().deserialize().ok());
        Ok(check::judge(&objects, &permissions.unwrap_or_default(), &self.machine))
    }

    /// Makes a hotspot, and returns when phones can join. The system may ask the person for a password meanwhile. Breaking this off
    /// (dropping the future) ends what was begun.
    pub async fn start(&self, wish: &Wish) -> Result<Hotspot, HotspotError> {
        start(Session::open(&self.address).await?, wish, &self.machine).await
    }

    /// Who is on the network of a device now, as far as the kernel has spoken with them.
    pub fn neighbours(device: &str) -> Result<Vec<Neighbour>, HotspotError> {
        neighbours::of(device)
    }
}
