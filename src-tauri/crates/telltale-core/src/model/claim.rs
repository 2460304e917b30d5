//! How a thing is known, and what a server is there for.

use serde::{Deserialize, Serialize};

/// How a claim is known; every claim that a person sees carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Seen in the traffic itself.
    Observed,
    /// Deduced from timing, size, address or name.
    Inferred,
    /// A named list or the catalogue of a given date says so.
    Reputed,
}

/// Where a server's name was read, best first: of two names for one flow the smaller source wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum NameSource {
    /// Server name indication of a TLS or DTLS `ClientHello` (RFC 6066 section 3).
    Sni,
    /// The same inside a QUIC Initial, or Google QUIC's SNI tag.
    QuicSni,
    /// `Host` of a clear-text HTTP/1 request, or the target of CONNECT.
    HttpHost,
    /// A name of the certificate that the server showed (TLS up to 1.2).
    Certificate,
    /// The device asked DNS for this name and got this address: *inferred*, another name may share the address.
    Dns,
    /// Reverse DNS (PTR) seen in the traffic: *inferred*, names the machine's host rather than the service.
    ReverseDns,
}

impl NameSource {
    /// What a name from this source may claim.
    pub const fn basis(self) -> Basis {
        match self {
            Self::Sni | Self::QuicSni | Self::HttpHost | Self::Certificate => Basis::Observed,
            Self::Dns | Self::ReverseDns => Basis::Inferred,
        }
    }
}

/// What a service is there for: the documented short list of `catalogue/README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The site, app or game itself.
    Service,
    /// What the phone needs: push, time, captive-portal check, updates, store.
    System,
    /// Cloud and content delivery for many others.
    Delivery,
    /// Sign-in, payment, captcha, fraud prevention, certificate checks, consent dialogs.
    Security,
    /// Encrypted DNS.
    Resolver,
    /// VPN, proxy or relay.
    Tunnel,
    /// Crash and performance reports.
    Crash,
    /// Counts what a person does in an app or on a site.
    Analytics,
    /// A/B tests, marketing push, in-app messages, customer chat.
    Engagement,
    /// Reports of the maker of phone or system on its use.
    Telemetry,
    /// Links an advertisement to an installation or purchase.
    Attribution,
    /// Sells, shows or decides advertisements.
    Advertising,
    /// Collects or trades profiles.
    Profiling,
    /// A social network's blocks inside other companies' apps.
    Social,
    /// Nobody told us.
    Unknown,
}

/// The groups that a person sees first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum PurposeGroup {
    /// Needed for what was asked, or for the phone itself.
    Needed,
    /// Measures use; a tracker, within one app.
    Measures,
    /// Tracks across apps and sites.
    Follows,
    /// Not known.
    Unknown,
}

impl Purpose {
    /// All purposes, in the order in which pages list them.
    pub const ALL: [Self; 15] = [
        Self::Service,
        Self::System,
        Self::Delivery,
        Self::Security,
        Self::Resolver,
        Self::Tunnel,
        Self::Crash,
        Self::Analytics,
        Self::Engagement,
        Self::Telemetry,
        Self::Attribution,
        Self::Advertising,
        Self::Profiling,
        Self::Social,
        Self::Unknown,
    ];

    /// The group that the purpose belongs to.
    pub const fn group(self) -> PurposeGroup {
        match self {
            Self::Service | Self::System | Self::Delivery | Self::Security | Self::Resolver | Self::Tunnel => {
                PurposeGroup::Needed
            }
            Self::Crash | Self::Analytics | Self::Engagement | Self::Telemetry => PurposeGroup::Measures,
            Self::Attribution | Self::Advertising | Self::Profiling | Self::Social => PurposeGroup::Follows,
            Self::Unknown => PurposeGroup::Unknown,
        }
    }

    /// Whether a service of this purpose counts as a tracker (it measures or follows).
    pub const fn is_tracker(self) -> bool {
        matches!(self.group(), PurposeGroup::Measures | PurposeGroup::Follows)
    }
}
