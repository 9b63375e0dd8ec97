//! What may be asked for, and what it does to the timelines.

mod migrations;

use super::*;
use crate::book::{Event as BookEvent, payload};
use crate::catalogue::{Charge, Price, PublishPlan};
use crate::credit_control::{HoldReason, PlaceHold};
use crate::invoicing::given::{Shop, code, date, plan, pounds, shop};
use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;

fn on(day: &str) -> When {
    When::On(date(day))
}

fn period_end(asked_on: &str) -> When {
    When::EndOfPeriod { asked_on: date(asked_on) }
}

fn quantity(shop: &Shop, subscription: SubscriptionId, quantity: u32, when: When) -> ChangeQuantity {
    ChangeQuantity { account: shop.account, subscription, component: None, quantity, when }
}

fn to_plan(shop: &Shop, subscription: SubscriptionId, plan: &str, when: When) -> ChangePlan {
    ChangePlan {
        account: shop.account,
        subscription,
        plan: code(plan),
        quantity: None,
        when,
        anchor_day: None,
    }
}

fn add(shop: &Shop, subscription: SubscriptionId, add_on: &str, when: When) -> AddAddOn {
    AddAddOn { account: shop.account, subscription, add_on: code(add_on), quantity: 1, when, component: None }
}

fn remove(shop: &Shop, subscription: SubscriptionId, add_on: &str, when: When) -> RemoveAddOn {
    RemoveAddOn { account: shop.account, subscription, add_on: code(add_on), when }
}

fn cancel(shop: &Shop, subscription: SubscriptionId, when: When) -> Cancel {
    Cancel { account: shop.account, subscription, when, reason: None }
}

/// A timeline in words: "2026-01-01 basic x1".
fn timeline(shop: &Shop, component: &str) -> Vec<String> {
    let said = |segment: &Segment<'_>| match &segment.terms {
        Some(terms) => format!("{} {} x{}", segment.from, terms.plan(), terms.quantity),
        None => format!("{} none", segment.from),
    };
    shop.look(|account| {
        let (_, _, segments) =
            account.subscriptions.components().find(|(_, name, _)| name.as_str() == component).unwrap();
        segments.segments().iter().map(said).collect()
    })
}

fn from_of(events: &[BookEvent]) -> Date {
    payload::<PlanChanged>(&events[0]).unwrap().from
}

#[test]
fn a_planned_change_replaces_those_planned_for_later_days() {
    let mut shop = shop();
    let subscription = shop.subscribes("seats", 5, "2026-01-01");
    for (count, day) in [(6, "2026-02-01"), (9, "2026-04-01"), (7, "2026-03-01")] {
        let change = quantity(&shop, subscription, count, on(day));
        shop.does(change);
    }
    assert_eq!(
        timeline(&shop, "plan"),
        ["2026-01-01 seats x5", "2026-02-01 seats x6", "2026-03-01 seats x7"]
    );
}

#[test]
fn a_change_keeps_the_end_that_was_asked_for() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.cancels(subscription, "2026-06-01");
    shop.changes_plan(subscription, "pro", "2026-03-01");
    let chat = add(&shop, subscription, "chat", on("2026-04-01"));
    shop.does(chat);
    assert_eq!(timeline(&shop, "plan"), ["2026-01-01 basic x1", "2026-03-01 pro x1", "2026-06-01 none"]);
    assert_eq!(timeline(&shop, "chat"), ["2026-04-01 chat x1", "2026-06-01 none"]);
}

#[test]
fn a_charge_that_comes_with_another_plan_is_had_as_often_as_the_plan() {
    let mut shop = shop();
    let care = Charge {
        code: code("care"),
        name: "Care".parse().unwrap(),
        prices: vec![Price::PerSeat(pounds("3.00"))],
        tax_code: code("standard"),
        meter: None,
        commitment: None,
    };
    shop.does(PublishPlan { charges: vec![care], ..plan("team", Price::PerSeat(pounds("15.00"))) });
    let subscription = shop.subscribes("seats", 5, "2026-01-01");
    let team = to_plan(&shop, subscription, "team", on("2026-02-01"));
    shop.does(team.clone());
    assert_eq!(timeline(&shop, "plan"), ["2026-01-01 seats x5", "2026-02-01 team x5"]);
    assert_eq!(timeline(&shop, "plan.care"), ["2026-02-01 team x5"]);
    assert_eq!(shop.does(team), [], "it is as it was asked for");
}

