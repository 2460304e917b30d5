//! DNS messages field by field, each literal written by hand from the RFC that it names.

use super::*;
use crate::ErrorKind;

fn text(name: &Name<'_>) -> String {
    let mut text = String::new();
    name.write_to(&mut text);
    text
}

/// A response to "www.example.com A": a CNAME chain, an address, and an OPT record.
const RESPONSE: &[u8] = b"\x12\x34\x83\x80\0\x01\0\x02\0\0\0\x01\
    \x03www\x07example\x03com\0\0\x01\0\x01\
    \xc0\x0c\0\x05\0\x01\0\0\x0e\x10\0\x06\x03cdn\xc0\x10\
    \xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01\
    \0\0\x29\x04\xd0\0\0\0\0\0\0";

#[test]
fn the_header_and_its_flags_are_read() {
    let message = Message::parse(RESPONSE).unwrap();
    assert_eq!(message.id, 0x1234);
    assert!(message.flags.response() && message.flags.truncated());
    assert_eq!((message.flags.opcode(), message.flags.rcode()), (0, 0));
    assert_eq!(Flags(0x0003).rcode(), 3);
    assert!(!Flags(0x0003).response());
}

#[test]
fn questions_and_records_are_read_in_order() {
    let message = Message::parse(RESPONSE).unwrap();
    let questions: Vec<_> = message.questions().map(Result::unwrap).collect();
    assert_eq!(questions.len(), 1);
    assert_eq!(
        (text(&questions[0].name).as_str(), questions[0].kind, questions[0].class),
        ("www.example.com", 1, 1)
    );
    let records: Vec<_> = message.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 3);
    assert_eq!(
        (records[0].section, text(&records[0].name).as_str()),
        (Section::Answer, "www.example.com")
    );
    let RecordData::Cname(target) = records[0].data else {
        panic!()
    };
    assert_eq!(
        (text(&target).as_str(), records[0].ttl, records[0].class),
        ("cdn.example.com", 3600, 1)
    );
    let RecordData::A(address) = records[1].data else {
        panic!()
    };
    assert_eq!(
        (text(&records[1].name).as_str(), address.to_string().as_str()),
        ("cdn.example.com", "192.0.2.1")
    );
    assert!(matches!(records[2].data, RecordData::Opt));
    assert_eq!((records[2].section, records[2].class), (Section::Additional, 1232));
}

#[test]
fn a_cut_message_gives_what_came_before_the_cut() {
    for len in 12..RESPONSE.len() {
        let message = Message::parse(&RESPONSE[..len]).unwrap();
        let records: Vec<_> = message.records().collect();
        let (last, before) = records.split_last().unwrap();
        assert!(matches!(last.unwrap_err().kind, ErrorKind::Truncated { .. }), "{len}");
        assert!(before.iter().all(Result::is_ok));
    }
    assert!(matches!(
        Message::parse(&RESPONSE[..11]).unwrap_err().kind,
        ErrorKind::Truncated { .. }
    ));
}

#[test]
fn an_operation_that_does_not_exist_is_unsupported() {
    let mut bytes = RESPONSE.to_vec();
    bytes[2] = 0x7f;
    assert_eq!(Message::parse(&bytes).unwrap_err().kind, ErrorKind::Unsupported(15));
}

/// One record of the given type and octets, in a message of its own.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x05local\0".to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes.extend(b"\x80\x01\0\0\0\x78");
    bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend(data);
    bytes
}

fn check(kind: u16, data: &[u8], expect: &str) {
    let bytes = record(kind, data);
    let record = Message::parse(&bytes).unwrap().records().next().unwrap().unwrap();
    assert_eq!(record.class, 1, "without mDNS's cache-flush bit");
    let said = match record.data {
        RecordData::Svcb(binding) | RecordData::Https(binding) => format!(
            "{} {} {:?} {:?} {:?} {}",
            binding.priority,
            text(&binding.target),
            binding.alpn().map(String::from_utf8_lossy).collect::<Vec<_>>(),
            binding.ipv4_hints().collect::<Vec<_>>(),
            binding.ipv6_hints().collect::<Vec<_>>(),
            binding.ech()
        ),
        RecordData::Txt(_) => format!(
            "{:?}",
            record.data.texts().map(String::from_utf8_lossy).collect::<Vec<_>>()
        ),
        other => format!("{other:?}"),
    };
    assert_eq!(said, expect);
}

#[test]
fn each_kind_of_record_is_read() {
    check(28, b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", "Aaaa(2001:db8::1)");
    check(12, b"\x04Lena\xc0\x0c", r#"Ptr("lena.local")"#);
    check(
        33,
        b"\0\0\0\0\x1f\x90\x01h\xc0\x0c",
        r#"Srv { port: 8080, target: "h.local" }"#,
    );
    check(16, b"\x03a=1\x00\x02b ", r#"["a=1", "", "b "]"#);
    check(
        65,
        b"\0\x01\0\0\x01\0\x06\x02h2\x02h3\0\x04\0\x08\x01\x02\x03\x04\x05\x06\x07\x08\0\x05\0\x01x",
        r#"1  ["h2", "h3"] [1.2.3.4, 5.6.7.8] [] true"#,
    );
    check(64, b"\0\0\x01t\0", "0 t [] [] [] false");
    check(
        65,
        b"\0\x01\0\0\x06\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02",
        "1  [] [] [2001:db8::2] false",
    );
    check(99, b"xy", "Other(99, [120, 121])");
}

#[test]
fn octets_that_are_not_as_their_type_says_are_kept_raw() {
    check(1, b"\x01\x02\x03", "Other(1, [1, 2, 3])");
    check(1, b"\x01\x02\x03\x04\x05", "Other(1, [1, 2, 3, 4, 5])");
    check(5, b"\xc0\xff", "Other(5, [192, 255])");
    check(33, b"\0\0", "Other(33, [0, 0])");
}

#[test]
fn counts_that_lie_end_at_the_end_of_the_message() {
    let mut bytes = record(1, b"\x01\x02\x03\x04");
    bytes[6..8].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(Message::parse(&bytes).unwrap().records().count(), 2);
    bytes[4..6].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(Message::parse(&bytes).unwrap().records().count(), 1);
}

#[test]
fn a_stream_is_cut_into_whole_messages() {
    let stream = b"\0\x02ab\0\0\0\x03cde\0\x05f";
    let messages: Vec<_> = tcp_messages(stream).collect();
    assert_eq!(messages, [(&b"ab"[..], 4), (b"", 6), (b"cde", 11)]);
}
