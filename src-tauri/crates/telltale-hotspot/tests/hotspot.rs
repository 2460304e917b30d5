//! Against `NetworkManager`'s interface as python-dbusmock plays it, on a bus of its own. No radio is needed; none was ever tried.
//!
//! Needs `dbus-daemon` and `python3-dbusmock`; without them a test says so and passes, except where `CI=true`.

mod mock;

use mock::{Files, Nm, missing};
use std::path::Path;
use std::time::Duration;
use telltale_hotspot::{
    Band, Cause, Check, Ending, Failure, HotspotError, HotspotState, Network, WhyNot, Wish, WishFault,
};
use tokio::time::timeout;

const ACTIVATED: i32 = 100;
const DISCONNECTED: i32 = 30;
const WIFI: &str = "/org/freedesktop/NetworkManager/Devices/wifi0";
const WIRELESS: &str = "org.freedesktop.NetworkManager.Device.Wireless";
const DEVICE: &str = "org.freedesktop.NetworkManager.Device";
const MANAGER: &str = "/org/freedesktop/NetworkManager";

fn wish() -> Wish {
    Wish {
        device: "wlan0".into(),
        ssid: "Telltale-7F3K".into(),
        password: "ab2c-de3f-gh4j-km5n".into(),
        band: Band::Ghz2,
    }
}

/// A computer with Ethernet into the internet and an idle Wi-Fi device.
async fn good() -> Option<Nm> {
    let nm = Nm::start("{}", Files::good()).await?;
    nm.add("AddEthernetDevice", "eth0", "eth0", ACTIVATED).await;
    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    nm.set(WIFI, WIRELESS, "WirelessCapabilities", 0x747_u32).await;
    Some(nm)
}

async fn check(nm: &Nm) -> Check {
    nm.network().check().await.expect("an answer")
}

#[tokio::test]
async fn without_networkmanager_it_says_so() {
    if missing() {
        return;
    }
    let expected = Check {
        why: vec![WhyNot::NoNetworkManager],
        ..Check::default()
    };
    let bus = mock::Bus::start();
    let network = Network::at(&bus.address, Path::new("/"));
    assert_eq!(network.check().await, Ok(expected.clone()));
    assert_eq!(network.start(&wish()).await.err(), Some(HotspotError::NoNetworkManager));
    for address in ["unix:path=/nowhere/at/all", "no address", ""] {
        let network = Network::at(address, Path::new("/"));
        assert_eq!(network.check().await, Ok(expected.clone()), "{address}");
    }
}

#[tokio::test]
async fn a_computer_that_can_is_told_so() {
    let Some(nm) = good().await else { return };
    let check = check(&nm).await;
    assert_eq!((check.possible, &check.why[..]), (true, &[][..]));
    let [device] = &check.devices[..] else {
        panic!("{check:?}")
    };
    assert_eq!(device.name, "wlan0");
    assert_eq!(device.product.as_deref(), Some("Maker Stick 5000"));
    assert!(device.access_point && device.band5 && device.usable);
    assert!(!device.carries_internet && !device.blocked && !device.is_hotspot);
    assert_eq!(device.connected_to, None);
}

#[tokio::test]
async fn a_station_beside_a_cable_can_be_a_hotspot_and_the_free_device_is_proposed() {
    let Some(nm) = good().await else { return };
    nm.join("wifi0", "Maison").await;
    let alone = check(&nm).await;
    assert!(alone.possible, "{alone:?}");
    assert_eq!(alone.devices[0].connected_to.as_deref(), Some("Maison"));
    nm.add("AddWiFiDevice", "wifi1", "wlan1", DISCONNECTED).await;
    let both = check(&nm).await;
    let names: Vec<_> = both.devices.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["wlan1", "wlan0"]);
}