#[test]
fn a_cancellation_ends_the_add_ons_too_and_may_come_sooner_but_not_later() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    let chat = add(&shop, subscription, "chat", on("2026-01-01"));
    shop.does(chat);
    shop.cancels(subscription, "2026-06-01");
    shop.cancels(subscription, "2026-05-01");
    assert_eq!(timeline(&shop, "chat"), ["2026-01-01 chat x1", "2026-05-01 none"]);
    let again = cancel(&shop, subscription, on("2026-05-01"));
    assert_eq!(shop.does(again), []);
    let later = cancel(&shop, subscription, on("2026-06-01"));
    assert_eq!(
        shop.may_not(later),
        "the subscription is cancelled from 2026-05-01 on, and the change would count from that day or later"
    );
}

#[test]
fn what_is_asked_for_twice_is_recorded_once() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-31");
    let upgrade = to_plan(&shop, subscription, "pro", period_end("2026-02-10"));
    assert_eq!(from_of(&shop.does(upgrade.clone())), date("2026-02-28"));
    assert_eq!(shop.does(upgrade), []);
    let more = quantity(&shop, subscription, 2, on("2026-03-05"));
    shop.does(more.clone());
    assert_eq!(shop.does(more), []);
    let chat = add(&shop, subscription, "chat", on("2026-02-01"));
    shop.does(chat);
    let no_chat = remove(&shop, subscription, "chat", period_end("2026-02-10"));
    shop.does(no_chat.clone());
    assert_eq!(shop.does(no_chat), []);
    let end = cancel(&shop, subscription, period_end("2026-03-05"));
    shop.does(end.clone());
    assert_eq!(shop.does(end), []);
    assert_eq!(
        timeline(&shop, "plan"),
        ["2026-01-31 basic x1", "2026-02-28 pro x1", "2026-03-05 pro x2", "2026-03-31 none"]
    );
}

#[test]
fn the_end_of_the_period_is_the_next_boundary_even_on_a_boundary() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2028-01-31");
    for (asked_on, from) in
        [("2028-01-01", "2028-02-29"), ("2028-02-28", "2028-02-29"), ("2028-02-29", "2028-03-31")]
    {
        let upgrade = to_plan(&shop, subscription, "pro", period_end(asked_on));
        assert_eq!(from_of(&shop.does(upgrade)), date(from), "asked on {asked_on}");
        let back = to_plan(&shop, subscription, "basic", on(from));
        shop.does(back);
    }
}

#[test]
fn a_new_version_of_a_plan_is_for_those_who_ask_for_it() {
    let mut shop = shop();
    let subscription = shop.subscribes("basic", 1, "2026-01-01");
    shop.does(plan("basic", Price::Flat(pounds("35.00"))));
    let more = quantity(&shop, subscription, 2, on("2026-02-01"));
    shop.does(more);
    let price = |shop: &Shop, day| {
        shop.look(|account| {
            let subscription = account.subscriptions.subscription(subscription).unwrap();
            subscription.plan().unwrap().terms_on(date(day)).unwrap().price.clone()
        })
    };
    assert_eq!(price(&shop, "2026-02-01"), Price::Flat(pounds("30.00")));
    shop.changes_plan(subscription, "basic", "2026-03-01");
    assert_eq!(price(&shop, "2026-03-01"), Price::Flat(pounds("35.00")));
}

