//! `PCAPdroid`'s HTTP server: `GET /` sends us on to a file, which grows as long as the capture runs.
//!
//! We ask one address that the user gave, and follow it nowhere else.

use crate::doors::DoorProblem;
use crate::doors::local::{Page, page};
use crate::doors::state::Notes;
use crate::doors::tcp::keep_alive;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, LOCATION, USER_AGENT};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Times that we are sent on, at most; the app does it once.
const MAX_REDIRECTS: usize = 5;
/// Octets of an answer's head, at most, and of what is read at once.
const MAX_HEAD: usize = 16 << 10;
/// Lines of an answer's head.
const MAX_HEADERS: usize = 64;
/// Time to take a connection, and to begin an answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

pub(crate) struct HttpDoor {
    page: Page,
    stage: Stage,
}

/// How far it is.
enum Stage {
    /// Nothing was asked yet.
    Before,
    /// The question is under way, on a task of the door's own runtime: whoever waits for it may break off and come back.
    Asking(JoinHandle<Result<Answer, DoorProblem>>),
    /// The file comes.
    Answer(Answer),
    /// It has ended.
    After,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Self::Asking(question) = self {
            question.abort();
        }
    }
}

/// An answer that goes on.
struct Answer {
    body: Incoming,
    connection: JoinHandle<()>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl HttpDoor {
    pub(crate) const fn new(page: Page) -> Self {
        Self {
            page,
            stage: Stage::Before,
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}{}", self.page.address, self.page.path)
    }

    pub(crate) fn again(&mut self) {
        self.stage = Stage::Before;
    }

    pub(crate) async fn fill(&mut self, into: &mut Vec<u8>, notes: &Notes) -> io::Result<bool> {
        loop {
            match &mut self.stage {
                Stage::Before => self.stage = Stage::Asking(tokio::spawn(fetch(self.page.clone()))),
                Stage::Asking(question) => {
                    let answer = question
                        .await
                        .map_err(io::Error::other)
                        .and_then(|a| a.map_err(io::Error::from));
                    self.stage = Stage::After;
                    self.stage = Stage::Answer(answer?);
                    notes.connected(self.page.address);
                }
                Stage::Answer(answer) => {
                    let frame = poll_fn(|cx| Pin::new(&mut answer.body).poll_frame(cx)).await;
                    if let Some(Ok(frame)) = frame {
                        if let Some(octets) = frame.data_ref().filter(|d| !d.is_empty()) {
                            into.extend_from_slice(octets);
                            return Ok(true);
                        }
                    } else {
                        // A capture that breaks off has ended; the reader says where.
                        self.stage = Stage::After;
                        notes.waits();
                    }
                }
                Stage::After => return Ok(false),
            }
        }
    }
}

/// Asks for the page, and for what it sends us on to.
async fn fetch(mut page: Page) -> Result<Answer, DoorProblem> {
    for _ in 0..=MAX_REDIRECTS {
        let (response, connection) = ask(&page).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(Answer {
                body: response.into_body(),
                connection,
            });
        }
        connection.abort();
        if !status.is_redirection() {
            return Err(DoorProblem::Status(status.as_u16()));
        }
        let to = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
        page = follow(&page, to.ok_or(DoorProblem::Status(status.as_u16()))?)?;
    }
    Err(DoorProblem::Circles)
}

/// Where a redirect leads; only to another path of the same address.
fn follow(from: &Page, to: &str) -> Result<Page, DoorProblem> {
    let away = || DoorProblem::SentAway(to.chars().take(100).collect());
    if to.contains("://") || to.starts_with("//") {
        let there = page(to).map_err(|_| away())?;
        return if there.address == from.address {
            Ok(there)
        } else {
            Err(away())
        };
    }
    let uri: Uri = format!("/{}", to.trim_start_matches('/')).parse().map_err(|_| away())?;
    let path = uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    Ok(Page {
        address: from.address,
        path,
    })
}

async fn ask(page: &Page) -> Result<(Response<Incoming>, JoinHandle<()>), DoorProblem> {
    let unreachable = |e: io::Error| DoorProblem::Unreachable(e.to_string());
    let stream = timeout(CONNECT, TcpStream::connect(page.address)).await;
    let stream = stream
        .map_err(|_| DoorProblem::Unreachable("no answer".to_owned()))?
        .map_err(unreachable)?;
    // Without it a phone that vanished is waited for; nothing else changes.
    let _ = keep_alive(&stream);
    let spoken = |e: hyper::Error| DoorProblem::NotHttp(e.to_string());
    let shaken = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .handshake::<_, String>(TokioIo::new(stream))
        .await;
    let (mut sender, connection) = shaken.map_err(spoken)?;
    let connection = tokio::spawn(async move {
        // What goes wrong on it is told to who waits for the answer.
        let _ = connection.await;
    });
    let request = Request::get(page.path.as_str())
        .header(HOST, page.address.to_string())
        .header(USER_AGENT, "Telltale")
        .body(String::new())
        .map_err(|e| DoorProblem::NotHttp(e.to_string()))?;
    let answer = timeout(ANSWER, sender.send_request(request)).await;
    if answer.is_err() {
        connection.abort();
    }
    Ok((answer.map_err(|_| DoorProblem::Silent)?.map_err(spoken)?, connection))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_at_its_address() {
        let from = page("http://10.0.0.2:8080/").expect("a page");
        let there = |path: &str| {
            Ok(Page {
                path: path.to_owned(),
                ..from.clone()
            })
        };
        assert_eq!(follow(&from, "/PCAPdroid_1.pcap"), there("/PCAPdroid_1.pcap"));
        assert_eq!(follow(&from, "x.pcap"), there("/x.pcap"));
        assert_eq!(follow(&from, "http://10.0.0.2:8080/x?y"), there("/x?y"));
        for away in [
            "http://10.0.0.3:8080/x",
            "http://10.0.0.2:81/x",
            "https://10.0.0.2:8080/x",
            "http://example.com/",
            "//10.0.0.3/x",
            "\u{7f}",
        ] {
            assert!(
                matches!(follow(&from, away), Err(DoorProblem::SentAway(_))),
                "{away}: {:?}",
                follow(&from, away)
            );
        }
    }
}
