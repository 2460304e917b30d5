//! The arguments, and nothing but these; what else is said is refused before any privilege is used.

use crate::End;
use std::ffi::OsString;
use telltale_capture::{Ending, MAX_SNAP_LEN, check_filter_words, is_capturable_name};

/// The least octets of a packet: Ethernet, IPv6 and TCP headers.
const MIN_SNAP_LEN: u32 = 64;

/// What to capture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) device: String,
    pub(crate) snap_len: u32,
    pub(crate) promiscuous: bool,
    pub(crate) filter: Option<String>,
}

pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Request, End> {
    let usage = |message: &str| End::new(Ending::Usage, message);
    let mut arguments = arguments.map(|a| a.into_string().map_err(|_| usage("an argument is not UTF-8")));
    let (mut device, mut snap_len, mut promiscuous, mut filter) = (None, None, None, None);
    while let Some(name) = arguments.next().transpose()? {
        let mut value = || {
            arguments
                .next()
                .transpose()?
                .ok_or_else(|| usage("an argument lacks its value"))
        };
        let again = match name.as_str() {
            "--device" => device.replace(value()?).is_some(),
            "--snap-len" => snap_len.replace(value()?).is_some(),
            "--promiscuous" => promiscuous.replace(true).is_some(),
            "--filter" => filter.replace(value()?).is_some(),
            _ => return Err(usage("an argument that is not known")),
        };
        if again {
            return Err(usage("an argument is given twice"));
        }
    }
    let device = device.ok_or_else(|| usage("--device is missing"))?;
    if !is_capturable_name(&device) {
        return Err(usage("--device is no name of a network interface"));
    }
    let snap_len = match snap_len {
        None => MAX_SNAP_LEN,
        Some(text) => octets(&text).ok_or_else(|| usage("--snap-len is no number from 64 to 262144"))?,
    };
    if let Some(filter) = &filter {
        check_filter_words(filter).map_err(|e| End::new(Ending::BadFilter, e.to_string()))?;
    }
    Ok(Request {
        device,
        snap_len,
        promiscuous: promiscuous.is_some(),
        filter,
    })
}

/// A plain decimal number in the range.
fn octets(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|c| c.is_ascii_digit()) && text.len() <= 6;
    let number = digits.then(|| text.parse().ok()).flatten()?;
    (MIN_SNAP_LEN..=MAX_SNAP_LEN).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn from(arguments: &[&str]) -> Result<Request, Ending> {
        read(arguments.iter().map(OsString::from)).map_err(|End(ending, _)| ending)
    }

    #[test]
    fn the_arguments_are_taken_in_any_order() {
        let request = from(&[
            "--promiscuous",
            "--filter",
            "tcp port 443",
            "--snap-len",
            "96",
            "--device",
            "wlan0",
        ]);
        let wanted = Request {
            device: "wlan0".to_owned(),
            snap_len: 96,
            promiscuous: true,
            filter: Some("tcp port 443".to_owned()),
        };
        assert_eq!(request, Ok(wanted));
        let plain = from(&["--device", "eth0.7"]).expect("enough");
        assert_eq!(
            (plain.snap_len, plain.promiscuous, plain.filter),
            (262_144, false, None)
        );
    }

    #[test]
    fn everything_else_is_refused() {
        let refused: &[&[&str]] = &[
            &[],
            &["lo"],
            &["--device"],
            &["--device", ""],
            &["--device=lo"],
            &["--device", "lo", "--device", "lo"],
            &["--device", "lo", "--promiscuous", "--promiscuous"],
            &["--device", "lo", "--write", "x.pcap"],
            &["--device", "lo", "-w", "x.pcap"],
            &["--device", "lo", "--help"],
            &["--device", "lo", ""],
            &["--device", "lo", "--snap-len", "63"],
            &["--device", "lo", "--snap-len", "262145"],
            &["--device", "lo", "--snap-len", "+96"],
            &["--device", "lo", "--snap-len", "0x60"],
            &["--device", "lo", "--snap-len", "99999999999"],
            &["--device", "lo", "--snap-len"],
            &["--device", "any"],
            &["--device", "usbmon0"],
            &["--device", "/etc/passwd"],
            &["--device", "../lo"],
            &["--device", "-"],
        ];
        for arguments in refused {
            assert_eq!(from(arguments), Err(Ending::Usage), "{arguments:?}");
        }
        let host = ["--device", "lo", "--filter", "host example.org"];
        assert_eq!(from(&host), Err(Ending::BadFilter));
        let odd = [OsString::from("--device"), OsString::from_vec(vec![0xff])];
        assert!(read(odd.into_iter()).is_err());
    }
}
