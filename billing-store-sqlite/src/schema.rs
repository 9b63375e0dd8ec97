//! The stored format: its tables, and what marks a file as ours.
//!
//! The log's tables only grow. Triggers stop whoever updates or deletes by mistake; who does it on purpose is
//! seen by the chain.

/// `PRAGMA application_id` of a file of books: "Book" in ASCII.
pub(crate) const BOOKS: i32 = 0x426F_6F6B;

/// `PRAGMA application_id` of a file of views: "View" in ASCII.
pub(crate) const VIEWS: i32 = 0x5669_6577;

/// The stored format that this version of the library writes, kept as `PRAGMA user_version`.
pub const FORMAT: i32 = 1;

/// Bits of a line's `place` that hold its position; the bits above hold the number of its book.
///
/// One integer key keeps every book's lines together and in order in the table's own tree, so that a line
/// costs one insert there and one in the index of streams.
pub(crate) const POSITION_BITS: u32 = 40;

/// The tables of a file of books.
///
/// `book` holds the head of each book, which alone moves on. Columns beside `line.line` are copies for finding
/// it. A command is kept under the bytes of its id and of the account it is a part for (empty: none).
pub(crate) const BOOKS_TABLES: &str = "
CREATE TABLE book (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE line (
    place INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    line TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX line_of_stream ON line (book, stream, version);
CREATE TABLE command (
    book INTEGER NOT NULL,
    id BLOB NOT NULL,
    part BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    now INTEGER NOT NULL,
    by TEXT NOT NULL,
    digest BLOB NOT NULL,
    request TEXT,
    PRIMARY KEY (book, id, part)
) STRICT, WITHOUT ROWID;
CREATE TABLE claim (
    book INTEGER NOT NULL,
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    stream TEXT NOT NULL,
    PRIMARY KEY (book, space, key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER book_only_grows BEFORE UPDATE ON book
    WHEN NEW.number <> OLD.number OR NEW.origin <> OLD.origin OR NEW.position < OLD.position
    BEGIN SELECT RAISE(ABORT, 'a book only grows'); END;
CREATE TRIGGER book_is_kept BEFORE DELETE ON book
    BEGIN SELECT RAISE(ABORT, 'a book is never deleted'); END;
CREATE TRIGGER line_is_not_changed BEFORE UPDATE ON line
    BEGIN SELECT RAISE(ABORT, 'a line of the log is never changed'); END;
CREATE TRIGGER line_is_kept BEFORE DELETE ON line
    BEGIN SELECT RAISE(ABORT, 'a line of the log is never deleted'); END;
CREATE TRIGGER command_is_not_changed BEFORE UPDATE ON command
    BEGIN SELECT RAISE(ABORT, 'a recorded command is never changed'); END;
CREATE TRIGGER command_is_kept BEFORE DELETE ON command
    BEGIN SELECT RAISE(ABORT, 'a recorded command is never deleted'); END;
CREATE TRIGGER claim_is_not_changed BEFORE UPDATE ON claim
    BEGIN SELECT RAISE(ABORT, 'a claim is never changed'); END;
CREATE TRIGGER claim_is_kept BEFORE DELETE ON claim
    BEGIN SELECT RAISE(ABORT, 'a claim is never deleted'); END;
";

/// The tables of a file of views: rows of read models with their checkpoints, and snapshots of streams.
///
/// A snapshot carries the hash of its body, because JSON with a flipped bit may still read as another amount,
/// and the hash of the line that it ends with, because the log may since have been replaced by an older copy.
pub(crate) const VIEWS_TABLES: &str = "
CREATE TABLE view (
    number INTEGER PRIMARY KEY,
    book TEXT NOT NULL,
    name TEXT NOT NULL,
    head TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    UNIQUE (book, name)
) STRICT;
CREATE TABLE view_row (
    view INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (view, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
    book TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    body BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    line_hash BLOB,
    PRIMARY KEY (book, stream)
) STRICT;
";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;
    use crate::connect::{Connector, Durability};

    /// The store's own kind of connection, on a book that holds one line, one command and one claim.
    fn kept(folder: &tempfile::TempDir) -> Connection {
        let connector = Connector {
            path: folder.path().join("books.db"),
            durability: Durability::Full,
            patience: Duration::from_secs(1),
            most_bytes: None,
        };
        let db = connector.writing().unwrap();
        db.execute_batch(BOOKS_TABLES).unwrap();
        db.execute_batch(
            "INSERT INTO book VALUES (1, 'acme', 1, x'00', 0);
             INSERT INTO line VALUES (1099511627777, 1, 'book', 1, '{}');
             INSERT INTO command VALUES (1, x'01', x'', 1, 1, 0, 'user:ann', x'00', '{}');
             INSERT INTO claim VALUES (1, 'account.reference', 'A-1', 'book');",
        )
        .unwrap();
        db
    }

    #[test]
    fn what_is_kept_is_never_changed_or_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let db = kept(&folder);
        for (sql, refusal) in [
            ("UPDATE line SET line = '[]'", "a line of the log is never changed"),
            ("DELETE FROM line", "a line of the log is never deleted"),
            (
                "REPLACE INTO line VALUES (1099511627777, 1, 'book', 1, '[]')",
                "a line of the log is never deleted",
            ),
            (
                "REPLACE INTO line VALUES (1099511627778, 1, 'book', 1, '[]')",
                "a line of the log is never deleted",
            ),
            ("UPDATE command SET request = NULL", "a recorded command is never changed"),
            ("DELETE FROM command", "a recorded command is never deleted"),
            (
                "REPLACE INTO command VALUES (1, x'01', x'', 1, 1, 0, 'user:bob', x'00', '{}')",
                "a recorded command is never deleted",
            ),
            ("UPDATE claim SET stream = 'catalogue'", "a claim is never changed"),
            ("DELETE FROM claim", "a claim is never deleted"),
            (
                "REPLACE INTO claim VALUES (1, 'account.reference', 'A-1', 'catalogue')",
                "a claim is never deleted",
            ),
            ("UPDATE book SET position = 0", "a book only grows"),
            ("UPDATE book SET origin = 'other'", "a book only grows"),
            ("DELETE FROM book", "a book is never deleted"),
            ("REPLACE INTO book VALUES (1, 'acme', 0, x'00', 0)", "a book is never deleted"),
        ] {
            let refused = db.execute(sql, []).unwrap_err().to_string();
            assert_eq!(refused, refusal, "{sql}");
        }
        db.execute("UPDATE book SET position = 2", []).unwrap();
    }

    #[test]
    fn a_connection_is_hardened() {
        let folder = tempfile::tempdir().unwrap();
        let db = kept(&folder);
        let attach = format!("ATTACH '{}' AS other", folder.path().join("other.db").display());
        assert_eq!(db.execute(&attach, []).unwrap_err().to_string(), "too many attached databases - max 0");
        assert!(db.execute("UPDATE sqlite_schema SET sql = ''", []).is_err());
        assert!(db.execute("INSERT INTO claim VALUES (1, 2, x'00', NULL)", []).is_err(), "tables are strict");
        let on = |pragma| db.pragma_query_value::<i64, _>(None, pragma, |row| row.get(0)).unwrap();
        assert_eq!((on("trusted_schema"), on("cell_size_check"), on("recursive_triggers")), (0, 1, 1));
        assert_eq!(on("synchronous"), 2, "FULL");
        assert_eq!(on("page_size"), 8_192);
    }

    #[test]
    fn a_file_of_smaller_pages_is_written_on_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let before = Connection::open(folder.path().join("books.db")).unwrap();
        before.execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;").unwrap();
        drop(before);
        let db = kept(&folder);
        let pages: i64 = db.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
        assert_eq!(pages, 4_096);
    }
}
