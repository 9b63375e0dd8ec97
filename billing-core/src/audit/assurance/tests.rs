//! Each defect is found where it was planted, and a book that was billed as it should be has none.

use super::*;
use crate::catalogue::{Commitment, PublishPlan};
use crate::invoicing::given::{Shop, code, date, invoice_id, note, plan, pounds, shop};
use crate::invoicing::{CreditInvoice, What};

/// What is recorded of the shop's customer.
fn events(shop: &Shop) -> Vec<Event> {
    let account = StreamId::Account(shop.account);
    let planned = shop.scenario.history().iter().filter(|planned| planned.stream == account);
    planned.map(|planned| planned.event.clone()).collect()
}

/// The gaps of a page that follows from some events, held against others.
fn found(of_page: &[Event], on_record: &[Event], through: &str) -> Vec<String> {
    let mut account = Account::new("acc_0123456789abcdef0123456789abcdef".parse().unwrap());
    of_page.iter().for_each(|event| account.evolve(event));
    let gaps = assure_account(&account, on_record.iter(), date(through));
    gaps.iter().map(|gap| format!("{} {}: {}", gap.component, gap.period, gap.kind)).collect()
}

fn is_invoice(event: &Event) -> bool {
    event.event_type() == "invoicing.invoice_issued"
}

/// A customer whose month is worth 50.00 and at least 100.00.
fn held_to_a_minimum() -> (Shop, SubscriptionId) {
    let mut shop = shop();
    let (name, minimums) = ("Minimum".parse().unwrap(), vec![pounds("100.00")]);
    let commitment = Some(Commitment { name, minimums, tax_code: code("standard") });
    shop.does(PublishPlan { commitment, ..plan("half", Price::Flat(pounds("50.00"))) });
    let subscription = shop.subscribes("half", 1, "2026-01-01");
    (shop, subscription)
}

/// Changes of plan and quantity, forth and back in time, a plan in arrears, and an end.
#[test]
fn a_customer_who_is_billed_as_asked_has_no_gaps() {
    let mut shop = shop();
    let seats = shop.subscribes("seats", 3, "2026-01-10");
    let metered = shop.subscribes("metered", 1, "2026-01-10");
    shop.bills("2026-01-10");
    shop.changes_quantity(seats, 5, "2026-01-20");
    shop.bills("2026-01-25");
    shop.changes_plan(seats, "pro", "2026-02-15");
    shop.bills("2026-02-20");
    shop.changes_quantity(seats, 2, "2026-02-17");
    shop.cancels(metered, "2026-03-01");
    shop.cancels(seats, "2026-03-25");
    for through in ["2026-03-10", "2026-04-10"] {
        shop.bills(through);
        let events = events(&shop);
        assert_eq!(found(&events, &events, through), Vec::<String>::new());
    }
}

