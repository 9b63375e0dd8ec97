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
