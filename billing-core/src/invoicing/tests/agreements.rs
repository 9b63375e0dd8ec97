//! What is agreed is what is billed: phases, set-up fees, terms, charges, pauses, days of the month, prices of the
//! customer's own. Every amount is worked out by hand.

use crate::book::payload;
use crate::catalogue::{Alignment, Charge, Phase, PhaseKind, PlanKind, Price, PublishPlan, Timing};
use crate::invoicing::given::{Shop, code, date, plan, pounds, shop};
use crate::kernel::calendar::{DayOfMonth, Interval};
use crate::kernel::ids::SubscriptionId;
use crate::settings::{ChoosePolicies, Dialect, Policies};
use crate::subscriptions::{
    AddAddOn, AddOnAsked, Cancel, ChangeAnchor, ChangePlan, ChangePrice, ChangeQuantity, PauseBilling,
    ResumeBilling, Subscribe, SubscriptionStarted, Uncancel, When,
};

fn trial(days: &str) -> Phase {
    Phase { kind: PhaseKind::Trial, lasts: days.parse().unwrap(), prices: vec![], anchor_day: None }
}

fn flat(amount: &str) -> Price {
    Price::Flat(pounds(amount))
}

fn day(number: u8) -> DayOfMonth {
    DayOfMonth::new(number).unwrap()
}

/// Subscribes to one of a plan that is published for it.
fn sold(shop: &mut Shop, plan: PublishPlan, from: &str) -> SubscriptionId {
    let code = plan.plan.clone();
    shop.does(plan);
    shop.subscribes(code.as_str(), 1, from)
}

fn to_plan(shop: &Shop, subscription: SubscriptionId, plan: &str, when: When) -> ChangePlan {
    let account = shop.account;
    ChangePlan { account, subscription, plan: code(plan), quantity: None, when, anchor_day: None }
}

#[test]
fn a_trial_is_a_line_of_nothing_and_the_first_paid_day_is_the_account_s_day() {
    let mut shop = shop();
    sold(
        &mut shop,
        PublishPlan { phases: vec![trial("30 days")], ..plan("tried", flat("30.00")) },
        "2026-02-01",
    );
    assert_eq!(
        shop.bill("2026-02-01"),
        ["tried 2026-02-01 to 2026-03-02 GBP 0.00", "invoice GBP 0.00 + GBP 0.00 = GBP 0.00"]
    );
    assert_eq!(shop.bill("2026-03-02"), [""; 0]);
    // 1 February and 30 days: 3 March.
    assert_eq!(shop.bill("2026-03-03")[0], "tried 2026-03-03 to 2026-04-02 GBP 30.00");
    // Another subscription meets the account's day: 10 to 3 April is 24 of 31 days, 30.00 x 24/31 = 23.225…
    shop.subscribes("basic", 1, "2026-03-10");
    assert_eq!(shop.bill("2026-03-10")[0], "basic 2026-03-10 to 2026-04-02 24/31 GBP 23.23");
}

#[test]
fn who_changes_plan_in_a_trial_stays_in_it_as_long_as_the_new_plan_tries() {
    let mut shop = shop();
    shop.does(PublishPlan { phases: vec![trial("10 days")], ..plan("short", flat("50.00")) });
    let tried = PublishPlan { phases: vec![trial("30 days")], ..plan("tried", flat("30.00")) };
    let subscription = sold(&mut shop, tried, "2026-02-01");
    shop.bills("2026-02-01");
    shop.changes_plan(subscription, "short", "2026-02-06");
    // Nothing was paid for the trial, so nothing is given back.
    assert_eq!(shop.bill("2026-02-06")[0], "short 2026-02-06 to 2026-02-10 GBP 0.00");
    assert_eq!(shop.bill("2026-02-11")[0], "short 2026-02-11 to 2026-03-10 GBP 50.00");
    assert_eq!(shop.balance(), "GBP 60.00");
}

