//! Every statement that reads or writes the log's tables, one function each.

use billing_core::decision::Claim;
use billing_core::kernel::timestamp::Timestamp;
use billing_core::log::{ActorId, CommandKey, Digest, Head, Origin, Position, Tail};
use billing_core::store::{CommandRecord, Snapshot};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row, params};

use crate::failure::damaged;
use crate::schema::POSITION_BITS;
use crate::snapshots::{Kept, Place};

/// A book as its row says: the number that stands for it in every key, and its end.
pub(crate) struct BookRow {
    pub(crate) number: i64,
    pub(crate) tail: Tail,
}

/// The integer key of a line, or `None` beyond what a file can hold: 2^22 books of 2^40 lines each.
pub(crate) fn place(book: i64, position: Position) -> Option<i64> {
    let position = i64::try_from(position.get()).ok().filter(|position| position >> POSITION_BITS == 0)?;
    let base = book.checked_mul(1 << POSITION_BITS)?;
    base.checked_add(position)
}

/// The position in a line's integer key.
pub(crate) fn position_at(place: i64) -> Position {
    let position = place & ((1 << POSITION_BITS) - 1);
    Position::from(u64::try_from(position).unwrap_or_default())
}

/// A book that holds lines, or `None`.
pub(crate) fn book(db: &Connection, origin: &Origin) -> Result<Option<BookRow>> {
    let sql = "SELECT number, position, hash, at FROM book WHERE origin = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let read = |row: &Row<'_>| {
        let at = Timestamp::from_millis(row.get(3)?).map_err(|why| damaged(3, why))?;
        let head = Head { origin: origin.clone(), position: natural(row, 1)?.into(), hash: digest(row, 2)? };
        Ok(BookRow { number: row.get(0)?, tail: Tail { head, at } })
    };
    statement.query_row([origin.as_str()], read).optional()
}

/// The heads of all books, in order of their names.
pub(crate) fn heads(db: &Connection) -> Result<Vec<Head>> {
    let mut statement = db.prepare_cached("SELECT origin, position, hash FROM book ORDER BY origin")?;
    let read = |row: &Row<'_>| {
        let origin: String = row.get(0)?;
        let origin = origin.parse().map_err(|why| damaged(0, why))?;
        Ok(Head { origin, position: natural(row, 1)?.into(), hash: digest(row, 2)? })
    };
    statement.query_map([], read)?.collect()
}

/// Makes a book, as yet without a line, and gives its number.
pub(crate) fn insert_book(db: &Connection, tail: &Tail) -> Result<i64> {
    let sql = "INSERT INTO book (number, origin, position, hash, at)
               VALUES ((SELECT coalesce(max(number), 0) + 1 FROM book), ?1, 0, ?2, ?3) RETURNING number";
    let mut statement = db.prepare_cached(sql)?;
    let values = params![tail.head.origin.as_str(), tail.head.hash.bytes(), tail.at.millis()];
    statement.query_row(values, |row| row.get(0))
}

/// Moves the end of a book on.
pub(crate) fn move_book(db: &Connection, number: i64, tail: &Tail) -> Result<()> {
    let mut statement =
        db.prepare_cached("UPDATE book SET position = ?2, hash = ?3, at = ?4 WHERE number = ?1")?;
    let position = whole(tail.head.position.get())?;
    statement.execute(params![number, position, tail.head.hash.bytes(), tail.at.millis()])?;
    Ok(())
}

/// How many events a stream holds.
pub(crate) fn version(db: &Connection, book: i64, stream: &str) -> Result<u64> {
    version_with(&mut version_query(db)?, book, stream)
}

/// The statement behind [`version`], looked up once for many streams.
pub(crate) fn version_query(db: &Connection) -> Result<CachedStatement<'_>> {
    db.prepare_cached("SELECT coalesce(max(version), 0) FROM line WHERE book = ?1 AND stream = ?2")
}

/// How many events a stream holds, by a statement that is at hand.
pub(crate) fn version_with(query: &mut CachedStatement<'_>, book: i64, stream: &str) -> Result<u64> {
    query.query_row(params![book, stream], |row| natural(row, 0))
}

