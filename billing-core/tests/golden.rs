//! Every log that a released version wrote must still be read, to the same head and the same balances.
//!
//! A golden log is three files: `NAME.jsonl` (the lines as exported), `NAME.head` (the head to pin) and
//! `NAME.expected` (what the log comes to, one fact a line, worked out when it was released). To add one, run
//! `GOLDEN_WRITE=NAME cargo test -p billing-core --test golden` and read the three files before they are kept.

#[path = "stories/firm.rs"]
#[allow(dead_code, reason = "shared with the stories")]
mod firm;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use billing_core::audit::{export, redecide, replay, restore, verify};
use billing_core::credit_control::{DisputeReason, MakePromise, RaiseDispute, SendReminder};
use billing_core::log::{Head, Position};
use billing_core::runs::{BillingRun, ChaseRun, DayClose};
use billing_core::subscriptions::{AddAddOn, Cancel, ChangePlan, ChangeQuantity, When};
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use firm::{bill, customer, date, firm, invoice_of, money, pay, subscribe};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden")
}

/// What a restored log comes to, as lines of text.
fn account_of(store: &MemoryStore, head: &Head) -> String {
    let replayed = replay(store, &head.origin).unwrap();
    let verified = verify(store, &head.origin, std::slice::from_ref(head)).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.damage);
    let mut text = format!(
        "events {}\nstreams {}\nreceivables {}\nopen items {}\n",
        replayed.events, replayed.streams, replayed.receivables, replayed.open_items
    );
    for (word, count) in verified.events_by_type {
        text += &format!("{word} {count}\n");
    }
    text
}

#[test]
fn every_golden_log_still_replays_to_its_head_and_its_balances() {
    if let Ok(name) = std::env::var("GOLDEN_WRITE") {
        write(&name);
    }
    let mut logs = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        let head: Head = fs::read_to_string(path.with_extension("head")).unwrap().trim().parse().unwrap();
        let log = fs::read(&path).unwrap();
        let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| Ok(line.to_vec()));
        let store = MemoryStore::new();
        let restored = restore(&store, &head.origin, lines).unwrap();
        assert_eq!(restored, head, "{}", path.display());
        let mut again = Vec::new();
        export(&store, &head.origin, &mut again).unwrap();
        assert!(again == log, "{} is not exported word for word", path.display());
        let expected = fs::read_to_string(path.with_extension("expected")).unwrap();
        assert_eq!(account_of(&store, &head), expected, "{}", path.display());
        logs += 1;
    }
    assert!(logs > 0, "there is no golden log");
}

/// A quarter of a small firm in which most kinds of events happen.
fn quarter() -> Story<MemoryStore> {
    let story = firm();
    let month = |issue: &str, through: &str| {
        story.day(issue);
        let run = BillingRun { issue_on: date(issue), through: date(through) };
        let report = story.engine.run(story.engine.new_command_id(), &story.actor, &run, &mut |_| ControlFlow::Continue(()));
        assert!(report.unwrap().failed.is_empty());
    };
    let [one, two, three] = ["C-1", "C-2", "C-3"].map(|reference| customer(&story, reference));
    let seats = subscribe(&story, one, "seats", 5, "2026-01-01");
    let basic = subscribe(&story, two, "basic", 1, "2026-01-01");
    subscribe(&story, three, "arrears", 1, "2026-01-01");
    month("2026-01-02", "2026-01-02");
    story.day("2026-01-10");
    story.give(ChangeQuantity { account: one, subscription: seats, component: None, quantity: 8, when: When::On(date("2026-01-10")) });
    let plus = "plus".parse().unwrap();
    story.give(ChangePlan { account: two, subscription: basic, plan: plus, quantity: None, when: When::EndOfPeriod { asked_on: date("2026-01-10") } });
    let add_on = "chatbot".parse().unwrap();
    story.give(AddAddOn { account: two, subscription: basic, add_on, quantity: 1, when: When::On(date("2026-01-15")) });
    month("2026-01-30", "2026-02-01");
    pay(&story, one, "GBP 75.00", "2026-02-02");
    pay(&story, two, "GBP 200.00", "2026-02-02");
    let chase = ChaseRun { on: date("2026-02-10") };
    story.day("2026-02-10");
    story.engine.run(story.engine.new_command_id(), &story.actor, &chase, &mut |_| ControlFlow::Continue(())).unwrap();
    for outgoing in story.engine.follow(Position::START, 1_000).unwrap().iter().filter(|outgoing| outgoing.chases) {
        story.give(SendReminder { account: outgoing.account, message: outgoing.message, on: date("2026-02-10") });
    }
    let late = invoice_of(&bill(&story, three, "2026-03-02", "2026-03-01"));
    story.give(MakePromise {
        account: three,
        amount: money("GBP 20.00"),
        invoices: vec![late],
        made_on: date("2026-03-03"),
        pay_by: date("2026-03-06"),
        grace_days: Some(2),
    });
    story.give(RaiseDispute {
        account: three,
        invoice: late,
        amount: Some(money("GBP 7.20")),
        reason: DisputeReason::WrongPrice,
        on: date("2026-03-04"),
        note: None,
    });
    story.give(Cancel { account: one, subscription: seats, when: When::On(date("2026-03-10")), reason: None });
    month("2026-03-10", "2026-03-10");
    story.day("2026-03-12");
    let close = DayClose { on: date("2026-03-12") };
    story.engine.run(story.engine.new_command_id(), &story.actor, &close, &mut |_| ControlFlow::Continue(())).unwrap();
    story
}

#[test]
fn the_quarter_that_golden_logs_are_written_from_is_lawful_and_decided_alike_again() {
    let story = quarter();
    story.laws();
    let again = redecide(story.engine.store(), story.engine.book()).unwrap();
    assert!(again.differing.is_empty(), "{:?}", again.differing);
    assert!(again.matched > 20 && again.without_request == 0, "{again:?}");
}

fn write(name: &str) {
    let story = quarter();
    let (store, head) = (story.engine.store(), story.engine.head().unwrap());
    let mut log = Vec::new();
    export(store, &head.origin, &mut log).unwrap();
    let path = folder().join(name);
    fs::write(path.with_extension("jsonl"), log).unwrap();
    fs::write(path.with_extension("head"), format!("{head}\n")).unwrap();
    fs::write(path.with_extension("expected"), account_of(store, &head)).unwrap();
}
