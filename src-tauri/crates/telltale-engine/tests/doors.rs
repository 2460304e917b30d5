//! Doors to the phone's own capture, with real sockets on the loopback.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};
use telltale_engine::{
    CaptureFile, Door, DoorError, DoorHandle, DoorPhase, DoorProblem, DoorState, DoorStream, DoorWish,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn sample(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures");
    std::fs::read(folder.join(name)).expect("a capture")
}

/// The captures that `PCAPdroid`'s marks are in.
const MARKED: [&str; 2] = ["pcapdroid-trailer.pcap", "pcapdroid-uids.pcapng"];

/// Cuts a capture as the UDP exporter does: the beginning, then each record or block.
fn datagrams(file: &[u8]) -> Vec<&[u8]> {
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four octets")) as usize;
    let ng = number(0) == 0x0a0d_0d0a;
    let mut cuts = Vec::new();
    let mut at = if ng { 0 } else { 24 };
    if !ng {
        cuts.push(&file[..24]);
    }
    while at < file.len() {
        let length = if ng { number(at + 4) } else { 16 + number(at + 8) };
        cuts.push(&file[at..at + length]);
        at += length;
    }
    cuts
}

fn udp() -> (DoorStream, DoorHandle, SocketAddr) {
    let (stream, handle) = Door::open(&DoorWish::Udp { bind: HERE, port: 0 }).expect("a door");
    let address = handle.state().address.parse().expect("its address");
    (stream, handle, address)
}

fn tcp() -> (DoorStream, DoorHandle, SocketAddr) {
    let (stream, handle) = Door::open(&DoorWish::Tcp { bind: HERE, port: 0 }).expect("a door");
    let address = handle.state().address.parse().expect("its address");
    (stream, handle, address)
}

/// Reads a stream to its end on a thread of its own.
fn reader(mut stream: DoorStream) -> JoinHandle<(Vec<u8>, std::io::Result<usize>)> {
    thread::spawn(move || {
        let mut all = Vec::new();
        let end = stream.read_to_end(&mut all);
        (all, end)
    })
}

/// Waits until the door stands as it should.
#[track_caller]
fn until(handle: &DoorHandle, what: impl Fn(&DoorState) -> bool) -> DoorState {
    let began = Instant::now();
    loop {
        let state = handle.state();
        if what(&state) {
            return state;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{state:?}");
        sleep(Duration::from_millis(5));
    }
}

fn connected(state: &DoorState) -> bool {
    matches!(state.phase, DoorPhase::Connected { .. })
}

#[test]
fn a_capture_comes_over_udp_as_it_was_sent() {
    for name in MARKED {
        let file = sample(name);
        let (stream, handle, address) = udp();
        let reading = reader(stream);
        let phone = UdpSocket::bind((HERE, 0)).expect("a socket");
        for datagram in datagrams(&file) {
            phone.send_to(datagram, address).expect("sent");
        }
        let size = file.len() as u64;
        let state = until(&handle, |s| s.bytes == size);
        let peer = phone.local_addr().expect("its address");
        assert_eq!((state.phase, state.lost), (DoorPhase::Connected { peer }, 0));
        handle.close();
        assert_eq!(reading.join().expect("no panic").0, file, "{name}");
        assert_eq!(handle.state().phase, DoorPhase::Ended);
    }
}

#[test]
fn who_joins_late_is_told_and_a_new_beginning_helps() {
    let file = sample(MARKED[0]);
    let cut = datagrams(&file);
    let (stream, handle, address) = udp();
    let reading = reader(stream);
    let phone = UdpSocket::bind((HERE, 0)).expect("a socket");
    for datagram in &cut[1..4] {
        phone.send_to(datagram, address).expect("sent");
    }
    let late = until(&handle, |s| s.lost == 3);
    assert_eq!(
        (late.joined_late, late.phase, late.bytes),
        (true, DoorPhase::Waiting, 0)
    );
    phone.send_to(cut[0], address).expect("sent");
    assert!(!until(&handle, connected).joined_late);
    handle.close();
    assert_eq!(reading.join().expect("no panic").0, cut[0]);
}

#[test]
fn foreign_senders_and_garbage_do_not_disturb() {
    let file = sample(MARKED[0]);
    let cut = datagrams(&file);
    let (stream, handle, address) = udp();
    let reading = reader(stream);
    let [phone, same_phone] = [0, 0].map(|port| UdpSocket::bind((HERE, port)).expect("a socket"));
    let other = UdpSocket::bind("127.0.0.2:0").expect("a socket");
    let send = |who: &UdpSocket, what: &[u8]| assert_eq!(who.send_to(what, address).expect("sent"), what.len());
    send(&phone, cut[0]);
    until(&handle, connected);
    send(&other, cut[0]);
    send(&other, cut[1]);
    send(&same_phone, cut[1]);
    for garbage in [
        &b""[..],
        b"x",
        &vec![0xff; 65_507],
        &cut[1][..cut[1].len() - 1],
        &[0; 16],
    ] {
        send(&phone, garbage);
    }
    // Sixteen zeros are an empty record.
    let state = until(&handle, |s| s.lost == 4 && s.refused_peers == 2);
    assert_eq!(state.bytes, 24 + 16);
    // A record that fills the largest datagram.
    let mut large = cut[1][..8].to_vec();
    large.extend([65_491_u32.to_le_bytes(), 65_491_u32.to_le_bytes()].concat());
    large.resize(65_507, 7);
    send(&phone, &large);
    until(&handle, |s| s.bytes == 24 + 16 + 65_507);
    handle.close();
    assert_eq!(reading.join().expect("no panic").0, [cut[0], &[0; 16], &large].concat());
}

#[test]
fn an_exporter_that_is_started_again_goes_on() {
    let file = sample(MARKED[0]);
    let cut = datagrams(&file);
    let (stream, handle, address) = udp();
    let reading = reader(stream);
    let [first, second, third] = [0, 0, 0].map(|port| UdpSocket::bind((HERE, port)).expect("a socket"));
    for (phone, pieces) in [(&first, &cut[..3]), (&second, &[cut[0], cut[3]][..])] {
        for datagram in pieces {
            phone.send_to(datagram, address).expect("sent");
        }
        let peer = phone.local_addr().expect("its address");
        until(&handle, |s| s.phase == DoorPhase::Connected { peer });
    }
    // Another link type is another file.
    let mut raw = cut[0].to_vec();
    raw[20] = 101;
    third.send_to(&raw, address).expect("sent");
    third.send_to(cut[4], address).expect("sent");
    assert_eq!(reading.join().expect("no panic").0, cut[..4].concat());
    let reading = reader(handle.again().expect("the door is open"));
    until(&handle, |s| {
        s.bytes == (cut[..4].concat().len() + raw.len() + cut[4].len()) as u64
    });
    handle.close();
    assert_eq!(reading.join().expect("no panic").0, [&raw, cut[4]].concat());
    assert_eq!(handle.again().err(), Some(DoorError::Closed));
}

#[test]
fn a_later_reader_of_udp_gets_the_beginning_again() {
    let file = sample(MARKED[1]);
    let cut = datagrams(&file);
    let (mut stream, handle, address) = udp();
    let phone = UdpSocket::bind((HERE, 0)).expect("a socket");
    for datagram in &cut[..2] {
        phone.send_to(datagram, address).expect("sent");
    }
    let mut first = vec![0; cut[..2].concat().len()];
    stream.read_exact(&mut first).expect("two blocks");
    assert_eq!(first, cut[..2].concat());
    // A reader that still waits gives way at once.
    let reading = reader(stream);
    sleep(Duration::from_millis(50));
    let mut stream = handle.again().expect("the door is open");
    assert_eq!(reading.join().expect("no panic").0, b"");
    for datagram in &cut[2..] {
        phone.send_to(datagram, address).expect("sent");
    }
    let mut whole = vec![0; file.len()];
    stream.read_exact(&mut whole).expect("all of it");
    assert_eq!(whole, file);
}

#[test]
fn what_the_system_loses_is_counted() {
    let file = sample(MARKED[0]);
    let cut = datagrams(&file);
    let (mut stream, handle, address) = udp();
    let phone = UdpSocket::bind((HERE, 0)).expect("a socket");
    phone.send_to(cut[0], address).expect("sent");
    let mut header = [0; 24];
    stream.read_exact(&mut header).expect("the header");
    let record = cut.iter().skip(1).max_by_key(|d| d.len()).expect("records");
    let sent: u64 = 60_000;
    // Nobody reads meanwhile.
    for _ in 0..sent {
        phone.send_to(record, address).expect("sent");
    }
    let reading = reader(stream);
    let handed = |s: &DoorState| (s.bytes - 24) / record.len() as u64;
    let state = until(&handle, |s| handed(s) + s.lost == sent);
    assert!(state.lost > 0, "the system kept everything: {state:?}");
    handle.close();
    reading.join().expect("no panic").1.expect("no error");
}

#[test]
fn a_capture_comes_over_tcp_however_it_is_cut() {
    for name in MARKED {
        let file = sample(name);
        let (stream, handle, address) = tcp();
        let reading = reader(stream);
        let mut phone = TcpStream::connect(address).expect("a connection");
        phone.set_nodelay(true).expect("an option");
        until(&handle, connected);
        // The app is silent until its first packet.
        sleep(Duration::from_millis(200));
        for octet in &file[..64] {
            phone.write_all(&[*octet]).expect("sent");
            sleep(Duration::from_millis(1));
        }
        phone.write_all(&file[64..]).expect("sent");
        drop(phone);
        let (read, end) = reading.join().expect("no panic");
        assert_eq!((read, end.expect("no error")), (file.clone(), file.len()), "{name}");
        assert_eq!(handle.state().phase, DoorPhase::Waiting);
    }
}

#[test]
fn one_sender_at_a_time_and_the_next_when_it_left() {
    let file = sample(MARKED[0]);
    let (stream, handle, address) = tcp();
    let reading = reader(stream);
    let mut phone = TcpStream::connect(address).expect("a connection");
    phone.write_all(&file[..100]).expect("sent");
    until(&handle, |s| s.bytes == 100);
    let mut other = TcpStream::connect(address).expect("a connection");
    assert_eq!(other.read(&mut [0; 1]).unwrap_or(0), 0, "it is turned away");
    assert_eq!(until(&handle, |s| s.refused_peers == 1).bytes, 100);
    drop(phone);
    assert_eq!(reading.join().expect("no panic").0, &file[..100]);
    // Between two streams the door stands open: who comes then waits.
    let mut next = TcpStream::connect(address).expect("a connection");
    next.write_all(&file).expect("sent");
    let reading = reader(handle.again().expect("the door is open"));
    next.shutdown(Shutdown::Write).expect("the end");
    assert_eq!(reading.join().expect("no panic").0, file);
}

#[test]
fn a_new_reader_of_tcp_does_not_begin_in_the_middle() {
    let file = sample(MARKED[0]);
    let (stream, handle, address) = tcp();
    let reading = reader(stream);
    let mut phone = TcpStream::connect(address).expect("a connection");
    phone.set_read_timeout(Some(Duration::from_secs(5))).expect("an option");
    phone.write_all(&file[..100]).expect("sent");
    until(&handle, |s| s.bytes == 100);
    let stream = handle.again().expect("the door is open");
    assert_eq!(reading.join().expect("no panic").0, &file[..100]);
    assert_eq!(phone.read(&mut [0; 1]).expect("the end"), 0, "it must connect again");
    let reading = reader(stream);
    let mut phone = TcpStream::connect(address).expect("a connection");
    phone.write_all(&file).expect("sent");
    drop(phone);
    assert_eq!(reading.join().expect("no panic").0, file);
}

#[test]
fn who_sends_no_capture_is_turned_away() {
    let file = sample(MARKED[1]);
    let (stream, handle, address) = tcp();
    let reading = reader(stream);
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 100], &[0xff; 12]] {
        let mut other = TcpStream::connect(address).expect("a connection");
        other.write_all(garbage).expect("sent");
        assert_eq!(other.read(&mut [0; 1]).unwrap_or(0), 0, "it is turned away");
    }
    // One that leaves at once is nobody.
    drop(TcpStream::connect(address).expect("a connection"));
    let mut phone = TcpStream::connect(address).expect("a connection");
    phone.write_all(&file).expect("sent");
    drop(phone);
    assert_eq!(reading.join().expect("no panic").0, file);
    assert_eq!(handle.state().refused_peers, 1);
}

