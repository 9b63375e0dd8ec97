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

use billing_core::accounts::{
    AccountKind, AccountRegistered, AddContact, Contact, ContactRole, ConvertToFull, RegisterAccount,
};
use billing_core::audit::{export, redecide, replay, restore, verify};
use billing_core::credit_control::{
    DisputeReason, HoldReason, MakePromise, PlaceHold, RaiseDispute, SendReminder,
};
use billing_core::invoicing::{
    BringForward, CreditInvoice, CreditLine, IssueInvoice, ItemLine, VoidInvoice, What,
};
use billing_core::kernel::funds::Funds;
use billing_core::kernel::sealed::Sealed;
use billing_core::log::{Head, Position};
use billing_core::payments::{Method, Refund, ReturnPayment};
use billing_core::runs::{BillingRun, ChaseRun, DayClose};
use billing_core::subscriptions::{AddAddOn, Cancel, ChangePlan, ChangeQuantity, When};
use billing_core::testing::Story;
use billing_core::work::RecordWork;
use billing_store_memory::MemoryStore;

use firm::{bill, customer, date, firm, invoice_of, money, pay, registration, subscribe};

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
        let lines =
            log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| Ok(line.to_vec()));
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
        let report = story
            .engine
            .run(story.engine.new_command_id(), &story.actor, &run, &mut |_| ControlFlow::Continue(()));
        assert!(report.unwrap().failed.is_empty());
    };
    let [one, two, three] = ["C-1", "C-2", "C-3"].map(|reference| customer(&story, reference));
    let seats = subscribe(&story, one, "seats", 5, "2026-01-01");
    let basic = subscribe(&story, two, "basic", 1, "2026-01-01");
    subscribe(&story, three, "arrears", 1, "2026-01-01");
    month("2026-01-02", "2026-01-02");
    story.day("2026-01-10");
    story.give(ChangeQuantity {
        account: one,
        subscription: seats,
        component: None,
        quantity: 8,
        when: When::On(date("2026-01-10")),
    });
    let plus = "plus".parse().unwrap();
    story.give(ChangePlan {
        account: two,
        subscription: basic,
        plan: plus,
        quantity: None,
        when: When::EndOfPeriod { asked_on: date("2026-01-10") },
    });
    let add_on = "chatbot".parse().unwrap();
    story.give(AddAddOn {
        account: two,
        subscription: basic,
        add_on,
        quantity: 1,
        when: When::On(date("2026-01-15")),
    });
    month("2026-01-30", "2026-02-01");
    pay(&story, one, "GBP 75.00", "2026-02-02");
    pay(&story, two, "GBP 200.00", "2026-02-02");
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
    let chase = ChaseRun { on: date("2026-03-05") };
    story.day("2026-03-05");
    story
        .engine
        .run(story.engine.new_command_id(), &story.actor, &chase, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    for outgoing in
        story.engine.follow(Position::START, 1_000).unwrap().iter().filter(|outgoing| outgoing.chases)
    {
        story.give(SendReminder {
            account: outgoing.account,
            message: outgoing.message,
            on: date("2026-03-05"),
        });
    }
    story.give(Cancel {
        account: one,
        subscription: seats,
        when: When::On(date("2026-03-10")),
        reason: None,
    });
    month("2026-03-10", "2026-03-10");
    more_kinds(&story);
    story.day("2026-03-12");
    let close = DayClose { on: date("2026-03-12") };
    story
        .engine
        .run(story.engine.new_command_id(), &story.actor, &close, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    story
}

/// A fourth customer, to whom the rarer things happen.
fn more_kinds(story: &Story<MemoryStore>) {
    let trial = RegisterAccount { kind: AccountKind::Trial, ..registration("C-4") };
    let account = story.give(trial).first::<AccountRegistered>().unwrap().account;
    story.give(ConvertToFull { account, on: date("2026-03-11") });
    story.give(AddContact {
        account,
        contact: None,
        details: Contact {
            name: Sealed::marked("Somebody").unwrap(),
            email: Some(Sealed::marked("somebody@example.com").unwrap()),
            phone: None,
            roles: [ContactRole::Billing].into(),
        },
    });
    let carried = BringForward {
        account,
        reference: "OLD-77".parse().unwrap(),
        issued_on: date("2025-11-30"),
        due_on: date("2025-12-30"),
        open: money("GBP 100.00"),
    };
    story.give(carried);
    story.give(PlaceHold { account, reason: HoldReason::Arrears, on: date("2026-03-11") });
    let paid = pay(story, account, "GBP 130.00", "2026-03-11");
    story.give(Refund {
        account,
        funds: Funds::Payment(paid),
        amount: money("GBP 10.00"),
        on: date("2026-03-11"),
        method: Method::BankTransfer,
    });
    let bounced = pay(story, account, "GBP 5.00", "2026-03-11");
    story.give(ReturnPayment {
        account,
        payment: bounced,
        on: date("2026-03-12"),
        reason: "Refer to payer".parse().unwrap(),
    });
    let work = RecordWork {
        account,
        description: "Data migration".parse().unwrap(),
        done_on: date("2026-03-11"),
        quantity: "7.5".parse().unwrap(),
        unit_price: "GBP 80.00".parse().unwrap(),
        tax_code: "standard".parse().unwrap(),
        evidence: Some("JOB-9".parse().unwrap()),
        done_by: None,
    };
    story.give(work);
    let invoice = invoice_of(&bill(story, account, "2026-03-11", "2026-03-11"));
    story.give(CreditInvoice {
        account,
        invoice,
        what: What::Lines(vec![CreditLine { line: 1, amount: money("GBP 80.00") }]),
        reason: "An hour too many".parse().unwrap(),
        on: date("2026-03-12"),
    });
    let training = ItemLine { item: "training".parse().unwrap(), quantity: "1".parse().unwrap(), text: None };
    let order = IssueInvoice { account, issue_on: date("2026-03-12"), items: vec![training], work: vec![] };
    let invoice = invoice_of(&story.give(order));
    story.give(VoidInvoice {
        account,
        invoice,
        on: date("2026-03-12"),
        reason: "Not ordered".parse().unwrap(),
    });
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
