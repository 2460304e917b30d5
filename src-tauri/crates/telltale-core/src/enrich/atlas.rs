//! The atlas: all layers behind one question.

use super::{
    AtlasError, AtlasSources, DataSet,
    address::public,
    lists::{Companies, Listed, Trackers, WebCompany},
    mmdb::Table,
    query::{self, Query},
};
use crate::{
    catalogue::{Catalogue, CompanyRow, Match},
    model::{Basis, Claim, Owner, Purpose},
};
use std::{borrow::Cow, net::IpAddr, sync::Arc};

/// Octets of the longest host name with its last dot (RFC 1035 section 2.3.4, as text): what is longer is none, and would make
/// look-ups slow, since they try every suffix.
const LONGEST_NAME: usize = 254;

/// All tables, ready to be asked; immutable, shared as `Arc<Atlas>`.
#[derive(Debug)]
pub struct Atlas {
    catalogue: &'static Catalogue,
    companies: Option<Companies>,
    trackers: Option<Trackers>,
    asn: Option<Table>,
    country: Option<Table>,
    sets: Vec<DataSet>,
}

/// What third-party-web says of a name.
struct Web<'a, 'n> {
    company: &'a WebCompany,
    domain: &'n str,
    labels: usize,
}

impl Atlas {
    /// Reads the tables; each that is there must be sound. Takes some 20 ms in a release build.
    pub fn new(sources: AtlasSources) -> Result<Self, AtlasError> {
        let open = |set, octets: Option<_>| octets.map(|o| Table::open(set, o)).transpose();
        let companies = match (sources.companies_fst, sources.companies_tsv) {
            (Some(fst), Some(tsv)) => Some(Companies::open(fst, &tsv)?),
            _ => None,
        };
        let mut atlas = Self::empty_but_catalogue();
        atlas.companies = companies;
        atlas.trackers = sources.trackers_fst.map(Trackers::open).transpose()?;
        atlas.asn = open("asn", sources.asn_mmdb)?;
        atlas.country = open("country", sources.country_mmdb)?;
        atlas.sets.extend(sources.manifest);
        Ok(atlas)
    }

    /// The embedded catalogue and the public suffix list alone: what works without `npm run data`.
    pub fn empty_but_catalogue() -> Self {
        let catalogue = Catalogue::embedded();
        Self {
            catalogue,
            companies: None,
            trackers: None,
            asn: None,
            country: None,
            sets: vec![own_set(catalogue)],
        }
    }

