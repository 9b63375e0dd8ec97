//! The store: one handle on one file, shared by all who clone it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use billing_core::decision::Claim;
use billing_core::log::{CommandKey, Head, Origin, Position, StreamId, Version};
use billing_core::store::{
    AppendBatch, AppendError, Appended, CommandRecord, RestoreBatch, RestoreError, RowStore, Snapshot, Store,
    StoreError, StreamsVisitor, Visitor,
};
use rusqlite::Connection;

use crate::backup;
use crate::connect::Connector;
use crate::failure::store_error;
use crate::open::{OpenError, Opened, Options};
use crate::pool::Pool;
use crate::progress::Progress;
use crate::queue::{closed, locked};
use crate::reading;
use crate::recording::holder;
use crate::restore::{alone, restore};
use crate::snapshots::Kept;
use crate::tables;
use crate::views::Views;
use crate::writer::{Desk, Writer};

/// Books in one SQLite file.
///
/// ```
/// use billing_core::store::Store;
/// use billing_store_sqlite::SqliteStore;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("books.db");
/// let store = SqliteStore::open(&path)?;
/// let book = "acme".parse()?;
/// assert_eq!(store.head(&book)?.position.get(), 0);
/// store.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connector: Connector,
    desk: Arc<Desk>,
    writer: Mutex<Option<JoinHandle<()>>>,
    reads: Pool,
    views: Arc<Views>,
    keeper: Mutex<Option<JoinHandle<()>>>,
    progress: Arc<Progress>,
    shared: Mutex<Option<File>>,
}

