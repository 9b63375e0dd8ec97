//! The write-ahead log stays short, whatever readers do.

mod common;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use billing_core::log::Position;
use billing_core::store::Store;
use billing_store_sqlite::{Durability, SqliteStore};
use common::{account, book, count_on, verify};
use rusqlite::Connection;

/// 32 MiB at which readers are waited for, and what comes in meanwhile.
const BOUND: u64 = 40 * 1024 * 1024;

#[test]
fn fifty_thousand_small_commits_beside_a_slow_reader() {
    assert_eq!(beside_a_slow_reader(50_000, &|_| None), Ok(()));
}

#[test]
fn the_harness_sees_a_write_ahead_log_that_never_begins_again() {
    // A reader that stays has the effect that a store without checkpoints would have.
    let said = beside_a_slow_reader(8_000, &|path| Some(staying(path))).unwrap_err();
    assert!(said.starts_with("the write-ahead log had "), "{said}");
}

#[test]
fn a_foreign_reader_that_stays_does_not_hold_the_writer_up() {
    assert_eq!(beside_a_foreign_reader(&staying, false), Ok(()));
}

#[test]
fn the_harness_sees_a_writer_that_is_held_up() {
    let writes = |path: &Path| {
        let foreign = Connection::open(path).unwrap();
        foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
        foreign
    };
    let said = beside_a_foreign_reader(&writes, false).unwrap_err();
    assert!(said.starts_with("a commit took "), "{said}");
}

#[test]
fn the_harness_sees_a_reader_that_was_never_in_the_way() {
    let said = beside_a_foreign_reader(&|path| Connection::open(path).unwrap(), false).unwrap_err();
    assert!(said.starts_with("the reader was not in the way"), "{said}");
}

#[test]
fn the_harness_sees_a_write_ahead_log_that_does_not_begin_again_when_the_reader_is_gone() {
    let said = beside_a_foreign_reader(&staying, true).unwrap_err();
    assert!(said.starts_with("the write-ahead log did not begin again"), "{said}");
}

/// A connection of another program, in the middle of reading.
fn staying(path: &Path) -> Connection {
    let foreign = Connection::open(path).unwrap();
    foreign.execute_batch("BEGIN; SELECT count(*) FROM line;").unwrap();
    foreign
}

/// A store on a new file. The policy is the same with both kinds of durability, and without flushes the tests are
/// short.
fn open(folder: &Path) -> SqliteStore {
    SqliteStore::options().durability(Durability::Normal).open(folder.join("books.db")).unwrap()
}

fn wal_bytes(folder: &Path) -> u64 {
    fs::metadata(folder.join("books.db-wal")).unwrap().len()
}

/// Commits so many times while a reader walks through the log and takes its time, and beside whoever else is there.
fn beside_a_slow_reader(commits: u64, beside: &dyn Fn(&Path) -> Option<Connection>) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let _beside = beside(&folder.path().join("books.db"));
    let done = AtomicBool::new(false);
    let longest = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut after = Position::START;
            while !done.load(Ordering::Relaxed) {
                let walked = store.read_log(&book(), after, &mut |row| {
                    after = row.position;
                    std::thread::sleep(Duration::from_millis(1));
                    if done.load(Ordering::Relaxed) {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                });
                walked.unwrap();
            }
        });
        let mut longest = 0;
        for number in 0..commits {
            count_on(&store, u128::from(number), account(1), number).unwrap();
            if number % 500 == 0 {
                longest = longest.max(wal_bytes(folder.path()));
            }
        }
        done.store(true, Ordering::Relaxed);
        longest
    });
    assert_eq!(verify(&store, &book()).unwrap(), store.head(&book()).unwrap());
    match (1..BOUND).contains(&longest) {
        true => Ok(()),
        false => Err(format!("the write-ahead log had {longest} bytes")),
    }
}

/// Commits beside somebody who is there from the beginning, and goes in the middle unless he stays to the end.
fn beside_a_foreign_reader(foreign: &dyn Fn(&Path) -> Connection, to_the_end: bool) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let foreign = foreign(&folder.path().join("books.db"));
    for number in 0..3_000 {
        let begun = now();
        let counted = count_on(&store, u128::from(number), account(1), number);
        if counted.is_err() || begun.elapsed() > Duration::from_secs(1) {
            return Err(format!("a commit took {:?}: {counted:?}", begun.elapsed()));
        }
    }
    let grown = wal_bytes(folder.path());
    if grown <= BOUND + BOUND / 2 {
        return Err(format!("the reader was not in the way: {grown} bytes"));
    }
    if !to_the_end {
        foreign.execute_batch("COMMIT").unwrap();
    }
    for number in 3_000..6_000 {
        count_on(&store, u128::from(number), account(1), number).unwrap();
    }
    let later = wal_bytes(folder.path());
    match later < grown + 5 * 1024 * 1024 {
        true => Ok(()),
        false => Err(format!("the write-ahead log did not begin again: {grown} bytes, then {later}")),
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures how long a caller waits")]
fn now() -> Instant {
    Instant::now()
}
