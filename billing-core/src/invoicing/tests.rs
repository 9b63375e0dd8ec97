//! Bills, in the words of the customer's story: given what was asked for, when billed, then these lines.

mod account_day;
mod agreements;
mod by_second;
mod changes;
mod commitments;
mod drafts;
mod sales;

use proptest::prelude::*;

use super::given::{Shop, code, credit_note, date, invoice, invoice_id, note, pounds, said, shop, shop_for};
use super::*;
use crate::accounts::{AccountKind, ConvertToFull, RequirePurchaseOrder};
use crate::book::{Event, payload};
use crate::kernel::ids::SubscriptionId;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::subscriptions::{AddAddOn, RemoveAddOn, When};
use crate::work::{RecordWork, WorkRecorded};

fn credit(shop: &Shop, invoice: crate::kernel::ids::InvoiceId, what: What, on: &str) -> CreditInvoice {
    CreditInvoice { account: shop.account, invoice, what, reason: note("Goodwill"), on: date(on) }
}

fn void(shop: &Shop, invoice: crate::kernel::ids::InvoiceId, on: &str) -> VoidInvoice {
    VoidInvoice { account: shop.account, invoice, on: date(on), reason: note("Wrong customer") }
}

fn work(shop: &mut Shop, done_on: &str) -> crate::kernel::ids::WorkId {
    let record = RecordWork {
        account: shop.account,
        description: "Set-up".parse().unwrap(),
        done_on: date(done_on),
        quantity: "2.5".parse().unwrap(),
        unit_price: "GBP 80.00".parse().unwrap(),
        tax_code: code("standard"),
        evidence: None,
        done_by: None,
    };
    payload::<WorkRecorded>(&shop.does(record)[0]).unwrap().work
}

#[test]
fn a_month_begun_late_is_billed_by_the_day_and_then_by_the_month() {
    let mut shop = shop();
    let subscribe = crate::subscriptions::Subscribe {
        account: shop.account,
        plan: code("basic"),
        quantity: 1,
        from: date("2026-01-20"),
        anchor_day: Some(1.try_into().unwrap()),
        add_ons: Vec::new(),
        custom_fields: Default::default(),
    };
    shop.does(subscribe);
    assert_eq!(
        shop.bill("2026-02-01"),
        [
            "basic 2026-01-20 to 2026-01-31 12/31 GBP 11.61",
            "basic 2026-02-01 to 2026-02-28 GBP 30.00",
            "invoice GBP 41.61 + GBP 8.32 = GBP 49.93"
        ]
    );
}

#[test]
fn billed_again_there_is_nothing_to_do() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-01-01");
    assert_eq!(shop.bills("2025-12-31"), []);
    assert_eq!(shop.next().unwrap(), "2026-01-01");
    assert_eq!(shop.bills("2026-01-01").len(), 3, "invoice, number and message");
    assert_eq!(shop.bills("2026-01-01"), []);
    assert_eq!(shop.bills("2026-01-31"), []);
    assert_eq!(shop.next().unwrap(), "2026-02-01");
}

#[test]
fn the_last_day_of_the_month_comes_back_after_february() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2028-01-31");
    assert_eq!(
        shop.bill("2028-03-31"),
        [
            "basic 2028-01-31 to 2028-02-28 GBP 30.00",
            "basic 2028-02-29 to 2028-03-30 GBP 30.00",
            "basic 2028-03-31 to 2028-04-29 GBP 30.00",
            "invoice GBP 90.00 + GBP 18.00 = GBP 108.00"
        ]
    );
}

#[test]
fn an_upgrade_gives_back_the_old_price_and_charges_the_new_one() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-02-01");
    shop.bills("2026-02-01");
    shop.changes_plan(subscription, "pro", "2026-02-11");
    assert_eq!(
        shop.bill("2026-02-11"),
        [
            "Unused: basic 2026-02-11 to 2026-02-28 18/28 GBP -19.29",
            "pro 2026-02-11 to 2026-02-28 18/28 GBP 32.14",
            "invoice GBP 12.85 + GBP 2.57 = GBP 15.42"
        ]
    );
}

