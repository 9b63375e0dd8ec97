//! What is counted is billed with its period, once, and what becomes known later with a later one.

mod discounted;
mod restated;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::book::{Event, payload};
use crate::catalogue::{Aggregate, Charge, Meter, Price, PublishPlan, Timing};
use crate::decision::{Command, Context, Need, Stop};
use crate::invoicing::given::{Shop, code, date, note, plan, pounds, said as documents, shop};
use crate::invoicing::{
    BillAccount, BillUsage, CreditInvoice, CreditLine, CreditNoteIssued, InvoiceIssued, Subject,
    UnbilledUsage, VoidInvoice, What, unbilled_usage,
};
use crate::kernel::calendar::DayOfMonth;
use crate::kernel::calendar::{Date, end_of_month};
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::period::Period;
use crate::log::StreamId;
use crate::settings::{ChoosePolicies, LateUsage, Policies};
use crate::subscriptions::{ChangeAnchor, ChangePlan, ChangeQuantity, PauseBilling, When};

/// GBP 2.95 for each 100 begun.
const PACKAGES: &str = r#"{"package":{"size":"100","price":"GBP 2.95"}}"#;
/// 10.00 each up to 15, and 5.00 each for all where there are more.
const VOLUME: &str = r#"{"volume":[{"up_to":"15","each":"GBP 10.00"},{"each":"GBP 5.00"}]}"#;
/// 100.00 up to 99, 1,000.00 beyond.
const CAPACITY: &str = r#"{"stair_step":[{"up_to":"99","flat":"GBP 100.00"},{"flat":"GBP 1000.00"}]}"#;

fn price(wire: &str) -> Price {
    serde_json::from_str(wire).unwrap()
}

/// A shop that meters calls, and a customer who subscribed to that.
fn metered(aggregate: Aggregate, wire: &str, from: &str) -> (Shop, SubscriptionId) {
    let mut shop = shop();
    publish(&mut shop, "calls", aggregate, wire);
    let subscription = shop.subscribes("calls", 1, from);
    (shop, subscription)
}

fn publish(shop: &mut Shop, name: &str, aggregate: Aggregate, wire: &str) {
    let meter = Some(Meter::new(code("calls"), aggregate));
    shop.does(PublishPlan { meter, ..plan(name, price(wire)) });
}

fn record(subscription: SubscriptionId, key: &str, on: &str, quantity: &str) -> UsageRecord {
    UsageRecord {
        key: key.parse().unwrap(),
        subscription,
        metric: code("calls"),
        on: date(on),
        quantity: quantity.parse().unwrap(),
        name: None,
    }
}

fn of(shop: &Shop, records: Vec<UsageRecord>) -> RecordUsage {
    RecordUsage { account: shop.account, records }
}

/// Records a reading under a key of its own.
fn reads(shop: &mut Shop, subscription: SubscriptionId, on: &str, quantity: &str) {
    let key = format!("r-{}", shop.scenario.history().len());
    let one = of(shop, vec![record(subscription, &key, on, quantity)]);
    shop.does(one);
}

fn said(events: &[Event]) -> Vec<String> {
    events.iter().map(ToString::to_string).collect()
}

#[test]
fn usage_is_recorded_once_however_often_it_is_told() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    let tell = of(
        &shop,
        vec![
            record(subscription, "a", "2026-01-05", "199"),
            record(subscription, "b", "2026-01-06", "1"),
            record(subscription, "a", "2026-01-05", "199"),
        ],
    );
    let told = shop.does(tell.clone());
    assert_eq!(said(&told), ["Usage in 2 records, from 2026-01-05 to 2026-01-06."]);
    for _ in 0..3 {
        assert_eq!(shop.does(tell.clone()), []);
    }
    let nothing = of(&shop, vec![]);
    assert_eq!(shop.does(nothing), []);
    let one_more = of(
        &shop,
        vec![
            record(subscription, "a", "2026-01-05", "199"),
            UsageRecord {
                name: Some("ann".parse().unwrap()),
                ..record(subscription, "c", "2026-01-07", "2")
            },
        ],
    );
    let told = shop.does(one_more);
    assert_eq!(said(&told), [format!("Usage c of {subscription} on 2026-01-07: 2 calls, ann.")]);
    let streams: Vec<String> = shop.scenario.history().iter().map(|event| event.stream.to_string()).collect();
    assert_eq!(streams.last().unwrap(), "usage/acc_0123456789abcdef0123456789abcdef");
    assert_eq!("usage/acc_0123456789abcdef0123456789abcdef".parse(), Ok(StreamId::Usage(shop.account)));
    // 202 calls: three hundred begun.
    assert_eq!(
        shop.bill("2026-02-01"),
        ["calls 2026-01-01 to 2026-01-31 GBP 8.85", "invoice GBP 8.85 + GBP 1.77 = GBP 10.62"]
    );
}

