//! How long audits and recordings are kept: the user's limits, what leaves because of them, and that this is announced before.
//!
//! What is older than its limit is removed at the start and once an hour, but never before it has stood announced for
//! [`NOTICE`]. That time is counted from look to look, at most [`CREDIT`] each: a clock that jumps by years announces, and cannot
//! remove before it was looked at on several days; a program that is started once a month announces first, too. What is no longer too
//! old (the limit was changed, the clock put right, the user keeps it) is announced no more, and begins anew the next time.
//!
//! The rules are pure; [`Engine`] gives them the clock and the store. Never here: SQL, files.

use crate::{Engine, EngineError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::Timestamp;

const DAY: i64 = 86_400_000_000_000;
/// Nanoseconds that a removal is announced before, at least.
const NOTICE: i64 = 3 * DAY;
/// Nanoseconds of the notice that pass between two looks, at most.
const CREDIT: i64 = DAY;
/// Rest between two looks.
const REST: Duration = Duration::from_hours(1);

/// Something that will be removed because it is older than the user's limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The audit.
    pub audit: u32,
    /// Its name.
    pub name: String,
    /// Only its recording goes; the audit stays.
    pub recording_only: bool,
    /// When, at the earliest.
    pub at: Timestamp,
}

/// An audit as the limits see it.
#[derive(Clone, Debug)]
pub(crate) struct Aged {
    pub(crate) audit: u32,
    pub(crate) name: String,
    /// When it was opened, or watched for the last time.
    pub(crate) last: Timestamp,
    /// The user keeps it.
    pub(crate) keep: bool,
    /// There is a recording.
    pub(crate) recorded: bool,
}

/// The user's limits in days.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) audits: Option<u32>,
    pub(crate) recordings: Option<u32>,
}

/// What leaves: an audit's number, and whether it is its recording only.
pub(crate) type What = (u32, bool);

/// What was announced, and for how long by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Announced {
    /// The last look.
    pub(crate) looked: Option<Timestamp>,
    /// Nanoseconds that each has stood announced.
    pub(crate) stood: BTreeMap<What, i64>,
}

/// All that leaves within the notice, with the time of its limit.
fn too_old(aged: &[Aged], limits: Limits, now: Timestamp) -> BTreeMap<What, Timestamp> {
    let mut leaving = BTreeMap::new();
    for one in aged.iter().filter(|a| !a.keep) {
        for (recording_only, days) in [(false, limits.audits), (true, limits.recordings)] {
            let Some(days) = days.filter(|_| one.recorded || !recording_only) else {
                continue;
            };
            let at = one.last.0.saturating_add(i64::from(days).saturating_mul(DAY));
            if now.0 >= at.saturating_sub(NOTICE) {
                leaving.insert((one.audit, recording_only), Timestamp(at));
            }
        }
    }
    leaving
}

/// Looks at the ages: what stands announced from now on, and what is to be removed.
pub(crate) fn look(before: &Announced, aged: &[Aged], limits: Limits, now: Timestamp) -> (Announced, BTreeSet<What>) {
    let passed = before.looked.map_or(0, |t| now.0.saturating_sub(t.0).clamp(0, CREDIT));
    let mut after = Announced {
        looked: Some(now),
        stood: BTreeMap::new(),
    };
    let mut due = BTreeSet::new();
    for (what, at) in too_old(aged, limits, now) {
        let stood = before.stood.get(&what).map_or(0, |s| s.saturating_add(passed));
        if stood >= NOTICE && now >= at {
            due.insert(what);
        } else {
            after.stood.insert(what, stood.min(NOTICE));
        }
    }
    (after, due)
}

/// What stands announced, first to leave first. A recording that goes with its audit is not named by itself.
pub(crate) fn list(announced: &Announced, aged: &[Aged], limits: Limits, now: Timestamp) -> Vec<Leaving> {
    let leaves = too_old(aged, limits, now);
    let when = |what: What| {
        let notice = NOTICE.saturating_sub(*announced.stood.get(&what)?);
        let at = leaves.get(&what)?.0.max(now.0.saturating_add(notice));
        Some(Timestamp(at))
    };
    let mut list: Vec<Leaving> = aged
        .iter()
        .flat_map(|a| [(a, false), (a, true)])
        .filter_map(|(a, recording_only)| {
            let at = when((a.audit, recording_only))?;
            let with_its_audit = recording_only && when((a.audit, false)).is_some_and(|audit| audit <= at);
            (!with_its_audit).then(|| Leaving {
                audit: a.audit,
                name: a.name.clone(),
                recording_only,
                at,
            })
        })
        .collect();
    list.sort_by_key(|l| (l.at, l.audit));
    list
}

