//! Reading a stored line as a fact of this version, or saying why that can't be done. Never skips one.

use super::Event;
use crate::log::actor::ActorError;
use crate::log::{DecodeError, Line, Recorded};
use crate::store::StoreError;

/// The fact in a line, without its envelope.
///
/// # Errors
/// [`StoreError::NewerSchema`] for a word or a schema that came later, [`StoreError::Corrupt`] for a payload that
/// is not what its word promises.
pub(crate) fn fact(line: &Line<'_>) -> Result<Event, StoreError> {
    Event::decode(line.event_type, line.schema.get(), line.data).map_err(|why: DecodeError| {
        let (position, newer, why) = (line.position, why.is_newer(), why.to_string());
        if newer { StoreError::NewerSchema { position, why } } else { StoreError::Corrupt { position, why } }
    })
}

/// The fact in a line, with its envelope.
///
/// # Errors
/// As [`fact`], and [`StoreError::Corrupt`] for a stream or an actor that can't be one.
pub(crate) fn recorded(line: &Line<'_>) -> Result<Recorded<Event>, StoreError> {
    let damaged = |why: String| StoreError::Corrupt { position: line.position, why };
    Ok(Recorded {
        position: line.position,
        stream: line.stream_id().map_err(|why| damaged(why.to_string()))?,
        version: line.version,
        at: line.at,
        by: line.by.parse().map_err(|why: ActorError| damaged(why.to_string()))?,
        command: line.command,
        cause: line.cause,
        event: fact(line)?,
    })
}
