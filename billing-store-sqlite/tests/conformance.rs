//! The store keeps every promise that a store makes.

use std::sync::atomic::{AtomicU32, Ordering};

use billing_store_sqlite::SqliteStore;

#[test]
fn it_keeps_the_promises_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let opened = AtomicU32::new(0);
    billing_core::testing::conformance::run(&|| {
        let number = opened.fetch_add(1, Ordering::Relaxed);
        Box::new(SqliteStore::open(folder.path().join(format!("books{number}.db"))).unwrap())
    });
}
