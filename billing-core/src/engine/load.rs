//! Reading a page from the store: the snapshot, if it is of this fold, and the events behind it.

use std::ops::ControlFlow;

use super::queue::Loaded;
use crate::book::reading::{fact, recorded};
use crate::book::{Event, Page, snapshot};
use crate::error::Error;
use crate::log::Origin;
use crate::log::{CommandKey, Line, Position, Recorded, StreamId, Version};
use crate::store::{Snapshot, Store, StoreError, StoredRow};

/// The fewest events between two snapshots of a page. Reading as many takes well below a millisecond; writing a page
/// more often cost sixty-four callers a third of their time.
const SNAPSHOT_EVERY: u64 = 256;

/// A larger page is kept more rarely: for this many bytes, one event more comes between two snapshots. Reading an
/// event takes as long as reading some 500 bytes of a page, so that the events behind a snapshot add at most a
/// quarter to the time that it takes itself, and at most these bytes are written for each event.
const BYTES_AN_EVENT: u64 = 2_048;

/// The latest snapshot of a page that is known to be stored: its version, and how many bytes it has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kept {
    version: Version,
    bytes: u64,
}

impl Kept {
    fn of(snapshot: &Snapshot) -> Self {
        Kept { version: snapshot.version, bytes: u64::try_from(snapshot.body.len()).unwrap_or(u64::MAX) }
    }

    /// Whether it is time for the next one, for a page that has come to this version.
    pub(crate) fn is_outgrown_at(self, version: Version) -> bool {
        let distance = SNAPSHOT_EVERY.max(self.bytes / BYTES_AN_EVENT);
        version.get() >= self.version.get().saturating_add(distance)
    }
}

/// A page with fewer events is read without looking for a snapshot.
const YOUNG: u64 = 32;

/// Reads a stored row as an event of this version, or says at which position that fails.
pub(crate) fn read(row: StoredRow<'_>) -> Result<Recorded<Event>, Error> {
    Ok(recorded(&line(row)?)?)
}

/// The same for a row that must stand right behind a position: a walk that misses a line must not go on.
pub(crate) fn read_next(row: StoredRow<'_>, after: Position) -> Result<Recorded<Event>, Error> {
    if row.position != after.next() {
        let why = format!("it stands where position {} was to stand", after.next());
        return Err(StoreError::Corrupt { position: row.position, why }.into());
    }
    read(row)
}

/// The line of a row, which the store must keep where the line says that it belongs.
fn line(row: StoredRow<'_>) -> Result<Line<'_>, StoreError> {
    let damaged = |why: String| StoreError::Corrupt { position: row.position, why };
    let line = Line::parse(row.line).map_err(|why| damaged(why.to_string()))?;
    if line.position != row.position || line.version != row.version || line.stream != row.stream {
        let why = "the store keeps it under another position, stream or version than it says";
        return Err(damaged(why.to_owned()));
    }
    Ok(line)
}

/// Reads events of the whole log behind a position, until the visitor breaks off or fails.
pub(crate) fn walk<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    after: Position,
    mut visit: impl FnMut(Recorded<Event>) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    let mut failed = Ok(());
    let mut stands = after;
    store.read_log(book, after, &mut |row| {
        let seen = read_next(row, stands).and_then(&mut visit);
        stands = row.position;
        seen.unwrap_or_else(|error| {
            failed = Err(error);
            ControlFlow::Break(())
        })
    })?;
    failed
}

