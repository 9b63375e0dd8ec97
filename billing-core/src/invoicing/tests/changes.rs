//! What is drafted to be looked at, and why; and that the others get the last bill again.

use std::collections::BTreeSet;

use super::{credit, void, work};
use crate::accounts::{ChangeDetails, ChangeTerms, GiveAnchorDay, GivePurchaseOrder};
use crate::book::{Event, payload};
use crate::catalogue::{Aggregate, Commitment, Meter, Phase, PhaseKind, Price, PublishPlan, SetTaxCode};
use crate::discounts::{DiscountGranted, EndDiscount, GrantDiscount, Off};
use crate::invoicing::given::{Shop, code, date, invoice, invoice_id, note, plan, pounds, shop};
use crate::invoicing::{BillDrafted, BillOrDraft, BillUsage, Change, DraftBill, What};
use crate::kernel::calendar::DayOfMonth;
use crate::kernel::ids::{DiscountId, SubscriptionId};
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::settings::{ChoosePolicies, Dialect, Policies};
use crate::subscriptions::{ChangePrice, PauseBilling, RemoveAddOn, ResumeBilling, Uncancel, When};
use crate::usage::{RecordUsage, UsageRecord};

fn runs(shop: &mut Shop, through: &str) -> Vec<Event> {
    let through = date(through);
    shop.does(BillOrDraft { account: shop.account, issue_on: through, through })
}

/// Why it was drafted; nothing where it was billed at once.
fn why(events: &[Event]) -> Vec<Change> {
    events.iter().find_map(payload::<BillDrafted>).map_or(Vec::new(), |drafted| {
        assert!(!drafted.changes.is_empty(), "drafted for no reason");
        drafted.changes.iter().cloned().collect()
    })
}

/// A customer whose plan was billed for January and February.
fn billed(plan: &str) -> (Shop, SubscriptionId) {
    let mut shop = shop();
    let subscription = shop.subscribes(plan, 2, "2026-01-01");
    assert_eq!(why(&runs(&mut shop, "2026-01-01"))[1..], [component(subscription, "plan")], "never billed");
    shop.bills("2026-01-01");
    assert_eq!(why(&runs(&mut shop, "2026-02-01")), [], "as last time");
    (shop, subscription)
}

fn component(subscription: SubscriptionId, component: &str) -> Change {
    Change::Component { subscription, component: code(component) }
}

fn offers(shop: &mut Shop, percent: &str, bills: Option<u32>) -> DiscountId {
    let off = Off::Percent(percent.parse().unwrap());
    let offer = GrantDiscount::new(shop.account, "Offer".parse().unwrap(), off, date("2026-02-10"));
    let events = shop.does(GrantDiscount { bills, ..offer });
    payload::<DiscountGranted>(&events[0]).unwrap().discount
}

/// The bill through 1 March is drafted for this alone, and the one through 1 April is that of March again.
fn is_looked_at_once(mut shop: Shop, change: Change) {
    let events = runs(&mut shop, "2026-03-01");
    assert_eq!(why(&events), [change]);
    shop.bills("2026-03-01");
    let april = runs(&mut shop, "2026-04-01");
    assert_eq!(why(&april), []);
    let _ = invoice(&april);
}

#[test]
fn other_terms_of_what_is_sold_are_looked_at_once() {
    let (mut shop, seats) = billed("seats");
    shop.changes_quantity(seats, 3, "2026-03-01");
    is_looked_at_once(shop, component(seats, "plan"));

    let (mut shop, seats) = billed("seats");
    shop.changes_plan(seats, "basic", "2026-03-01");
    is_looked_at_once(shop, component(seats, "plan"));

    let (mut shop, seats) = billed("seats");
    let (price, when) = (Price::PerSeat(pounds("12.00")), When::On(date("2026-03-01")));
    shop.does(ChangePrice { account: shop.account, subscription: seats, component: None, price, when });
    is_looked_at_once(shop, component(seats, "plan"));

    let (mut shop, seats) = billed("seats");
    shop.adds(seats, "chat", "2026-03-01");
    is_looked_at_once(shop, component(seats, "chat"));
}

