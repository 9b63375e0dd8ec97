//! Reading stored rows as facts, for every audit that looks at what was recorded.

use std::ops::ControlFlow;

use crate::book::Event;
use crate::log::{Line, Origin, Position, Recorded};
use crate::store::{Store, StoreError, StoredRow};

/// The fact in a line, with its envelope.
pub(super) fn recorded(line: &Line<'_>) -> Result<Recorded<Event>, StoreError> {
    let position = line.position;
    let damaged = |why: String| StoreError::Corrupt { position, why };
    let event = Event::decode(line.event_type, line.schema.get(), line.data).map_err(|why| {
        let newer = why.is_newer();
        let why = why.to_string();
        if newer { StoreError::NewerSchema { position, why } } else { damaged(why) }
    })?;
    Ok(Recorded {
        position,
        stream: line.stream_id().map_err(|why| damaged(why.to_string()))?,
        version: line.version,
        at: line.at,
        by: line.by.parse().map_err(|why: crate::log::actor::ActorError| damaged(why.to_string()))?,
        command: line.command,
        cause: line.cause,
        event,
    })
}

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
    walk(store, book, |row| {
        let damaged = |why: String| StoreError::Corrupt { position: row.position, why };
        let line = Line::parse(row.line).map_err(|why| damaged(why.to_string()))?;
        visit(recorded(&line)?)
    })
}
