//! Reading stored rows as facts, for every audit that looks at what was recorded.

use std::ops::ControlFlow;

use crate::book::Event;
use crate::book::reading::recorded;
use crate::log::{Line, Origin, Position, Recorded, StreamId, Version};
use crate::store::{Store, StoreError, StoredRow, Visitor};

/// Walks the whole log, until the visitor breaks off or one of the two fails.
pub(super) fn walk<E: From<StoreError>>(
    store: &dyn Store,
    book: &Origin,
    visit: impl FnMut(StoredRow<'_>) -> Result<(), E>,
) -> Result<(), E> {
    each(|visitor| store.read_log(book, Position::START, visitor), visit)
}

/// Reads rows until the visitor fails, which breaks off, or there are no more.
fn each<E: From<StoreError>>(
    read: impl FnOnce(&mut Visitor<'_>) -> Result<(), StoreError>,
    mut visit: impl FnMut(StoredRow<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut answer = Ok(());
    read(&mut |row| match visit(row) {
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
        each(
            |visitor| store.read_stream(book, stream, Version::NONE, visitor),
            |row| {
                facts.push(fact(&row)?);
                Ok::<(), StoreError>(())
            },
        )?;
    }
    facts.sort_by_key(|fact| fact.position);
    Ok(facts)
}

fn fact(row: &StoredRow<'_>) -> Result<Recorded<Event>, StoreError> {
    let damaged = |why: String| StoreError::Corrupt { position: row.position, why };
    recorded(&Line::parse(row.line).map_err(|why| damaged(why.to_string()))?)
}
