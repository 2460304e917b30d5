//! The embedded catalogue keeps its rules, and slips are found.

use super::*;
use crate::catalogue::pack::pack;

/// Files given as name and TOML, read as the build script and the program read them.
pub(crate) fn read(files: &[(&str, &str)]) -> (Catalogue, Vec<Fault>) {
    let packed: String = files.iter().map(|(file, text)| pack(file, text).unwrap()).collect();
    read::read(&packed)
}

#[test]
fn the_embedded_catalogue_breaks_no_rule() {
    let faults: Vec<_> = Catalogue::check().iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    let edition = Catalogue::embedded().edition();
    assert!(edition.len() == 10 && edition.starts_with("20"), "{edition}");
}

#[test]
fn the_embedded_catalogue_is_large_enough() {
    let size = Catalogue::embedded().size();
    assert!(size.companies.max(size.services) >= 400, "{size:?}");
    assert!(size.domains >= 1_500, "{size:?}");
}

#[test]
fn every_purpose_of_the_list_occurs() {
    let catalogue = Catalogue::embedded();
    for purpose in Purpose::ALL.into_iter().filter(|p| *p != Purpose::Unknown) {
        assert!(catalogue.services.iter().any(|s| s.purpose == purpose), "{purpose:?}");
    }
}

const GOOD: &str = r#"
edition = "2026-01-02"
[[company]]
id = "acme"
name = "Acme"
country = "FR"
as = [64500]
[[company.service]]
name = "Acme Ads"
purpose = "advertising"
domains = ["ads.example.com", "=app.example.com", "log*.example.net"]
networks = ["192.0.2.0/24"]
en = "Sells."
fr = "Vend."
how = "observed: in a test"
"#;

#[test]
fn rows_are_found_by_name_range_and_number() {
    let (catalogue, faults) = read(&[("good.toml", GOOD)]);
    assert_eq!(faults, []);
    assert_eq!(catalogue.edition(), "2026-01-02");
    assert_eq!(
        catalogue.size(),
        CatalogueSize {
            companies: 1,
            services: 1,
            domains: 3,
            networks: 1
        }
    );
    let found = catalogue.by_name("x.ads.example.com").unwrap();
    assert_eq!(
        (&*found.service.name, &**found.matched, found.labels),
        ("Acme Ads", "ads.example.com", 3)
    );
    assert_eq!(
        &**catalogue.by_address("192.0.2.9".parse().unwrap()).unwrap().matched,
        "192.0.2.0/24"
    );
    assert_eq!(&*catalogue.by_as_number(64_500).unwrap().id, "acme");
    assert!(catalogue.by_name("www.example.com").is_none());
    assert_eq!(&*catalogue.by_registrable_domain("example.com").unwrap().id, "acme");
    assert!(catalogue.by_registrable_domain("example.org").is_none());
}

#[test]
fn a_company_is_extended_from_another_file_in_any_order() {
    let more = r#"
[[company]]
id = "acme"
[[company.service]]
name = "Acme Shop"
purpose = "service"
domains = ["example.com"]
en = "Sells."
fr = "Vend."
how = "own-site: it says so"
[[company]]
id = "small"
name = "Small"
country = "DE"
parent = "acme"
"#;
    let (catalogue, faults) = read(&[("a.toml", more), ("b.toml", GOOD)]);
    assert_eq!(faults, []);
    assert_eq!(&*catalogue.by_name("example.com").unwrap().service.company.name, "Acme");
    assert_eq!(catalogue.size().companies, 2);
}

#[test]
fn a_registrable_domain_of_two_companies_is_nobodys() {
    let other = GOOD
        .replace("acme", "other")
        .replace("64500", "64501")
        .replace("192.0.2", "198.51.100");
    let other = other.replace(
        "ads.example.com\", \"=app.example.com\", \"log*.example.net",
        "cdn.example.com",
    );
    let (catalogue, faults) = read(&[("a.toml", GOOD), ("b.toml", &other)]);
    assert_eq!(faults, []);
    assert!(catalogue.by_registrable_domain("example.com").is_none());
    assert_eq!(&*catalogue.by_registrable_domain("example.net").unwrap().id, "acme");
}

#[test]
fn each_slip_is_named_with_its_line_and_costs_no_other_row() {
    // Lines are those of the row's id, name, pattern or range.
    for (from, to, line, word) in [
        ("id = \"acme\"", "id = \"Acme\"", 4, "other characters"),
        ("country = \"FR\"", "country = \"UK\"", 4, "no ISO 3166-1 country"),
        (
            "country = \"FR\"",
            "country = \"FR\"\nparent = \"nobody\"",
            4,
            "parent `nobody`",
        ),
        (
            "purpose = \"advertising\"",
            "purpose = \"unknown\"",
            9,
            "purpose `unknown`",
        ),
        ("purpose = \"advertising\"", "purpose = \"ads\"", 9, "purpose `ads`"),
        (
            "\"ads.example.com\"",
            "\"ads.example.com\",\n\"ads.example.com\"",
            12,
            "stands twice",
        ),
        ("ads.example.com", "co.uk", 11, "public suffix"),
        ("ads.example.com", "Ads.example.com", 11, "no host name"),
        ("log*.example.net", "*.example.net", 11, "leftmost label"),
        ("192.0.2.0/24", "192.0.2.1/24", 12, "bits set"),
        ("en = \"Sells.\"", "en = \"\"", 9, "text is empty"),
        ("en = \"Sells.\"", "en = \" Sells.\"", 9, "has blanks"),
        ("fr = \"Vend.\"", "fr = \"Vend\"", 9, "full stop"),
        ("observed: in a test", "hearsay: in a test", 9, "`how` is none of"),
        ("observed: in a test", "observed", 9, "`how` is none of"),
        ("name = \"Acme\"\n", "", 4, "defined nowhere"),
    ] {
        let (_, faults) = read(&[("x.toml", &GOOD.replace(from, to))]);
        let found = faults
            .iter()
            .find(|f| f.what.contains(word))
            .unwrap_or_else(|| panic!("{to}: {faults:?}"));
        assert_eq!((found.file.as_str(), found.line), ("x.toml", line), "{to}: {found}");
    }
    let (_, faults) = read(&[("a.toml", GOOD), ("b.toml", GOOD)]);
    assert!(
        faults
            .iter()
            .any(|f| f.file == "b.toml" && f.what.contains("defined twice")),
        "{faults:?}"
    );
    let bad = GOOD.replace("acme", "other").replace("\"advertising\"", "\"ads\"");
    let (catalogue, faults) = read(&[("a.toml", &bad), ("b.toml", GOOD)]);
    assert_eq!(faults.len(), 2, "the purpose, and the AS number of both: {faults:?}");
    assert_eq!(
        &*catalogue.by_name("ads.example.com").unwrap().service.company.name,
        "Acme"
    );
}

#[test]
fn a_file_of_another_form_is_refused_with_its_line() {
    for (from, to, line) in [
        ("name = \"Acme Ads\"", "nome = \"Acme Ads\"", 9),
        ("fr = \"Vend.\"\n", "", 8),
        ("[[company.service]]", "[[company.service", 8),
        ("as = [64500]", "as = [\"64500\"]", 7),
        ("name = \"Acme Ads\"", "name = \"Acme\\tAds\"", 9),
        ("id = \"acme\"\n", "", 3),
    ] {
        let error = pack("x.toml", &GOOD.replace(from, to)).unwrap_err();
        assert!(error.starts_with(&format!("x.toml:{line}: ")), "{to}: {error}");
    }
}
