//! Reading stored rows as facts, for every audit that looks at what was recorded.

use std::ops::ControlFlow;

use crate::book::Event;
use crate::book::reading::recorded;
use crate::log::{Line, Origin, Position, Recorded, StreamId, Version};
use crate::store::{Store, StoreError, StoredRow};

/// Walks the whole log, until the visitor breaks off or one of the two fails.
pub(super) fn walk<E: From<StoreError>>(
    store: &dyn Store,
    book: &Origin,
    mut visit: impl FnMut(StoredRow<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut answer = Ok(());
    store.read_log(book, Position::START, &mut |row| match visit(row) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            answer = Err(error);
            ControlFlow::Break(())
        }
    })?;
    answer
}

/// Walks the whole log as facts.
pub(super) fn walk_facts(
    store: &dyn Store,
    book: &Origin,
    mut visit: impl FnMut(Recorded<Event>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    walk(store, book, |row| visit(fact(&row)?))
}

/// The facts of some streams, in the order of the log.
pub(super) fn facts_of(
    store: &dyn Store,
    book: &Origin,
    streams: &[StreamId],
) -> Result<Vec<Recorded<Event>>, StoreError> {
    let mut facts = Vec::new();
    for stream in streams {
        let mut failed = None;
        store.read_stream(book, stream, Version::NONE, &mut |row| match fact(&row) {
            Ok(fact) => {
                facts.push(fact);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(()), Err)?;
    }
    facts.sort_by_key(|fact| fact.position);
    Ok(facts)
}

fn fact(row: &StoredRow<'_>) -> Result<Recorded<Event>, StoreError> {
    let damaged = |why: String| StoreError::Corrupt { position: row.position, why };
    recorded(&Line::parse(row.line).map_err(|why| damaged(why.to_string()))?)
}
