//! The billing run with review: every account that is due is billed or drafted, never both; what was looked at is
//! released; what changed since is not.

use std::collections::BTreeSet;

use billing_core::audit::export;
use billing_core::book::payload;
use billing_core::decision::Command;
use billing_core::invoicing::Invoicing;
use billing_core::log::Line;
use billing_core::prelude::*;
use billing_core::projections::due_index::Due;
use billing_core::runs::unwatched;
use billing_core::subscriptions::{ChangeQuantity, When};
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;
use proptest::prelude::*;

use crate::firm::*;

fn reviewed(issue_on: &str, through: &str) -> ReviewedRun {
    ReviewedRun { issue_on: date(issue_on), through: date(through) }
}

fn run<R: Run<Command: Command<Department = Invoicing>>>(story: &Story<MemoryStore>, run: &R) -> RunReport {
    story.engine.run(story.engine.new_command_id(), &story.actor, run, &mut unwatched).unwrap()
}

fn queue(story: &Story<MemoryStore>) -> Vec<InReview> {
    story.engine.ask(&ReviewQueue).unwrap().value
}

fn release_all(story: &Story<MemoryStore>) -> RunReport {
    run(story, &ReleaseDrafts::of(&queue(story)))
}

fn changes_seats(story: &Story<MemoryStore>, account: AccountId, seats: SubscriptionId, to: u32, on: &str) {
    let when = When::On(date(on));
    story.give(ChangeQuantity { account, subscription: seats, component: None, quantity: to, when });
}

/// Customers with two seats each, who are billed through January.
fn crowd(size: usize) -> (Story<MemoryStore>, Vec<(AccountId, SubscriptionId)>) {
    let story = firm();
    let joins = |at| {
        let account = customer(&story, &format!("C-{at}"));
        (account, subscribe(&story, account, "seats", 2, "2026-01-01"))
    };
    let customers: Vec<_> = (0..size).map(joins).collect();
    run(&story, &BillingRun { issue_on: date("2026-01-01"), through: date("2026-01-01") });
    (story, customers)
}

#[test]
fn the_changed_are_looked_at_and_the_others_are_billed_as_last_time() {
    let (story, customers) = crowd(4);
    let (changed, seats) = customers[1];
    changes_seats(&story, changed, seats, 5, "2026-01-15");
    story.day("2026-01-31");
    let before = (owed(&story, "2026-03-01"), story.engine.head().unwrap().position.get());
    let report = run(&story, &reviewed("2026-01-31", "2026-02-01"));
    assert_eq!((report.accounts, report.recorded, report.failed.len()), (4, 4, 0));
    // 3 bills of 25.00 with VAT; an invoice, a number and a message each, and one line for the draft.
    assert_eq!(before.0, "GBP 120.00");
    assert_eq!(owed(&story, "2026-03-01"), "GBP 210.00");
    assert_eq!(story.engine.head().unwrap().position.get(), before.1 + 3 * 3 + 1);

    let queue = queue(&story);
    assert_eq!(queue.len(), 1);
    let review = &queue[0];
    // 17/31 of 25.00 back is 13.71, of 62.50 is 34.27, and February's 62.50: 83.06, with VAT 99.67.
    assert_eq!((review.account, review.comes_to.to_string().as_str()), (changed, "GBP 99.67"));
    assert_eq!(review.last.unwrap().gross.to_string(), "GBP 30.00");
    let plan = "plan".parse().unwrap();
    let otherwise = Change::Component { subscription: seats, component: plan };
    assert_eq!(review.differs, BTreeSet::from([otherwise, Change::GivenBack]));
    assert_eq!(
        review.changes,
        [format!("Quantity of plan of subscription {seats} changed to 5 from 2026-01-15 on.")]
    );

    let released = release_all(&story);
    assert_eq!((released.recorded, released.events), (1, 4), "approval, invoice, number and message");
    assert_eq!(owed(&story, "2026-03-01"), "GBP 309.67");
    assert_eq!(self::queue(&story), []);
    story.laws();
}