#[test]
fn a_discount_that_begins_and_one_that_ends_are_looked_at() {
    let (mut shop, seats) = billed("seats");
    let discount = offers(&mut shop, "10%", None);
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [component(seats, "plan")]);
    shop.bills("2026-03-01");
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [], "less the discount, as last time");
    let (account, from) = (shop.account, date("2026-04-10"));
    shop.does(EndDiscount { account, discount, from, reason: note("Over") });
    // Another one that takes the same amount off is another one.
    offers(&mut shop, "10%", None);
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), [component(seats, "plan")]);
}

#[test]
fn a_discount_that_has_run_out_is_looked_at_though_nobody_asked_for_anything() {
    let (mut shop, seats) = billed("seats");
    offers(&mut shop, "10%", Some(1));
    runs(&mut shop, "2026-03-01");
    shop.bills("2026-03-01");
    is_looked_at_once_from_april(shop, seats);
}

fn is_looked_at_once_from_april(mut shop: Shop, subscription: SubscriptionId) {
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [component(subscription, "plan")]);
    shop.bills("2026-04-01");
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), []);
}

#[test]
fn a_price_that_steps_up_and_another_vat_rate_are_looked_at() {
    let mut shop = shop();
    let (lasts, prices) = ("2 months".parse().unwrap(), vec![Price::Flat(pounds("5.00"))]);
    let phases = vec![Phase { kind: PhaseKind::Introductory, lasts, prices, anchor_day: None }];
    shop.does(PublishPlan { phases, ..plan("new", Price::Flat(pounds("30.00"))) });
    let new = shop.subscribes("new", 1, "2026-01-01");
    shop.bills("2026-01-01");
    assert_eq!(why(&runs(&mut shop, "2026-02-01")), [], "introductory as in January");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [component(new, "plan")]);
    shop.bills("2026-03-01");
    shop.does(SetTaxCode::new(code("standard"), "22%".parse().unwrap(), date("2026-04-01")));
    is_looked_at_once_from_april(shop, new);
}

#[test]
fn what_is_charged_or_given_back_beside_the_periods_is_looked_at_once() {
    let (mut shop, _) = billed("seats");
    work(&mut shop, "2026-02-20");
    is_looked_at_once(shop, Change::Work);

    let (mut shop, seats) = billed("seats");
    shop.changes_quantity(seats, 3, "2026-02-15");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [component(seats, "plan"), Change::GivenBack]);
}

#[test]
fn work_that_is_written_off_or_not_done_yet_changes_nothing() {
    let (mut shop, _) = billed("seats");
    let off = work(&mut shop, "2026-02-20");
    let (account, reason, on) = (shop.account, note("A favour"), date("2026-02-21"));
    shop.does(crate::work::WriteOffWork { account, work: off, reason, on });
    work(&mut shop, "2026-03-02");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), []);
}

#[test]
fn what_stops_is_looked_at_once_and_what_begins_again_too() {
    let (mut shop, seats) = billed("seats");
    let basic = shop.subscribes("basic", 1, "2026-03-01");
    shop.bills("2026-03-01");
    let (account, from, until) = (shop.account, date("2026-04-01"), None);
    shop.does(PauseBilling { account, subscription: seats, from, until });
    let gone = Change::Ended { subscription: seats, component: code("plan") };
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [gone]);
    shop.bills("2026-04-01");
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), [], "gone as last time");
    shop.does(ResumeBilling { account, subscription: seats, from: date("2026-06-01") });
    assert_eq!(why(&runs(&mut shop, "2026-06-01")), [component(seats, "plan")], "back on the old terms");
    shop.bills("2026-06-01");
    shop.cancels(basic, "2026-07-01");
    shop.does(Uncancel { account, subscription: basic });
    assert_eq!(why(&runs(&mut shop, "2026-07-01")), [], "taken back, as if it had never been asked");
}

