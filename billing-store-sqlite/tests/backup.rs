//! A backup of a file in use is whole, and says which heads it has.

mod common;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use billing_core::store::Store;
use billing_store_sqlite::SqliteStore;
use common::{account, book, count_on, verify};

#[test]
fn a_backup_of_a_live_file_has_the_heads_that_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("books.db")).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) || number < 50 {
                count_on(&store, u128::from(number), account(1), number).unwrap();
                number += 1;
            }
        });
        while store.head(&book()).unwrap().position.get() < 20 {
            std::thread::yield_now();
        }
        for number in 0..5 {
            let to = folder.path().join(format!("copy{number}.db"));
            let heads = store.backup(&to).unwrap();
            let list = fs::read_to_string(folder.path().join(format!("copy{number}.db.heads"))).unwrap();
            assert_eq!(list, format!("{}\n", heads[0]));
            let copy = SqliteStore::open(&to).unwrap();
            assert_eq!(heads, [copy.head(&book()).unwrap()]);
            assert_eq!(verify(&copy, &book()).unwrap(), heads[0]);
            let version = heads[0].position.get();
            count_on(&copy, 10_000, account(1), version).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        writing.join().unwrap();
    });
}

#[test]
fn a_backup_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("books.db")).unwrap();
    let to = folder.path().join("copy.db");
    fs::write(&to, "precious").unwrap();
    let refused = store.backup(&to).unwrap_err().to_string();
    assert_eq!(refused, format!("the store can't be reached: there is a file {} already", to.display()));
    assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
}
