//! The account's day of the month changes at once, for all that is on it. Every amount is worked out by hand.

use crate::accounts::GiveAnchorDay;
use crate::book::Event;
use crate::catalogue::{Alignment, Price, PublishPlan};
use crate::invoicing::given::{Shop, code, date, plan, pounds, shop};
use crate::kernel::calendar::DayOfMonth;
use crate::subscriptions::{AddAddOn, ChangeAnchor, When};

fn day(number: u8) -> DayOfMonth {
    DayOfMonth::new(number).unwrap()
}

fn gives_day(shop: &mut Shop, number: u8, on: &str) -> Vec<String> {
    let events: Vec<Event> =
        shop.does(GiveAnchorDay { account: shop.account, day: day(number), on: date(on) });
    events.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_billed_beyond_the_running_period_is_given_back_at_once_and_billed_with_the_next() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    let said = gives_day(&mut shop, 10, "2026-04-05");
    assert_eq!(said[0], "Periods of the account begin on day 10 of the month from 2026-04-05 on.");
    assert!(said[1].ends_with("follow the account's day 10 from 2026-04-05 on."), "{said:?}");
    assert_eq!(shop.next().as_deref(), Some("2026-04-05"));
    // 21 of 30 days.
    assert_eq!(
        shop.bill("2026-04-05"),
        [
            "Unused: basic 2026-04-10 to 2026-04-30 21/30 GBP -21.00",
            "credit note GBP -21.00 + GBP -4.20, credit GBP 25.20"
        ]
    );
    assert_eq!(shop.next().as_deref(), Some("2026-04-10"));
    assert_eq!(shop.bill("2026-04-10")[0], "basic 2026-04-10 to 2026-05-09 GBP 30.00");
    assert_eq!(shop.bill("2026-05-10")[0], "basic 2026-05-10 to 2026-06-09 GBP 30.00");
    assert_eq!(gives_day(&mut shop, 10, "2026-05-11"), [""; 0], "it has that day");
}

#[test]
fn days_that_no_period_covers_any_more_are_billed_at_once() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    gives_day(&mut shop, 3, "2026-04-05");
    // From 3 April to 2 May, of 30 days: the first two of May are not billed.
    assert_eq!(shop.bill("2026-04-05")[..1], ["basic 2026-05-01 to 2026-05-02 2/30 GBP 2.00"]);
    assert_eq!(shop.next().as_deref(), Some("2026-05-03"));
    assert_eq!(shop.bill("2026-05-03")[0], "basic 2026-05-03 to 2026-06-02 GBP 30.00");
}

#[test]
fn all_that_is_on_the_account_s_day_follows_and_what_has_its_own_does_not() {
    let mut shop = shop();
    shop.does(PublishPlan {
        alignment: Alignment::Calendar,
        ..plan("calendar", Price::Flat(pounds("31.00")))
    });
    let seats = shop.subscribes("seats", 2, "2026-01-01");
    shop.subscribes("calendar", 1, "2026-01-01");
    let own = shop.subscribes("pro", 1, "2026-01-01");
    let ended = shop.subscribes("basic", 1, "2026-01-01");
    shop.subscribes("yearly", 1, "2026-01-01");
    let (account, when) = (shop.account, When::On(date("2026-01-01")));
    shop.does(AddAddOn {
        account,
        subscription: seats,
        add_on: code("chat"),
        quantity: 1,
        component: None,
        when,
    });
    shop.does(ChangeAnchor { account, subscription: own, day: day(20), asked_on: date("2026-01-01") });
    shop.cancels(ended, "2026-01-05");
    shop.bills("2026-01-06");
    let followed = gives_day(&mut shop, 15, "2026-01-10");
    assert_eq!(followed.len(), 3, "{followed:?}");
    // 17 of 31 days: 25.00 x 17/31 = 13.709…, 10.00 x 17/31 = 5.483…; 351 of 365 days: 1,153.972…
    let mut unused = shop.bill("2026-01-10");
    unused.sort();
    assert_eq!(
        unused,
        [
            "Unused: chat 2026-01-15 to 2026-01-31 17/31 GBP -5.48",
            "Unused: seats 2026-01-15 to 2026-01-31 17/31 GBP -13.71",
            "Unused: yearly 2026-01-15 to 2026-12-31 351/365 GBP -1153.97",
            "credit note GBP -1173.16 + GBP -234.63, credit GBP 1407.79",
        ]
    );
    assert_eq!(shop.bill("2026-01-15").len(), 4, "seats, chat and a year from now on, and the sum");
}

#[test]
fn in_arrears_a_period_ends_with_the_old_day_and_another_plan_keeps_the_new_one() {
    let mut shop = shop();
    let metered = shop.subscribes("metered", 1, "2026-04-01");
    gives_day(&mut shop, 10, "2026-04-06");
    assert_eq!(shop.bill("2026-04-06")[0], "metered 2026-04-01 to 2026-04-05 5/30 GBP 5.00");
    // 4 of the 31 days from 10 March on: 3.870…
    assert_eq!(shop.bill("2026-04-10")[0], "metered 2026-04-06 to 2026-04-09 4/31 GBP 3.87");
    shop.changes_plan(metered, "basic", "2026-04-20");
    assert_eq!(
        shop.bill("2026-04-20")[..2],
        [
            "metered 2026-04-10 to 2026-04-19 10/30 GBP 10.00",
            "basic 2026-04-20 to 2026-05-09 20/30 GBP 20.00"
        ]
    );
    // Who comes later is on that day, too.
    shop.subscribes("pro", 1, "2026-05-01");
    assert_eq!(shop.bill("2026-05-01")[0], "pro 2026-05-01 to 2026-05-09 9/30 GBP 15.00");
}

#[test]
fn it_changes_twice_before_it_is_billed() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-04-01");
    shop.bills("2026-04-01");
    gives_day(&mut shop, 10, "2026-04-05");
    gives_day(&mut shop, 16, "2026-04-06");
    assert_eq!(shop.bill("2026-04-06")[0], "Unused: basic 2026-04-16 to 2026-04-30 15/30 GBP -15.00");
    assert_eq!(shop.bill("2026-04-16")[0], "basic 2026-04-16 to 2026-05-15 GBP 30.00");
}
