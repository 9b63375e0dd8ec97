//! No space left: said by its name, nothing half kept, and usable again when there is room.

mod common;

use billing_core::log::Version;
use billing_core::store::{AppendBatch, AppendError, Expect, Store, StoreError};
use billing_store_sqlite::SqliteStore;
use common::{account, batch, book, count_on, verify};

fn big(number: u128, version: u64) -> AppendBatch {
    let mut big = batch(number, &[(account(1), Expect::Exactly(Version::from(version)))]);
    big.events[0].data = format!(r#"{{"note":"{}"}}"#, "x".repeat(20_000));
    big
}

#[test]
fn a_full_file_keeps_what_it_has_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::options().most_bytes(400_000).open(&path).unwrap();
    let mut head = store.head(&book()).unwrap();
    let mut number = 0;
    let error = loop {
        match store.append(vec![big(u128::from(number), number)]).remove(0) {
            Ok(appended) => head = appended.head,
            Err(error) => break error,
        }
        number += 1;
    };
    assert!(matches!(error, AppendError::Store(StoreError::Full(_))), "{error:?}");
    assert!(number > 5, "some fit");
    assert_eq!(store.head(&book()).unwrap(), head);
    assert_eq!(verify(&store, &book()).unwrap(), head);
    assert_eq!(store.command(&book(), &common::key(u128::from(number))), Ok(None));
    // In one transaction with a small one, the big one fails alone.
    let small = batch(1_000, &[(account(2), Expect::NoStream)]);
    let answers = store.append(vec![big(u128::from(number), number), small]);
    assert!(matches!(answers[0], Err(AppendError::Store(StoreError::Full(_)))), "{answers:?}");
    assert!(answers[1].is_ok(), "{answers:?}");
    store.close();

    let store = SqliteStore::open(&path).unwrap();
    store.append(vec![big(u128::from(number), number)]).remove(0).unwrap();
    let head = count_on(&store, 2_000, account(2), 1).unwrap().head;
    assert_eq!(verify(&store, &book()).unwrap(), head);
}

#[test]
fn what_is_too_long_is_refused_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("books.db")).unwrap();
    let mut endless = batch(1, &[(account(1), Expect::NoStream)]);
    endless.events[0].data = format!(r#"{{"note":"{}"}}"#, "x".repeat(64 * 1024 * 1024));
    let answers = store.append(vec![endless, batch(2, &[(account(2), Expect::NoStream)])]);
    let refused = answers[0].as_ref().unwrap_err().to_string();
    assert!(
        refused.starts_with("the store can't be reached: nothing longer than 64 MiB can be kept"),
        "{refused}"
    );
    assert!(answers[1].is_ok(), "{answers:?}");
    assert_eq!(verify(&store, &book()).unwrap(), store.head(&book()).unwrap());
}
