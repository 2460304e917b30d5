//! Rules as their owner makes them: stored with all revisions, tried, and put to work.

use super::begin::{begin_rule, correlator};
use crate::store::CORRELATION;
use crate::{Engine, EngineError, now};
use std::collections::BTreeMap;
use telltale_core::correlate::{Change, Correlator, Ending, check, closed};
use telltale_core::limits::MAX_RULES;
use telltale_core::model::{Incident, Rule, Timestamp};
use tokio::sync::MutexGuard;
use uuid::Uuid;

/// The newest results over which a rule is tried.
const TRIED_RESULTS: u32 = 20_000;
/// Incidents that a trial gives.
const TRIED_INCIDENTS: usize = 200;
/// Results of a trial that are read at one time.
const PAGE: u32 = 200;

impl Engine {
    /// All rules, in the order in which they were made.
    pub async fn rules(&self) -> Result<Vec<Rule>, EngineError> {
        self.inner.store.rules().await
    }

    /// All revisions of a rule, the newest first; also of a rule that is gone, while an incident names it.
    pub async fn rule_revisions(&self, id: &str) -> Result<Vec<Rule>, EngineError> {
        let revisions = self.inner.store.rule_revisions(id).await?;
        if revisions.is_empty() {
            return Err(EngineError::NoSuchRule(id.to_owned()));
        }
        Ok(revisions)
    }

    /// Stores a rule, new (its id is empty, or a UUID that is not known) or changed; its revision is set here. Incidents that are open go
    /// on under the new revision, unless it looks at something else or is switched off: then they close.
    pub async fn save_rule(&self, mut rule: Rule) -> Result<Rule, EngineError> {
        rule.name = rule.name.trim().to_owned();
        check(&rule).map_err(|e| EngineError::InvalidInput(e.to_string()))?;
        let mut at_work = self.inner.incidents.at_work.lock().await;
        let store = &self.inner.store;
        let before = store.rule(&rule.id).await?;
        match &before {
            Some((before, removed)) => {
                rule.revision = before.revision;
                if rule == *before && !removed {
                    return Ok(rule);
                }
            }
            None => self.may_be_new(&rule).await?,
        }
        let last = store.rule_revisions(&rule.id).await?.first().map_or(0, |r| r.revision);
        rule.revision = last.saturating_add(1);
        if rule.id.is_empty() {
            rule.id = Uuid::new_v4().to_string();
        }
        let time = now();
        let changes = match before.and_then(|(before, _)| ends(&before, &rule)) {
            Some(why) => self.end_incidents(&rule.id, time, why).await?,
            None => Vec::new(),
        };
        let told = store.save_rule(&rule, time, &changes).await?;
        self.put_to_work(&mut at_work, &rule).await;
        drop(at_work);
        self.rules_changed(&changes, told);
        Ok(rule)
    }

    async fn may_be_new(&self, rule: &Rule) -> Result<(), EngineError> {
        if !rule.id.is_empty() && Uuid::try_parse(&rule.id).is_err() {
            return Err(EngineError::InvalidInput("a rule's id is a UUID".to_owned()));
        }
        if self.inner.store.rules().await?.len() >= MAX_RULES {
            return Err(EngineError::InvalidInput(format!(
                "there are {MAX_RULES} rules already"
            )));
        }
        Ok(())
    }

    /// Removes a rule and closes its incidents; it can be brought back by [`Self::restore_rule`] until the program is started the next
    /// time.
    pub async fn remove_rule(&self, id: &str) -> Result<(), EngineError> {
        let mut at_work = self.inner.incidents.at_work.lock().await;
        let store = &self.inner.store;
        if !matches!(store.rule(id).await?, Some((_, false))) {
            return Err(EngineError::NoSuchRule(id.to_owned()));
        }
        let time = now();
        let changes = self.end_incidents(id, time, Ending::RuleRemoved).await?;
        let told = store.set_rule_removed(id, Some(time), &changes).await?;
        if let Some(all) = &mut *at_work {
            all.forget(id);
        }
        drop(at_work);
        self.rules_changed(&changes, told);
        Ok(())
    }