// The chat was on the bill of March and is given back whole, on a note: the bill of April is the plan alone, which is not
// the last one again.
#[test]
fn a_component_that_is_given_back_whole_is_missed_on_the_next_bill() {
    let (mut shop, seats) = billed("seats");
    shop.adds(seats, "chat", "2026-03-01");
    shop.bills("2026-03-01");
    let (account, add_on, when) = (shop.account, code("chat"), When::On(date("2026-03-01")));
    shop.does(RemoveAddOn { account, subscription: seats, add_on, when });
    let given_back = shop.bill("2026-03-02");
    assert!(given_back[0].starts_with("Unused: chat 2026-03-01 to 2026-03-31"), "{given_back:?}");
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [Change::Credited]);
    shop.bills("2026-04-01");
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), []);
}

#[test]
fn parts_of_periods_and_several_at_once_are_looked_at() {
    let mut shop = shop();
    let basic = shop.subscribes("basic", 1, "2026-01-01");
    shop.bills("2026-01-01");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [component(basic, "plan")], "two months at once");
    shop.bills("2026-03-01");
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [component(basic, "plan")], "one month after two");
    shop.bills("2026-04-01");
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), []);
}

#[test]
fn a_yearly_add_on_that_is_not_due_is_not_missed() {
    let (mut shop, seats) = billed("seats");
    shop.adds(seats, "backup", "2026-03-01");
    is_looked_at_once(shop, component(seats, "backup"));
}

#[test]
fn other_terms_of_payment_another_order_and_other_details_are_looked_at_once() {
    let (mut shop, _) = billed("seats");
    let (account, from) = (shop.account, date("2026-03-01"));
    shop.does(ChangeTerms { account, terms: Some(PaymentTerms::NetDays(7)), from });
    is_looked_at_once(shop, Change::Terms);

    let (mut shop, _) = billed("seats");
    shop.does(GivePurchaseOrder { account, number: "PO-1".parse().unwrap(), on: date("2026-02-20") });
    is_looked_at_once(shop, Change::PurchaseOrder);

    let (mut shop, _) = billed("seats");
    let name = Some(Sealed::marked("Ada King").unwrap());
    shop.does(ChangeDetails { account, name, custom_fields: None, on: date("2026-02-20") });
    is_looked_at_once(shop, Change::Details);

    let (mut shop, _) = billed("seats");
    let policies = Policies { dialect: Dialect::Meteroid, ..Policies::default() };
    shop.does(ChoosePolicies { policies });
    is_looked_at_once(shop, Change::Rules);
}

#[test]
fn a_credit_by_hand_and_a_void_invoice_are_looked_at() {
    let (mut shop, _) = billed("seats");
    let march = shop.bills("2026-03-01");
    let favour = credit(&shop, invoice_id(&march), What::Whole, "2026-03-02");
    shop.does(favour);
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [Change::Credited]);
    let april = shop.bills("2026-04-01");
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), []);
    let wrong = void(&shop, invoice_id(&april), "2026-04-02");
    shop.does(wrong);
    assert!(!why(&runs(&mut shop, "2026-06-01")).is_empty());
}

fn counted(shop: &mut Shop, commitment: Option<Commitment>) -> SubscriptionId {
    let mut meter = Meter::new(code("calls"), Aggregate::Sum);
    meter.threshold = Some(pounds("50.00"));
    let each = Price::Each("GBP 1.00".parse().unwrap());
    shop.does(PublishPlan { meter: Some(meter), commitment, ..plan("calls", each) });
    shop.subscribes("calls", 1, "2026-01-01")
}

fn calls(shop: &mut Shop, subscription: SubscriptionId, on: &str, quantity: &str) {
    let record = UsageRecord {
        key: format!("{on} {quantity}").parse().unwrap(),
        subscription,
        metric: code("calls"),
        on: date(on),
        quantity: quantity.parse().unwrap(),
        name: None,
    };
    shop.does(RecordUsage { account: shop.account, records: vec![record] });
}

