//! `manifest.json`: every set with its version, date, licence and credit, as the app shows it.

use crate::{
    error::DataError,
    output::Finished,
    packages::{ASN, COMPANIES, COUNTRY, NAMES, Packages, TRACKERS, WORLD, dated},
};
use serde::Serialize;
use telltale_core::enrich::DataSet;

/// Rows of the tables that were made.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) asn: u64,
    pub(crate) country: u64,
    pub(crate) companies: u64,
    pub(crate) trackers: u64,
    pub(crate) names: u64,
}

/// Packages whose version carries no date, and when that version was published.
const PUBLISHED: [(&str, &str, &str); 3] = [
    (COMPANIES, "0.30.0", "2026-09-14"),
    (WORLD, "2.0.2", "2024-12-07"),
    (NAMES, "48.2.0", "2026-03-30"),
];

/// What a set is, apart from its numbers.
struct Credit {
    key: &'static str,
    package: &'static str,
    name: &'static str,
    licence: &'static str,
    attribution: &'static str,
    homepage: &'static str,
    /// Table that was made of it; empty when there is none.
    file: &'static str,
    rows: u64,
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema: &'static str,
    sets: &'a [DataSet],
}

/// All sets, in the order in which the app lists them.
pub(crate) fn sets(packages: &Packages, tables: &[Finished], rows: Rows) -> Vec<DataSet> {
    credits(rows)
        .into_iter()
        .map(|credit| {
            let version = packages.version(credit.package);
            let published = PUBLISHED.iter().find(|(p, v, _)| *p == credit.package && *v == version);
            DataSet {
                key: credit.key.to_owned(),
                name: credit.name.to_owned(),
                version: version.to_owned(),
                date: dated(version)
                    .or_else(|| published.map(|(_, _, d)| (*d).to_owned()))
                    .unwrap_or_default(),
                licence: credit.licence.to_owned(),
                attribution: credit.attribution.to_owned(),
                homepage: credit.homepage.to_owned(),
                rows: credit.rows,
                file: credit.file.to_owned(),
                sha256: tables
                    .iter()
                    .find(|t| t.name == credit.file)
                    .map_or_else(String::new, |t| t.sha256.clone()),
            }
        })
        .collect()
}

fn credits(rows: Rows) -> [Credit; 8] {
    [
        Credit {
            key: "third-party-web",
            package: COMPANIES,
            name: "third-party-web",
            licence: "MIT",
            attribution: "Patrick Hulce and contributors",
            homepage: "https://github.com/patrickhulce/third-party-web",
            file: "companies.fst",
            rows: rows.companies,
        },
        Credit {
            key: "adguard",
            package: TRACKERS,
            name: "AdGuard filters: base, tracking protection, mobile ads",
            licence: "GPL-3.0-only",
            attribution: "AdGuard Software Ltd. and contributors",
            homepage: "https://github.com/AdguardTeam/AdguardFilters",
            file: "trackers.fst",
            rows: rows.trackers,
        },
        Credit {
            key: "asn",
            package: ASN,
            name: "ip-location-db asn",
            licence: "CC-BY-4.0",
            attribution: "RouteViews (routeviews.org), DB-IP (db-ip.com), NRO (nro.net); merged by ip-location-db",
            homepage: "https://github.com/sapics/ip-location-db",
            file: "asn.mmdb",
            rows: rows.asn,
        },
        Credit {
            key: "country",
            package: COUNTRY,
            name: "ip-location-db geo-whois-asn-country",
            licence: "CC0-1.0 AND CC-BY-4.0",
            attribution: "NRO (nro.net) and the regional internet registries; merged by ip-location-db",
            homepage: "https://github.com/sapics/ip-location-db",
            file: "country.mmdb",
            rows: rows.country,
        },
        Credit {
            key: "public-suffix",
            package: "psl",
            name: "Public Suffix List",
            licence: "MPL-2.0",
            attribution: "Mozilla Foundation and contributors (publicsuffix.org)",
            homepage: "https://publicsuffix.org",
            file: "",
            rows: 0,
        },
        Credit {
            key: "oui",
            package: "oui-data",
            name: "Makers of network chips (IEEE registries)",
            licence: "MIT",
            attribution: "IEEE Registration Authority; packed by oui-data",
            homepage: "https://standards-oui.ieee.org",
            file: "",
            rows: 0,
        },
        Credit {
            key: "world",
            package: WORLD,
            name: "World Atlas",
            licence: "ISC",
            attribution: "Made with Natural Earth (naturalearthdata.com); packed by Mike Bostock",
            homepage: "https://github.com/topojson/world-atlas",
            file: "",
            rows: 0,
        },
        Credit {
            key: "names",
            package: NAMES,
            name: "Unicode CLDR, names of countries",
            licence: "Unicode-3.0",
            attribution: "Unicode, Inc. and contributors",
            homepage: "https://cldr.unicode.org",
            file: "countries.tsv",
            rows: rows.names,
        },
    ]
}

/// The file's octets.
pub(crate) fn json(sets: &[DataSet]) -> Result<Vec<u8>, DataError> {
    let manifest = Manifest {
        schema: "telltale.data/1",
        sets,
    };
    let mut octets = serde_json::to_vec_pretty(&manifest).map_err(|error| DataError::Unsound(error.to_string()))?;
    octets.push(b'\n');
    Ok(octets)
}
