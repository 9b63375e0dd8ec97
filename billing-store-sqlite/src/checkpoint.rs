//! Keeps the write-ahead log short, beside the work of the writer.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::hooks::Wal;
use rusqlite::{Connection, ffi};

use crate::connect::Connector;
use crate::queue::locked;

/// How many pages of 8 KiB the WAL holds before it is copied into the database file: 16 MiB.
const ENOUGH: i32 = 2_000;

/// And before the writer waits, for the copier and for readers, so that the WAL begins again at its start: 32 MiB.
/// At 14 MiB, waiting cost sixty-four callers a tenth of their time.
const TOO_MANY: i32 = 4_000;

/// How long readers are waited for. Ours are done with a page much sooner; a foreign one that stays must not
/// hold the writer up.
const FOR_READERS: Duration = Duration::from_millis(20);

/// How many pages the WAL holds, as SQLite tells at each commit.
pub(crate) struct Checkpoints {
    pages: Arc<AtomicI32>,
    copied: i32,
    copier: Copier,
}

impl Checkpoints {
    /// Takes over from SQLite's own policy, which makes a caller wait for the checkpoint.
    pub(crate) fn watch(db: &mut Connection, connector: &Connector) -> rusqlite::Result<Self> {
        let pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&pages);
        db.wal_hook(Some(move |_: &mut Wal, pages| {
            seen.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Checkpoints { pages, copied: 0, copier: Copier::start(connector.writing()?) })
    }

    /// Has the WAL copied into the database file when it has grown by enough; waits for nothing. `true` when it
    /// has become so long that it must begin again at its start, which [`Checkpoints::keep_wal_short`] sees to.
    pub(crate) fn copy_when_due(&mut self) -> bool {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.copied {
            self.copied = 0;
        }
        if pages - self.copied < ENOUGH {
            return false;
        }
        if pages < TOO_MANY && self.copier.begin() {
            self.copied = pages;
        }
        pages >= TOO_MANY
    }

    /// The same, and lets a WAL that has become too long begin again at its start. A failure is not lost: the
    /// next commit meets the same disk and reports it.
    pub(crate) fn keep_wal_short(&mut self, connector: &Connector) {
        if !self.copy_when_due() {
            return;
        }
        // Only one at a time can copy, and meanwhile nothing more may come.
        self.copier.busy.until_idle();
        let hurried = Connector { patience: FOR_READERS, ..connector.clone() };
        log_failure(hurried.writing().and_then(|db| checkpoint(&db, "PRAGMA wal_checkpoint(RESTART)")));
        self.copied = self.pages.load(Ordering::Relaxed);
    }
}

/// Copies what the WAL holds into the database file while the writer goes on: a thread and a connection of its
/// own, because copying waits for the disk for as long as many commits.
struct Copier {
    busy: Arc<Busy>,
    orders: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    /// Where the system has no thread left, nothing is copied beside the writer, only by it.
    fn start(db: Connection) -> Self {
        let (orders, taken) = sync_channel(1);
        let busy = Arc::new(Busy::default());
        let shared = Arc::clone(&busy);
        let work = move || copy(&db, &taken, &shared);
        let thread = thread::Builder::new().name("book-checkpoint".into()).spawn(work).ok();
        Copier { busy, orders: Some(orders), thread }
    }

    /// Begins to copy, unless it is at it already.
    fn begin(&self) -> bool {
        if !self.busy.begin() {
            return false;
        }
        let begun = self.orders.as_ref().is_some_and(|orders| orders.try_send(()).is_ok());
        if !begun {
            self.busy.end();
        }
        begun
    }
}

/// Whether the copier is at it, for whoever must wait until it is not.
#[derive(Debug, Default)]
struct Busy {
    now: Mutex<bool>,
    over: Condvar,
}

impl Busy {
    /// `false` where it is busy already.
    fn begin(&self) -> bool {
        !std::mem::replace(&mut *locked(&self.now), true)
    }

    fn end(&self) {
        *locked(&self.now) = false;
        self.over.notify_all();
    }

    fn until_idle(&self) {
        drop(self.over.wait_while(locked(&self.now), |now| *now).unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Copier {
    /// Waits for what is being copied: a connection that stays would keep the WAL from being emptied.
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("copying the write-ahead log had stopped by a panic");
        }
    }
}

/// The work of the copier's thread: lasts until no order can come any more.
fn copy(db: &Connection, orders: &Receiver<()>, busy: &Busy) {
    for () in orders {
        let _ended = EndAlsoOnPanic(busy);
        log_failure(checkpoint(db, "PRAGMA wal_checkpoint(PASSIVE)"));
    }
}

/// However copying ends, the writer must not wait for it for ever.
struct EndAlsoOnPanic<'a>(&'a Busy);

impl Drop for EndAlsoOnPanic<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn log_failure(copied: rusqlite::Result<()>) {
    if let Err(error) = copied {
        tracing::debug!(%error, "the write-ahead log could not be copied into the file yet");
    }
}

/// Copies all of the WAL into the database file and cuts it to nothing; fails if a reader is in the way.
pub(crate) fn empty_wal(db: &Connection) -> rusqlite::Result<()> {
    checkpoint(db, "PRAGMA wal_checkpoint(TRUNCATE)")
}

fn checkpoint(db: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    let in_the_way: bool = db.query_row(sql, [], |row| row.get(0))?;
    if in_the_way {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None))
    } else {
        Ok(())
    }
}
