//! ip-location-db's country table -> `country.mmdb`: taken as it is, since it is in the right form already.

use crate::{
    error::DataError,
    packages::{COUNTRY, Packages, input},
};
use maxminddb::{Reader, WithinOptions};

const FILE: &str = "geo-whois-asn-country.mmdb";

/// The table and its number of ranges.
pub(crate) fn build(packages: &Packages) -> Result<(Vec<u8>, u64), DataError> {
    let octets = packages.read(COUNTRY, FILE)?;
    let rows = count(&octets).map_err(|error| input(&packages.file(COUNTRY, FILE), &error))?;
    Ok((octets, rows))
}

fn count(octets: &[u8]) -> Result<u64, maxminddb::MaxMindDbError> {
    let reader = Reader::from_source(octets)?;
    let mut rows = 0;
    for network in reader.networks(WithinOptions::default())? {
        if network?.has_data() {
            rows += 1;
        }
    }
    Ok(rows)
}
