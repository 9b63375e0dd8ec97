//! What a period is short of a minimum that was agreed for it is charged when it is over. Every amount is worked out by
//! hand.

use crate::book::payload;
use crate::catalogue::{
    Aggregate, Alignment, Charge, Commitment, Meter, Phase, PhaseKind, Price, PublishPlan, Timing,
};
use crate::discounts::{GrantDiscount, Off};
use crate::invoicing::given::{Shop, code, date, invoice_id, note, plan, pounds, said, shop};
use crate::invoicing::{CreditInvoice, CreditLine, InvoiceIssued, VoidInvoice, What};
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::rate::Rate;
use crate::settings::{ChoosePolicies, Dialect, Policies};
use crate::usage::{RecordUsage, UsageRecord};

fn at_least(amount: &str) -> Option<Commitment> {
    let (name, minimums) = ("Minimum".parse().unwrap(), vec![pounds(amount)]);
    Some(Commitment { name, minimums, tax_code: code("standard") })
}

fn flat(amount: &str) -> Price {
    Price::Flat(pounds(amount))
}

/// Half of its minimum of 100.00 is its price.
fn half() -> PublishPlan {
    PublishPlan { commitment: at_least("100.00"), ..plan("half", flat("50.00")) }
}

/// Calls at 0.10.
fn calls() -> PublishPlan {
    let meter = Some(Meter::new(code("calls"), Aggregate::Sum));
    PublishPlan { meter, ..plan("calls", Price::Each("GBP 0.10".parse().unwrap())) }
}

fn sold(shop: &mut Shop, plan: PublishPlan, from: &str) -> SubscriptionId {
    let code = plan.plan.clone();
    shop.does(plan);
    shop.subscribes(code.as_str(), 1, from)
}

fn counts(shop: &mut Shop, subscription: SubscriptionId, on: &str, quantity: &str) {
    let record = UsageRecord {
        key: format!("r-{}", shop.scenario.history().len()).parse().unwrap(),
        subscription,
        metric: code("calls"),
        on: date(on),
        quantity: quantity.parse().unwrap(),
        name: None,
    };
    shop.does(RecordUsage { account: shop.account, records: vec![record] });
}

fn voids(shop: &mut Shop, invoice: InvoiceId, on: &str) {
    let account = shop.account;
    shop.does(VoidInvoice { account, invoice, on: date(on), reason: note("Made in error") });
}

/// Billed again, there is nothing to do, and nothing is said to be.
fn is_settled(shop: &mut Shop, through: &str) {
    assert_eq!(shop.bills(through), []);
    assert!(shop.next().is_none_or(|next| through < next.as_str()), "{:?}", shop.next());
}

#[test]
fn in_arrears_the_true_up_stands_beside_the_period_and_a_part_has_its_part() {
    let mut shop = shop();
    let arrears = PublishPlan { timing: Timing::InArrears, alignment: Alignment::Calendar, ..half() };
    sold(&mut shop, arrears, "2024-02-11");
    // A leap day: 19 of 29 days. 50.00 x 19/29 = 32.758…, 100.00 x 19/29 = 65.517…, and 65.52 - 32.76 = 32.76.
    assert_eq!(
        shop.bill("2024-03-01"),
        [
            "half 2024-02-11 to 2024-02-29 19/29 GBP 32.76",
            "Minimum 2024-02-11 to 2024-02-29 19/29 GBP 32.76",
            "invoice GBP 65.52 + GBP 13.10 = GBP 78.62",
        ]
    );
    is_settled(&mut shop, "2024-03-01");
    assert_eq!(
        shop.bill("2024-04-01")[..2],
        ["half 2024-03-01 to 2024-03-31 GBP 50.00", "Minimum 2024-03-01 to 2024-03-31 GBP 50.00"]
    );
}

