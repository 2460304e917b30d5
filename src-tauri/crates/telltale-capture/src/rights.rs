//! Whether `telltale-capd` may capture, and the one way to give it its right: polkit's `pkexec setcap`.
//!
//! Called by the engine before a live audit. Nothing here has or keeps a privilege: the question is asked of the file system,
//! and the right is given by programs of the system after the user said so.

use rustix::fs::{Access, StatVfsMountFlags, access, getxattr, statvfs};
use rustix::thread::CapabilitySet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

/// The program's name.
const NAME: &str = "telltale-capd";
/// Where distributions put `setcap`; never looked for in `PATH`, since it is run as root.
const SETCAP: [&str; 4] = ["/usr/sbin/setcap", "/sbin/setcap", "/usr/bin/setcap", "/bin/setcap"];
const PKEXEC: [&str; 2] = ["/usr/bin/pkexec", "/bin/pkexec"];
/// `CAP_NET_RAW` in the first word of the permitted set (linux/capability.h).
const NET_RAW: u32 = 1 << 13;
/// `VFS_CAP_FLAGS_EFFECTIVE`: the permitted set is effective from the start.
const EFFECTIVE: u32 = 1;

/// Whether a live capture can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// It can.
    Ready,
    /// The program has no right yet; [`grant`] asks for it.
    Missing {
        /// The program that would get it.
        program: PathBuf,
    },
    /// `telltale-capd` is not there.
    NoProgram,
    /// It is there, but could not use a right.
    CannotHere {
        /// What is in the way.
        why: Hindrance,
    },
}

/// Why a right would be of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// This process runs under `no_new_privs` (a sandbox, a container, a systemd unit): programs it starts get no right.
    NoNewPrivileges,
    /// The program lies on a file system that is mounted `nosuid`, where file capabilities do not count.
    NoSuidMount(PathBuf),
    /// This process may never have `cap_net_raw` (it is not in its bounding set), as in a container.
    NotInBoundingSet,
    /// This user may not run the program: only members of this group may (`sudo usermod -aG GROUP NAME`, from the next login on).
    NotInGroup(String),
}

/// The right was not given.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// `telltale-capd` is not there.
    #[error("the capture program telltale-capd is not there")]
    NoProgram,
    /// polkit's `pkexec` is not installed.
    #[error("this computer has no pkexec (polkit), which would ask for the administrator's password")]
    NoPkexec,
    /// `setcap` is not installed (Debian: `libcap2-bin`).
    #[error("this computer has no setcap (Debian: libcap2-bin)")]
    NoSetcap,
    /// Others could change the program, so it gets no right.
    #[error("{0}")]
    Unsafe(String),
    /// The user closed the dialog.
    #[error("the question for the password was closed")]
    Dismissed,
    /// polkit said no, or has no way to ask.
    #[error("the system did not permit it: {0}")]
    NotPermitted(String),
    /// The right could not be set.
    #[error("the right could not be given: {0}")]
    Failed(String),
}

/// Looks whether a live capture can begin.
pub fn rights() -> Rights {
    program().map_or(Rights::NoProgram, |program| rights_of(&program))
}

/// As [`rights`], for the program at `path`.
pub fn rights_of(path: &Path) -> Rights {
    let cannot = |why| Rights::CannotHere { why };
    let Ok(path) = path.canonicalize() else {
        return Rights::NoProgram;
    };
    let Ok(file) = path.metadata() else {
        return Rights::NoProgram;
    };
    let bounded = rustix::thread::capability_is_in_bounding_set(CapabilitySet::NET_RAW);
    if !bounded.unwrap_or(true) {
        return cannot(Hindrance::NotInBoundingSet);
    }
    // Root's programs have every capability of the bounding set, whatever the file says.
    if rustix::process::geteuid().is_root() {
        return Rights::Ready;
    }
    if access(&path, Access::EXEC_OK).is_err() {
        return cannot(Hindrance::NotInGroup(group_name(file.gid())));
    }
    if rustix::thread::no_new_privs().unwrap_or(false) {
        return cannot(Hindrance::NoNewPrivileges);
    }
    if statvfs(&path).is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::NOSUID)) {
        return cannot(Hindrance::NoSuidMount(path));
    }
    if has_net_raw(&path) {
        Rights::Ready
    } else {
        Rights::Missing { program: path }
    }
}