/// The statement behind [`insert_line`], looked up once for many lines.
pub(crate) fn line_insert(db: &Connection) -> Result<CachedStatement<'_>> {
    db.prepare_cached("INSERT INTO line (place, book, stream, version, line) VALUES (?1, ?2, ?3, ?4, ?5)")
}

/// Keeps a line at its place.
pub(crate) fn insert_line(
    insert: &mut CachedStatement<'_>,
    book: i64,
    position: Position,
    stream: &str,
    version: u64,
    line: &str,
) -> Result<()> {
    let place = place(book, position).ok_or_else(|| out_of_range(position.get()))?;
    insert.execute(params![place, book, stream, whole(version)?, line])?;
    Ok(())
}

/// Shows the last line of a book: where it stands and its bytes.
pub(crate) fn last_line<T>(
    db: &Connection,
    book: i64,
    see: impl FnOnce(Position, &[u8]) -> T,
) -> Result<Option<T>> {
    let sql = "SELECT place, line FROM line WHERE place > ?1 AND place < ?2 ORDER BY place DESC LIMIT 1";
    let mut statement = db.prepare_cached(sql)?;
    let from = place(book, Position::START);
    let mut rows = statement.query([from, from.and_then(|from| from.checked_add(1 << POSITION_BITS))])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(see(position_at(row.get(0)?), row.get_ref(1)?.as_bytes()?)))
}

/// Shows one line of a book.
pub(crate) fn line_at<T>(
    db: &Connection,
    book: i64,
    position: Position,
    see: impl FnOnce(&[u8]) -> T,
) -> Result<Option<T>> {
    let mut statement = db.prepare_cached("SELECT line FROM line WHERE place = ?1")?;
    let mut rows = statement.query([place(book, position)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(see(row.get_ref(0)?.as_bytes()?)))
}

/// The hash of the line that a stream has at a version.
pub(crate) fn hash_of_version(
    db: &Connection,
    origin: &Origin,
    stream: &str,
    version: u64,
) -> Result<Option<Digest>> {
    let sql = "SELECT line FROM line
               WHERE book = (SELECT number FROM book WHERE origin = ?1) AND stream = ?2 AND version = ?3";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![origin.as_str(), stream, whole(version)?])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Digest::of(row.get_ref(0)?.as_bytes()?)))
}

/// The version that each line from `first` to `last` has in its stream, in order.
pub(crate) fn versions(db: &Connection, book: i64, first: Position, last: Position) -> Result<Vec<u64>> {
    let sql = "SELECT version FROM line WHERE place BETWEEN ?1 AND ?2 ORDER BY place";
    let mut statement = db.prepare_cached(sql)?;
    let bounds = [place(book, first), place(book, last)];
    statement.query_map(bounds, |row| natural(row, 0))?.collect()
}

/// The record of a command.
pub(crate) fn command(db: &Connection, book: i64, key: &CommandKey) -> Result<Option<CommandRecord>> {
    let sql = "SELECT first, last, now, by, digest, request FROM command
               WHERE book = ?1 AND id = ?2 AND part = ?3";
    let mut statement = db.prepare_cached(sql)?;
    let read = |row: &Row<'_>| {
        let by: String = row.get(3)?;
        Ok(CommandRecord {
            key: *key,
            first: natural(row, 0)?.into(),
            last: natural(row, 1)?.into(),
            now: Timestamp::from_millis(row.get(2)?).map_err(|why| damaged(2, why))?,
            by: by.parse().map_err(|why| damaged(3, why))?,
            digest: digest(row, 4)?,
            request: row.get(5)?,
        })
    };
    statement.query_row(params![book, key.id.uuid().as_bytes(), part(key)], read).optional()
}

/// What is kept of a command, borrowed from wherever it stands.
pub(crate) struct CommandRow<'a> {
    pub(crate) key: CommandKey,
    pub(crate) request: Option<&'a str>,
    pub(crate) digest: Digest,
    pub(crate) by: &'a ActorId,
    pub(crate) now: Timestamp,
    pub(crate) first: Position,
    pub(crate) last: Position,
}

/// The statement behind [`insert_command`], looked up once for many commands.
pub(crate) fn command_insert(db: &Connection) -> Result<CachedStatement<'_>> {
    db.prepare_cached(
        "INSERT INTO command (book, id, part, first, last, now, by, digest, request)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (book, id, part) DO NOTHING",
    )
}

