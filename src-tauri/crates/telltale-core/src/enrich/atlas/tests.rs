//! Who is believed, layer by layer; with tables made here and the embedded catalogue's own rows.

use super::*;
use crate::catalogue::tests::read as read_catalogue;
use crate::enrich::{
    lists::tests::table,
    mmdb::tests::{asn, mmdb, text},
};

fn small_catalogue() -> &'static Catalogue {
    const ROWS: &str = r#"
edition = "2026-01-02"
[[company]]
id = "acme"
name = "Acme"
country = "FR"
as = [64500]
[[company.service]]
name = "Acme Search"
purpose = "service"
domains = ["acme.com", "login.acme.com", "sdk.acme.org"]
en = "Searches."
fr = "Cherche."
how = "own-site: it says so"
[[company.service]]
name = "Acme Count"
purpose = "analytics"
domains = ["count.acme.com"]
en = "Counts."
fr = "Compte."
how = "vendor-docs: it says so"
[[company.service]]
name = "Acme DNS"
purpose = "resolver"
domains = ["dns.acme.net"]
networks = ["9.9.9.0/24"]
en = "Answers."
fr = "Répond."
how = "vendor-docs: it says so"
[[company]]
id = "cloud"
name = "Cloud"
country = "US"
parent = "acme"
[[company.service]]
name = "Cloud Front"
purpose = "delivery"
domains = ["cloudfront.net"]
en = "Delivers."
fr = "Livre."
how = "own-site: it says so"
"#;
    let (catalogue, faults) = read_catalogue(&[("t.toml", ROWS)]);
    assert_eq!(faults, []);
    Box::leak(Box::new(catalogue))
}

fn atlas() -> Atlas {
    let ads = 1;
    let tracking = 2;
    let trackers = table(&[
        ("acme.com", ads),
        ("ads.acme.com", ads),
        ("login.acme.com", tracking),
        ("count.acme.com", tracking),
        ("x.count.acme.com", ads),
        ("spy.example", tracking),
        ("ads.webco.com", ads),
        ("d111.cloudfront.net", tracking),
        ("d222.cloudfront.net", ads),
    ]);
    let companies = table(&[
        ("webco.com", 0),
        ("siteco.com", 1),
        ("d222.cloudfront.net", 0),
        ("cloudfront.net", 2),
        ("d444.cloudfront.net", 2),
        ("other.acme.com", 1),
        ("shared.acme.org", 1),
    ]);
    let networks = mmdb(&[
        ("8.0.0.0/8", asn(64_500, "ACME-NET")),
        ("9.0.0.0/8", asn(64_501, "NINE")),
        ("2a00::/16", asn(64_500, "ACME-NET")),
    ]);
    let countries = mmdb(&[
        ("8.8.0.0/16", text("country_code", "US")),
        ("10.0.0.0/8", text("country_code", "FR")),
    ]);
    let mut atlas = Atlas::new(AtlasSources {
        asn_mmdb: Some(networks.into()),
        country_mmdb: Some(countries.into()),
        companies_fst: Some(companies.into()),
        companies_tsv: Some(
            b"WebCo\tWebCo Ads\tad\nSiteCo\t\tcontent\nCloud\tCloud Web\tother\n"
                .to_vec()
                .into(),
        ),
        trackers_fst: Some(trackers.into()),
        manifest: vec![DataSet {
            key: "asn".to_owned(),
            ..DataSet::default()
        }],
    })
    .unwrap();
    atlas.catalogue = small_catalogue();
    atlas
}

fn claims(owner: &Owner) -> Vec<(&str, &str, Basis)> {
    owner.claims.iter().map(|c| (&*c.set, &*c.matched, c.basis)).collect()
}

#[test]
fn the_catalogue_speaks_first() {
    let owner = atlas().owner_of(Some("www.acme.com"), None);
    assert_eq!(owner.registrable_domain.as_deref(), Some("acme.com"));
    assert_eq!(owner.company.as_deref(), Some("Acme"));
    assert_eq!(owner.home_country.as_deref(), Some("FR"));
    assert_eq!(owner.service.as_deref(), Some("Acme Search"));
    assert_eq!(owner.what_fr.as_deref(), Some("Cherche."));
    assert_eq!(owner.how.as_deref(), Some("own-site: it says so"));
    assert_eq!((owner.purpose, owner.tracker), (Purpose::Service, false));
    // The list names `acme.com` too, but is no more specific than the catalogue.
    assert_eq!(claims(&owner), [("catalogue", "acme.com", Basis::Reputed)]);
}

#[test]
fn a_more_specific_list_entry_overrides_needed() {
    let owner = atlas().owner_of(Some("ads.acme.com"), None);
    assert_eq!(
        (
            owner.company.as_deref(),
            owner.service.as_deref(),
            owner.what_en.as_deref()
        ),
        (Some("Acme"), None, None)
    );
    assert_eq!((owner.purpose, owner.tracker), (Purpose::Advertising, true));
    assert_eq!(
        claims(&owner),
        [
            ("adguard", "ads.acme.com", Basis::Reputed),
            ("catalogue", "acme.com", Basis::Inferred)
        ]
    );
}

