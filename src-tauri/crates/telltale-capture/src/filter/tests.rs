//! Good and bad filters, and where the bad ones fail.

use super::*;

const ETHERNET: u16 = 1;

#[test]
fn what_people_write_is_taken() {
    let good = [
        "",
        "  \t\n",
        "tcp",
        "host 10.42.0.23",
        "src 10.42.0.23 or dst 10.42.0.1",
        "host fe80::1 or ::1",
        "ip6 host 2001:db8::1 and not multicast",
        "net 10.42.0.0/24",
        "net 192.168",
        "net 10.0.0.0 mask 255.0.0.0",
        "net fd00:1234::/64",
        "ether host aa:bb:cc:dd:ee:ff",
        "ether src aa-bb-cc-dd-ee-ff",
        "port 53",
        "port http or https",
        "tcp port (80 or 443)",
        "not (port domain and udp)",
        "portrange 6881-6889",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
        "tcp[13] & 2 = 2",
        "ip[0:2] = 0x4500",
        "((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0",
        "icmp[icmptype] == icmp-echo || icmp6",
        "ip proto 6",
        "ip proto \\tcp",
        "ether proto 0x888e",
        "ether proto \\arp",
        "vlan 5 and ip",
        "pppoes and tcp",
        "less 128",
        "len >= 100 && greater 50",
        "udp and !broadcast",
        "tcp and not port 22",
        "inbound",
    ];
    for expression in good {
        assert_eq!(check_filter(expression, ETHERNET), Ok(()), "{expression:?}");
    }
}

#[test]
fn what_is_wrong_is_shown_at_its_place() {
    use FilterErrorKind::{
        Address, Character, HostName, Missing, Refused, RejectsAll, TooLong, Unexpected, UnknownName, UnknownWord,
    };
    let long = "tcp or ".repeat(700);
    let bad: &[(&str, usize, usize, FilterErrorKind)] = &[
        // Names of hosts, in each disguise.
        ("host example.org", 5, 11, HostName),
        ("example.org", 0, 11, HostName),
        ("src host printer", 9, 7, HostName),
        ("net home", 4, 4, HostName),
        ("host 1.2.3.4.5", 5, 9, Address),
        ("host 10.0.0.1-2", 5, 10, HostName),
        ("host \\tcp", 5, 4, HostName),
        ("tcp port 80 and dst ns", 20, 2, HostName),
        ("port 80 or host ns", 16, 2, HostName),
        ("ether host router", 11, 6, HostName),
        ("gateway fritz", 0, 7, HostName),
        // Slips of the pen.
        ("tpc port 443", 0, 3, UnknownWord),
        ("tcp porrt 443", 4, 5, UnknownWord),
        ("hots 10.0.0.1", 0, 4, UnknownWord),
        ("TCP", 0, 3, UnknownWord),
        ("host 10.0.0.1 adn tcp", 14, 3, UnknownWord),
        ("tcp port 80; rm", 11, 1, Character),
        ("tcp \"port\"", 4, 1, Character),
        ("port 80 or é", 11, 1, Character),
        ("host 10.0.0.1 and töp", 19, 1, Character),
        // Numbers and addresses.
        ("host 300.1.1.1", 5, 9, Address),
        ("port 70000", 5, 5, Address),
        ("portrange 1-99999", 10, 7, Address),
        ("less 99999999999", 5, 11, Address),
        ("net 10.42.0.5/24", 14, 2, Refused),
        ("net 10.0.0.0/33", 13, 2, Refused),
        ("port nosuchport", 5, 10, UnknownName),
        ("ip proto nosuchproto", 9, 11, UnknownName),
        // Order.
        ("tcp and and udp", 8, 3, Unexpected),
        ("tcp udp", 4, 3, Unexpected),
        ("or tcp", 0, 2, Unexpected),
        ("10.42.0.23", 0, 10, Unexpected),
        ("host tcp", 5, 3, Unexpected),
        ("tcp port 80 443", 12, 3, Unexpected),
        ("port 80)", 7, 1, Unexpected),
        ("tcp[13] & & 2", 10, 1, Unexpected),
        ("(tcp or udp) port", 13, 4, Unexpected),
        ("ether port 80", 6, 4, Refused),
        ("net ::1 mask 255.0.0.0", 8, 4, Unexpected),
        // Something is missing.
        ("tcp port", 8, 0, Missing),
        ("host", 4, 0, Missing),
        ("tcp and", 7, 0, Missing),
        ("tcp and  ", 7, 0, Missing),
        ("not", 3, 0, Missing),
        ("(tcp or udp", 11, 0, Missing),
        ("tcp[13", 6, 0, Missing),
        ("tcp[13]", 7, 0, Missing),
        ("tcp[13] & 2", 11, 0, Missing),
        ("port 80 or (udp and (port 53", 28, 0, Missing),
        // As a whole.
        ("ip and ip6", 0, 10, RejectsAll),
        ("tcp port 80 and udp port 53", 0, 27, RejectsAll),
        ("wlan type mgt", 5, 4, Refused),
        (&long, 4_096, 804, TooLong),
    ];
    for (expression, at, len, kind) in bad {
        let error = check_filter(expression, ETHERNET).expect_err(expression);
        assert_eq!(
            (error.at, error.len, error.kind),
            (*at, *len, *kind),
            "{expression:?}: {error}"
        );
        assert!(!error.message.is_empty());
    }
}

#[test]
fn the_place_counts_characters_not_octets() {
    let error = check_filter("port 80 or port 53  \u{2003} tcp", ETHERNET).expect_err("a wide blank");
    assert_eq!((error.at, error.len, error.kind), (20, 1, FilterErrorKind::Character));
}

