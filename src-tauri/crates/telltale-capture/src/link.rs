//! Link types have two numbers: the one in files (`LINKTYPE_`, the same everywhere) and libpcap's own on this system (`DLT_`). They are
//! the same for all but a few.

/// `LINKTYPE_` and `DLT_` numbers on Linux where they differ (pcap-common.c): ATM, raw IP, PPP over ATM, Cisco HDLC and the like
/// have one of their own; of these a computer has only raw IP (tunnels) and classical IP over ATM.
const DIFFERENT: [(u16, u16); 3] = [(101, 12), (100, 11), (106, 19)];

/// The file's number for libpcap's.
pub fn link_type_of(dlt: i32) -> Option<u16> {
    let dlt = u16::try_from(dlt).ok()?;
    Some(
        DIFFERENT
            .iter()
            .find(|(_, own)| *own == dlt)
            .map_or(dlt, |(file, _)| *file),
    )
}

/// libpcap's number for the file's.
pub(crate) fn dlt_of(link_type: u16) -> i32 {
    let found = DIFFERENT.iter().find(|(file, _)| *file == link_type);
    i32::from(found.map_or(link_type, |(_, own)| *own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_numbers_belong_together() {
        // 1 Ethernet, 101 raw IP, 113 Linux cooked, 127 radiotap.
        for (link_type, dlt) in [(1, 1), (101, 12), (113, 113), (127, 127)] {
            assert_eq!((dlt_of(link_type), link_type_of(dlt)), (dlt, Some(link_type)));
        }
        assert_eq!(link_type_of(-1), None);
    }
}
