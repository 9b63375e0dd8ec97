//! Measures the store against raw rusqlite doing the same inserts: the price of the store itself.
//!
//! `cargo run --release -p billing-store-sqlite --example floor`
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use billing_core::kernel::ids::{AccountId, CommandId, time_ordered};
use billing_core::kernel::timestamp::Timestamp;
use billing_core::log::{Digest, NewEvent, Origin, StreamId, Tail, Version, seal};
use billing_core::store::{AppendBatch, Expect, NewCommand, Store};
use billing_store_sqlite::SqliteStore;
use rusqlite::{Connection, params};

const START: i64 = 1_790_000_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir_in(std::env::args().nth(1).unwrap_or_else(|| ".".into()))?;
    for (what, callers, at_once, beside, commands) in [
        ("one command a commit", 1, 1, 1, 500),
        ("64 callers", 64, 1, 64, 6_400),
        ("256 at once", 1, 256, 256, 12_800),
    ] {
        let at = |name: &str| folder.path().join(format!("{name}-{callers}-{at_once}.db"));
        let store = SqliteStore::open(at("store"))?;
        let mut raw = Floor::open(&at("floor"))?;
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        // In turns, and the best of each: other programs on the machine disturb both alike.
        for slice in 0..SLICES {
            let numbers = slice * commands..(slice + 1) * commands;
            ours.push(write_ours(&store, numbers.clone(), callers, at_once));
            let begun = Instant::now();
            for first in numbers.clone().step_by(beside) {
                let last = numbers.end.min(first + u64::try_from(beside)?);
                raw.write(&(first..last).map(batch).collect::<Vec<_>>())?;
            }
            floor.push(begun.elapsed());
        }
        let each = |mut taken: Vec<Duration>| {
            taken.sort();
            (
                taken[0].as_nanos() / u128::from(commands),
                taken[taken.len() / 2].as_nanos() / u128::from(commands),
            )
        };
        let (ours, floor) = (each(ours), each(floor));
        let ratio = (ours.0 * 100 / floor.0, ours.1 * 100 / floor.1);
        println!(
            "{what}: best {} ns, floor {} ns, {} %; middle {} ns, floor {} ns, {} %",
            ours.0, floor.0, ratio.0, ours.1, floor.1, ratio.1
        );
        store.close();
        println!("    {} bytes an account", std::fs::metadata(at("store"))?.len() / (commands * SLICES));
    }
    Ok(())
}

const SLICES: u64 = 15;

fn write_ours(store: &SqliteStore, numbers: std::ops::Range<u64>, callers: usize, at_once: u64) -> Duration {
    let next = AtomicU64::new(numbers.start);
    let begun = Instant::now();
    let call = || {
        loop {
            let first = next.fetch_add(at_once, Ordering::Relaxed);
            if first >= numbers.end {
                break;
            }
            let last = numbers.end.min(first + at_once);
            assert!(store.append((first..last).map(batch).collect()).iter().all(Result::is_ok));
        }
    };
    std::thread::scope(|scope| (0..callers).for_each(|_| drop(scope.spawn(call))));
    begun.elapsed()
}

/// Three lines of about 630 bytes on one account.
fn batch(number: u64) -> AppendBatch {
    let now = Timestamp::from_millis(START + i64::try_from(number).unwrap_or(0)).unwrap_or(Timestamp::EPOCH);
    let id = |kind: u8| time_ordered(now, [kind; 10]);
    let stream = StreamId::Account(AccountId::from_uuid(id(1)));
    let request = format!(
        r#"{{"command":"invoicing.issue_invoice","data":{{"account":"{stream}","period":"2026-11"}}}}"#
    );
    let filler = "x".repeat(200);
    let event = |index: usize| NewEvent {
        stream: stream.clone(),
        event_type: "invoicing.invoice_issued",
        schema: 1,
        data: format!(r#"{{"number":{number},"index":{index},"text":"{filler}"}}"#),
        cause: index.checked_sub(1),
    };
    AppendBatch {
        book: book(),
        command: NewCommand {
            key: CommandId::from_uuid(id(2)).into(),
            digest: Digest::of(request.as_bytes()),
            request,
            by: "user:ann".parse().unwrap_or_else(|_| unreachable!()),
            now,
        },
        guards: vec![(stream.clone(), Expect::Exactly(Version::NONE))],
        claims: Vec::new(),
        events: (0..3).map(event).collect(),
    }
}

fn book() -> Origin {
    "acme".parse().unwrap_or_else(|_| unreachable!())
}

/// What one would write by hand: lines with their chain, a version check, the record of the command.
struct Floor {
    db: Connection,
    tail: Tail,
}

impl Floor {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let db = Connection::open(path)?;
        db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE line (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
                                line TEXT NOT NULL) STRICT;
             CREATE UNIQUE INDEX stream_version ON line (stream, version);
             CREATE TABLE command (id BLOB PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
                                   digest BLOB NOT NULL, request TEXT NOT NULL) STRICT, WITHOUT ROWID;",
        )?;
        Ok(Floor { db, tail: Tail::empty(book()) })
    }

    fn write(&mut self, group: &[AppendBatch]) -> rusqlite::Result<()> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        for batch in group {
            let stream = batch.events[0].stream.to_string();
            let mut version: u64 = self
                .db
                .prepare_cached("SELECT coalesce(max(version), 0) FROM line WHERE stream = ?1")?
                .query_row([&stream], |row| row.get::<_, i64>(0))?
                .unsigned_abs();
            let first = self.tail.head.position.next();
            let lines = seal(&mut self.tail, &batch.command.stamp(), &batch.events, |_| {
                version += 1;
                version.into()
            });
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let mut insert = self.db.prepare_cached(
                "INSERT INTO line (position, stream, version, line) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for line in &lines {
                let (position, version) = (number(line.position.get()), number(line.version.get()));
                insert.execute(params![position, stream, version, line.line])?;
            }
            let mut record = self.db.prepare_cached("INSERT INTO command VALUES (?1, ?2, ?3, ?4, ?5)")?;
            record.execute(params![
                batch.command.key.id.uuid().as_bytes(),
                number(first.get()),
                number(self.tail.head.position.get()),
                batch.command.digest.bytes(),
                batch.command.request,
            ])?;
        }
        self.db.execute_batch("COMMIT")
    }
}