#[test]
fn three_more_seats_are_billed_as_a_difference() {
    let mut shop = shop();
    let subscription = shop.subscribes("seats", 5, "2026-04-01");
    assert_eq!(shop.bill("2026-04-01")[0], "seats 2026-04-01 to 2026-04-30 GBP 62.50");
    shop.changes_quantity(subscription, 8, "2026-04-10");
    assert_eq!(
        shop.bill("2026-05-01"),
        [
            "Unused: seats 2026-04-10 to 2026-04-30 21/30 GBP -43.75",
            "seats 2026-04-10 to 2026-04-30 21/30 GBP 70.00",
            "seats 2026-05-01 to 2026-05-31 GBP 100.00",
            "invoice GBP 126.25 + GBP 25.25 = GBP 151.50"
        ]
    );
}

#[test]
fn a_leap_year_given_back_after_sixty_days() {
    let mut shop = shop();
    let subscription = shop.subscribes("yearly", 1, "2024-01-01");
    shop.bills("2024-01-01");
    shop.cancels(subscription, "2024-03-01");
    assert_eq!(
        shop.bill("2024-03-01"),
        [
            "Unused: yearly 2024-03-01 to 2024-12-31 306/366 GBP -1003.28",
            "credit note GBP -1003.28 + GBP -200.66, credit GBP 1203.94"
        ]
    );
    assert_eq!(shop.next(), None);
}

#[test]
fn a_cheaper_plan_makes_an_invoice_and_a_credit_note_that_settles_it() {
    let mut shop = shop();
    let subscription = shop.subscribes("pro", 1, "2026-04-01");
    shop.bills("2026-04-01");
    shop.changes_plan(subscription, "basic", "2026-04-16");
    assert_eq!(
        shop.bill("2026-04-16"),
        [
            "basic 2026-04-16 to 2026-04-30 15/30 GBP 15.00",
            "invoice GBP 15.00 + GBP 3.00 = GBP 18.00",
            "Unused: pro 2026-04-16 to 2026-04-30 15/30 GBP -25.00",
            "credit note GBP -25.00 + GBP -5.00, credit GBP 30.00",
        ]
    );
    assert_eq!(shop.balance(), "GBP 48.00");
}

#[test]
fn a_change_at_the_end_of_the_period_gives_nothing_back() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-31");
    shop.bills("2026-01-31");
    let when = When::EndOfPeriod { asked_on: date("2026-02-10") };
    shop.does(crate::subscriptions::ChangePlan {
        account: shop.account,
        subscription,
        plan: code("pro"),
        quantity: None,
        when,
        anchor_day: None,
    });
    assert_eq!(shop.bill("2026-02-27"), [""; 0]);
    assert_eq!(shop.bill("2026-02-28")[0], "pro 2026-02-28 to 2026-03-30 GBP 50.00");
}

#[test]
fn a_change_is_billed_when_it_counts_and_not_when_it_is_asked_for() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.changes_plan(subscription, "pro", "2026-04-21");
    assert_eq!(shop.bill("2026-04-01")[0], "basic 2026-04-01 to 2026-04-20 20/30 GBP 20.00");
    assert_eq!(shop.next().unwrap(), "2026-04-21");
    // 50.00 x 10/30 = 16.666…
    assert_eq!(shop.bill("2026-04-21")[0], "pro 2026-04-21 to 2026-04-30 10/30 GBP 16.67");
}

#[test]
fn a_yearly_plan_runs_to_the_account_s_day_of_the_month() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    shop.changes_plan(subscription, "yearly", "2026-04-16");
    assert_eq!(
        shop.bill("2026-04-16")[..2],
        [
            "Unused: basic 2026-04-16 to 2026-04-30 15/30 GBP -15.00",
            // 1200.00 x 350/365 = 1150.684…
            "yearly 2026-04-16 to 2027-03-31 350/365 GBP 1150.68"
        ]
    );
}

#[test]
fn arrears_are_billed_when_the_month_is_over_or_the_service_is() {
    let mut shop = shop();
    let subscription = shop.subscribes("metered", 1, "2026-03-01");
    assert_eq!(shop.next().unwrap(), "2026-04-01");
    assert_eq!(shop.bill("2026-03-31"), [""; 0]);
    assert_eq!(shop.bill("2026-04-01")[0], "metered 2026-03-01 to 2026-03-31 GBP 30.00");
    shop.cancels(subscription, "2026-04-11");
    assert_eq!(shop.next().unwrap(), "2026-04-11");
    assert_eq!(shop.bill("2026-04-11")[0], "metered 2026-04-01 to 2026-04-10 10/30 GBP 10.00");
}

