//! Live audits: the engine's types <-> the window's.

use crate::CommandError;
use crate::view::{
    DoorView, Leaving, LiveRequest, LiveSource, LiveState, LiveView, Notice, PacketFilter, Rate, Recording,
    RecordingView,
};
use std::net::IpAddr;
use telltale_core::model::Timestamp;
use telltale_engine as engine;

impl From<engine::Recording> for Recording {
    fn from(recording: engine::Recording) -> Self {
        match recording {
            engine::Recording::Full => Self::Full,
            engine::Recording::Headers => Self::Headers,
            engine::Recording::Off => Self::Off,
        }
    }
}

impl From<Recording> for engine::Recording {
    fn from(recording: Recording) -> Self {
        match recording {
            Recording::Full => Self::Full,
            Recording::Headers => Self::Headers,
            Recording::Off => Self::Off,
        }
    }
}

impl TryFrom<LiveSource> for engine::LiveSource {
    type Error = CommandError;

    fn try_from(source: LiveSource) -> Result<Self, CommandError> {
        let address = |text: &str| -> Result<IpAddr, CommandError> {
            let parsed = text.trim().parse();
            parsed.map_err(|_| CommandError::invalid("this is no IP address"))
        };
        Ok(match source {
            LiveSource::Device { name } => Self::Device { name },
            LiveSource::Udp { bind, port } => Self::Udp {
                bind: address(&bind)?,
                port,
            },
            LiveSource::Tcp { bind, port } => Self::Tcp {
                bind: address(&bind)?,
                port,
            },
            LiveSource::Http { url } => Self::Http { url },
        })
    }
}

impl From<PacketFilter> for engine::PacketFilter {
    fn from(filter: PacketFilter) -> Self {
        match filter {
            PacketFilter::All => Self::All,
            PacketFilter::Phones { phones } => Self::Phones { phones },
            PacketFilter::Expression { expression } => Self::Expression { expression },
        }
    }
}

impl TryFrom<LiveRequest> for engine::LiveRequest {
    type Error = CommandError;

    fn try_from(request: LiveRequest) -> Result<Self, CommandError> {
        Ok(Self {
            source: request.source.try_into()?,
            filter: request.filter.into(),
            name: request.name,
            description: request.description,
            connection: request.connection,
            duration_s: request.duration_s,
            recording: request.recording.into(),
        })
    }
}

impl From<engine::LiveState> for LiveState {
    fn from(state: engine::LiveState) -> Self {
        match state {
            engine::LiveState::Opening => Self::Opening,
            engine::LiveState::Watching => Self::Watching,
            engine::LiveState::Paused => Self::Paused,
            engine::LiveState::Waiting(reason) => Self::Waiting { reason },
            engine::LiveState::Ending => Self::Ending,
        }
    }
}

impl From<engine::Rate> for Rate {
    fn from(rate: engine::Rate) -> Self {
        Self {
            sent: rate.sent,
            received: rate.received,
            packets: rate.packets,
        }
    }
}

impl From<engine::RecordingNow> for RecordingView {
    fn from(now: engine::RecordingNow) -> Self {
        Self {
            bytes: now.bytes,
            files: now.files,
            dropped_bytes: now.dropped_bytes,
            since_ms: now.since.map(Timestamp::as_millis),
            missed_packets: now.missed_packets,
            problem: now.problem,
        }
    }
}

impl From<engine::Leaving> for Leaving {
    fn from(leaving: engine::Leaving) -> Self {
        Self {
            audit: leaving.audit,
            name: leaving.name,
            recording_only: leaving.recording_only,
            at_ms: leaving.at.as_millis(),
        }
    }
}

impl From<engine::DoorNow> for DoorView {
    fn from(door: engine::DoorNow) -> Self {
        Self {
            address: door.address,
            peer: door.peer,
            refused: door.refused,
            lost: door.lost,
            joined_late: door.joined_late,
        }
    }
}

impl From<engine::LiveNow> for LiveView {
    fn from(now: engine::LiveNow) -> Self {
        Self {
            state: now.state.into(),
            since_ms: now.since.as_millis(),
            problem: now.problem,
            ends_ms: now.ends_at.map(Timestamp::as_millis),
            watched_s: now.watched_s,
            recent: now.recent.into_iter().map(Into::into).collect(),
            recording: now.recording.map(Into::into),
            door: now.door.map(Into::into),
        }
    }
}

impl From<engine::Notice> for Notice {
    fn from(notice: engine::Notice) -> Self {
        match notice {
            engine::Notice::Tracker { audit, company } => Self::Tracker { audit, company },
            engine::Notice::ClearText { audit, host } => Self::ClearText { audit, host },
            engine::Notice::Waiting { audit, name, reason } => Self::Waiting { audit, name, reason },
        }
    }
}
