//! The laws that every story is held to are honest: each planted lie is seen.

use std::sync::atomic::{AtomicI64, Ordering};

use billing_core::book::Books;
use billing_core::decision::{Command, Context, Decision};
use billing_core::engine::Engine;
use billing_core::kernel::document::DocumentId;
use billing_core::kernel::money::Money;
use billing_core::log::Scope;
use billing_core::payments::{Payments, RecordPayment};
use billing_core::projections::Projection;
use billing_core::projections::documents::Documents;
use billing_core::projections::timeline::Timelines;
use billing_core::store::Store;
use billing_core::testing::Story;
use billing_core::testing::lying::{Lie, LyingStore};
use billing_store_memory::MemoryStore;
use serde::{Deserialize, Serialize};

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
#[should_panic(expected = "otherwise than the log")]
fn a_document_that_the_account_explains_otherwise_is_seen() {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "basic", 1, "2026-02-01");
    let document = DocumentId::Invoice(invoice_of(&bill(&story, account, "2026-01-30", "2026-02-01")));
    story.laws();
    story.engine.save_views().unwrap();
    let (rows, book) = (story.engine.store().rows(), story.engine.book());
    let checkpoint = rows.checkpoint(book, Documents::NAME).unwrap().unwrap();
    let key = format!("doc/{document}");
    let told = rows.get(book, Documents::NAME, &key).unwrap().unwrap().replace("INV-0001", "INV-0007");
    rows.save(book, Documents::NAME, &checkpoint, &mut [(key.as_str(), Some(told.as_str()))].into_iter())
        .unwrap();
    story.laws();
}

/// Money of which the decision makes another amount each time: what no decision may do.
#[derive(Serialize, Deserialize)]
struct Fickle(RecordPayment);

static PENCE: AtomicI64 = AtomicI64::new(1);

impl Command for Fickle {
    type Department = Payments;
    const NAME: &'static str = "payments.fickle";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Payments> {
        let amount = Money::new(PENCE.fetch_add(1, Ordering::Relaxed), self.0.amount.currency()).unwrap();
        RecordPayment { amount, ..self.0.clone() }.decide(books, ctx)
    }
}

#[test]
#[should_panic(expected = "the preview differs from what was recorded")]
fn a_preview_that_is_not_what_is_recorded_is_seen() {
    let story = firm();
    let account = customer(&story, "C-1");
    story.laws();
    story.give(Fickle(RecordPayment::new(account, money("GBP 1.00"), date("2026-01-05"))));
}

/// A firm whose store takes each command that is given again for a new one.
fn forgetful(before: impl FnOnce(&Story<LyingStore<MemoryStore>>)) -> Story<LyingStore<MemoryStore>> {
    let store = LyingStore::new(MemoryStore::new());
    let story = on(store.clone());
    before(&story);
    story.laws();
    store.tell(Lie::ForgetsCommands);
    story
}

#[test]
#[should_panic(expected = "accounts.register_account is answered otherwise when it is repeated")]
fn a_repeated_command_that_is_told_that_nothing_is_to_do_is_seen() {
    customer(&forgetful(|_| {}), "C-1");
}

#[test]
#[should_panic(expected = "payments.record_payment is answered otherwise when it is repeated")]
fn a_repeated_command_that_is_recorded_again_is_seen() {
    let mut account = None;
    let story = forgetful(|story| account = Some(customer(story, "C-1")));
    pay(&story, account.unwrap(), "GBP 1.00", "2026-01-05");
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