#[test]
fn a_late_cancellation_gives_back_all_months_since() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.bills("2026-03-01");
    shop.cancels(subscription, "2026-01-11");
    assert_eq!(
        shop.bill("2026-03-15"),
        [
            // 30.00 x 21/31 = 20.322…
            "Unused: basic 2026-01-11 to 2026-01-31 21/31 GBP -20.32",
            "Unused: basic 2026-02-01 to 2026-02-28 GBP -30.00",
            "Unused: basic 2026-03-01 to 2026-03-31 GBP -30.00",
            "credit note GBP -80.32 + GBP -16.06, credit GBP 96.38"
        ]
    );
}

#[test]
fn an_add_on_is_billed_beside_its_plan() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    let account = shop.account;
    let when = |on| When::On(date(on));
    shop.does(AddAddOn {
        account,
        subscription,
        add_on: code("chat"),
        quantity: 1,
        when: when("2026-04-21"),
        component: None,
    });
    // 10.00 x 10/30 = 3.333…
    assert_eq!(shop.bill("2026-04-21")[0], "chat 2026-04-21 to 2026-04-30 10/30 GBP 3.33");
    shop.does(RemoveAddOn { account, subscription, add_on: code("chat"), when: when("2026-04-26") });
    shop.does(AddAddOn {
        account,
        subscription,
        add_on: code("backup"),
        quantity: 1,
        when: when("2026-05-01"),
        component: None,
    });
    assert_eq!(
        shop.bill("2026-05-01")[..3],
        [
            "basic 2026-05-01 to 2026-05-31 GBP 30.00",
            "backup 2026-05-01 to 2027-04-30 GBP 120.00",
            // 10.00 x 5/30 = 1.666…
            "Unused: chat 2026-04-26 to 2026-04-30 5/30 GBP -1.67"
        ]
    );
}

#[test]
fn what_is_given_back_in_pieces_is_what_was_charged_to_the_penny() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.bills("2026-01-01");
    shop.cancels(subscription, "2026-01-21");
    // 30.00 x 11/31 = 10.645…
    assert_eq!(shop.bill("2026-01-21")[0], "Unused: basic 2026-01-21 to 2026-01-31 11/31 GBP -10.65");
    shop.cancels(subscription, "2026-01-11");
    // 30.00 x 10/31 = 9.677…
    assert_eq!(shop.bill("2026-01-21")[0], "Unused: basic 2026-01-11 to 2026-01-20 10/31 GBP -9.68");
    shop.cancels(subscription, "2026-01-01");
    // Also 9.68 by the day, but 9.67 is left.
    assert_eq!(shop.bill("2026-01-21")[0], "Unused: basic 2026-01-01 to 2026-01-10 10/31 GBP -9.67");
    assert_eq!(shop.balance(), "GBP 0.00");
}

#[test]
fn unused_days_give_back_no_more_than_a_credit_note_has_left() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    let issued = invoice_id(&shop.bills("2026-04-01"));
    let what = What::Lines(vec![CreditLine { line: 1, amount: pounds("20.00") }]);
    let credited = credit(&shop, issued, what, "2026-04-02");
    assert_eq!(
        said(&shop.does(credited)),
        ["Correction of line 1 GBP -20.00", "credit note GBP -20.00 + GBP -4.00, credit GBP 24.00"]
    );
    assert_eq!(shop.bills("2026-04-02"), [], "the days stay billed");
    shop.cancels(subscription, "2026-04-16");
    assert_eq!(shop.bill("2026-04-16")[0], "Unused: basic 2026-04-16 to 2026-04-30 15/30 GBP -10.00");
}