impl SqliteStore {
    /// Opens a file of books, or makes it, with what [`Options`] have unless said otherwise.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Options::default().open(path)
    }

    /// How to open a file in another way.
    pub fn options() -> Options {
        Options::default()
    }

    pub(crate) fn start(opened: Opened, read_connections: usize) -> Result<Self, OpenError> {
        let Opened { connector, shared, turnstile } = opened;
        let why = |why: String| OpenError::Unavailable { path: connector.path.clone(), why };
        let progress = Arc::new(Progress::default());
        let writer = Writer::new(connector.clone(), turnstile, Arc::clone(&progress));
        let writer = writer.map_err(|error| why(error.to_string()))?;
        let views = Arc::new(Views::open(&connector).map_err(|error| why(error.to_string()))?);
        let desk = Arc::new(Desk::new(writer));
        let writes = Arc::clone(&desk);
        let writer = thread::Builder::new().name("book-writer".into()).spawn(move || writes.run());
        let writer = Mutex::new(Some(writer.map_err(|error| why(error.to_string()))?));
        let keeps = Arc::clone(&views);
        let keeper =
            thread::Builder::new().name("book-snapshots".into()).spawn(move || keeps.keep_snapshots());
        // Where the system has no thread left for them, snapshots wait in memory, and then callers write them.
        let keeper = Mutex::new(keeper.ok());
        let reads = Pool::new(connector.clone(), read_connections);
        let shared = Mutex::new(Some(shared));
        let inner = Inner { connector, desk, writer, reads, views, keeper, progress, shared };
        Ok(SqliteStore { inner: Arc::new(inner) })
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.inner.connector.path.clone()
    }

    /// Copies the file, while it is in use, as it is at one moment, to a path where nothing stands yet. Gives
    /// the heads of all books in the copy and writes them to `<path>.heads`, one a line. Keep that file
    /// apart from the copy: it shows whether the copy is whole. The write-ahead log can't be emptied meanwhile.
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<Vec<Head>, StoreError> {
        backup::backup(&self.inner.connector, path.as_ref())
    }

    /// Finishes what was handed in, and closes the file for all handles. Later calls say that it is closed.
    /// Dropping the last handle does the same.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    fn close(&self) {
        self.desk.close();
        // The writer goes last, so that it empties the write-ahead log into the file.
        self.reads.close();
        self.views.finish_snapshots();
        if let Some(keeper) = locked(&self.keeper).take()
            && keeper.join().is_err()
        {
            tracing::error!("keeping snapshots had stopped by a panic");
        }
        self.views.close();
        if let Some(writer) = locked(&self.writer).take()
            && writer.join().is_err()
        {
            tracing::error!("the writer had stopped by a panic");
        }
        self.desk.clear();
        drop(locked(&self.shared).take());
    }

    fn read<T>(&self, with: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.reads.read(with)?.map_err(store_error)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for SqliteStore {
    /// # Panics
    /// If a batch has no event, or an event that names as its cause one that does not stand before it: our own
    /// planner makes neither.
    fn append(&self, batches: Vec<AppendBatch>) -> Vec<Result<Appended, AppendError>> {
        for batch in &batches {
            assert!(!batch.events.is_empty(), "a batch records at least one event");
            let mut causes = batch.events.iter().enumerate();
            let ordered = causes.all(|(index, event)| event.cause.is_none_or(|cause| cause < index));
            assert!(ordered, "a cause stands before its consequence");
        }
        if batches.is_empty() { Vec::new() } else { self.inner.desk.append(batches) }
    }

    fn head(&self, book: &Origin) -> Result<Head, StoreError> {
        let row = self.inner.read(|db| tables::book(db, book))?;
        Ok(row.map_or_else(|| Head::empty(book.clone()), |row| row.tail.head))
    }

    fn books(&self) -> Result<Vec<Origin>, StoreError> {
        let heads = self.inner.read(tables::heads)?;
        Ok(heads.into_iter().map(|head| head.origin).collect())
    }

    fn version(&self, book: &Origin, stream: &StreamId) -> Result<Version, StoreError> {
        let name = stream.to_string();
        let version = self.inner.read(|db| match tables::book(db, book)? {
            Some(row) => tables::version(db, row.number, &name),
            None => Ok(0),
        })?;
        Ok(Version::from(version))
    }

    fn read_stream(
        &self,
        book: &Origin,
        stream: &StreamId,
        after: Version,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        reading::stream(&self.inner.reads, book, stream, after, visit)
    }

    fn read_short_streams(
        &self,
        book: &Origin,
        streams: &[StreamId],
        at_most: u64,
        visit: &mut StreamsVisitor<'_>,
    ) -> Result<(), StoreError> {
        reading::short_streams(&self.inner.reads, book, streams, at_most, visit)
    }

    fn read_log(&self, book: &Origin, after: Position, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        reading::log(&self.inner.reads, book, after, visit)
    }

    fn command(&self, book: &Origin, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        self.inner.read(|db| match tables::book(db, book)? {
            Some(row) => tables::command(db, row.number, key),
            None => Ok(None),
        })
    }

    fn claimed_by(&self, book: &Origin, claim: &Claim) -> Result<Option<StreamId>, StoreError> {
        let read = |db: &Connection| match tables::book(db, book).map_err(store_error)? {
            Some(row) => holder(db, row.number, claim),
            None => Ok(None),
        };
        self.inner.reads.read(read)?
    }

    /// Needs the file to itself: refused while another process has it open. Appends of this process wait
    /// as long as their patience lasts.
    fn restore(
        &self,
        book: &Origin,
        batches: &mut dyn Iterator<Item = RestoreBatch>,
    ) -> Result<Head, RestoreError> {
        let inner = &self.inner;
        let shared = locked(&inner.shared);
        let shared = shared.as_ref().ok_or_else(closed)?;
        let head = alone(shared, || restore(&inner.connector, book, batches))?;
        inner.progress.moved();
        Ok(head)
    }

    fn snapshot(&self, book: &Origin, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let place = (book.clone(), stream.to_string());
        let Some(Kept { snapshot, line_hash }) = self.inner.views.snapshot(&place)? else { return Ok(None) };
        let version = snapshot.version.get();
        let hash_now = self.inner.read(|db| tables::hash_of_version(db, book, &place.1, version))?;
        Ok((hash_now == line_hash).then_some(snapshot))
    }

    fn save_snapshot(&self, book: &Origin, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        let (name, version) = (stream.to_string(), snapshot.version.get());
        let line_hash = self.inner.read(|db| tables::hash_of_version(db, book, &name, version))?;
        let kept = Kept { snapshot: snapshot.clone(), line_hash };
        self.inner.views.save_snapshot(&(book.clone(), name), kept)
    }

    fn wait_for(&self, book: &Origin, position: Position, at_most: Duration) -> Result<Head, StoreError> {
        self.inner.progress.wait(at_most, |head: &Head| head.position >= position, || self.head(book))
    }

    fn rows(&self) -> &dyn RowStore {
        &*self.inner.views
    }
}
