//! The faulty store does to an append what it was told to, once for each order, and nothing else.

mod common;

use billing_core::log::{StreamId, Version};
use billing_core::store::{AppendError, Store, StoreError};
use billing_core::testing::conformance;
use billing_core::testing::faulty::{Fault, FaultyStore};
use billing_store_memory::MemoryStore;
use common::{book, note};

/// The answer of an append that meets a fault, how many lines there are afterwards, and whether sending the
/// same again is a repetition.
fn met(fault: Fault) -> (AppendError, u64, bool) {
    let store = FaultyStore::new(MemoryStore::new());
    store.fail_next(fault);
    let error = store.append(vec![note(0)]).remove(0).unwrap_err();
    assert_eq!(store.faults_left(), 0);
    let lines = store.head(&book()).unwrap().position.get();
    let again = store.append(vec![note(0)]).remove(0).unwrap();
    (error, lines, again.repeated)
}

#[test]
fn without_orders_it_is_a_store_like_any_other() {
    conformance::run(&|| Box::new(FaultyStore::new(MemoryStore::new())));
}

#[test]
fn a_lost_answer_was_kept_and_a_lost_batch_was_not() {
    let key = note(0).command.key;
    let unknown = AppendError::Unknown { key, why: "as ordered".to_owned() };
    assert_eq!(met(Fault::AnswerLost), (unknown.clone(), 1, true));
    assert_eq!(met(Fault::BatchLost), (unknown, 0, false));
}

#[test]
fn a_refusal_keeps_nothing() {
    let full = StoreError::Full("as ordered".to_owned());
    assert_eq!(met(Fault::Full), (full.into(), 0, false));
    let unavailable = StoreError::Unavailable("as ordered".to_owned());
    assert_eq!(met(Fault::Unavailable), (unavailable.into(), 0, false));
    let conflict = AppendError::Conflict { stream: StreamId::Catalogue, found: Version::NONE };
    assert_eq!(met(Fault::Conflict), (conflict, 0, false));
}

#[test]
fn orders_are_met_one_a_call_by_any_handle() {
    let store = FaultyStore::new(MemoryStore::new());
    store.fail_next(Fault::Full);
    store.fail_next(Fault::Conflict);
    let host = store.clone();
    let answers: Vec<_> =
        (0..3).map(|_| host.append(vec![note(0)]).remove(0).map(|kept| kept.last)).collect();
    assert!(matches!(answers[0], Err(AppendError::Store(StoreError::Full(_)))));
    assert!(matches!(answers[1], Err(AppendError::Conflict { .. })));
    assert_eq!(answers[2], Ok(1.into()));
}
