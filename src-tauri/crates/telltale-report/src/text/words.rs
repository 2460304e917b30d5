//! Which texts there are; [`super::en`] and [`super::fr`] fill them all in, so that the compiler finds a missing one.

use telltale_core::model::{Basis, Connection, DeviceNameSource, GapReason, Grade, NameSource, Purpose, PurposeGroup};

/// One and many of a thing.
pub(crate) type Counted = [&'static str; 2];
/// A term and its explanation.
pub(crate) type Explained = (&'static str, &'static str);

/// What could not be seen: a counter's name, and what it means for the reader.
pub(crate) struct Hidden {
    pub(crate) encrypted: Explained,
    pub(crate) elsewhere: Explained,
    pub(crate) tunnel: Explained,
    pub(crate) encrypted_dns: Explained,
    pub(crate) ech: Explained,
    pub(crate) started_before: Explained,
    pub(crate) radio: Explained,
    pub(crate) undecoded: Explained,
    pub(crate) cut: Explained,
    pub(crate) fragments: Explained,
    pub(crate) kernel: Explained,
    pub(crate) interface: Explained,
    pub(crate) evicted: Explained,
    pub(crate) abandoned: Explained,
    pub(crate) dropped_names: Explained,
    pub(crate) other_ip: Explained,
    pub(crate) non_ip: Explained,
    pub(crate) time_went_back: Explained,
}

/// The reasons of a score in words: what was counted, and how it weighs.
pub(crate) struct Reasons {
    pub(crate) following_companies: Explained,
    pub(crate) following_flows: Explained,
    pub(crate) following_sent: Explained,
    pub(crate) profiling_companies: Explained,
    pub(crate) measuring_companies: Explained,
    pub(crate) clear_text_servers: Explained,
    pub(crate) unnamed_bytes: Explained,
    pub(crate) companies: Explained,
    pub(crate) pandore_pause: Explained,
    pub(crate) pandore_rate: Explained,
    pub(crate) pandore_servers: Explained,
    pub(crate) no_pause: &'static str,
}

impl Reasons {
    /// The words of a reason's key ([`telltale_core::score`]); `None` for a key that is newer than this list.
    pub(crate) fn of(&self, key: &str) -> Option<Explained> {
        Some(match key {
            "following_companies" => self.following_companies,
            "following_flows" => self.following_flows,
            "following_sent" => self.following_sent,
            "profiling_companies" => self.profiling_companies,
            "measuring_companies" => self.measuring_companies,
            "clear_text_servers" => self.clear_text_servers,
            "unnamed_bytes" => self.unnamed_bytes,
            "companies" => self.companies,
            "pandore_pause" => self.pandore_pause,
            "pandore_rate" => self.pandore_rate,
            "pandore_servers" => self.pandore_servers,
            _ => return None,
        })
    }
}

/// All fixed texts of a language. `{}` in a text stands for what the page puts there.
pub(crate) struct Text {
    pub(crate) tag: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) report: &'static str,
    pub(crate) untitled: &'static str,
    pub(crate) captured: &'static str,
    pub(crate) made: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) stopped: &'static str,
    pub(crate) stopped_at: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) nobody_next: &'static str,
    pub(crate) nothing_next: &'static str,

    pub(crate) server: Counted,
    pub(crate) company: Counted,
    pub(crate) flow: Counted,
    pub(crate) packet: Counted,
    pub(crate) row: Counted,

    pub(crate) servers: &'static str,
    pub(crate) companies: &'static str,
    pub(crate) trackers: &'static str,
    pub(crate) flows: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) received: &'static str,
    pub(crate) both: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) unnamed: &'static str,
    pub(crate) local: &'static str,
    pub(crate) as_table: &'static str,
    pub(crate) more_rows: &'static str,

    pub(crate) grade: Grades,
    pub(crate) reasons: Reasons,
    pub(crate) time: Timeline,
    pub(crate) parties: Parties,
    pub(crate) rows: Rows,
    pub(crate) unseen: Unseen,
    pub(crate) hidden: Hidden,
    pub(crate) watched: Watched,
    pub(crate) about: About,

    pub(crate) purpose: fn(Purpose) -> Explained,
    pub(crate) group: fn(PurposeGroup) -> Explained,
    pub(crate) basis: fn(Basis) -> Explained,
    pub(crate) name_source: fn(NameSource) -> &'static str,
    pub(crate) device_name_source: fn(DeviceNameSource) -> &'static str,
    pub(crate) because: fn(&str) -> Option<&'static str>,
}

