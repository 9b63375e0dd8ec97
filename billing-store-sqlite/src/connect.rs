//! How a connection is opened: hardened, so that neither a file from elsewhere nor a mistake of ours can do harm.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::locks::{Turnstile, lock_file};

/// How safe a commit is when it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// On the disk: an acknowledged command survives a loss of power. SQLite's `synchronous=FULL`.
    #[default]
    Full,
    /// In the operating system's hands: survives a crash of the program; a loss of power may take the last
    /// commits, but never breaks the log. SQLite's `synchronous=NORMAL`.
    Normal,
}

/// All that is needed to open one more connection to a file.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    pub(crate) path: PathBuf,
    pub(crate) durability: Durability,
    /// How long to wait for other programs.
    pub(crate) patience: Duration,
    /// The most that the file may grow to.
    pub(crate) most_bytes: Option<u64>,
}

/// No stored value is longer, and none that is read is believed to be.
const LONGEST: i32 = 64 * 1024 * 1024;

/// How large the pages of a new file are. Twice SQLite's own choice: a bill has about a kilobyte, of which four in a
/// page waste an eighth of it, and a commit of many writes fewer pages. A file keeps what it was made with.
pub(crate) const PAGE_BYTES: i32 = 8_192;

/// Between two tries to get a lock that another process holds: about the time of a commit.
pub(crate) const PAUSE: Duration = Duration::from_micros(200);

impl Connector {
    /// A connection that may write. A file that is not there is made.
    pub(crate) fn writing(&self) -> rusqlite::Result<Connection> {
        let db = self.hardened(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        db.pragma_update(None, "page_size", PAGE_BYTES)?;
        db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        let synchronous = match self.durability {
            Durability::Full => "full",
            Durability::Normal => "normal",
        };
        db.pragma_update(None, "synchronous", synchronous)?;
        // Without this, INSERT OR REPLACE deletes the old row behind the back of the delete triggers.
        db.pragma_update(None, "recursive_triggers", true)?;
        if let Some(most) = self.most_bytes {
            let page: i64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = i64::try_from(most).unwrap_or(i64::MAX) / page.max(1);
            db.pragma_update_and_check(None, "max_page_count", pages.max(1), |_| Ok(()))?;
        }
        Ok(db)
    }

    /// A connection that only reads.
    pub(crate) fn reading(&self) -> rusqlite::Result<Connection> {
        let db = self.hardened(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Opened for writing all the same: a reader must be able to recover the WAL after a crash.
        db.pragma_update(None, "query_only", true)?;
        Ok(db)
    }

    /// A turnstile in front of the write lock, to be passed by one thread.
    pub(crate) fn turnstile(&self) -> io::Result<Turnstile> {
        lock_file(&beside(&self.path, ".turn")).map(Turnstile)
    }

    fn hardened(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let mut db = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let pauses = self.patience.as_micros() / PAUSE.as_micros();
        db.busy_handler(Some(move |tries: i32| {
            thread::sleep(PAUSE);
            u128::try_from(tries).is_ok_and(|tries| tries < pauses)
        }))?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // Plans don't depend on values: without this SQLite plans cached statements anew, again and again.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        db.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
        db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        db.pragma_update(None, "cell_size_check", true)?;
        db.set_prepared_statement_cache_capacity(32);
        Ok(db)
    }
}

/// The path of a file that stands beside another one: `books.db` and `.views` give `books.db.views`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
