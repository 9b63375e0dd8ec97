//! Recording batches inside one open transaction: what is checked, in which order, and what is written.

use std::collections::BTreeMap;

use billing_core::decision::Claim;
use billing_core::log::{Digest, Head, Line, Origin, Position, StreamId, Tail, Version, seal};
use billing_core::store::{AppendBatch, AppendError, Appended, CommandRecord, Expect, StoreError};
use rusqlite::Connection;

use crate::failure::{line_error, store_error};
use crate::tables;

/// The heads that this writer left behind, by book. A book whose head is still the same needs no second look.
pub(crate) type LeftBehind = BTreeMap<Origin, Head>;

/// The books that one transaction has touched.
pub(crate) struct Recording<'a> {
    db: &'a Connection,
    left: &'a LeftBehind,
    books: BTreeMap<Origin, Book>,
}

struct Book {
    /// `None` until the book has its first line.
    number: Option<i64>,
    tail: Tail,
    moved: bool,
}

impl<'a> Recording<'a> {
    /// Begins with an open transaction: nobody else can write meanwhile.
    pub(crate) fn new(db: &'a Connection, left: &'a LeftBehind) -> Self {
        Recording { db, left, books: BTreeMap::new() }
    }

    /// Records a batch, or says why not, having written nothing. An outer error leaves the transaction half
    /// done: it must be rolled back.
    pub(crate) fn record(
        &mut self,
        batch: &AppendBatch,
    ) -> Result<Result<Appended, AppendError>, StoreError> {
        if !self.books.contains_key(&batch.book) {
            let book = load(self.db, self.left, &batch.book)?;
            self.books.insert(batch.book.clone(), book);
        }
        let Some(book) = self.books.get_mut(&batch.book) else {
            return Err(StoreError::Unavailable("the book could not be opened".into()));
        };
        match check(self.db, book.number, batch)? {
            Checked::Repeated(record) if record.digest != batch.command.digest => {
                Ok(Err(AppendError::DuplicateOther { key: batch.command.key }))
            }
            Checked::Repeated(record) => Ok(Ok(answered_before(self.db, book, &batch.book, &record)?)),
            Checked::Refused(error) => Ok(Err(error)),
            Checked::Fine { versions, new_claims } => {
                Ok(Ok(write(self.db, book, batch, versions, &new_claims)?))
            }
        }
    }

    /// Writes the new ends of the books that have moved, and gives them. Comes right before the commit.
    pub(crate) fn finish(self) -> Result<LeftBehind, StoreError> {
        let mut moved = LeftBehind::new();
        for (origin, book) in self.books {
            if let Some(number) = book.number.filter(|_| book.moved) {
                tables::move_book(self.db, number, &book.tail).map_err(store_error)?;
                moved.insert(origin, book.tail.head);
            }
        }
        Ok(moved)
    }
}

/// Reads the end of a book. Where another one has written since, the last line must be the one that the head
/// covers: a line chained behind a damaged one would hide the damage.
fn load(db: &Connection, left: &LeftBehind, origin: &Origin) -> Result<Book, StoreError> {
    let Some(row) = tables::book(db, origin).map_err(store_error)? else {
        return Ok(Book { number: None, tail: Tail::empty(origin.clone()), moved: false });
    };
    let head = &row.tail.head;
    if left.get(origin) != Some(head) {
        let last = tables::last_line(db, row.number, |position, line| (position, Digest::of(line)));
        let last = last.map_err(|error| line_error(error, head.position))?;
        if last != Some((head.position, head.hash)) {
            let why = "the log does not end with the line that its head says".into();
            return Err(StoreError::Corrupt { position: head.position, why });
        }
    }
    Ok(Book { number: Some(row.number), tail: row.tail, moved: false })
}

/// What the checks of a batch have found.
enum Checked<'a> {
    /// The command has been recorded before.
    Repeated(CommandRecord),
    /// A guard or a claim does not hold.
    Refused(AppendError),
    /// The batch can be written.
    Fine {
        versions: BTreeMap<&'a StreamId, (String, Version)>,
        new_claims: BTreeMap<&'a Claim, &'a StreamId>,
    },
}

