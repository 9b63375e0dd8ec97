//! Reading a page from the store: the snapshot, if it is of this fold, and the events behind it.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use super::queue::Loaded;
use crate::book::reading::{fact, recorded};
use crate::book::{Account, Event, Page};
use crate::error::Error;
use crate::kernel::ids::AccountId;
use crate::log::Origin;
use crate::log::{CommandKey, Digest, Line, Position, Recorded, StreamId, Version};
use crate::store::{Snapshot, Store, StoreError, StoredRow};

/// A page is stored as a snapshot when this many events have come since the last one.
pub(crate) const SNAPSHOT_EVERY: u64 = 512;

/// A page with fewer events is read without looking for a snapshot.
const YOUNG: u64 = 64;

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
    let mut loaded = Loaded { page: Page::new(stream), version: Version::NONE, snapshot: Version::NONE };
    if let StreamId::Account(id) = stream {
        read_on(store, book, stream, &mut loaded, Version::from(YOUNG))?;
        if loaded.version.get() < YOUNG {
            return Ok(loaded);
        }
        loaded = from_snapshot(store, book, stream, *id)?.unwrap_or(loaded);
    }
    read_on(store, book, stream, &mut loaded, Version::from(u64::MAX))?;
    Ok(loaded)
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
    id: AccountId,
) -> Result<Option<Loaded>, Error> {
    let stored = store.snapshot(book, stream).unwrap_or_else(|why| {
        tracing::warn!(%stream, %why, "snapshot not read");
        None
    });
    let snapshot = stored.filter(|snapshot| snapshot.fingerprint == fingerprint());
    // A snapshot that can't be read, or is of another account, is passed over: the events tell it all.
    let read = snapshot.and_then(|snapshot| {
        let account: Account = serde_json::from_slice(&snapshot.body).ok()?;
        let page = Page::Account(Box::new(account));
        Some(Loaded { page, version: snapshot.version, snapshot: snapshot.version })
    });
    Ok(read.filter(|loaded| matches!(&loaded.page, Page::Account(account) if account.id == id)))
}

/// Keeps a snapshot if enough events have come since the last one. Best effort: losing it loses nothing.
pub(crate) fn keep_snapshot<S: Store + ?Sized>(
    store: &S,
    book: &Origin,
    stream: &StreamId,
    loaded: &mut Loaded,
) {
    let due = loaded.version.get() >= loaded.snapshot.get().saturating_add(SNAPSHOT_EVERY);
    let Page::Account(account) = &loaded.page else { return };
    if !due {
        return;
    }
    let Ok(body) = serde_json::to_vec(account) else { return };
    let snapshot = Snapshot { version: loaded.version, fingerprint: fingerprint(), body };
    if let Err(why) = store.save_snapshot(book, stream, &snapshot) {
        tracing::warn!(%stream, %why, "snapshot not kept");
    }
    // Where it could not be kept, the next try comes with the next snapshot, not with the next command.
    loaded.snapshot = loaded.version;
}

/// What fold made a snapshot: the version of the library, and the shape of an empty page.
fn fingerprint() -> Digest {
    static FINGERPRINT: OnceLock<Digest> = OnceLock::new();
    *FINGERPRINT.get_or_init(|| {
        let empty = Account::new(AccountId::from_uuid(uuid::Uuid::nil()));
        let shape = serde_json::to_string(&empty).unwrap_or_default();
        Digest::of(format!("{} {shape}", env!("CARGO_PKG_VERSION")).as_bytes())
    })
}
