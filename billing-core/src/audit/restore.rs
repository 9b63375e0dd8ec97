//! Putting an exported log back into an empty book: word for word, all of it or nothing.

use std::io;
use std::iter::Peekable;

use crate::book::reading::recorded;
use crate::log::{ActorId, Head, Line, LineError, Origin, Position};
use crate::store::{RestoreBatch, RestoreError, Store, StoreError};

/// Why a log was not restored. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum RestoreFailure {
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] RestoreError),
    /// What a line records can't be read, so that it is not known what it claims.
    #[error(transparent)]
    Payload(#[from] StoreError),
    /// A line can't be taken apart.
    #[error("line {at} can't be read: {why}; restore an undamaged export")]
    Unreadable {
        /// Its place.
        at: Position,
        /// What is wrong with it.
        why: LineError,
    },
    /// The first line is in the middle of a commit.
    #[error("line 1 does not begin a commit: restore an export from its first line on")]
    NoCommit,
    /// The export can't be read to its end.
    #[error("the export can't be read: {0}")]
    Read(#[from] io::Error),
}

/// Restores a log from its lines, without line feeds (see [`read_lines`](super::read_lines)), into a book that must
/// be empty, and gives its head. Compare it with the head that was pinned: an export whose end was cut off between
/// two commits restores as well as a whole one.
///
/// What was asked is not in the lines, only its hash: commands of a restored book are known again, but can't be
/// decided again.
///
/// # Errors
/// [`RestoreFailure`]; then nothing was kept.
pub fn restore(
    store: &dyn Store,
    book: &Origin,
    lines: impl IntoIterator<Item = io::Result<Vec<u8>>>,
) -> Result<Head, RestoreFailure> {
    let mut commits = Commits { lines: lines.into_iter().peekable(), place: Position::START, failure: None };
    let restored = store.restore(book, &mut commits);
    match commits.failure {
        Some(failure) => Err(failure),
        None => Ok(restored?),
    }
}

/// The commits of a log. Behind a failure comes one without lines, which a store refuses, and with it all others:
/// ending there would leave a part of the log in the store.
struct Commits<I: Iterator<Item = io::Result<Vec<u8>>>> {
    lines: Peekable<I>,
    place: Position,
    failure: Option<RestoreFailure>,
}

impl<I: Iterator<Item = io::Result<Vec<u8>>>> Iterator for Commits<I> {
    type Item = RestoreBatch;

    fn next(&mut self) -> Option<RestoreBatch> {
        if self.failure.is_some() {
            return None;
        }
        let first = self.lines.next()?;
        Some(self.commit(first).unwrap_or_else(|failure| {
            self.failure = Some(failure);
            refused()
        }))
    }
}

impl<I: Iterator<Item = io::Result<Vec<u8>>>> Commits<I> {
    fn commit(&mut self, first: io::Result<Vec<u8>>) -> Result<RestoreBatch, RestoreFailure> {
        let mut batch = self.begin(&first?)?;
        while self.lines.peek().is_some_and(|line| line.as_ref().map_or(true, |line| !begins_commit(line))) {
            let Some(line) = self.lines.next() else { break };
            self.add(&mut batch, &line?)?;
        }
        Ok(batch)
    }

    fn begin(&mut self, bytes: &[u8]) -> Result<RestoreBatch, RestoreFailure> {
        let at = self.place.next();
        let line = Line::parse(bytes).map_err(|why| RestoreFailure::Unreadable { at, why })?;
        let wrong = |field| RestoreFailure::Unreadable { at, why: LineError::Field(field) };
        let mut batch = RestoreBatch {
            key: line.command,
            request: None,
            digest: line.request.ok_or(RestoreFailure::NoCommit)?,
            by: line.by.parse().map_err(|_| wrong("by"))?,
            at: line.at,
            claims: Vec::new(),
            lines: Vec::new(),
        };
        self.add(&mut batch, bytes)?;
        Ok(batch)
    }

    fn add(&mut self, batch: &mut RestoreBatch, bytes: &[u8]) -> Result<(), RestoreFailure> {
        self.place = self.place.next();
        let at = self.place;
        let line = Line::parse(bytes).map_err(|why| RestoreFailure::Unreadable { at, why })?;
        let fact = recorded(&line)?;
        let text = std::str::from_utf8(bytes);
        let text = text.map_err(|_| RestoreFailure::Unreadable { at, why: LineError::Text })?;
        batch.lines.push(text.to_owned());
        batch.claims.extend(fact.event.claims().into_iter().map(|claim| (claim, fact.stream.clone())));
        Ok(())
    }
}

/// A line of a commit begins one if it says what was asked. One that can't be read belongs to the commit before, so
/// that it is looked at there.
fn begins_commit(bytes: &[u8]) -> bool {
    Line::parse(bytes).is_ok_and(|line| line.request.is_some())
}

fn refused() -> RestoreBatch {
    let nobody: ActorId = "restore:failed".parse().expect("a name written above is a name");
    let nil = crate::kernel::ids::CommandId::from_uuid(uuid::Uuid::nil());
    RestoreBatch {
        key: nil.into(),
        request: None,
        digest: crate::log::Digest::of(b""),
        by: nobody,
        at: crate::kernel::timestamp::Timestamp::EPOCH,
        claims: Vec::new(),
        lines: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failures_say_what_to_do() {
        let said = |failure: RestoreFailure| failure.to_string();
        assert_eq!(
            said(RestoreFailure::NoCommit),
            "line 1 does not begin a commit: restore an export from its first line on"
        );
        assert_eq!(
            said(RestoreFailure::Unreadable { at: 3.into(), why: LineError::Text }),
            "line 3 can't be read: it is not one line of UTF-8 text; restore an undamaged export"
        );
        assert_eq!(said(io::Error::other("gone").into()), "the export can't be read: gone");
    }
}
