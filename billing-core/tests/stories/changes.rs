//! Changes in the middle of a period: every figure worked out by hand.

use billing_core::accounts::RegisterAccount;
use billing_core::invoicing::{CreditNoteIssued, InvoiceIssued};
use billing_core::kernel::currency::Currency;
use billing_core::subscriptions::{
    AddAddOn, Cancel, ChangePlan, ChangeQuantity, RemoveAddOn, Subscribe, When,
};

use crate::firm::*;

#[test]
fn an_upgrade_gives_the_rest_of_the_old_plan_back_and_charges_the_rest_of_the_new() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2026-02-01");
    bill(&story, account, "2026-01-30", "2026-02-01");
    let when = When::On(date("2026-02-11"));
    story.give(ChangePlan {
        account,
        subscription,
        plan: "plus".parse().unwrap(),
        quantity: None,
        when,
        anchor_day: None,
    });
    // 18 of the 28 days of February: 30 x 18/28 = 19.2857, 50 x 18/28 = 32.1429.
    let done = bill(&story, account, "2026-02-11", "2026-02-11");
    assert_eq!(nets(&done), ["-19.29", "32.14"]);
    let issued = done.first::<InvoiceIssued>().unwrap();
    assert_eq!(
        (issued.net.major(), issued.tax.major(), issued.gross.major()),
        ("12.85".into(), "2.57".into(), "15.42".into())
    );
    story.laws();
}

#[test]
fn more_seats_in_the_middle_of_a_month_cost_their_share_of_it() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "seats", 5, "2026-04-01");
    bill(&story, account, "2026-03-31", "2026-04-01");
    let when = When::On(date("2026-04-10"));
    story.give(ChangeQuantity { account, subscription, component: None, quantity: 8, when });
    // 21 of 30 days: 62.50 x 21/30 = 43.75 back, 100.00 x 21/30 = 70.00: 26.25 more.
    let done = bill(&story, account, "2026-04-10", "2026-04-10");
    assert_eq!(nets(&done), ["-43.75", "70.00"]);
    story.laws();
}

#[test]
fn a_downgrade_leaves_a_surplus_that_becomes_credit() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "seats", 8, "2026-04-01");
    bill(&story, account, "2026-03-31", "2026-04-01");
    let when = When::On(date("2026-04-10"));
    story.give(ChangeQuantity { account, subscription, component: None, quantity: 5, when });
    let done = bill(&story, account, "2026-04-10", "2026-04-10");
    let note = done.first::<CreditNoteIssued>().unwrap();
    // 70.00 back with VAT is 84.00; 43.75 charged with VAT is 52.50.
    assert_eq!(note.credit, money("GBP 84.00"));
    assert_eq!(done.first::<InvoiceIssued>().unwrap().gross, money("GBP 52.50"));
    // 100.00 with VAT, less 84.00, plus 52.50.
    assert_eq!(owed(&story, "2026-04-10"), "GBP 88.50");
    story.laws();
}

#[test]
fn what_changes_at_the_end_of_the_period_gives_nothing_back() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "plus", 1, "2026-04-01");
    bill(&story, account, "2026-03-31", "2026-04-01");
    let when = When::EndOfPeriod { asked_on: date("2026-04-10") };
    story.give(ChangePlan {
        account,
        subscription,
        plan: "basic".parse().unwrap(),
        quantity: None,
        when,
        anchor_day: None,
    });
    assert!(bill(&story, account, "2026-04-10", "2026-04-10").is_nothing());
    assert_eq!(nets(&bill(&story, account, "2026-04-30", "2026-05-01")), ["30.00"]);
    story.laws();
}

#[test]
fn a_cancelled_day_is_not_billed_and_an_add_on_goes_with_its_plan() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2028-02-01");
    let add_on = "chatbot".parse().unwrap();
    story.give(AddAddOn {
        account,
        subscription,
        add_on,
        quantity: 1,
        when: When::On(date("2028-02-01")),
        component: None,
    });
    // A leap year: February 2028 has 29 days.
    assert_eq!(nets(&bill(&story, account, "2028-01-31", "2028-02-01")), ["30.00", "10.00"]);
    story.give(Cancel { account, subscription, when: When::On(date("2028-02-20")), reason: None });
    // 10 of 29 days are left: 30 x 10/29 = 10.3448, 10 x 10/29 = 3.4483.
    let done = bill(&story, account, "2028-02-20", "2028-02-20");
    let note = done.first::<CreditNoteIssued>().unwrap();
    let mut back: Vec<String> = note.lines.iter().map(|line| line.net.major()).collect();
    back.sort();
    assert_eq!(back, ["-10.34", "-3.45"]);
    assert!(bill(&story, account, "2028-03-31", "2028-04-01").is_nothing());
    story.laws();
}

#[test]
fn a_change_that_is_entered_late_bills_the_difference_only() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "basic", 1, "2026-01-01");
    bill(&story, account, "2025-12-31", "2026-01-01");
    bill(&story, account, "2026-01-30", "2026-02-01");
    let add_on: billing_core::kernel::text::Code = "chatbot".parse().unwrap();
    story.give(AddAddOn {
        account,
        subscription,
        add_on: add_on.clone(),
        quantity: 1,
        when: When::On(date("2026-01-17")),
        component: None,
    });
    // 15 of 31 days of January: 10 x 15/31 = 4.8387; and all of February.
    assert_eq!(nets(&bill(&story, account, "2026-02-10", "2026-02-10")), ["4.84", "10.00"]);
    story.give(RemoveAddOn { account, subscription, add_on, when: When::On(date("2026-01-17")) });
    let note = bill(&story, account, "2026-02-11", "2026-02-11");
    assert_eq!(note.first::<CreditNoteIssued>().unwrap().net, money("GBP -14.84"));
    story.laws();
}

#[test]
fn in_arrears_a_period_is_billed_when_it_is_over() {
    let story = firm();
    let account = customer(&story, "C-1");
    let subscription = subscribe(&story, account, "arrears", 1, "2026-03-01");
    assert!(bill(&story, account, "2026-03-31", "2026-03-31").is_nothing());
    assert_eq!(nets(&bill(&story, account, "2026-04-01", "2026-04-01")), ["31.00"]);
    story.give(Cancel { account, subscription, when: When::On(date("2026-04-16")), reason: None });
    // 15 of 30 days.
    assert_eq!(nets(&bill(&story, account, "2026-04-16", "2026-04-16")), ["15.50"]);
    story.laws();
}

#[test]
fn a_currency_without_decimals_is_prorated_in_whole_units() {
    let story = firm();
    let registration = RegisterAccount { currency: Some(Currency::JPY), ..registration("C-JP") };
    let done = story.give(registration);
    let account = done.first::<billing_core::accounts::AccountRegistered>().unwrap().account;
    story.give(Subscribe {
        account,
        plan: "basic".parse().unwrap(),
        quantity: 1,
        from: date("2026-01-20"),
        anchor_day: Some(billing_core::kernel::calendar::DayOfMonth::FIRST),
        add_ons: Vec::new(),
        custom_fields: Default::default(),
    });
    // 12 of 31 days of 5,000: 1,935.48.
    assert_eq!(nets(&bill(&story, account, "2026-01-20", "2026-01-20")), ["1935"]);
    story.laws();
}
