//! A bus of its own with a `NetworkManager` that is played.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use telltale_hotspot::Network;
use tokio::time::sleep;
use zbus::{Connection, DynamicType, conn};

const NAME: &str = "org.freedesktop.NetworkManager";
const ROOT: &str = "/org/freedesktop/NetworkManager";
const PLAYED: &str = "org.freedesktop.DBus.Mock";

/// Whether what the tests need is missing: then they say so, and fail where `CI=true`.
pub(crate) fn missing() -> bool {
    let runs = |program: &str, arguments: &[&str]| succeeds(Command::new(program).args(arguments));
    let there = runs("dbus-daemon", &["--version"]) && runs("/usr/bin/python3", &["-c", "import dbusmock, gi"]);
    if !there {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "dbus-daemon or python3-dbusmock is missing"
        );
        eprintln!("SKIPPED: dbus-daemon or python3-dbusmock is missing");
    }
    !there
}

/// Runs a program with arguments that have no spaces; whether it succeeded.
pub(crate) fn run(program: &str, line: &str) -> bool {
    succeeds(Command::new(program).args(line.split(' ')))
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|s| s.success())
}

/// A private bus; ends with its owner.
pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
}

impl Bus {
    pub(crate) fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a bus");
        let mut address = String::new();
        let said = daemon.stdout.take().expect("its words");
        BufReader::new(said).read_line(&mut address).expect("its address");
        Self {
            daemon,
            address: address.trim().to_owned(),
        }
    }

    pub(crate) fn kill(&mut self) {
        self.daemon.kill().expect("a bus that runs");
        self.daemon.wait().expect("its end");
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The system's files.
pub(crate) struct Files(tempfile::TempDir);

impl Files {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path: PathBuf = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        Self(folder)
    }

    /// Nothing is there.
    pub(crate) fn none() -> Self {
        Self::with(&[])
    }

    /// A default route over `device`, and `dnsmasq`.
    pub(crate) fn route(device: &str) -> Self {
        // A Wi-Fi device that has joined a network has a default route as well; a cable's is better.
        let line = |device: &str, metric: u32| {
            format!("{device}\t00000000\t0100000A\t0003\t0\t0\t{metric}\t00000000\t0\t0\t0\n")
        };
        let route = format!("Iface\n{}{}", line("wlan0", 600), line(device, 100));
        Self::with(&[
            ("proc/net/route", &route),
            ("usr/sbin/dnsmasq", ""),
            ("sys/class/net/wlan0/ifindex", "3\n"),
            (
                "run/udev/data/n3",
                "E:ID_VENDOR_FROM_DATABASE=Maker\nE:ID_MODEL_FROM_DATABASE=Stick 5000\n",
            ),
        ])
    }

    pub(crate) fn good() -> Self {
        Self::route("eth0")
    }
}

/// `NetworkManager`, played.
pub(crate) struct Nm {
    played: Child,
    connection: Connection,
    files: Files,
    pub(crate) bus: Bus,
}

impl Nm {
    /// `None` where what it needs is missing.
    pub(crate) async fn start(parameters: &str, files: Files) -> Option<Self> {
        if missing() {
            return None;
        }
        let bus = Bus::start();
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mock/networkmanager.py");
        let played = Command::new("/usr/bin/python3")
            .args(["-B", "-m", "dbusmock", "--system", "--template"])
            .arg(template)
            .args(["--parameters", parameters])
            .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
            .stdout(Stdio::null())
            .spawn()
            .expect("python");
        let connection = conn::Builder::address(bus.address.as_str())
            .build()
            .await
            .expect("the bus");
        let nm = Self {
            played,
            connection,
            files,
            bus,
        };
        for _ in 0..500 {
            let body = ("org.freedesktop.NetworkManager", "WirelessEnabled");
            let asked =
                nm.connection
                    .call_method(Some(NAME), ROOT, Some("org.freedesktop.DBus.Properties"), "Get", &body);
            if asked.await.is_ok() && nm.call::<u32>("Deactivated", &()).await.is_ok() {
                return Some(nm);
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("the mock does not start");
    }

    pub(crate) fn network(&self) -> Network {
        Network::at(&self.bus.address, self.files.0.path())
    }

    async fn call<T>(&self, method: &str, body: &impl serde_like::Body) -> zbus::Result<T>
    where
        T: for<'d> zbus::export::serde::Deserialize<'d> + zbus::Type,
    {
        let answer = self
            .connection
            .call_method(Some(NAME), ROOT, Some(PLAYED), method, body)
            .await?;
        answer.body().deserialize()
    }

    pub(crate) async fn ask<T>(&self, method: &str, body: &impl serde_like::Body) -> T
    where
        T: for<'d> zbus::export::serde::Deserialize<'d> + zbus::Type,
    {
        self.call(method, body)
            .await
            .unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    pub(crate) async fn add(&self, method: &str, object: &str, name: &str, state: i32) {
        let _: String = self.ask(method, &(object, name, state)).await;
    }

    pub(crate) async fn outcome(&self, outcome: &str) {
        let () = self.ask("SetOutcome", &outcome).await;
    }

    /// Makes a Wi-Fi device the station of a network.
    pub(crate) async fn join(&self, object: &str, ssid: &str) {
        let device = format!("{ROOT}/Devices/{object}");
        let point: String = self
            .ask(
                "AddAccessPoint",
                &(
                    &device,
                    "ap0",
                    ssid,
                    "00:11:22:33:44:55",
                    2_u32,
                    2412_u32,
                    54_u32,
                    82_u8,
                    0x100_u32,
                ),
            )
            .await;
        let profile: String = self.ask("AddWiFiConnection", &(&device, "home", ssid, "wpa-psk")).await;
        let _: String = self
            .ask("AddActiveConnection", &(vec![&device], &profile, &point, "home", 2_u32))
            .await;
    }

    pub(crate) async fn set(&self, path: &str, interface: &str, name: &str, value: impl Into<zbus::Variant<'_>>) {
        let () = self
            .ask("SetOf", &(path, format!("{interface} {name}"), value.into()))
            .await;
    }

    /// Removes the active connection that a start left in the mock.
    pub(crate) async fn forget_ours(&self) {
        let _ = self
            .call::<()>(
                "RemoveObject",
                &"/org/freedesktop/NetworkManager/ActiveConnection/hotspot",
            )
            .await;
    }

    /// Connections to the bus.
    pub(crate) async fn clients(&self) -> usize {
        let bus = "org.freedesktop.DBus";
        let answer = self
            .connection
            .call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "ListNames", &())
            .await;
        let names: Vec<String> = answer.expect("the bus").body().deserialize().expect("names");
        names.iter().filter(|n| n.starts_with(':')).count()
    }

    pub(crate) fn kill(&mut self) {
        self.played.kill().expect("a mock that runs");
        self.played.wait().expect("its end");
    }
}

impl Drop for Nm {
    fn drop(&mut self) {
        let _ = self.played.kill();
        let _ = self.played.wait();
    }
}

mod serde_like {
    use super::DynamicType;

    pub(crate) trait Body: zbus::export::serde::Serialize + DynamicType {}
    impl<T: zbus::export::serde::Serialize + DynamicType> Body for T {}
}
