//! Makes the hotspot, waits until phones can join, watches it, ends it.
//!
//! Called through [`crate::Network`]. The hotspot hangs on its own connection to the bus: when that closes (dropped, or the program
//! dies), `NetworkManager` ends the hotspot and forgets its profile, so nothing stays behind.

use crate::bus::{ACTIVE, DEVICE, NAME, ROOT, Session, refused};
use crate::check::{self, state};
use crate::machine::Machine;
use crate::reason::{DeviceChange, ending, failure};
use crate::{Band, Ending, HotspotError, HotspotState, Wish, check_password, check_ssid};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zbus::export::futures_core::Stream;
use zbus::{MatchRule, Message, MessageStream, OwnedObjectPath, OwnedVariant, Variant, message};

/// Time for the person to answer the system's question for a password.
const PERMISSION: Duration = Duration::from_mins(2);
/// Time to come up: `NetworkManager` itself gives a supplicant 25 s.
const COME_UP: Duration = Duration::from_secs(45);
/// The device's own reason may follow the connection's.
const REASON: Duration = Duration::from_millis(500);
/// Time to go down.
const GO_DOWN: Duration = Duration::from_secs(5);

/// `NMActiveConnectionState`.
const ACTIVATED: u32 = 2;
const DEACTIVATED: u32 = 4;

/// Signals that may wait while a person is asked for a password; when more do, the bus is read no further.
const MAX_QUEUED: usize = 4_096;
/// `NM_DEVICE_STATE_REASON_NONE` and `_UNKNOWN`.
const NO_REASON: u32 = 1;

/// The answer to `AddAndActivateConnection2`: profile, active connection, more.
type Answer = (OwnedObjectPath, OwnedObjectPath, BTreeMap<String, OwnedVariant>);

/// A hotspot that runs. Dropping it ends it.
pub struct Hotspot {
    session: Session,
    active: OwnedObjectPath,
    wish: Wish,
    state: Arc<watch::Sender<HotspotState>>,
    /// [`Self::stop`] was called: whatever is said of the end, it was ours.
    stopping: Arc<AtomicBool>,
    watcher: JoinHandle<()>,
}

impl Hotspot {
    /// Name of the Wi-Fi device that it is on: the one to watch.
    pub fn device(&self) -> &str {
        &self.wish.device
    }

    /// What was asked for, with name and password.
    pub const fn wish(&self) -> &Wish {
        &self.wish
    }

    /// Where it stands.
    pub fn state(&self) -> HotspotState {
        *self.state.borrow()
    }

    /// Tells when that changes; it changes once at most.
    pub fn changes(&self) -> watch::Receiver<HotspotState> {
        self.state.subscribe()
    }

    /// Ends it, and returns when phones are no longer served.
    pub async fn stop(self) -> Result<(), HotspotError> {
        if self.state() != HotspotState::Running {
            return Ok(());
        }
        self.stopping.store(true, Ordering::Relaxed);
        let asked = self
            .session
            .call(GO_DOWN, ROOT, NAME, "DeactivateConnection", &self.active)
            .await;
        match asked {
            // One that vanished serves nobody.
            Ok(_) | Err(HotspotError::Gone | HotspotError::TimedOut) => {}
            Err(_) if self.state() != HotspotState::Running => {}
            Err(e) => return Err(e),
        }
        let mut changes = self.changes();
        // Whatever has not ended by then does when the connection is dropped.
        let _ = timeout(GO_DOWN, changes.wait_for(|s| *s != HotspotState::Running)).await;
        Ok(())
    }
}

impl Drop for Hotspot {
    fn drop(&mut self) {
        self.watcher.abort();
        end(&self.state, Ending::Stopped);
    }
}

