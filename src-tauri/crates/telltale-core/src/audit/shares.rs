//! Companies, countries and purposes: server rows added up, kept as rows change.

use super::servers::Shared;
use crate::{
    limits::MAX_COMPANIES,
    model::{Company, CountryShare, Owner, Purpose, PurposeGroup, PurposeShare, Server},
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::{cmp::Reverse, sync::Arc};

const PURPOSES: usize = Purpose::ALL.len();

/// Sums of some rows.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    servers: u32,
    flows: u32,
    sent: u64,
    received: u64,
}

impl Sum {
    fn replace(&mut self, old: Shared, new: Shared) {
        let servers = self.servers.saturating_sub(u32::from(old.there));
        self.servers = servers.saturating_add(u32::from(new.there));
        self.flows = self.flows.saturating_sub(old.flows).saturating_add(new.flows);
        self.sent = self.sent.saturating_sub(old.sent).saturating_add(new.sent);
        self.received = self.received.saturating_sub(old.received).saturating_add(new.received);
    }

    const fn bytes(&self) -> u64 {
        self.sent.saturating_add(self.received)
    }
}

#[derive(Debug)]
struct CompanySum {
    name: Option<Arc<str>>,
    by_network: bool,
    home_country: Option<Arc<str>>,
    all: Sum,
    by_purpose: [Sum; PURPOSES],
}

/// All sums. Rows on the local network are nobody's.
#[derive(Debug)]
pub(crate) struct Shares {
    companies: Vec<CompanySum>,
    by_name: HashMap<(Option<Arc<str>>, bool), u32, FixedState>,
    countries: Vec<(Option<Arc<str>>, Sum)>,
    by_country: HashMap<Option<Arc<str>>, u32, FixedState>,
    purposes: [Sum; PURPOSES],
}

impl Shares {
    /// Nothing yet. `seed` keys the hashers.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            companies: Vec::new(),
            by_name: HashMap::with_hasher(FixedState::with_seed(seed)),
            countries: Vec::new(),
            by_country: HashMap::with_hasher(FixedState::with_seed(seed)),
            purposes: [Sum::default(); PURPOSES],
        }
    }

    /// Moves one row from what was counted to what it is now.
    pub(crate) fn replace(&mut self, row: &Server, old: Shared, new: Shared) {
        if row.local {
            return;
        }
        let purpose = row.owner.purpose as usize;
        if let Some(company) = self.company(&row.owner) {
            company.all.replace(old, new);
            if let Some(sum) = company.by_purpose.get_mut(purpose) {
                sum.replace(old, new);
            }
        }
        if let Some(sum) = self.country(row.owner.country.as_ref()) {
            sum.replace(old, new);
        }
        if let Some(sum) = self.purposes.get_mut(purpose) {
            sum.replace(old, new);
        }
    }

    /// Companies that have rows, most octets first; and how many have a name, and how many of these measure or follow.
    pub(crate) fn companies(&self) -> (Vec<Company>, u32, u32) {
        let there = || self.companies.iter().filter(|company| company.all.servers > 0);
        let named = there().filter(|company| company.name.is_some());
        let trackers = named.clone().filter(|company| company.is_tracker());
        let (named, trackers) = (named.count(), trackers.count());
        let mut rows: Vec<&CompanySum> = there().collect();
        rows.sort_by_key(|company| Reverse(company.all.bytes()));
        rows.truncate(MAX_COMPANIES);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (
            rows.into_iter().map(CompanySum::company).collect(),
            count(named),
            count(trackers),
        )
    }

    /// Countries, most octets first.
    pub(crate) fn countries(&self) -> Vec<CountryShare> {
        let mut rows: Vec<_> = self.countries.iter().filter(|(_, sum)| sum.servers > 0).collect();
        rows.sort_by_key(|(_, sum)| Reverse(sum.bytes()));
        let share = |(country, sum): &(Option<Arc<str>>, Sum)| CountryShare {
            country: country.clone(),
            servers: sum.servers,
            sent_bytes: sum.sent,
            received_bytes: sum.received,
        };
        rows.into_iter().map(share).collect()
    }

    /// Purposes that occur, in their fixed order.
    pub(crate) fn purposes(&self) -> Vec<PurposeShare> {
        let mut rows = Vec::new();
        for ((index, purpose), sum) in Purpose::ALL.into_iter().enumerate().zip(&self.purposes) {
            if sum.servers > 0 {
                let has = |company: &&CompanySum| {
                    company.name.is_some() && company.by_purpose.get(index).is_some_and(|sum| sum.servers > 0)
                };
                let companies = self.companies.iter().filter(has).count();
                rows.push(PurposeShare {
                    purpose,
                    companies: u32::try_from(companies).unwrap_or(u32::MAX),
                    servers: sum.servers,
                    sent_bytes: sum.sent,
                    received_bytes: sum.received,
                });
            }
        }
        rows
    }

    fn company(&mut self, owner: &Owner) -> Option<&mut CompanySum> {
        let by_network = owner.company.is_none() && owner.organisation.is_some();
        let name = owner.company.as_ref().or(owner.organisation.as_ref());
        let key = (name.cloned(), by_network);
        let number = if let Some(number) = self.by_name.get(&key) {
            *number
        } else {
            let number = u32::try_from(self.companies.len()).ok()?;
            self.companies.push(CompanySum {
                name: key.0.clone(),
                by_network,
                home_country: None,
                all: Sum::default(),
                by_purpose: [Sum::default(); PURPOSES],
            });
            self.by_name.insert(key, number);
            number
        };
        let company = self.companies.get_mut(number as usize)?;
        if company.home_country.is_none() {
            company.home_country.clone_from(&owner.home_country);
        }
        Some(company)
    }

    fn country(&mut self, country: Option<&Arc<str>>) -> Option<&mut Sum> {
        let key = country.cloned();
        let number = if let Some(number) = self.by_country.get(&key) {
            *number
        } else {
            let number = u32::try_from(self.countries.len()).ok()?;
            self.countries.push((key.clone(), Sum::default()));
            self.by_country.insert(key, number);
            number
        };
        self.countries.get_mut(number as usize).map(|(_, sum)| sum)
    }
}