#[test]
fn in_advance_it_comes_with_the_next_period_and_after_the_last_one_alone() {
    let mut shop = shop();
    let subscription = sold(&mut shop, half(), "2026-01-01");
    assert_eq!(shop.bill("2026-01-01")[0], "half 2026-01-01 to 2026-01-31 GBP 50.00");
    assert_eq!(
        shop.bill("2026-02-01")[..2],
        ["half 2026-02-01 to 2026-02-28 GBP 50.00", "Minimum 2026-01-01 to 2026-01-31 GBP 50.00"]
    );
    shop.cancels(subscription, "2026-03-01");
    assert_eq!(shop.next().as_deref(), Some("2026-03-01"));
    assert_eq!(
        shop.bill("2026-03-01"),
        ["Minimum 2026-02-01 to 2026-02-28 GBP 50.00", "invoice GBP 50.00 + GBP 10.00 = GBP 60.00"]
    );
    assert_eq!(shop.next(), None);
}

#[test]
fn a_period_that_comes_to_its_minimum_has_no_true_up_and_another_quantity_does_not_part_it() {
    let mut shop = shop();
    let seats = PublishPlan {
        timing: Timing::InArrears,
        commitment: at_least("100.00"),
        ..plan("seated", Price::PerSeat(pounds("30.00")))
    };
    let subscription = sold(&mut shop, seats, "2026-01-01");
    shop.changes_quantity(subscription, 10, "2026-01-16");
    // 15 days of one are far below half of the minimum, but it is agreed for the month: 14.52 + 154.84.
    assert_eq!(shop.bill("2026-01-16")[..1], ["seated 2026-01-01 to 2026-01-15 15/31 GBP 14.52"]);
    assert_eq!(
        shop.bill("2026-02-01"),
        ["seated 2026-01-16 to 2026-01-31 16/31 GBP 154.84", "invoice GBP 154.84 + GBP 30.97 = GBP 185.81"]
    );
    is_settled(&mut shop, "2026-02-01");
    shop.cancels(subscription, "2026-02-01");
    assert_eq!(shop.next(), None);
}

#[test]
fn add_ons_count_and_what_is_charged_once_does_not() {
    let mut shop = shop();
    let plan = PublishPlan { set_up: vec![pounds("99.00")], ..half() };
    let subscription = sold(&mut shop, plan, "2026-01-01");
    shop.adds(subscription, "chat", "2026-01-01");
    // A year in advance: 31 of its 365 days lie in January, 120.00 x 31/365 = 10.191…
    shop.adds(subscription, "backup", "2026-01-01");
    shop.bills("2026-01-01");
    // 100.00 - 50.00 - 10.00 - 10.19
    assert_eq!(
        shop.bill("2026-02-01")[..3],
        [
            "half 2026-02-01 to 2026-02-28 GBP 50.00",
            "chat 2026-02-01 to 2026-02-28 GBP 10.00",
            "Minimum 2026-01-01 to 2026-01-31 GBP 29.81",
        ]
    );
}

#[test]
fn a_charge_has_a_minimum_of_its_own_which_counts_towards_that_of_the_plan() {
    let mut shop = shop();
    let PublishPlan { meter, prices, tax_code, .. } = calls();
    let name = "Calls".parse().unwrap();
    let counted =
        Charge { code: code("calls"), name, prices, tax_code, meter, commitment: at_least("20.00") };
    let whole = PublishPlan {
        timing: Timing::InArrears,
        charges: vec![counted],
        commitment: at_least("60.00"),
        ..plan("line", flat("29.00"))
    };
    let subscription = sold(&mut shop, whole, "2026-01-01");
    counts(&mut shop, subscription, "2026-01-10", "100");
    // 29.00 + 10.00, up to 20.00 for the calls, and 11.00 more up to 60.00.
    assert_eq!(
        shop.bill("2026-02-01"),
        [
            "line 2026-01-01 to 2026-01-31 GBP 29.00",
            "Calls 2026-01-01 to 2026-01-31 GBP 10.00",
            "Minimum 2026-01-01 to 2026-01-31 GBP 10.00",
            "Minimum 2026-01-01 to 2026-01-31 GBP 11.00",
            "invoice GBP 60.00 + GBP 12.00 = GBP 72.00",
        ]
    );
    is_settled(&mut shop, "2026-02-01");
    // Late calls of 15.00: 5.00 above the calls' own minimum, so 10.00 and 5.00 less are missing.
    counts(&mut shop, subscription, "2026-01-11", "150");
    counts(&mut shop, subscription, "2026-02-11", "1000");
    assert_eq!(
        shop.bill("2026-03-01"),
        [
            "line 2026-02-01 to 2026-02-28 GBP 29.00",
            "Calls 2026-02-01 to 2026-02-28 GBP 100.00",
            "Late usage: Calls 2026-01-01 to 2026-01-31 GBP 15.00",
            "Taken back: Minimum 2026-01-01 to 2026-01-31 GBP -10.00",
            "Taken back: Minimum 2026-01-01 to 2026-01-31 GBP -5.00",
            "invoice GBP 129.00 + GBP 25.80 = GBP 154.80",
        ]
    );
    is_settled(&mut shop, "2026-03-01");
}