/// The score.
pub(crate) struct Grades {
    pub(crate) title: &'static str,
    pub(crate) label: &'static str,
    pub(crate) of: fn(Grade) -> &'static str,
    pub(crate) none: &'static str,
    pub(crate) points: &'static str,
    pub(crate) scale: &'static str,
    pub(crate) range: &'static str,
    pub(crate) why: &'static str,
    pub(crate) measured: &'static str,
    pub(crate) column: &'static str,
    pub(crate) of_most: &'static str,
    pub(crate) pandore: &'static str,
    pub(crate) pandore_text: &'static str,
}

/// The chart over time.
pub(crate) struct Timeline {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) none: &'static str,
    pub(crate) column: &'static str,
}

/// Companies, purposes, countries, trackers.
pub(crate) struct Parties {
    pub(crate) trackers: &'static str,
    pub(crate) trackers_text: &'static str,
    pub(crate) no_trackers: &'static str,
    pub(crate) no_sentence: &'static str,
    pub(crate) through: &'static str,
    pub(crate) companies: &'static str,
    pub(crate) companies_text: &'static str,
    pub(crate) companies_all: &'static str,
    pub(crate) by_network: &'static str,
    pub(crate) network_short: &'static str,
    pub(crate) owned_by: &'static str,
    pub(crate) by_network_text: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) purposes: &'static str,
    pub(crate) purposes_text: &'static str,
    pub(crate) countries: &'static str,
    pub(crate) countries_text: &'static str,
    pub(crate) registered_in: &'static str,
    pub(crate) no_country: &'static str,
    pub(crate) company: &'static str,
    pub(crate) home: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) group: &'static str,
    pub(crate) share: &'static str,
}

/// Clear text, devices, the server table.
pub(crate) struct Rows {
    pub(crate) clear: &'static str,
    pub(crate) clear_text: &'static str,
    pub(crate) no_clear: &'static str,
    pub(crate) clear_bytes: &'static str,
    pub(crate) requests: &'static str,
    pub(crate) devices: &'static str,
    pub(crate) devices_text: &'static str,
    pub(crate) no_devices: &'static str,
    pub(crate) device: &'static str,
    pub(crate) addresses: &'static str,
    pub(crate) hardware: &'static str,
    pub(crate) random: &'static str,
    pub(crate) maker: &'static str,
    pub(crate) why: &'static str,
    pub(crate) apps: &'static str,
    pub(crate) apps_text: &'static str,
    pub(crate) app: &'static str,
    pub(crate) servers: &'static str,
    pub(crate) servers_text: &'static str,
    pub(crate) first_of: &'static str,
    pub(crate) server: &'static str,
    pub(crate) network: &'static str,
}

/// What could not be seen.
pub(crate) struct Unseen {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) covered: &'static str,
    pub(crate) column: &'static str,
    pub(crate) observed: &'static str,
    pub(crate) inferred: &'static str,
    pub(crate) address_only: &'static str,
    pub(crate) tunnel: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) always: &'static str,
    pub(crate) here: &'static str,
    pub(crate) none_here: &'static str,
}

/// How a live audit watched, and when it could not see.
pub(crate) struct Watched {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) source: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) no_filter: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) connected: fn(Connection) -> &'static str,
    pub(crate) kept: &'static str,
    pub(crate) kept_first: &'static str,
    pub(crate) kept_all: &'static str,
    pub(crate) began: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) goes_on: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) none: &'static str,
    pub(crate) gaps: &'static str,
    pub(crate) gaps_text: &'static str,
    pub(crate) gap: Counted,
    pub(crate) warning: &'static str,
    pub(crate) columns: [&'static str; 4],
    pub(crate) lasts: &'static str,
    pub(crate) why: fn(GapReason) -> &'static str,
}

/// How we know, data sets, the file, the glossary.
pub(crate) struct About {
    pub(crate) how: &'static str,
    pub(crate) how_text: &'static str,
    pub(crate) names: &'static str,
    pub(crate) sets: &'static str,
    pub(crate) sets_text: &'static str,
    pub(crate) set: &'static str,
    pub(crate) version: &'static str,
    pub(crate) date: &'static str,
    pub(crate) licence: &'static str,
    pub(crate) credit: &'static str,
    pub(crate) no_sets: &'static str,
    pub(crate) file: &'static str,
    pub(crate) file_text: &'static str,
    pub(crate) file_name: &'static str,
    pub(crate) file_size: &'static str,
    pub(crate) file_format: &'static str,
    pub(crate) sha256: &'static str,
    pub(crate) links: &'static str,
    pub(crate) interfaces: &'static str,
    pub(crate) span: &'static str,
    pub(crate) on_the_wire: &'static str,
    pub(crate) reading: &'static str,
    pub(crate) read_to_end: &'static str,
    pub(crate) glossary: &'static str,
    pub(crate) terms: &'static [Explained],
    pub(crate) foot: &'static str,
}