#[test]
fn each_rule_is_said_once() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    publish(&mut shop, "users", Aggregate::Unique, PACKAGES);
    let users = shop.subscribes("users", 1, "2026-01-01");
    let basic = shop.subscribes("basic", 1, "2026-01-01");
    let mut refused = |records: Vec<UsageRecord>| {
        let tell = of(&shop, records);
        let said = shop.may_not(tell.clone());
        (said, shop.scenario.refused(tell))
    };
    let first = record(subscription, "k", "2026-01-05", "5");
    assert_eq!(
        refused(vec![first.clone(); 5_001]),
        ("5001 records were given at once, and 5000 are the most".to_owned(), "usage.too_many_records")
    );
    let other = record(subscription, "k", "2026-01-05", "6");
    let reused = ("under the key k something else was recorded".to_owned(), "usage.key_reused");
    assert_eq!(refused(vec![first.clone(), other.clone()]), reused);
    let nobody = "sub_00000000000000000000000000000000".parse().unwrap();
    assert_eq!(
        refused(vec![first.clone(), record(nobody, "n", "2026-01-05", "5")]),
        (format!("the account has no subscription {nobody}"), "usage.unknown_subscription")
    );
    assert_eq!(
        refused(vec![record(basic, "n", "2026-01-05", "5")]),
        (
            format!("calls is not metered: nothing that {basic} was ever agreed for counts it"),
            "usage.not_metered"
        )
    );
    assert_eq!(
        refused(vec![record(users, "n", "2026-01-05", "5")]),
        (
            "the record n has no name, and for calls different names are counted".to_owned(),
            "usage.name_missing"
        )
    );
    let most = "99999999999999999999";
    assert_eq!(
        refused(vec![first.clone(), record(subscription, "m", "2026-03-05", most)]),
        ("with the record m there would be more calls than can be written".to_owned(), "usage.too_much")
    );
    let one = of(&shop, vec![first]);
    shop.does(one);
    let again = of(&shop, vec![other]);
    assert_eq!(shop.may_not(again), reused.0);
}

#[test]
fn a_cancelled_day_is_not_billed_and_its_usage_neither() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-05-01");
    for (on, quantity) in
        [("2026-04-30", "70"), ("2026-05-01", "99"), ("2026-05-15", "100"), ("2026-05-29", "100")]
    {
        reads(&mut shop, subscription, on, quantity);
    }
    shop.cancels(subscription, "2026-05-28");
    assert_eq!(shop.bill("2026-05-27"), [""; 0]);
    assert_eq!(
        shop.bill("2026-05-28"),
        ["calls 2026-05-01 to 2026-05-27 GBP 5.90", "invoice GBP 5.90 + GBP 1.18 = GBP 7.08"]
    );
    let subjects: Vec<_> =
        shop.scenario.history().iter().filter_map(|event| payload::<InvoiceIssued>(&event.event)).collect();
    let line = &subjects[0].lines[0];
    assert_eq!((line.quantity.to_string().as_str(), line.part), ("199", None));
    let Subject::Service { meter: Some(meter), .. } = &line.subject else { panic!("{:?}", line.subject) };
    assert_eq!((meter.metric.as_str(), meter.aggregate), ("calls", Aggregate::Sum));
}

#[test]
fn capacity_is_the_largest_reading_and_nothing_where_nothing_was_read() {
    let (mut shop, subscription) = metered(Aggregate::Max, CAPACITY, "2026-01-01");
    for (on, quantity) in
        [("2026-01-03", "50"), ("2026-01-10", "150"), ("2026-01-10", "20"), ("2026-03-05", "50")]
    {
        reads(&mut shop, subscription, on, quantity);
    }
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 1000.00");
    assert_eq!(
        shop.bill("2026-03-01"),
        ["calls 2026-02-01 to 2026-02-28 GBP 0.00", "invoice GBP 0.00 + GBP 0.00 = GBP 0.00"]
    );
    assert_eq!(shop.bill("2026-04-01")[0], "calls 2026-03-01 to 2026-03-31 GBP 100.00");
}

