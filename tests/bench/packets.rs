//! Packets of made-up phones: joining a hotspot, asking for a name, a TLS connection to it. Never here: time, files.

/// Names that phones call, below which each gets fifty more.
const NAMES: [&str; 20] = [
    "graph.facebook.com",
    "app-measurement.com",
    "googleads.g.doubleclick.net",
    "firebase-settings.crashlytics.com",
    "api.onesignal.com",
    "ms.applovin.com",
    "config.unityads.unity3d.com",
    "app.adjust.com",
    "api2.amplitude.com",
    "api.mixpanel.com",
    "gum.criteo.com",
    "www.lemonde.fr",
    "i.ytimg.com",
    "chat.signal.org",
    "play.googleapis.com",
    "outlook.office365.com",
    "audio-ak-spotify-com.akamaized.net",
    "fr.m.wikipedia.org",
    "gateway.icloud.com",
    "captive.apple.com",
];
const BELOW: u64 = 50;
const GATEWAY_MAC: [u8; 6] = [0xd6, 0x1b, 0xd4, 0x88, 0x5c, 0x10];
const GATEWAY: [u8; 4] = [10, 42, 0, 1];
const TCP: u8 = 6;
const UDP: u8 = 17;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PUSH: u8 = 0x18;
const FIN: u8 = 0x11;
/// Packets of a flow and of the question before it.
const WHOLE: u8 = 10;

/// A phone on the hotspot: fifty of them come and go, each time with another address.
#[derive(Clone, Copy)]
pub(crate) struct Phone {
    mac: [u8; 6],
    address: [u8; 4],
    number: u64,
}

impl Phone {
    /// The phone that joined as the `join`-th.
    pub(crate) fn of(join: u64) -> Self {
        let number = join % 50;
        Self {
            mac: [0x9e, 0x4f, 0x21, 0xb7, 0x63, low(number)],
            address: [10, 42, 0, 10 + low(join % 200)],
            number,
        }
    }

    /// DHCP (RFC 2131): the request for an address, with the phone's name.
    pub(crate) fn asks_for_an_address(&self, to: &mut Vec<u8>) {
        let mut dhcp = self.dhcp(1, 3);
        let name = format!("Phone-{}", self.number);
        dhcp.extend([12, low(name.len() as u64)]);
        dhcp.extend(name.as_bytes());
        dhcp.push(255);
        frame(to, self.mac, [0xff; 6], [0; 4], [255; 4], UDP, &udp(68, 67, &dhcp));
    }

    /// DHCP: the answer, with the address.
    pub(crate) fn is_given_one(&self, to: &mut Vec<u8>) {
        let mut dhcp = self.dhcp(2, 5);
        dhcp[16..20].copy_from_slice(&self.address);
        dhcp.push(255);
        frame(
            to,
            GATEWAY_MAC,
            self.mac,
            GATEWAY,
            self.address,
            UDP,
            &udp(67, 68, &dhcp),
        );
    }

    fn dhcp(&self, operation: u8, kind: u8) -> Vec<u8> {
        let mut dhcp = vec![operation, 1, 6, 0];
        dhcp.resize(236, 0);
        dhcp[28..34].copy_from_slice(&self.mac);
        dhcp.extend([0x63, 0x82, 0x53, 0x63, 53, 1, kind]);
        dhcp
    }
}

/// One connection: its name is asked for, then a handshake, some octets each way, the end.
pub(crate) struct Talk {
    phone: Phone,
    name: String,
    server: [u8; 4],
    port: u16,
    said: u8,
}

impl Talk {
    /// The `number`-th connection of all.
    pub(crate) fn new(phone: Phone, number: u64) -> Self {
        let names = NAMES.len() as u64;
        let (name, below) = (number % names, number / names % BELOW);
        let place = name * BELOW + below;
        Self {
            phone,
            name: format!("edge{below}.{}", NAMES[usize::from(low(name))]),
            // No two connections share both addresses and both ports: where the ports begin anew, the server has moved.
            server: [157, low(number / 50_000 % 200), low(place >> 8), low(place)],
            port: u16::try_from(10_000 + number % 50_000).unwrap_or(10_000),
            said: 0,
        }
    }

    /// Nothing was said yet.
    pub(crate) const fn begins(&self) -> bool {
        self.said == 0
    }

    /// Everything was said.
    pub(crate) const fn is_over(&self) -> bool {
        self.said >= WHOLE
    }