#[test]
fn credit_notes_give_back_the_vat_of_an_invoice_to_the_penny() {
    let mut shop = shop();
    let item =
        |quantity: &str| ItemLine { item: code("training"), quantity: quantity.parse().unwrap(), text: None };
    // 150.00 x 0.0022 = 0.33 a line; VAT on 0.99 is 0.198, on 0.33 it is 0.066.
    let issue = IssueInvoice {
        account: shop.account,
        issue_on: date("2026-01-01"),
        items: vec![item("0.0022"), item("0.0022"), item("0.0022")],
        work: vec![],
    };
    let events = shop.does(issue);
    assert_eq!(said(&events)[3], "invoice GBP 0.99 + GBP 0.20 = GBP 1.19");
    let issued = invoice_id(&events);
    let mut credits = Vec::new();
    for line in 1..=3 {
        let what = What::Lines(vec![CreditLine { line, amount: pounds("0.33") }]);
        let one = credit(&shop, issued, what, "2026-01-02");
        credits.push(credit_note(&shop.does(one)).credit.to_string());
    }
    assert_eq!(credits, ["GBP 0.40", "GBP 0.40", "GBP 0.39"]);
    let again = credit(&shop, issued, What::Whole, "2026-01-02");
    assert_eq!(shop.does(again), []);
    assert_eq!(shop.balance(), "GBP 0.00");
}

#[test]
fn what_an_invoice_charges_is_credited_with_its_vat_and_what_it_gave_back_is_not_charged() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    shop.changes_plan(subscription, "pro", "2026-04-16");
    let bill = shop.bills("2026-04-16");
    // 15 of 30 days of each: 15.00 is given back, 25.00 charged.
    assert_eq!(said(&bill)[2], "invoice GBP 10.00 + GBP 2.00 = GBP 12.00");
    let all_that_was_charged = What::Lines(vec![CreditLine { line: 2, amount: pounds("25.00") }]);
    let note = credit(&shop, invoice_id(&bill), all_that_was_charged, "2026-04-17");
    let note = said(&shop.does(note));
    assert_eq!(note[1], "credit note GBP -25.00 + GBP -5.00, credit GBP 30.00");
    // 36.00 for April, less 18.00 that was given back.
    assert_eq!(shop.balance(), "GBP 18.00");
    let rest = credit(&shop, invoice_id(&bill), What::Whole, "2026-04-17");
    let no = "GBP -15.00 can't be taken off line 1: a credit is above zero";
    assert_eq!(shop.may_not(rest), no);
}

#[test]
fn a_whole_credit_makes_an_invoice_with_a_credit_line_come_to_nothing() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-02-01");
    shop.bills("2026-02-01");
    shop.changes_plan(subscription, "pro", "2026-02-11");
    let issued = invoice_id(&shop.bills("2026-02-11"));
    let whole = credit(&shop, issued, What::Whole, "2026-02-12");
    assert_eq!(
        said(&shop.does(whole)),
        [
            "Correction of line 1 GBP 19.29",
            "Correction of line 2 GBP -32.14",
            "credit note GBP -12.85 + GBP -2.57, credit GBP 15.42"
        ]
    );
}

#[test]
fn a_void_invoice_frees_its_days_and_its_work() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    work(&mut shop, "2026-01-30");
    let lines = [
        "basic 2026-02-01 to 2026-02-28 GBP 30.00",
        "Set-up GBP 200.00",
        "invoice GBP 230.00 + GBP 46.00 = GBP 276.00",
    ];
    let events = shop.bills("2026-02-01");
    assert_eq!(said(&events), lines);
    let wrong = void(&shop, invoice_id(&events), "2026-02-02");
    shop.does(wrong.clone());
    assert_eq!(shop.balance(), "GBP 0.00");
    assert_eq!(shop.does(wrong), []);
    assert_eq!(shop.bill("2026-02-02"), lines);
}

#[test]
fn voiding_an_upgrade_bill_puts_the_old_days_back() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-02-01");
    let first = invoice_id(&shop.bills("2026-02-01"));
    shop.changes_plan(subscription, "pro", "2026-02-11");
    let events = shop.bills("2026-02-11");
    let (second, lines) = (invoice_id(&events), said(&events));
    let early = void(&shop, first, "2026-02-12");
    assert!(shop.may_not(early.clone()).ends_with("on a later document"));
    let later = void(&shop, second, "2026-02-12");
    shop.does(later);
    assert_eq!(shop.bill("2026-02-12"), lines, "the same difference is due again");
    let third = shop.look(|account| account.invoicing.invoices.keys().last().copied()).unwrap();
    let third = void(&shop, third, "2026-02-12");
    shop.does(third);
    shop.does(early);
    assert_eq!(shop.balance(), "GBP 0.00");
    assert_eq!(
        shop.bill("2026-02-12")[..2],
        [
            // 30.00 x 10/28 = 10.714…
            "basic 2026-02-01 to 2026-02-10 10/28 GBP 10.71",
            "pro 2026-02-11 to 2026-02-28 18/28 GBP 32.14"
        ]
    );
}

