//! What is wrong with a check before it is ever carried out; values out of their ranges.

use super::dns::RECORDS;
use super::output::expression;
use super::page::{address, header};
use super::place::is_host;
use super::resolver::{given, name};
use super::tampering::tls_server;
use super::text::named;

use std::net::IpAddr;
use std::path::Path;
use telltale_core::model::{Check, OutputParser, Reach};

/// The most of each list.
const MAX_RESOLVERS: usize = 16;
const MAX_EXPECTED: usize = 64;
const MAX_HEADERS: usize = 50;
const MAX_ARGS: usize = 256;
/// Octets of an argument or a target.
const MAX_ARG: usize = 4_096;

pub(super) fn examine(check: &Check) -> Result<(), String> {
    match check {
        Check::Audit { seconds, .. } => range("an audit's length", *seconds, 1, 86_400),
        Check::Reachability { host, how, attempts } => {
            a_host(host)?;
            match how {
                Reach::Tcp { port: 0 } | Reach::Udp { port: 0 } => Err("a port is 1 to 65535".to_owned()),
                _ => range("the number of tries", *attempts, 1, 20),
            }
        }
        Check::Dns {
            name,
            record,
            resolvers,
        } => dns(name, record, resolvers),
        Check::Tls {
            host,
            port,
            server_name,
            ..
        } => {
            a_host(host)?;
            server_name.as_deref().map_or(Ok(()), a_host)?;
            if *port == 0 {
                Err("a port is 1 to 65535".to_owned())
            } else {
                Ok(())
            }
        }
        Check::Http { url, method, headers } => {
            address(url)?;
            if !["GET", "HEAD"].contains(&method.as_str()) {
                return Err("a page is asked for with GET or HEAD".to_owned());
            }
            if headers.len() > MAX_HEADERS {
                return Err(format!("a request has at most {MAX_HEADERS} headers of its own"));
            }
            headers
                .iter()
                .try_for_each(|(name, value)| header(name, value).map(drop))
        }
        Check::Trace { host, max_hops } => {
            a_host(host)?;
            range("the number of hops", *max_hops, 1, 64)
        }
        Check::Tampering { .. } => tampering(check),
        Check::Command {
            program,
            args,
            target,
            parser,
        } => command(program, args, target, parser),
    }
}

fn range(what: &str, value: u32, least: u32, most: u32) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("{what} is {least} to {most}"))
    }
}

fn a_host(host: &str) -> Result<(), String> {
    if is_host(host) {
        Ok(())
    } else {
        Err(format!("\"{}\" is no name or address of a machine", named(host)))
    }
}

fn a_name(text: &str) -> Result<(), String> {
    match name(text) {
        Some(_) if is_host(text) => Ok(()),
        _ => Err(format!("\"{}\" is no name that DNS could hold", named(text))),
    }
}

fn dns(name: &str, record: &str, resolvers: &[String]) -> Result<(), String> {
    a_name(name)?;
    if !RECORDS.contains(&record) {
        return Err(format!("the record is one of {}", RECORDS.join(", ")));
    }
    if !(1..=MAX_RESOLVERS).contains(&resolvers.len()) {
        return Err(format!("1 to {MAX_RESOLVERS} resolvers are asked"));
    }
    let others = resolvers.iter().filter(|r| *r != "system");
    others.into_iter().try_for_each(|r| given(r).map(drop))
}

fn tampering(check: &Check) -> Result<(), String> {
    let Check::Tampering {
        portal_url,
        dns_name,
        dns_expected,
        tls_host,
        tls_pin,
    } = check
    else {
        return Ok(());
    };
    if portal_url.is_none() && dns_name.is_none() && tls_host.is_none() {
        return Err("at least one of portal, name and server is asked".to_owned());
    }
    if let Some(url) = portal_url
        && address(url)?.tls
    {
        return Err("a portal shows itself over http:// only".to_owned());
    }
    dns_name.as_deref().map_or(Ok(()), a_name)?;
    if dns_expected.len() > MAX_EXPECTED || dns_expected.iter().any(|e| e.parse::<IpAddr>().is_err()) {
        return Err(format!(
            "at most {MAX_EXPECTED} addresses are expected, each an IP address"
        ));
    }
    if let Some(server) = tls_host {
        let (host, _) = tls_server(server).ok_or("the server is a host, or host:port")?;
        a_host(host)?;
    }
    match tls_pin {
        Some(pin) if pin.len() != 64 || !pin.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Err("a pin is SHA-256 in 64 hexadecimal digits".to_owned())
        }
        _ => Ok(()),
    }
}

fn command(program: &str, args: &[String], target: &str, parser: &OutputParser) -> Result<(), String> {
    if program.is_empty() || program.len() > MAX_ARG || program.contains('\0') {
        return Err("a program has a name or a path".to_owned());
    }
    if program.contains('/') && !Path::new(program).is_absolute() {
        return Err("the path of a program begins with /".to_owned());
    }
    if args.len() > MAX_ARGS || args.iter().any(|a| a.len() > MAX_ARG || a.contains('\0')) {
        return Err(format!(
            "a program has at most {MAX_ARGS} arguments of {MAX_ARG} octets, none with a zero in it"
        ));
    }
    if target.len() > MAX_ARG || target.contains('\0') {
        return Err("the target is too long".to_owned());
    }
    if target.starts_with('-') {
        return Err("a target does not begin with -, for programs would take it for an option".to_owned());
    }
    match parser {
        OutputParser::Regex { pattern } => expression(pattern).map(drop),
        _ => Ok(()),
    }
}
