//! Damage and tampering: seen, named, never a panic, never written over.

mod common;

use std::fs;
use std::path::Path;

use billing_core::log::chain::Broken;
use billing_core::log::{Head, Position};
use billing_core::store::{AppendError, Store, StoreError};
use billing_store_sqlite::SqliteStore;
use common::{Found, account, book, count_on, verify};
use rusqlite::Connection;

/// A closed file with `count` commands of one line each, and its head.
fn filled(path: &Path, count: u64) -> Head {
    let store = SqliteStore::open(path).unwrap();
    for number in 0..count {
        count_on(&store, u128::from(number), account(u128::from(number % 3)), number / 3).unwrap();
    }
    let head = store.head(&book()).unwrap();
    store.close();
    head
}

/// Changes the file as somebody would who has write access to it.
fn tamper(path: &Path, sql: &str) {
    let db = Connection::open(path).unwrap();
    db.execute_batch(
        "DROP TRIGGER line_is_not_changed; DROP TRIGGER line_is_kept; DROP TRIGGER book_only_grows;",
    )
    .unwrap();
    db.execute_batch(sql).unwrap();
    db.close().unwrap();
}

#[test]
fn a_changed_line_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    filled(&path, 20);
    tamper(
        &path,
        "UPDATE line SET line = replace(line, '\"number\":\"9\"', '\"number\":\"8\"') WHERE place & 1023 = 10",
    );
    let store = SqliteStore::open(&path).unwrap();
    let found = verify(&store, &book()).unwrap_err();
    assert!(matches!(found, Found::Broken(Broken::Prev { at }) if at == Position::from(11)), "{found:?}");
}

#[test]
fn bytes_that_are_not_utf8_reach_the_audit_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    filled(&path, 3);
    tamper(&path, "UPDATE line SET line = CAST(x'FF00FE' AS TEXT) WHERE place & 1023 = 2");
    let store = SqliteStore::open(&path).unwrap();
    let mut lines = Vec::new();
    store
        .read_log(&book(), Position::START, &mut |row| {
            lines.push(row.line.to_vec());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(lines[1], b"\xFF\x00\xFE");
    let found = verify(&store, &book()).unwrap_err();
    assert!(matches!(found, Found::Broken(Broken::Unreadable { .. })), "{found:?}");
}

#[test]
fn nothing_is_written_behind_a_damaged_end() {
    for sql in [
        "UPDATE line SET line = replace(line, 'ann', 'bob') WHERE place = (SELECT max(place) FROM line)",
        "DELETE FROM line WHERE place = (SELECT max(place) FROM line)",
        "UPDATE book SET position = position - 1",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.db");
        filled(&path, 6);
        tamper(&path, sql);
        let store = SqliteStore::open(&path).unwrap();
        let refused = count_on(&store, 100, account(9), 0).unwrap_err();
        assert!(matches!(refused, AppendError::Store(StoreError::Corrupt { .. })), "{sql}: {refused:?}");
        let said = refused.to_string();
        assert!(
            said.ends_with("is damaged: the log does not end with the line that its head says"),
            "{said}"
        );
    }
}

#[test]
fn flipped_bits_anywhere_in_the_file_are_an_error_or_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let head = filled(&path, 60);
    let sound = fs::read(&path).unwrap();
    let (mut refused, mut seen, mut harmless) = (0, 0, 0);
    for index in 0..200 {
        let copy = folder.path().join(format!("flipped{index}.db"));
        let mut bytes = sound.clone();
        // A step that is coprime to the page size visits every part of a page.
        let at = (index * 7_919 + 13) % bytes.len();
        bytes[at] ^= 1 << (index % 8);
        fs::write(&copy, &bytes).unwrap();
        match SqliteStore::open(&copy) {
            Err(_) => refused += 1,
            Ok(store) => match (verify(&store, &book()), store.head(&book())) {
                (Ok(walked), Ok(stored)) if walked == head && stored == head => harmless += 1,
                (Ok(walked), Ok(stored)) => {
                    assert_ne!(
                        walked, head,
                        "byte {at}: the log is sound, so its head {stored} must be seen to differ"
                    );
                    seen += 1;
                }
                (Err(_), _) | (_, Err(_)) => seen += 1,
            },
        }
        for ending in
            ["", "-wal", "-shm", ".lock", ".turn", ".views", ".views-wal", ".views-shm", ".views.lock"]
        {
            let _ = fs::remove_file(folder.path().join(format!("flipped{index}.db{ending}")));
        }
    }
    assert!(seen > 25 && refused > 0 && harmless > 0, "{seen} seen, {refused} refused, {harmless} harmless");
}