impl Engine {
    /// What will be removed because of the user's limits, as it was announced so far.
    pub async fn leaving(&self, now: Timestamp) -> Result<Vec<Leaving>, EngineError> {
        let announced = self.inner.store.announced().await?;
        Ok(list(&announced, &self.aged().await?, self.limits().await?, now))
    }

    /// Keeps an audit and its recording whatever their age, or no longer.
    pub async fn keep(&self, id: u32, keep: bool) -> Result<(), EngineError> {
        self.inner.store.set_keep(id, keep).await?;
        self.retain(crate::now()).await
    }

    /// Looks at the ages of all audits: announces what will leave, removes what has stood announced for long enough.
    pub async fn retain(&self, now: Timestamp) -> Result<(), EngineError> {
        let one_at_a_time = self.inner.ages.lock().await;
        let before = self.inner.store.announced().await?;
        let (after, due) = look(&before, &self.aged().await?, self.limits().await?, now);
        self.inner.store.set_announced(&after).await?;
        for (audit, recording_only) in due {
            if !recording_only {
                self.inner.store.delete(audit).await?;
            }
            crate::recording::remove(&self.inner.folder, audit)?;
        }
        drop(one_at_a_time);
        self.inner.store.forget_order();
        self.inner.revision.send_modify(|r| *r += 1);
        Ok(())
    }

    /// Looks at the ages now and once an hour, as long as the engine is there.
    pub(crate) async fn watch_ages(&self) {
        self.try_retain().await;
        let inner = Arc::downgrade(&self.inner);
        self.inner.runtime.spawn(async move {
            loop {
                tokio::time::sleep(REST).await;
                let Some(inner) = inner.upgrade() else { return };
                Self { inner }.try_retain().await;
            }
        });
    }

    async fn try_retain(&self) {
        if let Err(e) = self.retain(crate::now()).await {
            tracing::warn!("the ages of audits cannot be looked at: {e}");
        }
    }

    /// Audits that are at work have no age.
    async fn aged(&self) -> Result<Vec<Aged>, EngineError> {
        let mut aged = self.inner.store.ages().await?;
        aged.retain(|a| !self.running().contains_key(&a.audit));
        for one in &mut aged {
            one.recorded = crate::recording::bytes(&self.inner.folder, one.audit) > 0;
        }
        Ok(aged)
    }

