//! How rules begin: from the store, with what they would remember had they been at work all the time.

use crate::store::{CORRELATION, Past, Store};
use crate::{EngineError, now};
use telltale_core::correlate::{Correlator, Known};
use telltale_core::limits::{MAX_RULE_GROUPS, MAX_RULE_RESULTS};
use telltale_core::model::{Condition, Rule, Timestamp};
use uuid::Uuid;

/// Results that are read at one time.
const PAGE: u32 = 200;

/// All rules at work, each with its open incidents and with the results that were judged before.
pub(super) async fn begin(store: &Store) -> Result<Correlator, EngineError> {
    let mut all = correlator(now());
    let seen = store.cursor(CORRELATION).await?;
    for rule in store.rules().await? {
        begin_rule(store, &mut all, rule, seen).await?;
    }
    Ok(all)
}

/// Without rules.
pub(super) fn correlator(now: Timestamp) -> Correlator {
    Correlator::new(now, || Uuid::new_v4().to_string())
}

/// One rule at work, in the place of its former revision; results up to number `seen` were judged before.
pub(super) async fn begin_rule(store: &Store, all: &mut Correlator, rule: Rule, seen: i64) -> Result<(), EngineError> {
    let known = Known {
        open: store.open_incidents(&rule.id).await?,
        closed_by_hand: store.closed_by_hand(&rule.id).await?,
    };
    all.watch(rule.clone(), known);
    if !rule.enabled {
        return Ok(());
    }
    match window_s(&rule.when) {
        Some(seconds) => {
            let from = Timestamp(now().0.saturating_sub(i64::from(seconds).saturating_mul(1_000_000_000)));
            remember_window(store, all, &rule, seen, from).await?;
        }
        None => remember_newest(store, all, &rule, seen).await?,
    }
    all.settle(&rule.id);
    Ok(())
}

fn window_s(when: &Condition) -> Option<u32> {
    match when {
        Condition::Agree { within_s, .. } | Condition::Sequence { within_s, .. } => Some(*within_s),
        Condition::Threshold { window_s, .. } => Some(*window_s),
        Condition::Changed { .. } | Condition::Silent { .. } => None,
    }
}

async fn remember_window(
    store: &Store,
    all: &mut Correlator,
    rule: &Rule,
    seen: i64,
    from: Timestamp,
) -> Result<(), EngineError> {
    let mut last = (i64::MIN, 0);
    loop {
        let page = store.past(&rule.of, seen, Past::Since(from, last), PAGE).await?;
        let Some((ended, (seq, ..))) = page.last() else {
            return Ok(());
        };
        last = (*ended, *seq);
        for (_, (_, came, result)) in &page {
            all.remember(&rule.id, result, *came);
        }
    }
}

async fn remember_newest(store: &Store, all: &mut Correlator, rule: &Rule, seen: i64) -> Result<(), EngineError> {
    let mut last = <(String, String, String)>::default();
    let mut left = MAX_RULE_GROUPS + MAX_RULE_RESULTS;
    while left > 0 {
        let page = store.past(&rule.of, seen, Past::Newest(&last), PAGE).await?;
        let Some((_, (_, _, result))) = page.last() else {
            return Ok(());
        };
        last = (result.probe.clone(), result.agent.clone(), result.target.clone());
        for (_, (_, came, result)) in &page {
            all.remember(&rule.id, result, *came);
        }
        left = left.saturating_sub(page.len());
    }
    Ok(())
}
