//! Appending one batch: what must hold, in the order in which the store asks, then the lines.

use std::collections::BTreeMap;

use billing_core::log::{Origin, StreamId, Version, seal};
use billing_core::store::{AppendBatch, AppendError, Appended, CommandRecord, Expect};

use crate::book::Book;

/// Appends a batch to its book, which begins to be kept with its first line.
pub(crate) fn append(
    books: &mut BTreeMap<Origin, Book>,
    batch: AppendBatch,
) -> Result<Appended, AppendError> {
    if let Some(book) = books.get_mut(&batch.book) {
        return append_to(book, batch);
    }
    let origin = batch.book.clone();
    let mut book = Book::empty(origin.clone());
    let appended = append_to(&mut book, batch)?;
    books.insert(origin, book);
    Ok(appended)
}

fn append_to(book: &mut Book, batch: AppendBatch) -> Result<Appended, AppendError> {
    let AppendBatch { book: _, command, guards, claims, events } = batch;
    if let Some(record) = book.command(&command.key) {
        let same = (record.digest == command.digest).then(|| book.answer(record)).flatten();
        return same.ok_or(AppendError::DuplicateOther { key: command.key });
    }
    for (stream, expect) in &guards {
        guard(book, stream, *expect)?;
    }
    if let Some((claim, by)) = book.taken(&claims) {
        return Err(AppendError::Claimed { claim: claim.clone(), by: by.clone() });
    }

    let mut tail = book.tail().clone();
    let sealed = seal(&mut tail, &command.stamp(), &events, book.count());
    let appended = Appended {
        first: book.head().position.next(),
        last: tail.head.position,
        head: tail.head.clone(),
        at: tail.at,
        versions: sealed.iter().map(|line| line.version).collect(),
        repeated: false,
    };
    let record = CommandRecord {
        key: command.key,
        request: Some(command.request),
        digest: command.digest,
        by: command.by,
        now: command.now,
        first: appended.first,
        last: appended.last,
    };
    book.keep(record, claims, sealed, tail);
    Ok(appended)
}

fn guard(book: &Book, stream: &StreamId, expect: Expect) -> Result<(), AppendError> {
    let found = book.version(stream);
    let holds = match expect {
        Expect::NoStream => found == Version::NONE,
        Expect::Exactly(version) => found == version,
        Expect::Next => found > Version::NONE,
    };
    if holds { Ok(()) } else { Err(AppendError::Conflict { stream: stream.clone(), found }) }
}
