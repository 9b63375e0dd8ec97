//! One line by itself: its hash, what it says it follows from, and whether it can be read.

use super::damage::Column;
use crate::book::Event;
use crate::log::{Digest, Line, LineError, Position, StreamId, Version};
use crate::store::StoredRow;

/// What a line says and is, without its neighbours.
#[derive(Debug, Clone)]
pub(super) struct Inspected {
    /// Of the bytes as they are.
    pub(super) hash: Digest,
    /// The hash that it says it follows from, where that can be read.
    pub(super) prev: Option<Digest>,
    pub(super) read: Result<Read, LineError>,
}

/// What is kept of a line that can be read.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) position: Position,
    pub(super) stream: StreamId,
    pub(super) version: Version,
    /// Its stored word, or why what it records can't be read.
    pub(super) event: Result<&'static str, String>,
    /// The store's columns that say something else.
    pub(super) copies: Vec<Column>,
}

impl Inspected {
    /// The position that it says it has.
    pub(super) fn position(&self) -> Option<Position> {
        self.read.as_ref().ok().map(|read| read.position)
    }
}

/// Looks at a line from an export.
pub(super) fn line(bytes: &[u8]) -> Inspected {
    inspect(bytes, None)
}

/// Looks at a line in a store, and at the columns beside it.
pub(super) fn row(row: StoredRow<'_>) -> Inspected {
    inspect(row.line, Some(row))
}

fn inspect(bytes: &[u8], row: Option<StoredRow<'_>>) -> Inspected {
    let hash = Digest::of(bytes);
    match Line::parse(bytes).and_then(|line| Ok((line.stream_id()?, line))) {
        Ok((stream, line)) => {
            let decoded = Event::decode(line.event_type, line.schema.get(), line.data);
            let event = decoded.map(|event| event.event_type()).map_err(|why| why.to_string());
            let copies = row.map(|row| differing(&line, row)).unwrap_or_default();
            let read = Read { position: line.position, stream, version: line.version, event, copies };
            Inspected { hash, prev: Some(line.prev), read: Ok(read) }
        }
        Err(why) => Inspected { hash, prev: prev_at_end(bytes), read: Err(why) },
    }
}

/// `prev` of a line whose other fields can't be read: it tells about the line before all the same.
fn prev_at_end(bytes: &[u8]) -> Option<Digest> {
    let before_quote = bytes.strip_suffix(b"\"}")?;
    let (rest, digits) = before_quote.split_last_chunk::<64>()?;
    rest.ends_with(b",\"prev\":\"").then(|| Digest::from_hex(digits).ok()).flatten()
}

fn differing(line: &Line<'_>, row: StoredRow<'_>) -> Vec<Column> {
    let columns = [
        (Column::Position, line.position == row.position),
        (Column::Stream, line.stream == row.stream),
        (Column::Version, line.version == row.version),
    ];
    columns.iter().filter(|(_, same)| !same).map(|(column, _)| *column).collect()
}
