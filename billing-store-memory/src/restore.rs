//! Restoring an exported log: every line is checked before anything is kept.

use billing_core::log::Origin;
use billing_core::log::chain::Broken;
use billing_core::store::{CommandRecord, RestoreBatch, RestoreError};

use crate::book::Book;

/// A book made of an exported log, or what is wrong with the log.
pub(crate) fn checked(
    origin: &Origin,
    batches: &mut dyn Iterator<Item = RestoreBatch>,
) -> Result<Book, RestoreError> {
    let mut book = Book::empty(origin.clone());
    for batch in batches {
        let first = book.head().position.next();
        if book.command(&batch.key).is_some() {
            return Err(Broken::Contradicts { at: first, field: "command" }.into());
        }
        let mut tail = book.tail().clone();
        let lines = batch.follow(&mut tail, |stream| Ok(book.version(stream)))?;
        if let Some((claim, _)) = book.taken(&batch.claims) {
            return Err(RestoreError::Claimed(claim.clone()));
        }
        let record = CommandRecord {
            key: batch.key,
            request: batch.request,
            digest: batch.digest,
            by: batch.by,
            now: batch.at,
            first,
            last: tail.head.position,
        };
        book.keep(record, batch.claims, lines, tail);
    }
    Ok(book)
}