#[test]
fn who_says_nothing_gives_way() {
    let file = sample(MARKED[0]);
    let (stream, handle, address) = tcp();
    let reading = reader(stream);
    let mut silent = TcpStream::connect(address).expect("a connection");
    silent.write_all(&file[..5]).expect("sent");
    until(&handle, connected);
    // At first it is given time.
    let mut early = TcpStream::connect(address).expect("a connection");
    assert_eq!(early.read(&mut [0; 1]).unwrap_or(0), 0, "it is turned away");
    sleep(Duration::from_millis(10_200));
    let mut phone = TcpStream::connect(address).expect("a connection");
    phone.write_all(&file).expect("sent");
    drop(phone);
    assert_eq!(reading.join().expect("no panic").0, file);
}

#[test]
fn a_closed_door_is_closed_at_once() {
    for open in [udp, tcp] {
        let (stream, handle, address) = open();
        let reading = thread::spawn(move || CaptureFile::from_reader(stream, 0).is_err());
        sleep(Duration::from_millis(100));
        let began = Instant::now();
        handle.close();
        assert!(reading.join().expect("no panic"), "nothing came");
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        // The port is free, whether or not anybody still holds the handle.
        drop(UdpSocket::bind(address).expect("a free port"));
        drop(TcpListener::bind(address).expect("a free port"));
        handle.close();
    }
    // The same where nobody reads at the moment.
    let (stream, handle, address) = tcp();
    assert_eq!(
        Door::open(&DoorWish::Tcp {
            bind: HERE,
            port: address.port()
        })
        .err(),
        Some(DoorError::InUse(address.port()))
    );
    handle.close();
    TcpListener::bind(address).expect("a free port");
    assert_eq!(reader(stream).join().expect("no panic").0, b"");
}

