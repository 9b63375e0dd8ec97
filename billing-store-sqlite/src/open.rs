//! Opening a file of books: what is asked of it, what is checked, why it may be refused.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use crate::checkpoint::empty_wal;
use crate::connect::{Connector, Durability, beside};
use crate::failure::is_damage;
use crate::locks::{Turnstile, lock_file, patiently};
use crate::schema::{BOOKS, BOOKS_TABLES, FORMAT};
use crate::store::SqliteStore;

/// How to open a file of books.
///
/// ```
/// use std::time::Duration;
/// use billing_store_sqlite::{Durability, SqliteStore};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("books.db");
/// let store = SqliteStore::options()
///     .durability(Durability::Full)
///     .read_connections(2)
///     .patience(Duration::from_secs(5))
///     .open(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    durability: Durability,
    read_connections: usize,
    patience: Duration,
    most_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            durability: Durability::Full,
            read_connections: 4,
            patience: Duration::from_secs(10),
            most_bytes: None,
        }
    }
}

impl Options {
    /// How safe a commit is when it is acknowledged; [`Durability::Full`] unless said otherwise.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How many idle connections are kept for readers; 4 unless said otherwise. More are opened when needed, up to
    /// 32 at the same time; who comes then waits for one.
    pub fn read_connections(mut self, count: usize) -> Self {
        self.read_connections = count;
        self
    }

    /// How long to wait for other processes before saying that the store can't be reached; 10 seconds unless
    /// said otherwise.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The most bytes that the file of books may grow to, in whole pages of 8 KiB. What does not fit is
    /// refused as [`StoreError::Full`](billing_core::store::StoreError::Full), as it is when the disk is full.
    pub fn most_bytes(mut self, most: u64) -> Self {
        self.most_bytes = Some(most);
        self
    }

    /// Opens a file of books, or makes it.
    ///
    /// Processes that know the same stored format share a file. Beside it stand its write-ahead log (`-wal`,
    /// `-shm`), its locks (`.lock`, `.turn`) and the disposable file of views (`.views`).
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, OpenError> {
        check_sqlite(rusqlite::version_number(), rusqlite::version())?;
        let path = resolve(path.as_ref())?;
        let Options { durability, read_connections, patience, most_bytes } = self;
        let connector = Connector { path, durability, patience, most_bytes };
        let opened = Opened::check(connector)?;
        SqliteStore::start(opened, read_connections)
    }
}

/// Why a file of books was not opened. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// This SQLite can lose committed transactions (the WAL-reset bug of 3.7.0 to 3.51.2).
    #[error("SQLite {0} can lose what it has acknowledged; build with SQLite 3.51.3 or newer")]
    OldSqlite(String),
    /// The folder in which the file should stand does not exist.
    #[error("there is no folder {}; make it first", .0.display())]
    NoFolder(PathBuf),
    /// The file is something else than a file of books.
    #[error("{} is not a file of books; it was not touched", .0.display())]
    NotOurs(PathBuf),
    /// The file was written by a newer version of the library.
    #[error("{} has stored format {found}, and this version knows {known}; open it with a newer version", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its stored format.
        found: i32,
        /// The format that is known here.
        known: i32,
    },
    /// Another process has the file to itself: it restores a log, or holds a lock of another kind.
    #[error("{} is locked by another process (a restore?); try again when it is done", .0.display())]
    Locked(PathBuf),
    /// The file or its folder can't be written.
    #[error("{} can't be written ({why}); give write permission on the file and its folder", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// SQLite can't read the file.
    #[error("{} is damaged ({why}); restore a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// Anything else that the system says.
    #[error("{} can't be opened: {why}", path.display())]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

/// A file of books that has passed all checks.
pub(crate) struct Opened {
    pub(crate) connector: Connector,
    /// Held in common by all who use the file, and alone by who restores into it.
    pub(crate) shared: File,
    pub(crate) turnstile: Turnstile,
}