#[test]
fn an_unchanged_customer_s_invoice_is_the_last_one_but_for_period_dates_and_ids() {
    let (story, customers) = crowd(1);
    let (account, _) = customers[0];
    for (month, through) in [("2026-01-31", "2026-02-01"), ("2026-02-28", "2026-03-01")] {
        run(story.day(month), &reviewed(month, through));
    }
    assert_eq!(queue(&story), []);
    let documents = story.engine.preview(
        &story.actor,
        &BillAccount { account, issue_on: date("2026-03-31"), through: date("2026-04-01") },
    );
    let april = payload::<InvoiceIssued>(&documents.unwrap()[0].event).unwrap().clone();
    let mut last: Option<InvoiceIssued> = None;
    for issued in all_invoices(&story).into_iter().chain([april]) {
        if let Some(last) = last.replace(issued.clone()) {
            assert_eq!(but_for_period(&issued, &last), last);
        }
    }
}

/// An invoice as it would be with the period, the dates and the id of another one.
fn but_for_period(invoice: &InvoiceIssued, of: &InvoiceIssued) -> InvoiceIssued {
    let (invoice_id, issued_on, due) = (of.invoice, of.issued_on, of.due.clone());
    let mut same = InvoiceIssued { invoice: invoice_id, issued_on, ..invoice.clone() };
    for (due, of) in same.due.iter_mut().zip(&due) {
        due.date = of.date;
    }
    for (line, of) in same.lines.iter_mut().zip(&of.lines) {
        line.subject = of.subject.clone();
    }
    same
}

fn all_invoices(story: &Story<MemoryStore>) -> Vec<InvoiceIssued> {
    recorded(story, &["invoicing.invoice_issued"], |line| serde_json::from_str(line.data).unwrap())
}

/// The lines with these words, read.
fn recorded<T>(story: &Story<MemoryStore>, words: &[&str], read: impl Fn(&Line<'_>) -> T) -> Vec<T> {
    let mut log = Vec::new();
    export(story.engine.store(), story.engine.book(), &mut log).unwrap();
    let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| Line::parse(line).unwrap());
    lines.filter(|line| words.contains(&line.event_type)).map(|line| read(&line)).collect()
}

#[test]
fn a_draft_that_is_out_of_date_fails_alone_and_is_drafted_again_by_the_next_run() {
    let (story, customers) = crowd(3);
    for (account, seats) in &customers {
        changes_seats(&story, *account, *seats, 4, "2026-02-01");
    }
    story.day("2026-01-31");
    run(&story, &reviewed("2026-01-31", "2026-02-01"));
    let looked_at = ReleaseDrafts::of(&queue(&story));
    changes_seats(&story, customers[2].0, customers[2].1, 6, "2026-02-01");
    let id = story.engine.new_command_id();
    let report = story.engine.run(id, &story.actor, &looked_at, &mut unwatched).unwrap();
    assert_eq!((report.recorded, report.failed.len()), (2, 1));
    let (account, why) = &report.failed[0];
    assert_eq!((*account, why.code()), (customers[2].0, "invoicing.draft_out_of_date"));
    // The same run again, and the same drafts in another run: what was released stays released.
    let again = story.engine.run(id, &story.actor, &looked_at, &mut unwatched).unwrap();
    assert_eq!((again.repeated, again.recorded, again.failed.len()), (2, 0, 1));
    let other = run(&story, &looked_at);
    assert_eq!((other.nothing, other.recorded, other.failed.len()), (2, 0, 1));

    run(&story, &reviewed("2026-01-31", "2026-02-01"));
    assert_eq!(release_all(&story).recorded, 1);
    // Three times 2 seats for January, 30.00; February with 4, 4 and 6 seats: 60.00, 60.00 and 90.00.
    assert_eq!(owed(&story, "2026-03-01"), "GBP 300.00");
    story.laws();
}