#[test]
fn a_list_entry_as_specific_as_the_catalogue_does_not() {
    let owner = atlas().owner_of(Some("login.acme.com"), None);
    assert_eq!((owner.purpose, owner.tracker), (Purpose::Service, false));
    assert_eq!(claims(&owner).len(), 1);
}

#[test]
fn the_catalogue_stays_when_both_say_tracker() {
    let owner = atlas().owner_of(Some("x.count.acme.com"), None);
    assert_eq!(
        (owner.service.as_deref(), owner.purpose),
        (Some("Acme Count"), Purpose::Analytics)
    );
    assert_eq!(
        claims(&owner),
        [
            ("catalogue", "count.acme.com", Basis::Reputed),
            ("adguard", "x.count.acme.com", Basis::Reputed)
        ]
    );
}

#[test]
fn the_list_alone_says_no_more_than_its_word() {
    let owner = atlas().owner_of(Some("a.spy.example"), None);
    assert_eq!(
        (owner.company, owner.service, owner.purpose, owner.tracker),
        (None, None, Purpose::Analytics, true)
    );
}

#[test]
fn a_company_is_inferred_from_the_registrable_domain() {
    let owner = atlas().owner_of(Some("cdn.acme.org"), None);
    assert_eq!(
        (owner.company.as_deref(), owner.service.as_deref(), owner.purpose),
        (Some("Acme"), None, Purpose::Unknown)
    );
    assert_eq!(claims(&owner), [("catalogue", "acme.org", Basis::Inferred)]);
    let owner = atlas().owner_of(Some("shared.acme.org"), None);
    assert_eq!(
        (owner.company.as_deref(), owner.purpose),
        (Some("Acme"), Purpose::Service)
    );
}

#[test]
fn third_party_web_needs_the_lists_agreement_for_a_tracker() {
    let owner = atlas().owner_of(Some("www.webco.com"), None);
    assert_eq!(
        (owner.company.as_deref(), owner.service.as_deref()),
        (Some("WebCo"), Some("WebCo Ads"))
    );
    assert_eq!((owner.purpose, owner.tracker), (Purpose::Unknown, false));
    let owner = atlas().owner_of(Some("ads.webco.com"), None);
    assert_eq!(
        (owner.company.as_deref(), owner.purpose, owner.tracker),
        (Some("WebCo"), Purpose::Advertising, true)
    );
    let owner = atlas().owner_of(Some("siteco.com"), None);
    assert_eq!(
        (owner.company.as_deref(), owner.purpose),
        (Some("SiteCo"), Purpose::Service)
    );
}

#[test]
fn a_tenant_never_falls_upon_its_landlord() {
    let owner = atlas().owner_of(Some("d111.cloudfront.net"), None);
    assert_eq!(
        (owner.company, owner.purpose, owner.tracker),
        (None, Purpose::Analytics, true)
    );
    let owner = atlas().owner_of(Some("d222.cloudfront.net"), None);
    assert_eq!(
        (owner.company.as_deref(), owner.purpose),
        (Some("WebCo"), Purpose::Advertising)
    );
    for name in ["d333.cloudfront.net", "d444.cloudfront.net"] {
        let owner = atlas().owner_of(Some(name), None);
        assert_eq!(
            (owner.company.as_deref(), owner.parent.as_deref(), owner.purpose),
            (Some("Cloud"), Some("Acme"), Purpose::Delivery)
        );
    }
}

#[test]
fn the_network_names_a_company_only_without_a_name() {
    let atlas = atlas();
    let address = Some("8.8.1.1".parse().unwrap());
    let owner = atlas.owner_of(None, address);
    assert_eq!(
        (owner.company.as_deref(), owner.as_number, owner.organisation.as_deref()),
        (Some("Acme"), Some(64_500), Some("ACME-NET"))
    );
    assert_eq!(
        (owner.country.as_deref(), owner.purpose, owner.registrable_domain),
        (Some("US"), Purpose::Unknown, None)
    );
    let sets: Vec<_> = owner.claims.iter().map(|c| (&*c.set, &*c.matched)).collect();
    assert_eq!(
        sets,
        [("catalogue", "AS64500"), ("asn", "AS64500"), ("country", "8.8.0.0/16")]
    );
    let owner = atlas.owner_of(Some("tenant.example"), address);
    assert_eq!(
        (owner.company, owner.as_number, owner.country.as_deref()),
        (None, Some(64_500), Some("US"))
    );
    let owner = atlas.owner_of(None, Some("9.1.1.1".parse().unwrap()));
    assert_eq!((owner.company, owner.organisation.as_deref()), (None, Some("NINE")));
}