#[tokio::test]
async fn a_door_may_be_opened_and_closed_by_an_asynchronous_task() {
    let (stream, handle, _) = tcp();
    let reading = tokio::task::spawn_blocking(move || reader(stream).join().expect("no panic").0);
    handle.close();
    assert_eq!(reading.await.expect("no panic"), b"");
    let (stream, handle, _) = udp();
    drop((stream, handle));
}

#[test]
fn doors_to_the_internet_are_not_opened() {
    let public = IpAddr::from([203, 0, 113, 7]);
    for wish in [
        DoorWish::Udp { bind: public, port: 0 },
        DoorWish::Tcp { bind: public, port: 0 },
    ] {
        assert_eq!(Door::open(&wish).err(), Some(DoorError::NotLocal(public)));
    }
    let not_here = IpAddr::from([10, 254, 253, 252]);
    assert_eq!(
        Door::open(&DoorWish::Tcp {
            bind: not_here,
            port: 0
        })
        .err(),
        Some(DoorError::NotOurs(not_here))
    );
    let http = |url: &str| Door::open(&DoorWish::Http { url: url.into() }).err();
    assert_eq!(http("http://203.0.113.7:8080/"), Some(DoorError::NotLocal(public)));
    assert_eq!(http("https://127.0.0.1/"), Some(DoorError::NotHttp));
    assert_eq!(
        http("http://example.com/"),
        Some(DoorError::NameInsteadOfAddress("example.com".into()))
    );
    assert!(
        Door::open(&DoorWish::Tcp {
            bind: Ipv4Addr::UNSPECIFIED.into(),
            port: 0
        })
        .is_ok()
    );
}

