//! What is pending, in the words of whoever makes out the next bill.

use proptest::prelude::*;

use super::super::support::Log;
use super::super::unbilled_work::UnbilledWork;
use super::*;
use crate::book::payload;
use crate::discounts::{Eligible, EndDiscount, GrantDiscount, Off};
use crate::invoicing::given::{Shop, code, date, invoice_id, note, pounds, shop};
use crate::invoicing::{IssueInvoice, ItemLine, VoidInvoice};
use crate::kernel::ids::QuoteId;
use crate::projections::aged_debt::Buckets;
use crate::quotes::{AcceptQuote, Offered, QuoteIssued, RecordQuote};
use crate::subscriptions::{AddAddOn, RemoveAddOn, Uncancel, When};
use crate::work::{RecordWork, WorkRecorded, WriteOffWork};
use PendingKind::{AcceptedQuote, Discount, DiscountOver, OpenQuote, Subscription, Work};

/// The book so far, as its views see it.
fn log(shop: &Shop) -> Log {
    let mut log = Log::default();
    shop.scenario.history().iter().for_each(|fact| log.record(fact.stream.clone(), fact.event.clone()));
    log
}

fn asked(shop: &Shop, on: &str) -> Vec<PendingChange> {
    let query = PendingChanges { account: Some(shop.account), on: date(on) };
    let pending = log(shop).ask(&query);
    assert_eq!(log(shop).ask(&PendingChanges { account: None, ..query }), pending);
    pending
}

fn kinds(shop: &Shop, on: &str) -> Vec<PendingKind> {
    asked(shop, on).iter().map(|change| change.kind).collect()
}

fn quoted(shop: &mut Shop, reference: &str, days: u64) -> QuoteId {
    let events = shop.does(RecordQuote {
        account: shop.account,
        reference: reference.parse().unwrap(),
        quoted_on: date("2026-01-10"),
        valid_until: date("2026-01-31"),
        lines: vec![Offered::item(code("training"), crate::kernel::quantity::Quantity::whole(days))],
        note: None,
    });
    payload::<QuoteIssued>(&events[0]).unwrap().quote
}

fn accepts(shop: &mut Shop, quote: QuoteId, on: &str) {
    shop.does(AcceptQuote::new(shop.account, quote, date(on)));
}

#[test]
fn a_quote_is_told_while_it_is_open_and_its_lines_until_they_are_billed() {
    let mut shop = shop();
    let quote = quoted(&mut shop, "Q-1", 2);
    let open = asked(&shop, "2026-01-31");
    assert_eq!((open[0].kind, open[0].amount), (OpenQuote, Some(pounds("300.00"))));
    assert_eq!(open[0].by.to_string(), "user:ann");
    assert_eq!(asked(&shop, "2026-02-01"), [], "nobody can accept it any more");
    accepts(&mut shop, quote, "2026-01-20");
    let accepted = asked(&shop, "2026-01-19");
    assert_eq!((accepted[0].kind, accepted[0].later), (AcceptedQuote, true));
    assert_eq!((accepted[0].from, accepted[0].amount), (Some(date("2026-01-20")), Some(pounds("300.00"))));
    assert!(accepted[0].sentence.ends_with("to be billed from 2026-01-20: Training, 2 at GBP 150.00."));
    assert!(!asked(&shop, "2026-01-20")[0].later);
    let bill = shop.bills("2026-01-30");
    assert_eq!(asked(&shop, "2026-01-30"), []);
    let (account, reason) = (shop.account, note("Wrong address"));
    shop.does(VoidInvoice { account, invoice: invoice_id(&bill), on: date("2026-01-30"), reason });
    assert_eq!(
        asked(&shop, "2026-01-20"),
        accepted.into_iter().map(|one| PendingChange { later: false, ..one }).collect::<Vec<_>>()
    );
    log(&shop).assert_rows_do_not_depend_on_saves::<Pending>();
}