    /// The next packet, which replaces what is in `to`.
    pub(crate) fn next_packet(&mut self, to: &mut Vec<u8>) {
        let (phone, hello) = (self.phone, client_hello(&self.name));
        let length = u32::try_from(hello.len()).unwrap_or(0);
        match self.said {
            0 => frame(
                to,
                phone.mac,
                GATEWAY_MAC,
                phone.address,
                GATEWAY,
                UDP,
                &udp(40_000, 53, &self.question()),
            ),
            1 => frame(
                to,
                GATEWAY_MAC,
                phone.mac,
                GATEWAY,
                phone.address,
                UDP,
                &udp(53, 40_000, &self.answer()),
            ),
            2 => self.up(to, SYN, 0, 0, &[]),
            3 => self.down(to, SYN | ACK, 0, 1, &[]),
            4 => self.up(to, PUSH, 1, 1, &hello),
            5 => self.down(to, PUSH, 1, 1 + length, &[0x17; 600]),
            6 => self.up(to, PUSH, 1 + length, 601, &[0x17; 200]),
            7 => self.down(to, PUSH, 601, 201 + length, &[0x17; 900]),
            8 => self.up(to, FIN, 201 + length, 1_501, &[]),
            _ => self.down(to, FIN, 1_501, 202 + length, &[]),
        }
        self.said += 1;
    }

    fn up(&self, to: &mut Vec<u8>, flags: u8, at: u32, seen: u32, body: &[u8]) {
        let segment = tcp(self.port, 443, flags, at, seen, body);
        frame(
            to,
            self.phone.mac,
            GATEWAY_MAC,
            self.phone.address,
            self.server,
            TCP,
            &segment,
        );
    }

    fn down(&self, to: &mut Vec<u8>, flags: u8, at: u32, seen: u32, body: &[u8]) {
        let segment = tcp(443, self.port, flags, at, seen, body);
        frame(
            to,
            GATEWAY_MAC,
            self.phone.mac,
            self.server,
            self.phone.address,
            TCP,
            &segment,
        );
    }

    /// DNS (RFC 1035): a question of type A.
    fn question(&self) -> Vec<u8> {
        let mut dns = vec![
            low(u64::from(self.port) >> 8),
            low(u64::from(self.port)),
            1,
            0,
            0,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        for label in self.name.split('.') {
            dns.push(low(label.len() as u64));
            dns.extend(label.as_bytes());
        }
        dns.extend([0, 0, 1, 0, 1]);
        dns
    }

    fn answer(&self) -> Vec<u8> {
        let mut dns = self.question();
        dns[2..4].copy_from_slice(&[0x81, 0x80]);
        dns[7] = 1;
        dns.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]);
        dns.extend(self.server);
        dns
    }
}

/// The last octet of a number, for fields that are one wide.
const fn low(number: u64) -> u8 {
    number.to_le_bytes()[0]
}

fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes()
}

/// Ethernet and IPv4 (RFC 791) around `body`; checksums are left empty, as offloading leaves them.
fn frame(
    to: &mut Vec<u8>,
    from_mac: [u8; 6],
    to_mac: [u8; 6],
    source: [u8; 4],
    target: [u8; 4],
    protocol: u8,
    body: &[u8],
) {
    to.clear();
    to.extend(to_mac);
    to.extend(from_mac);
    to.extend([8, 0, 0x45, 0]);
    to.extend(length(20 + body.len()));
    to.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    to.extend(source);
    to.extend(target);
    to.extend(body);
}

fn udp(from: u16, to: u16, body: &[u8]) -> Vec<u8> {
    let mut datagram = [from.to_be_bytes(), to.to_be_bytes(), length(8 + body.len()), [0, 0]].concat();
    datagram.extend(body);
    datagram
}

fn tcp(from: u16, to: u16, flags: u8, at: u32, seen: u32, body: &[u8]) -> Vec<u8> {
    let mut segment = [from.to_be_bytes(), to.to_be_bytes()].concat();
    segment.extend(at.to_be_bytes());
    segment.extend(seen.to_be_bytes());
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(body);
    segment
}

/// A TLS 1.2 record with a `ClientHello` (RFC 8446, 4.1.2) that says the server's name (RFC 6066, 3) and little else.
fn client_hello(name: &str) -> Vec<u8> {
    let name = name.as_bytes();
    let mut server_name = vec![0, 0];
    server_name.extend(length(name.len() + 5));
    server_name.extend(length(name.len() + 3));
    server_name.push(0);
    server_name.extend(length(name.len()));
    server_name.extend(name);
    // Supported versions: TLS 1.3 alone.
    server_name.extend([0, 43, 0, 3, 2, 3, 4]);
    let mut hello = vec![3, 3];
    hello.resize(34, 0x5a);
    hello.extend([0, 0, 2, 0x13, 1, 1, 0]);
    hello.extend(length(server_name.len()));
    hello.extend(server_name);
    let mut record = vec![22, 3, 1];
    record.extend(length(hello.len() + 4));
    record.extend([1, 0]);
    record.extend(length(hello.len()));
    record.extend(hello);
    record
}
