//! The write-ahead log stays short, whatever readers do.

mod common;

use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use billing_core::log::Position;
use billing_core::store::Store;
use billing_store_sqlite::{Durability, SqliteStore};
use common::{account, book, count_on, verify};

/// 16 MiB at which readers are waited for, and what comes in meanwhile.
const BOUND: u64 = 20 * 1024 * 1024;

#[test]
fn fifty_thousand_small_commits_beside_a_slow_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    // The policy is the same with both, and without flushes the test is short.
    let store = SqliteStore::options().durability(Durability::Normal).open(&path).unwrap();
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
        for number in 0..50_000 {
            count_on(&store, u128::from(number), account(1), number).unwrap();
            if number % 500 == 0 {
                longest = longest.max(fs::metadata(folder.path().join("books.db-wal")).unwrap().len());
            }
        }
        done.store(true, Ordering::Relaxed);
        longest
    });
    assert!((1..BOUND).contains(&longest), "the write-ahead log had {longest} bytes");
    assert_eq!(verify(&store, &book()).unwrap(), store.head(&book()).unwrap());
}

#[test]
fn a_foreign_reader_that_stays_does_not_hold_the_writer_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::options().durability(Durability::Normal).open(&path).unwrap();
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("BEGIN; SELECT count(*) FROM line;").unwrap();
    let mut slowest = Duration::ZERO;
    for number in 0..3_000 {
        let begun = now();
        count_on(&store, u128::from(number), account(1), number).unwrap();
        slowest = slowest.max(begun.elapsed());
    }
    let grown = fs::metadata(folder.path().join("books.db-wal")).unwrap().len();
    assert!(grown > 16 * 1024 * 1024, "the reader was in the way: {grown} bytes");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    foreign.execute_batch("COMMIT").unwrap();
    for number in 3_000..6_000 {
        count_on(&store, u128::from(number), account(1), number).unwrap();
    }
    let later = fs::metadata(folder.path().join("books.db-wal")).unwrap().len();
    assert!(later < grown + 5 * 1024 * 1024, "the write-ahead log began again: {grown} bytes, then {later}");
}

#[expect(clippy::disallowed_methods, reason = "it measures how long a caller waits")]
fn now() -> Instant {
    Instant::now()
}