#[test]
fn phases_follow_one_another_and_then_comes_the_plan_s_own_price() {
    let mut shop = shop();
    let cheap = Phase {
        kind: PhaseKind::Introductory,
        lasts: "2 months".parse().unwrap(),
        prices: vec![flat("10.00")],
        anchor_day: None,
    };
    let phases = vec![trial("14 days"), cheap];
    sold(&mut shop, PublishPlan { phases, ..plan("growing", flat("30.00")) }, "2026-01-01");
    let billed: Vec<String> = ["2026-01-01", "2026-01-15", "2026-02-15", "2026-03-15"]
        .iter()
        .map(|day| shop.bill(day)[0].clone())
        .collect();
    assert_eq!(
        billed,
        [
            "growing 2026-01-01 to 2026-01-14 GBP 0.00",
            "growing 2026-01-15 to 2026-02-14 GBP 10.00",
            "growing 2026-02-15 to 2026-03-14 GBP 10.00",
            "growing 2026-03-15 to 2026-04-14 GBP 30.00",
        ]
    );
}

#[test]
fn a_set_up_fee_is_charged_once_on_the_first_paid_day_and_a_term_ends() {
    let mut shop = shop();
    let plan = PublishPlan {
        phases: vec![trial("10 days")],
        set_up: vec![pounds("99.00")],
        term: Some("2 months".parse().unwrap()),
        ..plan("kit", flat("30.00"))
    };
    sold(&mut shop, plan, "2026-01-01");
    shop.bills("2026-01-01");
    assert_eq!(
        shop.bill("2026-01-11"),
        [
            "Set-up: kit GBP 99.00",
            "kit 2026-01-11 to 2026-02-10 GBP 30.00",
            "invoice GBP 129.00 + GBP 25.80 = GBP 154.80",
        ]
    );
    assert_eq!(shop.bill("2026-02-11")[0], "kit 2026-02-11 to 2026-03-10 GBP 30.00");
    assert_eq!(shop.bill("2027-01-01"), [""; 0]);
    assert_eq!(shop.next(), None);
}

#[test]
fn a_fee_that_was_not_charged_yet_goes_with_its_plan() {
    let mut shop = shop();
    let kit = PublishPlan {
        phases: vec![trial("10 days")],
        set_up: vec![pounds("99.00")],
        ..plan("kit", flat("30.00"))
    };
    let subscription = sold(&mut shop, kit, "2026-01-01");
    shop.bills("2026-01-01");
    shop.changes_plan(subscription, "basic", "2026-01-05");
    assert_eq!(shop.bill("2026-01-31")[0], "basic 2026-01-05 to 2026-02-04 GBP 30.00");
}

#[test]
fn an_invoice_that_is_voided_takes_its_fee_with_it() {
    let mut shop = shop();
    sold(
        &mut shop,
        PublishPlan { set_up: vec![pounds("99.00")], ..plan("kit", flat("30.00")) },
        "2026-01-01",
    );
    let first = shop.bills("2026-01-01");
    let invoice = payload::<crate::invoicing::InvoiceIssued>(&first[0]).unwrap().invoice;
    let reason = "Wrong address".parse().unwrap();
    shop.does(crate::invoicing::VoidInvoice {
        account: shop.account,
        invoice,
        on: date("2026-01-02"),
        reason,
    });
    assert_eq!(shop.bill("2026-01-02")[0], "Set-up: kit GBP 99.00");
}

