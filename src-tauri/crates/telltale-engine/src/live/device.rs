//! Before a live audit begins: devices, rights, filters. Each question is the capture room's; here it becomes the engine's.

use super::types::{LiveRequest, LiveSource, PacketFilter};
use crate::{Engine, EngineError};
use telltale_capture::{FilterError, GrantError, Hindrance, Only, Rights};

/// `LINKTYPE_ETHERNET`: what filters are checked for. The capture program checks again for the device itself.
const ETHERNET: u16 = 1;
/// Phones of one filter at most; a filter of more is no filter for a phone.
const MAX_PHONES: usize = 64;

impl Engine {
    /// Whether packets may be looked at.
    pub fn rights(&self) -> Rights {
        telltale_capture::rights()
    }

    /// Asks for the right in the system's own dialog, and waits until the user has answered it.
    pub async fn grant_rights(&self) -> Result<Rights, EngineError> {
        let asked = self.inner.runtime.spawn_blocking(telltale_capture::grant).await;
        match asked {
            Ok(Ok(()) | Err(GrantError::Dismissed)) => Ok(self.rights()),
            Ok(Err(e)) => Err(EngineError::NoRights(e.to_string())),
            Err(e) => Err(EngineError::NoRights(e.to_string())),
        }
    }

    /// Whether `expression` can be used as a filter; where and why not.
    pub fn check_filter(&self, expression: &str) -> Result<(), FilterError> {
        telltale_capture::check_filter(expression, ETHERNET)
    }
}

/// Looks at a request before anything begins; its filter as an expression.
pub(super) fn check(request: &LiveRequest) -> Result<Option<String>, EngineError> {
    let filter = expression(&request.filter)?;
    if filter.is_some() && !matches!(request.source, LiveSource::Device { .. }) {
        return Err(EngineError::InvalidInput(
            "the phone's own capture cannot be filtered".to_owned(),
        ));
    }
    if let LiveSource::Device { name } = &request.source {
        let devices = telltale_capture::devices().map_err(|e| EngineError::Device(e.to_string()))?;
        let device = devices.iter().find(|d| d.name == *name);
        match device {
            Some(device) if device.up => {}
            Some(_) => return Err(EngineError::Device(format!("{name} is switched off"))),
            None => return Err(EngineError::Device(format!("there is no network device {name}"))),
        }
        match telltale_capture::rights() {
            Rights::Ready => {}
            Rights::Missing { .. } => {
                return Err(EngineError::NoRights(
                    "the capture program has no right to capture yet".to_owned(),
                ));
            }
            Rights::NoProgram => {
                return Err(EngineError::NoRights(
                    "the capture program telltale-capd is not there".to_owned(),
                ));
            }
            Rights::CannotHere { why } => return Err(EngineError::NoRights(hindrance(&why))),
        }
    }
    Ok(filter)
}

fn hindrance(why: &Hindrance) -> String {
    match why {
        Hindrance::NoNewPrivileges => "this program runs where no program may get rights (no_new_privs)".to_owned(),
        Hindrance::NoSuidMount(path) => format!(
            "{} lies on a disk whose programs get no rights (nosuid)",
            path.display()
        ),
        Hindrance::NotInBoundingSet => "no program may capture here, as in a container".to_owned(),
        Hindrance::NotInGroup(group) => format!("only members of group {group} may run the capture program"),
    }
}

/// The packets that are looked at, as a filter expression; `None`: all.
pub(super) fn expression(filter: &PacketFilter) -> Result<Option<String>, EngineError> {
    let expression = match filter {
        PacketFilter::All => return Ok(None),
        PacketFilter::Phones { phones } => {
            let phones: Vec<_> = phones.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect();
            if phones.is_empty() || phones.len() > MAX_PHONES {
                return Err(EngineError::InvalidInput(format!(
                    "1 to {MAX_PHONES} phones can be watched"
                )));
            }
            let parse = |text: &&str| {
                let bad = || EngineError::InvalidInput(format!("{text} is no IP address, network or MAC address"));
                Only::parse(text).ok_or_else(bad)
            };
            telltale_capture::only(&phones.iter().map(parse).collect::<Result<Vec<_>, _>>()?)
        }
        PacketFilter::Expression { expression } => expression.trim().to_owned(),
    };
    if expression.is_empty() {
        return Ok(None);
    }
    telltale_capture::check_filter(&expression, ETHERNET).map_err(EngineError::Filter)?;
    Ok(Some(expression))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phones(list: &[&str]) -> Result<Option<String>, EngineError> {
        let phones = list.iter().map(|p| (*p).to_owned()).collect();
        expression(&PacketFilter::Phones { phones })
    }

    #[test]
    fn phones_become_an_expression() {
        let filter = phones(&["10.42.0.23", " aa:bb:cc:dd:ee:ff ", ""]).unwrap().unwrap();
        assert!(
            filter.contains("10.42.0.23") && filter.contains("aa:bb:cc:dd:ee:ff"),
            "{filter}"
        );
        for bad in [&["phone"][..], &[], &[" "], &["10.42.0.23 or port 1"]] {
            assert!(matches!(phones(bad), Err(EngineError::InvalidInput(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_wrong_expression_says_where() {
        let filter = |text: &str| {
            expression(&PacketFilter::Expression {
                expression: text.to_owned(),
            })
        };
        assert_eq!(filter("  ").unwrap(), None);
        assert_eq!(filter(" udp ").unwrap().as_deref(), Some("udp"));
        match filter("tcp prot 80") {
            Err(EngineError::Filter(wrong)) => assert_eq!(wrong.at, 4),
            other => panic!("{other:?}"),
        }
    }
}