/// A group's name, or its number where this computer's own list has none.
fn group_name(gid: u32) -> String {
    let number = gid.to_string();
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let named = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    });
    named.unwrap_or(number)
}

/// Asks the user for the administrator's password by polkit and gives the program `cap_net_raw`, nothing else. Blocks until the user
/// has answered.
pub fn grant() -> Result<(), GrantError> {
    let program = program().ok_or(GrantError::NoProgram)?;
    let pkexec = first_of(&PKEXEC).ok_or(GrantError::NoPkexec)?;
    let setcap = first_of(&SETCAP).ok_or(GrantError::NoSetcap)?;
    grant_with(pkexec, setcap, &program)
}

fn first_of(places: &'static [&'static str]) -> Option<&'static Path> {
    places.iter().map(Path::new).find(|path| path.is_file())
}

/// The way of [`grant`], with the programs to use.
fn grant_with(pkexec: &Path, setcap: &Path, program: &Path) -> Result<(), GrantError> {
    let program = trusted(program)?;
    close_to_others(&program)?;
    // No terminal: without a window that asks, polkit says so instead of waiting where nobody looks.
    let ran = Command::new(pkexec)
        .arg("--disable-internal-agent")
        .args([setcap, Path::new("cap_net_raw+ep"), &program])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output();
    let ran = match ran {
        Ok(ran) => ran,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(GrantError::NoPkexec),
        Err(e) => return Err(GrantError::Failed(e.to_string())),
    };
    let said = crate::ending::plain(&String::from_utf8_lossy(&ran.stderr));
    // pkexec(1): 126 when the dialog was dismissed, 127 when it was not authorised or could not ask.
    match ran.status.code() {
        Some(0) if has_net_raw(&program) => Ok(()),
        Some(0) => Err(GrantError::Failed(
            "setcap ran, but the program has no right".to_owned(),
        )),
        Some(126) => Err(GrantError::Dismissed),
        Some(127) => Err(GrantError::NotPermitted(said)),
        _ => Err(GrantError::Failed(said)),
    }
}

/// The program's real path, if nobody but its owner (root or this user) can change it.
fn trusted(program: &Path) -> Result<PathBuf, GrantError> {
    let program = program.canonicalize().map_err(|_| GrantError::NoProgram)?;
    let file = program.metadata().map_err(|_| GrantError::NoProgram)?;
    let shown = program.display();
    if !file.is_file() {
        return Err(GrantError::Unsafe(format!("{shown} is no program")));
    }
    let mine = rustix::process::geteuid().as_raw();
    if file.uid() != 0 && file.uid() != mine {
        return Err(GrantError::Unsafe(format!("{shown} belongs to another user")));
    }
    if file.mode() & 0o022 != 0 {
        return Err(GrantError::Unsafe(format!("{shown} can be changed by other users")));
    }
    Ok(program)
}