#[test]
fn an_invoice_is_not_void_while_days_that_it_gave_back_are_billed_elsewhere() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    let account = shop.account;
    let add = |on| {
        let when = When::On(date(on));
        AddAddOn { account, subscription, add_on: code("chat"), quantity: 1, when, component: None }
    };
    shop.does(add("2026-04-01"));
    shop.bills("2026-04-01");
    let when = When::On(date("2026-04-16"));
    shop.does(RemoveAddOn { account, subscription, add_on: code("chat"), when });
    let second = invoice_id(&shop.bills("2026-05-01"));
    shop.does(add("2026-04-21"));
    shop.bills("2026-05-01");
    let second = void(&shop, second, "2026-05-02");
    assert!(shop.may_not(second).contains("were billed again on a later one"));
}

#[test]
fn zero_prices_keep_their_line() {
    let mut shop = shop();
    shop.subscribes("free", 1, "2026-01-01");
    assert_eq!(
        shop.bill("2026-01-01"),
        ["free 2026-01-01 to 2026-01-31 GBP 0.00", "invoice GBP 0.00 + GBP 0.00 = GBP 0.00"]
    );
}

#[test]
fn a_trial_is_billed_when_it_is_over() {
    let mut shop = shop_for(AccountKind::Trial);
    shop.subscribes("basic", 1, "2026-01-15");
    assert_eq!(shop.bill("2026-01-15"), [""; 0]);
    assert_eq!(shop.next(), None);
    let account = shop.account;
    let sale = IssueInvoice { account, issue_on: date("2026-01-15"), items: vec![], work: vec![] };
    assert_eq!(shop.may_not(sale), "the account is on trial, and trials are not billed");
    shop.does(ConvertToFull { account, on: date("2026-01-20") });
    assert_eq!(shop.bill("2026-01-20")[0], "basic 2026-01-15 to 2026-02-14 GBP 30.00");
}

#[test]
fn no_bill_without_the_purchase_order_that_the_customer_wants() {
    let mut shop = shop();
    let account = shop.account;
    shop.subscribes("basic", 1, "2026-01-01");
    shop.does(RequirePurchaseOrder { account, required: true });
    let bill = BillAccount { account, issue_on: date("2026-01-01"), through: date("2026-01-01") };
    assert_eq!(
        shop.may_not(bill.clone()),
        "the customer wants a purchase order on each invoice, and none was given"
    );
    shop.does(crate::accounts::GivePurchaseOrder {
        account,
        number: "PO 7".parse().unwrap(),
        on: date("2026-01-01"),
    });
    assert_eq!(invoice(&shop.does(bill)).purchase_order, Some("PO 7".parse().unwrap()));
}

#[test]
fn an_invoice_for_items_and_work() {
    let mut shop = shop();
    let account = shop.account;
    let work = work(&mut shop, "2026-01-05");
    let items = vec![ItemLine { item: code("training"), quantity: Quantity::whole(2), text: None }];
    let issue = IssueInvoice { account, issue_on: date("2026-01-06"), items, work: vec![work] };
    assert_eq!(
        said(&shop.does(issue.clone())),
        ["Training GBP 300.00", "Set-up GBP 200.00", "invoice GBP 500.00 + GBP 100.00 = GBP 600.00"]
    );
    assert_eq!(shop.may_not(issue), format!("work {work} would be billed twice"));
    assert_eq!(shop.bill("2026-02-01"), [""; 0]);
}

