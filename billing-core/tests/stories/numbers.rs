//! Numbers without gaps, whatever fails.

use billing_core::accounts::RegisterAccount;
use billing_core::invoicing::{BillAccount, IssueInvoice, ItemLine};
use billing_core::kernel::document::DocumentKind;
use billing_core::projections::documents::DocumentsIssued;
use billing_core::settings::{ChooseSeries, SeriesChoice};

use crate::firm::*;

fn numbers(story: &billing_core::testing::Story<billing_store_memory::MemoryStore>) -> Vec<String> {
    let issued =
        DocumentsIssued { from: date("2026-01-01"), to: date("2027-01-01"), after: None, limit: 100 };
    let page = story.engine.ask(&issued).unwrap().value;
    let mut numbers: Vec<String> = page
        .into_iter()
        .filter_map(|summary| summary.document.number)
        .filter(|number| number.starts_with("INV-") || number.starts_with("A-"))
        .collect();
    numbers.sort();
    numbers
}

#[test]
fn a_series_may_begin_at_5001_and_a_failed_account_costs_no_number() {
    let story = firm();
    story.give(ChooseSeries {
        series: SeriesChoice {
            documents: DocumentKind::Invoice,
            series: "invoices-2026".parse().unwrap(),
            prefix: "A-".parse().unwrap(),
            year: Some(2026),
            first: 5001,
            digits: 4,
        },
    });
    for (at, reference) in ["C-1", "C-2", "C-3"].into_iter().enumerate() {
        let order = RegisterAccount { purchase_order_required: at == 1, ..registration(reference) };
        let done = story.give(order);
        let account = done.first::<billing_core::accounts::AccountRegistered>().unwrap().account;
        subscribe(&story, account, "basic", 1, "2026-02-01");
        let bill = BillAccount { account, issue_on: date("2026-01-30"), through: date("2026-02-01") };
        if at == 1 {
            assert_eq!(story.refused(bill), "invoicing.purchase_order_missing");
        } else {
            story.give(bill);
        }
    }
    assert_eq!(numbers(&story), ["A-5001", "A-5002"]);
    story.laws();
}

#[test]
fn an_invoice_for_an_item_is_numbered_like_any_other() {
    let story = firm();
    let account = customer(&story, "C-1");
    let line = ItemLine { item: "training".parse().unwrap(), quantity: "1.5".parse().unwrap(), text: None };
    let done =
        story.give(IssueInvoice { account, issue_on: date("2026-03-02"), items: vec![line], work: vec![] });
    assert_eq!(nets(&done), ["675.00"]);
    assert_eq!(numbers(&story), ["INV-0001"]);
    story.laws();
}