#[test]
fn a_charge_beside_the_plan_has_a_line_and_a_quantity_of_its_own() {
    let mut shop = shop();
    let seat = |amount: &str| Charge {
        code: code("seat"),
        name: "Seat".parse().unwrap(),
        prices: vec![Price::PerSeat(pounds(amount))],
        tax_code: code("standard"),
        meter: None,
        commitment: None,
    };
    shop.does(PublishPlan { charges: vec![seat("25.00")], ..plan("large", flat("99.00")) });
    let small = PublishPlan { charges: vec![seat("10.00")], ..plan("small", flat("29.00")) };
    let subscription = sold(&mut shop, small, "2026-01-01");
    let account = shop.account;
    let (component, when) = (Some(code("plan.seat")), When::On(date("2026-01-01")));
    shop.does(ChangeQuantity { account, subscription, component, quantity: 10, when });
    assert_eq!(
        shop.bill("2026-01-01")[..2],
        ["small 2026-01-01 to 2026-01-31 GBP 29.00", "Seat 2026-01-01 to 2026-01-31 GBP 100.00"]
    );
    shop.changes_plan(subscription, "large", "2026-02-01");
    assert_eq!(
        shop.bill("2026-02-01")[..2],
        ["large 2026-02-01 to 2026-02-28 GBP 99.00", "Seat 2026-02-01 to 2026-02-28 GBP 250.00"]
    );
    shop.changes_plan(subscription, "basic", "2026-03-01");
    assert_eq!(shop.bill("2026-03-01")[0], "basic 2026-03-01 to 2026-03-31 GBP 30.00");
    assert_eq!(shop.bill("2026-03-31"), [""; 0]);
}

#[test]
fn a_bundle_is_agreed_as_a_whole_or_not_at_all() {
    let mut shop = shop();
    shop.does(PublishPlan { kind: PlanKind::AddOn, at_most: Some(2), ..plan("scope", flat("5.00")) });
    let scope = |name: &str| AddOnAsked { add_on: code("scope"), quantity: 1, component: Some(code(name)) };
    let bundle = |names: &[&str]| Subscribe {
        add_ons: names.iter().map(|name| scope(name)).collect(),
        ..Subscribe::new(shop.account, code("basic"), date("2026-01-01"))
    };
    let (three, two, same) =
        (bundle(&["one", "two", "three"]), bundle(&["one", "two"]), bundle(&["one", "one"]));
    assert_eq!(shop.may_not(three), "a subscription may have 2 of add-on scope, and would have 3");
    assert_eq!(shop.may_not(same), "one is served already on the day from which the add-on is asked for");
    let events = shop.does(two);
    let subscription = payload::<SubscriptionStarted>(&events[0]).unwrap().subscription;
    assert_eq!(
        shop.bill("2026-01-01")[..3],
        [
            "basic 2026-01-01 to 2026-01-31 GBP 30.00",
            "scope 2026-01-01 to 2026-01-31 GBP 5.00",
            "scope 2026-01-01 to 2026-01-31 GBP 5.00",
        ]
    );
    let (account, when) = (shop.account, When::On(date("2026-01-02")));
    let third = AddAddOn { account, subscription, add_on: code("scope"), quantity: 1, component: None, when };
    assert_eq!(shop.may_not(third), "a subscription may have 2 of add-on scope, and would have 3");
    let more = ChangeQuantity { account, subscription, component: Some(code("one")), quantity: 2, when };
    assert_eq!(shop.may_not(more), "a subscription may have 2 of add-on scope, and would have 3");
}

#[test]
fn a_day_of_the_month_is_asked_for_and_the_next_period_billed_ahead() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-05-01");
    shop.bills("2026-05-01");
    let (account, asked_on) = (shop.account, date("2026-05-03"));
    shop.does(ChangeAnchor { account, subscription, day: day(15), asked_on });
    assert_eq!(shop.next().as_deref(), Some("2026-05-15"));
    // 1 to 15 June lies in the period from 15 May on, of 31 days: 30.00 x 14/31 = 13.548…
    assert_eq!(shop.bill("2026-05-15")[0], "basic 2026-06-01 to 2026-06-14 14/31 GBP 13.55");
    assert_eq!(shop.bill("2026-06-15")[0], "basic 2026-06-15 to 2026-07-14 GBP 30.00");
}