    /// Who is behind a server. `name` is the server's name (case and a last dot do not matter); `address` adds network and
    /// country, and is all there is when the name is missing. Private and reserved addresses are looked up in nothing.
    pub fn owner_of(&self, name: Option<&str>, address: Option<IpAddr>) -> Owner {
        let literal = name.and_then(|n| n.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        let name = name
            .filter(|_| literal.is_none())
            .filter(|n| n.len() <= LONGEST_NAME)
            .map(plain)
            .filter(|n| !n.is_empty());
        let address = address.or(literal).and_then(public);
        let mut owner = nobody();
        if let Some(name) = &name {
            self.name(&mut owner, name);
        } else if let Some(address) = address {
            self.range(&mut owner, address);
        }
        if let Some(address) = address {
            self.network(&mut owner, address, name.is_none());
        }
        owner.tracker = owner.purpose.is_tracker();
        owner
    }

    /// What the catalogue alone says a name, or failing that an address, is there for: the cheap question behind "is this an
    /// encrypted-DNS resolver, a tunnel?". `name` is lower case without a last dot. `None` when the catalogue knows neither.
    pub fn purpose_of(&self, name: Option<&str>, address: Option<IpAddr>) -> Option<Purpose> {
        let by_name = name
            .filter(|n| n.len() <= LONGEST_NAME)
            .and_then(|n| self.catalogue.by_name(n));
        let found = by_name.or_else(|| self.catalogue.by_address(public(address?)?));
        found.map(|f| f.service.purpose)
    }

    /// Registrable domain (eTLD+1) of a lower-case name by the public suffix list; `None` for a single label, a suffix
    /// itself, an address, and names of no known suffix (`printer.local`).
    pub fn registrable_domain(name: &str) -> Option<&str> {
        let suffix = psl::suffix(name.as_bytes())?;
        if !suffix.is_known() || name.len() > LONGEST_NAME {
            return None;
        }
        psl::domain_str(name).filter(|domain| !domain.starts_with('.'))
    }

    /// The sets that the claims refer to, the catalogue first.
    pub fn data_sets(&self) -> &[DataSet] {
        &self.sets
    }

    fn name(&self, owner: &mut Owner, name: &str) {
        let domain = Self::registrable_domain(name);
        owner.registrable_domain = domain.map(Into::into);
        let listed = self.trackers.as_ref().and_then(|t| t.find(name));
        let web = self.companies.as_ref().and_then(|c| c.find(name));
        let web = web.map(|(company, domain, labels)| Web {
            company,
            domain,
            labels,
        });
        match self.catalogue.by_name(name) {
            Some(hit) if is_tenant(name, &hit, listed.as_ref(), web.as_ref()) => {
                // An entry for the whole suffix names the landlord once more.
                lay_lists(owner, listed.as_ref(), web.filter(|w| w.labels > hit.labels).as_ref());
            }
            Some(hit) => lay_catalogue(owner, &hit, listed.as_ref()),
            None => {
                if let Some(domain) = domain
                    && let Some(company) = self.catalogue.by_registrable_domain(domain)
                {
                    lay_company(owner, company);
                    owner.claims.push(claim("catalogue", domain, Basis::Inferred));
                }
                lay_lists(owner, listed.as_ref(), web.as_ref());
            }
        }
    }

    /// Our own address ranges: a service that is asked by address (a public resolver).
    fn range(&self, owner: &mut Owner, address: IpAddr) {
        if let Some(hit) = self.catalogue.by_address(address) {
            lay_catalogue(owner, &hit, None);
        }
    }

    fn network(&self, owner: &mut Owner, address: IpAddr, nameless: bool) {
        if let Some(network) = self.asn.as_ref().and_then(|t| t.network(address)) {
            let matched = format!("AS{}", network.as_number);
            if nameless
                && owner.company.is_none()
                && let Some(company) = self.catalogue.by_as_number(network.as_number)
            {
                lay_company(owner, company);
                owner.claims.push(claim("catalogue", &matched, Basis::Reputed));
            }
            owner.as_number = Some(network.as_number);
            owner.organisation = network.organisation.map(Into::into);
            owner.claims.push(claim("asn", &matched, Basis::Reputed));
        }
        if let Some(registration) = self.country.as_ref().and_then(|t| t.registration(address)) {
            owner.country = Some(registration.country.into());
            owner.claims.push(claim("country", &registration.range, Basis::Reputed));
        }
    }
}

/// What is known of what a person typed or pasted: a name, an URL, or an IPv4 or IPv6 address, in any case, with or without
/// scheme, port, path and trailing dot, also in another script than ours. `None` when it is none of these.
pub fn lookup(atlas: &Atlas, query: &str) -> Option<Owner> {
    Some(match query::parse(query)? {
        Query::Name(name) => atlas.owner_of(Some(&name), None),
        Query::Address(address) => atlas.owner_of(None, Some(address)),
    })
}

/// The name in lower case without a last dot; names from the traffic mostly are so already.
fn plain(name: &str) -> Cow<'_, str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// Whether the name belongs to somebody who rents room below a shared suffix (`cloudfront.net`) that the catalogue's row stands
/// for, and a list knows that somebody: then nothing may fall upon the suffix's owner.
fn is_tenant(name: &str, hit: &Match<'_>, listed: Option<&Listed<'_>>, web: Option<&Web<'_, '_>>) -> bool {
    if hit.service.purpose != Purpose::Delivery {
        return false;
    }
    let web = web.filter(|w| w.company.company != hit.service.company.name);
    let known_apart = listed.is_some_and(|l| l.labels > hit.labels) || web.is_some_and(|w| w.labels > hit.labels);
    let suffix = psl::suffix(name.as_bytes()).filter(|s| s.typ() == Some(psl::Type::Private));
    let suffix_labels = suffix.map_or(0, |s| s.as_bytes().split(|b| *b == b'.').count());
    known_apart && hit.labels <= suffix_labels
}

fn lay_company(owner: &mut Owner, company: &CompanyRow) {
    owner.company = Some(Arc::clone(&company.name));
    owner.parent.clone_from(&company.parent);
    owner.home_country = Some(Arc::clone(&company.country));
}

fn lay_catalogue(owner: &mut Owner, hit: &Match<'_>, listed: Option<&Listed<'_>>) {
    let service = hit.service;
    lay_company(owner, &service.company);
    let mine = |basis| Claim {
        set: "catalogue".into(),
        matched: Arc::clone(hit.matched),
        basis,
    };
    if let Some(listed) = listed
        && listed.labels > hit.labels
        && !service.purpose.is_tracker()
    {
        owner.purpose = listed.purpose;
        owner.claims.push(claim("adguard", listed.domain, Basis::Reputed));
        owner.claims.push(mine(Basis::Inferred));
        return;
    }
    owner.service = Some(Arc::clone(&service.name));
    owner.purpose = service.purpose;
    owner.what_en = Some(Arc::clone(&service.en));
    owner.what_fr = Some(Arc::clone(&service.fr));
    owner.how = Some(Arc::clone(&service.how));
    owner.claims.push(mine(Basis::Reputed));
    if let Some(listed) = listed
        && service.purpose.is_tracker()
    {
        owner.claims.push(claim("adguard", listed.domain, Basis::Reputed));
    }
}

/// Where the catalogue has no row for the name: the lists' word.
fn lay_lists(owner: &mut Owner, listed: Option<&Listed<'_>>, web: Option<&Web<'_, '_>>) {
    if let Some(listed) = listed {
        owner.purpose = listed.purpose;
        owner.claims.push(claim("adguard", listed.domain, Basis::Reputed));
    }
    let Some(web) = web else { return };
    let purpose = web.company.purpose;
    if owner.company.is_none() {
        owner.company = Some(Arc::clone(&web.company.company));
        owner.service.clone_from(&web.company.product);
    }
    if purpose.is_tracker() == listed.is_some() && purpose != Purpose::Unknown {
        owner.purpose = purpose;
    }
    owner.claims.push(claim("third-party-web", web.domain, Basis::Reputed));
}

fn claim(set: &str, matched: &str, basis: Basis) -> Claim {
    Claim {
        set: set.into(),
        matched: matched.into(),
        basis,
    }
}

fn nobody() -> Owner {
    Owner {
        registrable_domain: None,
        company: None,
        parent: None,
        home_country: None,
        service: None,
        purpose: Purpose::Unknown,
        what_en: None,
        what_fr: None,
        how: None,
        tracker: false,
        as_number: None,
        organisation: None,
        country: None,
        claims: Vec::new(),
    }
}

fn own_set(catalogue: &Catalogue) -> DataSet {
    let size = catalogue.size();
    DataSet {
        key: "catalogue".to_owned(),
        name: "Telltale's catalogue".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        date: catalogue.edition().to_owned(),
        licence: "GPL-3.0-or-later".to_owned(),
        attribution: "Telltale's authors".to_owned(),
        rows: u64::try_from(size.domains.saturating_add(size.networks)).unwrap_or(u64::MAX),
        ..DataSet::default()
    }
}

#[cfg(test)]
mod tests;
