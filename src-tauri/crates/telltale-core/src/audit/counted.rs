//! What the totals hold of one flow, so that it can be taken out again when more is known of it.

use super::servers::ServerPlace;
use crate::{model::DeviceId, names::NameId};

/// Packets and IP-level octets of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

impl Amount {
    /// Adds what `new` has and `old` had not.
    pub(crate) const fn replace(&mut self, old: Self, new: Self) {
        self.packets = self.packets.saturating_sub(old.packets).saturating_add(new.packets);
        self.bytes = self.bytes.saturating_sub(old.bytes).saturating_add(new.bytes);
    }
}

/// How well a flow's remote side is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Named {
    /// Neither name nor owner.
    #[default]
    No,
    /// The network's owner only.
    ByAddress,
    /// By DNS answers.
    Inferred,
    /// By what the traffic itself said.
    Observed,
}

/// What coverage counts of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent marks, counted one by one")]
pub(crate) struct Class {
    /// On the same network: not part of the coverage.
    pub(crate) local: bool,
    pub(crate) named: Named,
    pub(crate) tunnel: bool,
    pub(crate) clear_text: bool,
    pub(crate) encrypted_dns: bool,
    pub(crate) ech: bool,
    pub(crate) started_before: bool,
}

/// A flow's part of the totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) sent_bytes: u64,
    pub(crate) received_bytes: u64,
    pub(crate) sent_packets: u32,
    pub(crate) received_packets: u32,
    pub(crate) device: Option<DeviceId>,
    pub(crate) server: Option<ServerPlace>,
    /// The name that `server` was found by.
    pub(crate) name: Option<NameId>,
    /// The app's sums have it.
    pub(crate) app: bool,
    pub(crate) class: Class,
}

impl Counted {
    /// What the device sent.
    pub(crate) fn sent(&self) -> Amount {
        Amount {
            packets: self.sent_packets.into(),
            bytes: self.sent_bytes,
        }
    }

    /// What the device received.
    pub(crate) fn received(&self) -> Amount {
        Amount {
            packets: self.received_packets.into(),
            bytes: self.received_bytes,
        }
    }

    /// Both ways.
    pub(crate) const fn bytes(&self) -> u64 {
        self.sent_bytes.saturating_add(self.received_bytes)
    }
}
