//! Servers that are not to be trusted, and accounts that are not let in: told at once, and the password stays here.

use crate::middle::Middle;
use crate::peer::{Peer, account};
use crate::prosody::{Options, Prosody, certificates};
use std::fs;
use telltale_core::model::{MeshRefusal, MeshTrust};
use telltale_mesh::link::{Account, LinkError, LinkEvent, XmppTransport, key_pin, register};

async fn refused(account: Account) -> (MeshRefusal, String) {
    Peer::open(account).refused().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let elsewhere = tempfile::tempdir().expect("a folder");
    certificates(elsewhere.path());
    let other = |name: &str| elsewhere.path().join("certs").join(name);

    for port in [server.port, server.tls_port] {
        let mut wrong = account(&server, "anna", port);
        wrong.trust = MeshTrust::System;
        let (why, problem) = refused(wrong.clone()).await;
        assert_eq!(why, MeshRefusal::Certificate, "{problem}");

        wrong.trust = MeshTrust::Authority {
            pem: fs::read_to_string(other("ca.crt")).expect("another authority"),
        };
        assert_eq!(refused(wrong.clone()).await.0, MeshRefusal::Certificate);

        wrong.trust = MeshTrust::Pin {
            sha256: key_pin(&fs::read(other("srv.der")).expect("another key")).expect("a pin"),
        };
        let (why, problem) = refused(wrong.clone()).await;
        assert_eq!(why, MeshRefusal::Certificate);
        assert!(problem.contains("pinned"), "{problem}");
        let registered = register(&wrong).await;
        assert!(matches!(
            registered,
            Err(LinkError::Refused {
                why: MeshRefusal::Certificate,
                ..
            })
        ));
    }

    // The right authority, but the certificate is for another name than the account's.
    let middle = Middle::before(&server).await;
    let mut other_name = account(&server, "anna", middle.port);
    other_name.jid = "anna@example.org".to_owned();
    let (why, problem) = refused(other_name).await;
    assert_eq!(why, MeshRefusal::Certificate);
    assert!(problem.contains("example.org"), "{problem}");
    assert!(!server.log().contains("Authenticated"), "nobody was let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_at_once_and_not_tried_again() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let mut wrong = account(&server, "anna", server.port);
    wrong.password = "wrong".to_owned();
    let mut peer = Peer::open(wrong);
    let first = peer.event().await;
    assert!(
        matches!(
            &first,
            Some(telltale_mesh::link::LinkEvent::Refused {
                why: MeshRefusal::Credentials,
                ..
            })
        ),
        "{first:?}"
    );
    let mut nobody = account(&server, "anna", server.port);
    nobody.jid = "nobody@localhost".to_owned();
    assert_eq!(refused(nobody).await.0, MeshRefusal::Credentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_the_password_itself_does_not_get_it() {
    let options = Options {
        no_login: vec!["SCRAM-SHA-1", "SCRAM-SHA-256", "DIGEST-MD5"],
        ..Options::users(&["anna"])
    };
    let Some(server) = Prosody::start(&options) else {
        return;
    };
    let (why, problem) = refused(account(&server, "anna", server.port)).await;
    assert_eq!(why, MeshRefusal::NoSafeLogin);
    assert!(problem.contains("PLAIN"), "{problem}");
    assert!(!server.log().contains("Authenticated"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_encryption_is_refused() {
    let options = Options {
        encryption: false,
        ..Options::users(&["anna"])
    };
    let Some(server) = Prosody::start(&options) else {
        return;
    };
    let (why, _) = refused(account(&server, "anna", server.port)).await;
    assert_eq!(why, MeshRefusal::NoEncryption);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_the_older_login_is_fine() {
    let options = Options {
        more: "password_hash = \"SHA-1\"".to_owned(),
        ..Options::users(&["anna"])
    };
    let Some(server) = Prosody::start(&options) else {
        return;
    };
    Peer::online(account(&server, "anna", server.port))
        .await
        .0
        .close()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_with_one_resource_do_not_throw_each_other_out_for_ever() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let mut same = account(&server, "anna", server.port);
    same.resource = Some("desk".to_owned());
    let (mut first, _) = Peer::online(same.clone()).await;
    let (mut second, _) = Peer::online(same).await;
    // Each takes it back from the other some times, since it might be its own earlier connection; then one of them gives up.
    let why = tokio::select! {
        why = given_up(&mut first) => why,
        why = given_up(&mut second) => why,
    };
    assert_eq!(why, Some(MeshRefusal::Conflict));
}

/// Why a link gave up; `None`: it ended without a word.
async fn given_up(peer: &mut Peer) -> Option<MeshRefusal> {
    while let Some(event) = peer.event().await {
        if let LinkEvent::Refused { why, .. } = event {
            return Some(why);
        }
    }
    None
}

#[test]
fn what_cannot_be_an_account_is_told_before_anything_is_sent() {
    let account = Account {
        jid: "no address".to_owned(),
        password: String::new(),
        server: None,
        tls: telltale_core::model::MeshTls::StartTls,
        trust: MeshTrust::System,
        resource: None,
    };
    assert!(matches!(XmppTransport::new(account), Err(LinkError::Invalid(_))));
}