/// Makes the hotspot and waits until it is up.
pub(crate) async fn start(session: Session, wish: &Wish, machine: &Machine) -> Result<Hotspot, HotspotError> {
    check_ssid(&wish.ssid)?;
    check_password(&wish.password)?;
    let device = check::wifi_device(&session.objects().await?, &wish.device)
        .ok_or_else(|| HotspotError::NoDevice(wish.device.clone()))?;
    let dnsmasq = machine.has_program("dnsmasq");
    // Listening begins before the call, so that no change is missed.
    let signals = listen(&session).await?;
    let (settings, options) = (settings(wish), options());
    let any = OwnedObjectPath::default();
    let body = (&settings, &device, &any, &options);
    let answer = session
        .call(PERMISSION, ROOT, NAME, "AddAndActivateConnection2", &body)
        .await?;
    let answer: Result<Answer, _> = answer.body().deserialize();
    let (_, active, _) = answer.map_err(|e| refused(&e))?;
    let mut follow = Follow {
        signals,
        owner: session.owner.to_string(),
        device,
        active: active.clone(),
        device_change: None,
    };
    come_up(&mut follow, &session, wish.band, dnsmasq).await?;
    let state = Arc::new(watch::Sender::new(HotspotState::Running));
    let stopping = Arc::new(AtomicBool::new(false));
    let (tell, ours, band) = (Arc::clone(&state), Arc::clone(&stopping), wish.band);
    let watcher = tokio::spawn(async move {
        let said = watch_until_end(&mut follow, band, dnsmasq).await;
        end(
            &tell,
            if ours.load(Ordering::Relaxed) {
                Ending::Stopped
            } else {
                said
            },
        );
    });
    Ok(Hotspot {
        session,
        active,
        wish: wish.clone(),
        state,
        stopping,
        watcher,
    })
}

/// The first end that is told stays.
fn end(state: &watch::Sender<HotspotState>, ending: Ending) {
    state.send_if_modified(|now| {
        let runs = *now == HotspotState::Running;
        if runs {
            *now = HotspotState::Ended(ending);
        }
        runs
    });
}

/// Waits until phones can join.
async fn come_up(follow: &mut Follow, session: &Session, band: Band, dnsmasq: bool) -> Result<(), HotspotError> {
    let came = timeout(COME_UP, follow.until(&[ACTIVATED, DEACTIVATED])).await;
    match came {
        Ok(Event::Connection { state: ACTIVATED, .. }) => Ok(()),
        Ok(Event::Connection { .. }) => {
            follow.settle().await;
            let reason = match follow.device_change {
                Some(change) => change.reason,
                None => session
                    .property::<(u32, u32)>(&follow.device, DEVICE, "StateReason")
                    .await
                    .map_or(0, |(_, r)| r),
            };
            Err(HotspotError::Failed(failure(reason, band, dnsmasq)))
        }
        Ok(Event::Gone) => Err(HotspotError::Gone),
        Err(_) => Err(HotspotError::TimedOut),
    }
}

async fn watch_until_end(follow: &mut Follow, band: Band, dnsmasq: bool) -> Ending {
    match follow.until(&[DEACTIVATED]).await {
        Event::Connection { reason, .. } => {
            follow.settle().await;
            ending(reason, follow.device_change, band, dnsmasq)
        }
        Event::Gone => Ending::NetworkManagerGone,
    }
}

/// The profile: WPA2 with CCMP alone, addresses and a way out for the phone.
fn settings(wish: &Wish) -> BTreeMap<&'static str, BTreeMap<&'static str, Variant<'_>>> {
    let band = match wish.band {
        Band::Ghz2 => "bg",
        Band::Ghz5 => "a",
    };
    let only = |value: &'static str| Variant::from(vec![value]);
    BTreeMap::from([
        (
            "connection",
            BTreeMap::from([
                ("id", Variant::from(wish.ssid.as_str())),
                ("type", Variant::from("802-11-wireless")),
                ("interface-name", Variant::from(wish.device.as_str())),
                ("autoconnect", Variant::from(false)),
            ]),
        ),
        (
            "802-11-wireless",
            BTreeMap::from([
                ("mode", Variant::from("ap")),
                ("ssid", Variant::from(wish.ssid.as_bytes())),
                ("band", Variant::from(band)),
            ]),
        ),
        (
            "802-11-wireless-security",
            BTreeMap::from([
                ("key-mgmt", Variant::from("wpa-psk")),
                ("psk", Variant::from(wish.password.as_str())),
                ("proto", only("rsn")),
                ("pairwise", only("ccmp")),
                ("group", only("ccmp")),
                // Protected management frames off (1): with them, drivers of common chips accept a phone and then refuse its password.
                ("pmf", Variant::from(1_i32)),
            ]),
        ),
        ("ipv4", BTreeMap::from([("method", Variant::from("shared"))])),
        // Not shared: that needs a network in front of us that delegates a prefix, which few do, and without one activation depends on
        // the version. The phone then speaks IPv4 alone through us; nothing passes by, since its only way out is this device.
        ("ipv6", BTreeMap::from([("method", Variant::from("ignore"))])),
    ])
}