#[test]
fn who_leaves_in_a_period_is_held_to_the_part_that_was_served() {
    let mut shop = shop();
    let subscription = sold(&mut shop, half(), "2026-01-01");
    shop.bills("2026-01-01");
    shop.cancels(subscription, "2026-01-16");
    // 50.00 x 16/31 = 25.806… is given back and 24.19 stays; 100.00 x 15/31 = 48.387…
    assert_eq!(
        shop.bill("2026-01-16"),
        [
            "Minimum 2026-01-01 to 2026-01-15 15/31 GBP 24.20",
            "invoice GBP 24.20 + GBP 4.84 = GBP 29.04",
            "Unused: half 2026-01-16 to 2026-01-31 16/31 GBP -25.81",
            "credit note GBP -25.81 + GBP -5.16, credit GBP 30.97",
        ]
    );
    is_settled(&mut shop, "2026-01-16");
    assert_eq!(shop.balance(), "GBP 58.07");
}

#[test]
fn a_true_up_goes_with_its_days_and_gives_back_what_was_charged_of_it() {
    let mut shop = shop();
    let off = Off::Percent(Rate::percent("10").unwrap());
    shop.does(GrantDiscount::new(shop.account, "Offer".parse().unwrap(), off, date("2026-01-01")));
    let subscription = sold(&mut shop, half(), "2026-01-01");
    shop.bills("2026-01-01");
    // Held against its price before discounts; the true-up has the discount, too.
    assert_eq!(shop.bill("2026-02-01")[1], "Minimum 2026-01-01 to 2026-01-31 GBP 45.00");
    shop.cancels(subscription, "2026-01-16");
    // 16/31 of 45.00 is 23.225…; 24.20 is missing of the first half month, less 2.42.
    assert_eq!(
        shop.bill("2026-02-05"),
        [
            "Minimum 2026-01-01 to 2026-01-15 15/31 GBP 21.78",
            "invoice GBP 21.78 + GBP 4.36 = GBP 26.14",
            "Unused: half 2026-01-16 to 2026-01-31 16/31 GBP -23.23",
            "Unused: half 2026-02-01 to 2026-02-28 GBP -45.00",
            "Taken back: Minimum 2026-01-01 to 2026-01-31 GBP -45.00",
            "credit note GBP -113.23 + GBP -22.65, credit GBP 135.88",
        ]
    );
    is_settled(&mut shop, "2026-02-05");
}

#[test]
fn a_favour_is_not_charged_again_and_not_given_back_twice() {
    let mut shop = shop();
    let subscription =
        sold(&mut shop, PublishPlan { commitment: at_least("100.00"), ..calls() }, "2026-01-01");
    let events = shop.bills("2026-02-01");
    assert_eq!(said(&events)[1], "Minimum 2026-01-01 to 2026-01-31 GBP 100.00");
    let lines = vec![CreditLine { line: 2, amount: pounds("70.00") }];
    shop.does(CreditInvoice {
        account: shop.account,
        invoice: invoice_id(&events),
        what: What::Lines(lines),
        on: date("2026-02-02"),
        reason: note("Goodwill"),
    });
    is_settled(&mut shop, "2026-02-02");
    // Late usage of 40.00 leaves 60.00 missing: 40.00 of the 100.00 are too much, but 30.00 are all that is left.
    counts(&mut shop, subscription, "2026-01-20", "400");
    counts(&mut shop, subscription, "2026-02-20", "1000");
    assert_eq!(
        shop.bill("2026-03-01")[1..3],
        [
            "Late usage: calls 2026-01-01 to 2026-01-31 GBP 40.00",
            "Taken back: Minimum 2026-01-01 to 2026-01-31 GBP -30.00",
        ]
    );
    is_settled(&mut shop, "2026-03-01");
}