#[test]
fn a_debt_from_elsewhere_is_taken_over_once() {
    let mut shop = shop();
    let bring = BringForward {
        account: shop.account,
        reference: "OLD-7".parse().unwrap(),
        issued_on: date("2025-12-01"),
        due_on: date("2025-12-31"),
        open: pounds("119.00"),
    };
    let events = shop.does(bring.clone());
    let brought = payload::<InvoiceBroughtForward>(&events[0]).unwrap().invoice;
    assert_eq!(shop.does(bring.clone()), []);
    let other = BringForward { open: pounds("120.00"), ..bring.clone() };
    assert_eq!(
        shop.may_not(other.clone()),
        "invoice OLD-7 was brought forward already, with other dates or another amount"
    );
    let credit = credit(&shop, brought, What::Whole, "2026-01-01");
    assert!(shop.may_not(credit).ends_with("was issued elsewhere, and its lines are not known here"));
    let wrong = void(&shop, brought, "2026-01-01");
    shop.does(wrong);
    shop.does(other);
    assert_eq!(shop.balance(), "GBP 120.00");
}

#[test]
fn each_rule_is_said_once() {
    let mut shop = shop();
    let account = shop.account;
    shop.subscribes("basic", 1, "2026-01-01");
    let issued = invoice_id(&shop.bills("2026-01-01"));
    let unknown = "inv_00000000000000000000000000000000".parse().unwrap();
    let on = "2026-01-01";
    let line = |line, amount| What::Lines(vec![CreditLine { line, amount: pounds(amount) }]);
    for (what, rule) in [
        (line(2, "1.00"), "the invoice has no line 2"),
        (line(0, "1.00"), "the invoice has no line 0"),
        (line(1, "0.00"), "GBP 0.00 can't be taken off line 1: a credit is above zero"),
        (line(1, "30.01"), "GBP 30.01 can't be taken off line 1: GBP 30.00 is left on it"),
    ] {
        let command = credit(&shop, issued, what, on);
        assert_eq!(shop.may_not(command), rule);
    }
    let early = credit(&shop, issued, What::Whole, "2025-12-31");
    assert_eq!(shop.may_not(early), "2025-12-31 lies before 2026-01-01, the date of the invoice");
    let early = void(&shop, issued, "2025-12-31");
    assert_eq!(shop.may_not(early), "2025-12-31 lies before 2026-01-01, the date of the invoice");
    let nobody = credit(&shop, unknown, What::Whole, on);
    assert_eq!(shop.may_not(nobody), format!("the account has no invoice {unknown}"));
    let nobody = void(&shop, unknown, on);
    assert_eq!(shop.may_not(nobody), format!("the account has no invoice {unknown}"));

    let sale = |items, work| IssueInvoice { account, issue_on: date(on), items, work };
    let item = |item: &str, quantity| vec![ItemLine { item: code(item), quantity, text: None }];
    assert_eq!(shop.may_not(sale(vec![], vec![])), "the invoice has no line");
    assert_eq!(shop.may_not(sale(item("training", Quantity::ZERO), vec![])), "the quantity of training is 0");
    assert_eq!(shop.may_not(sale(item("tea", Quantity::ONE), vec![])), "the catalogue has no item tea");
    let no_work = "wrk_00000000000000000000000000000000".parse().unwrap();
    assert_eq!(
        shop.may_not(sale(vec![], vec![no_work])),
        format!("the account has no work {no_work} to be billed")
    );
    let old = IssueInvoice { issue_on: date("2010-12-31"), ..sale(item("training", Quantity::ONE), vec![]) };
    assert_eq!(
        shop.may_not(old),
        "the catalogue has no tax code standard on 2010-12-31, the date of the invoice"
    );

    let bring = |due_on, open: &str| BringForward {
        account,
        reference: "OLD-7".parse().unwrap(),
        issued_on: date("2025-12-01"),
        due_on: date(due_on),
        open: Money::parse(open).unwrap(),
    };
    assert_eq!(
        shop.may_not(bring("2025-12-31", "EUR 1.00")),
        "the amount is in EUR and the account is kept in GBP"
    );
    assert_eq!(
        shop.may_not(bring("2025-12-31", "GBP 0.00")),
        "what is open is GBP 0.00: a debt that is brought forward is above zero"
    );
    assert_eq!(
        shop.may_not(bring("2025-11-30", "GBP 1.00")),
        "the invoice of 2025-12-01 would be due on 2025-11-30, before its own date"
    );

    let wrong = void(&shop, issued, on);
    shop.does(wrong);
    let late = credit(&shop, issued, What::Whole, on);
    assert_eq!(shop.may_not(late), format!("invoice {issued} is void: nothing is owed on it"));
    let reason = crate::credit_control::HoldReason::Arrears;
    shop.does(crate::credit_control::PlaceHold { account, reason, on: date(on) });
    let command = sale(item("training", Quantity::ONE), vec![]);
    assert_eq!(shop.may_not(command), "the account is on hold and can't buy more");
}