#[test]
fn a_discount_is_told_until_it_is_used_up_or_over() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    let tenth = Off::Percent(crate::kernel::rate::Rate::percent("10").unwrap());
    let offer = GrantDiscount::new(shop.account, "Offer".parse().unwrap(), tenth, date("2026-01-25"));
    let events = shop.does(GrantDiscount { bills: Some(2), ..offer.clone() });
    let discount = payload::<crate::discounts::DiscountGranted>(&events[0]).unwrap().discount;
    shop.does(GrantDiscount {
        on: Eligible::Only(vec![code("basic")]),
        off: Off::Amount(pounds("4.00")),
        until: Some(date("2026-02-20")),
        ..offer
    });
    assert_eq!(kinds(&shop, "2026-01-02"), [Subscription, Discount, Discount]);
    assert!(asked(&shop, "2026-01-24")[1].later);
    shop.bills("2026-01-30");
    let february = asked(&shop, "2026-02-01");
    assert_eq!(february[1].amount, Some(pounds("-4.00")));
    assert!(february.iter().all(|change| change.kind == Discount && change.on_last_bill && !change.later));
    let (account, issue_on) = (shop.account, date("2026-02-20"));
    let training = ItemLine { item: code("training"), quantity: "1".parse().unwrap(), text: None };
    let beside = shop.does(IssueInvoice { account, issue_on, items: vec![training], work: vec![] });
    let reason = note("Not ordered");
    shop.does(VoidInvoice { account, invoice: invoice_id(&beside), on: issue_on, reason });
    assert_eq!(kinds(&shop, "2026-02-20"), [Discount, DiscountOver], "what was bought beside is no bill");
    shop.bills("2026-02-27");
    assert_eq!(kinds(&shop, "2026-02-28"), [DiscountOver], "given twice; the other one is forgotten");
    let (from, reason) = (date("2026-02-28"), note("He left"));
    shop.does(EndDiscount { account, discount, from, reason });
    assert_eq!(
        asked(&shop, "2026-03-01")[0].sentence,
        format!("Discount {discount} ended from 2026-02-28 on: He left.")
    );
    shop.bills("2026-03-31");
    assert_eq!(asked(&shop, "2026-04-01"), []);
    log(&shop).assert_rows_do_not_depend_on_saves::<Pending>();
}

#[test]
fn a_change_is_told_until_a_bill_has_days_of_it() {
    let mut shop = shop();
    let seats = shop.subscribes("seats", 2, "2026-01-01");
    shop.bills("2026-01-01");
    assert_eq!(asked(&shop, "2026-01-02"), []);
    shop.changes_quantity(seats, 5, "2026-01-15");
    shop.changes_plan(seats, "pro", "2026-03-01");
    let changes = asked(&shop, "2026-01-20");
    assert_eq!(changes.iter().map(|change| change.later).collect::<Vec<_>>(), [false, true]);
    assert_eq!(
        changes[0].sentence,
        format!("Quantity of plan of subscription {seats} changed to 5 from 2026-01-15 on.")
    );
    shop.bills("2026-02-01");
    let later = asked(&shop, "2026-02-02");
    assert_eq!(later, [changes[1].clone()], "what is planned is not forgotten with a bill before it");
    let march = shop.bills("2026-03-01");
    assert_eq!(asked(&shop, "2026-03-01"), []);
    let (account, reason) = (shop.account, note("Wrong address"));
    shop.does(VoidInvoice { account, invoice: invoice_id(&march), on: date("2026-03-01"), reason });
    assert_eq!(asked(&shop, "2026-02-02"), later);
}