/// Kept in memory, gone when it ends, and it ends with our connection to the bus.
fn options() -> BTreeMap<&'static str, Variant<'static>> {
    BTreeMap::from([
        ("persist", Variant::from("volatile")),
        ("bind-activation", Variant::from("dbus-client")),
    ])
}

/// What is told about our hotspot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The active connection is in another state, for a reason.
    Connection { state: u32, reason: u32 },
    /// `NetworkManager` left the bus, or the bus is gone.
    Gone,
}

/// Signals about states, and about who has `NetworkManager`'s name.
struct Signals {
    states: MessageStream,
    owners: MessageStream,
}

async fn listen(session: &Session) -> Result<Signals, HotspotError> {
    let signal = || MatchRule::builder().msg_type(message::Type::Signal);
    let states = signal().sender(session.owner.as_str()).member("StateChanged").build();
    let owners = signal()
        .sender("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .arg(0, NAME)
        .build();
    let (states, owners) = (states.map_err(|e| refused(&e))?, owners.map_err(|e| refused(&e))?);
    let (connection, queued) = (&session.connection, NonZeroUsize::new(MAX_QUEUED));
    Ok(Signals {
        states: MessageStream::for_match_rule(states, connection, queued)
            .await
            .map_err(|e| refused(&e))?,
        owners: MessageStream::for_match_rule(owners, connection, queued)
            .await
            .map_err(|e| refused(&e))?,
    })
}

/// Follows one device and one active connection.
struct Follow {
    signals: Signals,
    owner: String,
    device: OwnedObjectPath,
    active: OwnedObjectPath,
    /// The last change of the device that had a reason, since it began or was up.
    device_change: Option<DeviceChange>,
}

impl Follow {
    /// Waits until the connection is in one of the `wanted` states, or `NetworkManager` is gone.
    async fn until(&mut self, wanted: &[u32]) -> Event {
        loop {
            match self.next().await {
                Some(Event::Connection { state, .. }) if !wanted.contains(&state) => {}
                Some(event) => return event,
                None => {}
            }
        }
    }

    /// Waits a moment for the device's own reason, where it was not told yet.
    async fn settle(&mut self) {
        let _ = timeout(REASON, async {
            while self.device_change.is_none() && self.next().await != Some(Event::Gone) {}
        })
        .await;
    }

    /// Takes one signal; `None` when it says nothing about our connection. What it says of the device is remembered.
    async fn next(&mut self) -> Option<Event> {
        let Signals { states, owners } = &mut self.signals;
        tokio::select! {
            // What was said before a restart comes before the restart.
            biased;
            message = next(states) => match message {
                Some(message) => self.note(&message),
                None => Some(Event::Gone),
            },
            message = next(owners) => {
                let owner = message.and_then(|m| m.body().deserialize::<(String, String, String)>().ok());
                owner.is_none_or(|(_, _, new)| new != self.owner).then_some(Event::Gone)
            },
        }
    }

    fn note(&mut self, message: &Message) -> Option<Event> {
        let header = message.header();
        let (path, interface) = (header.path()?.as_str(), header.interface()?.as_str());
        if path == self.active.as_str() && interface == ACTIVE {
            let (state, reason) = message.body().deserialize().ok()?;
            return Some(Event::Connection { state, reason });
        }
        if path == self.device.as_str() && interface == DEVICE {
            let (state, _, reason): (u32, u32, u32) = message.body().deserialize().ok()?;
            let change = DeviceChange { state, reason };
            match state {
                // What the device did before was about another network.
                state::PREPARE | state::ACTIVATED => self.device_change = None,
                _ if reason > NO_REASON || state <= state::UNAVAILABLE => self.device_change = Some(change),
                _ => {}
            }
        }
        None
    }
}

/// The next message of a stream; `None` when the bus is gone.
async fn next(stream: &mut MessageStream) -> Option<Message> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await?.ok()
}
