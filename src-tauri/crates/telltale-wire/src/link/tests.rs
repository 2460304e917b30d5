//! Each link header with literal octets, and what is refused.

use crate::octets::{ethernet, said, some_ip, v6, whole};
use crate::{DissectError, ErrorKind, Frame, Layer, LinkType, dissect};

const SENDER: Option<[u8; 6]> = Some([2, 0, 0, 0, 0, 1]);
const RECEIVER: Option<[u8; 6]> = Some([2, 0, 0, 0, 0, 2]);

/// `header` before an IP packet is seen through.
#[track_caller]
fn check(link: LinkType, header: &[u8]) -> crate::LinkHeader {
    let packet = [header, &some_ip()].concat();
    let frame = whole(link, &packet);
    assert_eq!((said(&frame).as_str(), frame.stop), ("v4/udp:9:1", None));
    assert_eq!(frame.link.ether_type, Some(0x0800));
    frame.link
}

/// The same in an Ethernet frame.
#[track_caller]
fn check_in_ethernet(ether_type: u16, header: &[u8]) -> crate::LinkHeader {
    check(LinkType::ETHERNET, &ethernet(ether_type, header))
}

/// No IP, and nothing that went wrong.
#[track_caller]
fn check_no_ip(link: LinkType, packet: &[u8]) {
    let frame = whole(link, packet);
    assert_eq!((said(&frame).as_str(), frame.stop), ("", None));
}

#[track_caller]
fn check_stop(link: LinkType, packet: &[u8], offset: u32, kind: ErrorKind) {
    let frame = whole(link, packet);
    assert_eq!(
        frame.stop,
        Some(DissectError {
            layer: Layer::Link,
            offset,
            kind
        })
    );
    assert_eq!(said(&frame), "");
}

#[test]
fn ethernet_tells_addresses_and_type() {
    let header = check_in_ethernet(0x0800, &[]);
    assert_eq!(
        (header.source_mac, header.destination_mac, header.vlan),
        (SENDER, RECEIVER, None)
    );
    let packet = ethernet(0x86dd, &v6(59, &[]));
    assert_eq!(said(&whole(LinkType::ETHERNET, &packet)), "v6/p59");
}

#[test]
fn padding_behind_the_packet_is_no_payload() {
    let packet = ethernet(0x0800, &[&some_ip()[..], &[0; 17]].concat());
    assert_eq!(said(&whole(LinkType::ETHERNET, &packet)), "v4/udp:9:1");
}

#[test]
fn the_outermost_vlan_is_told() {
    assert_eq!(check_in_ethernet(0x8100, &[0x20, 5, 8, 0]).vlan, Some(5));
    assert_eq!(
        check_in_ethernet(0x88a8, &[0x0f, 0xff, 0x81, 0, 0, 6, 8, 0]).vlan,
        Some(4095)
    );
    assert_eq!(check_in_ethernet(0x9100, &[0, 7, 0x92, 0, 0, 6, 8, 0]).vlan, Some(7));
}

#[test]
fn mpls_labels_are_passed_over() {
    check_in_ethernet(0x8847, &[0, 1, 0, 64, 0, 1, 1, 64]);
    check_in_ethernet(0x8848, &[0, 1, 1, 64]);
    let wire = [&[0, 1, 1, 64, 0, 0, 0, 0][..], &ethernet(0x0800, &[])].concat();
    check_in_ethernet(0x8847, &wire);
    check_no_ip(LinkType::ETHERNET, &ethernet(0x8847, &[0, 1, 1, 64, 0x10, 0, 0, 0]));
}

#[test]
fn pppoe_sessions_are_opened() {
    let len = u8::try_from(2 + some_ip().len()).unwrap();
    check_in_ethernet(0x8864, &[0x11, 0, 0, 1, 0, len, 0x00, 0x21]);
    check(LinkType::PPP_ETHER, &[0x11, 0, 0, 1, 0, len - 1, 0x21]);
    check_no_ip(
        LinkType::ETHERNET,
        &ethernet(0x8864, &[0x11, 0, 0, 1, 0, 4, 0xc0, 0x21, 1, 1]),
    );
    check_no_ip(LinkType::ETHERNET, &ethernet(0x8863, &[0x11, 9, 0, 0, 0, 0]));
    let kind = ErrorKind::Malformed("PPPoE has version 1 and type 1");
    check_stop(LinkType::ETHERNET, &ethernet(0x8864, &[0x22, 0, 0, 1, 0, 0]), 16, kind);
}

