//! The apps that the capture names.

use super::counted::Amount;
use crate::{
    limits::MAX_APPS,
    model::{App, AppId},
    names::clean_label,
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// All apps, by Android user id, or by name where the capture knows no such id (an iPhone's processes).
#[derive(Debug, Default)]
pub(crate) struct Apps {
    list: Vec<App>,
    by_uid: HashMap<i32, u32, FixedState>,
    by_label: HashMap<Vec<u8>, u32, FixedState>,
}

/// What the capture says in place of an id that it does not know.
const UNKNOWN: i32 = -1;

impl Apps {
    /// All, by number.
    pub(crate) fn list(&self) -> &[App] {
        &self.list
    }

    /// The number of an app; `None` for "unknown" (-1) and beyond the limit.
    pub(crate) fn of(&mut self, uid: i32) -> Option<u32> {
        if uid < 0 {
            return None;
        }
        if let Some(number) = self.by_uid.get(&uid) {
            return Some(*number);
        }
        let number = self.enter(uid, None)?;
        self.by_uid.insert(uid, number);
        Some(number)
    }

    /// The number of what has this label and no id; `None` without a label and beyond the limit.
    pub(crate) fn called(&mut self, label: &[u8]) -> Option<u32> {
        if let Some(number) = self.by_label.get(label) {
            return Some(*number);
        }
        let number = self.enter(UNKNOWN, Some(clean_label(label)?))?;
        self.by_label.insert(label.to_vec(), number);
        Some(number)
    }

    fn enter(&mut self, uid: i32, label: Option<String>) -> Option<u32> {
        let number = u32::try_from(self.list.len())
            .ok()
            .filter(|_| self.list.len() < MAX_APPS)?;
        self.list.push(App {
            id: AppId(number),
            uid,
            label,
            package: None,
            sent_bytes: 0,
            received_bytes: 0,
            flows: 0,
        });
        Some(number)
    }

    /// The capture says what an app is called. A packet's trailer cuts labels, so that a later, fuller one replaces it.
    pub(crate) fn name(&mut self, uid: i32, package: Option<&[u8]>, label: Option<&[u8]>) {
        let Some(app) = self.of(uid).and_then(|number| self.list.get_mut(number as usize)) else {
            return;
        };
        if let Some(package) = package.and_then(clean_label) {
            app.package = Some(package);
        }
        if let Some(label) = label.and_then(clean_label)
            && app.label.as_ref().is_none_or(|known| known.len() < label.len())
        {
            app.label = Some(label);
        }
    }

    /// Whether the app has a label already: trailers repeat it on every packet.
    pub(crate) fn has_label(&self, number: u32) -> bool {
        self.list.get(number as usize).is_some_and(|app| app.label.is_some())
    }

    /// Moves one flow's octets; `flows` says whether it is new for the app.
    pub(crate) fn count(&mut self, number: u32, old: (Amount, Amount), new: (Amount, Amount), is_new: bool) {
        if let Some(app) = self.list.get_mut(number as usize) {
            app.sent_bytes = app.sent_bytes.saturating_sub(old.0.bytes).saturating_add(new.0.bytes);
            app.received_bytes = app
                .received_bytes
                .saturating_sub(old.1.bytes)
                .saturating_add(new.1.bytes);
            app.flows = app.flows.saturating_add(u32::from(is_new));
        }
    }
}
