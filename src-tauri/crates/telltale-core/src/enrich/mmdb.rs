//! Address tables in MMDB form: AS number and organisation, country of registration.
//!
//! Any table that a user puts in place works: MaxMind's field names (GeoLite2 and DB-IP Lite), ip-location-db's flat ones and
//! `IPinfo`'s. A damaged table is an error when it is opened, or an unknown address when it is asked; never a panic.

use super::{AtlasError, Octets};
use maxminddb::{LookupResult, Reader};
use serde::{Deserialize, de::DeserializeOwned};
use std::net::IpAddr;

/// Who runs the network of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Network {
    /// Number of the autonomous system.
    pub(super) as_number: u32,
    /// Its organisation, where the table names it.
    pub(super) organisation: Option<String>,
}

/// Where the network of an address is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registration {
    /// ISO 3166-1 alpha-2, upper case.
    pub(super) country: String,
    /// The range that the table has it for.
    pub(super) range: String,
}

/// One table.
pub(super) struct Table {
    reader: Reader<Octets>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("metadata", self.reader.metadata())
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct AsnRecord {
    autonomous_system_number: Option<Number>,
    autonomous_system_organization: Option<String>,
    asn: Option<Number>,
    as_name: Option<String>,
    as_organization: Option<String>,
}

/// `15169`, `"15169"` or `"AS15169"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u32),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<u32> {
        match self {
            Self::Plain(number) => Some(*number),
            Self::Text(text) => text.trim_start_matches(['A', 'S', 'a', 's']).parse().ok(),
        }
    }
}

#[derive(Deserialize)]
struct CountryRecord {
    registered_country: Option<Country>,
    country: Option<Country>,
    country_code: Option<String>,
}

/// `"US"`, or a map with `iso_code`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Country {
    Code(String),
    Named { iso_code: Option<String> },
}

impl Country {
    fn code(self) -> Option<String> {
        match self {
            Self::Code(code) => Some(code),
            Self::Named { iso_code } => iso_code,
        }
    }
}

impl Table {
    /// Opens a table; `set` is its key in the manifest.
    pub(super) fn open(set: &'static str, octets: Octets) -> Result<Self, AtlasError> {
        match Reader::from_source(octets) {
            Ok(reader) => Ok(Self { reader }),
            Err(error) => Err(AtlasError::Mmdb {
                set,
                reason: error.to_string(),
            }),
        }
    }

    fn find<T: DeserializeOwned>(&self, address: IpAddr) -> Option<(LookupResult<'_, Octets>, T)> {
        let found = self.reader.lookup(address).ok()?;
        let record = found.decode::<T>().ok()??;
        Some((found, record))
    }

    /// Who runs the network; `None` where the table does not know, or is of another kind.
    pub(super) fn network(&self, address: IpAddr) -> Option<Network> {
        let (_, record) = self.find::<AsnRecord>(address)?;
        let as_number = record.autonomous_system_number.or(record.asn)?.value()?;
        let organisation = record
            .autonomous_system_organization
            .or(record.as_name)
            .or(record.as_organization);
        Some(Network {
            as_number,
            organisation: organisation.filter(|o| !o.trim().is_empty()),
        })
    }