#[test]
fn the_last_reading_counts_and_different_names_are_counted() {
    let (mut shop, subscription) = metered(Aggregate::Last, r#"{"each":"GBP 2.00"}"#, "2026-01-01");
    for (on, quantity) in [("2026-01-31", "9"), ("2026-01-31", "4"), ("2026-01-20", "50")] {
        reads(&mut shop, subscription, on, quantity);
    }
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 8.00");

    let (mut shop, subscription) = metered(Aggregate::Unique, r#"{"each":"GBP 2.00"}"#, "2026-01-01");
    let names = ["ann", "bo", "ann", "cy", "bo"];
    let records = (0..).zip(names).map(|(day, name)| UsageRecord {
        name: Some(name.parse().unwrap()),
        ..record(subscription, &format!("k{day}"), &format!("2026-01-0{}", day + 1), "7")
    });
    let tell = of(&shop, records.collect());
    shop.does(tell);
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 6.00");
}

#[test]
fn a_minimum_is_charged_for_a_period_without_usage() {
    let least = r#"{"limited":{"price":{"each":"GBP 2.00"},"at_least":"GBP 5.00"}}"#;
    let (mut shop, _) = metered(Aggregate::Sum, least, "2026-01-15");
    // The period from the 15th on is a whole one for this customer, and usage is never reckoned in parts.
    assert_eq!(shop.bill("2026-02-15")[0], "calls 2026-01-15 to 2026-02-14 GBP 5.00");
}

#[test]
fn a_change_of_plan_ends_what_is_counted_and_an_ordered_quantity_does_not() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    publish(&mut shop, "many", Aggregate::Sum, r#"{"each":"GBP 0.01"}"#);
    for day in ["2026-01-05", "2026-01-15", "2026-01-25"] {
        reads(&mut shop, subscription, day, "60");
    }
    shop.changes_quantity(subscription, 9, "2026-01-10");
    shop.changes_plan(subscription, "many", "2026-01-20");
    // 120 up to the 20th, 60 from then on.
    assert_eq!(
        shop.bill("2026-02-01"),
        [
            "calls 2026-01-01 to 2026-01-19 GBP 5.90",
            "many 2026-01-20 to 2026-01-31 GBP 0.60",
            "invoice GBP 6.50 + GBP 1.30 = GBP 7.80"
        ]
    );
    assert_eq!(shop.bill("2026-02-01"), [""; 0]);
}

#[test]
fn late_usage_of_the_two_periods_before_is_billed_with_the_next_one() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-04-01");
    reads(&mut shop, subscription, "2026-04-10", "350");
    assert_eq!(shop.bill("2026-05-01")[0], "calls 2026-04-01 to 2026-04-30 GBP 11.80");
    assert_eq!(shop.bill("2026-06-01")[0], "calls 2026-05-01 to 2026-05-31 GBP 0.00");
    assert_eq!(shop.bill("2026-07-01")[0], "calls 2026-06-01 to 2026-06-30 GBP 0.00");
    reads(&mut shop, subscription, "2026-05-20", "199");
    reads(&mut shop, subscription, "2026-04-20", "100");
    assert_eq!(shop.bill("2026-07-20"), [""; 0], "it waits for the next period");
    assert_eq!(
        shop.bill("2026-08-01"),
        [
            "calls 2026-07-01 to 2026-07-31 GBP 0.00",
            "Late usage: calls 2026-05-01 to 2026-05-31 GBP 5.90",
            "invoice GBP 5.90 + GBP 1.18 = GBP 7.08"
        ]
    );
    assert_eq!(shop.bill("2026-08-01"), [""; 0]);
    assert_eq!(shop.bill("2026-09-01").len(), 2, "nothing is billed again");
}

#[test]
fn late_usage_is_ignored_where_the_seller_says_so() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    let policies = Policies { late_usage: LateUsage::Ignored, ..Policies::default() };
    shop.does(ChoosePolicies { policies });
    shop.bills("2026-02-01");
    reads(&mut shop, subscription, "2026-01-20", "199");
    assert_eq!(shop.bill("2026-03-01")[0], "calls 2026-02-01 to 2026-02-28 GBP 0.00");
    assert_eq!(shop.bill("2026-04-01").len(), 2);
    let policies = Policies { late_usage: LateUsage::NextInvoice { periods: 1 }, ..policies };
    shop.does(ChoosePolicies { policies });
    reads(&mut shop, subscription, "2026-02-20", "199");
    reads(&mut shop, subscription, "2026-03-20", "1");
    assert_eq!(shop.bill("2026-05-01")[1], "Late usage: calls 2026-03-01 to 2026-03-31 GBP 2.95");
}