/// An address that this computer has for a while.
struct Borrowed(&'static str);

impl Borrowed {
    fn ip(&self, what: &str) -> bool {
        let mut command = std::process::Command::new("ip");
        let command = command.args(["addr", what, self.0, "dev", "lo"]);
        let done = command.stderr(std::process::Stdio::null()).status();
        done.is_ok_and(|s| s.success())
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        self.ip("del");
    }
}

#[test]
fn a_sender_of_the_internet_is_turned_away_even_where_the_door_is_open_to_all() {
    let (public, borrowed) = ("203.0.113.77", Borrowed("203.0.113.77/32"));
    if !borrowed.ip("replace") {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "no right to add an address"
        );
        eprintln!("SKIPPED: no right to add an address");
        return;
    }
    let all = IpAddr::from(Ipv4Addr::UNSPECIFIED);
    let port = |handle: &DoorHandle| {
        handle
            .state()
            .address
            .rsplit(':')
            .next()
            .expect("a port")
            .parse::<u16>()
            .expect("a number")
    };
    let file = sample(MARKED[0]);
    let (stream, handle) = Door::open(&DoorWish::Udp { bind: all, port: 0 }).expect("a door");
    let reading = reader(stream);
    let foreign = UdpSocket::bind((public, 0)).expect("a socket");
    foreign.send_to(&file[..24], (HERE, port(&handle))).expect("sent");
    let udp = until(&handle, |s| s.refused_peers == 1);
    handle.close();
    let nothing = reading.join().expect("no panic").0;
    let (stream, handle) = Door::open(&DoorWish::Tcp { bind: all, port: 0 }).expect("a door");
    let reading = reader(stream);
    let mut foreign = TcpStream::connect((public, port(&handle))).expect("a connection");
    foreign
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("an option");
    assert_eq!(foreign.read(&mut [0; 1]).expect("the end"), 0, "it is turned away");
    let tcp = until(&handle, |s| s.refused_peers == 1);
    handle.close();
    assert_eq!(
        (udp.phase, udp.lost, tcp.phase),
        (DoorPhase::Waiting, 0, DoorPhase::Waiting)
    );
    assert_eq!((nothing, reading.join().expect("no panic").0), (Vec::new(), Vec::new()));
}