fn check<'a>(db: &Connection, book: Option<i64>, batch: &'a AppendBatch) -> Result<Checked<'a>, StoreError> {
    let recorded = match book {
        Some(book) => tables::command(db, book, &batch.command.key).map_err(store_error)?,
        None => None,
    };
    if let Some(record) = recorded {
        return Ok(Checked::Repeated(record));
    }
    let mut versions = BTreeMap::new();
    let streams = batch.guards.iter().map(|(stream, _)| stream);
    for stream in streams.chain(batch.events.iter().map(|event| &event.stream)) {
        if !versions.contains_key(stream) {
            let name = stream.to_string();
            let version = match book {
                Some(book) => tables::version(db, book, &name).map_err(store_error)?,
                None => 0,
            };
            versions.insert(stream, (name, Version::from(version)));
        }
    }
    for (stream, expect) in &batch.guards {
        let found = versions.get(stream).map_or(Version::NONE, |(_, version)| *version);
        let holds = match expect {
            Expect::NoStream => found == Version::NONE,
            Expect::Exactly(version) => found == *version,
            Expect::Next => found > Version::NONE,
        };
        if !holds {
            return Ok(Checked::Refused(AppendError::Conflict { stream: stream.clone(), found }));
        }
    }
    let mut new_claims: BTreeMap<&Claim, &StreamId> = BTreeMap::new();
    for (claim, stream) in &batch.claims {
        let taken = |by: StreamId| Ok(Checked::Refused(AppendError::Claimed { claim: claim.clone(), by }));
        let holder = match book {
            Some(book) => holder(db, book, claim)?,
            None => None,
        };
        match (holder, new_claims.get(claim)) {
            (Some(by), _) if by != *stream => return taken(by),
            (None, Some(by)) if *by != stream => return taken((*by).clone()),
            (Some(_), _) | (None, Some(_)) => {}
            (None, None) => {
                new_claims.insert(claim, stream);
            }
        }
    }
    Ok(Checked::Fine { versions, new_claims })
}

/// The stream that holds a claim.
pub(crate) fn holder(db: &Connection, book: i64, claim: &Claim) -> Result<Option<StreamId>, StoreError> {
    let Some(stream) = tables::claim(db, book, claim).map_err(store_error)? else { return Ok(None) };
    let damaged = |why| StoreError::Unavailable(format!("the row of a claim is damaged: {why}"));
    stream.parse().map(Some).map_err(damaged)
}

fn write(
    db: &Connection,
    book: &mut Book,
    batch: &AppendBatch,
    mut versions: BTreeMap<&StreamId, (String, Version)>,
    new_claims: &BTreeMap<&Claim, &StreamId>,
) -> Result<Appended, StoreError> {
    let number = match book.number {
        Some(number) => number,
        None => tables::insert_book(db, &book.tail).map_err(store_error)?,
    };
    book.number = Some(number);
    let first = book.tail.head.position.next();
    let sealed = seal(&mut book.tail, &batch.command.stamp(), &batch.events, |stream| {
        let known = versions.get_mut(stream).map(|(_, version)| {
            *version = version.next();
            *version
        });
        known.unwrap_or_default()
    });
    book.moved = true;
    let mut insert = tables::line_insert(db).map_err(store_error)?;
    for line in &sealed {
        let stream = versions.get(&line.stream).map_or("", |(name, _)| name);
        tables::insert_line(&mut insert, number, line.position, stream, line.version.get(), &line.line)
            .map_err(|error| insert_error(error, line.position))?;
    }
    for (claim, stream) in new_claims {
        tables::insert_claim(db, number, claim, &stream.to_string()).map_err(store_error)?;
    }
    let head = book.tail.head.clone();
    let record = CommandRecord {
        key: batch.command.key,
        request: Some(batch.command.request.clone()),
        digest: batch.command.digest,
        by: batch.command.by.clone(),
        now: batch.command.now,
        first,
        last: head.position,
    };
    tables::insert_command(db, number, &record).map_err(store_error)?;
    let versions = sealed.iter().map(|line| line.version).collect();
    Ok(Appended { first, last: head.position, head, at: book.tail.at, versions, repeated: false })
}

/// A line that can't take its place, because another one stands there, means that an index is damaged.
pub(crate) fn insert_error(error: rusqlite::Error, position: Position) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            let why = format!("its place in the log or in its stream is taken ({error})");
            StoreError::Corrupt { position, why }
        }
        Some(_) | None => store_error(error),
    }
}

/// The answer that a recorded command was given, read back from its lines.
fn answered_before(
    db: &Connection,
    book: &Book,
    origin: &Origin,
    record: &CommandRecord,
) -> Result<Appended, StoreError> {
    let position = record.last;
    let missing = || StoreError::Corrupt { position, why: "it is missing".into() };
    let number = book.number.ok_or_else(missing)?;
    let read = |line: &[u8]| Line::parse(line).map(|parsed| (parsed.at, Digest::of(line)));
    let last = tables::line_at(db, number, position, read).map_err(|error| line_error(error, position))?;
    let (at, hash) =
        last.ok_or_else(missing)?.map_err(|why| StoreError::Corrupt { position, why: why.to_string() })?;
    let versions = tables::versions(db, number, record.first, record.last)
        .map_err(|error| line_error(error, position))?;
    Ok(Appended {
        first: record.first,
        last: record.last,
        head: Head { origin: origin.clone(), position, hash },
        at,
        versions: versions.into_iter().map(Version::from).collect(),
        repeated: true,
    })
}
