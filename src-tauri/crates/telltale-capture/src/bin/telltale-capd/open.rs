//! The device: opened, filtered, and asked whether it is still there.

use crate::End;
use crate::arguments::Request;
use pcap::{Active, Capture, Error, Precision};
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, SocketType, netdevice::name_to_index, socket};
use std::fs;
use std::thread::sleep;
use std::time::Duration;
use telltale_capture::{Ending, link_type_of};

/// The kernel's buffer.
const RING: i32 = 64 << 20;
/// How long the kernel may hold back packets to hand them over together.
///
/// libpcap's immediate mode would hold back none, but it means `TPACKET_V2`: slots of a fixed size, each as large as the snap length, of
/// which 64 MiB has 256 at most. A read time-out means `TPACKET_V3`: blocks that packets fill one after the other, in which the same memory
/// has room for more than 60,000 of a thousand octets. Measured over a veth pair on a busy machine of two cores, 1,500,000 packets of
/// 430 octets on average, libpcap 1.10.3, 64 MiB, snap length 262,144: immediate mode at 163,000 packets a second lost 376,732 of
/// them; a time-out of 10 ms at 200,000 lost none. A single packet reaches the reader after 7 ms (median), 20 ms at most.
pub(crate) const HOLD: Duration = Duration::from_millis(10);
/// `IFF_UP` (linux/if.h).
const UP: u32 = 1;
/// A filter that takes nothing, whatever the link.
const NOTHING: &str = "greater 4294967295";

/// An opened device.
pub(crate) struct Device {
    pub(crate) capture: Capture<Active>,
    pub(crate) link_type: u16,
    /// Packets that the kernel counted before the filter was set.
    pub(crate) before: u32,
    name: String,
    index: u32,
    /// Any socket: the kernel answers questions about devices through one.
    asking: OwnedFd,
}

/// Opens the device of the request: the one act that needs the privilege.
pub(crate) fn device(request: &Request) -> Result<Device, End> {
    let asking =
        socket(AddressFamily::UNIX, SocketType::DGRAM, None).map_err(|e| End::new(Ending::Failed, e.to_string()))?;
    let gone = || End::new(Ending::DeviceGone, format!("there is no device {}", request.device));
    let index = name_to_index(&asking, &request.device).map_err(|_| gone())?;
    let snap_len = i32::try_from(request.snap_len).unwrap_or(i32::MAX);
    // The read time-out with TPACKET_V3's blocks, not libpcap's immediate mode: see SECURITY.md, "The ring".
    let capture = Capture::from_device(request.device.as_str())
        .map_err(|e| failed(&e))?
        .snaplen(snap_len)
        .promisc(request.promiscuous)
        .buffer_size(RING)
        .timeout(i32::try_from(HOLD.as_millis()).unwrap_or(1))
        .precision(Precision::Nano)
        .open()
        .and_then(Capture::setnonblock);
    let capture = match capture {
        Ok(capture) => capture,
        Err(_) if name_to_index(&asking, &request.device).is_err() => return Err(gone()),
        Err(error) if said(&error).contains(" up") => {
            return Err(End::new(
                Ending::DeviceGone,
                format!("the device {} is down", request.device),
            ));
        }
        Err(error) => return Err(failed(&error)),
    };
    let link_type = link_type_of(capture.get_datalink().0)
        .ok_or_else(|| End::new(Ending::Failed, "the device's link type is not known"))?;
    Ok(Device {
        capture,
        link_type,
        before: 0,
        name: request.device.clone(),
        index,
        asking,
    })
}

impl Device {
    /// Sets the filter. The device has been delivering since it was opened: those packets are taken out and their number is kept, so
    /// that afterwards the kernel's counts are those of the filter alone.
    pub(crate) fn filtered(mut self, filter: Option<&str>) -> Result<Self, End> {
        let Some(filter) = filter.filter(|f| !f.trim().is_empty()) else {
            return Ok(self);
        };
        let compiled = self.capture.compile(filter, true).map(drop);
        compiled.map_err(|e| End::new(Ending::BadFilter, said(&e)))?;
        self.capture.filter(NOTHING, false).map_err(|e| failed(&e))?;
        // A block that is being filled is handed over within `HOLD`.
        for _ in 0..2 {
            sleep(HOLD * 2);
            while self.capture.next_packet().is_ok() {}
        }
        self.before = self.capture.stats().map_err(|e| failed(&e))?.received;
        self.capture
            .filter(filter, true)
            .map_err(|e| End::new(Ending::BadFilter, said(&e)))?;
        Ok(self)
    }

    /// Whether the device went, was replaced by another of its name, or is down.
    pub(crate) fn gone(&self) -> Option<&'static str> {
        if name_to_index(&self.asking, &self.name) != Ok(self.index) {
            return Some("the device is gone");
        }
        // The name was checked: it holds no slash. In a network namespace without its own sysfs, the file is of another device or
        // not there: then libpcap's word alone counts.
        let of = |file: &str| fs::read_to_string(format!("/sys/class/net/{}/{file}", self.name)).unwrap_or_default();
        let same = of("ifindex").trim().parse() == Ok(self.index);
        let flags = u32::from_str_radix(of("flags").trim().trim_start_matches("0x"), 16);
        (same && flags.is_ok_and(|flags| flags & UP == 0)).then_some("the device is down")
    }
}

pub(crate) fn failed(error: &Error) -> End {
    End::new(Ending::Failed, said(error))
}

/// libpcap's own words.
pub(crate) fn said(error: &Error) -> String {
    match error {
        Error::PcapError(text) => text.clone(),
        other => other.to_string(),
    }
}