/// Reads to the end with a short beat; how often nothing came meanwhile.
fn with_a_beat(mut stream: DoorStream) -> (Vec<u8>, u32) {
    stream.set_beat(Duration::from_millis(3));
    let (mut all, mut piece, mut beats) = (Vec::new(), vec![0; 1_000], 0);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return (all, beats),
            Ok(n) => all.extend_from_slice(&piece[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::TimedOut => beats += 1,
            Err(e) => panic!("{e}"),
        }
    }
}

#[test]
fn a_beat_loses_nothing() {
    let file = sample(MARKED[1]);
    let (stream, _handle, address) = tcp();
    let reading = thread::spawn(move || with_a_beat(stream));
    let mut phone = TcpStream::connect(address).expect("a connection");
    for piece in file.chunks(file.len() / 20) {
        phone.write_all(piece).expect("sent");
        sleep(Duration::from_millis(10));
    }
    drop(phone);
    let (read, beats) = reading.join().expect("no panic");
    assert_eq!(read, file);
    assert!(beats >= 3, "{beats}");
    let served = file.clone();
    let address = server(move |path, stream| {
        sleep(Duration::from_millis(50));
        app(path, stream, &served);
        let _ = stream.write_all(b"0\r\n\r\n");
    });
    let (read, beats) = with_a_beat(http(address).0);
    assert_eq!(read, file);
    assert!(beats >= 3, "{beats}");
}

/// A server that answers each connection by the path that it is asked for, until `answer` gives nothing.
fn server(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((HERE, 0)).expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let (mut head, mut octet) = (Vec::new(), [0; 1]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut octet).unwrap_or(0) == 1 {
                head.extend(octet);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            answer(head.split(' ').nth(1).unwrap_or_default(), &mut stream);
        }
    });
    address
}

fn http(address: SocketAddr) -> (DoorStream, DoorHandle) {
    Door::open(&DoorWish::Http {
        url: format!("http://{address}/"),
    })
    .expect("a door")
}

