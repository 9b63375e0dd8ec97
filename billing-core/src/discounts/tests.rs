//! Discounts, in the words of the customer's story: given what was granted, when billed, then these lines.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::book::payload;
use crate::invoicing::given::{Shop, code, date, invoice, invoice_id, note, pounds, said, shop};
use crate::invoicing::{
    BillAccount, CreditInvoice, CreditLine, CreditNoteIssued, InvoiceIssued, InvoiceVoided, IssueInvoice,
    ItemLine, VoidInvoice, What, next_bill_date,
};
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::{DiscountId, InvoiceId};
use crate::kernel::money::Money;
use crate::kernel::rate::Rate;
use crate::subscriptions::{AddAddOn, ChangePlan, When};
use crate::work::{RecordWork, WorkRecorded};

/// A percentage off everything, from the first of January 2026 on.
fn percent(shop: &Shop, percent: &str) -> GrantDiscount {
    let off = Off::Percent(Rate::percent(percent).unwrap());
    GrantDiscount::new(shop.account, "Launch offer".parse().unwrap(), off, date("2026-01-01"))
}

fn amount(shop: &Shop, amount: &str) -> GrantDiscount {
    GrantDiscount { off: Off::Amount(pounds(amount)), ..percent(shop, "1") }
}

fn granted(shop: &mut Shop, grant: GrantDiscount) -> DiscountId {
    payload::<DiscountGranted>(&shop.does(grant)[0]).unwrap().discount
}

fn end(shop: &Shop, discount: DiscountId, from: &str) -> EndDiscount {
    EndDiscount { account: shop.account, discount, from: date(from), reason: note("No longer agreed") }
}

fn training(shop: &Shop, on: &str) -> IssueInvoice {
    let training = ItemLine { item: code("training"), quantity: "1".parse().unwrap(), text: None };
    IssueInvoice { account: shop.account, issue_on: date(on), items: vec![training], work: vec![] }
}

#[test]
fn a_discount_is_given_on_the_next_invoice_and_not_once_it_is_over() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    let grant =
        GrantDiscount { from: date("2026-01-25"), until: Some(date("2026-02-27")), ..percent(&shop, "10") };
    let next = |shop: &Shop| shop.look(next_bill_date);
    let before = next(&shop);
    granted(&mut shop, grant);
    assert_eq!(next(&shop), before, "a discount makes no bill due");
    let bill = |shop: &mut Shop, issue_on, through| {
        let (issue_on, through) = (date(issue_on), date(through));
        said(&shop.does(BillAccount { account: shop.account, issue_on, through }))
    };
    assert_eq!(
        bill(&mut shop, "2026-01-30", "2026-02-01"),
        ["basic 2026-02-01 to 2026-02-28 GBP 27.00", "invoice GBP 27.00 + GBP 5.40 = GBP 32.40"]
    );
    assert_eq!(
        bill(&mut shop, "2026-02-27", "2026-03-01"),
        ["basic 2026-03-01 to 2026-03-31 GBP 30.00", "invoice GBP 30.00 + GBP 6.00 = GBP 36.00"]
    );
}

#[test]
fn discounts_are_taken_off_in_their_order_each_off_what_is_left() {
    let mut shop = shop();
    let later = GrantDiscount { order: 2, ..amount(&shop, "30.00") };
    let [later, first] =
        [later, GrantDiscount { order: 1, ..percent(&shop, "10") }].map(|grant| granted(&mut shop, grant));
    let events = shop.does(training(&shop, "2026-01-05"));
    // 150.00 less 15.00 less 30.00; the other way round it would be 108.00.
    assert_eq!(said(&events), ["Training GBP 105.00", "invoice GBP 105.00 + GBP 21.00 = GBP 126.00"]);
    let discounts = &invoice(&events).lines[0].discounts;
    let told: Vec<(DiscountId, String)> = discounts
        .iter()
        .map(|off| (off.discount, format!("{} {}: {}", off.name, off.off, off.amount)))
        .collect();
    assert_eq!(
        told,
        [
            (first, "Launch offer 10%: GBP 15.00".to_owned()),
            (later, "Launch offer GBP 30.00: GBP 30.00".to_owned())
        ]
    );
}

#[test]
fn at_the_same_place_the_one_granted_first_is_taken_off_first() {
    for first_is_amount in [true, false] {
        let mut shop = shop();
        let grants = [amount(&shop, "30.00"), percent(&shop, "10")];
        let [one, two] = if first_is_amount { [0, 1] } else { [1, 0] }.map(|at: usize| grants[at].clone());
        granted(&mut shop, one);
        granted(&mut shop, two);
        let net = invoice(&shop.does(training(&shop, "2026-01-05"))).net;
        // 150.00 less 30.00 less 12.00; 150.00 less 15.00 less 30.00.
        assert_eq!(net, pounds(if first_is_amount { "108.00" } else { "105.00" }));
    }
}

