//! The phone's own capture, received live, becomes an audit that knows its apps.
#![allow(missing_docs)]

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Duration;
use telltale_core::model::Connection;
use telltale_engine::{AuditNow, AuditState, Engine, LiveRequest, LiveSource, PacketFilter, Recording};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures");
    std::fs::read(folder.join(name)).unwrap()
}

async fn until(engine: &Engine, id: u32, what: &str, is: impl Fn(&AuditNow) -> bool) -> AuditNow {
    for _ in 0..600 {
        let now = engine.audit(id).await.unwrap();
        if is(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let now = engine.audit(id).await.unwrap();
    panic!("{what} does not come: {:?} {:?}", now.live, now.summary.counts);
}

/// Watches `source`, lets `send` act as the phone, and gives the labels of the apps that the ended audit knows.
async fn watched(source: LiveSource, send: impl Fn(SocketAddr, &[u8]), file: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let listens = !matches!(source, LiveSource::Http { .. });
    let request = LiveRequest {
        source,
        filter: PacketFilter::All,
        name: String::new(),
        description: String::new(),
        connection: Connection::Mobile,
        duration_s: None,
        recording: Recording::Off,
    };
    let id = engine.start_live(request).await.unwrap();
    let now = until(&engine, id, "the door", |n| {
        n.live.as_ref().is_some_and(|l| l.door.is_some())
    })
    .await;
    let door = now.live.and_then(|l| l.door).unwrap();
    if listens {
        send(door.address.parse().unwrap(), file);
    }
    until(&engine, id, "every packet", |n| n.summary.counts.packets == 90).await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", |n| n.live.is_none()).await;
    assert_eq!((now.card.state, now.problem), (AuditState::Done, None));
    let outcome = engine.outcome(id).await.unwrap();
    let named = outcome.flows.iter().filter(|f| f.app.is_some()).count();
    assert!(named >= 6, "{named} of {} flows have an app", outcome.flows.len());
    engine.close().await;
    let mut labels: Vec<_> = outcome.summary.apps.iter().filter_map(|a| a.label.clone()).collect();
    labels.sort();
    labels
}

/// The two captures with marks, and the apps in them; a trailer cuts a label.
const MARKED: [(&str, [&str; 2]); 2] = [
    ("pcapdroid-trailer.pcap", ["Blocks", "Météo France, pr"]),
    ("pcapdroid-uids.pcapng", ["Blocks", "Météo France, prévisions"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_known_over_udp() {
    for (name, apps) in MARKED {
        let send = |door: SocketAddr, file: &[u8]| {
            let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            let ng = number(0) == 0x0a0d_0d0a;
            let phone = UdpSocket::bind((HERE, 0)).unwrap();
            let mut at = 0;
            while at < file.len() {
                let length = match (ng, at) {
                    (true, _) => number(at + 4),
                    (false, 0) => 24,
                    (false, _) => 16 + number(at + 8),
                };
                phone.send_to(&file[at..at + length], door).unwrap();
                at += length;
            }
        };
        let source = LiveSource::Udp { bind: HERE, port: 0 };
        assert_eq!(watched(source, send, &sample(name)).await, apps, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_known_over_tcp() {
    for (name, apps) in MARKED {
        let send = |door: SocketAddr, file: &[u8]| TcpStream::connect(door).unwrap().write_all(file).unwrap();
        let source = LiveSource::Tcp { bind: HERE, port: 0 };
        assert_eq!(watched(source, send, &sample(name)).await, apps, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_known_over_http() {
    for (name, apps) in MARKED {
        let (file, listener) = (sample(name), TcpListener::bind((HERE, 0)).unwrap());
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 1_024];
                let length = stream.read(&mut head).unwrap();
                if head[..length].starts_with(b"GET / ") {
                    stream
                        .write_all(b"HTTP/1.1 302 Found\r\nLocation: /a.pcap\r\n\r\n")
                        .unwrap();
                    continue;
                }
                let head = format!(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
                    file.len()
                );
                stream.write_all(&[head.as_bytes(), &file, b"\r\n"].concat()).unwrap();
                // The capture on the phone goes on.
                std::thread::sleep(Duration::from_mins(1));
            }
        });
        let source = LiveSource::Http { url };
        assert_eq!(watched(source, |_, _| (), &[]).await, apps, "{name}");
    }
}
