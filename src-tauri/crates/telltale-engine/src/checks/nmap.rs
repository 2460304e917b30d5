//! What `nmap -oX -` writes, as facts.
//!
//! Of a scan: `version`, `arguments`, `hosts` (a list), `up`, `down`, `total` (hosts), `ended` (`success`, or nmap's word for what
//! happened, with `why`). Of a host: `addresses` (of `address`, `type`, `vendor`), `names`, `state`, `reason`, `ports` (of `port`,
//! `protocol`, `state`, `reason`, `service`, `product`, `version`; closed ones that nmap only counts are in `others`: `state`, `count`), `os`
//! (its best guess). What differs each time (when, how long) is left out. Form: nmap.dtd of nmap 7.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value, json};

/// Elements and texts of a document.
const MAX_NODES: u32 = 200_000;
/// Hosts, and ports of one host, that are kept.
const MAX_HOSTS: usize = 500;
const MAX_PORTS: usize = 1_000;

/// The facts of a scan and a sentence of it. `Err`: why it is none.
pub(super) fn read(output: &[u8]) -> Result<(Value, String), String> {
    let text = std::str::from_utf8(output).map_err(|_| "wrote no XML".to_owned())?;
    // nmap names its document type; roxmltree opens no file and bounds what entities become.
    let options = ParsingOptions {
        allow_dtd: true,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|e| format!("wrote no XML that can be read ({})", super::text::named(&e.to_string())))?;
    let root = document.root_element();
    if !root.has_tag_name("nmaprun") {
        return Err("wrote XML that is not nmap's".to_owned());
    }
    let all: Vec<_> = children(root, "host").collect();
    let hosts: Vec<_> = all.iter().take(MAX_HOSTS).map(|h| host(*h)).collect();
    let stats = children(root, "runstats").next();
    let counts = stats.and_then(|s| children(s, "hosts").next());
    let finished = stats.and_then(|s| children(s, "finished").next());
    let mut scan = json!({
        "version": root.attribute("version"),
        "arguments": root.attribute("args"),
        "hosts": hosts,
        "up": counts.and_then(|c| number(c, "up")),
        "down": counts.and_then(|c| number(c, "down")),
        "total": counts.and_then(|c| number(c, "total")),
        "ended": finished.and_then(|f| f.attribute("exit")),
    });
    if let Some(because) = finished.and_then(|f| f.attribute("errormsg")) {
        scan["why"] = because.into();
    }
    if all.len() > MAX_HOSTS {
        scan["hosts_left_out"] = (all.len() - MAX_HOSTS).into();
    }
    let open = hosts.iter().filter_map(|h| h["ports"].as_array()).flatten();
    let open = open.filter(|p| p["state"] == "open").count();
    let up = hosts.iter().filter(|h| h["state"] == "up").count();
    let said = format!(
        "{up} of {} hosts are up, with {open} open ports",
        scan["total"].as_u64().unwrap_or(all.len() as u64)
    );
    Ok((scan, said))
}

fn children<'a, 'input>(of: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    of.children().filter(move |n| n.has_tag_name(name))
}

fn number(of: Node<'_, '_>, name: &str) -> Option<u64> {
    of.attribute(name)?.parse().ok()
}

/// The attributes that are there, under other names.
fn attributes(of: Node<'_, '_>, names: &[(&str, &str)]) -> Map<String, Value> {
    let there = names.iter().filter_map(|(attribute, name)| {
        let value = of.attribute(*attribute)?;
        Some(((*name).to_owned(), Value::from(value)))
    });
    there.collect()
}

fn host(of: Node<'_, '_>) -> Value {
    let addresses = children(of, "address");
    let addresses: Vec<_> = addresses
        .map(|a| attributes(a, &[("addr", "address"), ("addrtype", "type"), ("vendor", "vendor")]))
        .collect();
    let names = children(of, "hostnames").flat_map(|n| children(n, "hostname"));
    let names: Vec<_> = names.filter_map(|n| n.attribute("name")).collect();
    let mut host = children(of, "status")
        .next()
        .map(|s| attributes(s, &[("state", "state"), ("reason", "reason")]))
        .unwrap_or_default();
    host.insert("addresses".to_owned(), json!(addresses));
    host.insert("names".to_owned(), json!(names));
    let lists: Vec<_> = children(of, "ports").collect();
    let all: Vec<_> = lists.iter().flat_map(|l| children(*l, "port")).collect();
    let ports: Vec<_> = all.iter().take(MAX_PORTS).map(|p| port(*p)).collect();
    if all.len() > MAX_PORTS {
        host.insert("ports_left_out".to_owned(), (all.len() - MAX_PORTS).into());
    }
    host.insert("ports".to_owned(), ports.into());
    let others = lists.iter().flat_map(|l| children(*l, "extraports"));
    let others: Vec<_> = others
        .map(|o| json!({ "state": o.attribute("state"), "count": number(o, "count") }))
        .collect();
    host.insert("others".to_owned(), others.into());
    let guess = children(of, "os").flat_map(|o| children(o, "osmatch")).next();
    if let Some(name) = guess.and_then(|g| g.attribute("name")) {
        host.insert("os".to_owned(), name.into());
    }
    Value::Object(host)
}

fn port(of: Node<'_, '_>) -> Value {
    let mut port = attributes(of, &[("protocol", "protocol")]);
    port.insert("port".to_owned(), json!(number(of, "portid")));
    if let Some(state) = children(of, "state").next() {
        port.extend(attributes(state, &[("state", "state"), ("reason", "reason")]));
    }
    if let Some(service) = children(of, "service").next() {
        port.extend(attributes(
            service,
            &[("name", "service"), ("product", "product"), ("version", "version")],
        ));
    }
    Value::Object(port)
}

#[cfg(test)]
mod tests;
