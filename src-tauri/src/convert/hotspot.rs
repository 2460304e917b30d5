//! The hotspot: the engine's types <-> the window's.

use crate::view::{HotspotCheck, HotspotDevice, HotspotView, HotspotWish, Joined, QrCode, WhyNot};
use telltale_engine as engine;

impl From<engine::WhyNot> for WhyNot {
    fn from(why: engine::WhyNot) -> Self {
        match why {
            engine::WhyNot::NoNetworkManager => Self::NoNetworkManager,
            engine::WhyNot::NetworkingOff => Self::NetworkingOff,
            engine::WhyNot::NoWifi => Self::NoWifi,
            engine::WhyNot::NotManaged => Self::NotManaged,
            engine::WhyNot::WifiOff => Self::WifiOff,
            engine::WhyNot::HardwareSwitch => Self::HardwareSwitch,
            engine::WhyNot::NotReady => Self::NotReady,
            engine::WhyNot::NoAccessPointMode => Self::NoAccessPointMode,
            engine::WhyNot::OnlyWifiIsInUse => Self::OnlyWifiIsInUse,
            engine::WhyNot::NotAllowed => Self::NotAllowed,
            engine::WhyNot::NoDnsmasq => Self::NoDnsmasq,
            engine::WhyNot::NoUpstream => Self::NoUpstream,
        }
    }
}

impl From<engine::HotspotDevice> for HotspotDevice {
    fn from(device: engine::HotspotDevice) -> Self {
        Self {
            name: device.name,
            product: device.product,
            access_point: device.access_point,
            band5: device.band5,
            connected_to: device.connected_to,
        }
    }
}

impl From<(engine::Check, engine::Suggestion)> for HotspotCheck {
    fn from((check, suggestion): (engine::Check, engine::Suggestion)) -> Self {
        Self {
            possible: check.possible,
            devices: check.devices.into_iter().map(Into::into).collect(),
            why: check.why.into_iter().map(Into::into).collect(),
            ssid: suggestion.ssid,
            password: suggestion.password,
        }
    }
}

impl From<HotspotWish> for engine::Wish {
    fn from(wish: HotspotWish) -> Self {
        Self {
            device: wish.device,
            ssid: wish.ssid,
            password: wish.password,
            band: if wish.band5 {
                engine::Band::Ghz5
            } else {
                engine::Band::Ghz2
            },
        }
    }
}

impl From<engine::QrCode> for QrCode {
    fn from(code: engine::QrCode) -> Self {
        Self {
            size: u32::try_from(code.size).unwrap_or_default(),
            modules: code.modules,
        }
    }
}

impl From<engine::HotspotNow> for HotspotView {
    fn from(now: engine::HotspotNow) -> Self {
        Self {
            device: now.device,
            ssid: now.ssid,
            password: now.password,
            qr: now.qr.into(),
            ready: now.ended.is_none(),
            ended: now.ended.map(|how| ending(how).to_owned()),
        }
    }
}

/// The window's key for an ending.
const fn ending(how: engine::Ending) -> &'static str {
    match how {
        engine::Ending::Stopped => "stopped",
        engine::Ending::ByUser => "by_user",
        engine::Ending::DeviceGone => "device_gone",
        engine::Ending::Sleep => "sleep",
        engine::Ending::NetworkManagerGone => "network_manager_gone",
        engine::Ending::Failed(_) => "failed",
    }
}

/// The window's key for why there is no hotspot.
pub(crate) const fn cause(error: &engine::HotspotError) -> &'static str {
    use engine::{Cause, HotspotError};
    match error {
        HotspotError::NoNetworkManager => "no_network_manager",
        HotspotError::TooOld => "too_old",
        HotspotError::NoDevice(_) => "no_device",
        HotspotError::NotAllowed => "not_allowed",
        HotspotError::Wish(_) => "wish",
        HotspotError::TimedOut => "timed_out",
        HotspotError::Gone => "gone",
        HotspotError::Refused(_) | HotspotError::System(_) => "refused",
        HotspotError::Failed(failure) => match failure.cause {
            Cause::AccessPointRefused => "access_point_refused",
            Cause::Band5Refused => "band5_refused",
            Cause::DnsmasqMissing => "dnsmasq_missing",
            Cause::SharingFailed => "sharing_failed",
            Cause::FirmwareMissing => "firmware_missing",
            Cause::DeviceGone => "device_gone",
            Cause::Interrupted => "interrupted",
            Cause::Other => "refused",
        },
    }
}

impl From<engine::Joined> for Joined {
    fn from(joined: engine::Joined) -> Self {
        Self {
            mac: joined.mac,
            addresses: joined.addresses.iter().map(ToString::to_string).collect(),
            name: joined.name,
            maker: joined.maker,
        }
    }
}
