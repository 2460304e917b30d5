//! Pandore's sniffer interface: a capture is set up, started, stopped and asked for. It is the engine's own live audit.
//!
//! Answers are Pandore's own words. Who asks shows a token, which Pandore never wanted, and no password is kept or given back: the
//! database that Pandore's sniffer wrote to does not exist here.

use super::problem::Problem;
use super::results::{octets, parsed};
use super::routes::Api;
use crate::live::{LiveRequest, LiveSource, PacketFilter};
use crate::{AuditState, Engine};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use telltale_core::model::Connection;

/// Key of the settings table.
const SETTINGS: &str = "pandore_sniffer";
/// Captures at once, as in Pandore.
const MAX_AT_ONCE: usize = 4;
/// Letters of one value at most.
const MAX_VALUE: usize = 1_000;
/// Says which audit was started: Pandore's answer does not.
const AUDIT: HeaderName = HeaderName::from_static("telltale-audit");

/// What the next capture will be. All values are text, as in Pandore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Configuration {
    audited_interface: String,
    device_network: String,
    device_network_ipv6: String,
    custom_filter: String,
    capture_name: String,
    capture_duration: String,
    capture_description: String,
    capture_cnx_type: String,
}

impl Default for Configuration {
    fn default() -> Self {
        let none = String::new;
        Self {
            audited_interface: none(),
            device_network: none(),
            device_network_ipv6: none(),
            custom_filter: none(),
            capture_name: none(),
            capture_duration: "600".to_owned(),
            capture_description: none(),
            capture_cnx_type: "WiFi".to_owned(),
        }
    }
}

impl Configuration {
    /// Pandore's sections. What concerns its database is empty: it is neither used nor kept.
    fn sections(&self) -> Value {
        json!({
            "network": {
                "audited_interface": self.audited_interface,
                "device_network": self.device_network,
                "device_network_ipv6": self.device_network_ipv6,
                "custom_filter": self.custom_filter,
            },
            "database": { "db_host": "", "db_port": "", "db_user": "", "db_password": "", "db": "" },
            "capture": {
                "capture_name": self.capture_name,
                "capture_duration": self.capture_duration,
                "capture_description": self.capture_description,
                "capture_cnx_type": self.capture_cnx_type,
            },
            "gui": { "sniffer_gui": "False" },
        })
    }

    /// Takes over what is there; keys in upper or lower case, unknown ones are left alone, as in Pandore.
    fn merge(&mut self, sent: &Value) -> Result<(), Problem> {
        let sections = sent
            .as_object()
            .ok_or_else(|| Problem::wrong("the body is no object"))?;
        for (section, values) in sections {
            let Some(values) = values.as_object() else {
                return Err(Problem::wrong(format!("section {section:?} is no object")));
            };
            for (key, value) in values {
                if let Some(place) = self.place(&section.to_lowercase(), &key.to_lowercase()) {
                    *place = text(value)
                        .ok_or_else(|| Problem::wrong(format!("{key}: a text of at most {MAX_VALUE} letters")))?;
                }
            }
        }
        Ok(())
    }

    fn place(&mut self, section: &str, key: &str) -> Option<&mut String> {
        Some(match (section, key) {
            ("network", "audited_interface") => &mut self.audited_interface,
            ("network", "device_network") => &mut self.device_network,
            ("network", "device_network_ipv6") => &mut self.device_network_ipv6,
            ("network", "custom_filter") => &mut self.custom_filter,
            ("capture", "capture_name") => &mut self.capture_name,
            ("capture", "capture_duration") => &mut self.capture_duration,
            ("capture", "capture_description") => &mut self.capture_description,
            ("capture", "capture_cnx_type") => &mut self.capture_cnx_type,
            _ => return None,
        })
    }

    /// Pandore's filter: the device's networks, and what else is wanted of them.
    fn filter(&self) -> PacketFilter {
        let networks: Vec<String> = [&self.device_network, &self.device_network_ipv6]
            .into_iter()
            .map(|n| n.trim())
            .filter(|n| !n.is_empty())
            .map(|n| format!("(dst net {n} or src net {n})"))
            .collect();
        let custom = self.custom_filter.trim();
        let expression = match (networks.is_empty(), custom.is_empty()) {
            (true, true) => return PacketFilter::All,
            (true, false) => custom.to_owned(),
            (false, true) => networks.join(" or "),
            (false, false) => format!("({}) and ({custom})", networks.join(" or ")),
        };
        PacketFilter::Expression { expression }
    }

    fn request(&self, engine_recording: crate::Recording) -> Result<LiveRequest, Problem> {
        let duration = self.capture_duration.trim();
        let duration_s = match duration {
            "" | "0" => None,
            seconds => Some(
                seconds
                    .parse()
                    .map_err(|_| Problem::wrong("capture_duration: whole seconds"))?,
            ),
        };
        Ok(LiveRequest {
            source: LiveSource::Device {
                name: self.audited_interface.trim().to_owned(),
            },
            filter: self.filter(),
            name: self.capture_name.clone(),
            description: self.capture_description.clone(),
            connection: connection(&self.capture_cnx_type),
            duration_s,
            recording: engine_recording,
        })
    }
}

/// A value as Pandore writes it down.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    (text.chars().count() <= MAX_VALUE).then_some(text)
}

/// What Pandore's users write there.
fn connection(words: &str) -> Connection {
    let words = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|w| words.contains(w));
    if says(&["hotspot"]) {
        Connection::Hotspot
    } else if says(&["wifi", "wi-fi", "wlan"]) {
        Connection::Wifi
    } else if says(&["usb"]) {
        Connection::Usb
    } else if says(&["ethernet", "cable", "lan"]) {
        Connection::Ethernet
    } else if says(&["mobile", "2g", "3g", "4g", "5g", "lte", "cell"]) {
        Connection::Mobile
    } else {
        Connection::Other
    }
}