impl Opened {
    fn check(connector: Connector) -> Result<Self, OpenError> {
        let path = connector.path.clone();
        if fs::exists(&path).map_err(|error| io_error(&path, &error))? {
            let db = connector.reading().map_err(|error| sqlite_error(&path, &error))?;
            // First of all, so that nothing is left beside a file that is not ours.
            is_ours_or_empty(&db, &path)?;
        }
        let shared = lock_file(&beside(&path, ".lock")).map_err(|error| io_error(&path, &error))?;
        let turnstile = connector.turnstile().map_err(|error| io_error(&path, &error))?;
        let sharing = patiently(connector.patience, || shared.try_lock_shared());
        if !sharing.map_err(|error| io_error(&path, &error))? {
            return Err(OpenError::Locked(path));
        }
        let db = connector.writing().map_err(|error| sqlite_error(&path, &error))?;
        if is_ours_or_empty(&db, &path)? == Found::Empty {
            make_tables(&db, &path)?;
        }
        Ok(Opened { connector, shared, turnstile })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Ours,
    Empty,
}

fn is_ours_or_empty(db: &Connection, path: &Path) -> Result<Found, OpenError> {
    match mark(db, BOOKS).map_err(|error| sqlite_error(path, &error))? {
        Mark::Ours(FORMAT) => Ok(Found::Ours),
        Mark::Ours(found) if found > FORMAT => {
            Err(OpenError::NewerFormat { path: path.to_owned(), found, known: FORMAT })
        }
        Mark::Ours(_) | Mark::Foreign => Err(OpenError::NotOurs(path.to_owned())),
        Mark::Empty => Ok(Found::Empty),
    }
}

fn make_tables(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let make = || {
        db.execute_batch("BEGIN IMMEDIATE")?;
        // Somebody else may have made them just now.
        if mark(db, BOOKS)? == Mark::Empty {
            db.execute_batch(BOOKS_TABLES)?;
            db.pragma_update(None, "application_id", BOOKS)?;
            db.pragma_update(None, "user_version", FORMAT)?;
        }
        db.execute_batch("COMMIT")
    };
    make().map_err(|error| sqlite_error(path, &error))?;
    if let Err(error) = empty_wal(db) {
        tracing::debug!(%error, "somebody else uses the new file already");
    }
    // The name of a new file is durable only once its folder is.
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| io_error(path, &error))
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Ours, of this stored format.
    Ours(i32),
    /// Nobody's: it has no table yet.
    Empty,
    /// Somebody else's.
    Foreign,
}

/// Reads whose file it is.
pub(crate) fn mark(db: &Connection, ours: i32) -> rusqlite::Result<Mark> {
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application == ours {
        return Ok(Mark::Ours(format));
    }
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(if application == 0 && format == 0 && tables == 0 { Mark::Empty } else { Mark::Foreign })
}

fn check_sqlite(number: i32, name: &str) -> Result<(), OpenError> {
    if number < 3_051_003 { Err(OpenError::OldSqlite(name.to_owned())) } else { Ok(()) }
}

/// The one path of the file, whichever way it was named: the locks stand beside it.
fn resolve(path: &Path) -> Result<PathBuf, OpenError> {
    if let Ok(real) = path.canonicalize() {
        return Ok(real);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = folder.canonicalize().map_err(|_| OpenError::NoFolder(folder.to_owned()))?;
    let why = || OpenError::Unavailable { path: path.to_owned(), why: "it names no file".into() };
    Ok(real.join(path.file_name().ok_or_else(why)?))
}

fn io_error(path: &Path, error: &io::Error) -> OpenError {
    let (path, why) = (path.to_owned(), error.to_string());
    let read_only = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
    match read_only.contains(&error.kind()) {
        true => OpenError::ReadOnly { path, why },
        false => OpenError::Unavailable { path, why },
    }
}

fn sqlite_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    let (path, why) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotOurs(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly { path, why },
        Some(_) | None if is_damage(error) => OpenError::Damaged { path, why },
        Some(_) | None => OpenError::Unavailable { path, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_that_loses_commits_is_refused() {
        assert!(check_sqlite(3_051_003, "3.51.3").is_ok());
        let refused = check_sqlite(3_051_002, "3.51.2").unwrap_err();
        let said = "SQLite 3.51.2 can lose what it has acknowledged; build with SQLite 3.51.3 or newer";
        assert_eq!(refused.to_string(), said);
    }

    #[test]
    fn each_failure_of_the_system_has_its_words() {
        let path = Path::new("books.db");
        let denied = io_error(path, &io::ErrorKind::ReadOnlyFilesystem.into()).to_string();
        assert!(denied.starts_with("books.db can't be written ("), "{denied}");
        assert!(denied.ends_with("); give write permission on the file and its folder"), "{denied}");
        let code = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some("so".into()));
        let said = |number| sqlite_error(path, &code(number)).to_string();
        assert_eq!(said(rusqlite::ffi::SQLITE_CORRUPT), "books.db is damaged (so); restore a backup");
        assert_eq!(said(rusqlite::ffi::SQLITE_IOERR), "books.db can't be opened: so");
        assert_eq!(
            said(rusqlite::ffi::SQLITE_READONLY),
            "books.db can't be written (so); give write permission on the file and its folder"
        );
    }
}