/// What can happen to a subscription; days are counted from its start.
#[derive(Debug, Clone)]
enum Step {
    Plan(usize, u64),
    Quantity(u32, u64),
    AddOn(u64),
    NoAddOn(u64),
    Bill(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let day = 0..120_u64;
    prop_oneof![
        (0..4_usize, day.clone()).prop_map(|(plan, day)| Step::Plan(plan, day)),
        (1..5_u32, day.clone()).prop_map(|(quantity, day)| Step::Quantity(quantity, day)),
        day.clone().prop_map(Step::AddOn),
        day.clone().prop_map(Step::NoAddOn),
        day.clone().prop_map(Step::Bill),
        day.prop_map(Step::Bill),
    ]
}

/// Takes a step, if the rules allow it.
fn take(shop: &mut Shop, subscription: SubscriptionId, start: crate::kernel::calendar::Date, step: &Step) {
    let account = shop.account;
    let on = |day: u64| start.checked_add_days(chrono::Days::new(day)).unwrap();
    let when = |day| When::On(on(day));
    let component = None;
    let add_on = code("chat");
    // A step that the rules refuse changes nothing, so its answer does not matter here.
    let _ = match *step {
        Step::Plan(plan, day) => {
            let plan = code(["basic", "pro", "seats", "yearly"][plan]);
            let when = when(day);
            shop.scenario.when(crate::subscriptions::ChangePlan {
                account,
                subscription,
                plan,
                quantity: None,
                when,
                anchor_day: None,
            })
        }
        Step::Quantity(quantity, day) => {
            let when = when(day);
            shop.scenario.when(crate::subscriptions::ChangeQuantity {
                account,
                subscription,
                component,
                quantity,
                when,
            })
        }
        Step::AddOn(day) => shop.scenario.when(AddAddOn {
            account,
            subscription,
            add_on,
            quantity: 1,
            when: when(day),
            component: None,
        }),
        Step::NoAddOn(day) => {
            shop.scenario.when(RemoveAddOn { account, subscription, add_on, when: when(day) })
        }
        Step::Bill(day) => shop.scenario.when(BillAccount { account, issue_on: on(day), through: on(day) }),
    };
}

/// Sum of all lines that were ever billed or given back.
fn net_billed(shop: &Shop) -> i64 {
    let lines = |event: &Event| {
        let invoice = payload::<InvoiceIssued>(event).map(|issued| issued.net.minor());
        let note = payload::<CreditNoteIssued>(event).map(|note| note.net.minor());
        invoice.or(note).unwrap_or(0)
    };
    shop.scenario.history().iter().map(|planned| lines(&planned.event)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_was_changed_and_billed_a_subscription_never_served_costs_nothing(
        steps in prop::collection::vec(step(), 0..8)
    ) {
        let mut shop = shop();
        let start = date("2028-01-31");
        let subscription = shop.subscribes("basic", 1, "2028-01-31");
        for step in &steps {
            take(&mut shop, subscription, start, step);
        }
        shop.cancels(subscription, "2028-01-31");
        shop.bills("2029-01-31");
        prop_assert_eq!(net_billed(&shop), 0);
        prop_assert_eq!(shop.look(next_bill_date), None);
    }

    #[test]
    fn the_next_bill_date_is_the_first_day_on_which_there_is_something_to_bill(
        steps in prop::collection::vec(step(), 0..8)
    ) {
        let mut shop = shop();
        let start = date("2028-01-31");
        let subscription = shop.subscribes("metered", 1, "2028-01-31");
        for step in &steps {
            take(&mut shop, subscription, start, step);
        }
        let due = shop.look(next_bill_date).unwrap();
        let before = due.pred_opt().unwrap();
        prop_assert_eq!(shop.bills(&before.to_string()), []);
        prop_assert!(!shop.bills(&due.to_string()).is_empty());
        prop_assert!(shop.look(next_bill_date).is_none_or(|next| next > due));
    }
}
