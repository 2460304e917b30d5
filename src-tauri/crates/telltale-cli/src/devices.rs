//! `telltale-cli devices`: the network devices of this computer, for a person and for programs.

use crate::Failure;
use crate::args::DevicesTask;
use crate::audit::write_to;
use serde_json::{Value, json};
use std::path::Path;
use telltale_engine::{Device, DeviceKind, devices, mac_text};

pub(crate) fn run(task: &DevicesTask) -> Result<(), Failure> {
    let devices = devices().map_err(|e| Failure::Device(e.to_string()))?;
    write_to(Path::new("-"), |writer| {
        if task.json {
            let all: Vec<_> = devices.iter().map(as_json).collect();
            serde_json::to_writer_pretty(&mut *writer, &all).map_err(std::io::Error::from)?;
            return Ok(writeln!(writer)?);
        }
        for device in &devices {
            let likely = if device.likely {
                "  <- a phone is most likely here"
            } else {
                ""
            };
            writeln!(
                writer,
                "{:<16} {:<10} {}{likely}",
                device.name,
                kind(device.kind),
                state(device)
            )?;
            for address in &device.addresses {
                writeln!(writer, "{:<16} {address}", "")?;
            }
        }
        Ok(())
    })
}

/// What a device is, in a word.
fn kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Hotspot => "hotspot",
        DeviceKind::Wifi => "Wi-Fi",
        DeviceKind::Ethernet => "Ethernet",
        DeviceKind::UsbTether => "USB phone",
        DeviceKind::Bluetooth => "Bluetooth",
        DeviceKind::Vpn => "VPN",
        DeviceKind::Virtual => "virtual",
        DeviceKind::Loopback => "loopback",
    }
}

/// The same for programs: the words of the window's bridge.
fn kind_key(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Hotspot => "hotspot",
        DeviceKind::Wifi => "wifi",
        DeviceKind::Ethernet => "ethernet",
        DeviceKind::UsbTether => "usb_tether",
        DeviceKind::Bluetooth => "bluetooth",
        DeviceKind::Vpn => "vpn",
        DeviceKind::Virtual => "virtual",
        DeviceKind::Loopback => "loopback",
    }
}

fn state(device: &Device) -> &'static str {
    match (device.up, device.running) {
        (true, true) => "up",
        (true, false) => "up, nothing connected",
        (false, _) => "down",
    }
}

fn as_json(device: &Device) -> Value {
    let addresses: Vec<_> = device.addresses.iter().map(ToString::to_string).collect();
    json!({
        "name": device.name,
        "kind": kind_key(device.kind),
        "description": device.description,
        "mac": device.mac.map(mac_text),
        "addresses": addresses,
        "up": device.up,
        "running": device.running,
        "default_route": device.default_route,
        "likely": device.likely,
        "received_bytes": device.counters.received_bytes,
        "sent_bytes": device.counters.sent_bytes,
        "received_packets": device.counters.received_packets,
        "sent_packets": device.counters.sent_packets,
    })
}
