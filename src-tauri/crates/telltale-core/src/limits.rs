//! Every limit of the core in one place, each with its reason; what a limit drops is counted in [`crate::model::Counts`].

const SECOND: i64 = 1_000_000_000;

/// Flows that one audit holds at one time; later ones are merged into one remainder per transport. A day of a busy phone is about 100,000.
pub const MAX_FLOWS: usize = 1_000_000;
/// Numbers of flows that are given out: none is given twice. A thousand new flows a second use them up in seven weeks.
pub const LAST_FLOW: u32 = u32::MAX - 16;
/// Nanoseconds for which a live audit waits for late segments of a closed TCP connection: what is not acknowledged is sent again after
/// one second, two, four, eight and sixteen (RFC 6298).
pub const CLOSED_FLOW_NS: i64 = 30 * SECOND;
/// The same for a connection that is half open or half closed (RFC 5382 REQ-5: four minutes).
pub const HALF_OPEN_FLOW_NS: i64 = 240 * SECOND;
/// The same for UDP, after its last packet (RFC 4787 REQ-5: five minutes recommended).
pub const IDLE_UDP_FLOW_NS: i64 = 300 * SECOND;
/// The same for an open TCP connection (RFC 5382 REQ-5: two hours and four minutes), and for what carries other packets.
pub const IDLE_TCP_FLOW_NS: i64 = 7_440 * SECOND;
/// Nanoseconds for which a live audit holds all flows of a machine that is new: within them it mostly shows whether it is a device, and
/// which, so that its flows can still be counted anew.
pub const NEW_MACHINE_NS: i64 = 600 * SECOND;
/// Places of flows that one call of [`crate::audit::Audit::expire`] looks at, at the least: about a millisecond.
pub const MIN_EXPIRY_STEP: u32 = 65_536;
/// Calls in which it looks at all places, if there are more.
pub const EXPIRY_CALLS: u32 = 16;
/// Nanoseconds after which a row of a DNS answer or a clear-text host that was not seen again is forgotten by a live audit; the store has
/// it, and if the same comes again later, that is a new row. As long as an open connection may be silent.
pub const ROW_LIFETIME_NS: i64 = IDLE_TCP_FLOW_NS;
/// Nanoseconds after which a live audit forgets that an address was given for a name: resolvers hold nearly all answers shorter, and what
/// is still used is asked for again.
pub const BINDING_LIFETIME_NS: i64 = 6 * 3_600 * SECOND;
/// Nanoseconds between two looks for what is that old.
pub const SWEEP_NS: i64 = 60 * SECOND;
/// Server rows of a live audit; the flows of later ones are counted in one row a device. A day of a busy phone has some thousands.
pub const MAX_LIVE_SERVERS: usize = 100_000;
/// Remote addresses that are counted apart: as many as flows are held.
pub const MAX_REMOTES: usize = MAX_FLOWS;
/// Gaps told of a live audit; a device that flaps all day would make thousands. The last one then grows.
pub const MAX_GAPS_SHOWN: usize = 500;
/// Addresses kept of one server row; big services use hundreds, a person reads a few.
pub const MAX_SERVER_ADDRESSES: usize = 64;
/// Steps of the timeline: one a pixel on a wide screen.
pub const MAX_TIMELINE_BUCKETS: usize = 1_200;
/// Company rows of a summary.
pub const MAX_COMPANIES: usize = 2_000;
/// Newest contacts of a summary.
pub const MAX_CONTACTS: usize = 50;
/// Bits that count the flows beyond [`MAX_FLOWS`] without remembering them: 1 MiB, exact to some percent for a million.
pub const UNCOUNTED_FLOW_BITS: usize = 8 << 20;
/// Distinct names, ALPN values and fingerprints. A day of a busy phone has some thousands.
pub const MAX_NAMES: usize = 500_000;
/// Octets of these.
pub const MAX_NAME_OCTETS: usize = 32 << 20;
/// Addresses, a machine, whose names are remembered. A phone asks for some thousands a day.
pub const MAX_NAME_BINDINGS: usize = 200_000;
/// Names remembered of one address: a content delivery address serves many, the newest matter.
pub const MAX_NAMES_PER_ADDRESS: usize = 8;
/// Rows of DNS answers.
pub const MAX_ANSWER_ROWS: usize = 200_000;
/// Addresses of one such row; the largest pools seen rotate through some hundreds.
pub const MAX_ANSWER_ADDRESSES: usize = 1_024;
/// Records read of one DNS message. Real answers have under a hundred; each is compared with all others, so that 64 kB of short ones
/// would cost millions of steps.
pub const MAX_RECORDS_PER_ANSWER: usize = 512;
/// Rows of hellos.
pub const MAX_HELLOS: usize = 500_000;
/// Rows of clear-text hosts.
pub const MAX_HTTP_HOSTS: usize = 100_000;
/// Machines on the near side that are watched as possible devices: the hosts of a /16 network.
pub const MAX_NEAR_HOSTS: usize = 65_536;
/// Apps that a capture may name; a phone has some hundreds.
pub const MAX_APPS: usize = 10_000;
/// Pauses of at least ten seconds that are told apart for Pandore's profile; more than a week of them.
pub const MAX_GAPS: usize = 65_536;
/// Octets of one direction of one stream that are held back until a missing segment comes: four full windows of a phone's first flight.
pub const MAX_STREAM_OCTETS: usize = 256 << 10;
/// Segments of one direction that are held back.
pub const MAX_STREAM_SEGMENTS: usize = 64;
/// Octets that all streams together hold. What needs more than this at one time gives up the stream that asks.
pub const MAX_STREAM_OCTETS_IN_ALL: usize = 64 << 20;
/// Octets of an unfinished message up to which every new segment has it read again.
pub const EAGER_STREAM_OCTETS: usize = 4 << 10;
/// Octets by which a longer one must grow to be read again, once [`MAX_EAGER_READS`] are spent: a stranger who sends single octets shall not
/// make each cost a message.
pub const STREAM_STEP_OCTETS: usize = 1 << 10;
/// Segments that may have a long unfinished message read again, however short they are.
pub const MAX_EAGER_READS: u8 = 64;
/// Payload octets of one direction in which a stream that has not shown a known protocol is looked at.
pub const MAX_SEARCHED_OCTETS: u64 = 64 << 10;
/// Fragmented datagrams that are put together at one time.
pub const MAX_FRAGMENTED: usize = 256;
/// Octets of these together.
pub const MAX_FRAGMENT_OCTETS: usize = 4 << 20;
/// Nanoseconds after which a datagram that misses a fragment is given up (RFC 8200 section 4.5: 60 s; RFC 791 suggests 15 s).
pub const FRAGMENT_LIFETIME_NS: i64 = 60_000_000_000;
/// Initial packets of one flow that are tried to open; a handshake has two or three, with losses some more.
pub const MAX_QUIC_ATTEMPTS: u8 = 24;
/// Octets of a QUIC client's handshake that are put together: as of [`telltale_wire::tls::MAX_MESSAGE_LEN`].
pub const MAX_CRYPTO_OCTETS: usize = 65_535;
/// Datagrams of one UDP flow in which its protocol is looked for.
pub const MAX_SEARCHED_DATAGRAMS: u8 = 12;
/// Lines of an App Privacy Report that are read. Seven days of a busy phone are some ten thousand.
pub const MAX_REPORT_LINES: u32 = 2_000_000;
/// Octets of one such line; real ones have some hundred.
pub const MAX_REPORT_LINE_OCTETS: usize = 64 << 10;
/// Apps of a report; a phone has some hundreds.
pub const MAX_REPORTED_APPS: usize = 5_000;
/// Domains of a report, all apps and contexts together.
pub const MAX_REPORTED_DOMAINS: usize = 200_000;
/// Uses of camera, location and the like in a report, all apps together.
pub const MAX_REPORTED_ACCESSES: usize = 200_000;
/// Rules of correlation that are looked at at one time; a person writes a handful.
pub const MAX_RULES: usize = 100;
/// Things that one rule tells apart (its groups): several for each of 500 agents. Past it the one that was heard of longest ago, and has no
/// open incident, is forgotten.
pub const MAX_RULE_GROUPS: usize = 2_000;
/// Results that one rule remembers, all its groups together, about 5 MB: three days of a probe that runs every half minute. Past it the
/// oldest of the group that grows is forgotten.
pub const MAX_RULE_RESULTS: usize = 10_000;
/// Seconds of the longest window: 30 days.
pub const MAX_WINDOW_S: u32 = 2_592_000;
/// Nanoseconds by which a result may be late and still tell of a change, which has no window: a week, as long as agents keep for others
/// what they could not deliver.
pub const LATE_CHANGE_NS: i64 = 604_800 * SECOND;
/// Results that an incident names as its evidence; a person reads the newest.
pub const MAX_EVIDENCE: usize = 100;
/// Steps of an incident's history.
pub const MAX_INCIDENT_STEPS: usize = 100;
/// Nanoseconds between two tellings that only more results stand behind an incident: a flood of results is no flood of news.
pub const TELL_INCIDENT_NS: i64 = 10 * SECOND;
/// Octets of an agent's, a target's or a probe's name, and of a result's sentence, that correlation keeps. Longer ones are cut.
pub const MAX_RESULT_TEXT: usize = 400;
/// Octets of a JSON pointer in a rule.
pub const MAX_POINTER: usize = 500;