#[test]
fn a_true_up_stays_the_part_that_it_was_reckoned_as() {
    let mut shop = shop();
    let by = |dialect| ChoosePolicies { policies: Policies { dialect, ..Policies::default() } };
    shop.does(by(Dialect::KillBillFixed30));
    let plan = PublishPlan { alignment: Alignment::Calendar, ..half() };
    let subscription = sold(&mut shop, plan, "2026-01-21");
    // Eleven days of a month that has one day more than thirty: 50.00 x 10/30.
    assert_eq!(shop.bill("2026-01-21")[0], "half 2026-01-21 to 2026-01-31 10/30 GBP 16.67");
    // 100.00 x 10/30 is 33.33, less 16.67.
    assert_eq!(shop.bill("2026-02-01")[1], "Minimum 2026-01-21 to 2026-01-31 10/30 GBP 16.66");
    shop.does(by(Dialect::Own));
    is_settled(&mut shop, "2026-02-02");
    shop.adds(subscription, "chat", "2026-01-21");
    // 10.00 x 11/31 is 3.55, and so much less is missing of 33.33; of 100.00 x 11/31 it would be 1.40.
    let taken_back = shop.bill("2026-02-02").into_iter().find(|line| line.starts_with("Taken back"));
    assert_eq!(taken_back.as_deref(), Some("Taken back: Minimum 2026-01-21 to 2026-01-31 GBP -3.55"));
    is_settled(&mut shop, "2026-02-02");
}

#[test]
fn days_that_cost_nothing_count_until_another_line_bills_them() {
    let mut shop = shop();
    shop.gives_a_bill_away("2026-01-01");
    let subscription = sold(&mut shop, half(), "2026-01-01");
    assert_eq!(shop.bill("2026-01-01")[0], "half 2026-01-01 to 2026-01-31 GBP 0.00");
    let large = PublishPlan { commitment: at_least("124.00"), ..plan("large", flat("62.00")) };
    shop.does(large);
    shop.changes_plan(subscription, "large", "2026-01-16");
    // Before discounts, 50.00 x 15/31 is 24.19, and 100.00 x 15/31 is 48.39.
    assert_eq!(
        shop.bill("2026-01-16")[..2],
        [
            "large 2026-01-16 to 2026-01-31 16/31 GBP 32.00",
            "Minimum 2026-01-01 to 2026-01-15 15/31 GBP 24.20",
        ]
    );
    // 124.00 x 16/31 is 64.00, less 32.00: the days that were free do not count twice.
    assert_eq!(shop.bill("2026-02-01")[1], "Minimum 2026-01-16 to 2026-01-31 16/31 GBP 32.00");
    is_settled(&mut shop, "2026-02-01");
}

#[test]
fn days_that_a_discount_made_free_before_there_was_a_commitment_count_before_it() {
    let mut shop = shop();
    shop.gives_a_bill_away("2026-01-01");
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.adds(subscription, "chat", "2026-01-01");
    assert_eq!(shop.bill("2026-01-01")[1], "chat 2026-01-01 to 2026-01-31 GBP 0.00");
    shop.does(half());
    shop.changes_plan(subscription, "half", "2026-01-16");
    assert_eq!(shop.bill("2026-01-16")[0], "half 2026-01-16 to 2026-01-31 16/31 GBP 25.81");
    // 100.00 x 16/31 is 51.61; 25.81, and 10.00 x 16/31 for the add-on, are 30.97.
    assert_eq!(shop.bill("2026-02-01")[2], "Minimum 2026-01-16 to 2026-01-31 16/31 GBP 20.64");
    is_settled(&mut shop, "2026-02-01");
}

#[test]
fn a_void_true_up_is_due_again() {
    let mut shop = shop();
    let subscription = sold(&mut shop, half(), "2026-01-01");
    shop.bills("2026-01-01");
    shop.cancels(subscription, "2026-02-01");
    let events = shop.bills("2026-02-01");
    voids(&mut shop, invoice_id(&events), "2026-02-03");
    assert_eq!(shop.next().as_deref(), Some("2026-02-01"));
    assert_eq!(shop.bill("2026-02-03")[0], "Minimum 2026-01-01 to 2026-01-31 GBP 50.00");
    is_settled(&mut shop, "2026-02-03");
}

