//! Who comes in, and how: passwords, invitations, subscriptions, strangers.

use super::{Options, Prosody, Seat, account, jid, password, server, until};
use telltale_core::model::{DraftMessage, MeshPhase, MeshPolicy, MeshRefusal, Subscription};
use telltale_engine::EngineError;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_at_once_and_the_right_one_is_kept() {
    let Some(server) = server(&["probe"]) else { return };
    let seat = Seat::open().await;
    let wish = account(&server, "probe", "probe", &[]);
    assert!(matches!(
        seat.engine.mesh_join(wish.clone(), None).await,
        Err(EngineError::Password(_))
    ));
    seat.engine
        .mesh_join(wish.clone(), Some("guessed".to_owned()))
        .await
        .expect("on the way");
    until("it is refused", || async {
        let phase = seat.engine.mesh().await.expect("the mesh").phase;
        matches!(
            phase,
            MeshPhase::Refused {
                why: MeshRefusal::Credentials,
                ..
            }
        )
    })
    .await;
    seat.engine
        .mesh_join(wish, Some(password("probe")))
        .await
        .expect("on the way");
    seat.online().await;
    let now = seat.engine.mesh().await.expect("the mesh");
    assert!(now.password_in.is_some());
    assert!(!serde_json::to_string(&now).expect("JSON").contains(&password("probe")));

    seat.engine.mesh_leave().await.expect("away");
    assert_eq!(seat.engine.mesh().await.expect("the mesh").phase, MeshPhase::Off);
    seat.engine.mesh_forget().await.expect("forgotten");
    let now = seat.engine.mesh().await.expect("the mesh");
    assert_eq!((now.account, now.password_in), (None, None));
    seat.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_brings_one_new_agent_in() {
    let Some(server) = Prosody::start(&Options::users(&["host"])) else {
        return;
    };
    let host = Seat::open().await;
    let mut wish = account(&server, "host", "correlator", &["store"]);
    wish.policy = MeshPolicy::default();
    host.engine
        .mesh_join(wish, Some(password("host")))
        .await
        .expect("on the way");
    host.online().await;
    let (invitation, line) = host.engine.mesh_invite().await.expect("an invitation");
    assert_eq!(invitation.inviter, jid("host"));

    let guest = Seat::open().await;
    assert!(
        guest
            .engine
            .mesh_read_invitation("telltale-mesh:nonsense")
            .await
            .is_err()
    );
    let read = guest.engine.mesh_read_invitation(&line).await.expect("read");
    assert_eq!(read, invitation);
    let mut wish = account(&server, "guest", "probe", &[]);
    (wish.server, wish.tls, wish.trust) = (read.server, read.tls, read.trust);
    wish.policy = MeshPolicy::default();
    guest
        .engine
        .mesh_register(wish, "a new password".to_owned())
        .await
        .expect("an account");
    guest.online().await;
    assert!(host.sees("guest").await.trusted);
    assert!(guest.sees("host").await.trusted);
    let found = guest.find().await;
    until("its result is kept", || async { host.ids().await == [found.clone()] }).await;

    // The same line once more: whoever brings it has to be asked for.
    let second = Seat::open().await;
    second.engine.mesh_read_invitation(&line).await.expect("read");
    let mut wish = account(&server, "second", "probe", &[]);
    wish.policy = MeshPolicy::default();
    second
        .engine
        .mesh_register(wish, "a new password".to_owned())
        .await
        .expect("an account");
    second.online().await;
    until("it waits for an answer", || async {
        let agents = host.engine.agents().await.expect("agents");
        agents
            .iter()
            .any(|a| a.jid == jid("second") && a.subscription == Subscription::Asks && !a.trusted)
    })
    .await;
    second.find().await;
    host.engine
        .answer_subscription(&jid("second"), true)
        .await
        .expect("let in");
    until("its result is kept, too", || async { host.ids().await.len() == 2 }).await;
    for seat in [host, guest, second] {
        seat.engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_not_heard_and_everybody_else_is() {
    let mut options = Options::users(&["corr", "probe", "stranger"]);
    options.group = vec!["corr".to_owned(), "probe".to_owned()];
    let Some(server) = Prosody::start(&options) else { return };
    let corr = Seat::join(&server, "corr", "correlator", &["store"]).await;
    let probe = Seat::join(&server, "probe", "probe", &[]).await;
    let stranger = Seat::join(&server, "stranger", "probe", &[]).await;
    probe.sees("corr").await;
    let message = DraftMessage {
        to: jid("corr"),
        performative: "inform".to_owned(),
        ontology: "telltale.result/1".to_owned(),
        thread: None,
        body: serde_json::to_string(&[super::found()]).expect("JSON"),
    };
    for _ in 0..20 {
        stranger.engine.send_message(message.clone()).await.expect("on its way");
    }
    let found = probe.find().await;
    until("the other is served", || async { corr.ids().await == [found.clone()] }).await;
    until("the stranger was counted", || async {
        !corr.engine.mesh().await.expect("the mesh").refused.is_empty()
    })
    .await;
    assert!(corr.messages().await.iter().all(|m| m.peer != jid("stranger")));
    for seat in [corr, probe, stranger] {
        seat.engine.close().await;
    }
}
