//! The floor under all writing and reading: raw rusqlite with the same tables, pragmas and bytes, and nothing else.
//!
//! It neither decides nor serialises, hashes or checks: it is handed finished rows. No store can be faster.

use std::ops::ControlFlow;
use std::path::Path;

use billing_core::book::Event;
use billing_core::log::{Digest, Line, Origin, Position};
use billing_core::store::{CommandRecord, Store};
use billing_store_sqlite::SqliteStore;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};

use crate::Outcome;

/// What one command has recorded, as rows.
#[derive(Debug)]
pub struct Commit {
    command: CommandRecord,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    position: i64,
    stream: String,
    version: i64,
    line: String,
}

/// Reads what was recorded behind a position, commit by commit, at most this many lines and the commit they end in.
pub fn commits(store: &SqliteStore, book: &Origin, after: Position, lines: usize) -> Outcome<Vec<Commit>> {
    let mut found: Vec<(billing_core::log::CommandKey, Vec<Row>)> = Vec::new();
    let (mut failed, mut seen) = (None, 0);
    store.read_log(book, after, &mut |row| {
        let mut take = || -> Outcome<ControlFlow<()>> {
            let line = Line::parse(row.line)?;
            let new = found.last().is_none_or(|(key, _)| *key != line.command);
            if new && seen >= lines {
                return Ok(ControlFlow::Break(()));
            }
            if new {
                found.push((line.command, Vec::new()));
            }
            seen += 1;
            let kept = Row {
                position: i64::try_from(row.position.get())?,
                stream: row.stream.to_owned(),
                version: i64::try_from(row.version.get())?,
                line: std::str::from_utf8(row.line)?.to_owned(),
            };
            if let Some((_, rows)) = found.last_mut() {
                rows.push(kept);
            }
            Ok(ControlFlow::Continue(()))
        };
        take().unwrap_or_else(|error| {
            failed = Some(error);
            ControlFlow::Break(())
        })
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let with_record = found.into_iter().map(|(key, rows)| {
        let command = store.command(book, &key)?.ok_or("a line without its command")?;
        Ok(Commit { command, rows })
    });
    with_record.collect()
}

/// The last position of a commit.
pub fn last(commit: &Commit) -> Position {
    commit.command.last
}

/// A file of books that is written to behind the store's back.
#[derive(Debug)]
pub struct Floor {
    db: Connection,
}

/// The key of the first line of the one book in the file, less one.
const PLACE: i64 = 1 << 40;

impl Floor {
    /// Makes a file of the store's own tables, with one book in it.
    pub fn make(path: &Path, book: &Origin) -> Outcome<Floor> {
        SqliteStore::open(path)?.close();
        let floor = Floor::open(path)?;
        let sql = "INSERT INTO book (number, origin, position, hash, at) VALUES (1, ?1, 0, zeroblob(32), 0)";
        floor.db.execute(sql, [book.as_str()])?;
        Ok(floor)
    }

    /// Opens a file as the store does for writing.
    pub fn open(path: &Path) -> Outcome<Floor> {
        let db = Connection::open(path)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        Ok(Floor { db })
    }

    /// Writes commits in one transaction.
    pub fn write(&self, group: &[Commit]) -> Outcome<()> {
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let sql = "INSERT INTO line (place, book, stream, version, line) VALUES (?1, 1, ?2, ?3, ?4)";
        let mut line = self.db.prepare_cached(sql)?;
        let sql = "INSERT INTO command (book, id, part, first, last, now, by, digest, request)
                   VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut command = self.db.prepare_cached(sql)?;
        let mut head = (0, 0, Digest::from([0; 32]));
        for Commit { command: record, rows } in group {
            for row in rows {
                line.execute(params![PLACE + row.position, row.stream, row.version, row.line])?;
                head.0 = row.position;
            }
            let part = record.key.part.map(|account| account.uuid().as_bytes().to_vec()).unwrap_or_default();
            command.execute(params![
                record.key.id.uuid().as_bytes(),
                part,
                i64::try_from(record.first.get())?,
                i64::try_from(record.last.get())?,
                record.now.millis(),
                record.by.as_str(),
                record.digest.bytes(),
                record.request,
            ])?;
            head = (head.0, record.now.millis(), record.digest);
        }
        let sql = "UPDATE book SET position = ?1, hash = ?2, at = ?3 WHERE number = 1";
        self.db.prepare_cached(sql)?.execute(params![head.0, head.2.bytes(), head.1])?;
        self.db.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// Reads every line of a book in order, hashes it, takes it apart and reads its payload; how many there are.
    pub fn read(&self) -> Outcome<usize> {
        let mut statement = self.db.prepare("SELECT line FROM line ORDER BY place")?;
        let mut rows = statement.query([])?;
        let mut lines = 0;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_bytes()?;
            std::hint::black_box(Digest::of(bytes));
            let line = Line::parse(bytes)?;
            std::hint::black_box(Event::decode(line.event_type, line.schema.get(), line.data)?);
            lines += 1;
        }
        Ok(lines)
    }

    /// Moves the write-ahead log into the file.
    pub fn settle(&self) -> Outcome<()> {
        Ok(self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }
}