/// What the phone's app answers.
fn app(path: &str, stream: &mut TcpStream, file: &[u8]) {
    if path == "/" {
        let _ = stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: /PCAPdroid_22_Nov.pcap\r\n\r\n");
        return;
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.tcpdump.pcap\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let _ = stream.write_all(head.as_bytes());
    for piece in file.chunks(777) {
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend(piece);
        chunk.extend(b"\r\n");
        // However the network cuts it.
        for cut in chunk.chunks(501) {
            let _ = stream.write_all(cut);
            let _ = stream.flush();
        }
    }
}

#[test]
fn a_capture_comes_over_http() {
    for name in MARKED {
        let file = sample(name);
        let served = file.clone();
        let address = server(move |path, stream| {
            app(path, stream, &served);
            let _ = stream.write_all(b"0\r\n\r\n");
        });
        let (stream, handle) = http(address);
        assert_eq!(handle.state().address, format!("http://{address}/"));
        let (read, end) = reader(stream).join().expect("no panic");
        assert_eq!((read, end.expect("no error")), (file.clone(), file.len()), "{name}");
        assert_eq!(handle.state().bytes, file.len() as u64);
        // Asked again, it is fetched again.
        let again = reader(handle.again().expect("the door is open"));
        assert_eq!(again.join().expect("no panic").0, file);
    }
}

#[test]
fn a_capture_over_http_that_breaks_off_is_kept_until_there() {
    let file = sample(MARKED[0]);
    for tail in ["", "zz\r\n", "ffffffffffffffffff\r\n", "5\r\nab"] {
        let served = file.clone();
        let address = server(move |path, stream| {
            app(path, stream, &served);
            let _ = stream.write_all(tail.as_bytes());
        });
        let (read, _) = reader(http(address).0).join().expect("no panic");
        assert!(
            read.starts_with(&file),
            "{tail}: {} of {} octets",
            read.len(),
            file.len()
        );
    }
}

#[test]
fn servers_that_are_not_the_phones_app_are_told_apart() {
    let problem = |address| {
        let (stream, handle) = http(address);
        let (read, end) = reader(stream).join().expect("no panic");
        assert_eq!((read, end.is_err()), (Vec::new(), true));
        handle.state().problem.expect("a problem")
    };
    let always = |text: &'static str| server(move |_, stream| drop(stream.write_all(text.as_bytes())));
    assert_eq!(
        problem(always("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")),
        DoorProblem::Circles
    );
    assert_eq!(
        problem(always("HTTP/1.1 404 Not Found\r\n\r\n")),
        DoorProblem::Status(404)
    );
    assert_eq!(problem(always("HTTP/1.1 302 Found\r\n\r\n")), DoorProblem::Status(302));
    let away = "http://203.0.113.7:8080/x";
    let sent = always("HTTP/1.1 302 Found\r\nLocation: http://203.0.113.7:8080/x\r\n\r\n");
    assert_eq!(problem(sent), DoorProblem::SentAway(away.into()));
    for strange in ["SSH-2.0-OpenSSH_9.2\r\n", "", "HTTP/1.1 200 OK\r\nX"] {
        assert!(matches!(problem(always(strange)), DoorProblem::NotHttp(_)), "{strange}");
    }
    // Heads without end: of many lines, and of one.
    for filler in ["X-Filler: and so on and so on\r\n", "X-Filler"] {
        let endless = server(move |_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(filler.as_bytes()).is_ok() {}
        });
        assert!(matches!(problem(endless), DoorProblem::NotHttp(_)), "{filler}");
    }
    let nobody = TcpListener::bind((HERE, 0))
        .expect("a port")
        .local_addr()
        .expect("its address");
    assert!(matches!(problem(nobody), DoorProblem::Unreachable(_)));
}

#[test]
fn a_server_that_drips_is_given_up_and_a_silent_capture_is_not() {
    let drips = server(|_, stream| {
        for octet in b"HTTP/1.1 200 OK\r\n".iter().cycle() {
            if stream.write_all(&[*octet]).is_err() {
                return;
            }
            sleep(Duration::from_millis(500));
        }
    });
    let dripping = http(drips);
    let dripped = reader(dripping.0);
    let file = sample(MARKED[0]);
    let served = file.clone();
    let silent = server(move |path, stream| {
        app(path, stream, &served);
        if path != "/" {
            sleep(Duration::from_mins(1));
        }
    });
    let (stream, handle) = http(silent);
    let reading = reader(stream);
    until(&handle, |s| s.bytes == file.len() as u64);
    assert!(dripped.join().expect("no panic").1.is_err());
    assert_eq!(dripping.1.state().problem, Some(DoorProblem::Silent));
    assert!(connected(&handle.state()), "a phone at rest sends nothing for a while");
    let began = Instant::now();
    handle.close();
    assert_eq!(reading.join().expect("no panic").0, file);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
}
