//! Opening: what is accepted, what is refused, and in which words.

mod common;

use std::fs::{self, File};
use std::time::Duration;

use billing_core::log::{Head, Version};
use billing_core::store::{AppendError, Store, StoreError};
use billing_store_sqlite::{OpenError, SqliteStore};
use common::{account, book, count_on, verify};
use rusqlite::Connection;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_was_written_is_there_after_closing_and_opening() {
    let folder = folder();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    let head = count_on(&store, 1, account(1), 0).unwrap().head;
    store.close();
    let again = SqliteStore::open(&path).unwrap();
    assert_eq!(again.head(&book()), Ok(head.clone()));
    assert_eq!(verify(&again, &book()).unwrap(), head);
    assert_eq!(again.path(), path.canonicalize().unwrap());
}

#[test]
fn a_closed_store_says_so() {
    let folder = folder();
    let store = SqliteStore::open(folder.path().join("books.db")).unwrap();
    store.clone().close();
    let closed = StoreError::Unavailable("it is closed".into());
    assert_eq!(store.head(&book()), Err(closed.clone()));
    assert_eq!(store.rows().get(&book(), "view", "key"), Err(closed.clone()));
    assert_eq!(count_on(&store, 1, account(1), 0), Err(AppendError::Store(closed)));
}

#[test]
fn an_empty_file_becomes_a_file_of_books() {
    let folder = folder();
    let path = folder.path().join("books.db");
    File::create(&path).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.head(&book()), Ok(Head::empty(book())));
}

#[test]
fn a_file_of_something_else_is_refused_and_not_touched() {
    let folder = folder();
    let text = folder.path().join("letter.txt");
    fs::write(&text, "Dear Sir or Madam,").unwrap();
    let refused = SqliteStore::open(&text).unwrap_err();
    assert!(matches!(refused, OpenError::NotOurs(_)), "{refused:?}");
    let said =
        format!("{} is not a file of books; it was not touched", text.canonicalize().unwrap().display());
    assert_eq!(refused.to_string(), said);
    assert_eq!(fs::read_to_string(&text).unwrap(), "Dear Sir or Madam,");

    let other = folder.path().join("other.db");
    let db = Connection::open(&other).unwrap();
    db.execute_batch("CREATE TABLE holiday (day TEXT); INSERT INTO holiday VALUES ('2026-12-25')").unwrap();
    db.close().unwrap();
    let before = fs::read(&other).unwrap();
    assert!(matches!(SqliteStore::open(&other), Err(OpenError::NotOurs(_))));
    assert_eq!(fs::read(&other).unwrap(), before);
    assert_eq!(names(&folder), ["letter.txt", "other.db"], "nothing is left beside them");
}

#[test]
fn a_newer_format_is_refused_and_both_are_named() {
    let folder = folder();
    let path = folder.path().join("books.db");
    SqliteStore::open(&path).unwrap().close();
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 7).unwrap();
    db.close().unwrap();
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(refused, OpenError::NewerFormat { found: 7, known: 1, .. }), "{refused:?}");
    let said = "books.db has stored format 7, and this version knows 1; open it with a newer version";
    assert!(refused.to_string().ends_with(said), "{refused}");
}

#[test]
fn a_file_that_another_process_has_to_itself_is_refused() {
    let folder = folder();
    let path = folder.path().join("books.db");
    SqliteStore::open(&path).unwrap().close();
    let lock = File::open(folder.path().join("books.db.lock")).unwrap();
    lock.lock().unwrap();
    let soon = SqliteStore::options().patience(Duration::from_millis(5));
    let refused = soon.clone().open(&path).unwrap_err();
    assert!(matches!(refused, OpenError::Locked(_)), "{refused:?}");
    let said = "books.db is locked by another process (a restore?); try again when it is done";
    assert!(refused.to_string().ends_with(said), "{refused}");
    lock.unlock().unwrap();
    assert!(soon.open(&path).is_ok());
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let folder = folder();
    let missing = folder.path().join("missing");
    let refused = SqliteStore::open(missing.join("books.db")).unwrap_err();
    assert_eq!(refused.to_string(), format!("there is no folder {}; make it first", missing.display()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_can_not_be_written_is_named() {
    let refused = SqliteStore::open("/sys/kernel/books.db").unwrap_err();
    assert!(matches!(refused, OpenError::ReadOnly { .. }), "{refused:?}");
    let said = refused.to_string();
    assert!(said.starts_with("/sys/kernel/books.db can't be written ("), "{said}");
    assert!(said.ends_with("); give write permission on the file and its folder"), "{said}");
}

#[test]
fn the_file_can_be_named_in_more_than_one_way() {
    let folder = folder();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    let roundabout = folder.path().join(".").join("books.db");
    let other = SqliteStore::open(roundabout).unwrap();
    assert_eq!(store.path(), other.path());
    count_on(&store, 1, account(1), 0).unwrap();
    assert_eq!(other.version(&book(), &account(1)), Ok(Version::from(1)));
}

#[test]
fn a_lock_of_another_program_is_waited_for_and_then_named() {
    let folder = folder();
    let path = folder.path().join("books.db");
    let store = SqliteStore::options().patience(Duration::from_millis(20)).open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = count_on(&store, 1, account(1), 0).unwrap_err().to_string();
    let said = "the store can't be reached: another program has kept the file locked for too long (";
    assert!(refused.starts_with(said), "{refused}");
    assert_eq!(store.head(&book()), Ok(Head::empty(book())), "readers don't wait for writers");
    other.execute_batch("ROLLBACK").unwrap();
    count_on(&store, 1, account(1), 0).unwrap();
}

#[test]
fn a_log_is_restored_only_while_nobody_else_uses_the_file() {
    let folder = folder();
    let path = folder.path().join("books.db");
    let (store, other) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let refused = store.restore(&book(), &mut std::iter::empty()).unwrap_err().to_string();
    let said = "the store can't be reached: other processes have the file open; a log is restored while nobody else uses it";
    assert_eq!(refused, said);
    other.close();
    assert_eq!(store.restore(&book(), &mut std::iter::empty()), Ok(Head::empty(book())));
}

#[test]
fn waiting_sees_what_another_process_writes() {
    let folder = folder();
    let path = folder.path().join("books.db");
    let (store, other) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| store.wait_for(&book(), 1.into(), Duration::from_secs(30)));
        let head = count_on(&other, 1, account(1), 0).unwrap().head;
        assert_eq!(waiting.join().unwrap(), Ok(head));
    });
}