/// 1 costs 10.00, 15 cost 150.00, 16 cost 80.00: what was charged late is given back first.
#[test]
fn usage_that_makes_it_cheaper_is_given_back_off_the_lines_that_charged_it() {
    let (mut shop, subscription) = metered(Aggregate::Sum, VOLUME, "2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "1");
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 10.00");
    reads(&mut shop, subscription, "2026-01-06", "14");
    assert_eq!(shop.bill("2026-03-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 140.00");
    reads(&mut shop, subscription, "2026-01-07", "1");
    reads(&mut shop, subscription, "2026-03-07", "2");
    assert_eq!(
        shop.bill("2026-04-01"),
        [
            "calls 2026-03-01 to 2026-03-31 GBP 20.00",
            "invoice GBP 20.00 + GBP 4.00 = GBP 24.00",
            "Late usage: calls 2026-01-01 to 2026-01-31 GBP -70.00",
            "credit note GBP -70.00 + GBP -14.00, credit GBP 84.00"
        ]
    );
    // 80.00 + 20.00 with VAT.
    assert_eq!(shop.balance(), "GBP 120.00");
}

fn invoices(shop: &Shop) -> Vec<InvoiceIssued> {
    let events = shop.scenario.history().iter();
    events.filter_map(|event| payload::<InvoiceIssued>(&event.event).cloned()).collect()
}

fn void(shop: &Shop, invoice: InvoiceId) -> VoidInvoice {
    VoidInvoice { account: shop.account, invoice, on: date("2026-12-01"), reason: note("Wrong address") }
}

#[test]
fn an_invoice_is_void_only_after_those_that_charged_its_late_usage() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "100");
    shop.bills("2026-02-01");
    reads(&mut shop, subscription, "2026-01-06", "100");
    assert_eq!(shop.bill("2026-03-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 2.95");
    let [january, february] = invoices(&shop).try_into().unwrap();
    let (january, february) = (void(&shop, january.invoice), void(&shop, february.invoice));
    assert_eq!(
        shop.may_not(january.clone()),
        format!(
            "invoice {} can't be void: late usage of days that it billed was charged on a later one",
            january.invoice
        )
    );
    shop.does(february);
    // February is due again, and with it January's late usage.
    assert_eq!(
        shop.bill("2026-03-01"),
        [
            "calls 2026-02-01 to 2026-02-28 GBP 0.00",
            "Late usage: calls 2026-01-01 to 2026-01-31 GBP 2.95",
            "invoice GBP 2.95 + GBP 0.59 = GBP 3.54"
        ]
    );
    let again = void(&shop, invoices(&shop)[2].invoice);
    shop.does(again);
    shop.does(january);
    assert_eq!(
        shop.bill("2026-03-01"),
        [
            "calls 2026-01-01 to 2026-01-31 GBP 5.90",
            "calls 2026-02-01 to 2026-02-28 GBP 0.00",
            "invoice GBP 5.90 + GBP 1.18 = GBP 7.08"
        ]
    );
}

#[test]
fn what_was_credited_as_a_favour_is_not_charged_again_and_caps_what_is_given_back() {
    let (mut shop, subscription) = metered(Aggregate::Sum, VOLUME, "2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "15");
    shop.bills("2026-02-01");
    let invoice = invoices(&shop)[0].invoice;
    let what = What::Lines(vec![CreditLine { line: 1, amount: pounds("100.00") }]);
    let (account, reason, on) = (shop.account, note("A favour"), date("2026-02-05"));
    shop.does(CreditInvoice { account, invoice, what, reason, on });
    assert_eq!(shop.bill("2026-03-01").len(), 2);
    // 16 cost 80.00, which is 70.00 less than was charged; only 50.00 of that is left.
    reads(&mut shop, subscription, "2026-01-06", "1");
    assert_eq!(shop.bill("2026-04-01")[2], "Late usage: calls 2026-01-01 to 2026-01-31 GBP -50.00");
    assert_eq!(shop.balance(), "GBP 0.00");
}

/// 300 on the 5th, 100 on the 20th, 50 late on the 6th: 11.80 and then 2.95 more. Without the days from the 15th on
/// there are 350, which cost 11.80.
#[test]
fn days_given_back_of_a_metered_period_bring_what_the_others_do_not_cost() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "300");
    reads(&mut shop, subscription, "2026-01-20", "100");
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 11.80");
    reads(&mut shop, subscription, "2026-01-06", "50");
    assert_eq!(shop.bill("2026-03-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 2.95");
    shop.cancels(subscription, "2026-01-15");
    assert_eq!(
        shop.bill("2026-03-02"),
        [
            "Late usage: calls 2026-01-15 to 2026-01-31 GBP -2.95",
            "Unused: calls 2026-01-15 to 2026-01-31 GBP 0.00",
            "Unused: calls 2026-02-01 to 2026-02-28 GBP 0.00",
            "credit note GBP -2.95 + GBP -0.59, credit GBP 3.54"
        ]
    );
    assert_eq!(shop.bill("2026-05-01"), [""; 0]);
    // 11.80 with VAT.
    assert_eq!(shop.balance(), "GBP 14.16");
}

#[test]
fn days_that_are_all_given_back_bring_all_that_is_left() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "300");
    shop.bills("2026-02-01");
    reads(&mut shop, subscription, "2026-01-06", "50");
    shop.bills("2026-03-01");
    shop.cancels(subscription, "2026-01-01");
    shop.bills("2026-03-02");
    assert_eq!(shop.balance(), "GBP 0.00");
}