#[test]
fn llc_and_snap_are_opened() {
    let len = u16::try_from(8 + some_ip().len()).unwrap();
    check_in_ethernet(len, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
    check_in_ethernet(len - 5, &[6, 6, 3]);
    check_no_ip(LinkType::ETHERNET, &ethernet(38, &[0x42, 0x42, 3, 0, 0])); // spanning tree
    check_no_ip(LinkType::ETHERNET, &ethernet(8, &[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0])); // Cisco's discovery
}

#[test]
fn other_ethernet_is_no_error() {
    let packet = ethernet(0x0806, &[0; 28]);
    check_no_ip(LinkType::ETHERNET, &packet);
    assert_eq!(whole(LinkType::ETHERNET, &packet).link.ether_type, Some(0x0806));
}

#[test]
fn a_cut_link_header_is_truncated() {
    check_stop(
        LinkType::ETHERNET,
        &[0; 13],
        0,
        ErrorKind::Truncated { need: 14, have: 13 },
    );
    check_stop(
        LinkType::ETHERNET,
        &ethernet(0x8100, &[0]),
        14,
        ErrorKind::Truncated { need: 2, have: 1 },
    );
    check_stop(LinkType::RAW, &[], 0, ErrorKind::Truncated { need: 1, have: 0 });
    check_stop(LinkType::NULL, &[2, 0], 0, ErrorKind::Truncated { need: 4, have: 2 });
}

#[test]
fn a_frame_of_nothing_but_tags_ends() {
    let kind = ErrorKind::Malformed("a frame has few tags");
    check_stop(
        LinkType::ETHERNET,
        &ethernet(0x8100, &[0x81, 0].repeat(100)),
        14 + 16 * 4,
        kind,
    );
}

#[test]
fn raw_ip_goes_by_its_version() {
    for link in [12, 14, 101, 228, 229] {
        check(LinkType(link), &[]);
    }
    let frame = v6(17, &[]);
    assert_eq!(whole(LinkType::RAW, &frame).link.ether_type, Some(0x86dd));
    check_stop(
        LinkType::RAW,
        &[0x50],
        0,
        ErrorKind::Malformed("raw IP begins with version 4 or 6"),
    );
}

#[test]
fn loopback_families_are_known_in_both_orders() {
    check(LinkType::NULL, &[2, 0, 0, 0]);
    check(LinkType::NULL, &[0, 0, 0, 2]);
    check(LinkType::LOOP, &[0, 0, 0, 2]);
    for family in [10, 23, 24, 28, 30] {
        let packet = [&[family, 0, 0, 0][..], &v6(59, &[])].concat();
        assert_eq!(said(&whole(LinkType::NULL, &packet)), "v6/p59");
    }
    check_no_ip(LinkType::NULL, &[7, 0, 0, 0, 1]);
    check_no_ip(LinkType::LOOP, &[2, 0, 0, 0, 1]);
}

#[test]
fn cooked_captures_tell_the_sender() {
    let v1 = check(LinkType::LINUX_SLL, &[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0]);
    assert_eq!((v1.source_mac, v1.destination_mac), (SENDER, None));
    let v2 = check(
        LinkType::LINUX_SLL2,
        &[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0],
    );
    assert_eq!((v2.source_mac, v2.destination_mac), (SENDER, None));
    // A mobile interface has no address.
    let mobile = check(LinkType::LINUX_SLL, &[0, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]);
    assert_eq!(mobile.source_mac, None);
    check(
        LinkType::LINUX_SLL,
        &[
            0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0,
        ],
    );
    check(
        LinkType::LINUX_SLL,
        &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 5, 8, 0],
    );
    check_no_ip(
        LinkType::LINUX_SLL,
        &[0, 4, 3, 56, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45],
    ); // netlink
    check_no_ip(LinkType::LINUX_SLL, &[0, 0, 1, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12]); // CAN
}

