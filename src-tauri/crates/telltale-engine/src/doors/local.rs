//! Which addresses are local: a door is opened there, and a sender is taken from there, and nowhere else.

use crate::doors::DoorError;
use hyper::Uri;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Port of `PCAPdroid`'s HTTP server.
const HTTP_PORT: u16 = 8080;
/// Letters of an address that somebody types, at most.
const MAX_URL: usize = 1_000;

/// Loopback, private (RFC 1918), link-local (RFC 3927, RFC 4291) or unique local (RFC 4193).
pub(crate) fn is_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// An address to listen on: a local one, or all of this computer's when the user chose so.
pub(crate) fn bindable(ip: IpAddr) -> Result<IpAddr, DoorError> {
    if is_local(ip) || ip.is_unspecified() {
        Ok(ip)
    } else {
        Err(DoorError::NotLocal(ip))
    }
}

/// Where a page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) address: SocketAddr,
    /// Path and query, from `/` on.
    pub(crate) path: String,
}

/// Reads what the user typed or copied. `PCAPdroid`'s port is taken where none is given.
pub(crate) fn page(url: &str) -> Result<Page, DoorError> {
    let bad = || DoorError::BadAddress(url.chars().take(100).collect());
    let url = url.trim();
    if url.len() > MAX_URL {
        return Err(bad());
    }
    let whole = if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    let uri: Uri = whole.parse().map_err(|_| bad())?;
    if uri.scheme_str() != Some("http") {
        return Err(if uri.scheme_str() == Some("https") {
            DoorError::NotHttp
        } else {
            bad()
        });
    }
    let authority = uri.authority().ok_or_else(bad)?;
    if authority.as_str().contains('@') {
        return Err(bad());
    }
    let host = authority.host();
    let ip = match host.trim_start_matches('[').trim_end_matches(']') {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        number => number
            .parse()
            .or_else(|_| number.parse::<Ipv6Addr>().map(IpAddr::V6))
            .map_err(|_| DoorError::NameInsteadOfAddress(host.chars().take(100).collect()))?,
    };
    if !is_local(ip) {
        return Err(DoorError::NotLocal(ip));
    }
    let port = match authority.port_u16() {
        Some(0) => return Err(bad()),
        Some(port) => port,
        None if authority.as_str().len() > host.len() => return Err(bad()),
        None => HTTP_PORT,
    };
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    Ok(Page {
        address: SocketAddr::new(ip, port),
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn local_is_what_no_router_of_the_internet_carries() {
        for local in [
            "127.0.0.1",
            "10.42.0.1",
            "172.31.0.9",
            "192.168.1.1",
            "169.254.3.4",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_local(ip(local)), "{local}");
        }
        for public in [
            "0.0.0.0",
            "8.8.8.8",
            "172.32.0.1",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "2001:db8::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(!is_local(ip(public)), "{public}");
        }
        assert_eq!(bindable(ip("0.0.0.0")), Ok(ip("0.0.0.0")));
        assert_eq!(bindable(ip("8.8.8.8")), Err(DoorError::NotLocal(ip("8.8.8.8"))));
    }

    #[test]
    fn addresses_as_people_type_them() {
        let read = |url| page(url).map(|p| (p.address.to_string(), p.path));
        let good = |address: &str, path: &str| Ok((address.to_owned(), path.to_owned()));
        assert_eq!(read("http://192.168.1.20:8080/"), good("192.168.1.20:8080", "/"));
        assert_eq!(read(" 192.168.1.20 "), good("192.168.1.20:8080", "/"));
        assert_eq!(
            read("192.168.1.20:9000/x.pcap?a=1"),
            good("192.168.1.20:9000", "/x.pcap?a=1")
        );
        assert_eq!(read("http://localhost:80"), good("127.0.0.1:80", "/"));
        assert_eq!(read("http://[fe80::1]:8080/"), good("[fe80::1]:8080", "/"));
    }

    #[test]
    fn what_is_no_local_address_is_refused_with_its_reason() {
        assert_eq!(page("https://192.168.1.20:8080/"), Err(DoorError::NotHttp));
        assert_eq!(page("http://1.1.1.1:8080/"), Err(DoorError::NotLocal(ip("1.1.1.1"))));
        assert_eq!(
            page("http://phone.lan:8080/"),
            Err(DoorError::NameInsteadOfAddress("phone.lan".into()))
        );
        assert_eq!(
            page("http://127.0.0.1.example.com/"),
            Err(DoorError::NameInsteadOfAddress("127.0.0.1.example.com".into()))
        );
        let long = format!("http://10.0.0.1/{}", "x".repeat(2_000));
        for bad in [
            "",
            "http://",
            "ftp://10.0.0.1/",
            "http://a@10.0.0.1/",
            "http://10.0.0.1:99999/",
            "http://10.0.0.1:0/",
            "http://10.0.0.1:/",
            "file:///etc",
            "\u{0}",
            &long,
        ] {
            assert!(
                matches!(page(bad), Err(DoorError::BadAddress(_))),
                "{bad}: {:?}",
                page(bad)
            );
        }
    }
}