#[test]
fn only_who_has_something_metered_to_bill_needs_a_page_of_usage() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    shop.subscribes("basic", 1, "2026-01-01");
    let by = "user:tester".parse().unwrap();
    let ctx = || {
        Context::new(
            "2026-02-01T09:00:00.000Z".parse().unwrap(),
            &by,
            "cmd_0123456789abcdef0123456789abcdef".parse::<crate::kernel::ids::CommandId>().unwrap(),
        )
    };
    let bill = |through: &str| BillAccount {
        account: shop.account,
        issue_on: date(through),
        through: date(through),
    };
    assert!(bill("2026-01-31").decide(&shop.books(), &ctx()).is_ok());
    let needed = bill("2026-02-01").decide(&shop.books(), &ctx());
    assert_eq!(needed.unwrap_err(), Stop::Need(Need(StreamId::Usage(shop.account))));
    let _ = subscription;
}

#[test]
fn the_page_grows_with_days_and_not_with_records_but_for_their_keys() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    let records = (0..1_000).map(|n| record(subscription, &format!("key-{n}"), "2026-01-05", "1"));
    let tell = of(&shop, records.collect());
    assert_eq!(shop.does(tell).len(), 4, "250 records stand in one event");
    let page = page(&shop);
    assert_eq!(page.keys.len(), 1_000);
    let days: usize = page.readings.values().flat_map(BTreeMap::values).map(BTreeMap::len).sum();
    assert_eq!(days, 1);
    let snapshot = crate::book::snapshot::write_usage(shop.account, &page).unwrap();
    assert!(snapshot.len() < 40_000, "{}", snapshot.len());
    assert_eq!(crate::book::snapshot::read_usage(shop.account, &snapshot), Some(page));
    let other = "acc_00000000000000000000000000000001".parse().unwrap();
    assert_eq!(crate::book::snapshot::read_usage(other, &snapshot), None);
}

fn page(shop: &Shop) -> State {
    let mut state = State::default();
    let stream = StreamId::Usage(shop.account);
    for planned in shop.scenario.history().iter().filter(|planned| planned.stream == stream) {
        if let Event::Usage(event) = &planned.event {
            state.evolve(event);
        }
    }
    state
}

#[test]
fn what_is_counted_and_not_billed_is_told() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    shop.subscribes("basic", 1, "2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "199");
    reads(&mut shop, subscription, "2026-02-05", "7");
    let told = |shop: &Shop, on: &str| -> Vec<String> {
        let policies = Policies::default();
        let unbilled =
            shop.look(|account| unbilled_usage(account, &page(shop), &policies, date(on)).unwrap());
        let words = unbilled.iter().map(|usage| {
            let UnbilledUsage { component, period, metric, quantity, net, .. } = usage;
            format!("{component} {period}: {quantity} {metric} {net}")
        });
        words.collect()
    };
    let january = "plan 2026-01-01 to 2026-01-31: 199 calls GBP 5.90";
    assert_eq!(told(&shop, "2025-12-31"), [""; 0]);
    assert_eq!(told(&shop, "2026-01-06"), [january]);
    let february = "plan 2026-02-01 to 2026-02-28: 7 calls GBP 2.95";
    assert_eq!(told(&shop, "2026-02-01"), [january, february]);
    shop.bills("2026-02-01");
    assert_eq!(told(&shop, "2026-02-01"), [february]);
}

