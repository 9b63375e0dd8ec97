//! The file of views is disposable: deleted, damaged or foreign, it is made anew.

mod common;

use std::fs;

use billing_core::accounts::{AccountRegistered, RegisterAccount};
use billing_core::engine::{Engine, TestClock};
use billing_core::kernel::currency::Currency;
use billing_core::kernel::sealed::Sealed;
use billing_core::kernel::zone::Zone;
use billing_core::log::{Actor, Digest, Version};
use billing_core::payments::RecordPayment;
use billing_core::settings::OpenBook;
use billing_core::store::{Checkpoint, Snapshot, Store};
use billing_store_sqlite::SqliteStore;
use common::{account, book, count_on};
use rusqlite::Connection;

fn checkpoint(store: &SqliteStore) -> Checkpoint {
    Checkpoint { head: store.head(&book()).unwrap(), fingerprint: Digest::of(b"a fold") }
}

fn save(store: &SqliteStore, value: &str) -> Checkpoint {
    let checkpoint = checkpoint(store);
    let rows = [("key", Some(value))];
    store.rows().save(&book(), "view", &checkpoint, &mut rows.into_iter()).unwrap();
    checkpoint
}

#[test]
fn rows_are_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    let saved = save(&store, "1");
    store.close();
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.rows().checkpoint(&book(), "view"), Ok(Some(saved)));
    assert_eq!(store.rows().get(&book(), "view", "key"), Ok(Some("1".into())));
}

#[test]
fn a_file_of_views_that_can_not_be_read_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let views = folder.path().join("books.db.views");
    let foreign = || {
        let db = Connection::open(&views).unwrap();
        db.execute_batch("CREATE TABLE holiday (day TEXT)").unwrap();
    };
    let newer = || {
        let db = Connection::open(&views).unwrap();
        db.pragma_update(None, "user_version", 9).unwrap();
    };
    let replaced = |by: &dyn Fn()| {
        fs::remove_file(&views).unwrap();
        by();
    };
    let harms: [&dyn Fn(); 5] = [
        &|| fs::remove_file(&views).unwrap(),
        &|| fs::write(&views, "not a database at all, but long enough to be looked at twice").unwrap(),
        &|| fs::write(&views, &fs::read(&views).unwrap()[..5_000]).unwrap(),
        &|| replaced(&foreign),
        &newer,
    ];
    for harm in harms {
        let store = SqliteStore::open(&path).unwrap();
        save(&store, "1");
        store.close();
        harm();
        let store = SqliteStore::open(&path).unwrap();
        let found = store.rows().get(&book(), "view", "key");
        // A cut file may only be seen to be damaged when a row is asked for; then it is gone at the next opening.
        let gone = match found {
            Err(error) => {
                let said = "the store can't be reached: the file of views is damaged; open the store again to have it built anew";
                assert_eq!(error.to_string(), said);
                store.close();
                SqliteStore::open(&path).unwrap()
            }
            Ok(None) => store,
            Ok(Some(row)) => panic!("{row} was read from a damaged file"),
        };
        assert_eq!(gone.rows().checkpoint(&book(), "view"), Ok(None));
        save(&gone, "2");
        assert_eq!(gone.rows().get(&book(), "view", "key"), Ok(Some("2".into())));
        gone.close();
    }
}

#[test]
fn two_stores_on_one_file_don_t_overtake_each_other_s_views() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let (one, other) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    save(&one, "1");
    assert_eq!(other.rows().checkpoint(&book(), "view"), Ok(None));
    save(&other, "2");
    assert_eq!(one.rows().get(&book(), "view", "key"), Ok(Some("1".into())));
}

#[test]
fn a_snapshot_of_another_history_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    count_on(&store, 1, account(1), 0).unwrap();
    let snapshot =
        Snapshot { version: Version::from(1), fingerprint: Digest::of(b"a fold"), body: b"{}".to_vec() };
    store.save_snapshot(&book(), &account(1), &snapshot).unwrap();
    assert_eq!(store.snapshot(&book(), &account(1)), Ok(Some(snapshot)));
    store.close();
    fs::remove_file(&path).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    count_on(&store, 2, account(1), 0).unwrap();
    assert_eq!(store.snapshot(&book(), &account(1)), Ok(None));
}

#[test]
fn every_snapshot_that_was_handed_in_is_there_after_closing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    let kept = |number: u128| Snapshot {
        version: Version::from(1),
        fingerprint: Digest::of(b"a fold"),
        body: number.to_string().repeat(50_000).into_bytes(),
    };
    for number in 1..=50 {
        count_on(&store, number, account(number), 0).unwrap();
        store.save_snapshot(&book(), &account(number), &kept(number)).unwrap();
    }
    store.close();
    let store = SqliteStore::open(&path).unwrap();
    for number in 1..=50 {
        assert_eq!(store.snapshot(&book(), &account(number)), Ok(Some(kept(number))));
    }
}

#[test]
fn a_snapshot_with_a_changed_body_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let store = SqliteStore::open(&path).unwrap();
    count_on(&store, 1, account(1), 0).unwrap();
    let body = br#"{"balance":"GBP 119.00"}"#.to_vec();
    let snapshot = Snapshot { version: Version::from(1), fingerprint: Digest::of(b"a fold"), body };
    store.save_snapshot(&book(), &account(1), &snapshot).unwrap();
    // Closed, so that it is in the file and no longer in memory.
    store.close();
    let db = Connection::open(folder.path().join("books.db.views")).unwrap();
    let changed = db.execute("UPDATE snapshot SET body = CAST(replace(body, '119', '191') AS BLOB)", []);
    assert_eq!(changed, Ok(1));
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.snapshot(&book(), &account(1)), Ok(None));
}

#[test]
fn a_row_that_was_changed_in_the_file_is_seen_when_its_view_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let opened = || {
        let clock = TestClock::at("2026-11-30T09:00:00.000Z").unwrap();
        Engine::open(SqliteStore::open(&path).unwrap(), book(), clock).unwrap()
    };
    let engine = opened();
    let (ann, on) = (Actor::owner("user:ann").unwrap(), "2026-11-30".parse().unwrap());
    let seller = "Fern & Co".parse().unwrap();
    engine.execute(&ann, OpenBook::new(seller, Currency::GBP, Zone::london())).unwrap();
    let name = Sealed::marked("Ada Lovelace").unwrap();
    let done = engine.execute(&ann, RegisterAccount::new("C-1".parse().unwrap(), name, on)).unwrap();
    let account = done.first::<AccountRegistered>().unwrap().account;
    engine.execute(&ann, RecordPayment::new(account, "GBP 119.00".parse().unwrap(), on)).unwrap();
    let differing = |engine: &Engine<SqliteStore>| -> Vec<&'static str> {
        let views = engine.every_view().unwrap();
        views.iter().filter(|view| view.kept != view.rebuilt).map(|view| view.view).collect()
    };
    assert_eq!(differing(&engine), [""; 0]);
    engine.save_views().unwrap();
    engine.store().close();
    let db = Connection::open(folder.path().join("books.db.views")).unwrap();
    let changed = db.execute(
        "UPDATE view_row SET value = replace(value, '119.00', '191.00')
                   WHERE view IN (SELECT number FROM view WHERE name = 'receivables')",
        [],
    );
    assert!(changed.unwrap() > 0);
    db.close().unwrap();
    let engine = opened();
    assert_eq!(differing(&engine), ["receivables"]);
    engine.store().close();
    // Deleted, as one is told to, it is built anew.
    fs::remove_file(folder.path().join("books.db.views")).unwrap();
    assert_eq!(differing(&opened()), [""; 0]);
}