#[test]
fn ppp_is_read_in_all_its_forms() {
    check(LinkType::PPP, &[0xff, 3, 0, 0x21]);
    check(LinkType::PPP, &[0, 0x21]);
    check(LinkType::PPP, &[0x21]);
    check(LinkType::PPP, &[2, 0x81, 0, 1, 1, 64]);
    check(LinkType::PPP_HDLC, &[0xff, 3, 0, 0x21]);
    check(LinkType::PPP_HDLC, &[0x0f, 0, 8, 0]);
    check(LinkType::CISCO_HDLC, &[0x8f, 0, 8, 0]);
    check(LinkType::PPP_WITH_DIRECTION, &[1, 0xff, 3, 0, 0x21]);
    check_no_ip(LinkType::PPP, &[0xff, 3, 0xc0, 0x21, 1]);
}

/// An 802.11 data frame up to LLC/SNAP: frame control, duration, three addresses, sequence control, `rest`.
fn wifi(kind: u8, flags: u8, rest: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind, flags, 0, 0];
    for last in 1..=3 {
        frame.extend([2, 0, 0, 0, 0, last]);
    }
    frame.extend([0x10, 0]);
    frame.extend(rest);
    frame
}

const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

#[test]
fn wifi_data_frames_tell_addresses_by_direction() {
    let mac = |last| Some([2, 0, 0, 0, 0, last]);
    for (flags, destination, source) in [(0, 1, 2), (1, 3, 2), (2, 1, 3)] {
        let header = check(LinkType::IEEE802_11, &wifi(0x08, flags, &SNAP));
        assert_eq!(
            (header.destination_mac, header.source_mac),
            (mac(destination), mac(source))
        );
    }
    let four = [&[2, 0, 0, 0, 0, 4][..], &SNAP].concat();
    let header = check(LinkType::IEEE802_11, &wifi(0x08, 3, &four));
    assert_eq!((header.destination_mac, header.source_mac), (mac(3), mac(4)));
}

#[test]
fn wifi_quality_of_service_and_aggregates_are_passed_over() {
    check(LinkType::IEEE802_11, &wifi(0x88, 0, &[&[0, 0][..], &SNAP].concat()));
    check(
        LinkType::IEEE802_11,
        &wifi(0x88, 0x80, &[&[0, 0, 1, 2, 3, 4][..], &SNAP].concat()),
    );
    let len = u8::try_from(8 + some_ip().len()).unwrap();
    let sub_frame = [&[0x80, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0, len][..], &SNAP].concat();
    check(LinkType::IEEE802_11, &wifi(0x88, 0, &sub_frame));
}

#[test]
fn encrypted_wifi_is_said_to_be_so() {
    let packet = wifi(0x88, 0x41, &[0, 0, 9, 9, 9, 0x20, 9, 9, 9, 9, 1, 2, 3]);
    check_no_ip(LinkType::IEEE802_11, &packet);
    assert!(whole(LinkType::IEEE802_11, &packet).link.encrypted);
    assert!(!check(LinkType::IEEE802_11, &wifi(0x08, 0, &SNAP)).encrypted);
}

#[test]
fn wifi_without_data_is_no_error() {
    check_no_ip(LinkType::IEEE802_11, &[0x80, 0, 0, 0, 1]); // beacon
    check_no_ip(LinkType::IEEE802_11, &[0x48, 1, 0, 0]); // null function
    let mut later = wifi(0x08, 0, &SNAP);
    later[22] = 0x11;
    let kind = ErrorKind::Malformed("later fragments of an 802.11 frame are not put together");
    check_stop(LinkType::IEEE802_11, &later, 24, kind);
}

#[test]
fn radio_headers_are_passed_over() {
    let plain = wifi(0x08, 0, &SNAP);
    let with = |radio: &[u8]| [radio, &plain].concat();
    check(LinkType::IEEE802_11_RADIOTAP, &with(&[0, 0, 8, 0, 0, 0, 0, 0]));
    // Time stamp and flags; a second presence word, which moves the time stamp to the next multiple of 8.
    check(
        LinkType::IEEE802_11_RADIOTAP,
        &with(&[0, 0, 17, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0]),
    );
    let mut two = vec![0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0];
    two.extend([0; 13]);
    check(LinkType::IEEE802_11_RADIOTAP, &with(&two));
    check(
        LinkType::IEEE802_11_AVS,
        &with(&[0x80, 0x21, 0x10, 1, 0, 0, 0, 12, 9, 9, 9, 9]),
    );
    check(
        LinkType::IEEE802_11_PRISM,
        &with(&[0x44, 0, 0, 0, 12, 0, 0, 0, 9, 9, 9, 9]),
    );
    check_stop(
        LinkType::IEEE802_11_RADIOTAP,
        &[1, 0, 8, 0],
        0,
        ErrorKind::Malformed("radiotap has version 0"),
    );
}