#[test]
fn a_discount_can_be_given_on_some_things_only() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.does(AddAddOn {
        account: shop.account,
        subscription,
        add_on: code("chat"),
        quantity: 1,
        when: When::On(date("2026-01-01")),
        component: Some(code("chat-2")),
    });
    let grant =
        GrantDiscount { on: Eligible::Only(vec![code("chat"), code("training")]), ..amount(&shop, "12.00") };
    granted(&mut shop, grant);
    assert_eq!(
        shop.bill("2026-01-01"),
        [
            "basic 2026-01-01 to 2026-01-31 GBP 30.00",
            "chat 2026-01-01 to 2026-01-31 GBP 0.00",
            "invoice GBP 30.00 + GBP 6.00 = GBP 36.00"
        ],
        "no more than there is"
    );
    let invoiced = shop.does(training(&shop, "2026-01-02"));
    assert_eq!(said(&invoiced), ["Training GBP 138.00", "invoice GBP 138.00 + GBP 27.60 = GBP 165.60"]);
}

#[test]
fn a_void_invoice_has_given_no_discount() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    let grant = GrantDiscount { bills: Some(1), ..percent(&shop, "10") };
    granted(&mut shop, grant);
    let january = shop.bills("2026-01-01");
    assert_eq!(said(&january)[0], "basic 2026-01-01 to 2026-01-31 GBP 27.00");
    assert_eq!(shop.bill("2026-02-01")[0], "basic 2026-02-01 to 2026-02-28 GBP 30.00");
    shop.does(VoidInvoice {
        account: shop.account,
        invoice: invoice_id(&january),
        on: date("2026-02-02"),
        reason: note("Wrong address"),
    });
    assert_eq!(shop.bill("2026-02-03")[0], "basic 2026-01-01 to 2026-01-31 GBP 27.00");
}

#[test]
fn a_discount_stops_when_so_much_was_given() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    let grant = GrantDiscount { at_most: Some(pounds("5.00")), ..percent(&shop, "10") };
    granted(&mut shop, grant);
    let bills = ["2026-01-01", "2026-02-01", "2026-03-01"]
        .map(|day| shop.bill(day)[0].split("GBP").last().unwrap().to_owned());
    assert_eq!(bills, [" 27.00", " 28.00", " 30.00"]);
}

#[test]
fn unused_days_give_back_what_was_charged_for_them() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    let grant = percent(&shop, "10");
    granted(&mut shop, grant);
    assert_eq!(shop.bill("2026-01-01")[0], "basic 2026-01-01 to 2026-01-31 GBP 27.00");
    shop.changes_plan(subscription, "pro", "2026-01-11");
    // 30.00 x 21/31 x 27/30 = 18.290; 50.00 x 21/31 = 33.87, less 3.387.
    assert_eq!(
        shop.bill("2026-01-11"),
        [
            "Unused: basic 2026-01-11 to 2026-01-31 21/31 GBP -18.29",
            "pro 2026-01-11 to 2026-01-31 21/31 GBP 30.48",
            "invoice GBP 12.19 + GBP 2.44 = GBP 14.63"
        ]
    );
    shop.cancels(subscription, "2026-01-21");
    // 50.00 x 11/31 x 30.48/33.87 = 15.966.
    assert_eq!(
        shop.bill("2026-01-21"),
        [
            "Unused: pro 2026-01-21 to 2026-01-31 11/31 GBP -15.97",
            "credit note GBP -15.97 + GBP -3.19, credit GBP 19.16"
        ]
    );
}

#[test]
fn days_that_cost_nothing_after_a_discount_are_not_given_back() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    let grant = GrantDiscount { bills: Some(1), ..percent(&shop, "100") };
    granted(&mut shop, grant);
    assert_eq!(
        shop.bill("2026-01-01"),
        ["basic 2026-01-01 to 2026-01-31 GBP 0.00", "invoice GBP 0.00 + GBP 0.00 = GBP 0.00"]
    );
    shop.changes_plan(subscription, "pro", "2026-01-11");
    assert_eq!(
        shop.bill("2026-01-11"),
        ["pro 2026-01-11 to 2026-01-31 21/31 GBP 33.87", "invoice GBP 33.87 + GBP 6.77 = GBP 40.64"]
    );
}

