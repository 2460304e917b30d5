//! Listens on a device to the words with which machines introduce themselves (DHCP, multicast DNS), so that a phone can be greeted
//! by its name before any audit runs.
//!
//! Keeps nothing on the disk, and ends by itself when nobody asks any more. Without the right to capture there are no names.

use crate::read::{Came, Intake};
use crate::tables::atlas;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use telltale_capture::{Capd, CapdRequest, CaptureFile};
use telltale_core::audit::{Audit, AuditOptions};
use telltale_core::model::Device;

/// How machines introduce themselves: DHCP (RFC 2131), `DHCPv6` (RFC 8415), multicast DNS (RFC 6762).
const INTRODUCTIONS: &str = "udp port 67 or udp port 68 or udp port 546 or udp port 547 or udp port 5353";
/// Without a question for so long it ends; the window asks once a second.
const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(250);
/// Introductions of one listening at most: a stranger could introduce himself without end.
const MAX_INTRODUCTIONS: u64 = 100_000;

/// One listener.
pub(super) struct Greeter {
    devices: Mutex<Vec<Device>>,
    asked: Mutex<Instant>,
    listening: AtomicBool,
}

impl Greeter {
    /// Starts to listen on a thread of its own.
    pub(super) fn start(device: String) -> Arc<Self> {
        let greeter = Arc::new(Self {
            devices: Mutex::default(),
            asked: Mutex::new(Instant::now()),
            listening: AtomicBool::new(true),
        });
        let mine = Arc::clone(&greeter);
        std::thread::spawn(move || {
            listen(device, &mine);
            // Without rights or device it stays listed until the patience is over, so that it is not started anew at each question.
            while !mine.is_forgotten() {
                std::thread::sleep(BEAT);
            }
            mine.listening.store(false, Ordering::Relaxed);
        });
        greeter
    }

    /// Somebody asks.
    pub(super) fn asked(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// It still listens (or waits before it is tried again).
    pub(super) fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    fn is_forgotten(&self) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.elapsed() > PATIENCE
    }

    /// Who introduced himself so far.
    pub(super) fn devices(&self) -> Vec<Device> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn listen(device: String, greeter: &Greeter) {
    let request = CapdRequest {
        device,
        snap_len: None,
        promiscuous: false,
        filter: Some(INTRODUCTIONS.to_owned()),
    };
    let (mut output, capd) = match Capd::spawn(&request) {
        Ok(started) => started,
        Err(e) => {
            tracing::info!("nobody on {} can be greeted by name: {e}", request.device);
            return;
        }
    };
    output.set_beat(BEAT);
    if let Ok(mut file) = CaptureFile::from_reader(output, 0) {
        let options = AuditOptions {
            keep_evidence: false,
            ..AuditOptions::default()
        };
        let mut audit = Audit::new(options, atlas());
        let mut intake = Intake::default();
        while !greeter.is_forgotten() && intake.packets < MAX_INTRODUCTIONS {
            let until = intake.packets + 1;
            let came = intake.take(&mut file, &mut audit, |_, _, _| {}, |_, packets| packets >= until);
            if matches!(came, Came::Enough) {
                *greeter.devices.lock().unwrap_or_else(PoisonError::into_inner) = audit.summary().devices;
            }
            if matches!(came, Came::End | Came::Broken(_)) {
                break;
            }
        }
    }
    capd.wait();
}