    async fn limits(&self) -> Result<Limits, EngineError> {
        let settings = self.settings().await?;
        Ok(Limits {
            audits: settings.keep_audits_days,
            recordings: settings.keep_recordings_days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = DAY / 24;
    /// Some day.
    const START: i64 = 1_700_000_000_000_000_000;

    fn at(days: i64) -> Timestamp {
        Timestamp(START + days * DAY)
    }

    fn aged(audit: u32, day: i64) -> Aged {
        Aged {
            audit,
            name: format!("audit {audit}"),
            last: at(day),
            keep: false,
            recorded: true,
        }
    }

    const fn limits(audits: u32, recordings: u32) -> Limits {
        const fn days(n: u32) -> Option<u32> {
            if n == 0 { None } else { Some(n) }
        }
        Limits {
            audits: days(audits),
            recordings: days(recordings),
        }
    }

    /// Looks at these times; what was removed, with the time of the look.
    fn looks(aged: &[Aged], limits: Limits, times: impl IntoIterator<Item = Timestamp>) -> Vec<(Timestamp, What)> {
        let mut announced = Announced::default();
        let mut left = aged.to_vec();
        let mut removed = Vec::new();
        for now in times {
            let (after, due) = look(&announced, &left, limits, now);
            assert!(
                due.iter().all(|what| announced.stood.contains_key(what)),
                "removed without having been announced"
            );
            announced = after;
            for (audit, recording_only) in due {
                removed.push((now, (audit, recording_only)));
                left.retain(|a| recording_only || a.audit != audit);
                left.iter_mut()
                    .filter(|a| a.audit == audit)
                    .for_each(|a| a.recorded = false);
            }
        }
        removed
    }

    fn hourly(from: Timestamp, hours: i64) -> impl Iterator<Item = Timestamp> {
        (0..hours).map(move |h| Timestamp(from.0 + h * HOUR))
    }

    #[test]
    fn nothing_leaves_without_a_limit() {
        assert_eq!(looks(&[aged(1, 0)], limits(0, 0), hourly(at(5_000), 200)), []);
    }

    #[test]
    fn an_audit_leaves_at_its_limit_and_not_before() {
        let removed = looks(&[aged(1, 0), aged(2, 10)], limits(30, 0), hourly(at(0), 24 * 35));
        assert_eq!(removed, [(at(30), (1, false))]);
    }

    #[test]
    fn a_new_limit_announces_for_three_days() {
        let removed = looks(&[aged(1, 0), aged(2, 1)], limits(30, 0), hourly(at(400), 24 * 5));
        assert_eq!(removed, [(at(403), (1, false)), (at(403), (2, false))]);
    }

    #[test]
    fn a_limit_of_a_day_still_gives_three() {
        assert_eq!(
            looks(&[aged(1, 0)], limits(1, 0), hourly(at(0), 24 * 5)),
            [(at(3), (1, false))]
        );
    }

    #[test]
    fn recordings_leave_before_their_audits() {
        let removed = looks(&[aged(1, 0)], limits(30, 7), hourly(at(0), 24 * 40));
        assert_eq!(removed, [(at(7), (1, true)), (at(30), (1, false))]);
        let mut none = aged(1, 0);
        none.recorded = false;
        assert_eq!(looks(&[none], limits(0, 7), hourly(at(0), 24 * 40)), []);
    }

    #[test]
    fn what_the_user_keeps_stays() {
        let mut kept = aged(1, 0);
        kept.keep = true;
        assert_eq!(looks(&[kept], limits(30, 7), hourly(at(0), 24 * 40)), []);
    }

    #[test]
    fn a_program_started_once_a_month_announces_first() {
        let monthly = (0..8).map(|month| at(month * 30));
        let removed = looks(&[aged(1, 0)], limits(45, 0), monthly);
        // Too old at the start on day 60, one day of notice passes with each later start.
        assert_eq!(removed, [(at(150), (1, false))]);
    }

    #[test]
    fn a_clock_that_jumps_by_years_removes_nothing_at_once() {
        let all: Vec<Aged> = (0..50).map(|n| aged(n, i64::from(n))).collect();
        // For an hour the clock is ten years ahead.
        let there_and_back = hourly(at(49), 2)
            .chain(hourly(at(3_700), 2))
            .chain(hourly(Timestamp(at(49).0 + 2 * HOUR), 24));
        assert_eq!(looks(&all, limits(365, 0), there_and_back), []);
        // It jumps to and fro with every look: a day of notice each at most, and none backwards.
        let mad = (0..4).map(|n| at(if n % 2 == 0 { 3_700 } else { 0 }));
        assert_eq!(looks(&all, limits(365, 0), mad), []);
        // What stands announced already has a day less at most.
        let announced = [at(363), at(3_700), at(3_701)];
        assert_eq!(looks(&all, limits(365, 0), announced), []);
        // A clock that stays wrong gives three days as any other.
        let removed = looks(&all, limits(365, 0), hourly(at(3_700), 24 * 4));
        assert!(removed.len() == 50 && removed.iter().all(|(when, _)| *when == at(3_703)));
    }

    #[test]
    fn a_clock_put_right_begins_the_notice_anew() {
        let one = [aged(1, 0)];
        let wrong = hourly(at(3_700), 70);
        let right = hourly(at(100), 24);
        let again = hourly(at(364), 24 * 5);
        let removed = looks(&one, limits(365, 0), wrong.chain(right).chain(again));
        assert_eq!(removed, [(at(367), (1, false))]);
    }

    #[test]
    fn what_is_announced_says_when_it_leaves() {
        let all = [aged(1, 0), aged(2, 3), aged(3, 20)];
        let (announced, due) = look(&Announced::default(), &all, limits(30, 28), at(28));
        assert!(due.is_empty());
        let list = list(&announced, &all, limits(30, 28), at(28));
        let short: Vec<_> = list.iter().map(|l| (l.audit, l.recording_only, l.at)).collect();
        // The first's audit and recording leave together, three days after they were announced.
        assert_eq!(short, [(1, false, at(31)), (2, true, at(31))]);
        assert_eq!(list[0].name, "audit 1");
    }

    #[test]
    fn times_at_the_ends_of_the_scale_do_not_overflow() {
        for last in [i64::MIN, i64::MAX] {
            for now in [i64::MIN, 0, i64::MAX] {
                let one = Aged {
                    last: Timestamp(last),
                    ..aged(1, 0)
                };
                let mut before = Announced::default();
                for _ in 0..3 {
                    let (after, _) = look(&before, std::slice::from_ref(&one), limits(3_650, 1), Timestamp(now));
                    let _ = list(&after, std::slice::from_ref(&one), limits(3_650, 1), Timestamp(now));
                    before = after;
                }
            }
        }
    }
}