#[test]
fn a_credit_note_is_of_what_was_left_after_the_discount() {
    let mut shop = shop();
    let grant = percent(&shop, "10");
    granted(&mut shop, grant);
    let work = ["GBP 10.00", "GBP 20.00", "GBP 70.00"].map(|price| {
        let events = shop.does(RecordWork {
            account: shop.account,
            description: "Repair".parse().unwrap(),
            done_on: date("2026-01-05"),
            quantity: "1".parse().unwrap(),
            unit_price: price.parse().unwrap(),
            tax_code: code("standard"),
            evidence: None,
            done_by: None,
        });
        payload::<WorkRecorded>(&events[0]).unwrap().work
    });
    let repairs = IssueInvoice {
        account: shop.account,
        issue_on: date("2026-01-05"),
        items: vec![],
        work: work.into(),
    };
    let events = shop.does(repairs);
    assert_eq!(
        said(&events),
        [
            "Repair GBP 9.00",
            "Repair GBP 18.00",
            "Repair GBP 63.00",
            "invoice GBP 90.00 + GBP 18.00 = GBP 108.00"
        ]
    );
    let credit = |line, amount| CreditInvoice {
        account: shop.account,
        invoice: invoice_id(&events),
        what: What::Lines(vec![CreditLine { line, amount: pounds(amount) }]),
        reason: note("Done badly"),
        on: date("2026-01-06"),
    };
    let (first, more) = (credit(1, "9.00"), credit(2, "18.01"));
    assert_eq!(said(&shop.does(first.clone()))[1], "credit note GBP -9.00 + GBP -1.80, credit GBP 10.80");
    assert_eq!(shop.may_not(first), "GBP 9.00 can't be taken off line 1: GBP 0.00 is left on it");
    assert_eq!(shop.may_not(more), "GBP 18.01 can't be taken off line 2: GBP 18.00 is left on it");
}

#[test]
fn a_discount_is_ended_once_and_only_earlier() {
    let mut shop = shop();
    let grant = GrantDiscount { until: Some(date("2026-06-01")), ..percent(&shop, "10") };
    let discount = granted(&mut shop, grant);
    assert_eq!(shop.does(end(&shop, discount, "2026-06-01")), []);
    shop.does(end(&shop, discount, "2026-03-01"));
    assert_eq!(shop.does(end(&shop, discount, "2026-03-01")), []);
    let given = |shop: &Shop, day| shop.look(|account| account.discounts.in_force_on(date(day)).len());
    assert_eq!((given(&shop, "2026-02-28"), given(&shop, "2026-03-01")), (1, 0));
    shop.does(end(&shop, discount, "2026-01-01"));
    assert_eq!(given(&shop, "2026-01-01"), 0, "it was withdrawn");
}

#[test]
fn each_rule_is_said_once() {
    let mut shop = shop();
    let euros = |text: &str| Off::Amount(text.parse().unwrap());
    let (from, until) = (date("2026-01-01"), Some(date("2026-01-01")));
    let tenth = || percent(&shop, "10");
    for (grant, said) in [
        (percent(&shop, "0"), "a discount of 0% can't be given: it is above 0% and not above 100%"),
        (percent(&shop, "100.1"), "a discount of 100.1% can't be given: it is above 0% and not above 100%"),
        (amount(&shop, "0.00"), "a discount of GBP 0.00 can't be given: it is above zero"),
        (
            GrantDiscount { at_most: Some(pounds("-1.00")), ..tenth() },
            "a discount of GBP -1.00 can't be given: it is above zero",
        ),
        (
            GrantDiscount { off: euros("EUR 5.00"), ..tenth() },
            "the amount is in EUR and the account is kept in GBP",
        ),
        (
            GrantDiscount { on: Eligible::Only(vec![]), ..tenth() },
            "the discount names nothing that it is taken off",
        ),
        (
            GrantDiscount { on: Eligible::Only(vec![code("basic"), code("gold")]), ..tenth() },
            "the catalogue has no plan, add-on or item gold",
        ),
        (
            GrantDiscount { from, until, ..tenth() },
            "the discount begins on 2026-01-01 and would end on 2026-01-01",
        ),
        (GrantDiscount { bills: Some(0), ..tenth() }, "the discount would be given on 0 invoices"),
    ] {
        assert_eq!(shop.may_not(grant), said);
    }
    let grant = percent(&shop, "100");
    let discount = granted(&mut shop, grant);
    assert_eq!(
        shop.may_not(end(&shop, discount, "2025-12-31")),
        "the discount begins on 2026-01-01 and would end on 2025-12-31"
    );
    let unknown = "dsc_00000000000000000000000000000000".parse().unwrap();
    assert_eq!(
        shop.may_not(end(&shop, unknown, "2026-01-31")),
        format!("the account has no discount {unknown}")
    );
}