/// The events of a command that was recorded from `first` to `last`.
pub(crate) fn commit<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    key: CommandKey,
    first: Position,
    last: Position,
) -> Result<Vec<Recorded<Event>>, Error> {
    let before = Position::from(first.get().saturating_sub(1));
    let mut events = Vec::new();
    walk(store, book, before, |recorded| {
        let own = recorded.command == key && recorded.position <= last;
        let more = recorded.position < last;
        if own {
            events.push(recorded);
        }
        Ok(if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(events)
}

/// Reads the page of a stream as it is now.
///
/// Most accounts are far too young for a snapshot, so that it is not asked for before the first events were read.
pub(crate) fn page<S: Store + ?Sized>(store: &S, book: &Origin, stream: &StreamId) -> Result<Loaded, Error> {
    let mut loaded = empty(stream);
    if matches!(stream, StreamId::Account(_) | StreamId::Usage(_)) {
        read_on(store, book, stream, &mut loaded, Version::from(YOUNG))?;
        if loaded.version.get() < YOUNG {
            return Ok(loaded);
        }
    }
    grown_page_from(store, book, stream, loaded)
}

/// Reads the page of a stream that is known to hold many events.
pub(crate) fn grown_page<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    stream: &StreamId,
) -> Result<Loaded, Error> {
    grown_page_from(store, book, stream, empty(stream))
}

/// Reads on from the snapshot, or from what is loaded already where there is none.
fn grown_page_from<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    stream: &StreamId,
    loaded: Loaded,
) -> Result<Loaded, Error> {
    let snapshot = match stream {
        StreamId::Account(_) | StreamId::Usage(_) => from_snapshot(store, book, stream)?,
        StreamId::Book | StreamId::Catalogue | StreamId::Series(_) => None,
    };
    let mut loaded = snapshot.unwrap_or(loaded);
    read_on(store, book, stream, &mut loaded, Version::from(u64::MAX))?;
    Ok(loaded)
}

/// Reads the pages of many streams in one go and hands over each with its number. Left out is a stream that holds
/// nothing or many events, and one of which something can't be read: [`grown_page`] reads it, or says why not.
pub(crate) fn young_pages<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    streams: &[StreamId],
    mut each: impl FnMut(usize, Loaded),
) {
    // The page that is being read; `None` where one of its events can't be.
    let mut now: Option<(usize, Option<Loaded>)> = None;
    let mut hand_over = |read: Option<(usize, Option<Loaded>)>| {
        if let Some((which, Some(loaded))) = read {
            each(which, loaded);
        }
    };
    let read = store.read_short_streams(book, streams, YOUNG - 1, &mut |which, row| {
        if now.as_ref().is_none_or(|(reading, _)| *reading != which) {
            hand_over(now.take());
            now = streams.get(which).map(|stream| (which, Some(empty(stream))));
        }
        if let Some((_, page)) = &mut now
            && let Some(loaded) = page
        {
            let next = loaded.version.next();
            match event(row, next) {
                Ok(event) => {
                    loaded.page.evolve(&event);
                    loaded.version = next;
                }
                Err(_) => *page = None,
            }
        }
        ControlFlow::Continue(())
    });
    // A walk that failed may have failed inside the stream that it was at.
    if read.is_ok() {
        hand_over(now);
    }
}

fn empty(stream: &StreamId) -> Loaded {
    Loaded { page: Page::new(stream), version: Version::NONE, snapshot: Kept::default() }
}

/// Brings a page up to date, or up to a version.
fn read_on<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    stream: &StreamId,
    loaded: &mut Loaded,
    to: Version,
) -> Result<(), Error> {
    let mut failed = Ok(());
    store.read_stream(book, stream, loaded.version, &mut |row| {
        let next = loaded.version.next();
        match event(row, next) {
            Ok(event) => {
                loaded.page.evolve(&event);
                loaded.version = next;
                if next < to { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }
            Err(error) => {
                failed = Err(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed
}

/// The event of a row that must hold this version of its stream; the rest of the envelope is not needed here.
fn event(row: StoredRow<'_>, version: Version) -> Result<Event, Error> {
    let line = line(row)?;
    if line.version != version {
        let why = format!("version {version} of {} was to stand here", row.stream);
        return Err(StoreError::Corrupt { position: row.position, why }.into());
    }
    Ok(fact(&line)?)
}

fn from_snapshot<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    stream: &StreamId,
) -> Result<Option<Loaded>, Error> {
    let stored = store.snapshot(book, stream).unwrap_or_else(|why| {
        tracing::warn!(%stream, %why, "snapshot not read");
        None
    });
    let snapshot = stored.filter(|snapshot| snapshot.fingerprint == snapshot::fingerprint());
    Ok(snapshot.and_then(|snapshot| {
        let page = match stream {
            StreamId::Account(id) => Page::Account(Box::new(snapshot::read(*id, &snapshot.body)?)),
            StreamId::Usage(id) => Page::Usage(snapshot::read_usage(*id, &snapshot.body)?),
            StreamId::Book | StreamId::Catalogue | StreamId::Series(_) => return None,
        };
        Some(Loaded { page, version: snapshot.version, snapshot: Kept::of(&snapshot) })
    }))
}

/// Keeps a snapshot if enough events have come since the last one. Best effort: losing it loses nothing.
pub(crate) fn keep_snapshot<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    stream: &StreamId,
    loaded: &mut Loaded,
) {
    if !loaded.snapshot.is_outgrown_at(loaded.version) {
        return;
    }
    let body = match (&loaded.page, stream) {
        (Page::Account(account), _) => snapshot::write(account),
        (Page::Usage(usage), StreamId::Usage(id)) => snapshot::write_usage(*id, usage),
        (Page::Usage(_) | Page::Settings(_) | Page::Catalogue(_) | Page::Series, _) => None,
    };
    let Some(body) = body else { return };
    let snapshot = Snapshot { version: loaded.version, fingerprint: snapshot::fingerprint(), body };
    if let Err(why) = store.save_snapshot(book, stream, &snapshot) {
        tracing::warn!(%stream, %why, "snapshot not kept");
    }
    // Where it could not be kept, the next try comes with the next snapshot, not with the next command.
    loaded.snapshot = Kept::of(&snapshot);
}
