//! Devices, rights and filters: the engine's types -> the window's.

use crate::view::{DeviceKind, DeviceView, FilterProblem, Hindrance, RightsView};
use telltale_engine as engine;

impl From<engine::DeviceKind> for DeviceKind {
    fn from(kind: engine::DeviceKind) -> Self {
        match kind {
            engine::DeviceKind::Hotspot => Self::Hotspot,
            engine::DeviceKind::Wifi => Self::Wifi,
            engine::DeviceKind::Ethernet => Self::Ethernet,
            engine::DeviceKind::UsbTether => Self::UsbTether,
            engine::DeviceKind::Bluetooth => Self::Bluetooth,
            engine::DeviceKind::Vpn => Self::Vpn,
            engine::DeviceKind::Virtual => Self::Virtual,
            engine::DeviceKind::Loopback => Self::Loopback,
        }
    }
}

impl From<engine::Device> for DeviceView {
    fn from(device: engine::Device) -> Self {
        let addresses = device.addresses.iter();
        Self {
            name: device.name,
            kind: device.kind.into(),
            description: device.description,
            mac: device.mac.map(engine::mac_text),
            addresses: addresses.map(ToString::to_string).collect(),
            up: device.up && device.running,
            default_route: device.default_route,
            likely: device.likely,
            received_bytes: device.counters.received_bytes,
            sent_bytes: device.counters.sent_bytes,
        }
    }
}

impl From<engine::Rights> for RightsView {
    fn from(rights: engine::Rights) -> Self {
        match rights {
            engine::Rights::Ready => Self::Ready,
            engine::Rights::Missing { program } => Self::Missing {
                program: program.to_string_lossy().into_owned(),
            },
            engine::Rights::NoProgram => Self::NoProgram,
            engine::Rights::CannotHere { why } => Self::CannotHere { why: (&why).into() },
        }
    }
}

impl From<&engine::Hindrance> for Hindrance {
    fn from(why: &engine::Hindrance) -> Self {
        match why {
            engine::Hindrance::NoNewPrivileges => Self::NoNewPrivileges,
            engine::Hindrance::NoSuidMount(_) => Self::NoSuidMount,
            engine::Hindrance::NotInBoundingSet => Self::NotInBoundingSet,
            engine::Hindrance::NotInGroup(_) => Self::NotInGroup,
        }
    }
}

impl From<engine::FilterError> for FilterProblem {
    fn from(wrong: engine::FilterError) -> Self {
        use engine::FilterErrorKind as Kind;
        let kind = match wrong.kind {
            Kind::TooLong => "too_long",
            Kind::Character | Kind::UnknownWord | Kind::UnknownName => "unknown_word",
            Kind::HostName => "host_name",
            Kind::Unexpected => "syntax",
            Kind::Missing => "incomplete",
            Kind::Address | Kind::RejectsAll | Kind::Refused => "other",
        };
        Self {
            at: u32::try_from(wrong.at).unwrap_or(u32::MAX),
            length: u32::try_from(wrong.len).unwrap_or(u32::MAX),
            kind: kind.to_owned(),
            message: wrong.message,
        }
    }
}
