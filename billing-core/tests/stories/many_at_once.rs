//! Many callers at once, and two engines on one store.
#![expect(clippy::disallowed_methods, reason = "how long a caller waits is what is measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use billing_core::Engine;
use billing_core::catalogue::{Price, PublishPlan};
use billing_core::engine::{Options, SystemClock, TestClock, TestIds};
use billing_core::subscriptions::Subscribe;
use billing_store_memory::MemoryStore;

use crate::firm::*;

#[test]
fn sixty_four_callers_on_one_account_are_all_served() {
    let story = firm();
    let account = customer(&story, "C-1");
    let slowest = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    let begun = Instant::now();
                    for _ in 0..5 {
                        let payment = billing_core::payments::RecordPayment {
                            account,
                            amount: money("GBP 1.00"),
                            received_on: date("2026-01-05"),
                            method: billing_core::payments::Method::Card,
                            reference: None,
                            source: None,
                            rate: None,
                            pays: vec![],
                        };
                        story.engine.execute(&story.actor, payment).unwrap();
                    }
                    begun.elapsed() / 5
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).max().unwrap()
    });
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    assert_eq!(owed(&story, "2026-01-05"), "GBP -320.00");
    story.laws();
}

#[test]
fn a_refusal_is_never_given_on_what_another_engine_has_changed_since() {
    let store = MemoryStore::new();
    let story = on(store.clone());
    let account = customer(&story, "C-1");
    let options = Options { references_for: Duration::from_secs(3600), ..Options::default() };
    let clock = Arc::new(TestClock::at("2026-01-01T09:00:00.000Z").unwrap());
    let other =
        Engine::open_with(store, story.engine.book().clone(), clock, TestIds::after(1_000_000), options)
            .unwrap();
    let gold = Subscribe::new(account, "gold".parse().unwrap(), date("2026-01-01"));
    assert!(other.execute(&story.actor, gold.clone()).unwrap_err().is_refusal());
    story.give(PublishPlan::monthly(
        "gold".parse().unwrap(),
        "Gold".parse().unwrap(),
        Price::Flat(money("GBP 99.00")),
        "standard".parse().unwrap(),
    ));
    other.execute(&story.actor, gold).unwrap();
    // The first engine still has the account's page from before: its guard, or the store, tells it.
    let bill = bill(&story, account, "2026-01-01", "2026-01-01");
    assert_eq!(nets(&bill), ["99.00"]);
    story.laws();
}

#[test]
fn a_pinned_head_is_found_again_and_another_history_is_refused() {
    let store = MemoryStore::new();
    let story = on(store.clone());
    let head = story.engine.head().unwrap();
    customer(&story, "C-1");
    assert!(Engine::open_expecting(store.clone(), &head, SystemClock).is_ok());
    let longer = story.engine.head().unwrap();
    let other = on(MemoryStore::new());
    let error = other.engine.expect(&longer).unwrap_err();
    assert_eq!(error.code(), "engine.other_history");
}

#[test]
fn a_book_opens_on_a_store_that_is_known_only_by_its_trait() {
    let store: Arc<dyn billing_core::store::Store> = Arc::new(MemoryStore::new());
    let engine = Engine::open(store, "anywhere".parse().unwrap(), SystemClock).unwrap();
    assert_eq!(engine.clone().head().unwrap().position.get(), 0);
}
