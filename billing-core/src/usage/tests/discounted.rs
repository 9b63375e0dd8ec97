//! Discounts are taken off what was counted, and given back with it.

use super::*;
use crate::discounts::{GrantDiscount, Off};
use crate::kernel::rate::Rate;

/// Ten pence a call.
const EACH: &str = r#"{"each":"GBP 0.10"}"#;

fn offer(shop: &mut Shop, off: Off, bills: Option<u32>) {
    let offer = GrantDiscount::new(shop.account, "Offer".parse().unwrap(), off, date("2026-01-01"));
    shop.does(GrantDiscount { bills, ..offer });
}

fn tenth() -> Off {
    Off::Percent(Rate::percent("10").unwrap())
}

/// 130.00 and 20.00 late are 117.00 and 18.00. Without the days from the 15th on there are 100.00: the 20.00 go first,
/// then 30.00, each less its tenth.
#[test]
fn what_is_given_back_is_what_was_charged_of_it() {
    let (mut shop, subscription) = metered(Aggregate::Sum, EACH, "2026-01-01");
    offer(&mut shop, tenth(), None);
    reads(&mut shop, subscription, "2026-01-05", "1000");
    reads(&mut shop, subscription, "2026-01-20", "300");
    assert_eq!(
        shop.bill("2026-02-01"),
        ["calls 2026-01-01 to 2026-01-31 GBP 117.00", "invoice GBP 117.00 + GBP 23.40 = GBP 140.40"]
    );
    reads(&mut shop, subscription, "2026-01-21", "200");
    assert_eq!(shop.bill("2026-03-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 18.00");
    shop.cancels(subscription, "2026-01-15");
    assert_eq!(
        shop.bill("2026-03-02"),
        [
            "Late usage: calls 2026-01-15 to 2026-01-31 GBP -18.00",
            "Unused: calls 2026-01-15 to 2026-01-31 GBP -27.00",
            "Unused: calls 2026-02-01 to 2026-02-28 GBP 0.00",
            "credit note GBP -45.00 + GBP -9.00, credit GBP 54.00"
        ]
    );
    assert_eq!(shop.bill("2026-05-01"), [""; 0]);
    // 90.00 with VAT.
    assert_eq!(shop.balance(), "GBP 108.00");
}

/// 5.00 off one bill: 100.00 are 95.00, and what comes late is charged in full. Of 110.00 stay 40.00: the 10.00 go, and
/// 60.00 of the 100.00, of which 57.00 were charged.
#[test]
fn each_line_gives_back_at_its_own_discount() {
    let (mut shop, subscription) = metered(Aggregate::Sum, EACH, "2026-01-01");
    offer(&mut shop, Off::Amount(pounds("5.00")), Some(1));
    reads(&mut shop, subscription, "2026-01-05", "400");
    reads(&mut shop, subscription, "2026-01-20", "600");
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 95.00");
    reads(&mut shop, subscription, "2026-01-21", "100");
    assert_eq!(shop.bill("2026-03-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 10.00");
    shop.cancels(subscription, "2026-01-15");
    let given_back = shop.bill("2026-03-02");
    assert_eq!(
        given_back[..2],
        [
            "Late usage: calls 2026-01-15 to 2026-01-31 GBP -10.00",
            "Unused: calls 2026-01-15 to 2026-01-31 GBP -57.00"
        ]
    );
}

/// What is billed ahead is on account, so that the discount is one of the whole period.
#[test]
fn what_is_billed_before_its_period_is_over_takes_no_discount() {
    let mut shop = shop();
    let threshold = Some(pounds("50.00"));
    let meter = Some(Meter { threshold, ..Meter::new(code("calls"), Aggregate::Sum) });
    shop.does(PublishPlan { meter, ..plan("calls", price(EACH)) });
    let subscription = shop.subscribes("calls", 1, "2026-01-01");
    offer(&mut shop, tenth(), Some(1));
    reads(&mut shop, subscription, "2026-01-05", "600");
    let ahead = BillUsage { account: shop.account, on: date("2026-01-10") };
    assert_eq!(documents(&shop.does(ahead))[0], "So far: calls 2026-01-01 to 2026-01-10 GBP 60.00");
    reads(&mut shop, subscription, "2026-01-20", "400");
    assert_eq!(
        shop.bill("2026-02-01"),
        [
            "calls 2026-01-01 to 2026-01-31 GBP 90.00",
            "Billed before: calls 2026-01-01 to 2026-01-31 GBP -60.00",
            "invoice GBP 30.00 + GBP 6.00 = GBP 36.00"
        ]
    );
}

/// What cost nothing after a discount gives nothing back, and is rated lower all the same: usage that comes later is
/// charged from there.
#[test]
fn days_that_a_discount_made_free_are_rated_lower_for_nothing() {
    let (mut shop, subscription) = metered(Aggregate::Sum, VOLUME, "2026-01-01");
    shop.gives_a_bill_away("2026-01-01");
    reads(&mut shop, subscription, "2026-01-05", "15");
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 0.00");
    // 16 cost 80.00, 70.00 less than 15.
    reads(&mut shop, subscription, "2026-01-06", "1");
    assert_eq!(shop.bill("2026-03-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 0.00");
    reads(&mut shop, subscription, "2026-01-07", "1");
    assert_eq!(shop.bill("2026-04-01")[1], "Late usage: calls 2026-01-01 to 2026-01-31 GBP 5.00");
}