#[test]
fn radiotap_flags_tell_checksum_and_padding() {
    // A QoS header of 26 octets is padded to 28; flags in the first octet behind the presence word.
    let header = wifi(0x88, 0, &[&[0, 0, 0xee, 0xee][..], &SNAP].concat());
    check(
        LinkType::IEEE802_11_RADIOTAP,
        &[&[0, 0, 9, 0, 2, 0, 0, 0, 0x20][..], &header].concat(),
    );
    // The checksum is cut off: here it stands where a packet of length 0 would end.
    let mut ip = some_ip();
    ip[2..4].fill(0);
    ip[24..26].fill(0);
    let radio = [0, 0, 9, 0, 2, 0, 0, 0, 0x10];
    let packet = [&radio[..], &wifi(0x08, 0, &SNAP), &ip, &[1, 2, 3, 4]].concat();
    assert_eq!(said(&whole(LinkType::IEEE802_11_RADIOTAP, &packet)), "v4/udp:9:1");
}

#[test]
fn wrappings_name_the_link_type_inside() {
    let header = check(
        LinkType::PPI,
        &[&[0, 0, 12, 0, 1, 0, 0, 0, 9, 9, 9, 9][..], &ethernet(0x0800, &[])].concat(),
    );
    assert_eq!((header.link_type, header.source_mac), (LinkType::ETHERNET, SENDER));
    check_stop(
        LinkType::PPI,
        &[1, 0, 8, 0],
        0,
        ErrorKind::Malformed("PPI has version 0"),
    );
    // One inside the other, and no deeper.
    let nested = [0, 0, 8, 0, 192, 0, 0, 0].repeat(3);
    assert_eq!(
        whole(LinkType::PPI, &nested).stop.unwrap().kind,
        ErrorKind::Unsupported(192)
    );
}

fn pktap(process: &[u8], effective: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 108];
    header[0] = 108;
    header[4] = 1;
    header[8] = 12; // raw IP, as Apple numbers it
    header[56..56 + process.len()].copy_from_slice(process);
    header[88..88 + effective.len()].copy_from_slice(effective);
    header
}

#[test]
fn pktap_names_the_process() {
    let app = |packet: &[u8]| -> Option<Vec<u8>> {
        let frame = whole(LinkType::PKTAP, packet);
        assert_eq!(said(&frame), "v4/udp:9:1");
        frame.app.map(|app| app.label.to_vec())
    };
    let packet = |header: Vec<u8>| [header, some_ip()].concat();
    assert_eq!(app(&packet(pktap(b"nsurlsessiond", b"Weather"))).unwrap(), b"Weather");
    assert_eq!(app(&packet(pktap(b"mDNSResponder", b""))).unwrap(), b"mDNSResponder");
    assert_eq!(app(&packet(pktap(b"", b""))), None);
    let of_apple = packet(pktap(b"a", b""));
    assert_eq!(said(&whole(LinkType::APPLE_PKTAP_USER, &of_apple)), "v4/udp:9:1");
    let kind = ErrorKind::Malformed("PKTAP has 108 octets or more, and record type 1");
    check_stop(LinkType::PKTAP, &[9, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0], 0, kind);
    check_stop(LinkType::APPLE_PKTAP_USER, &[0; 120], 0, ErrorKind::Unsupported(149));
}

