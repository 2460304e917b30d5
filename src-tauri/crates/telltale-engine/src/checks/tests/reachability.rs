//! Reachability by each of its three ways.

use super::lab::Lab;
use super::{context, look};
use crate::checks::Problem;
use telltale_core::model::{Check, Reach};
use tokio::net::{TcpListener, UdpSocket};

fn check(host: &str, how: Reach, attempts: u32) -> Check {
    Check::Reachability {
        host: host.to_owned(),
        how,
        attempts,
    }
}

#[tokio::test]
async fn a_tcp_port_takes_connections_or_refuses_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let found = look(&check("127.0.0.1", Reach::Tcp { port }, 3), 5, &context()).await;
    assert_eq!(
        (&found.facts["reachable"], &found.facts["state"]),
        (&true.into(), &"answered".into())
    );
    assert_eq!(found.facts["measured"]["answered"], 3);
    assert!(
        found.facts["measured"]["rtt_ms"]["mean"]
            .as_f64()
            .is_some_and(|ms| ms < 1_000.0)
    );
    assert!(found.summary.contains("3 of 3"), "{}", found.summary);

    drop(listener);
    let found = look(&check("localhost", Reach::Tcp { port }, 1), 5, &context()).await;
    assert_eq!(
        (&found.facts["reachable"], &found.facts["state"]),
        (&false.into(), &"refused".into())
    );
    assert!(found.problem.is_none(), "that it is closed is a fact");
}

#[tokio::test]
async fn a_udp_service_answers_is_silent_or_refuses() {
    let echo = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let port = echo.local_addr().expect("its address").port();
    let served = tokio::spawn(async move {
        let mut heard = [0; 100];
        while let Ok((octets, from)) = echo.recv_from(&mut heard).await {
            echo.send_to(&heard[..octets], from).await.ok();
        }
    });
    let found = look(&check("127.0.0.1", Reach::Udp { port }, 1), 5, &context()).await;
    assert_eq!(found.facts["state"], "answered", "{found:?}");
    served.abort();

    let silent = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("its address").port();
    let found = look(&check("127.0.0.1", Reach::Udp { port }, 2), 1, &context()).await;
    assert_eq!(
        (&found.facts["state"], &found.facts["reachable"]),
        (&"silent".into(), &false.into())
    );

    drop(silent);
    let found = look(&check("127.0.0.1", Reach::Udp { port }, 1), 5, &context()).await;
    assert_eq!(found.facts["state"], "refused", "{found:?}");
}

#[tokio::test]
async fn a_name_without_an_address_is_a_fact() {
    let found = look(&check("nobody.invalid", Reach::Tcp { port: 80 }, 1), 5, &context()).await;
    if found.problem.is_none() {
        assert_eq!(
            (&found.facts["state"], &found.facts["reachable"]),
            (&"no_address".into(), &false.into())
        );
    } else {
        // A computer whose resolver is silent tells that.
        assert!(matches!(found.problem, Some(Problem::TimedOut(_))), "{found:?}");
    }
}

#[test]
fn echo_requests_need_no_right_and_say_who_cannot_be_reached() {
    let Some(lab) = Lab::new(&["a", "r"]) else { return };
    lab.cable(
        ("a", &["10.71.0.1/24", "fd71::1/64"]),
        ("r", &["10.71.0.2/24", "fd71::2/64"]),
    );
    lab.ip("a", "route add default via 10.71.0.2");
    lab.ip("r", "route add unreachable 10.71.7.0/24");
    lab.ip("r", "route add blackhole 10.71.8.0/24");
    for host in ["127.0.0.1", "::1", "10.71.0.2", "fd71::2"] {
        let found = lab.on("a", move || async move {
            look(&check(host, Reach::Icmp, 2), 5, &context()).await
        });
        assert_eq!(found.facts["state"], "answered", "{host}: {found:?}");
        assert_eq!(found.facts["measured"]["answered"], 2);
    }
    let found = lab.on("a", || async {
        look(&check("10.71.7.7", Reach::Icmp, 1), 5, &context()).await
    });
    assert_eq!(found.facts["state"], "unreachable", "{found:?}");
    let found = lab.on("a", || async {
        look(&check("10.71.8.8", Reach::Icmp, 2), 1, &context()).await
    });
    assert_eq!(
        (&found.facts["state"], &found.facts["measured"]["loss_percent"]),
        (&"silent".into(), &100.0.into())
    );
    for how in [Reach::Tcp { port: 80 }, Reach::Udp { port: 9 }] {
        let found = lab.on("a", move || async move {
            look(&check("10.71.7.7", how, 1), 5, &context()).await
        });
        assert_eq!(found.facts["state"], "unreachable", "{found:?}");
    }

    // A system that allows it to nobody.
    lab.run("a", "sysctl", &["-qw", "net.ipv4.ping_group_range=1 0"]);
    let found = lab.on("a", || async {
        look(&check("10.71.0.2", Reach::Icmp, 1), 5, &context()).await
    });
    assert!(
        matches!(&found.problem, Some(Problem::NotAllowed(said)) if said.contains("ping_group_range")),
        "{found:?}"
    );
}
