//! Servers with good and bad certificates, and with none.

use super::servers::{Authority, Identity, params, silent, tcp, tls};
use super::{NOW, context, look};
use crate::checks::{Authorities, CheckContext, Found, Problem};
use std::net::SocketAddr;
use telltale_core::model::{Check, Timestamp};

/// A computer that trusts `ours`; the public trusts `public`.
pub(super) fn trusting(ours: &Authority, public: &Authority) -> CheckContext {
    CheckContext {
        authorities: Some(Authorities {
            of_computer: ours.roots(),
            public: public.roots(),
        }),
        ..context()
    }
}

async fn see(server: SocketAddr, name: &str, context: &CheckContext) -> Found {
    let check = Check::Tls {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        server_name: Some(name.to_owned()),
        warn_days: 30,
    };
    look(&check, 5, context).await
}

#[tokio::test]
async fn a_good_server_is_told_with_its_chain_and_key() {
    let authority = Authority::new("Good Authority");
    let identity = authority.identity(&params(&["www.example.org", "example.org", "127.0.0.1"], (2025, 2028)));
    let server = tls(&identity).await;
    let found = see(server, "www.example.org", &trusting(&authority, &authority)).await;
    let facts = &found.facts;
    for good in ["trusted", "publicly_trusted", "name_matches", "valid_now"] {
        assert_eq!(facts[good], true, "{good}: {facts}");
    }
    assert_eq!(
        (&facts["expires_soon"], &facts["expires"]),
        (&false.into(), &"2028-12-01T00:00:00Z".into())
    );
    assert_eq!(
        (&facts["issuer"], &facts["version"]),
        (&"Good Authority".into(), &"TLS 1.3".into())
    );
    assert_eq!(facts["key_sha256"], identity.pin.as_str());
    assert_eq!(facts["measured"]["days_left"], 739);
    assert_eq!(facts["chain"].as_array().map(Vec::len), Some(2));
    let first = &facts["chain"][0];
    assert_eq!(
        first["names"],
        serde_json::json!(["www.example.org", "example.org", "127.0.0.1"])
    );
    assert_eq!(
        (&first["key"], &first["authority"]),
        (&"EC P-256".into(), &false.into())
    );
    assert_eq!(facts["chain"][1]["authority"], true);
    assert!(found.problem.is_none());
    // By its address as well.
    let found = see(server, "127.0.0.1", &trusting(&authority, &authority)).await;
    assert_eq!(
        (&found.facts["trusted"], &found.facts["name_matches"]),
        (&true.into(), &true.into())
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let (known, unknown) = (Authority::new("Known"), Authority::new("Unknown"));
    let context = trusting(&known, &known);
    let cases = [
        (
            known.identity(&params(&["other.example"], (2025, 2028))),
            true,
            false,
            true,
            "another name",
        ),
        (
            known.identity(&params(&["www.example.org"], (2020, 2025))),
            false,
            true,
            false,
            "ended",
        ),
        (
            known.identity(&params(&["www.example.org"], (2027, 2030))),
            false,
            true,
            false,
            "not valid yet",
        ),
        (
            unknown.identity(&params(&["www.example.org"], (2025, 2028))),
            false,
            true,
            true,
            "no authority",
        ),
        (
            Identity::self_signed(&params(&["www.example.org"], (2025, 2028))),
            false,
            true,
            true,
            "",
        ),
    ];
    for (identity, trusted, name_matches, valid_now, said) in cases {
        let found = see(tls(&identity).await, "www.example.org", &context).await;
        assert_eq!(found.facts["trusted"], trusted, "{said}: {found:?}");
        assert_eq!(found.facts["name_matches"], name_matches, "{said}: {found:?}");
        assert_eq!(found.facts["valid_now"], valid_now, "{said}: {found:?}");
        assert_eq!(
            found.facts["key_sha256"],
            identity.pin.as_str(),
            "also of one that is not trusted"
        );
        assert!(found.summary.contains(said), "{said}: {}", found.summary);
        assert!(found.problem.is_none());
    }
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_told_by_the_given_time() {
    let authority = Authority::new("Good");
    let identity = authority.identity(&params(&["www.example.org"], (2020, 2026)));
    let server = tls(&identity).await;
    let mut context = trusting(&authority, &authority);
    let found = see(server, "www.example.org", &context).await;
    assert_eq!(
        (&found.facts["expires_soon"], &found.facts["measured"]["days_left"]),
        (&true.into(), &8.into())
    );
    context.now = Timestamp(NOW.0 + 20 * 86_400 * 1_000_000_000);
    let found = see(server, "www.example.org", &context).await;
    assert_eq!(
        (&found.facts["valid_now"], &found.facts["trusted"]),
        (&false.into(), &false.into())
    );
    assert!(found.summary.contains("ended 12 days ago"), "{}", found.summary);
}

#[tokio::test]
async fn an_authority_of_this_computer_alone_is_told() {
    let (ours, public) = (Authority::new("Office Proxy"), Authority::new("Public"));
    let identity = ours.identity(&params(&["www.example.org"], (2025, 2028)));
    let found = see(tls(&identity).await, "www.example.org", &trusting(&ours, &public)).await;
    assert_eq!(
        (&found.facts["trusted"], &found.facts["publicly_trusted"]),
        (&true.into(), &false.into())
    );
    assert!(
        found.summary.contains("the public authorities do not"),
        "{}",
        found.summary
    );
}

#[tokio::test]
async fn what_speaks_no_tls_or_nothing_is_a_problem_in_time() {
    let (garbage, _requests) = tcp(vec![0x5a; 5_000]).await;
    let found = see(garbage, "www.example.org", &context()).await;
    assert!(
        matches!(found.problem, Some(Problem::Failed(_) | Problem::TimedOut(_))),
        "{found:?}"
    );
    let check = Check::Tls {
        host: "127.0.0.1".to_owned(),
        port: silent().await.port(),
        server_name: None,
        warn_days: 30,
    };
    let began = std::time::Instant::now();
    let found = look(&check, 1, &context()).await;
    assert!(matches!(found.problem, Some(Problem::TimedOut(_))), "{found:?}");
    assert!(began.elapsed().as_secs() < 60);
}

#[test]
fn no_certificate_makes_the_reader_fall() {
    use crate::checks::certificate::read;
    let mut names = params(&["a\u{e9}.example"; 0], (2025, 2028));
    names
        .distinguished_name
        .push(rcgen::DnType::OrganizationName, "\u{1b}[31mred\u{202e}");
    let key = rcgen::KeyPair::generate().expect("a key");
    let good = names.self_signed(&key).expect("a certificate").der().to_vec();
    for end in 0..good.len() {
        read(&good[..end]);
    }
    for at in 0..good.len() {
        for turned in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= turned;
            read(&bad);
        }
    }
    let told = read(&good).facts.to_string();
    assert!(
        told.contains("red") && !told.contains('\u{1b}') && !told.contains('\u{202e}'),
        "{told}"
    );
}