    /// Where the network is registered: `registered_country` before `country`, since that is what we claim.
    pub(super) fn registration(&self, address: IpAddr) -> Option<Registration> {
        let (found, record) = self.find::<CountryRecord>(address)?;
        let code = record
            .registered_country
            .and_then(Country::code)
            .or(record.country_code)
            .or_else(|| record.country.and_then(Country::code))?;
        let country = code.to_ascii_uppercase();
        // ZZ is the code of "unknown" in the registries' files.
        let known = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()) && country != "ZZ";
        known.then(|| Registration {
            country,
            range: found.network().map_or_else(|_| address.to_string(), |n| n.to_string()),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use mmdb_writer::{Value, Writer};

    /// An MMDB of ranges and records.
    pub(crate) fn mmdb(rows: &[(&str, Value)]) -> Vec<u8> {
        let mut writer = Writer::new("Test");
        for (range, value) in rows {
            writer
                .insert_value(range.parse::<ipnet::IpNet>().unwrap(), value.clone())
                .unwrap();
        }
        writer.to_bytes().unwrap()
    }

    pub(crate) fn asn(number: u32, organisation: &str) -> Value {
        Value::map([
            ("autonomous_system_number", Value::U32(number)),
            ("autonomous_system_organization", Value::String(organisation.to_owned())),
        ])
    }

    pub(crate) fn text(key: &str, value: &str) -> Value {
        Value::map([(key, Value::String(value.to_owned()))])
    }

    fn open(rows: &[(&str, Value)]) -> Table {
        Table::open("test", mmdb(rows).into()).unwrap()
    }

    #[test]
    fn as_numbers_are_read_in_every_form() {
        let ipinfo = Value::map([
            ("asn", Value::String("AS64501".into())),
            ("as_name", Value::String("Two".into())),
        ]);
        let table = open(&[
            ("1.0.0.0/24", asn(64_500, "One")),
            ("1.0.1.0/24", ipinfo),
            ("2a00::/16", asn(64_502, "")),
        ]);
        let found = |address: &str| {
            table
                .network(address.parse().unwrap())
                .map(|n| (n.as_number, n.organisation))
        };
        assert_eq!(found("1.0.0.255"), Some((64_500, Some("One".to_owned()))));
        assert_eq!(found("1.0.1.1"), Some((64_501, Some("Two".to_owned()))));
        assert_eq!(found("2a00::1"), Some((64_502, None)));
        assert_eq!(found("1.0.2.1"), None);
    }

    #[test]
    fn countries_are_read_in_every_form() {
        let nested = |key: &str, code: &str| (key.to_owned(), text("iso_code", code));
        let table = open(&[
            ("1.0.0.0/24", text("country_code", "FR")),
            ("1.0.1.0/24", Value::map([nested("country", "DE")])),
            (
                "1.0.2.0/24",
                Value::map([nested("country", "DE"), nested("registered_country", "US")]),
            ),
            ("1.0.3.0/24", text("country", "jp")),
            ("1.0.4.0/24", text("country_code", "ZZ")),
            ("1.0.5.0/24", text("country", "Japan")),
        ]);
        let found = |address: &str| {
            table
                .registration(address.parse().unwrap())
                .map(|r| (r.country, r.range))
        };
        let row = |country: &str, range: &str| Some((country.to_owned(), range.to_owned()));
        assert_eq!(found("1.0.0.9"), row("FR", "1.0.0.0/24"));
        assert_eq!(found("1.0.1.9"), row("DE", "1.0.1.0/24"));
        assert_eq!(found("1.0.2.9"), row("US", "1.0.2.0/24"));
        assert_eq!(found("1.0.3.9"), row("JP", "1.0.3.0/24"));
        assert_eq!(found("1.0.4.9"), None);
        assert_eq!(found("1.0.5.9"), None);
        assert_eq!(table.network("1.0.0.9".parse().unwrap()), None);
    }

    #[test]
    fn a_record_as_rich_as_maxminds_own_is_read() {
        let names = || {
            (
                "names".to_owned(),
                Value::map([("en", Value::from("France")), ("fr", Value::from("France"))]),
            )
        };
        let place = |code: &str| {
            let id = ("geoname_id".to_owned(), Value::U32(3_017_382));
            let union = ("is_in_european_union".to_owned(), Value::Bool(true));
            Value::map([("iso_code".to_owned(), Value::from(code)), id, union, names()])
        };
        let record = Value::map([
            (
                "continent".to_owned(),
                Value::map([("code".to_owned(), Value::from("EU")), names()]),
            ),
            ("country".to_owned(), place("FR")),
            ("registered_country".to_owned(), place("DE")),
            ("traits".to_owned(), Value::map([("is_anycast", Value::Bool(false))])),
        ]);
        let table = open(&[("2a01::/16", record)]);
        let found = table.registration("2a01::1".parse().unwrap()).unwrap();
        assert_eq!((found.country.as_str(), found.range.as_str()), ("DE", "2a01::/16"));
    }

    #[test]
    fn what_is_no_mmdb_is_an_error() {
        let table = mmdb(&[("1.0.0.0/24", asn(64_500, "One"))]);
        for bad in [
            &b""[..],
            &b"start,end,asn\n"[..],
            &table[..table.len() / 2],
            &vec![0; 4_096],
        ] {
            let error = Table::open("asn", bad.to_vec().into()).unwrap_err();
            assert!(matches!(error, AtlasError::Mmdb { set: "asn", .. }), "{error}");
        }
    }

    #[test]
    fn a_damaged_mmdb_never_panics() {
        let good = mmdb(&[
            ("1.0.0.0/24", asn(64_500, "One")),
            ("2a00::/16", text("country_code", "FR")),
        ]);
        let addresses: [IpAddr; 3] = [
            "1.0.0.1".parse().unwrap(),
            "2a00::1".parse().unwrap(),
            "9.9.9.9".parse().unwrap(),
        ];
        for at in 0..good.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= mask;
                if let Ok(table) = Table::open("test", bad.into()) {
                    for address in addresses {
                        let _ = (table.network(address), table.registration(address));
                    }
                }
            }
        }
    }
}
