//! ip-location-db's AS tables -> `asn.mmdb`, IPv4 and IPv6 in one tree.
//!
//! Ranges need not lie on prefix borders, and where two overlap the later row wins. The tree is asked back for both ends of every
//! range before it is believed.

use crate::{
    error::DataError,
    packages::{ASN, Packages, dated, input},
};
use maxminddb::{PathElement, Reader};
use mmdb_writer::{Ipv4Aliasing, Value, Writer};
use serde::Deserialize;
use std::{
    io::Read,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    time::{Duration, SystemTime},
};

const FILES: [(&str, bool); 2] = [("asn-ipv4-num.csv", true), ("asn-ipv6-num.csv", false)];

/// First and last address as numbers, AS number, organisation.
#[derive(Deserialize)]
struct Row {
    first: u128,
    last: u128,
    number: u32,
    organisation: String,
}

/// One range of a family.
struct Range {
    first: IpAddr,
    last: IpAddr,
    number: u32,
    /// A later range lies over a part of it.
    covered: bool,
}

pub(crate) fn build(packages: &Packages) -> Result<(Vec<u8>, u64), DataError> {
    let mut tables = Vec::new();
    for (name, is_v4) in FILES {
        tables.push((packages.file(ASN, name), packages.open(ASN, name)?, is_v4));
    }
    table(
        tables
            .iter_mut()
            .map(|(file, reader, is_v4)| (file.as_path(), reader, *is_v4)),
        packages.version(ASN),
    )
}

