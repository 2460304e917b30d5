//! The hotspot that Telltale makes, and who is on a device.
//!
//! Called by the window's shell through [`Engine`]. Here is the one hotspot that the program holds, and the names of those who joined.
//! Never here: D-Bus (that is telltale-hotspot's), words for people.

mod greeter;

use crate::{Engine, EngineError};
use greeter::Greeter;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_capture::mac_text;
use telltale_core::maker_of;
use telltale_core::model::Device;
use telltale_hotspot::{
    Check, Ending, Hotspot, HotspotState, Neighbour, Network, QrCode, Suggestion, Wish, join_text, suggest,
};

/// What the engine remembers of hotspots.
#[derive(Default)]
pub(crate) struct Desk {
    /// The one that stands, or the last one until somebody asked how it ended.
    hotspot: Mutex<Option<Hotspot>>,
    greeters: Mutex<BTreeMap<String, Arc<Greeter>>>,
}

/// The hotspot as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotspotNow {
    /// Device that makes it.
    pub device: String,
    /// Name of the network.
    pub ssid: String,
    /// Password.
    pub password: String,
    /// Joins a phone that looks at it.
    pub qr: QrCode,
    /// Why it is over; `None` while it stands.
    pub ended: Option<Ending>,
}

/// Somebody on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// MAC address as `aa:bb:cc:dd:ee:ff`.
    pub mac: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The name that it gave itself, where one was heard.
    pub name: Option<String>,
    /// Maker of its network chip, where the MAC address tells.
    pub maker: Option<String>,
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shown(hotspot: &Hotspot) -> Result<HotspotNow, EngineError> {
    let wish = hotspot.wish();
    Ok(HotspotNow {
        device: wish.device.clone(),
        ssid: wish.ssid.clone(),
        password: wish.password.clone(),
        qr: QrCode::encode(&join_text(&wish.ssid, &wish.password, false))?,
        ended: match hotspot.state() {
            HotspotState::Running => None,
            HotspotState::Ended(how) => Some(how),
        },
    })
}

impl Engine {
    /// Whether this computer can make a hotspot, with a name and password to propose; changes nothing.
    pub async fn hotspot_check(&self) -> Result<(Check, Suggestion), EngineError> {
        Ok((Network::system().check().await?, suggest()?))
    }

    /// Makes a hotspot and returns when phones can join; one that stood before is ended first.
    pub async fn hotspot_start(&self, wish: &Wish) -> Result<HotspotNow, EngineError> {
        self.hotspot_stop().await?;
        let hotspot = Network::system().start(wish).await?;
        let now = shown(&hotspot)?;
        *lock(&self.inner.hotspot.hotspot) = Some(hotspot);
        Ok(now)
    }

    /// Ends the hotspot, if there is one.
    pub async fn hotspot_stop(&self) -> Result<(), EngineError> {
        let hotspot = lock(&self.inner.hotspot.hotspot).take();
        if let Some(hotspot) = hotspot {
            hotspot.stop().await?;
        }
        Ok(())
    }

    /// The hotspot that stands; or the last one, with why it ended, until [`Self::hotspot_stop`] or a new one.
    pub fn hotspot(&self) -> Result<Option<HotspotNow>, EngineError> {
        lock(&self.inner.hotspot.hotspot).as_ref().map(shown).transpose()
    }

    /// Who is on a device now. Names come from what was heard there: by the live audits of the device, and by a greeter that listens to
    /// nothing but the words with which machines introduce themselves, as long as somebody asks.
    pub fn joined(&self, device: &str) -> Result<Vec<Joined>, EngineError> {
        let neighbours = Network::neighbours(device)?;
        self.greet(device);
        Ok(together(neighbours, &self.introduced(device)))
    }

    /// Those who introduced themselves on a device so far, to the live audits or to a greeter there.
    pub(crate) fn introduced(&self, device: &str) -> Vec<Device> {
        let mut heard = Vec::new();
        for running in self.running().values() {
            let summary = Arc::clone(&running.now().summary);
            if summary.source.live.as_ref().is_some_and(|live| live.source == device) {
                heard.extend(summary.devices.iter().cloned());
            }
        }
        if let Some(greeter) = lock(&self.inner.hotspot.greeters).get(device) {
            heard.extend(greeter.devices());
        }
        heard
    }

    /// Has a greeter on a device for as long as somebody asks.
    fn greet(&self, device: &str) {
        let mut greeters = lock(&self.inner.hotspot.greeters);
        greeters.retain(|_, greeter| greeter.is_listening());
        let greeter = greeters
            .entry(device.to_owned())
            .or_insert_with(|| Greeter::start(device.to_owned()));
        greeter.asked();
    }
}

/// Those that the kernel's table has, and those that were heard; each once, by MAC address. One that has been silent for a minute
/// stays: a phone in a pocket is silent, and the table forgets who is gone for good.
fn together(neighbours: Vec<Neighbour>, heard: &[Device]) -> Vec<Joined> {
    let mut all: BTreeMap<String, Joined> = BTreeMap::new();
    for neighbour in neighbours {
        let mac = mac_text(neighbour.mac);
        let joined = Joined {
            mac: mac.clone(),
            addresses: neighbour.addresses,
            name: None,
            maker: maker_of(neighbour.mac),
        };
        all.insert(mac, joined);
    }
    for device in heard {
        let Some(mac) = &device.mac else { continue };
        let joined = all.entry(mac.clone()).or_insert_with(|| Joined {
            mac: mac.clone(),
            addresses: Vec::new(),
            name: None,
            maker: device.maker.clone(),
        });
        for address in &device.addresses {
            if !joined.addresses.contains(address) && !address.is_unspecified() {
                joined.addresses.push(*address);
            }
        }
        joined.name = device.name.clone().or(joined.name.take());
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbour(last: u8, address: &str, reachable: bool) -> Neighbour {
        Neighbour {
            mac: [0x02, 0, 0, 0, 0, last],
            addresses: vec![address.parse().unwrap()],
            reachable,
        }
    }

    fn device(mac: &str, address: &str, name: Option<&str>) -> Device {
        let mut device = serde_json::json!({
            "id": 0, "addresses": [address], "mac": mac, "mac_random": true, "maker": null, "name": name,
            "name_source": null, "because": "dhcp", "sent_bytes": 0, "received_bytes": 0, "flows": 0
        });
        if name.is_some() {
            device["name_source"] = "dhcp".into();
        }
        serde_json::from_value(device).unwrap()
    }

    #[test]
    fn a_phone_is_named_by_what_was_heard_and_listed_once() {
        let heard = [device("02:00:00:00:00:01", "10.42.0.7", Some("Annas-Phone"))];
        let all = together(
            vec![neighbour(1, "10.42.0.7", true), neighbour(2, "10.42.0.8", true)],
            &heard,
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].name.as_deref(), Some("Annas-Phone"));
        assert_eq!(all[0].addresses.len(), 1);
        assert_eq!(all[1].name, None);
    }

    #[test]
    fn a_silent_phone_stays_and_one_that_only_spoke_is_listed() {
        let heard = [device("02:00:00:00:00:03", "0.0.0.0", None)];
        let all = together(vec![neighbour(1, "10.42.0.7", false)], &heard);
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].mac, "02:00:00:00:00:03");
        assert!(all[1].addresses.is_empty());
    }
}