#[test]
fn what_took_a_true_up_back_is_void_and_it_stands_again() {
    let mut shop = shop();
    let subscription =
        sold(&mut shop, PublishPlan { commitment: at_least("100.00"), ..calls() }, "2026-01-01");
    shop.bills("2026-02-01");
    counts(&mut shop, subscription, "2026-01-20", "400");
    counts(&mut shop, subscription, "2026-02-20", "1000");
    let events = shop.bills("2026-03-01");
    voids(&mut shop, invoice_id(&events), "2026-03-02");
    let again = shop.bills("2026-03-02");
    assert_eq!(said(&again), said(&events));
    is_settled(&mut shop, "2026-03-02");
}

#[test]
fn another_plan_parts_the_period_and_a_trial_has_no_minimum() {
    let mut shop = shop();
    let trial =
        Phase { kind: PhaseKind::Trial, lasts: "10 days".parse().unwrap(), prices: vec![], anchor_day: None };
    let subscription = sold(&mut shop, PublishPlan { phases: vec![trial], ..half() }, "2026-01-01");
    shop.bills("2026-01-11");
    shop.changes_plan(subscription, "pro", "2026-01-21");
    // 10 of the 31 days from 11 January on: 100.00 x 10/31 = 32.258…, less 50.00 - 50.00 x 21/31 = 16.13.
    assert_eq!(
        shop.bill("2026-01-21")[..3],
        [
            "Unused: half 2026-01-21 to 2026-02-10 21/31 GBP -33.87",
            "pro 2026-01-21 to 2026-02-10 21/31 GBP 33.87",
            "Minimum 2026-01-11 to 2026-01-20 10/31 GBP 16.13",
        ]
    );
    assert_eq!(shop.bill("2026-02-11")[0], "pro 2026-02-11 to 2026-03-10 GBP 50.00");
    is_settled(&mut shop, "2026-02-11");
}

#[test]
fn another_dialect_leaves_what_was_held_against_a_minimum_as_it_is() {
    let mut shop = shop();
    let arrears = PublishPlan { timing: Timing::InArrears, ..half() };
    shop.subscribes("basic", 1, "2026-01-31");
    sold(&mut shop, arrears, "2026-02-10");
    // 18 of the 28 days from 31 January on.
    let first = shop.bill("2026-02-28");
    assert!(first.contains(&"Minimum 2026-02-10 to 2026-02-27 18/28 GBP 32.15".to_owned()), "{first:?}");
    shop.does(ChoosePolicies { policies: Policies { dialect: Dialect::KillBill, ..Policies::default() } });
    is_settled(&mut shop, "2026-02-28");
}

#[test]
fn a_true_up_says_what_it_was_held_against() {
    let mut shop = shop();
    sold(&mut shop, PublishPlan { timing: Timing::InArrears, ..half() }, "2026-01-01");
    let events = shop.bills("2026-02-01");
    let wire =
        serde_json::to_string(&payload::<InvoiceIssued>(&events[0]).unwrap().lines[1].subject).unwrap();
    assert!(wire.starts_with(r#"{"kind":"true_up","subscription":"sub_"#), "{wire}");
    let end = r#""component":"plan","plan":"half","plan_version":1,"period":{"from":"2026-01-01","to":"2026-02-01"},"charged":"GBP 50.00"}"#;
    assert!(wire.ends_with(end), "{wire}");
}

#[test]
fn days_that_were_billed_before_there_was_a_commitment_count() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.adds(subscription, "backup", "2026-01-01");
    shop.bills("2026-01-01");
    shop.does(half());
    shop.changes_plan(subscription, "half", "2026-02-01");
    shop.bills("2026-02-01");
    shop.cancels(subscription, "2026-03-01");
    // 28 of the 365 days of 120.00 are 9.205…, so 100.00 - 50.00 - 9.21; the rest of the year is given back.
    assert_eq!(shop.bill("2026-03-01")[0], "Minimum 2026-02-01 to 2026-02-28 GBP 40.79");
    is_settled(&mut shop, "2026-03-01");
}