#[test]
fn what_happened_is_told_in_a_sentence() {
    let mut shop = shop();
    let grant = GrantDiscount {
        on: Eligible::Only(vec![code("chat"), code("training")]),
        until: Some(date("2026-04-01")),
        bills: Some(3),
        at_most: Some(pounds("50.00")),
        approved_by: Some("user:ann".parse().unwrap()),
        ..percent(&shop, "10")
    };
    let told = shop.does(grant)[0].to_string();
    let id = told.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(
        told,
        format!(
            "Discount {id} granted from 2026-01-01: Launch offer, 10% off chat, training, until 2026-04-01, on 3 \
             invoices at most, GBP 50.00 in all at most, approved by user:ann."
        )
    );
    let ended = shop.does(end(&shop, id.parse().unwrap(), "2026-02-01"))[0].to_string();
    assert_eq!(ended, format!("Discount {id} ended from 2026-02-01 on: No longer agreed."));
}

/// What may happen to a customer with discounts; days are counted from the first of January 2026.
#[derive(Debug, Clone)]
enum Step {
    Grant { off: Off, order: u16, bills: Option<u32>, at_most: Option<Money> },
    End,
    Plan { plan: &'static str, on: u64 },
    Bill { on: u64 },
    Void,
}

fn day(number: u64) -> Date {
    date("2026-01-01").checked_add_days(chrono::Days::new(number)).unwrap()
}

fn step() -> impl Strategy<Value = Step> {
    let gbp = |most: i64| (1..most).prop_map(|minor| Money::new(minor, Currency::GBP).unwrap());
    let rate = (1..=1_000_u32).prop_map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
    let off = prop_oneof![
        rate.prop_map(|rate| Off::Percent(Rate::percent(&rate).unwrap())),
        gbp(4_000).prop_map(Off::Amount)
    ];
    let limits = (prop::option::of(1..4_u32), prop::option::of(gbp(3_000)));
    prop_oneof![
        2 => (off, 0..3_u16, limits)
            .prop_map(|(off, order, (bills, at_most))| Step::Grant { off, order, bills, at_most }),
        1 => Just(Step::End),
        2 => (prop::sample::select(vec!["basic", "pro", "free"]), 0..150_u64)
            .prop_map(|(plan, on)| Step::Plan { plan, on }),
        4 => (0..150_u64).prop_map(|on| Step::Bill { on }),
        1 => Just(Step::Void),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The scenario holds each step against the named invariants.
    #[test]
    fn whatever_was_charged_at_a_discount_is_given_back_and_no_more(
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let mut shop = shop();
        let account = shop.account;
        let subscription = shop.subscribes("basic", 1, "2026-01-01");
        let (mut discount, mut last) = (None, None);
        let mut nets: BTreeMap<InvoiceId, i64> = BTreeMap::new();
        let mut noted = 0;
        let mut steps = steps;
        steps.push(Step::Bill { on: 150 });
        for step in steps {
            let events = match step {
                Step::Grant { off, order, bills, at_most } => {
                    let grant = GrantDiscount { off, order, bills, at_most, ..percent(&shop, "1") };
                    shop.scenario.when(grant)
                }
                Step::End => match discount {
                    Some(discount) => shop.scenario.when(end(&shop, discount, "2026-02-01")),
                    None => continue,
                },
                Step::Plan { plan, on } => {
                    let (plan, when) = (code(plan), When::On(day(on)));
                    shop.scenario.when(ChangePlan { account, subscription, plan, quantity: None, when, anchor_day: None })
                }
                Step::Bill { on } => {
                    shop.scenario.when(BillAccount { account, issue_on: day(on), through: day(on) })
                }
                Step::Void => match last.take() {
                    Some(invoice) => {
                        let reason = note("Made in error");
                        shop.scenario.when(VoidInvoice { account, invoice, on: day(200), reason })
                    }
                    None => continue,
                },
            };
            for event in events.unwrap_or_default() {
                if let Some(granted) = payload::<DiscountGranted>(&event) {
                    discount = Some(granted.discount);
                }
                count(&event, &mut nets, &mut noted);
                last = payload::<InvoiceIssued>(&event).map(|issued| issued.invoice).or(last);
            }
        }
        shop.cancels(subscription, "2026-01-01");
        for event in shop.bills("2026-08-01") {
            count(&event, &mut nets, &mut noted);
        }
        prop_assert_eq!(nets.values().sum::<i64>() + noted, 0, "all of it is given back");
    }
}

/// Adds up what stands on documents that were not declared void.
fn count(event: &crate::book::Event, nets: &mut BTreeMap<InvoiceId, i64>, noted: &mut i64) {
    if let Some(issued) = payload::<InvoiceIssued>(event) {
        nets.insert(issued.invoice, issued.net.minor());
    }
    if let Some(credit) = payload::<CreditNoteIssued>(event) {
        *noted += credit.net.minor();
    }
    if let Some(voided) = payload::<InvoiceVoided>(event) {
        nets.remove(&voided.invoice);
    }
}
