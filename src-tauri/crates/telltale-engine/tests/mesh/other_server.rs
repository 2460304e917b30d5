//! The desk over a server of another make (ejabberd): no group of the server's, an account that is made in band, an invitation.

use super::{Seat, account_at, jid, until};
use crate::ejabberd::Ejabberd;
use crate::prosody::password;
use telltale_core::model::{Delivery, MeshAccount, ResultVia, Show};

fn account(server: &Ejabberd, name: &str, role: &str, duties: &[&str]) -> MeshAccount {
    account_at((server.port, server.authority()), name, role, duties)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_agent_comes_by_invitation_finds_the_role_and_what_it_finds_arrives_once() {
    let Some(server) = Ejabberd::start(&["corr"]) else {
        return;
    };
    let corr = Seat::open().await;
    let wanted = account(&server, "corr", "correlator", &["store"]);
    let joined = corr.engine.mesh_join(wanted, Some(password("corr"))).await;
    joined.expect("on the way");
    corr.online().await;
    let (_, line) = corr.engine.mesh_invite().await.expect("an invitation");

    let probe = Seat::open().await;
    let invitation = probe.engine.mesh_read_invitation(&line).await.expect("it is read");
    let new = MeshAccount {
        server: invitation.server,
        tls: invitation.tls,
        trust: invitation.trust,
        ..account(&server, "probe", "probe", &["reachability"])
    };
    let made = probe.engine.mesh_register(new.clone(), "s3cret & <odd>".to_owned());
    made.await.expect("an account");
    probe.online().await;
    let seen = probe.sees("corr").await;
    assert_eq!((seen.role.as_deref(), seen.trusted), (Some("correlator"), true));
    assert_eq!(corr.sees("probe").await.role.as_deref(), Some("probe"));

    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(probe.find().await);
    }
    ids.sort();
    until("all are there", || async { corr.ids().await.len() == 50 }).await;
    assert_eq!(corr.ids().await, ids);
    for result in corr.results().await {
        assert_eq!((result.agent, result.via), (jid("probe"), ResultVia::Mesh));
    }
    until("each message is confirmed", || async {
        let said = probe.messages().await;
        !said.is_empty() && said.iter().all(|m| m.delivery == Delivery::Confirmed)
    })
    .await;

    // It leaves, and comes again with what it knows: the line is not needed any more.
    probe.engine.mesh_leave().await.expect("it leaves");
    until("its going is seen", || async {
        let agents = corr.engine.agents().await.expect("agents");
        agents.iter().any(|a| a.jid == jid("probe") && a.show == Show::Offline)
    })
    .await;
    probe.engine.mesh_join(new, None).await.expect("on the way");
    probe.online().await;
    let late = probe.find().await;
    until("it is there", || async { corr.ids().await.contains(&late) }).await;
    assert_eq!(corr.ids().await.len(), 51);
    probe.engine.close().await;
    corr.engine.close().await;
}
