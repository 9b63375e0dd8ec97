//! The second file: rows of read models and snapshots. Disposable: it may be deleted at any time, and a
//! damaged one is thrown away and made anew.
//!
//! Each open store has a views file to itself, so that two processes can't overtake each other's read models:
//! the first one on a file of books takes `<file>.views`, the next one `<file>.views2`, and so on.

use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use billing_core::log::Origin;
use billing_core::store::{Checkpoint, RowStore, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use crate::connect::{Connector, Durability, beside};
use crate::failure::{damaged, is_damage, store_error};
use crate::locks::lock_file;
use crate::open::{Mark, mark};
use crate::pool::Pool;
use crate::queue::{closed, locked};
use crate::schema::{FORMAT, VIEWS, VIEWS_TABLES};
use crate::snapshots::{Kept, Outbox, Place};
use crate::tables;
use crate::writer::{roll_back, run};

/// An open views file.
#[derive(Debug)]
pub(crate) struct Views {
    connector: Connector,
    writing: Mutex<Option<Connection>>,
    reading: Pool,
    damaged: AtomicBool,
    snapshots: Outbox,
    /// The lock that makes it ours; given back when the file is closed.
    ours: Mutex<Option<File>>,
}

/// More stores than this on one file of books at the same time are refused.
const MOST_STORES: u32 = 1_000;

impl Views {
    /// Opens the first views file that no other store holds. What can't be read is thrown away.
    pub(crate) fn open(books: &Connector) -> Result<Self, StoreError> {
        let io_error = |error: io::Error| StoreError::Unavailable(format!("the file of views: {error}"));
        let (ours, path) = (1..=MOST_STORES)
            .find_map(|number| {
                let ending = if number == 1 { ".views".to_owned() } else { format!(".views{number}") };
                let path = beside(&books.path, &ending);
                let lock = lock_file(&beside(&path, ".lock")).map(|file| file.try_lock().ok().map(|()| file));
                lock.map(|held| held.map(|file| (file, path))).transpose()
            })
            .ok_or_else(|| StoreError::Unavailable("too many stores are open on this file".into()))?
            .map_err(io_error)?;
        let connector =
            Connector { path, durability: Durability::Normal, patience: books.patience, most_bytes: None };
        let opened = match prepare(&connector) {
            Ok(db) => db,
            Err(_) => {
                throw_away(&connector.path).map_err(io_error)?;
                prepare(&connector).map_err(store_error)?
            }
        };
        let reading = Pool::new(connector.clone(), 2);
        let (writing, damaged) = (Mutex::new(Some(opened)), AtomicBool::new(false));
        let (snapshots, ours) = (Outbox::default(), Mutex::new(Some(ours)));
        Ok(Views { connector, writing, reading, damaged, snapshots, ours })
    }

    /// Closes the file.
    pub(crate) fn close(&self) {
        self.reading.close();
        drop(locked(&self.writing).take());
        drop(locked(&self.ours).take());
    }

    /// The snapshot of a stream, and the hash of the line that it ends with.
    pub(crate) fn snapshot(&self, place: &Place) -> Result<Option<Kept>, StoreError> {
        self.check()?;
        match self.snapshots.get(place) {
            Some(waiting) => Ok(Some(Kept::clone(&waiting))),
            None => self.read(|db| tables::snapshot(db, place)),
        }
    }

    /// Has a snapshot kept soon, and at once where too many wait.
    pub(crate) fn save_snapshot(&self, place: &Place, kept: Kept) -> Result<(), StoreError> {
        self.check()?;
        let kept = Arc::new(kept);
        if self.snapshots.put(place, &kept) { Ok(()) } else { self.write_snapshot(place, &kept) }
    }

    /// The work of the thread that writes snapshots: lasts until there are no more to come.
    pub(crate) fn keep_snapshots(&self) {
        while let Some((place, kept)) = self.snapshots.take() {
            if let Err(why) = self.write_snapshot(&place, &kept) {
                tracing::warn!(stream = place.1, %why, "snapshot not kept");
            }
            self.snapshots.written(&place, &kept);
        }
    }

    /// Takes no more snapshots for later.
    pub(crate) fn finish_snapshots(&self) {
        self.snapshots.close();
    }

    fn write_snapshot(&self, place: &Place, kept: &Kept) -> Result<(), StoreError> {
        self.write(|db| tables::replace_snapshot(db, place, kept))
    }

    fn read<T>(&self, with: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.check()?;
        self.reading.read(with)?.map_err(|error| self.failed(error))
    }

    fn write<T>(&self, with: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.check()?;
        let writing = locked(&self.writing);
        let db = writing.as_ref().ok_or_else(closed)?;
        let written = run(db, "BEGIN IMMEDIATE").and_then(|()| with(db)).and_then(|done| {
            run(db, "COMMIT")?;
            Ok(done)
        });
        written.map_err(|error| {
            // What could not be taken back is taken back when the connection is closed.
            let _ = roll_back(db);
            self.failed(error)
        })
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.damaged.load(Ordering::Relaxed) { Err(thrown_away()) } else { Ok(()) }
    }

    /// Damage ends the use of the file: rows that are gone must not be taken for rows that never were. The
    /// next opening builds them anew.
    fn failed(&self, error: rusqlite::Error) -> StoreError {
        if !is_damage(&error) {
            return store_error(error);
        }
        self.damaged.store(true, Ordering::Relaxed);
        if let Err(error) = throw_away(&self.connector.path) {
            tracing::warn!(%error, "a damaged file of views could not be deleted");
        }
        thrown_away()
    }
}

fn thrown_away() -> StoreError {
    StoreError::Unavailable("the file of views is damaged; open the store again to have it built anew".into())
}

/// Opens the file and makes its tables. What is not a views file of this format is an error.
fn prepare(connector: &Connector) -> rusqlite::Result<Connection> {
    let db = connector.writing()?;
    match mark(&db, VIEWS)? {
        Mark::Ours(FORMAT) => Ok(db),
        Mark::Empty => {
            db.execute_batch("BEGIN IMMEDIATE")?;
            db.execute_batch(VIEWS_TABLES)?;
            db.pragma_update(None, "application_id", VIEWS)?;
            db.pragma_update(None, "user_version", FORMAT)?;
            db.execute_batch("COMMIT")?;
            Ok(db)
        }
        Mark::Ours(_) | Mark::Foreign => Err(damaged(0, StoreError::Unavailable("no views".into()))),
    }
}

fn throw_away(path: &Path) -> io::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

impl RowStore for Views {
    fn checkpoint(&self, book: &Origin, view: &str) -> Result<Option<Checkpoint>, StoreError> {
        self.read(|db| {
            let sql = "SELECT head, fingerprint FROM view WHERE book = ?1 AND name = ?2";
            let read = |row: &rusqlite::Row<'_>| {
                let head: String = row.get(0)?;
                let head = head.parse().map_err(|why| damaged(0, why))?;
                Ok(Checkpoint { head, fingerprint: tables::digest(row, 1)? })
            };
            db.prepare_cached(sql)?.query_row([book.as_str(), view], read).optional()
        })
    }

    fn get(&self, book: &Origin, view: &str, key: &str) -> Result<Option<String>, StoreError> {
        self.read(|db| {
            let sql = "SELECT value FROM view_row
                       WHERE view = (SELECT number FROM view WHERE book = ?1 AND name = ?2) AND key = ?3";
            db.prepare_cached(sql)?.query_row([book.as_str(), view, key], |row| row.get(0)).optional()
        })
    }

    fn scan(
        &self,
        book: &Origin,
        view: &str,
        from: &str,
        to: Option<&str>,
        visit: &mut dyn FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.read(|db| {
            let sql = "SELECT key, value FROM view_row
                       WHERE view = (SELECT number FROM view WHERE book = ?1 AND name = ?2)
                         AND key >= ?3 AND (?4 IS NULL OR key < ?4) ORDER BY key";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query(params![book.as_str(), view, from, to])?;
            while let Some(row) = rows.next()? {
                if visit(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    fn save(
        &self,
        book: &Origin,
        view: &str,
        checkpoint: &Checkpoint,
        changed: &mut dyn Iterator<Item = (&str, Option<&str>)>,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let sql = "INSERT INTO view (book, name, head, fingerprint) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (book, name) DO UPDATE SET head = ?3, fingerprint = ?4 RETURNING number";
            let head = checkpoint.head.to_string();
            let values = params![book.as_str(), view, head, checkpoint.fingerprint.bytes()];
            let number: i64 = db.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
            let mut put = db.prepare_cached(
                "INSERT INTO view_row (view, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (view, key) DO UPDATE SET value = ?3",
            )?;
            let mut remove = db.prepare_cached("DELETE FROM view_row WHERE view = ?1 AND key = ?2")?;
            for (key, value) in changed {
                match value {
                    Some(value) => put.execute(params![number, key, value])?,
                    None => remove.execute(params![number, key])?,
                };
            }
            Ok(())
        })
    }

    fn clear(&self, book: &Origin, view: &str) -> Result<(), StoreError> {
        self.write(|db| {
            let rows =
                "DELETE FROM view_row WHERE view = (SELECT number FROM view WHERE book = ?1 AND name = ?2)";
            db.prepare_cached(rows)?.execute([book.as_str(), view])?;
            let checkpoint = "DELETE FROM view WHERE book = ?1 AND name = ?2";
            db.prepare_cached(checkpoint)?.execute([book.as_str(), view])?;
            Ok(())
        })
    }
}
