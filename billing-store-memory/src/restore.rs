//! Restoring an exported log: every line is checked before anything is kept.

use billing_core::log::chain::Broken;
use billing_core::log::{LineError, Link, Origin, SealedLine, Tail};
use billing_core::store::{CommandRecord, RestoreBatch, RestoreError};

use crate::book::Book;

/// A book made of an exported log, or what is wrong with the log.
pub(crate) fn checked(
    origin: &Origin,
    batches: &mut dyn Iterator<Item = RestoreBatch>,
) -> Result<Book, RestoreError> {
    let mut book = Book::empty(origin.clone());
    for batch in batches {
        let (lines, tail) = check_lines(&book, &batch)?;
        if let Some((claim, _)) = book.taken(&batch.claims) {
            return Err(RestoreError::Claimed(claim.clone()));
        }
        let record = CommandRecord {
            key: batch.key,
            request: batch.request,
            digest: batch.digest,
            by: batch.by,
            now: batch.at,
            first: book.head().position.next(),
            last: tail.head.position,
        };
        book.keep(record, batch.claims, lines, tail);
    }
    Ok(book)
}

/// The lines of one commit follow from what is there, count their versions, and say of their command what
/// the batch says. A field that says something else is told as one that is not as it must be.
fn check_lines(book: &Book, batch: &RestoreBatch) -> Result<(Vec<SealedLine>, Tail), RestoreError> {
    let mut link = Link::after(book.head().clone());
    let mut next_version = book.count();
    let mut lines: Vec<SealedLine> = Vec::with_capacity(batch.lines.len());
    for text in &batch.lines {
        let line = link.accept(text.as_bytes())?;
        let wrong = |field| Broken::Unreadable { at: line.position, why: LineError::Field(field) };
        let stream = line.stream_id().map_err(|_| wrong("stream"))?;
        let said = if lines.is_empty() { Some(batch.digest) } else { None };
        let rules = [
            ("version", line.version == next_version(&stream)),
            ("at", line.at == batch.at && line.at >= book.tail().at),
            ("by", line.by == batch.by.as_str()),
            ("command", line.command == batch.key && book.command(&batch.key).is_none()),
            ("request", line.request == said),
        ];
        if let Some((field, _)) = rules.iter().find(|(_, holds)| !holds) {
            return Err(wrong(field).into());
        }
        lines.push(SealedLine { position: line.position, stream, version: line.version, line: text.clone() });
    }
    let found = link.head().position;
    if lines.is_empty() {
        return Err(Broken::Gap { expected: found.next(), found }.into());
    }
    Ok((lines, Tail { head: link.head().clone(), at: batch.at }))
}