impl CompanySum {
    fn occurring(&self) -> impl Iterator<Item = (Purpose, &Sum)> {
        Purpose::ALL
            .into_iter()
            .zip(&self.by_purpose)
            .filter(|(_, sum)| sum.servers > 0)
    }

    fn is_tracker(&self) -> bool {
        self.occurring().any(|(purpose, _)| purpose.is_tracker())
    }

    fn company(&self) -> Company {
        let mut purposes: Vec<_> = self.occurring().collect();
        purposes.sort_by_key(|(_, sum)| Reverse(sum.bytes()));
        let purposes: Vec<Purpose> = purposes.into_iter().map(|(purpose, _)| purpose).collect();
        Company {
            name: self.name.clone(),
            by_network: self.by_network,
            home_country: self.home_country.clone(),
            group: worst(&purposes),
            purposes,
            servers: self.all.servers,
            flows: self.all.flows,
            sent_bytes: self.all.sent,
            received_bytes: self.all.received,
        }
    }
}

/// The worst group: what follows across apps, then what measures, then what nobody knows, then what is needed.
fn worst(purposes: &[Purpose]) -> PurposeGroup {
    let order = [PurposeGroup::Follows, PurposeGroup::Measures, PurposeGroup::Unknown];
    let has = |group: &PurposeGroup| purposes.iter().any(|purpose| purpose.group() == *group);
    order.into_iter().find(has).unwrap_or(PurposeGroup::Needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_its_place() {
        for (index, purpose) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(purpose as usize, index);
        }
    }

    #[test]
    fn the_worst_group_stands_for_a_company() {
        assert_eq!(worst(&[Purpose::Service, Purpose::Analytics]), PurposeGroup::Measures);
        assert_eq!(worst(&[Purpose::Service, Purpose::Unknown]), PurposeGroup::Unknown);
        assert_eq!(worst(&[Purpose::System]), PurposeGroup::Needed);
        assert_eq!(worst(&[Purpose::Advertising, Purpose::Crash]), PurposeGroup::Follows);
    }
}