#[test]
fn an_address_range_names_a_service() {
    let atlas = atlas();
    let address = Some("9.9.9.9".parse().unwrap());
    let owner = atlas.owner_of(None, address);
    assert_eq!(
        (owner.service.as_deref(), owner.purpose, owner.as_number),
        (Some("Acme DNS"), Purpose::Resolver, Some(64_501))
    );
    assert_eq!(atlas.purpose_of(None, address), Some(Purpose::Resolver));
    assert_eq!(atlas.purpose_of(Some("x.dns.acme.net"), None), Some(Purpose::Resolver));
    assert_eq!(atlas.purpose_of(Some("www.acme.com"), address), Some(Purpose::Service));
    assert_eq!(
        atlas.purpose_of(Some("unheard.example"), address),
        Some(Purpose::Resolver)
    );
    assert_eq!(atlas.purpose_of(Some("unheard.example"), None), None);
    assert_eq!(atlas.purpose_of(None, None), None);
}

#[test]
fn private_addresses_are_looked_up_in_nothing() {
    let owner = atlas().owner_of(None, Some("10.1.2.3".parse().unwrap()));
    assert_eq!(owner, nobody());
    assert_eq!(atlas().owner_of(None, None), nobody());
    assert_eq!(atlas().owner_of(Some(""), None), nobody());
}

#[test]
fn case_dots_and_literal_addresses_do_not_matter() {
    let atlas = atlas();
    assert_eq!(
        atlas.owner_of(Some("WWW.Acme.COM."), None),
        atlas.owner_of(Some("www.acme.com"), None)
    );
    let address = Some("9.9.9.9".parse().unwrap());
    assert_eq!(atlas.owner_of(Some("9.9.9.9"), None), atlas.owner_of(None, address));
    assert_eq!(
        atlas.owner_of(None, Some("64:ff9b::909:909".parse().unwrap())),
        atlas.owner_of(None, address)
    );
}

#[test]
fn a_lookup_takes_what_people_paste() {
    let atlas = atlas();
    assert_eq!(
        lookup(&atlas, "https://ADS.acme.com:443/x").unwrap().purpose,
        Purpose::Advertising
    );
    assert_eq!(
        lookup(&atlas, "[2a00::1]:443").unwrap().company.as_deref(),
        Some("Acme")
    );
    assert_eq!(lookup(&atlas, "127.0.0.1"), Some(nobody()));
    assert_eq!(lookup(&atlas, "not a name"), None);
}

#[test]
fn registrable_domains_follow_the_public_suffix_list() {
    for (name, domain) in [
        ("www.example.co.uk", Some("example.co.uk")),
        ("example.com", Some("example.com")),
        ("a.b.github.io", Some("b.github.io")),
        ("github.io", None),
        ("co.uk", None),
        ("com", None),
        ("localhost", None),
        ("printer.local", None),
        ("192.0.2.1", None),
        ("", None),
        (".", None),
        ("..com", None),
    ] {
        assert_eq!(Atlas::registrable_domain(name), domain, "{name}");
    }
}

#[test]
fn the_catalogue_leads_the_manifest() {
    let keys: Vec<_> = atlas().data_sets().iter().map(|s| s.key.clone()).collect();
    assert_eq!(keys, ["catalogue", "asn"]);
    assert!(Atlas::empty_but_catalogue().data_sets()[0].rows > 1_000);
}

#[test]
fn damaged_tables_are_errors() {
    let bad = || Some(b"no table".to_vec().into());
    for sources in [
        AtlasSources {
            asn_mmdb: bad(),
            ..AtlasSources::default()
        },
        AtlasSources {
            country_mmdb: bad(),
            ..AtlasSources::default()
        },
        AtlasSources {
            trackers_fst: bad(),
            ..AtlasSources::default()
        },
        AtlasSources {
            companies_fst: bad(),
            companies_tsv: bad(),
            ..AtlasSources::default()
        },
    ] {
        assert!(!Atlas::new(sources).unwrap_err().to_string().is_empty());
    }
}

#[test]
fn hostile_names_and_queries_do_no_harm() {
    let atlas = atlas();
    let long = "a.".repeat(40_000);
    let label = format!("{}.com", "x".repeat(70_000));
    for name in [
        "",
        ".",
        "..",
        "...com",
        ".com",
        "com.",
        "-",
        "*",
        "*.com",
        "=acme.com",
        "log*.acme.com",
        "a..acme.com",
        "\0",
        "\0.acme.com",
        "acme.com\0",
        "ä.acme.com",
        "\u{202e}moc.emca",
        "acme。com",
        "acme.com:443",
        "[",
        "[]",
        "[::",
        "::1%",
        "1.2.3",
        "1.2.3.4.5",
        "acme.com/",
        " acme.com",
        "a\nb.acme.com",
        "xn--.com",
        "xn--a\u{80}.com",
        &long,
        &label,
    ] {
        let _ = atlas.owner_of(Some(name), None);
        let _ = atlas.purpose_of(Some(name), None);
        let _ = Atlas::registrable_domain(name);
        let _ = lookup(&atlas, name);
    }
    // Every single octet inside a name, and every pair around a dot.
    for octet in 0..=127_u8 {
        for name in [
            format!("{}acme.com", char::from(octet)),
            format!("a{0}.{0}acme.com", char::from(octet)),
        ] {
            let _ = (atlas.owner_of(Some(&name), None), lookup(&atlas, &name));
        }
    }
}
