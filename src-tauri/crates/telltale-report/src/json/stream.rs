//! The JSON text on its way out: one buffer, and the two long lists written by hand.
//!
//! A report of a large capture holds some hundred thousand flows; keys as constants, addresses and times without a heap make
//! that some ten times cheaper than a general serializer behind a writer. Only [`super`] uses it.

use crate::{ReportError, moment::Clockwork};
use serde::Serialize;
use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};
use telltale_core::model::{Endpoint, Flow, Hello, NameSource, Tally, Timestamp};

/// Octets after which the buffer goes out; one flow is about half a kilobyte, and what fits the cache is cheap to fill again.
const FULL: usize = 128 << 10;

/// The text so far, and where it goes.
pub(super) struct Stream<'w> {
    buffer: Vec<u8>,
    to: &'w mut dyn Write,
    clockwork: Clockwork,
    address: (Ipv6Addr, Vec<u8>),
}

impl<'w> Stream<'w> {
    pub(super) fn new(to: &'w mut dyn Write) -> Self {
        Self {
            buffer: Vec::with_capacity(FULL + (8 << 10)),
            to,
            clockwork: Clockwork::new(),
            address: (Ipv6Addr::UNSPECIFIED, b"::".to_vec()),
        }
    }

    /// Opens the object with the fields of `head`.
    pub(super) fn head(&mut self, head: &impl Serialize) -> Result<(), ReportError> {
        self.value(head)?;
        let closing = self.buffer.pop();
        debug_assert_eq!(closing, Some(b'}'));
        Ok(())
    }

    /// A field that holds a list.
    pub(super) fn rows<T: Serialize>(&mut self, key: &str, rows: impl Iterator<Item = T>) -> Result<(), ReportError> {
        self.list(key, rows, |out, row| out.value(&row))
    }

    /// The field `hellos`.
    pub(super) fn hellos(&mut self, hellos: &[Hello]) -> Result<(), ReportError> {
        self.list("hellos", hellos.iter(), Self::hello)
    }

    /// The field `flows`.
    pub(super) fn flows(&mut self, flows: &[Flow]) -> Result<(), ReportError> {
        self.list("flows", flows.iter(), Self::flow)
    }

    /// Closes the object and hands the rest over.
    pub(super) fn end(mut self) -> Result<(), ReportError> {
        self.put(b"\n}\n");
        self.to.write_all(&self.buffer)?;
        Ok(self.to.flush()?)
    }

    fn list<T>(
        &mut self,
        key: &str,
        rows: impl Iterator<Item = T>,
        mut row: impl FnMut(&mut Self, T) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        self.put(b",\n\"");
        self.put(key.as_bytes());
        self.put(b"\":[");
        for (index, one) in rows.enumerate() {
            self.put(if index == 0 { b"\n" } else { b",\n" });
            row(self, one)?;
            if self.buffer.len() >= FULL {
                self.to.write_all(&self.buffer)?;
                self.buffer.clear();
            }
        }
        self.put(b"]");
        Ok(())
    }

    fn flow(&mut self, flow: &Flow) -> Result<(), ReportError> {
        self.put(b"{\"id\":");
        self.value(&flow.id)?;
        self.put(b",\"transport\":");
        self.value(&flow.transport)?;
        self.endpoint(b",\"initiator\":", &flow.initiator)?;
        self.endpoint(b",\"responder\":", &flow.responder)?;
        self.tally(b",\"from_initiator\":", &flow.from_initiator)?;
        self.tally(b",\"from_responder\":", &flow.from_responder)?;
        self.time(b",\"first\":\"", flow.first);
        self.time(b",\"last\":\"", flow.last);
        self.put(b",\"tcp\":");
        self.optional(flow.tcp.as_ref())?;
        self.put(b",\"tunnel\":");
        self.optional(flow.tunnel.as_ref())?;
        self.put(b",\"protocol\":");
        self.value(&flow.protocol)?;
        self.put(b",\"name\":");
        self.text(flow.name.as_ref())?;
        self.put(b",\"name_source\":");
        self.optional(flow.name_source.as_ref())?;
        self.put(b",\"basis\":");
        self.optional(flow.name_source.map(NameSource::basis).as_ref())?;
        self.put(b",\"alpn\":");
        self.text(flow.alpn.as_ref())?;
        self.put(b",\"ja4\":");
        self.text(flow.ja4.as_ref())?;
        self.truth(b",\"ech\":", flow.ech);
        self.put(b",\"device\":");
        self.optional(flow.device.as_ref())?;
        self.truth(b",\"device_is_initiator\":", flow.device_is_initiator);
        self.put(b",\"server\":");
        self.optional(flow.server.as_ref())?;
        self.put(b",\"app\":");
        self.optional(flow.app.as_ref())?;
        self.put(b"}");
        Ok(())
    }