#[tokio::test]
async fn each_thing_in_the_way_is_named() {
    let Some(nm) = Nm::start("{}", Files::good()).await else {
        return;
    };
    nm.add("AddEthernetDevice", "eth0", "eth0", ACTIVATED).await;
    assert_eq!(check(&nm).await.why, [WhyNot::NoWifi]);

    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    nm.set(WIFI, WIRELESS, "WirelessCapabilities", 0x707_u32).await;
    let without = check(&nm).await;
    assert_eq!(
        (without.possible, without.why),
        (false, vec![WhyNot::NoAccessPointMode])
    );
    nm.set(WIFI, WIRELESS, "WirelessCapabilities", 0x747_u32).await;

    let steps: [(&str, &str, &str, zbus::Variant<'_>, zbus::Variant<'_>, WhyNot); 5] = [
        (
            MANAGER,
            "org.freedesktop.NetworkManager",
            "WirelessEnabled",
            false.into(),
            true.into(),
            WhyNot::WifiOff,
        ),
        (
            MANAGER,
            "org.freedesktop.NetworkManager",
            "WirelessHardwareEnabled",
            false.into(),
            true.into(),
            WhyNot::HardwareSwitch,
        ),
        (
            MANAGER,
            "org.freedesktop.NetworkManager",
            "NetworkingEnabled",
            false.into(),
            true.into(),
            WhyNot::NetworkingOff,
        ),
        (WIFI, DEVICE, "Managed", false.into(), true.into(), WhyNot::NotManaged),
        (WIFI, DEVICE, "State", 20_u32.into(), 30_u32.into(), WhyNot::NotReady),
    ];
    for (path, interface, name, bad, good, why) in steps {
        nm.set(path, interface, name, bad).await;
        let check = check(&nm).await;
        assert_eq!((check.possible, &check.why[..]), (false, &[why][..]), "{name}");
        assert_eq!(check.devices[0].blocked, name.starts_with("Wireless"), "{name}");
        nm.set(path, interface, name, good).await;
    }
    assert!(check(&nm).await.possible);
}

#[tokio::test]
async fn the_only_way_into_the_internet_is_not_cut() {
    let Some(nm) = Nm::start("{}", Files::route("wlan0")).await else {
        return;
    };
    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    nm.join("wifi0", "Maison").await;
    let only = check(&nm).await;
    assert_eq!((only.possible, &only.why[..]), (false, &[WhyNot::OnlyWifiIsInUse][..]));
    assert!(only.devices[0].carries_internet);
    assert_eq!(only.devices[0].connected_to.as_deref(), Some("Maison"));
    // A second one makes it possible.
    nm.add("AddWiFiDevice", "wifi1", "wlan1", DISCONNECTED).await;
    let two = check(&nm).await;
    assert!(two.possible, "{two:?}");
    assert_eq!(two.devices[0].name, "wlan1");
}

#[tokio::test]
async fn a_vpn_counts_as_what_it_runs_over() {
    let Some(nm) = Nm::start("{}", Files::route("tun0")).await else {
        return;
    };
    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    nm.join("wifi0", "Maison").await;
    assert_eq!(check(&nm).await.why, [WhyNot::OnlyWifiIsInUse]);
    nm.add("AddEthernetDevice", "eth0", "eth0", ACTIVATED).await;
    assert!(check(&nm).await.possible);
}

#[tokio::test]
async fn what_is_missing_but_not_in_the_way_is_a_warning() {
    let Some(nm) = Nm::start("{}", Files::none()).await else {
        return;
    };
    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    let check = check(&nm).await;
    assert!(check.possible);
    assert_eq!(check.why, [WhyNot::NoDnsmasq, WhyNot::NoUpstream]);
}

#[tokio::test]
async fn what_the_system_forbids_is_said_before_trying() {
    let share = "org.freedesktop.NetworkManager.wifi.share.protected";
    for (answer, possible) in [("no", false), ("auth", true), ("yes", true)] {
        let parameters = format!("{{\"permissions\": {{\"{share}\": \"{answer}\"}}}}");
        let Some(nm) = Nm::start(&parameters, Files::good()).await else {
            return;
        };
        nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
        let check = check(&nm).await;
        assert_eq!(check.possible, possible, "{answer}");
        assert_eq!(check.why.contains(&WhyNot::NotAllowed), !possible);
    }
}

#[tokio::test]
async fn strange_answers_are_no_reason_to_fall_over() {
    let Some(nm) = good().await else { return };
    nm.join("wifi0", "Maison").await;
    let none = "wrong";
    for (path, interface, name) in [
        (WIFI, WIRELESS, "WirelessCapabilities"),
        (WIFI, WIRELESS, "Mode"),
        (WIFI, WIRELESS, "ActiveAccessPoint"),
        (WIFI, DEVICE, "ActiveConnection"),
        (WIFI, DEVICE, "State"),
        (MANAGER, "org.freedesktop.NetworkManager", "PrimaryConnection"),
        (MANAGER, "org.freedesktop.NetworkManager", "WirelessEnabled"),
        (WIFI, DEVICE, "Interface"),
    ] {
        nm.set(path, interface, name, none).await;
        assert_eq!(check(&nm).await.devices.len(), 1, "{name}");
    }
    nm.set(WIFI, DEVICE, "Interface", vec![1_u8, 2]).await;
    nm.set(WIFI, DEVICE, "DeviceType", none).await;
    assert_eq!(check(&nm).await.devices, []);
}

