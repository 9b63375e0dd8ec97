//! A store that fails: nothing acknowledged is lost, nothing is done twice, every error is typed.

use std::time::Duration;

use billing_core::Engine;
use billing_core::engine::{Options, TestClock, TestIds};
use billing_core::testing::faulty::{Fault, FaultyStore};
use billing_store_memory::MemoryStore;

use crate::firm::*;

#[test]
fn a_commit_whose_answer_was_lost_is_found_again_and_not_repeated() {
    let store = FaultyStore::new(MemoryStore::new());
    let story = on(store.clone());
    let account = customer(&story, "C-1");
    for fault in [Fault::AnswerLost, Fault::BatchLost] {
        store.fail_next(fault);
        pay(&story, account, "GBP 10.00", "2026-01-05");
    }
    assert_eq!(store.faults_left(), 0);
    assert_eq!(owed(&story, "2026-01-05"), "GBP -20.00");
    story.laws();
}

#[test]
fn a_full_store_and_one_out_of_reach_say_so_and_keep_what_they_had() {
    let store = FaultyStore::new(MemoryStore::new());
    let story = on(store.clone());
    let head = story.engine.head().unwrap();
    for (fault, code) in [(Fault::Full, "store.full"), (Fault::Unavailable, "store.unavailable")] {
        store.fail_next(fault);
        let error = story.engine.execute(&story.actor, registration("C-1")).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.is_retryable() && !error.is_refusal());
        assert_eq!(story.engine.head().unwrap(), head);
    }
    customer(&story, "C-1");
}

#[test]
fn who_was_slower_decides_again() {
    let store = FaultyStore::new(MemoryStore::new());
    let story = on(store.clone());
    store.fail_next(Fault::Conflict);
    customer(&story, "C-1");
    assert_eq!(story.engine.metrics().conflicts, 1);
}

#[test]
fn slowness_of_the_store_shows_in_the_append_step() {
    let store = FaultyStore::new(MemoryStore::new());
    let story = on(store.clone());
    store.delay(Duration::from_millis(50));
    story.engine.execute(&story.actor, registration("C-1")).unwrap();
    let metrics = story.engine.metrics();
    let append = metrics.steps[&billing_core::engine::Step::Append];
    assert!(append.max_us >= 50_000, "{append:?}");
    let decide = metrics.steps[&billing_core::engine::Step::Decide];
    assert!(decide.max_us < 50_000, "{decide:?}");
}

#[test]
fn every_fault_reaches_a_caller_who_has_no_patience() {
    // An unknown outcome is asked for once more by itself; only if that fails too, however, it is the caller's.
    let faults: [(&[Fault], &str, bool); 7] = [
        (&[Fault::AnswerLost, Fault::AnswerLost], "engine.outcome_unknown", true),
        (&[Fault::BatchLost, Fault::BatchLost], "engine.outcome_unknown", false),
        (&[Fault::AnswerLost, Fault::Full], "engine.outcome_unknown", true),
        (&[Fault::AnswerLost, Fault::Unavailable], "engine.outcome_unknown", true),
        (&[Fault::Full], "store.full", false),
        (&[Fault::Unavailable], "store.unavailable", false),
        (&[Fault::Conflict], "engine.busy", false),
    ];
    for (faults, code, kept) in faults {
        let store = FaultyStore::new(MemoryStore::new());
        let story = on(store.clone());
        let clock = TestClock::at("2026-01-05T09:00:00.000Z").unwrap();
        let options = Options { patience: Duration::ZERO, ..Options::default() };
        let ids = TestIds::after(1_000_000);
        let hasty =
            Engine::open_with(store.clone(), story.engine.book().clone(), clock, ids, options).unwrap();
        let head = hasty.head().unwrap();
        faults.iter().for_each(|&fault| store.fail_next(fault));
        let id = hasty.new_command_id();
        let error = hasty.execute_as(id, &story.actor, &registration("C-1")).unwrap_err();
        assert_eq!((error.code(), store.faults_left()), (code, 0), "{faults:?}");
        assert_eq!(error.is_unknown_outcome(), code == "engine.outcome_unknown");
        assert_eq!(hasty.head().unwrap() != head, kept, "{faults:?}");
        // The same command, given again, is recorded once.
        let again = hasty.execute_as(id, &story.actor, &registration("C-1")).unwrap();
        assert_eq!(again.repeated, kept, "{faults:?}");
    }
}
