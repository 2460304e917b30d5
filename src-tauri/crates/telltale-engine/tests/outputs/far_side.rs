//! A server that takes what a webhook sends, and answers as a test wants.

use socket2::{Domain, Socket, Type};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use telltale_core::model::OutputTo;

/// One message that came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) head: String,
    pub(crate) body: serde_json::Value,
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|l| l.split_once(": "));
        let found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).collect()
    }

    /// The number of the result in it.
    pub(crate) fn n(&self) -> u64 {
        self.body["result"]["facts"]["n"].as_u64().expect("a result")
    }
}

/// How it answers the message with this number (from 0); the end of an answer's head, or nothing at all.
type Answers = dyn Fn(usize) -> Option<&'static str> + Send + Sync;

/// The server.
pub(crate) struct FarSide {
    pub(crate) at: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
}

impl FarSide {
    pub(crate) fn new(answers: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        Self::at(nobody().0, answers)
    }

    /// Somebody listens now at the address at which nobody did.
    pub(crate) fn at(nobody: Socket, answers: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        nobody.listen(128).expect("it listens");
        let listener = TcpListener::from(nobody);
        let at = listener.local_addr().expect("its address");
        let came = Arc::new(Mutex::new(Vec::new()));
        let (list, answers): (_, Arc<Answers>) = (Arc::clone(&came), Arc::new(answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (list, answers) = (Arc::clone(&list), Arc::clone(&answers));
                std::thread::spawn(move || serve(stream.expect("a connection"), &list, &*answers));
            }
        });
        Self { at, came }
    }

    pub(crate) fn webhook(&self) -> OutputTo {
        OutputTo::Webhook {
            url: format!("http://{}/hook?for=telltale", self.at),
        }
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().expect("a list").clone()
    }
}

fn serve(stream: TcpStream, list: &Mutex<Vec<Came>>, answers: &Answers) {
    let mut lines = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length = head
        .lines()
        .find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if lines.read_exact(&mut body).is_err() {
        return;
    }
    let body = serde_json::from_slice(&body).expect("JSON");
    let answer = {
        let mut list = list.lock().expect("a list");
        list.push(Came { head, body });
        answers(list.len() - 1)
    };
    match answer {
        Some(answer) => {
            let _ = write!(lines.get_mut(), "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
        }
        None => std::thread::sleep(Duration::from_mins(1)),
    }
}

/// An address at which nobody listens now, and the socket that keeps it from everybody else.
pub(crate) fn nobody() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into()).expect("a port");
    let at = socket.local_addr().expect("its address");
    (socket, at.as_socket().expect("an internet address"))
}