#[test]
fn an_end_is_told_until_it_has_come_and_what_is_planned_behind_it_is_not() {
    let mut shop = shop();
    let basic = shop.subscribes("basic", 1, "2026-01-01");
    shop.adds(basic, "chat", "2026-01-01");
    shop.bills("2026-01-01");
    let (account, when) = (shop.account, When::On(date("2026-02-01")));
    shop.does(RemoveAddOn { account, subscription: basic, add_on: code("chat"), when });
    assert_eq!(kinds(&shop, "2026-01-20"), [Subscription]);
    assert_eq!(asked(&shop, "2026-02-01"), [], "the add-on is billed up to that day, and the day has come");
    shop.bills("2026-02-01");
    // In the middle of a month that is billed: the rest is given back.
    shop.cancels(basic, "2026-02-15");
    assert_eq!(kinds(&shop, "2026-02-20"), [Subscription]);
    shop.bills("2026-02-20");
    assert_eq!(asked(&shop, "2026-02-20"), []);

    let late = shop.subscribes("pro", 1, "2026-04-01");
    shop.cancels(late, "2026-05-01");
    shop.does(AddAddOn {
        account,
        subscription: late,
        add_on: code("chat"),
        quantity: 1,
        component: None,
        when: When::On(date("2026-04-10")),
    });
    assert_eq!(kinds(&shop, "2026-03-01").len(), 3);
    shop.does(Uncancel { account, subscription: late });
    assert_eq!(kinds(&shop, "2026-03-01").len(), 2, "an end that is taken back was never asked for");
    shop.bills("2026-05-01");
    shop.cancels(late, "2026-06-01");
    shop.bills("2026-05-02");
    assert_eq!(kinds(&shop, "2026-05-31"), [Subscription]);
    assert_eq!(asked(&shop, "2026-06-01"), []);
    log(&shop).assert_rows_do_not_depend_on_saves::<Pending>();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The work that is told is the work that the report of unbilled work has, found by another view.
    #[test]
    fn what_is_pending_of_work_is_what_is_unbilled(deeds in prop::collection::vec((0..5_u8, 0..9_usize), 1..14)) {
        let mut shop = shop();
        let account = shop.account;
        let (mut works, mut bills) = (Vec::new(), Vec::new());
        for (at, (deed, which)) in deeds.into_iter().enumerate() {
            let day = format!("2026-01-{:02}", 12 + at);
            let events = match deed {
                0 => {
                    let quote = quoted(&mut shop, &format!("Q-{at}"), 1);
                    shop.does(AcceptQuote::new(account, quote, date(&day)))
                }
                1 => shop.does(RecordWork {
                    account,
                    description: "Set-up".parse().unwrap(),
                    done_on: date(&day),
                    quantity: "1.5".parse().unwrap(),
                    unit_price: "GBP 85.00".parse().unwrap(),
                    tax_code: code("standard"),
                    evidence: None,
                    done_by: None,
                }),
                2 => shop.bills(&day),
                3 => {
                    let unbilled = works.iter().copied().filter(|work| {
                        shop.look(|account| account.work.item(*work).is_some() && !account.invoicing.has_billed(*work))
                    });
                    let unbilled: Vec<_> = unbilled.collect();
                    let Some(work) = unbilled.get(which % unbilled.len().max(1)).copied() else { continue };
                    shop.does(WriteOffWork { account, work, reason: note("A favour"), on: date(&day) })
                }
                _ => {
                    let Some(invoice) = bills.pop() else { continue };
                    shop.does(VoidInvoice { account, invoice, on: date(&day), reason: note("In error") })
                }
            };
            works.extend(events.iter().filter_map(payload::<WorkRecorded>).map(|work| work.work));
            bills.extend(events.iter().filter_map(payload::<crate::invoicing::InvoiceIssued>).map(|one| one.invoice));
        }
        let (as_of, buckets) = (date("2026-12-31"), Buckets::new(vec![30]).unwrap());
        let report = log(&shop).ask(&UnbilledWork { as_of, buckets, late_after: 30 });
        let mut unbilled: Vec<Money> = report.pieces.iter().map(|piece| piece.value).collect();
        let told = asked(&shop, "2026-12-31");
        let mut told: Vec<Money> = told
            .iter()
            .filter(|change| matches!(change.kind, Work | AcceptedQuote))
            .filter_map(|change| change.amount)
            .collect();
        unbilled.sort_by_key(|value| value.minor());
        told.sort_by_key(|value| value.minor());
        prop_assert_eq!(told, unbilled);
        log(&shop).assert_rows_do_not_depend_on_saves::<Pending>();
    }
}
