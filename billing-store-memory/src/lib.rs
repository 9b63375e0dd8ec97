//! A store that keeps billing books in memory: for tests, examples and tools that read a log once.
//!
//! It promises everything that [`Store`] promises, durability excepted: it passes the same conformance kit as
//! every other store, and what it holds is gone with its last handle.
//!
//! ```
//! use billing_core::log::{Head, Origin};
//! use billing_core::store::Store;
//! use billing_store_memory::MemoryStore;
//!
//! let store = MemoryStore::new();
//! let book: Origin = "acme.example/main".parse()?;
//! assert_eq!(store.head(&book), Ok(Head::empty(book)));
//! assert_eq!(store.books(), Ok(vec![]));
//! # Ok::<(), billing_core::log::head::HeadError>(())
//! ```

mod append;
mod book;
mod restore;
mod rows;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use billing_core::decision::Claim;
use billing_core::log::{CommandKey, Head, Origin, Position, StreamId, Version};
use billing_core::store::{
    AppendBatch, AppendError, Appended, CommandRecord, RestoreBatch, RestoreError, RowStore, Snapshot, Store,
    StoreError, Visitor,
};

use book::{Book, Kept};
use rows::MemoryRows;

/// Books in memory. A clone is another handle to the same books.
///
/// ```
/// use billing_core::store::{Store, StoreError};
/// use billing_store_memory::MemoryStore;
///
/// let store = MemoryStore::new();
/// let same = store.clone();
/// assert_eq!(store.books()?, same.books()?);
/// # Ok::<(), StoreError>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    books: Mutex<BTreeMap<Origin, Book>>,
    /// Told whenever a book has grown.
    grown: Condvar,
    snapshots: Mutex<BTreeMap<Origin, BTreeMap<StreamId, Snapshot>>>,
    rows: MemoryRows,
}

impl MemoryStore {
    /// A store without books.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    fn books(&self) -> MutexGuard<'_, BTreeMap<Origin, Book>> {
        lock(&self.shared.books)
    }

    /// Hands a visitor the lines that `page` gives, page after page, until it gives none. The lock is held
    /// while a page is taken and never while the visitor looks at it.
    fn walk(&self, book: &Origin, visit: &mut Visitor<'_>, mut page: impl FnMut(&Book) -> Vec<Kept>) {
        loop {
            let lines = self.books().get(book).map(&mut page).unwrap_or_default();
            if lines.is_empty() || lines.iter().any(|line| visit(line.row()).is_break()) {
                return;
            }
        }
    }
}

/// Takes a lock, also one whose holder panicked: nothing here is changed before all that can fail is done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn head_in(books: &BTreeMap<Origin, Book>, book: &Origin) -> Head {
    books.get(book).map_or_else(|| Head::empty(book.clone()), |kept| kept.head().clone())
}

impl Store for MemoryStore {
    fn append(&self, batches: Vec<AppendBatch>) -> Vec<Result<Appended, AppendError>> {
        let whole = batches.iter().all(|batch| !batch.events.is_empty());
        assert!(whole, "a batch without events is never sent");
        let mut books = self.books();
        let answers = batches.into_iter().map(|batch| append::append(&mut books, batch)).collect();
        self.shared.grown.notify_all();
        answers
    }

    fn head(&self, book: &Origin) -> Result<Head, StoreError> {
        Ok(head_in(&self.books(), book))
    }

    fn books(&self) -> Result<Vec<Origin>, StoreError> {
        Ok(self.books().keys().cloned().collect())
    }

    fn version(&self, book: &Origin, stream: &StreamId) -> Result<Version, StoreError> {
        Ok(self.books().get(book).map_or(Version::NONE, |kept| kept.version(stream)))
    }

    fn read_stream(
        &self,
        book: &Origin,
        stream: &StreamId,
        after: Version,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        let until = self.version(book, stream)?;
        let mut seen = after;
        self.walk(book, visit, |kept| {
            let page = kept.stream_page(stream, seen, until);
            seen = page.last().map_or(seen, |line| line.version);
            page
        });
        Ok(())
    }

    fn read_log(&self, book: &Origin, after: Position, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        let until = self.head(book)?.position;
        let mut seen = after;
        self.walk(book, visit, |kept| {
            let page = kept.log_page(seen, until);
            seen = page.last().map_or(seen, |line| line.position);
            page
        });
        Ok(())
    }

    fn command(&self, book: &Origin, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        Ok(self.books().get(book).and_then(|kept| kept.command(key).cloned()))
    }

    fn claimed_by(&self, book: &Origin, claim: &Claim) -> Result<Option<StreamId>, StoreError> {
        Ok(self.books().get(book).and_then(|kept| kept.holder(claim).cloned()))
    }

    fn restore(
        &self,
        book: &Origin,
        batches: &mut dyn Iterator<Item = RestoreBatch>,
    ) -> Result<Head, RestoreError> {
        let empty = |found: Head| match found.position {
            Position::START => Ok(()),
            lines => Err(RestoreError::NotEmpty(lines)),
        };
        empty(self.head(book)?)?;
        let restored = restore::checked(book, batches)?;
        let head = restored.head().clone();
        let mut books = self.books();
        // Checked again, for somebody may have opened the book while the lines were read.
        empty(head_in(&books, book))?;
        if head.position > Position::START {
            books.insert(book.clone(), restored);
        }
        self.shared.grown.notify_all();
        Ok(head)
    }

    fn snapshot(&self, book: &Origin, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        Ok(lock(&self.shared.snapshots).get(book).and_then(|kept| kept.get(stream).cloned()))
    }

    fn save_snapshot(&self, book: &Origin, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        let mut snapshots = lock(&self.shared.snapshots);
        snapshots.entry(book.clone()).or_default().insert(stream.clone(), snapshot.clone());
        Ok(())
    }

    fn wait_for(&self, book: &Origin, position: Position, at_most: Duration) -> Result<Head, StoreError> {
        let behind = |books: &mut BTreeMap<Origin, Book>| head_in(books, book).position < position;
        let waited = self.shared.grown.wait_timeout_while(self.books(), at_most, behind);
        let (books, _) = waited.unwrap_or_else(PoisonError::into_inner);
        Ok(head_in(&books, book))
    }

    fn rows(&self) -> &dyn RowStore {
        &self.shared.rows
    }
}
