//! nmap's XML as its document type has it, and what is no such thing.

use super::*;

const SCAN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.94 scan initiated Sun Nov 22 10:00:00 2026 as: nmap -oX - -sV 192.0.2.10 -->
<nmaprun scanner="nmap" args="nmap -oX - -sV 192.0.2.10" start="1795341600" startstr="Sun Nov 22 10:00:00 2026"
 version="7.94" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1000" services="1-1000"/>
<verbose level="0"/><debugging level="0"/>
<host starttime="1795341600" endtime="1795341607"><status state="up" reason="syn-ack" reason_ttl="0"/>
<address addr="192.0.2.10" addrtype="ipv4"/>
<address addr="00:00:5E:00:53:01" addrtype="mac" vendor="Icann, Iana Department"/>
<hostnames><hostname name="printer.example" type="user"/><hostname name="p.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="997"><extrareasons reason="conn-refused" count="997"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH"
 version="9.2p1 &quot;Debian&quot;" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe></service></port>
<port protocol="tcp" portid="80"><state state="filtered" reason="no-response" reason_ttl="0"/></port>
<port protocol="udp" portid="53"><state state="open" reason="udp-response" reason_ttl="0"/><service name="domain" method="table"
 conf="3"/></port>
</ports>
<os><osmatch name="Linux 5.4" accuracy="98" line="1"/></os>
<times srtt="100" rttvar="100" to="100000"/>
</host>
<runstats><finished time="1795341607" timestr="Sun Nov 22 10:00:07 2026" summary="Nmap done" elapsed="7.01" exit="success"/>
<hosts up="1" down="3" total="4"/></runstats>
</nmaprun>
"#;

#[test]
fn a_scan_is_read_as_nmap_means_it() {
    let (scan, said) = read(SCAN.as_bytes()).expect("a scan");
    assert_eq!(
        scan,
        json!({
            "version": "7.94", "arguments": "nmap -oX - -sV 192.0.2.10", "up": 1, "down": 3, "total": 4, "ended": "success",
            "hosts": [{
                "state": "up", "reason": "syn-ack", "names": ["printer.example", "p.example"], "os": "Linux 5.4",
                "addresses": [
                    { "address": "192.0.2.10", "type": "ipv4" },
                    { "address": "00:00:5E:00:53:01", "type": "mac", "vendor": "Icann, Iana Department" },
                ],
                "others": [{ "state": "closed", "count": 997 }],
                "ports": [
                    { "port": 22, "protocol": "tcp", "state": "open", "reason": "syn-ack", "service": "ssh",
                      "product": "OpenSSH", "version": "9.2p1 \"Debian\"" },
                    { "port": 80, "protocol": "tcp", "state": "filtered", "reason": "no-response" },
                    { "port": 53, "protocol": "udp", "state": "open", "reason": "udp-response", "service": "domain" },
                ],
            }],
        })
    );
    assert_eq!(said, "1 of 4 hosts are up, with 2 open ports");
}

#[test]
fn two_scans_of_the_same_give_the_same_facts() {
    let later = SCAN
        .replace("17953416", "17953999")
        .replace("10:00:0", "11:11:1")
        .replace("7.01", "9.30");
    assert_eq!(read(SCAN.as_bytes()), read(later.as_bytes()));
}

#[test]
fn a_scan_that_failed_says_why() {
    let failed = r#"<nmaprun scanner="nmap" version="7.94"><runstats><finished exit="error" errormsg="no route"/>
        <hosts up="0" down="0" total="0"/></runstats></nmaprun>"#;
    let (scan, _) = read(failed.as_bytes()).expect("a scan");
    assert_eq!(
        (scan["ended"].as_str(), scan["why"].as_str()),
        (Some("error"), Some("no route"))
    );
}

#[test]
fn a_cut_a_foreign_and_a_hostile_document_are_problems() {
    for end in (0..SCAN.trim_end().len()).filter(|e| SCAN.is_char_boundary(*e)) {
        assert!(read(&SCAN.as_bytes()[..end]).is_err(), "cut after {end}");
    }
    assert!(read(b"<html/>").is_err());
    assert!(read(b"\xff\xfe<").is_err());
    let grown = (1..20).map(|n| format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10)));
    let grown = grown.collect::<Vec<_>>().concat();
    let laughs = format!("<!DOCTYPE nmaprun [<!ENTITY a0 \"ha\">{grown}]><nmaprun>&a19;</nmaprun>");
    assert!(read(laughs.as_bytes()).is_err());
    let outside = br#"<!DOCTYPE nmaprun [<!ENTITY f SYSTEM "file:///etc/passwd">]><nmaprun args="x">&f;</nmaprun>"#;
    assert!(read(outside).is_err_and(|e| !e.contains("root:")));
    let deep = format!("<nmaprun>{}", "<host>".repeat(100_000));
    assert!(read(deep.as_bytes()).is_err());
    let many = format!("<nmaprun>{}</nmaprun>", "<host/>".repeat(300_000));
    assert!(read(many.as_bytes()).is_err());
    let some = format!("<nmaprun>{}</nmaprun>", "<host/>".repeat(600));
    let (scan, _) = read(some.as_bytes()).expect("a scan");
    assert_eq!(scan["hosts_left_out"], 100);
}