#[test]
fn usage_may_vary_and_what_came_late_or_was_billed_ahead_is_looked_at() {
    let mut shop = shop();
    let metered = counted(&mut shop, None);
    calls(&mut shop, metered, "2026-01-10", "7");
    shop.bills("2026-02-01");
    calls(&mut shop, metered, "2026-02-10", "9");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [], "9 calls after 7");
    calls(&mut shop, metered, "2026-02-28", "1");
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [Change::LateUsage]);
    shop.bills("2026-04-01");
    calls(&mut shop, metered, "2026-04-10", "60");
    shop.does(BillUsage { account: shop.account, on: date("2026-04-11") });
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), [Change::UsageBilledAhead]);
}

// February is billed with 9 and 4 calls; then its days from the 15th on, with the 4, are given back, for there the next
// period begins: it is a whole one that follows, and not what follows the last bill.
#[test]
fn usage_that_was_billed_for_days_that_were_given_back_is_looked_at() {
    for dialect in [Dialect::KillBill, Dialect::KillBillFixed30] {
        let mut shop = shop();
        shop.does(ChoosePolicies { policies: Policies { dialect, ..Policies::default() } });
        let metered = counted(&mut shop, None);
        shop.bills("2026-02-01");
        calls(&mut shop, metered, "2026-02-10", "9");
        calls(&mut shop, metered, "2026-02-20", "4");
        shop.bills("2026-03-01");
        shop.does(GiveAnchorDay {
            account: shop.account,
            day: DayOfMonth::new(15).unwrap(),
            on: date("2026-02-10"),
        });
        assert_eq!(shop.bill("2026-03-01")[0], "Unused: calls 2026-02-15 to 2026-02-28 GBP -4.00");
        assert_eq!(why(&runs(&mut shop, "2026-03-15")), [component(metered, "plan")], "{dialect:?}");
    }
}

#[test]
fn a_discount_off_usage_is_looked_at_by_which_it_is_and_not_by_how_much() {
    let mut shop = shop();
    let metered = counted(&mut shop, None);
    offers(&mut shop, "10%", None);
    let second = offers(&mut shop, "5%", None);
    for (on, quantity) in
        [("2026-01-10", "20"), ("2026-02-10", "40"), ("2026-03-10", "30"), ("2026-04-10", "20")]
    {
        calls(&mut shop, metered, on, quantity);
    }
    // The offers begin on 10 February.
    shop.bills("2026-02-01");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [component(metered, "plan")], "less two discounts");
    shop.bills("2026-03-01");
    assert_eq!(why(&runs(&mut shop, "2026-04-01")), [], "another amount less the same discounts");
    let (account, from) = (shop.account, date("2026-04-10"));
    shop.does(EndDiscount { account, discount: second, from, reason: note("Over") });
    assert_eq!(why(&runs(&mut shop, "2026-05-01")), [component(metered, "plan")], "one of the two is left");
}

#[test]
fn a_true_up_and_a_set_up_fee_are_looked_at() {
    let mut shop = shop();
    let minimum = Commitment {
        name: "Minimum".parse().unwrap(),
        minimums: vec![pounds("100.00")],
        tax_code: code("standard"),
    };
    counted(&mut shop, Some(minimum));
    shop.bills("2026-02-01");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [Change::TrueUp]);

    let (mut shop, _) = billed("seats");
    let fees = vec![pounds("25.00")];
    shop.does(PublishPlan { set_up: fees, ..plan("fancy", Price::Flat(pounds("30.00"))) });
    let fancy = shop.subscribes("fancy", 1, "2026-03-01");
    assert_eq!(why(&runs(&mut shop, "2026-03-01")), [component(fancy, "plan"), Change::SetUp]);
}

#[test]
fn nothing_is_due_and_nothing_is_changed() {
    let (mut shop, seats) = billed("seats");
    shop.changes_quantity(seats, 3, "2026-03-01");
    assert_eq!(runs(&mut shop, "2026-02-10"), []);
    // A draft for its own sake says that nothing is otherwise.
    let (mut shop, _) = billed("seats");
    let (issue_on, through) = (date("2026-03-01"), date("2026-03-01"));
    let drafted = shop.does(DraftBill { account: shop.account, issue_on, through });
    assert_eq!(payload::<BillDrafted>(&drafted[0]).unwrap().changes, BTreeSet::new());
}
