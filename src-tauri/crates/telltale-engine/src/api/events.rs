//! Server-sent events: results and changes of incidents, as they come.
//!
//! Each event carries how far its follower is (`RESULT.INCIDENT`, numbers of the store). One that comes back says where it was
//! (`Last-Event-ID`) and gets what it missed. A slow follower is read for later, never queued for.

use super::gate::Holder;
use super::problem::Problem;
use super::routes::Api;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::unfold;
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use telltale_core::model::{Incident, ProbeResult};
use tokio::sync::watch;
use tokio::time::sleep;

/// Followers at once: half of the connections, so that there is room to report.
const MAX_FOLLOWERS: usize = 32;
/// Rows read at once.
const AT_ONCE: u32 = 50;
/// A sign of life where nothing happens.
const ALIVE: Duration = Duration::from_secs(15);
/// How soon a follower whose token was removed is let go.
const LOOKED_AT: Duration = Duration::from_secs(2);
/// What a follower is told to wait before it comes back.
const COME_BACK: Duration = Duration::from_secs(3);

/// What is wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// `results`, `incidents`; without it both.
    what: Option<What>,
    /// As `Last-Event-ID`, for programs that cannot set a header.
    after: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum What {
    Results,
    Incidents,
}

/// How far a follower is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    result: i64,
    incident: i64,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (result, incident) = text.trim().split_once('.')?;
        let number = |n: &str| n.parse::<i64>().ok().filter(|n| *n >= 0);
        Some(Self {
            result: number(result)?,
            incident: number(incident)?,
        })
    }

    fn text(self) -> String {
        format!("{}.{}", self.result, self.incident)
    }
}

/// One of the places of followers; given back when it is dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(followers: &Arc<AtomicUsize>) -> Option<Self> {
        let taken = followers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
            (n < MAX_FOLLOWERS).then_some(n + 1)
        });
        taken.is_ok().then(|| Self(Arc::clone(followers)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One that follows.
struct Follower {
    api: Api,
    holder: Arc<Holder>,
    what: Option<What>,
    at: Cursor,
    ready: VecDeque<Event>,
    results: watch::Receiver<i64>,
    incidents: watch::Receiver<i64>,
    _place: Place,
}

/// `GET /api/events`
pub(super) async fn follow(
    State(api): State<Api>,
    Extension(holder): Extension<Arc<Holder>>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Query(wanted) = wanted.map_err(|e| Problem::wrong(e.body_text()))?;
    let after = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .or(wanted.after.as_deref());
    let nonsense = || Problem::wrong("Last-Event-ID is none of this door's");
    let after = after.map(|text| Cursor::parse(text).ok_or_else(nonsense)).transpose()?;
    let full = || {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "full",
            format!("{MAX_FOLLOWERS} follow already"),
        )
    };
    let place = Place::take(&api.followers).ok_or_else(full)?;
    let engine = api.engine()?;
    let (results, incidents) = (engine.newest_result(), engine.newest_incident());
    let newest = Cursor {
        result: engine.inner.store.newest_result().await?,
        incident: engine.inner.store.newest_incident_change().await?,
    };
    // Who was further than this store is followed another one, which was deleted or went back to a copy: it would wait for ever.
    let at = after.map_or(newest, |at| Cursor {
        result: at.result.min(newest.result),
        incident: at.incident.min(newest.incident),
    });
    drop(engine);
    // Whoever leaves before the first event knows where to come back.
    let begin = Event::default()
        .event("begin")
        .id(at.text())
        .retry(COME_BACK)
        .data("{}");
    let follower = Follower {
        api,
        holder,
        what: wanted.what,
        at,
        ready: VecDeque::from([begin]),
        results,
        incidents,
        _place: place,
    };
    let stream = unfold(follower, |mut follower| async {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)))
}

impl Follower {
    /// The next event; `None`: the engine has closed, its store fails, or the token was removed. Whoever still may comes back.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !self.api.knows(&self.holder) {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.look().await.ok()?;
            if !self.ready.is_empty() {
                continue;
            }
            let goes_on = tokio::select! {
                more = self.results.changed() => more.is_ok(),
                more = self.incidents.changed() => more.is_ok(),
                () = sleep(LOOKED_AT) => true,
            };
            if !goes_on {
                return None;
            }
        }
    }

    /// Reads what is new.
    async fn look(&mut self) -> Result<(), Problem> {
        let engine = self.api.engine()?;
        let store = &engine.inner.store;
        if self.what != Some(What::Incidents) {
            for (seq, result) in store.results_after(self.at.result, AT_ONCE).await? {
                self.at.result = seq;
                self.ready.push_back(event(self.at, Row::Result(&result)));
            }
        }
        if self.what != Some(What::Results) {
            for (seq, incident) in store.incident_changes_after(self.at.incident, AT_ONCE).await? {
                self.at.incident = seq;
                self.ready.push_back(event(self.at, Row::Incident(&incident)));
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Row<'a> {
    Result(&'a ProbeResult),
    Incident(&'a Incident),
}

fn event(at: Cursor, row: Row<'_>) -> Event {
    let (name, json) = match row {
        Row::Result(result) => ("result", serde_json::to_string(result)),
        Row::Incident(incident) => ("incident", serde_json::to_string(incident)),
    };
    // What was read from JSON a moment ago can be written as JSON.
    Event::default()
        .event(name)
        .id(at.text())
        .data(json.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_follower_was_is_read_back_and_nonsense_is_not() {
        let at = Cursor {
            result: 12,
            incident: 3,
        };
        assert_eq!(Cursor::parse(&at.text()), Some(at));
        for wrong in ["", "12", "a.b", "-1.0", "1.2.3", "99999999999999999999.0"] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn places_are_given_back() {
        let followers = Arc::default();
        let places: Vec<_> = (0..MAX_FOLLOWERS).filter_map(|_| Place::take(&followers)).collect();
        assert_eq!(places.len(), MAX_FOLLOWERS);
        assert!(Place::take(&followers).is_none());
        drop(places);
        assert!(Place::take(&followers).is_some());
    }
}