async fn stored(engine: &Engine) -> Result<Configuration, Problem> {
    Ok(engine.inner.store.choice(SETTINGS).await?)
}

/// `GET /api/configuration`
pub(super) async fn configuration(State(api): State<Api>) -> Result<Json<Value>, Problem> {
    Ok(Json(stored(&api.engine()?).await?.sections()))
}

/// `POST /api/configuration`
pub(super) async fn configure(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let sent = parsed(&octets(body)?)?;
    let engine = api.engine()?;
    let mut configuration = stored(&engine).await?;
    configuration.merge(&sent)?;
    engine.inner.store.save_choice(SETTINGS, &configuration).await?;
    Ok(Json(configuration.sections()))
}

/// Numbers of the audits that are live now, and how many live ones have ended.
async fn audits(engine: &Engine) -> Result<(Vec<u32>, usize), Problem> {
    let cards = engine.cards().await?;
    let live: Vec<u32> = cards
        .iter()
        .filter(|c| c.state == AuditState::Live)
        .map(|c| c.id)
        .collect();
    let ended = cards
        .iter()
        .filter(|c| c.live_source.is_some() && c.state != AuditState::Live);
    Ok((live, ended.count()))
}

/// `POST /api/start`
pub(super) async fn start(State(api): State<Api>) -> Result<Response, Problem> {
    let engine = api.engine()?;
    let (live, _) = audits(&engine).await?;
    if live.len() >= MAX_AT_ONCE {
        let detail = format!("{MAX_AT_ONCE} captures run already");
        return Err(Problem::new(StatusCode::CONFLICT, "busy", detail));
    }
    let recording = engine.settings().await?.recording;
    let request = stored(&engine).await?.request(recording)?;
    let id = engine.start_live(request).await?;
    Ok(([(AUDIT, id.to_string())], Json("Start OK")).into_response())
}

/// `POST /api/stop`
pub(super) async fn stop(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<&'static str>, Problem> {
    let body = octets(body)?;
    let engine = api.engine()?;
    let (live, _) = audits(&engine).await?;
    let one = if body.is_empty() {
        // Without a number it is clear only where there is one.
        (live.len() == 1).then(|| live[0])
    } else {
        let wanted = match &parsed(&body)?["CaptureID"] {
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(n) => n.as_u64(),
            _ => None,
        };
        live.into_iter().find(|id| Some(u64::from(*id)) == wanted)
    };
    let stopped = one.is_some_and(|id| engine.stop(id).is_ok());
    Ok(Json(if stopped { "Stop OK" } else { "Stop KO" }))
}

/// `GET /api/status`
pub(super) async fn status(State(api): State<Api>) -> Result<Json<String>, Problem> {
    let (live, ended) = audits(&api.engine()?).await?;
    Ok(Json(format!("{} running and {ended} stopped", live.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_merged_whatever_its_case_and_no_password_is_kept() {
        let mut configuration = Configuration::default();
        let sent = json!({
            "NETWORK": { "Audited_Interface": "wlan0", "nonsense": 1 },
            "database": { "DB_PASSWORD": "secret", "db_host": "db.example" },
            "capture": { "capture_duration": 30 },
            "other": {},
        });
        configuration.merge(&sent).expect("merged");
        assert_eq!(
            (
                configuration.audited_interface.as_str(),
                configuration.capture_duration.as_str()
            ),
            ("wlan0", "30")
        );
        let stored = serde_json::to_string(&configuration).expect("JSON") + &configuration.sections().to_string();
        assert!(!stored.contains("secret") && !stored.contains("db.example"), "{stored}");
        for wrong in [
            json!([]),
            json!({ "network": 1 }),
            json!({ "capture": { "capture_name": [] } }),
        ] {
            assert!(configuration.merge(&wrong).is_err(), "{wrong}");
        }
        let long = json!({ "capture": { "capture_name": "x".repeat(MAX_VALUE + 1) } });
        assert!(configuration.merge(&long).is_err());
    }

    #[test]
    fn the_filter_is_pandores() {
        let mut configuration = Configuration::default();
        assert_eq!(configuration.filter(), PacketFilter::All);
        let expression = |c: &Configuration| match c.filter() {
            PacketFilter::Expression { expression } => expression,
            other => panic!("{other:?}"),
        };
        configuration.custom_filter = "tcp".to_owned();
        assert_eq!(expression(&configuration), "tcp");
        configuration.device_network = "10.0.0.0/24".to_owned();
        assert_eq!(
            expression(&configuration),
            "((dst net 10.0.0.0/24 or src net 10.0.0.0/24)) and (tcp)"
        );
        configuration.custom_filter.clear();
        configuration.device_network_ipv6 = "fd00::/64".to_owned();
        let both = "(dst net 10.0.0.0/24 or src net 10.0.0.0/24) or (dst net fd00::/64 or src net fd00::/64)";
        assert_eq!(expression(&configuration), both);
    }

    #[test]
    fn how_the_phone_is_connected_is_read_from_words() {
        for (words, means) in [
            ("WiFi", Connection::Wifi),
            ("Wi-Fi hotspot", Connection::Hotspot),
            ("LAN", Connection::Ethernet),
            ("4G", Connection::Mobile),
            ("usb", Connection::Usb),
            ("", Connection::Other),
        ] {
            assert_eq!(connection(words), means, "{words}");
        }
    }
}