/// Keeps the record of a command; `false` where one stands under its key, which is left as it is.
pub(crate) fn insert_command(
    insert: &mut CachedStatement<'_>,
    book: i64,
    command: &CommandRow<'_>,
) -> Result<bool> {
    let kept = insert.execute(params![
        book,
        command.key.id.uuid().as_bytes(),
        part(&command.key),
        whole(command.first.get())?,
        whole(command.last.get())?,
        command.now.millis(),
        command.by.as_str(),
        command.digest.bytes(),
        command.request,
    ])?;
    Ok(kept > 0)
}

fn part(key: &CommandKey) -> Vec<u8> {
    key.part.map(|account| account.uuid().as_bytes().to_vec()).unwrap_or_default()
}

/// The stream that holds a claim, as it was written.
pub(crate) fn claim(db: &Connection, book: i64, claim: &Claim) -> Result<Option<String>> {
    let sql = "SELECT stream FROM claim WHERE book = ?1 AND space = ?2 AND key = ?3";
    let mut statement = db.prepare_cached(sql)?;
    statement.query_row(params![book, claim.space, claim.key.as_str()], |row| row.get(0)).optional()
}

/// Keeps a claim.
pub(crate) fn insert_claim(db: &Connection, book: i64, claim: &Claim, stream: &str) -> Result<()> {
    let mut statement =
        db.prepare_cached("INSERT INTO claim (book, space, key, stream) VALUES (?1, ?2, ?3, ?4)")?;
    statement.execute(params![book, claim.space, claim.key.as_str(), stream])?;
    Ok(())
}

/// A snapshot, unless its body is not as it was kept.
pub(crate) fn snapshot(db: &Connection, (book, stream): &Place) -> Result<Option<Kept>> {
    let sql = "SELECT version, fingerprint, body, body_hash, line_hash FROM snapshot
               WHERE book = ?1 AND stream = ?2";
    let mut statement = db.prepare_cached(sql)?;
    let read = |row: &Row<'_>| {
        let body: Vec<u8> = row.get(2)?;
        let whole = Digest::of(&body) == digest(row, 3)?;
        let line_hash = row.get::<_, Option<[u8; 32]>>(4)?.map(Digest::from);
        let snapshot = Snapshot { version: natural(row, 0)?.into(), fingerprint: digest(row, 1)?, body };
        Ok(whole.then_some(Kept { snapshot, line_hash }))
    };
    let found = statement.query_row(params![book.as_str(), stream], read).optional()?;
    Ok(found.flatten())
}

/// Keeps a snapshot in place of an earlier one.
pub(crate) fn replace_snapshot(db: &Connection, (book, stream): &Place, kept: &Kept) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO snapshot
               (book, stream, version, fingerprint, body, body_hash, line_hash)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let Kept { snapshot, line_hash } = kept;
    db.prepare_cached(sql)?.execute(params![
        book.as_str(),
        stream,
        whole(snapshot.version.get())?,
        snapshot.fingerprint.bytes(),
        snapshot.body,
        Digest::of(&snapshot.body).bytes(),
        line_hash.as_ref().map(Digest::bytes),
    ])?;
    Ok(())
}

/// A number that is stored as SQLite's signed integer.
pub(crate) fn natural(row: &Row<'_>, column: usize) -> Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The number as SQLite's signed integer.
pub(crate) fn whole(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| out_of_range(number))
}

/// A digest that is stored as its 32 bytes.
pub(crate) fn digest(row: &Row<'_>, column: usize) -> Result<Digest> {
    row.get::<_, [u8; 32]>(column).map(Digest::from)
}

fn out_of_range(number: u64) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(
        format!("{number} is more than a file of books can count to").into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_book_and_position() {
        let last = Position::from((1 << 40) - 1);
        assert_eq!(place(1, Position::from(1)), Some((1 << 40) + 1));
        assert_eq!(place(3, last), Some((4 << 40) - 1));
        assert_eq!(position_at((4 << 40) - 1), last);
        assert_eq!(place(1, last.next()), None);
        assert_eq!(place(1 << 22, last).map(position_at), Some(last));
        assert_eq!(place(1 << 23, last), None);
    }
}