#[test]
fn another_plan_takes_the_day_that_was_asked_for_last() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-05-01");
    shop.bills("2026-05-01");
    let account = shop.account;
    shop.does(ChangeAnchor { account, subscription, day: day(10), asked_on: date("2026-05-01") });
    shop.does(ChoosePolicies { policies: Policies { dialect: Dialect::KillBill, ..Policies::default() } });
    shop.changes_plan(subscription, "pro", "2026-05-05");
    // 5 of the 30 days from 10 April on: 50.00 x 0.166666667 = 8.33; 27 of the 31 days of the line: 26.129…
    assert_eq!(shop.bill("2026-05-05")[..1], ["pro 2026-05-05 to 2026-05-09 5/30 GBP 8.33"]);
    assert_eq!(shop.bill("2026-05-10")[0], "pro 2026-05-10 to 2026-06-09 GBP 50.00");
}

#[test]
fn plans_say_where_their_periods_begin() {
    for (alignment, interval, billed) in [
        (Alignment::Calendar, Interval::MONTHLY, "aligned 2026-02-11 to 2026-02-28 18/28 GBP 19.29"),
        // 49 of the 90 days from January to March: 30.00 x 49/90 = 16.333…
        (Alignment::Calendar, Interval::QUARTERLY, "aligned 2026-02-11 to 2026-03-31 49/90 GBP 16.33"),
        // 11 February 2026 is a Wednesday: 5 of 7 days, 21.428…
        (Alignment::Calendar, "1 week".parse().unwrap(), "aligned 2026-02-11 to 2026-02-15 5/7 GBP 21.43"),
        (Alignment::Subscription, Interval::MONTHLY, "aligned 2026-02-11 to 2026-03-10 GBP 30.00"),
        (
            Alignment::Day(DayOfMonth::LAST),
            Interval::MONTHLY,
            "aligned 2026-02-11 to 2026-02-27 17/28 GBP 18.21",
        ),
        (Alignment::Account, Interval::MONTHLY, "aligned 2026-02-11 to 2026-02-19 9/31 GBP 8.71"),
        (Alignment::Account, "14 days".parse().unwrap(), "aligned 2026-02-11 to 2026-02-24 GBP 30.00"),
    ] {
        let mut shop = shop();
        shop.subscribes("basic", 1, "2026-01-20");
        shop.bills("2026-02-10");
        sold(&mut shop, PublishPlan { alignment, interval, ..plan("aligned", flat("30.00")) }, "2026-02-11");
        assert_eq!(shop.bill("2026-02-11")[0], billed, "{alignment:?}");
    }
}

#[test]
fn an_anniversary_stays_one_under_lagos_rules_and_elsewhere_only_its_day_of_the_month_does() {
    for (dialect, billed) in [
        // From 19 November to 18 July are 243 of the 366 days from 19 July 2023 on: 1,188.00 x 243/366 = 788.754…
        (Dialect::Lago, "yearly 2023-11-19 to 2024-07-18 243/366 GBP 788.75"),
        (Dialect::Own, "yearly 2023-11-19 to 2024-11-18 GBP 1188.00"),
    ] {
        let mut shop = shop();
        shop.does(ChoosePolicies { policies: Policies { dialect, ..Policies::default() } });
        let of_subscription = |plan| PublishPlan { alignment: Alignment::Subscription, ..plan };
        let interval = Interval::YEARLY;
        shop.does(of_subscription(PublishPlan { interval, ..plan("yearly", flat("1188.00")) }));
        let by_month = of_subscription(plan("monthly", flat("129.00")));
        let subscription = sold(&mut shop, by_month, "2023-07-19");
        shop.bills("2023-11-18");
        shop.does(to_plan(&shop, subscription, "yearly", When::On(date("2023-11-19"))));
        assert_eq!(shop.bill("2023-11-19")[0], billed, "{dialect}");
    }
    let mut shop = shop();
    shop.does(ChoosePolicies { policies: Policies { dialect: Dialect::Lago, ..Policies::default() } });
    let (interval, alignment) = (Interval::YEARLY, Alignment::Subscription);
    let tried = PublishPlan { phases: vec![trial("40 days")], ..plan("tried", flat("366.00")) };
    sold(&mut shop, PublishPlan { interval, alignment, ..tried }, "2023-03-05");
    shop.bills("2023-04-13");
    // From 14 April to 4 March are 326 of the 366 days from 5 March 2023 on.
    assert_eq!(shop.bill("2023-04-14")[0], "tried 2023-04-14 to 2024-03-04 326/366 GBP 326.00");
}