#[test]
fn the_link_decides() {
    assert_eq!(check_filter("wlan type mgt subtype beacon", 105), Ok(()));
    assert!(check_filter("wlan type mgt subtype beacon", ETHERNET).is_err());
    // Raw IP (a tunnel) has no MAC.
    assert!(check_filter("ether host aa:bb:cc:dd:ee:ff", 101).is_err());
    assert_eq!(check_filter("host 10.0.0.1", 101), Ok(()));
}

#[test]
fn a_long_filter_is_placed_quickly() {
    let long = format!("{}and and tcp", "host 10.0.0.1 or (tcp port 443) or ".repeat(100));
    // Half a second of work; a minute is only reached by what grows with every word.
    let began = std::time::Instant::now();
    let error = check_filter(&long, ETHERNET).expect_err("no filter");
    assert_eq!((error.at, error.len), (3_500, 3), "{error}");
    assert!(
        began.elapsed() < std::time::Duration::from_mins(1),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn every_address_is_an_address_for_libpcap_too() {
    // What Rust reads as an address and libpcap would not, libpcap would take for a name and ask a name server.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let compiler = Compiler::new(ETHERNET).expect("a compiler");
    for n in 0..3_000 {
        let mut groups: Vec<u16> = random()
            .to_be_bytes()
            .as_chunks::<2>()
            .0
            .iter()
            .map(|g| u16::from_be_bytes(*g))
            .collect();
        groups.extend(
            random()
                .to_be_bytes()
                .as_chunks::<2>()
                .0
                .iter()
                .map(|g| u16::from_be_bytes(*g)),
        );
        let mask = random();
        for (at, group) in groups.iter_mut().enumerate() {
            if mask >> at & 1 == 0 {
                *group = 0;
            }
            *group >>= (mask >> (8 + at * 4)) & 15;
        }
        let address = std::net::Ipv6Addr::from(<[u16; 8]>::try_from(groups.as_slice()).expect("eight"));
        let written = [
            address.to_string(),
            groups.iter().map(|g| format!("{g:x}")).collect::<Vec<_>>().join(":"),
            groups.iter().map(|g| format!("{g:04X}")).collect::<Vec<_>>().join(":"),
        ];
        for text in written {
            let expression = format!("host {text}");
            assert_eq!(words::read(&expression).map(|w| w.len()), Ok(2), "{n}: {text}");
            assert_eq!(compiler.compile(&expression, false), Ok(()), "{n}: {text}");
        }
    }
}

#[test]
fn the_phone_alone() {
    let phone = |text: &str| Only::parse(text).unwrap_or_else(|| panic!("{text}"));
    let table = [
        ("10.42.0.23", "host 10.42.0.23"),
        (" ::ffff:10.42.0.23 ", "host 10.42.0.23"),
        ("fe80::1%wlan0", "host fe80::1"),
        ("10.42.0.23/24", "net 10.42.0.0/24"),
        ("10.42.0.23/32", "host 10.42.0.23"),
        ("0.0.0.0/0", "ip"),
        ("::/0", "ip6"),
        ("fd00:1:2:3::99/64", "net fd00:1:2:3::/64"),
        ("2001:db8::1/128", "host 2001:db8::1"),
        ("::ffff:10.42.0.23/120", "net 10.42.0.0/24"),
        ("AA-BB-CC-DD-EE-0F", "ether host aa:bb:cc:dd:ee:0f"),
        ("a:b:c:d:e:f", "ether host 0a:0b:0c:0d:0e:0f"),
    ];
    for (text, wanted) in table {
        assert_eq!(only(&[phone(text)]), wanted, "{text}");
        assert_eq!(check_filter(wanted, ETHERNET), Ok(()), "{text}");
    }
    for text in [
        "",
        "phone",
        "10.0.0",
        "10.0.0.1/33",
        "::/129",
        "10.0.0.1/",
        "10.0.0.1/+8",
        "aa:bb:cc:dd:ee",
        "aa:bb:cc:dd:ee:ff:00",
    ] {
        assert_eq!(Only::parse(text), None, "{text}");
    }
    let phones = [
        phone("10.42.0.23"),
        phone("aa:bb:cc:dd:ee:ff"),
        phone("10.42.0.23"),
        phone("fd00::/64"),
    ];
    let all = only(&phones);
    assert_eq!(all, "ether host aa:bb:cc:dd:ee:ff or host 10.42.0.23 or net fd00::/64");
    assert_eq!(check_filter(&all, ETHERNET), Ok(()));
    let both = combined(&phones, " port 80 or 443 ");
    assert_eq!(both, format!("({all}) and (port 80 or 443)"));
    assert_eq!(check_filter(&both, ETHERNET), Ok(()));
    assert_eq!(
        (only(&[]), combined(&[], "tcp"), combined(&phones[..1], "")),
        (String::new(), "tcp".to_owned(), "host 10.42.0.23".to_owned())
    );
}

#[test]
fn nothing_is_tried_out_that_would_be_asked_for_on_the_network() {
    let compiler = Compiler::new(ETHERNET).expect("a compiler");
    // What the search for an error's place might put behind `host`: libpcap would ask a name server for each of these.
    for text in [
        "host \\tcp",
        "host \\ip",
        "host 1-2",
        "src mgt",
        "net beacon",
        "host nods",
        "host example.org",
    ] {
        let said = compiler.compile(text, false).expect_err(text);
        assert!(said.starts_with("the name of a host"), "{text}: {said}");
    }
}
