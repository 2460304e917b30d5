//! A small network of namespaces (root): machines that are joined by cables.
//!
//! A machine's name is short and begins with this room's letters; everything is removed at the end.

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::future::Future;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use tempfile::NamedTempFile;
use tokio::sync::oneshot;

static LABS: AtomicU32 = AtomicU32::new(0);

pub(super) struct Lab {
    prefix: String,
    machines: Vec<String>,
    /// What stands in the place of resolv.conf(5) for what is done on a machine.
    resolvers: Option<NamedTempFile>,
    /// Dropped: the servers end.
    servers: Vec<(oneshot::Sender<()>, thread::JoinHandle<()>)>,
}

impl Drop for Lab {
    fn drop(&mut self) {
        for (end, thread) in self.servers.drain(..) {
            drop(end);
            thread.join().ok();
        }
        for machine in &self.machines {
            Command::new("ip").args(["netns", "del", machine]).output().ok();
        }
    }
}

impl Lab {
    /// `None`: this machine cannot make one, which is told; in CI it can.
    pub(super) fn new(machines: &[&str]) -> Option<Self> {
        let mut lab = Self {
            prefix: format!("tc{}-{}", std::process::id(), LABS.fetch_add(1, Ordering::Relaxed)),
            machines: Vec::new(),
            resolvers: None,
            servers: Vec::new(),
        };
        for machine in machines {
            let name = lab.name(machine);
            if !run("ip", &["netns", "add", &name]) {
                assert!(std::env::var("CI").is_err(), "namespaces can be made in CI");
                eprintln!("left out: this user can make no network namespaces");
                return None;
            }
            lab.machines.push(name);
            lab.ip(machine, "link set lo up");
            for setting in [
                "ipv4.ip_forward=1",
                "ipv6.conf.all.forwarding=1",
                "ipv6.conf.default.accept_dad=0",
            ] {
                lab.run(machine, "sysctl", &["-qw", &format!("net.{setting}")]);
            }
            lab.run(machine, "sysctl", &["-qw", "net.ipv4.ping_group_range=0 2147483647"]);
            // Routers answer each datagram, also of tests that go fast.
            lab.run(
                machine,
                "sysctl",
                &["-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0"],
            );
        }
        Some(lab)
    }

    fn name(&self, machine: &str) -> String {
        format!("{}-{machine}", self.prefix)
    }

    /// A cable between two machines, each with its addresses.
    pub(super) fn cable(&self, (one, at_one): (&str, &[&str]), (other, at_other): (&str, &[&str])) {
        let (to_other, to_one) = (format!("to-{other}"), format!("to-{one}"));
        let arguments = format!(
            "link add {to_other} netns {} type veth peer name {to_one} netns {}",
            self.name(one),
            self.name(other)
        );
        let arguments: Vec<_> = arguments.split(' ').collect();
        assert!(run("ip", &arguments), "a cable");
        for (machine, device, addresses) in [(one, &to_other, at_one), (other, &to_one, at_other)] {
            for address in addresses {
                let no_dad = if address.contains(':') { " nodad" } else { "" };
                self.ip(machine, &format!("address add {address} dev {device}{no_dad}"));
            }
            self.ip(machine, &format!("link set {device} up"));
        }
    }

    /// `ip` on a machine.
    pub(super) fn ip(&self, machine: &str, arguments: &str) {
        let arguments: Vec<_> = arguments.split(' ').collect();
        self.run(machine, "ip", &arguments);
    }

    pub(super) fn run(&self, machine: &str, program: &str, arguments: &[&str]) {
        let name = self.name(machine);
        let all = [&["netns", "exec", &name, program], arguments].concat();
        assert!(run("ip", &all), "{program} {arguments:?} on {machine}");
    }

    /// From now on this is the name server of whatever is done on a machine.
    pub(super) fn resolve_by(&mut self, server: &str) {
        let mut file = NamedTempFile::new().expect("a file");
        writeln!(file, "nameserver {server}").expect("a line");
        self.resolvers = Some(file);
    }

    /// Does something on a machine.
    pub(super) fn on<T: Send + 'static, F: Future<Output = T>>(
        &self,
        machine: &str,
        work: impl FnOnce() -> F + Send + 'static,
    ) -> T {
        let name = self.name(machine);
        let resolvers = self.resolvers.as_ref().map(|file| file.path().to_owned());
        let done = thread::spawn(move || {
            if let Some(resolvers) = resolvers {
                replace("/etc/resolv.conf", &resolvers);
            }
            runtime(&name).block_on(work())
        });
        done.join().expect("what was done on a machine")
    }

    /// Starts servers on a machine; they go on until the lab ends.
    pub(super) fn serve<F: Future>(&mut self, machine: &str, start: impl FnOnce() -> F + Send + 'static) {
        let name = self.name(machine);
        let (end, ended) = oneshot::channel::<()>();
        let (ready, wait) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            runtime(&name).block_on(async move {
                start().await;
                ready.send(()).ok();
                ended.await.ok();
            });
        });
        wait.recv().expect("the servers have begun");
        self.servers.push((end, thread));
    }
}

/// A runtime of this thread, which moves into a namespace; threads that it starts are there as well.
fn runtime(name: &str) -> tokio::runtime::Runtime {
    let namespace = File::open(format!("/run/netns/{name}")).expect("a namespace");
    setns(namespace, CloneFlags::CLONE_NEWNET).expect("in the namespace");
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime")
}

/// Puts another file in the place of one, for this thread and those that it starts.
fn replace(file: &str, by: &Path) {
    let none = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_FS).expect("mounts of its own");
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).expect("mounts that nobody else sees");
    mount(Some(by), file, none, MsFlags::MS_BIND, none).expect("the file in its place");
}

fn run(program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).output();
    if let Ok(ran) = &ran
        && !ran.status.success()
    {
        eprintln!("{program} {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    ran.is_ok_and(|r| r.status.success())
}