/// The tree and its number of ranges.
fn table<'a, R: Read + 'a>(
    inputs: impl Iterator<Item = (&'a Path, R, bool)>,
    version: &str,
) -> Result<(Vec<u8>, u64), DataError> {
    let mut writer = Writer::builder("Telltale-ASN")
        .ipv4_aliasing(Ipv4Aliasing::Disabled)
        .languages(Vec::<String>::new())
        .description(&[("en", "AS numbers and organisations (RouteViews, DB-IP, NRO; CC BY 4.0)")])
        .build_epoch(epoch(version))
        .build();
    let mut ranges = Vec::new();
    for (file, reader, is_v4) in inputs {
        read(&mut writer, &mut ranges, file, reader, is_v4)?;
    }
    let octets = writer
        .to_bytes()
        .map_err(|error| DataError::Unsound(error.to_string()))?;
    check(&octets, &ranges)?;
    Ok((octets, ranges.len() as u64))
}

fn read(
    writer: &mut Writer,
    ranges: &mut Vec<Range>,
    file: &Path,
    reader: impl Read,
    is_v4: bool,
) -> Result<(), DataError> {
    let mut csv = csv::ReaderBuilder::new().has_headers(false).from_reader(reader);
    for row in csv.deserialize::<Row>() {
        let row = row.map_err(|error| input(file, &error))?;
        let bad = |reason: &str| input(file, &format!("{}-{}: {reason}", row.first, row.last));
        let address = |number: u128| {
            if is_v4 {
                u32::try_from(number).ok().map(|n| IpAddr::V4(Ipv4Addr::from_bits(n)))
            } else {
                Some(IpAddr::V6(Ipv6Addr::from_bits(number)))
            }
        };
        let (Some(first), Some(last)) = (address(row.first), address(row.last)) else {
            return Err(bad("is no IPv4 range"));
        };
        let value = Value::map([
            ("autonomous_system_number", Value::U32(row.number)),
            (
                "autonomous_system_organization",
                Value::String(row.organisation.trim().to_owned()),
            ),
        ]);
        writer
            .insert_range(first, last, &value)
            .map_err(|error| bad(&error.to_string()))?;
        // The rows are sorted; where one is not, or reaches into the next, it is left out of the check only.
        if let Some(before) = ranges.last_mut()
            && before.first.is_ipv4() == is_v4
            && before.last >= first
        {
            before.covered = true;
        }
        ranges.push(Range {
            first,
            last,
            number: row.number,
            covered: false,
        });
    }
    Ok(())
}

/// Both ends of every range lead to its number.
fn check(octets: &[u8], ranges: &[Range]) -> Result<(), DataError> {
    let reader = Reader::from_source(octets).map_err(|error| DataError::Unsound(error.to_string()))?;
    let path = [PathElement::Key("autonomous_system_number")];
    for range in ranges.iter().filter(|r| !r.covered) {
        for address in [range.first, range.last] {
            let found = reader
                .lookup(address)
                .and_then(|r| r.decode_path::<u32>(&path))
                .ok()
                .flatten();
            if found != Some(range.number) {
                return Err(DataError::Unsound(format!(
                    "{address} leads to {found:?} instead of AS{}",
                    range.number
                )));
            }
        }
    }
    Ok(())
}

/// The date of the data, so that the same data makes the same octets.
fn epoch(version: &str) -> SystemTime {
    let days = dated(version).and_then(|date| {
        let mut parts = date.split('-').map(|p| p.parse::<u64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        // Days since 1970-03-01, by the civil calendar with March as its first month.
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469)
    });
    SystemTime::UNIX_EPOCH + Duration::from_secs(days.unwrap_or(0) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use telltale_core::enrich::{Atlas, AtlasSources};

    fn built(v4: &str, v6: &str) -> Result<(Vec<u8>, u64), DataError> {
        let file = Path::new("t.csv");
        table(
            [(file, v4.as_bytes(), true), (file, v6.as_bytes(), false)].into_iter(),
            "2.3.2026061719",
        )
    }

    #[test]
    fn ranges_off_prefix_borders_and_overlaps_come_out_right() {
        // 8.0.0.5-8.0.1.3; 8.0.1.0-8.0.1.0 over it; 8.8.8.0/24; 2a00:1::-2a00:1::ffff minus one at each end.
        let v4 =
            "134217733,134217987,64500,\"One, Inc.\"\n134217984,134217984,64501,Two\n134744064,134744319,64502,Three\n";
        let first = Ipv6Addr::new(0x2a00, 1, 0, 0, 0, 0, 0, 1).to_bits();
        let v6 = format!("{first},{},64503,Six\n", first + 0xfffd);
        let (octets, rows) = built(v4, &v6).unwrap();
        assert_eq!(rows, 4);
        let atlas = Atlas::new(AtlasSources {
            asn_mmdb: Some(octets.into()),
            ..AtlasSources::default()
        })
        .unwrap();
        let number = |address: &str| atlas.owner_of(None, Some(address.parse().unwrap())).as_number;
        for (address, expected) in [
            ("8.0.0.4", None),
            ("8.0.0.5", Some(64_500)),
            ("8.0.0.255", Some(64_500)),
            ("8.0.1.0", Some(64_501)),
            ("8.0.1.1", Some(64_500)),
            ("8.0.1.3", Some(64_500)),
            ("8.0.1.4", None),
            ("8.8.8.8", Some(64_502)),
            ("::ffff:8.8.8.8", Some(64_502)),
            ("2a00:1::", None),
            ("2a00:1::1", Some(64_503)),
            ("2a00:1::fffe", Some(64_503)),
            ("2a00:1::ffff", None),
        ] {
            assert_eq!(number(address), expected, "{address}");
        }
        let owner = atlas.owner_of(None, Some("8.0.0.5".parse().unwrap()));
        assert_eq!(owner.organisation.as_deref(), Some("One, Inc."));
    }

    #[test]
    fn the_same_data_makes_the_same_octets() {
        let mut rows = String::new();
        for n in 0..2_000 {
            let _ = writeln!(rows, "{0},{0},{1},Org {1}", 134_217_728 + n * 3, n % 97);
        }
        assert_eq!(built(&rows, "").unwrap().0, built(&rows, "").unwrap().0);
        let reader_epoch = epoch("2.3.2026061719")
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        assert_eq!(reader_epoch, 1_781_654_400);
        assert_eq!(epoch("1.0.0"), SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn bad_rows_are_errors_with_their_file() {
        for rows in [
            "1,2,x,Org\n",
            "1,2\n",
            "5,4,64500,Org\n",
            "4294967296,4294967297,64500,Org\n",
        ] {
            let error = built(rows, "").unwrap_err();
            assert!(error.to_string().starts_with("t.csv"), "{error}");
        }
    }
}
