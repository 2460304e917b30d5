//! The listening: sockets, how many connections at once, and how long a slow one is waited for.

use super::Standing;
use super::gate::Gate;
use super::routes::{self, Api};
use crate::stamps::Changed;
use crate::{Engine, Inner};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

/// Connections at once. Each costs a socket, a task and at most [`MAX_HEAD`] octets before it has shown a token.
const MAX_CONNECTIONS: usize = 64;
/// Octets of a request's head at most.
const MAX_HEAD: usize = 16 << 10;
/// Lines of a request's head at most.
const MAX_HEADERS: usize = 64;
/// A connection on which no whole head came for so long is closed: a slow one, and one that rests between two requests.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// A connection that takes nothing of its answer for so long is closed.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);
/// Pause before a port that is not free, or an address that is not there yet, is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// Pause after the system could not give a connection (no more files).
const BREATH: Duration = Duration::from_millis(100);
/// What one hears that comes when all connections are taken.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Listens at an address until it is broken off; tries again as long as that cannot be done. `tried` is told after the first try.
pub(super) async fn keep_open(
    at: SocketAddr,
    engine: Weak<Inner>,
    gate: Arc<Gate>,
    standing: Arc<Mutex<Standing>>,
    tried: oneshot::Sender<()>,
) {
    let mut tried = Some(tried);
    let stands = |now: Standing| {
        *standing.lock().unwrap_or_else(PoisonError::into_inner) = now;
        tell(&engine);
    };
    loop {
        match listen(at).await {
            Ok((listener, local)) => {
                stands(Standing {
                    url: Some(url(local)),
                    problem: None,
                });
                drop(tried.take());
                accept(&listener, &Api::new(engine.clone(), Arc::clone(&gate), local)).await;
            }
            Err(e) => {
                stands(Standing {
                    url: None,
                    problem: Some(format!("{at} cannot be listened on: {e}")),
                });
                drop(tried.take());
            }
        }
        sleep(AGAIN).await;
    }
}

/// Tells followers that something about the doors has changed.
pub(super) fn tell(engine: &Weak<Inner>) {
    if let Some(inner) = engine.upgrade() {
        Engine { inner }.changed(Changed::Doors);
    }
}

async fn listen(at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(at).await?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// Where a program of this computer finds it.
fn url(local: SocketAddr) -> String {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}/", SocketAddr::new(ip, local.port()))
}

async fn accept(listener: &TcpListener, api: &Api) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let router = routes::router(api);
    // Broken off with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            came = listener.accept() => match came {
                Ok((stream, _)) => {
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                        turn_away(&stream);
                        api.count(true);
                        continue;
                    };
                    let router = router.clone();
                    connections.spawn(async move {
                        serve(stream, router).await;
                        drop(place);
                    });
                }
                Err(e) => {
                    tracing::debug!("a connection could not be taken: {e}");
                    sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Says that there is no place. Whether it is heard is not waited for.
fn turn_away(stream: &TcpStream) {
    let _ = stream.try_write(FULL);
}

async fn serve(stream: TcpStream, router: axum::Router) {
    // Events go out at once; an error means that the other side has left already.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(TAKEN_WITHIN));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router))
        .await;
    if let Err(e) = served {
        tracing::debug!("a connection ended early: {e}");
    }
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn everywhere_is_shown_as_here() {
        let of = |at: &str| url(at.parse().expect("an address"));
        assert_eq!(of("0.0.0.0:8765"), "http://127.0.0.1:8765/");
        assert_eq!(of("[::]:1"), "http://[::1]:1/");
        assert_eq!(of("192.168.1.2:80"), "http://192.168.1.2:80/");
    }
}