#[test]
fn the_netfilter_log_tells_sender_and_user() {
    let len = u8::try_from(4 + some_ip().len()).unwrap();
    let before = [2, 0, 0, 5, 5, 0, 10, 0, 0x61, 0, 0, 0];
    let sender = [16, 0, 8, 0, 0, 6, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0];
    let user = [8, 0, 11, 0, 0, 0, 0x27, 0x2f];
    let packet = [&before[..], &sender, &user, &[len, 0, 9, 0], &some_ip()].concat();
    let frame = whole(LinkType::NFLOG, &packet);
    assert_eq!((said(&frame).as_str(), frame.link.source_mac), ("v4/udp:9:1", SENDER));
    let app = frame.app.unwrap();
    assert_eq!((app.uid, app.label), (10_031, &b""[..]));
    check(LinkType::NFLOG, &[2, 0, 0, 5, 0, 6, 0, 1, 9, 9, 0, 0, 0, len, 0, 9]); // big-endian
    check_no_ip(LinkType::NFLOG, &[1, 0, 0, 5, 8, 0, 9, 0, 1, 2, 3, 4]);
    check_stop(
        LinkType::NFLOG,
        &[2, 1, 0, 5],
        0,
        ErrorKind::Malformed("the netfilter log has version 0"),
    );
    let kind = ErrorKind::Malformed("an attribute holds its own header");
    check_stop(LinkType::NFLOG, &[2, 0, 0, 5, 4, 0, 1, 0, 3, 0, 1, 0], 12, kind);
}

#[test]
fn an_unknown_link_type_is_unsupported() {
    let frame = whole(LinkType(147), b"abc");
    assert_eq!(frame.link.link_type, LinkType(147));
    check_stop(LinkType(147), b"abc", 0, ErrorKind::Unsupported(147));
}

/// `PCAPdroid`'s frame: no addresses, the packet padded to 4 octets, magic, user 10001, "Example", checksum.
fn pcapdroid() -> Vec<u8> {
    let mut frame = [&[0; 12][..], &[8, 0], &some_ip()].concat();
    frame.resize(frame.len().next_multiple_of(4), 0);
    frame.extend([1, 7, 0x20, 0x21, 0, 0, 0x27, 0x11]);
    frame.extend(b"Example\0\0\0\0\0\0\0\0\0\0\0\0\0");
    // CRC-32 of the above, reckoned with zlib.
    frame.extend(0x5f1b_4b3f_u32.to_le_bytes());
    frame
}

#[test]
fn pcapdroids_trailer_names_the_app() {
    let packet = pcapdroid();
    let frame: Frame<'_> = whole(LinkType::ETHERNET, &packet);
    let app = frame.app.unwrap();
    assert_eq!((app.uid, app.label), (10_001, &b"Example"[..]));
    assert_eq!(
        (said(&frame).as_str(), frame.ip().next().unwrap().len),
        ("v4/udp:9:1", 29)
    );
    let mut other_order = packet.clone();
    let at = other_order.len() - 4;
    other_order[at..].reverse();
    assert!(whole(LinkType::ETHERNET, &other_order).app.is_some());
}

#[test]
fn a_trailer_with_a_wrong_checksum_is_none() {
    let mut packet = pcapdroid();
    packet[14 + 8] ^= 1; // the hop limit
    let frame = whole(LinkType::ETHERNET, &packet);
    assert_eq!((frame.app, said(&frame).as_str()), (None, "v4/udp:9:1"));
}

#[test]
fn pcapdroids_frames_without_header_are_raw_ip() {
    for ip in [some_ip(), v6(17, &crate::octets::udp(9, b"x"))] {
        let frame = whole(LinkType::ETHERNET, &ip);
        assert!(said(&frame).ends_with("/udp:9:1"));
        assert_eq!((frame.link.link_type, frame.link.source_mac), (LinkType::RAW, None));
    }
    // Cut by the snap length, it still claims the length on the wire.
    let ip = some_ip();
    assert_eq!(said(&dissect(LinkType::ETHERNET, &ip[..28], 29)), "v4/udp:9:0");
    // A real frame to 45:00:00:1d:..., which happens to be as long as that says.
    let mut real = ethernet(0x0800, &some_ip());
    let len = u8::try_from(real.len()).unwrap();
    real[..4].copy_from_slice(&[0x45, 0, 0, len]);
    let frame = whole(LinkType::ETHERNET, &real);
    assert_eq!(
        (frame.link.link_type, said(&frame).as_str()),
        (LinkType::ETHERNET, "v4/udp:9:1")
    );
}
