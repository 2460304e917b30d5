//! Giving up every privilege, and looking whether one is left.
//!
//! All of it acts on the calling thread, and this program has only one. Never here: using a privilege.

use crate::End;
use rustix::fs::{Gid, Uid};
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getegid, geteuid, getgid, getgroups, getppid, getuid,
    set_dumpable_behavior, set_parent_process_death_signal, setrlimit,
};
use rustix::thread::{CapabilitySet, CapabilitySets};
use telltale_capture::Ending;

/// The kernel's own number of a user or group that is nobody.
const NOBODY: u32 = 65_534;
/// File descriptors: the three standard ones, the packet socket and its event, the copy of stdout, a socket for asking after the device,
/// and one at a time for the counters of the device.
const MAX_FILES: u64 = 16;
/// The longest file that may be written, in octets: there is none but stderr, for one line.
const MAX_FILE: u64 = 64 << 10;

/// Whether the right to capture is there at all.
pub(crate) fn there() -> Result<(), End> {
    let effective = rustix::thread::capabilities(None).map_err(failed)?.effective;
    if effective.contains(CapabilitySet::NET_RAW) {
        return Ok(());
    }
    let message =
        "telltale-capd lacks cap_net_raw: it was not given, or counts for nothing here (no_new_privs, nosuid)";
    Err(End::new(Ending::NoRights, message))
}

/// Gives up everything. The caller's death is asked for last: a change of user would forget it.
pub(crate) fn give_up() -> Result<(), End> {
    let parent = getppid();
    rustix::thread::clear_ambient_capability_set().map_err(failed)?;
    empty_bounding_set()?;
    become_nobody()?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none).map_err(failed)?;
    rustix::thread::set_no_new_privs(true).map_err(failed)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed)?;
    let limits = [
        (Resource::Nofile, MAX_FILES),
        (Resource::Fsize, MAX_FILE),
        (Resource::Nproc, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).map_err(failed)?;
    }
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
    // A parent that ended before the line above sends no signal any more. Before this program began, its stdin tells.
    if getppid() != parent {
        return Err(End::new(Ending::Stopped, "the program that started it ended"));
    }
    Ok(())
}

/// Only who has `cap_setpcap` (root) may do this; for others, `no_new_privs` makes the set meaningless.
fn empty_bounding_set() -> Result<(), End> {
    for bit in 0..u64::BITS {
        match rustix::thread::remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            Ok(()) => {}
            // Not allowed; or past the last capability that this kernel knows.
            Err(Errno::PERM | Errno::INVAL) => break,
            Err(e) => return Err(failed(e)),
        }
    }
    Ok(())
}

/// Root becomes nobody; where the file is set-user-ID by mistake, the user becomes who called.
fn become_nobody() -> Result<(), End> {
    let ids = [getuid().as_raw(), geteuid().as_raw()];
    let groups = [getgid().as_raw(), getegid().as_raw()];
    if !ids.contains(&0) && !groups.contains(&0) && ids[0] == ids[1] && groups[0] == groups[1] {
        return Ok(());
    }
    let chosen = |real: u32| if real == 0 { NOBODY } else { real };
    let (uid, gid) = (Uid::from_raw(chosen(ids[0])), Gid::from_raw(chosen(groups[0])));
    // Where root has neither right (a container), what follows fails, and nothing is read.
    if ids[1] == 0 {
        rustix::thread::set_thread_groups(&[]).map_err(failed)?;
    }
    rustix::thread::set_thread_res_gid(gid, gid, gid).map_err(failed)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid).map_err(failed)
}

/// Looks for anything that is left; an error ends the program.
pub(crate) fn left() -> Result<(), End> {
    let sets = rustix::thread::capabilities(None).map_err(failed)?;
    let held = sets.effective | sets.permitted | sets.inheritable;
    let ids = [getuid(), geteuid()].iter().any(|id| id.is_root());
    let groups = [getgid(), getegid()].iter().any(|id| id.is_root());
    let more = getgroups().map_err(failed)?.iter().any(|id| id.is_root());
    let may_gain = !rustix::thread::no_new_privs().map_err(failed)?;
    if !held.is_empty() || ids || groups || more || may_gain {
        return Err(End::new(
            Ending::Privilege,
            "a privilege would have been left: nothing was read",
        ));
    }
    Ok(())
}

fn failed(error: Errno) -> End {
    End::new(Ending::Privilege, format!("its privileges cannot be given up: {error}"))
}