fn bill_usage(shop: &Shop, on: &str) -> BillUsage {
    BillUsage { account: shop.account, on: date(on) }
}

/// A shop that meters calls at GBP 0.0002, bills them ahead once they are worth 200.00, and charges 31.00 beside.
fn ahead() -> (Shop, SubscriptionId) {
    let mut shop = shop();
    let meter = Meter { threshold: Some(pounds("200.00")), ..Meter::new(code("calls"), Aggregate::Sum) };
    let calls = Charge {
        code: code("calls"),
        name: "Calls".parse().unwrap(),
        prices: vec![price(r#"{"each":"GBP 0.0002"}"#)],
        tax_code: code("standard"),
        meter: Some(meter),
        commitment: None,
    };
    let flat = Price::Flat(pounds("31.00"));
    shop.does(PublishPlan { timing: Timing::InArrears, charges: vec![calls], ..plan("line", flat) });
    let subscription = shop.subscribes("line", 1, "2026-12-01");
    (shop, subscription)
}

#[test]
fn usage_that_is_worth_the_threshold_is_billed_ahead_once_a_period() {
    let (mut shop, subscription) = ahead();
    reads(&mut shop, subscription, "2026-12-05", "990000");
    let sixth = bill_usage(&shop, "2026-12-06");
    assert_eq!(shop.does(sixth.clone()), [], "198.00 is not worth it");
    reads(&mut shop, subscription, "2026-12-06", "10000");
    reads(&mut shop, subscription, "2026-12-07", "500000");
    assert_eq!(
        documents(&shop.does(sixth.clone())),
        ["So far: Calls 2026-12-01 to 2026-12-06 GBP 200.00", "invoice GBP 200.00 + GBP 40.00 = GBP 240.00"]
    );
    reads(&mut shop, subscription, "2026-12-08", "500000");
    assert_eq!(shop.does(sixth), []);
    let later = bill_usage(&shop, "2026-12-31");
    assert_eq!(shop.does(later), [], "once a period");
    // 31.00 and 400.00 are 431.00, of which 200.00 were billed.
    assert_eq!(
        shop.bill("2027-01-01"),
        [
            "line 2026-12-01 to 2026-12-31 GBP 31.00",
            "Calls 2026-12-01 to 2026-12-31 GBP 400.00",
            "Billed before: Calls 2026-12-01 to 2026-12-31 GBP -200.00",
            "invoice GBP 231.00 + GBP 46.20 = GBP 277.20"
        ]
    );
    let next = bill_usage(&shop, "2027-01-05");
    assert_eq!(shop.does(next.clone()), []);
    reads(&mut shop, subscription, "2027-01-05", "2000000");
    assert!(!shop.does(next).is_empty());
}

#[test]
fn what_was_billed_ahead_is_taken_off_until_it_is_void() {
    let (mut shop, subscription) = ahead();
    reads(&mut shop, subscription, "2026-12-05", "1000000");
    let fifth = bill_usage(&shop, "2026-12-05");
    shop.does(fifth.clone());
    let first = void(&shop, invoices(&shop)[0].invoice);
    shop.does(VoidInvoice { on: date("2026-12-05"), ..first });
    shop.does(fifth);
    shop.cancels(subscription, "2026-12-10");
    assert_eq!(
        shop.bill("2026-12-10"),
        [
            "line 2026-12-01 to 2026-12-09 9/31 GBP 9.00",
            "Calls 2026-12-01 to 2026-12-09 GBP 200.00",
            "Billed before: Calls 2026-12-01 to 2026-12-09 GBP -200.00",
            "invoice GBP 9.00 + GBP 1.80 = GBP 10.80"
        ]
    );
    // 9.00 and 200.00 with VAT.
    assert_eq!(shop.balance(), "GBP 250.80");
    let [_, second, last] = invoices(&shop).try_into().unwrap();
    let second = VoidInvoice { on: date("2026-12-10"), ..void(&shop, second.invoice) };
    assert_eq!(shop.scenario.refused(second.clone()), "invoicing.reduced");
    shop.does(VoidInvoice { on: date("2026-12-10"), ..void(&shop, last.invoice) });
    shop.does(second);
    assert_eq!(shop.balance(), "GBP 0.00");
    assert_eq!(
        shop.bill("2026-12-10")[1..],
        ["Calls 2026-12-01 to 2026-12-09 GBP 200.00", "invoice GBP 209.00 + GBP 41.80 = GBP 250.80"]
    );
}

#[derive(Debug, Clone)]
enum Step {
    Read { key: u8, day: u64, quantity: u8 },
    Bill { months: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..40_u8, 0..150_u64, 0..12_u8).prop_map(|(key, day, quantity)| Step::Read { key, day, quantity }),
        2 => (1..3_u32).prop_map(|months| Step::Bill { months }),
    ]
}

fn first_of(month: u32) -> Date {
    Date::from_ymd_opt(2026, month, 1).unwrap()
}

/// What the readings of a month cost, in pence.
fn counted_out(volume: bool, counted: u64) -> i64 {
    let units = i64::try_from(counted).unwrap();
    match (volume, counted > 15) {
        (true, false) => units * 1_000,
        (true, true) => units * 500,
        (false, _) => (units + 99) / 100 * 295,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A model that keeps every record, and rates by the calendar.
    #[test]
    fn what_was_charged_for_a_month_is_what_its_usage_costs_as_far_as_it_is_looked_at(
        volume: bool,
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let (mut shop, subscription) =
            metered(Aggregate::Sum, if volume { VOLUME } else { PACKAGES }, "2026-01-01");
        let mut records: BTreeMap<u8, (Date, u8)> = BTreeMap::new();
        let mut model: BTreeMap<u32, i64> = BTreeMap::new();
        let mut next = 1;
        for step in steps {
            match step {
                Step::Read { key, day, quantity } => {
                    let on = first_of(1).checked_add_days(chrono::Days::new(day)).unwrap();
                    let tell = of(&shop, vec![record(subscription, &key.to_string(), &on.to_string(), &quantity.to_string())]);
                    let known = *records.entry(key).or_insert((on, quantity));
                    if known == (on, quantity) {
                        shop.does(tell.clone());
                        for _ in 0..3 {
                            prop_assert_eq!(shop.does(tell.clone()), []);
                        }
                    } else {
                        prop_assert_eq!(shop.scenario.refused(tell), "usage.key_reused");
                    }
                }
                Step::Bill { months } => {
                    let through = (next + months).min(12);
                    let looked_at = if through > next { next.saturating_sub(2).max(1)..through } else { 0..0 };
                    for month in looked_at {
                        let days = Period::new(first_of(month), first_of(month + 1)).unwrap();
                        let counted = records.values().filter(|(on, _)| days.contains(*on));
                        let counted: u64 = counted.map(|(_, quantity)| u64::from(*quantity)).sum();
                        model.insert(month, counted_out(volume, counted));
                    }
                    if through > next {
                        shop.bills(&first_of(through).to_string());
                        next = through;
                    }
                    prop_assert_eq!(shop.bills(&first_of(through).to_string()), [], "billed again");
                    prop_assert_eq!(charged(&shop), model.clone());
                }
            }
        }
    }
}

/// What was charged for each month, on invoices and credit notes together, in pence.
fn charged(shop: &Shop) -> BTreeMap<u32, i64> {
    let mut months = BTreeMap::new();
    for event in shop.scenario.history() {
        let invoice = payload::<InvoiceIssued>(&event.event).map(|issued| &issued.lines);
        let note = payload::<CreditNoteIssued>(&event.event).map(|note| &note.lines);
        for line in invoice.into_iter().chain(note).flatten() {
            let (Subject::Service { period, .. } | Subject::LateUsage { period, .. }) = &line.subject else {
                panic!("{line:?}")
            };
            assert_eq!(Ok(period.last_day()), end_of_month(period.from()));
            let month: &mut i64 = months.entry(period.from().month()).or_default();
            *month += line.net.minor();
        }
    }
    months
}

#[derive(Debug, Clone)]
enum Change {
    Read { day: u64, quantity: u8 },
    Restate { day: u64, quantity: u8 },
    Plan { which: usize, day: u64 },
    Pause { day: u64, days: u64 },
    Quantity { quantity: u32, day: u64 },
    Anchor { day_of_month: u8, day: u64 },
    Bill { day: u64 },
}

fn change() -> impl Strategy<Value = Change> {
    let day = 0..150_u64;
    prop_oneof![
        6 => (day.clone(), 1..9_u8).prop_map(|(day, quantity)| Change::Read { day, quantity }),
        2 => (day.clone(), 0..9_u8).prop_map(|(day, quantity)| Change::Restate { day, quantity }),
        2 => (0..3_usize, day.clone()).prop_map(|(which, day)| Change::Plan { which, day }),
        1 => (day.clone(), 1..40_u64).prop_map(|(day, days)| Change::Pause { day, days }),
        1 => (2..5_u32, day.clone()).prop_map(|(quantity, day)| Change::Quantity { quantity, day }),
        1 => (1..=31_u8, day.clone()).prop_map(|(day_of_month, day)| Change::Anchor { day_of_month, day }),
        3 => day.prop_map(|day| Change::Bill { day }),
    ]
}

fn nth(day: u64) -> Date {
    first_of(1).checked_add_days(chrono::Days::new(day)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// At a pound each, what all documents charge together is what was counted on the days that are served in the
    /// end, in whatever order readings, changes and bills came.
    #[test]
    fn all_that_is_counted_on_served_days_is_charged_once(changes in prop::collection::vec(change(), 1..30)) {
        let each = r#"{"each":"GBP 1.00"}"#;
        let (mut shop, subscription) = metered(Aggregate::Sum, each, "2026-01-01");
        publish(&mut shop, "others", Aggregate::Sum, each);
        publish(&mut shop, "graduated", Aggregate::Sum, r#"{"graduated":[{"up_to":"3","each":"GBP 1.00"},{"each":"GBP 1.00"}]}"#);
        let policies = Policies { late_usage: LateUsage::NextInvoice { periods: u8::MAX }, ..Policies::default() };
        shop.does(ChoosePolicies { policies });
        let account = shop.account;
        let mut counted: BTreeMap<Date, i64> = BTreeMap::new();
        for change in changes {
            match change {
                Change::Read { day, quantity } => {
                    reads(&mut shop, subscription, &nth(day).to_string(), &quantity.to_string());
                    *counted.entry(nth(day)).or_default() += i64::from(quantity);
                }
                Change::Restate { day, quantity } => {
                    let key = format!("r-{}", shop.scenario.history().len());
                    let quantity = quantity.to_string();
                    let anew: &[(&str, &str)] = if quantity == "0" { &[] } else { &[(&key, &quantity)] };
                    let anew = restated::restate(&shop, subscription, &nth(day).to_string(), anew);
                    shop.does(anew);
                    counted.insert(nth(day), quantity.parse().unwrap());
                }
                // Where a rule refuses a change, nothing has changed.
                Change::Plan { which, day } => drop(shop.scenario.when(ChangePlan {
                    account,
                    subscription,
                    plan: code(["calls", "others", "graduated"][which]),
                    quantity: None,
                    when: When::On(nth(day)),
                    anchor_day: None,
                })),
                Change::Pause { day, days } => drop(shop.scenario.when(PauseBilling {
                    account,
                    subscription,
                    from: nth(day),
                    until: Some(nth(day + days)),
                })),
                Change::Quantity { quantity, day } => drop(shop.scenario.when(ChangeQuantity {
                    account,
                    subscription,
                    component: None,
                    quantity,
                    when: When::On(nth(day)),
                })),
                Change::Anchor { day_of_month, day } => drop(shop.scenario.when(ChangeAnchor {
                    account,
                    subscription,
                    day: DayOfMonth::new(day_of_month).unwrap(),
                    asked_on: nth(day),
                })),
                Change::Bill { day } => drop(shop.bills(&nth(day).to_string())),
            }
        }
        shop.bills(&nth(300).to_string());
        prop_assert_eq!(shop.bills(&nth(300).to_string()), [], "billed again");
        let served = shop.look(|account| {
            let plan = account.subscriptions.subscription(subscription).unwrap().plan().unwrap();
            counted.iter().filter(|(day, _)| plan.terms_on(**day).is_some()).map(|(_, quantity)| quantity).sum::<i64>()
        });
        let events = shop.scenario.history().iter();
        let nets = events.filter_map(|event| {
            let invoice = payload::<InvoiceIssued>(&event.event).map(|issued| issued.net);
            invoice.or(payload::<CreditNoteIssued>(&event.event).map(|note| note.net))
        });
        prop_assert_eq!(nets.map(|net| net.minor()).sum::<i64>(), served * 100);
    }
}