#[test]
fn a_rest_is_not_billed_whether_it_lies_back_or_ahead() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    let account = shop.account;
    shop.does(PauseBilling { account, subscription, from: date("2026-04-11"), until: None });
    // 20 of 30 days.
    assert_eq!(shop.bill("2026-04-20")[0], "Unused: basic 2026-04-11 to 2026-04-30 20/30 GBP -20.00");
    assert_eq!(shop.bill("2026-06-30"), [""; 0]);
    shop.does(ResumeBilling { account, subscription, from: date("2026-06-16") });
    assert_eq!(shop.bill("2026-06-30")[..1], ["basic 2026-06-16 to 2026-06-30 15/30 GBP 15.00"]);
    shop.does(PauseBilling {
        account,
        subscription,
        from: date("2026-07-01"),
        until: Some(date("2026-07-11")),
    });
    // 21 of 31 days: 20.322…
    assert_eq!(shop.bill("2026-07-11")[0], "basic 2026-07-11 to 2026-07-31 21/31 GBP 20.32");
    let rests = [
        (date("2026-07-05"), None, "the subscription is paused already, from 2026-07-01 on"),
        (date("2026-06-20"), None, "the subscription is paused already, from 2026-07-01 on"),
        (
            date("2026-08-05"),
            Some(date("2026-08-05")),
            "the pause from 2026-08-05 on would end on 2026-08-05",
        ),
    ];
    for (from, until, rule) in rests {
        assert_eq!(shop.may_not(PauseBilling { account, subscription, from, until }), rule);
    }
    let awake = ResumeBilling { account, subscription, from: date("2026-08-01") };
    assert_eq!(shop.may_not(awake), "the subscription is not paused on 2026-08-01");
    assert_eq!(shop.does(ResumeBilling { account, subscription, from: date("2026-07-11") }), []);
}

#[test]
fn a_cancellation_that_is_withdrawn_was_never_there() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    let account = shop.account;
    shop.cancels(subscription, "2026-04-16");
    shop.bills("2026-04-16");
    assert_eq!(shop.balance(), "GBP 18.00");
    shop.does(Uncancel { account, subscription });
    assert_eq!(shop.bill("2026-04-20")[0], "basic 2026-04-16 to 2026-04-30 15/30 GBP 15.00");
    assert_eq!(shop.balance(), "GBP 36.00");
    assert_eq!(shop.does(Uncancel { account, subscription }), []);
}

#[test]
fn a_price_of_the_customer_s_own_counts_until_the_plan_changes() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    let account = shop.account;
    let own = |amount: &str, on: &str| ChangePrice {
        account,
        subscription,
        component: None,
        price: flat(amount),
        when: When::On(date(on)),
    };
    shop.does(own("24.00", "2026-04-16"));
    assert_eq!(
        shop.bill("2026-04-16"),
        [
            "basic 2026-04-16 to 2026-04-30 15/30 GBP 12.00",
            "invoice GBP 12.00 + GBP 2.40 = GBP 14.40",
            "Unused: basic 2026-04-16 to 2026-04-30 15/30 GBP -15.00",
            "credit note GBP -15.00 + GBP -3.00, credit GBP 18.00",
        ]
    );
    assert_eq!(shop.does(own("24.00", "2026-04-20")), []);
    assert_eq!(shop.bill("2026-05-01")[0], "basic 2026-05-01 to 2026-05-31 GBP 24.00");
    assert_eq!(
        shop.may_not(own("-1.00", "2026-05-10")),
        "the price can't be agreed: GBP -1.00 is below zero: what is sold is never paid for by the seller"
    );
    shop.changes_plan(subscription, "pro", "2026-06-01");
    assert_eq!(shop.bill("2026-06-01")[0], "pro 2026-06-01 to 2026-06-30 GBP 50.00");
}