/// A program of this user's own gets its right for this user alone: whoever runs it sees the traffic of all. One that root has
/// installed stays as root's package made it.
fn close_to_others(program: &Path) -> Result<(), GrantError> {
    let failed = |e: io::Error| GrantError::Failed(e.to_string());
    let file = program.metadata().map_err(failed)?;
    if file.uid() == rustix::process::geteuid().as_raw() && file.uid() != 0 && file.mode() & 0o077 != 0 {
        fs::set_permissions(program, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Whether the file's capabilities (`vfs_cap_data`, all in little-endian order) hold `cap_net_raw`, effective from the start.
fn has_net_raw(program: &Path) -> bool {
    let mut value = [0; 64];
    let Ok(len) = getxattr(program, c"security.capability", &mut value[..]) else {
        return false;
    };
    let (words, _) = value[..len].as_chunks::<4>();
    let words: Vec<_> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    // Revisions 1, 2 and 3 agree on the first two words: flags and the low half of the permitted set.
    matches!(words.as_slice(), [flags, permitted, ..] if flags & EFFECTIVE != 0 && permitted & NET_RAW != 0)
}

/// Where `telltale-capd` is: where `TELLTALE_CAPD` says (for tests), beside the running program, or where packages put it.
pub(crate) fn program() -> Option<PathBuf> {
    if let Some(path) = env::var_os("TELLTALE_CAPD").filter(|path| !path.is_empty()) {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    let running = env::current_exe().ok()?;
    let folder = running.parent()?;
    // Cargo's test programs lie one folder below.
    let below = folder.ends_with("deps").then(|| folder.join("..").join(NAME));
    let places = [folder.join(NAME), folder.join("../lib/telltale").join(NAME)];
    let place = places.into_iter().chain(below).find(|path| path.is_file())?;
    place.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pretend;

    /// What [`grant_with`] says with a `pkexec` that does this.
    fn granted(pkexec: &str, program: &Path) -> Result<(), GrantError> {
        let (_folder, pkexec) = pretend(pkexec);
        grant_with(&pkexec, Path::new("/usr/sbin/setcap"), program)
    }

    #[test]
    fn each_answer_of_polkit_is_told_apart() {
        let (_folder, program) = pretend("exit 0");
        let said = |script| granted(script, &program).expect_err("not given");
        assert!(matches!(said("exit 126"), GrantError::Dismissed));
        let GrantError::NotPermitted(why) = said("echo 'No session for cookie' >&2; exit 127") else {
            panic!("127 is no");
        };
        assert_eq!(why, "No session for cookie");
        assert!(matches!(
            said("echo 'Failed to set capabilities' >&2; exit 1"),
            GrantError::Failed(_)
        ));
        // It says yes, but nothing happened.
        assert!(matches!(said("exit 0"), GrantError::Failed(_)));
        let gone = grant_with(Path::new("/nowhere/pkexec"), Path::new("/usr/sbin/setcap"), &program);
        assert!(matches!(gone, Err(GrantError::NoPkexec)));
        assert!(matches!(
            granted("exit 0", Path::new("/nowhere")),
            Err(GrantError::NoProgram)
        ));
    }

    #[test]
    fn only_the_capability_is_asked_for_and_only_for_the_real_program() {
        let (folder, program) = pretend("exit 0");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&program, &link).expect("linked");
        let wrote = folder.path().join("asked");
        let script = format!("printf '%s|' \"$@\" >'{}'; exit 126", wrote.display());
        assert!(matches!(granted(&script, &link), Err(GrantError::Dismissed)));
        let program = program.canonicalize().expect("it is there");
        let wanted = format!(
            "--disable-internal-agent|/usr/sbin/setcap|cap_net_raw+ep|{}|",
            program.display()
        );
        assert_eq!(fs::read_to_string(wrote).expect("it ran"), wanted);
    }

    #[test]
    fn a_program_that_others_can_change_gets_no_right() {
        let (folder, program) = pretend("exit 0");
        for mode in [0o775, 0o757, 0o777] {
            fs::set_permissions(&program, Permissions::from_mode(mode)).expect("changed");
            assert!(
                matches!(granted("exit 0", &program), Err(GrantError::Unsafe(_))),
                "{mode:o}"
            );
        }
        assert!(
            matches!(granted("exit 0", folder.path()), Err(GrantError::Unsafe(_))),
            "a folder"
        );
        if rustix::process::geteuid().is_root() {
            fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("changed");
            std::os::unix::fs::chown(&program, Some(1), None).expect("given away");
            assert!(matches!(granted("exit 0", &program), Err(GrantError::Unsafe(_))));
        }
    }
    #[test]
    fn a_program_of_the_user_is_for_this_user_alone() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: this test needs root");
            return;
        }
        let (folder, program) = pretend("exit 0");
        let (_other, pkexec) = pretend("exit 126");
        for path in [folder.path(), pkexec.parent().expect("a folder")] {
            fs::set_permissions(path, Permissions::from_mode(0o755)).expect("opened");
        }
        std::os::unix::fs::chown(&program, Some(65_534), None).expect("given away");
        let ask = || {
            let uid = rustix::fs::Uid::from_raw(65_534);
            rustix::thread::set_thread_res_uid(uid, uid, uid).expect("another user");
            grant_with(&pkexec, Path::new("/usr/sbin/setcap"), &program)
        };
        let asked = std::thread::scope(|scope| scope.spawn(ask).join().expect("an answer"));
        assert!(matches!(asked, Err(GrantError::Dismissed)), "{asked:?}");
        assert_eq!(program.metadata().expect("it is there").mode() & 0o777, 0o700);
    }
}