#[test]
fn a_customer_on_hold_may_take_less_but_not_more() {
    let mut shop = shop();
    let subscription = shop.subscribes("seats", 5, "2026-01-01");
    shop.does(PlaceHold { account: shop.account, reason: HoldReason::Arrears, on: date("2026-02-01") });
    let rule = "the account is on hold and can't subscribe to more";
    let more = quantity(&shop, subscription, 6, on("2026-02-01"));
    assert_eq!(shop.may_not(more), rule);
    let chat = add(&shop, subscription, "chat", on("2026-02-01"));
    assert_eq!(shop.may_not(chat), rule);
    let yearly = to_plan(&shop, subscription, "yearly", on("2026-02-01"));
    assert_eq!(shop.may_not(yearly), rule);
    let another = Subscribe {
        account: shop.account,
        plan: code("free"),
        quantity: 1,
        from: date("2026-02-01"),
        anchor_day: None,
        add_ons: Vec::new(),
        custom_fields: Default::default(),
    };
    assert_eq!(shop.may_not(another), rule);
    let less = quantity(&shop, subscription, 4, on("2026-02-01"));
    assert_eq!(shop.does(less).len(), 1);
    let basic = to_plan(&shop, subscription, "basic", on("2026-02-01"));
    shop.does(basic);
}

#[test]
fn each_rule_is_said_once() {
    let mut shop = shop();
    let account = shop.account;
    let subscribe = |plan: &str, quantity, from: &str| Subscribe {
        account,
        plan: code(plan),
        quantity,
        from: date(from),
        anchor_day: None,
        add_ons: Vec::new(),
        custom_fields: Default::default(),
    };
    for (command, rule) in [
        (
            subscribe("basic", 0, "2026-01-01"),
            "the quantity is 0: a component that is served has at least one",
        ),
        (subscribe("gold", 1, "2026-01-01"), "the catalogue has no plan gold"),
        (subscribe("chat", 1, "2026-01-01"), "chat is an add-on and can't stand alone"),
        (subscribe("eur", 1, "2026-01-01"), "eur has no price in GBP, the currency of the account"),
        (
            subscribe("basic", 1, "1899-12-31"),
            "the subscription can't run from that date: the date leaves the years 1900 to 2200: check the year and \
             the number of days or months",
        ),
    ] {
        assert_eq!(shop.may_not(command), rule);
    }
    let too_many = Subscribe { plan: code("dear"), quantity: 2, ..subscribe("dear", 2, "2026-01-01") };
    shop.does(plan("dear", Price::PerSeat(pounds("9999999999999999.99"))));
    assert!(shop.may_not(too_many).starts_with("the price of that quantity can't be told: "));

    let subscription = shop.subscribes("basic", 1, "2026-01-10");
    let none = quantity(&shop, subscription, 0, on("2026-02-01"));
    assert_eq!(shop.may_not(none), "the quantity is 0: a component that is served has at least one");
    let early = quantity(&shop, subscription, 2, on("2026-01-09"));
    assert_eq!(
        shop.may_not(early),
        "the change from 2026-01-09 on lies before the start of the subscription on 2026-01-10"
    );
    let early = cancel(&shop, subscription, on("2026-01-09"));
    assert!(shop.may_not(early).contains("lies before the start"));
    let plan = add(&shop, subscription, "pro", on("2026-02-01"));
    assert_eq!(shop.may_not(plan), "pro is a plan of its own, not an add-on");
    let absent = remove(&shop, subscription, "chat", on("2026-02-01"));
    assert_eq!(shop.may_not(absent), "chat is not served on the day from which the change counts");
    let base = remove(&shop, subscription, "plan", on("2026-02-01"));
    assert!(shop.may_not(base).starts_with("plan is not served"));
    let chat = add(&shop, subscription, "chat", on("2026-02-01"));
    shop.does(chat.clone());
    assert_eq!(shop.may_not(chat), "chat is served already on the day from which the add-on is asked for");
    let unknown = "sub_00000000000000000000000000000000".parse().unwrap();
    let nobody = cancel(&shop, unknown, on("2026-02-01"));
    assert_eq!(shop.may_not(nobody), format!("the account has no subscription {unknown}"));
    shop.cancels(subscription, "2026-03-01");
    let late = to_plan(&shop, subscription, "pro", on("2026-03-01"));
    assert_eq!(
        shop.may_not(late),
        "the subscription is cancelled from 2026-03-01 on, and the change would count from that day or later"
    );
}