    fn hello(&mut self, hello: &Hello) -> Result<(), ReportError> {
        self.put(b"{\"via\":");
        self.value(&hello.via)?;
        self.put(b",\"sni\":");
        self.text(hello.sni.as_ref())?;
        self.endpoint(b",\"server\":", &hello.server)?;
        self.put(b",\"alpn\":");
        self.value(&hello.alpn)?;
        self.put(b",\"ja4\":");
        self.text(hello.ja4.as_ref())?;
        self.truth(b",\"ech\":", hello.ech);
        self.put(b",\"flow\":");
        self.value(&hello.flow)?;
        self.time(b",\"at\":\"", hello.at);
        self.put(b"}");
        Ok(())
    }

    fn put(&mut self, constant: &[u8]) {
        self.buffer.extend_from_slice(constant);
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ReportError> {
        Ok(serde_json::to_writer(&mut self.buffer, value)?)
    }

    fn optional(&mut self, value: Option<&impl Serialize>) -> Result<(), ReportError> {
        if let Some(value) = value {
            return self.value(value);
        }
        self.put(b"null");
        Ok(())
    }

    fn text(&mut self, text: Option<&Arc<str>>) -> Result<(), ReportError> {
        self.optional(text.map(AsRef::<str>::as_ref).as_ref())
    }

    fn truth(&mut self, key: &[u8], truth: bool) {
        self.put(key);
        self.put(if truth { b"true" } else { b"false" });
    }

    fn time(&mut self, key: &[u8], at: Timestamp) {
        self.buffer.extend_from_slice(key);
        self.buffer.extend_from_slice(self.clockwork.text(at));
        self.buffer.push(b'"');
    }

    fn tally(&mut self, key: &[u8], tally: &Tally) -> Result<(), ReportError> {
        self.put(key);
        self.put(b"{\"packets\":");
        self.value(&tally.packets)?;
        self.put(b",\"bytes\":");
        self.value(&tally.bytes)?;
        self.put(b",\"ip_bytes\":");
        self.value(&tally.ip_bytes)?;
        self.put(b"}");
        Ok(())
    }

    fn endpoint(&mut self, key: &[u8], endpoint: &Endpoint) -> Result<(), ReportError> {
        self.put(key);
        self.put(b"{\"address\":\"");
        match endpoint.address {
            IpAddr::V4(address) => self.v4(address),
            IpAddr::V6(address) => self.v6(address)?,
        }
        self.put(b"\",\"port\":");
        self.value(&endpoint.port)?;
        self.put(b"}");
        Ok(())
    }

    fn v4(&mut self, address: Ipv4Addr) {
        for (index, octet) in address.octets().into_iter().enumerate() {
            if index > 0 {
                self.buffer.push(b'.');
            }
            if octet >= 100 {
                self.buffer.push(b'0' + octet / 100);
            }
            if octet >= 10 {
                self.buffer.push(b'0' + octet / 10 % 10);
            }
            self.buffer.push(b'0' + octet % 10);
        }
    }

    /// RFC 5952 text; the device's own address comes again and again, so the last one is kept.
    fn v6(&mut self, address: Ipv6Addr) -> Result<(), ReportError> {
        if self.address.0 != address {
            self.address.1.clear();
            write!(self.address.1, "{address}")?;
            self.address.0 = address;
        }
        self.buffer.extend_from_slice(&self.address.1);
        Ok(())
    }
}