#[tokio::test]
async fn a_hotspot_is_asked_for_as_it_should_be_and_ends_when_told() {
    let Some(nm) = good().await else { return };
    let hotspot = nm.network().start(&wish()).await.expect("it comes up");
    assert_eq!((hotspot.device(), hotspot.state()), ("wlan0", HotspotState::Running));
    let expected = r#"{"options": {"bind-activation": "dbus-client", "persist": "volatile"}, "settings": {"802-11-wireless": {"band": "bg", "mode": "ap", "ssid": "Telltale-7F3K"}, "802-11-wireless-security": {"group": ["ccmp"], "key-mgmt": "wpa-psk", "pairwise": ["ccmp"], "pmf": 1, "proto": ["rsn"], "psk": "ab2c-de3f-gh4j-km5n"}, "connection": {"autoconnect": false, "id": "Telltale-7F3K", "interface-name": "wlan0", "type": "802-11-wireless"}, "ipv4": {"method": "shared"}, "ipv6": {"method": "ignore"}}}"#;
    assert_eq!(nm.ask::<String>("LastRequest", &()).await, expected);
    let now = check(&nm).await;
    assert!(now.devices[0].is_hotspot, "{now:?}");
    let mut changes = hotspot.changes();
    hotspot.stop().await.expect("it stops");
    assert_eq!(*changes.borrow_and_update(), HotspotState::Ended(Ending::Stopped));
    assert_eq!(nm.ask::<u32>("Deactivated", &()).await, 1);
}