#[test]
fn the_end_of_what_is_billed_may_lie_behind_the_period() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-04-01");
    // Three months ahead.
    shop.bills("2026-06-01");
    let asked_on = date("2026-04-10");
    let change = to_plan(&shop, subscription, "pro", When::EndOfBilled { asked_on });
    shop.does(change);
    assert_eq!(shop.bill("2026-07-01")[0], "pro 2026-07-01 to 2026-07-31 GBP 50.00");
    // Nothing is billed of it yet: at once.
    let trial = PublishPlan { phases: vec![trial("30 days")], ..plan("tried", flat("30.00")) };
    let tried = sold(&mut shop, trial, "2026-07-10");
    shop.bills("2026-07-10");
    shop.does(Cancel {
        account: shop.account,
        subscription: tried,
        when: When::EndOfBilled { asked_on: date("2026-07-12") },
        reason: None,
    });
    assert_eq!(shop.bill("2026-07-31"), [""; 0]);
}

#[test]
fn what_runs_in_arrears_is_billed_up_to_a_change_with_the_change() {
    let mut shop = shop();
    let subscription = shop.subscribes("metered", 1, "2026-04-01");
    let (account, when) = (shop.account, When::On(date("2026-04-11")));
    shop.does(ChangeQuantity { account, subscription, component: None, quantity: 2, when });
    assert_eq!(shop.next().as_deref(), Some("2026-04-11"));
    assert_eq!(shop.bill("2026-04-11")[0], "metered 2026-04-01 to 2026-04-10 10/30 GBP 10.00");
    assert_eq!(shop.bill("2026-05-01")[0], "metered 2026-04-11 to 2026-04-30 20/30 GBP 20.00");
}

#[test]
fn lago_bills_a_trial_in_arrears_in_one_line_and_gives_back_on_a_note() {
    let mut shop = shop();
    shop.does(ChoosePolicies { policies: Policies { dialect: Dialect::Lago, ..Policies::default() } });
    let later = PublishPlan {
        timing: Timing::InArrears,
        phases: vec![trial("3 days")],
        alignment: Alignment::Calendar,
        ..plan("later", flat("31.00"))
    };
    sold(&mut shop, later, "2026-03-01");
    // 28 of the 31 days of March are not free.
    assert_eq!(shop.bill("2026-04-01")[0], "later 2026-03-01 to 2026-03-31 28/31 GBP 28.00");
    let subscription = shop.subscribes("basic", 1, "2026-06-01");
    shop.bills("2026-06-01");
    shop.cancels(subscription, "2026-06-15");
    // The 15th is the last day that is served: 15 of 30 days are left.
    assert_eq!(
        shop.bill("2026-06-16")[..2],
        [
            "Unused: basic 2026-06-16 to 2026-06-30 15/30 GBP -15.00",
            "credit note GBP -15.00 + GBP -3.00, credit GBP 18.00"
        ]
    );
}

#[test]
fn lago_gives_back_behind_the_invoice_that_bills_the_days_anew() {
    let mut shop = shop();
    shop.does(ChoosePolicies { policies: Policies { dialect: Dialect::Lago, ..Policies::default() } });
    let subscription = shop.subscribes("basic", 1, "2026-06-01");
    shop.bills("2026-06-01");
    shop.changes_plan(subscription, "pro", "2026-06-16");
    // 15 of 30 days are left of each. No day is billed twice once the note is out, which the shop checks.
    let bill = shop.bill("2026-06-16");
    assert_eq!(bill[0], "pro 2026-06-16 to 2026-06-30 15/30 GBP 25.00");
    assert!(bill.contains(&"Unused: basic 2026-06-16 to 2026-06-30 15/30 GBP -15.00".to_owned()), "{bill:?}");
}
