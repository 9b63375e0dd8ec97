//! Who has paid is not chased, however late the money meets the letter.

use std::ops::ControlFlow;

use billing_core::credit_control::{
    DisputeReason, MakePromise, RaiseDispute, ReminderDue, ReminderSent, ReminderSuppressed, SendReminder,
    SuppressionReason,
};
use billing_core::engine::Outgoing;
use billing_core::kernel::ids::{AccountId, MessageId};
use billing_core::log::Position;
use billing_core::runs::ChaseRun;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use crate::firm::*;

/// An invoice of GBP 36.00 that was due on 30 January 2026.
fn late() -> (Story<MemoryStore>, AccountId) {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "basic", 1, "2026-01-01");
    bill(&story, account, "2025-12-31", "2026-01-01");
    (story, account)
}

fn chase(story: &Story<MemoryStore>, on: &str) -> Vec<Outgoing> {
    let before = story.engine.head().unwrap().position;
    let run = ChaseRun { on: date(on) };
    let mut observe = |_| ControlFlow::Continue(());
    let report = story.engine.run(story.engine.new_command_id(), &story.actor, &run, &mut observe).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    story.engine.follow(before, 100).unwrap().into_iter().filter(|outgoing| outgoing.chases).collect()
}

fn hand_over(
    story: &Story<MemoryStore>,
    account: AccountId,
    message: MessageId,
    on: &str,
) -> billing_core::engine::Done {
    story.give(SendReminder { account, message, on: date(on) })
}

#[test]
fn a_reminder_is_due_on_the_step_and_sent_once() {
    let (story, account) = late();
    assert!(chase(&story, "2026-02-01").is_empty(), "two days late");
    let due = chase(&story, "2026-02-02");
    assert_eq!(due.len(), 1);
    assert!(chase(&story, "2026-02-02").is_empty(), "a chase that is repeated asks for nothing more");
    let sent = hand_over(&story, account, due[0].message, "2026-02-02");
    assert_eq!(sent.first::<ReminderSent>().unwrap().invoices[0].amount, money("GBP 36.00"));
    assert!(hand_over(&story, account, due[0].message, "2026-02-02").is_nothing());
    assert!(chase(&story, "2026-02-05").is_empty(), "the next step comes after seven days");
    assert_eq!(chase(&story, "2026-02-06").len(), 1);
    story.laws();
}

#[test]
fn money_that_comes_between_the_chase_and_the_letter_stops_the_letter() {
    let (story, account) = late();
    let due = chase(&story, "2026-02-02");
    pay(&story, account, "GBP 36.00", "2026-02-02");
    let answer = hand_over(&story, account, due[0].message, "2026-02-02");
    assert_eq!(answer.all::<ReminderSent>().count(), 0);
    assert_eq!(answer.first::<ReminderSuppressed>().unwrap().reason, SuppressionReason::NothingOpen);
    assert!(hand_over(&story, account, due[0].message, "2026-02-03").is_nothing(), "recorded once");
    story.laws();
}

#[test]
fn who_paid_on_the_day_the_reminder_is_due_is_not_chased() {
    let (story, account) = late();
    pay(&story, account, "GBP 36.00", "2026-02-02");
    assert!(chase(&story, "2026-02-02").is_empty());
    story.laws();
}

#[test]
fn a_promise_pauses_the_ladder_and_a_dispute_takes_its_part_off_the_letter() {
    let (story, account) = late();
    story.give(MakePromise {
        account,
        amount: money("GBP 36.00"),
        invoices: vec![],
        made_on: date("2026-02-01"),
        pay_by: date("2026-02-05"),
        grace_days: None,
    });
    assert!(chase(&story, "2026-02-02").is_empty(), "a promise is running");
    story.day("2026-02-06");
    let close = billing_core::runs::DayClose { on: date("2026-02-06") };
    let mut observe = |_| ControlFlow::Continue(());
    story.engine.run(story.engine.new_command_id(), &story.actor, &close, &mut observe).unwrap();
    let invoice = story.engine.ask(&aged("2026-02-06")).unwrap();
    assert_eq!(invoice.value.totals[0].total.to_string(), "GBP 36.00");
    let done = chase(&story, "2026-02-06");
    assert_eq!(done.len(), 1, "the promise is broken");
    let due = billing_core::book::payload::<ReminderDue>(&done[0].recorded.event).unwrap().invoices.clone();
    assert_eq!(due[0].step, 7);
    story.give(RaiseDispute {
        account,
        invoice: due[0].invoice,
        amount: Some(money("GBP 6.00")),
        reason: DisputeReason::WrongPrice,
        on: date("2026-02-06"),
        note: None,
    });
    let sent = hand_over(&story, account, done[0].message, "2026-02-06");
    assert_eq!(sent.first::<ReminderSent>().unwrap().invoices[0].amount, money("GBP 30.00"));
    story.laws();
}

#[test]
fn the_outbox_is_read_with_a_cursor_and_repeats_nothing_behind_it() {
    let (story, _) = late();
    let all = story.engine.follow(Position::START, 100).unwrap();
    let cursor = all.last().unwrap().recorded.position;
    assert!(story.engine.follow(cursor, 100).unwrap().is_empty());
    assert_eq!(story.engine.follow(Position::START, 100).unwrap(), all, "asked again, the same");
    let mut ids: Vec<MessageId> = all.iter().map(|outgoing| outgoing.message).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "every message has an id of its own");
}