#[tokio::test]
async fn one_that_is_up_before_the_answer_is_read_is_up() {
    let Some(nm) = good().await else { return };
    nm.outcome("at-once").await;
    let five = Wish {
        band: Band::Ghz5,
        ssid: "Été 📱".into(),
        ..wish()
    };
    let hotspot = nm.network().start(&five).await.expect("it comes up");
    assert_eq!(hotspot.state(), HotspotState::Running);
    assert_eq!(hotspot.wish(), &five);
    let asked = nm.ask::<String>("LastRequest", &()).await;
    assert!(asked.contains(r#""band": "a""#), "{asked}");
}

#[tokio::test]
async fn failures_have_their_causes() {
    let Some(nm) = good().await else { return };
    let failed = |cause, reason| Some(HotspotError::Failed(Failure { cause, reason }));
    for (outcome, band, expected) in [
        ("fail:10", Band::Ghz2, failed(Cause::AccessPointRefused, 10)),
        ("fail:9", Band::Ghz5, failed(Cause::Band5Refused, 9)),
        ("fail-late-reason:18", Band::Ghz2, failed(Cause::SharingFailed, 18)),
        ("fail-at-once:35", Band::Ghz2, failed(Cause::FirmwareMissing, 35)),
        ("fail:60", Band::Ghz2, failed(Cause::Interrupted, 60)),
        ("denied", Band::Ghz2, Some(HotspotError::NotAllowed)),
    ] {
        nm.outcome(outcome).await;
        let wish = Wish { band, ..wish() };
        assert_eq!(nm.network().start(&wish).await.err(), expected, "{outcome}");
        nm.forget_ours().await;
    }
    nm.outcome("invalid").await;
    let refused = nm.network().start(&wish()).await.err();
    assert_eq!(
        refused,
        Some(HotspotError::Refused("connection.id: property is missing".into()))
    );
    for name in ["wlan9", "eth0"] {
        let elsewhere = Wish {
            device: name.into(),
            ..wish()
        };
        let none = Some(HotspotError::NoDevice(name.into()));
        assert_eq!(nm.network().start(&elsewhere).await.err(), none);
    }
    let short = Wish {
        password: "1234567".into(),
        ..wish()
    };
    assert_eq!(
        nm.network().start(&short).await.err(),
        Some(HotspotError::Wish(WishFault::PasswordTooShort))
    );
}

#[tokio::test]
async fn a_missing_dnsmasq_is_called_by_its_name() {
    let Some(nm) = Nm::start("{}", Files::none()).await else {
        return;
    };
    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    nm.outcome("fail:18").await;
    let cause = Failure {
        cause: Cause::DnsmasqMissing,
        reason: 18,
    };
    assert_eq!(
        nm.network().start(&wish()).await.err(),
        Some(HotspotError::Failed(cause))
    );
}

#[tokio::test]
async fn an_old_networkmanager_is_told_apart() {
    let Some(nm) = Nm::start("{\"too-old\": true}", Files::good()).await else {
        return;
    };
    nm.add("AddWiFiDevice", "wifi0", "wlan0", DISCONNECTED).await;
    assert_eq!(nm.network().start(&wish()).await.err(), Some(HotspotError::TooOld));
}

#[tokio::test]
async fn networkmanager_may_die_while_it_begins_and_while_it_runs() {
    let Some(nm) = good().await else { return };
    nm.outcome("die").await;
    assert_eq!(nm.network().start(&wish()).await.err(), Some(HotspotError::Gone));
    let Some(mut nm) = good().await else { return };
    let hotspot = nm.network().start(&wish()).await.expect("it comes up");
    let mut changes = hotspot.changes();
    nm.kill();
    changes.changed().await.expect("a change");
    assert_eq!(hotspot.state(), HotspotState::Ended(Ending::NetworkManagerGone));
    hotspot.stop().await.expect("what is over can be stopped");
}

#[tokio::test]
async fn the_bus_may_die() {
    let Some(mut nm) = good().await else { return };
    let hotspot = nm.network().start(&wish()).await.expect("it comes up");
    let mut changes = hotspot.changes();
    nm.bus.kill();
    changes.changed().await.expect("a change");
    assert_eq!(hotspot.state(), HotspotState::Ended(Ending::NetworkManagerGone));
}

#[tokio::test]
async fn what_ends_it_from_outside_is_told() {
    for (state, reason, connection, expected) in [
        (110_u32, 39_u32, 2_u32, Ending::ByUser),
        (110, 60, 3, Ending::ByUser),
        (20, 0, 3, Ending::DeviceGone),
        (30, 37, 3, Ending::Sleep),
        (
            120,
            19,
            3,
            Ending::Failed(Failure {
                cause: Cause::SharingFailed,
                reason: 19,
            }),
        ),
    ] {
        let Some(nm) = good().await else { return };
        let hotspot = nm.network().start(&wish()).await.expect("it comes up");
        let mut changes = hotspot.changes();
        let () = nm.ask("End", &(state, reason, connection)).await;
        changes.changed().await.expect("a change");
        assert_eq!(hotspot.state(), HotspotState::Ended(expected));
    }
}

#[tokio::test]
async fn a_dropped_hotspot_leaves_the_bus_so_that_networkmanager_ends_it() {
    let Some(nm) = good().await else { return };
    let before = nm.clients().await;
    let hotspot = nm.network().start(&wish()).await.expect("it comes up");
    assert_eq!(nm.clients().await, before + 1);
    drop(hotspot);
    let gone = timeout(Duration::from_secs(5), async {
        while nm.clients().await != before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    gone.await.expect("the connection is closed");
    // Breaking off the beginning does the same.
    nm.forget_ours().await;
    nm.outcome("silent").await;
    let begun = timeout(Duration::from_millis(500), nm.network().start(&wish())).await;
    assert!(begun.is_err(), "nothing was to come up");
    let gone = timeout(Duration::from_secs(5), async {
        while nm.clients().await != before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    gone.await.expect("the connection is closed");
}

#[tokio::test]
async fn one_that_never_comes_up_is_given_up() {
    let Some(nm) = good().await else { return };
    for outcome in ["silent", "strange"] {
        nm.outcome(outcome).await;
        let network = nm.network();
        let begun = tokio::spawn(async move { network.start(&wish()).await.err() });
        // Long enough for the call to be answered; then the clock is moved on.
        tokio::time::sleep(Duration::from_secs(1)).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(46)).await;
        tokio::time::resume();
        assert_eq!(
            begun.await.expect("no panic"),
            Some(HotspotError::TimedOut),
            "{outcome}"
        );
        nm.forget_ours().await;
    }
}

#[test]
fn who_is_on_the_network_is_seen() {
    let device = format!("hs-nb{}", std::process::id() % 100_000);
    let ip = |line: &str| mock::run("ip", &line.replace("DEV", &device));
    if !ip("link add DEV type veth peer name DEVp") {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "no right to make a network device"
        );
        eprintln!("SKIPPED: no right to make a network device");
        return;
    }
    let made = ip("link set DEVp up")
        && ip("link set DEV up")
        && ip("addr add 10.42.7.1/24 dev DEV")
        && ip("neigh add 10.42.7.20 lladdr 02:aa:bb:cc:dd:01 dev DEV nud reachable")
        && ip("-6 neigh add fe80::20 lladdr 02:aa:bb:cc:dd:01 dev DEV nud stale")
        && ip("neigh add 10.42.7.21 lladdr 02:aa:bb:cc:dd:02 dev DEV nud stale");
    let seen = Network::neighbours(&device);
    ip("link del DEV");
    assert!(made);
    let seen: Vec<_> = seen
        .expect("an answer")
        .into_iter()
        .map(|n| (n.mac[5], n.addresses, n.reachable))
        .collect();
    let ip = |text: &str| text.parse::<std::net::IpAddr>().expect("an address");
    let first = (1, vec![ip("10.42.7.20"), ip("fe80::20")], true);
    assert_eq!(seen, [first, (2, vec![ip("10.42.7.21")], false)]);
    assert_eq!(Network::neighbours(&device), Err(HotspotError::NoDevice(device)));
}