    /// Brings a removed rule back; it looks at what is within its windows now.
    pub async fn restore_rule(&self, id: &str) -> Result<(), EngineError> {
        let mut at_work = self.inner.incidents.at_work.lock().await;
        let Some((rule, removed)) = self.inner.store.rule(id).await? else {
            return Err(EngineError::NoSuchRule(id.to_owned()));
        };
        if removed {
            self.inner.store.set_rule_removed(id, None, &[]).await?;
            self.put_to_work(&mut at_work, &rule).await;
        }
        drop(at_work);
        self.rules_changed(&[], None);
        Ok(())
    }

    /// What a rule would have said of the newest 20,000 stored results, each taken when it came; the newest incident first, at most 200.
    /// Nothing is stored.
    pub async fn try_rule(&self, mut rule: Rule) -> Result<Vec<Incident>, EngineError> {
        check(&rule).map_err(|e| EngineError::InvalidInput(e.to_string()))?;
        (rule.enabled, rule.id) = (true, Uuid::new_v4().to_string());
        let mut seen = self.inner.store.before_newest(TRIED_RESULTS).await?;
        let mut all: Option<Correlator> = None;
        let mut said = BTreeMap::new();
        loop {
            let page = self.inner.store.came_after(seen, PAGE).await?;
            let Some((last, ..)) = page.last() else { break };
            seen = *last;
            for (_, came, result) in &page {
                let all = all.get_or_insert_with(|| {
                    let mut all = correlator(*came);
                    all.watch(rule.clone(), telltale_core::correlate::Known::default());
                    all
                });
                all.hear(result, *came);
            }
            keep(all.as_mut(), &mut said);
        }
        if let Some(all) = &mut all {
            all.advance(now());
        }
        keep(all.as_mut(), &mut said);
        let mut said: Vec<_> = said.into_values().collect();
        said.sort_by_key(|incident| std::cmp::Reverse(incident.opened));
        said.truncate(TRIED_INCIDENTS);
        Ok(said)
    }

    /// Closes what is open of a rule.
    async fn end_incidents(&self, rule: &str, time: Timestamp, why: Ending) -> Result<Vec<Change>, EngineError> {
        let open = self.inner.store.open_incidents(rule).await?;
        Ok(open.into_iter().map(|incident| closed(incident, time, why)).collect())
    }

    /// A stored rule begins, if rules are at work. What fails here is begun anew by the reader.
    async fn put_to_work(&self, at_work: &mut MutexGuard<'_, Option<Correlator>>, rule: &Rule) {
        let Some(mut all) = at_work.take() else { return };
        let store = &self.inner.store;
        let begun = async {
            let seen = store.cursor(CORRELATION).await?;
            all.advance(now());
            begin_rule(store, &mut all, rule.clone(), seen).await?;
            let changes = all.changes();
            if !changes.is_empty() {
                let told = store.conclude(&changes, None).await?;
                self.tell_incidents(&changes, told);
            }
            Ok::<_, EngineError>(all)
        };
        match begun.await {
            Ok(all) => **at_work = Some(all),
            Err(e) => tracing::warn!("rules begin anew: {e}"),
        }
    }

    fn rules_changed(&self, changes: &[Change], told: Option<i64>) {
        self.tell_incidents(changes, told);
        self.changed(crate::stamps::Changed::Incidents);
        self.inner.incidents.changed.notify_one();
    }
}

/// Whether the open incidents of a revision end with the next one.
fn ends(before: &Rule, after: &Rule) -> Option<Ending> {
    let looks = |rule: &Rule| (rule.of.clone(), rule.per.clone(), rule.when.clone());
    if before.enabled && !after.enabled {
        return Some(Ending::RuleOff);
    }
    (looks(before) != looks(after)).then_some(Ending::RuleChanged)
}

/// Keeps the newest state of each incident.
fn keep(all: Option<&mut Correlator>, said: &mut BTreeMap<String, Incident>) {
    for Change { incident, .. } in all.map(Correlator::changes).unwrap_or_default() {
        said.insert(incident.id.clone(), incident);
        // The oldest leave early, so that a rule that fires always does not fill the memory.
        if said.len() > TRIED_INCIDENTS * 2 {
            let oldest = said.values().min_by_key(|i| i.opened).map(|i| i.id.clone());
            oldest.and_then(|id| said.remove(&id));
        }
    }
}
