//! Accounts that the app makes by itself, where the server lets it.

use crate::peer::{Peer, account};
use crate::prosody::{Options, Prosody};
use telltale_mesh::link::{Account, LinkError, register};

fn new_account(server: &Prosody, name: &str) -> Account {
    let mut account = account(server, name, server.port);
    "long & <odd> 'pass\"word".clone_into(&mut account.password);
    account
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_and_lets_in() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let new = new_account(&server, "carl");
    register(&new).await.expect("an account");
    Peer::online(new.clone()).await.0.close().await;

    assert_eq!(register(&new).await, Err(LinkError::NameTaken("carl".to_owned())));
    let mut empty = new_account(&server, "dora");
    empty.password = String::new();
    assert!(matches!(register(&empty).await, Err(LinkError::Invalid(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_makes_no_accounts_says_so() {
    let options = Options {
        registration: false,
        ..Options::users(&["anna"])
    };
    let Some(server) = Prosody::start(&options) else {
        return;
    };
    let refused = register(&new_account(&server, "carl")).await;
    assert!(matches!(refused, Err(LinkError::NoRegistration(_))), "{refused:?}");
}
