//! The order of a table's rows, remembered: scrolling through 100,000 rows filters and sorts them once.

use crate::types::{MAX_PAGE, TableQuery};
use sqlx::{QueryBuilder, Sqlite};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Row numbers of the last question to one table, in its order; one question is enough, since a person looks at one table.
#[derive(Default)]
pub(super) struct Remembered(Mutex<Option<Answer>>);

struct Answer {
    audit: u32,
    query: TableQuery,
    ids: Arc<[u32]>,
}

/// A question without its window.
fn bare(query: &TableQuery) -> TableQuery {
    TableQuery {
        offset: 0,
        limit: 0,
        ..query.clone()
    }
}

impl Remembered {
    /// The answer to the same question, if it was the last one. `live`: rows change, so nothing is known.
    pub(super) fn known(&self, audit: u32, query: &TableQuery, live: bool) -> Option<Arc<[u32]>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = last.as_ref()?;
        (!live && answer.audit == audit && answer.query == bare(query)).then(|| Arc::clone(&answer.ids))
    }

    /// Keeps an answer (not while rows change) and gives it back.
    pub(super) fn remember(&self, audit: u32, query: &TableQuery, live: bool, ids: Vec<u32>) -> Arc<[u32]> {
        let ids: Arc<[u32]> = ids.into();
        if !live {
            let kept = Answer {
                audit,
                query: bare(query),
                ids: Arc::clone(&ids),
            };
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        ids
    }

    /// Rows have changed.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Adds the order to a query; ties by number, so that windows never overlap.
pub(super) fn order_by(sql: &mut QueryBuilder<Sqlite>, column: &'static str, id: &'static str, descending: bool) {
    let direction = if descending { " DESC" } else { " ASC" };
    sql.push(" ORDER BY ").push(column).push(direction);
    if column != id {
        sql.push(" NULLS LAST, ").push(id);
    }
}

/// The window of `ids` that a query asks for.
pub(super) fn window(ids: &[u32], query: &TableQuery) -> Vec<u32> {
    ids.iter()
        .skip(query.offset as usize)
        .take(query.limit.min(MAX_PAGE) as usize)
        .copied()
        .collect()
}

/// Puts fetched rows into the order of `ids`.
pub(super) fn in_order<T>(rows: &mut [T], ids: &[u32], id: impl Fn(&T) -> u32) {
    let place: HashMap<u32, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    rows.sort_by_key(|row| place.get(&id(row)).copied());
}
