//! The laws that every story is held to are honest: each planted lie is seen.

use billing_core::engine::Engine;
use billing_core::projections::Projection;
use billing_core::projections::timeline::Timelines;
use billing_core::store::Store;

use crate::firm::*;

#[test]
#[should_panic(expected = "differs when it is rebuilt")]
fn a_row_that_the_log_does_not_give_is_seen() {
    let story = firm();
    customer(&story, "C-1");
    story.laws();
    story.engine.save_views().unwrap();
    let (rows, book) = (story.engine.store().rows(), story.engine.book());
    let checkpoint = rows.checkpoint(book, Timelines::NAME).unwrap().unwrap();
    rows.save(book, Timelines::NAME, &checkpoint, &mut [("a row", Some("{}"))].into_iter()).unwrap();
    story.laws();
}

#[test]
fn two_engines_on_one_store_do_not_count_an_event_twice() {
    let story = firm();
    let account = customer(&story, "C-1");
    let clock = billing_core::engine::SystemClock;
    let other = Engine::open(story.engine.store().clone(), story.engine.book().clone(), clock).unwrap();
    pay(&story, account, "GBP 1.00", "2026-01-05");
    assert_eq!(other.ask(&aged("2026-01-05")).unwrap().value.totals[0].total.to_string(), "GBP -1.00");
    pay(&story, account, "GBP 1.00", "2026-01-05");
    assert_eq!(owed(&story, "2026-01-05"), "GBP -2.00");
    story.engine.save_views().unwrap();
    assert_eq!(other.ask(&aged("2026-01-05")).unwrap().value.totals[0].total.to_string(), "GBP -2.00");
    other.save_views().unwrap();
    pay(&story, account, "GBP 1.00", "2026-01-05");
    assert_eq!(owed(&story, "2026-01-05"), "GBP -3.00");
    assert_eq!(other.ask(&aged("2026-01-05")).unwrap().value.totals[0].total.to_string(), "GBP -3.00");
}
