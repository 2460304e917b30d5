//! `NetworkManager`'s numbered reasons, turned into what a person can act on.
//!
//! Called by [`crate::start`]; pure. The numbers are those of `NMDeviceStateReason` and `NMActiveConnectionStateReason`.

use crate::{Band, Cause, Ending, Failure, check::state};

/// A change of the device's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeviceChange {
    /// `NMDeviceState` now.
    pub(crate) state: u32,
    /// `NMDeviceStateReason`.
    pub(crate) reason: u32,
}

/// Why an activation failed. `dnsmasq` says whether that program was found.
pub(crate) fn failure(reason: u32, band: Band, dnsmasq: bool) -> Failure {
    let cause = match reason {
        // Configuration failed, supplicant disconnected, refused its configuration, failed, timed out; the network never appeared.
        4 | 8..=11 | 53 if band == Band::Ghz5 => Cause::Band5Refused,
        4 | 8..=11 | 53 => Cause::AccessPointRefused,
        // No addresses, sharing could not begin, sharing failed.
        5 | 6 | 18 | 19 if !dnsmasq => Cause::DnsmasqMissing,
        5 | 6 | 18 | 19 => Cause::SharingFailed,
        35 => Cause::FirmwareMissing,
        // No longer managed, removed, asleep.
        3 | 36 | 37 => Cause::DeviceGone,
        // Its profile was removed, the user asked, another one was activated.
        38 | 39 | 60 => Cause::Interrupted,
        _ => Cause::Other,
    };
    Failure { cause, reason }
}

/// Why a hotspot that ran is over: by what the active connection said, and what the device said last.
pub(crate) fn ending(connection_reason: u32, device: Option<DeviceChange>, band: Band, dnsmasq: bool) -> Ending {
    match device {
        Some(DeviceChange { reason: 37, .. }) => return Ending::Sleep,
        Some(DeviceChange {
            reason: 38 | 39 | 60, ..
        }) => return Ending::ByUser,
        // Pulled out; or Wi-Fi was switched off, or something else looks after the device now.
        Some(
            DeviceChange { reason: 36, .. }
            | DeviceChange {
                state: state::UNMANAGED | state::UNAVAILABLE,
                ..
            },
        ) => {
            return Ending::DeviceGone;
        }
        _ => {}
    }
    match connection_reason {
        2 | 11 => Ending::ByUser,
        14 => Ending::DeviceGone,
        _ => Ending::Failed(failure(device.map_or(0, |d| d.reason), band, dnsmasq)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_become_causes() {
        let cases = [
            (10, Band::Ghz2, true, Cause::AccessPointRefused),
            (11, Band::Ghz5, true, Cause::Band5Refused),
            (18, Band::Ghz2, true, Cause::SharingFailed),
            (18, Band::Ghz5, false, Cause::DnsmasqMissing),
            (5, Band::Ghz2, false, Cause::DnsmasqMissing),
            (35, Band::Ghz2, true, Cause::FirmwareMissing),
            (36, Band::Ghz2, true, Cause::DeviceGone),
            (60, Band::Ghz2, true, Cause::Interrupted),
            (0, Band::Ghz2, true, Cause::Other),
            (u32::MAX, Band::Ghz5, false, Cause::Other),
        ];
        for (reason, band, dnsmasq, cause) in cases {
            assert_eq!(failure(reason, band, dnsmasq), Failure { cause, reason });
        }
    }

    #[test]
    fn endings_are_told_apart() {
        let said = |state, reason| Some(DeviceChange { state, reason });
        let end = |connection, device| ending(connection, device, Band::Ghz2, true);
        assert_eq!(end(2, None), Ending::ByUser);
        assert_eq!(end(3, said(110, 39)), Ending::ByUser);
        assert_eq!(end(3, said(110, 60)), Ending::ByUser);
        assert_eq!(end(3, said(30, 37)), Ending::Sleep);
        assert_eq!(end(3, said(20, 0)), Ending::DeviceGone);
        assert_eq!(end(14, None), Ending::DeviceGone);
        let failed = |cause, reason| Ending::Failed(Failure { cause, reason });
        assert_eq!(end(3, said(120, 19)), failed(Cause::SharingFailed, 19));
        assert_eq!(end(0, None), failed(Cause::Other, 0));
    }
}