/// Minimums of plans and of a charge, true-ups that are taken back, and an end before its time.
#[test]
fn a_minimum_that_is_not_come_to_and_a_true_up_that_is_too_much_are_found() {
    let (mut shop, subscription) = held_to_a_minimum();
    shop.bills("2026-01-01");
    shop.bills("2026-02-01");
    let all = events(&shop);
    assert_eq!(found(&all, &all, "2026-02-01"), Vec::<String>::new());
    let without = |all: &[Event], what: &str| -> Vec<Event> {
        let is = |event: &&Event| !event.payload().unwrap().to_string().contains(what);
        all.iter().filter(is).cloned().collect()
    };
    assert_eq!(
        found(&all, &without(&all, r#""kind":"true_up""#), "2026-02-01"),
        [
            "plan 2026-02-01 to 2026-02-28: asked for and not billed",
            "plan 2026-01-01 to 2026-01-31: they come to GBP 50.00, and at least GBP 100.00 was agreed",
        ]
    );
    shop.cancels(subscription, "2026-02-15");
    shop.bills("2026-02-15");
    let cancelled = events(&shop);
    assert_eq!(found(&cancelled, &cancelled, "2026-02-15"), Vec::<String>::new());
    let forged: Vec<Event> = cancelled
        .iter()
        .map(|event| {
            let data = event.payload().unwrap().to_string();
            // 14 of 28 days are 50.00, less 25.00 charged.
            let data = data.replace(r#""net":"GBP 25.00""#, r#""net":"GBP 35.00""#);
            Event::decode(event.event_type(), 1, &data).unwrap()
        })
        .collect();
    assert_eq!(
        found(&cancelled, &forged, "2026-02-15"),
        [
            "plan 2026-02-01 to 2026-02-14: GBP 35.00 charged up to a minimum of GBP 50.00, of which GBP 25.00 was charged already"
        ]
    );
}

/// A bill that takes a part of a true-up back is credited whole: the days stay charged, as a favour.
#[test]
fn a_favour_is_no_minimum_that_is_gone_beyond() {
    let (mut shop, subscription) = held_to_a_minimum();
    shop.bills("2026-02-01");
    shop.adds(subscription, "chat", "2026-01-01");
    let invoice = invoice_id(&shop.bills("2026-02-05"));
    let (account, what) = (shop.account, What::Whole);
    let (on, reason) = (date("2026-02-06"), note("A favour"));
    shop.does(CreditInvoice { account, invoice, what, on, reason });
    assert_eq!(shop.bills("2026-02-06"), []);
    let all = events(&shop);
    assert!(all.iter().any(|event| event.payload().unwrap().to_string().contains("true_up_taken_back")));
    assert_eq!(found(&all, &all, "2026-02-06"), Vec::<String>::new());
}

/// Nothing can be taken back of a true-up that cost nothing.
#[test]
fn a_true_up_that_a_discount_took_off_whole_is_not_too_much() {
    let (mut shop, subscription) = held_to_a_minimum();
    shop.bills("2026-01-01");
    shop.gives_a_bill_away("2026-01-01");
    shop.bills("2026-02-01");
    shop.adds(subscription, "chat", "2026-01-01");
    shop.bills("2026-02-05");
    let all = events(&shop);
    assert!(!all.iter().any(|event| event.payload().unwrap().to_string().contains("true_up_taken_back")));
    assert_eq!(found(&all, &all, "2026-02-05"), Vec::<String>::new());
}

#[test]
fn days_that_are_due_and_not_billed_are_missing() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    shop.subscribes("metered", 1, "2026-01-01");
    shop.bills("2026-02-01");
    let all = events(&shop);
    let unbilled: Vec<Event> = all.iter().filter(|event| !is_invoice(event)).cloned().collect();
    assert_eq!(
        found(&unbilled, &unbilled, "2026-02-01"),
        [
            "plan 2026-01-01 to 2026-02-28: asked for and not billed",
            "plan 2026-01-01 to 2026-01-31: asked for and not billed",
        ],
        "February in arrears is not due"
    );
    assert_eq!(found(&all, &all, "2026-02-28"), Vec::<String>::new());
    assert_eq!(
        found(&all, &all, "2026-03-01"),
        [
            "plan 2026-03-01 to 2026-03-31: asked for and not billed",
            "plan 2026-02-01 to 2026-02-28: asked for and not billed",
        ]
    );
}

#[test]
fn days_on_two_lines_and_days_that_nobody_wants_are_found() {
    let mut shop = shop();
    let basic = shop.subscribes("basic", 1, "2026-01-01");
    shop.bills("2026-01-01");
    let mut all = events(&shop);
    let invoice = all.iter().find(|event| is_invoice(event)).unwrap().clone();
    all.push(invoice);
    assert_eq!(found(&all, &all, "2026-01-01"), ["plan 2026-01-01 to 2026-01-31: billed more than once"]);
    shop.cancels(basic, "2026-01-11");
    let cancelled = events(&shop);
    assert_eq!(found(&cancelled, &cancelled, "2026-01-10"), Vec::<String>::new(), "it is not over yet");
    assert_eq!(
        found(&cancelled, &cancelled, "2026-01-11"),
        ["plan 2026-01-11 to 2026-01-31: billed and not asked for"]
    );
    shop.bills("2026-01-11");
    let settled = events(&shop);
    assert_eq!(found(&settled, &settled, "2026-01-11"), Vec::<String>::new());
    let unknown: Vec<Event> =
        settled.iter().filter(|event| !event.event_type().starts_with("subscriptions.")).cloned().collect();
    assert_eq!(
        found(&unknown, &settled, "2026-01-11"),
        ["plan 2026-01-01 to 2026-01-10: billed and not asked for"]
    );
}

#[test]
fn days_on_other_terms_are_found() {
    let mut shop = shop();
    shop.subscribes("seats", 3, "2026-01-01");
    shop.bills("2026-01-01");
    let all = events(&shop);
    let forged = |was: &str, is: &str| -> Vec<Event> {
        let forge = |event: &Event| {
            let data = event.payload().unwrap().to_string();
            assert!(data.contains(was), "{data}");
            Event::decode(event.event_type(), 1, &data.replace(was, is)).unwrap()
        };
        all.iter().map(|event| if is_invoice(event) { forge(event) } else { event.clone() }).collect()
    };
    assert_eq!(
        found(&all, &forged("GBP 12.50", "GBP 12.05"), "2026-01-01"),
        [
            "plan 2026-01-01 to 2026-01-31: billed as 3 x seats (version 1) at GBP 12.05 a seat, agreed was 3 x seats (version 1) at GBP 12.50 a seat"
        ]
    );
    assert_eq!(
        found(&all, &forged(r#""quantity":"3""#, r#""quantity":"2""#), "2026-01-01"),
        [
            "plan 2026-01-01 to 2026-01-31: billed as 2 x seats (version 1) at GBP 12.50 a seat, agreed was 3 x seats (version 1) at GBP 12.50 a seat"
        ]
    );
}

#[test]
fn a_gap_is_data_and_a_sentence() {
    let gap = Gap {
        account: "acc_0123456789abcdef0123456789abcdef".parse().unwrap(),
        subscription: "sub_0123456789abcdef0123456789abcdef".parse().unwrap(),
        component: "plan".parse().unwrap(),
        period: Period::new(date("2026-01-01"), date("2026-02-01")).unwrap(),
        kind: GapKind::Missing,
    };
    assert_eq!(
        gap.to_string(),
        "plan of sub_0123456789abcdef0123456789abcdef, 2026-01-01 to 2026-01-31: asked for and not billed (acc_0123456789abcdef0123456789abcdef)."
    );
    assert_eq!(
        serde_json::to_string(&gap).unwrap(),
        r#"{"account":"acc_0123456789abcdef0123456789abcdef","subscription":"sub_0123456789abcdef0123456789abcdef","component":"plan","period":{"from":"2026-01-01","to":"2026-02-01"},"kind":"missing"}"#
    );
}
