//! One customer's month: billed for the next, pays a part, pays too much, gets some back.

use billing_core::invoicing::{CreditInvoice, CreditLine, CreditNoteIssued, VoidInvoice, What};
use billing_core::kernel::funds::Funds;
use billing_core::messages::MessageRequested;
use billing_core::numbering::NumberAssigned;
use billing_core::payments::{FundsAllocated, Method, ReceiptIssued, RecordPayment, Refund};
use billing_core::projections::status_board::StatusBoard;

use crate::firm::*;

#[test]
fn a_customer_is_billed_for_the_next_month_on_the_last_working_day() {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "seats", 8, "2026-05-01");
    let may = bill(&story, account, "2026-04-30", "2026-05-01");
    assert_eq!(nets(&may), ["100.00"]);
    let june = bill(&story, account, "2026-05-29", "2026-06-01");
    let issued = june.first::<billing_core::invoicing::InvoiceIssued>().unwrap();
    assert_eq!((issued.net.to_string(), issued.tax.to_string()), ("GBP 100.00".into(), "GBP 20.00".into()));
    assert_eq!(issued.due[0].date, date("2026-06-28"));
    // The invoice, its number, and the message that carries it: three lines.
    assert_eq!(june.events.len(), 3);
    assert_eq!(june.all::<NumberAssigned>().count(), 1);
    assert_eq!(june.all::<MessageRequested>().count(), 1);
    assert!(bill(&story, account, "2026-05-29", "2026-06-01").is_nothing(), "billed once");
    assert_eq!(owed(&story, "2026-05-31"), "GBP 240.00");
    story.laws();
}

#[test]
fn money_settles_the_oldest_debt_first_and_what_is_more_waits_for_the_next() {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "basic", 1, "2026-01-01");
    let january = invoice_of(&bill(&story, account, "2025-12-31", "2026-01-01"));
    let february = invoice_of(&bill(&story, account, "2026-01-30", "2026-02-01"));
    let done = story.give(RecordPayment {
        account,
        amount: money("GBP 50.00"),
        received_on: date("2026-02-02"),
        method: Method::Card,
        reference: Some("thanks".parse().unwrap()),
        source: Some("bank-77".parse().unwrap()),
        rate: None,
        pays: vec![],
    });
    let set: Vec<(_, String)> =
        done.all::<FundsAllocated>().map(|set| (set.invoice, set.amount.to_string())).collect();
    assert_eq!(set, [(january, "GBP 36.00".to_owned()), (february, "GBP 14.00".to_owned())]);
    assert_eq!(done.all::<ReceiptIssued>().count(), 1);
    assert_eq!(owed(&story, "2026-02-02"), "GBP 22.00");

    let over = pay(&story, account, "GBP 100.00", "2026-02-03");
    assert_eq!(owed(&story, "2026-02-03"), "GBP -78.00");
    let march = bill(&story, account, "2026-02-27", "2026-03-01");
    assert_eq!(march.first::<FundsAllocated>().unwrap().amount, money("GBP 36.00"));
    assert_eq!(owed(&story, "2026-03-01"), "GBP -42.00");

    let back = |amount: &str| Refund {
        account,
        funds: Funds::Payment(over),
        amount: money(amount),
        on: date("2026-03-02"),
        method: Method::Card,
    };
    assert_eq!(story.refused(back("GBP 42.01")), "payments.more_than_is_left");
    story.give(back("GBP 42.00"));
    assert_eq!(owed(&story, "2026-03-02"), "");

    let board = story.engine.ask(&StatusBoard { as_of: date("2026-03-02") }).unwrap().value;
    assert_eq!(board[0].balance.to_string(), "nothing");
    story.laws();
}

#[test]
fn a_credit_note_gives_vat_back_at_the_rate_of_the_line_and_never_more_than_the_line() {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "plus", 1, "2026-01-01");
    let invoice = invoice_of(&bill(&story, account, "2025-12-31", "2026-01-01"));
    let credit = |amount: &str| CreditInvoice {
        account,
        invoice,
        what: What::Lines(vec![CreditLine { line: 1, amount: money(amount) }]),
        reason: "Two days without service".parse().unwrap(),
        on: date("2026-01-10"),
    };
    let done = story.give(credit("GBP 10.00"));
    let note = done.first::<CreditNoteIssued>().unwrap();
    assert_eq!((note.net.to_string(), note.credit.to_string()), ("GBP -10.00".into(), "GBP 12.00".into()));
    assert_eq!(owed(&story, "2026-01-10"), "GBP 48.00");
    assert!(story.refused(credit("GBP 40.01")).starts_with("invoicing."));
    story.give(credit("GBP 40.00"));
    assert_eq!(owed(&story, "2026-01-10"), "");
    story.laws();
}

#[test]
fn a_void_invoice_owes_nothing_gives_its_money_back_and_its_days_are_billed_again() {
    let story = firm();
    let account = customer(&story, "C-1");
    subscribe(&story, account, "basic", 1, "2026-01-01");
    let invoice = invoice_of(&bill(&story, account, "2025-12-31", "2026-01-01"));
    pay(&story, account, "GBP 36.00", "2026-01-05");
    assert_eq!(owed(&story, "2026-01-05"), "");
    let void =
        VoidInvoice { account, invoice, on: date("2026-01-06"), reason: "Wrong entity".parse().unwrap() };
    story.give(void.clone());
    assert_eq!(owed(&story, "2026-01-06"), "GBP -36.00");
    assert!(story.give(void).is_nothing(), "void is void");
    let again = bill(&story, account, "2026-01-07", "2026-01-07");
    assert_eq!(nets(&again), ["30.00"]);
    assert_eq!(owed(&story, "2026-01-07"), "");
    story.laws();
}
