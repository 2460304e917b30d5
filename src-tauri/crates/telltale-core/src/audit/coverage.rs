//! How much of the devices' traffic could be named, kept as flows change.

use super::counted::{Class, Counted, Named};
use crate::model::Coverage;

/// Takes a flow's part out of the coverage.
pub(crate) fn remove(coverage: &mut Coverage, counted: &Counted) {
    apply(coverage, counted, |total, part| *total = total.saturating_sub(part));
}

/// Puts a flow's part into the coverage.
pub(crate) fn add(coverage: &mut Coverage, counted: &Counted) {
    apply(coverage, counted, |total, part| *total = total.saturating_add(part));
}

fn apply(coverage: &mut Coverage, counted: &Counted, change: impl Fn(&mut u64, u64)) {
    let Class {
        local,
        named,
        tunnel,
        clear_text,
        encrypted_dns,
        ech,
        started_before,
    } = counted.class;
    if counted.device.is_none() || local {
        return;
    }
    let bytes = counted.bytes();
    change(&mut coverage.bytes, bytes);
    match named {
        Named::Observed => change(&mut coverage.observed_name_bytes, bytes),
        Named::Inferred => change(&mut coverage.inferred_name_bytes, bytes),
        Named::ByAddress => change(&mut coverage.address_only_bytes, bytes),
        Named::No => {}
    }
    if tunnel {
        change(&mut coverage.tunnel_bytes, bytes);
    }
    if clear_text {
        change(&mut coverage.clear_text_bytes, bytes);
    }
    change(&mut coverage.encrypted_dns_flows, encrypted_dns.into());
    change(&mut coverage.ech_hellos, ech.into());
    change(&mut coverage.started_before, started_before.into());
}
