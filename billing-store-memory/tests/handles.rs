//! What only a store in memory promises: handles to the same books, and visitors that may do as they like.

mod common;

use std::ops::ControlFlow;

use billing_core::log::{Digest, Position, StreamId, Version};
use billing_core::store::{Checkpoint, RowStore, Store};
use billing_store_memory::MemoryStore;
use common::{book, note};

#[test]
fn a_clone_is_another_handle_to_the_same_books() {
    let store = MemoryStore::new();
    let other = store.clone();
    store.append(vec![note(0)]).remove(0).unwrap();
    assert_eq!(other.head(&book()), store.head(&book()));
    assert_eq!(other.head(&book()).unwrap().position, Position::from(1));
}

#[test]
fn a_visitor_may_append_and_sees_the_log_as_it_was() {
    let store = MemoryStore::new();
    store.append((0..600).map(note).collect());
    let mut seen = 0;
    let mut append = |_| {
        store.append(vec![note(600 + seen)]).remove(0).unwrap();
        seen += 1;
        ControlFlow::Continue(())
    };
    store.read_log(&book(), Position::START, &mut |row| append(row.position.get())).unwrap();
    store
        .read_stream(&book(), &StreamId::Catalogue, Version::from(1000), &mut |row| {
            append(row.position.get())
        })
        .unwrap();
    assert_eq!(seen, 600 + 200);
    assert_eq!(store.head(&book()).unwrap().position, Position::from(1400));
}

#[test]
fn a_visitor_of_rows_may_change_them_and_sees_them_as_they_were() {
    let store = MemoryStore::new();
    let rows: &dyn RowStore = store.rows();
    let checkpoint = Checkpoint { head: store.head(&book()).unwrap(), fingerprint: Digest::of(b"fold") };
    let three = [("a", Some("1")), ("b", Some("2")), ("c", Some("3"))];
    rows.save(&book(), "view", &checkpoint, &mut three.into_iter()).unwrap();
    let mut seen = String::new();
    rows.scan(&book(), "view", "", None, &mut |key, value| {
        rows.save(&book(), "view", &checkpoint, &mut [("b", None), ("d", Some("4"))].into_iter()).unwrap();
        seen.push_str(key);
        seen.push_str(value);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, "a1b2c3");
    assert_eq!(rows.get(&book(), "view", "b").unwrap(), None);
}