#[test]
fn a_plain_run_bills_what_waits_to_be_looked_at() {
    let (story, customers) = crowd(1);
    changes_seats(&story, customers[0].0, customers[0].1, 4, "2026-02-01");
    run(&story, &reviewed("2026-01-31", "2026-02-01"));
    assert_eq!(queue(&story).len(), 1);
    run(&story, &BillingRun { issue_on: date("2026-01-31"), through: date("2026-02-01") });
    assert_eq!(queue(&story), []);
    assert_eq!(owed(&story, "2026-03-01"), "GBP 90.00");
    story.laws();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// The partition is exhaustive and disjoint: who had something due is billed, or drafted, and nobody is both; and
    /// released, the book owes what it would owe had nobody been looked at.
    #[test]
    fn everybody_who_is_due_is_billed_or_drafted_and_nobody_is_both(
        changes in prop::collection::vec((0..6_u32, 0..8_u8), 1..6)
    ) {
        let books = [true, false].map(|review| {
            let (story, customers) = crowd(changes.len());
            for ((account, seats), (to, kind)) in customers.iter().zip(&changes) {
                let when = When::On(date("2026-01-20"));
                match kind {
                    0 => {}
                    1 => changes_seats(&story, *account, *seats, to + 1, "2026-01-20"),
                    2 => {
                        subscribe(&story, *account, "arrears", 1, "2026-01-10");
                    }
                    3 => drop(story.give(Cancel { account: *account, subscription: *seats, when, reason: None })),
                    4 => {
                        let off = Off::Percent("10%".parse().unwrap());
                        story.give(GrantDiscount::new(*account, "Offer".parse().unwrap(), off, date("2026-01-20")));
                    }
                    5 => {
                        let (name, on) = (Some(Sealed::marked("Renamed").unwrap()), date("2026-01-20"));
                        story.give(ChangeDetails { account: *account, name, custom_fields: None, on });
                    }
                    6 => works(&story, *account),
                    _ => {
                        let (terms, from) = (Some(PaymentTerms::OnReceipt), date("2026-01-20"));
                        story.give(ChangeTerms { account: *account, terms, from });
                    }
                }
            }
            let through = date("2026-02-01");
            let due = story.engine.ask(&Due { through }).unwrap().value;
            let asked: BTreeSet<AccountId> = due.changed.iter().copied().collect();
            let due: BTreeSet<AccountId> = due.changed.into_iter().chain(due.unchanged).collect();
            let before = all_documents(&story);
            if review {
                let report = run(&story, &reviewed("2026-02-01", "2026-02-01"));
                assert!(report.failed.is_empty());
                let drafted: BTreeSet<AccountId> = queue(&story).iter().map(|review| review.account).collect();
                let billed = all_documents(&story).split_off(before.len()).into_iter().collect::<BTreeSet<_>>();
                assert!(billed.is_disjoint(&drafted));
                assert_eq!(&billed | &drafted, due);
                for review in queue(&story) {
                    assert!(!review.differs.is_empty(), "{review:?}");
                    assert_eq!(asked.contains(&review.account), !review.changes.is_empty(), "both views say so");
                }
                // Nobody's bill became another one by itself: who is looked at had asked for something.
                assert!(drafted.is_subset(&asked));
                assert_eq!(release_all(&story).recorded, drafted.len());
            } else {
                run(&story, &BillingRun { issue_on: through, through });
            }
            assert!(story.engine.ask(&Due { through }).unwrap().value.changed.is_empty());
            owed(&story, "2026-03-01")
        });
        prop_assert_eq!(&books[0], &books[1]);
    }
}

fn works(story: &Story<MemoryStore>, account: AccountId) {
    story.give(RecordWork {
        account,
        description: "Set-up".parse().unwrap(),
        done_on: date("2026-01-20"),
        quantity: "2".parse().unwrap(),
        unit_price: "GBP 40.00".parse().unwrap(),
        tax_code: "standard".parse().unwrap(),
        evidence: None,
        done_by: None,
    });
}

/// Whose the invoices and credit notes are, in the order in which they were issued.
fn all_documents(story: &Story<MemoryStore>) -> Vec<AccountId> {
    recorded(story, &["invoicing.invoice_issued", "invoicing.credit_note_issued"], |line| {
        line.stream.to_string().trim_start_matches("account/").parse().unwrap()
    })
}
