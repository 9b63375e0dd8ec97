//! Parts of periods that are reckoned by the second: a day on which clocks change is shorter or longer than others.

use super::*;
use crate::catalogue::Price;
use crate::invoicing::given::plan;
use crate::kernel::zone::Zone;
use crate::settings::{ChoosePolicies, Dialect, Policies};

fn by_second(zone: Zone) -> ChoosePolicies {
    ChoosePolicies { policies: Policies { dialect: Dialect::BySecond(zone), ..Policies::default() } }
}

/// 31 days of March are 743 hours in London, and the 16 from the 16th on are 383: 30.00 x 383/743 is 15.464…, and 50.00 x
/// 383/743 is 25.773…; by the day it would be 15.48 and 25.81.
#[test]
fn a_month_in_which_clocks_are_put_forward_has_an_hour_less() {
    let mut shop = shop();
    shop.does(by_second(Zone::london()));
    for (name, price) in [("small", "30.00"), ("large", "50.00")] {
        shop.does(plan(name, Price::Flat(pounds(price))));
    }
    let subscription = shop.subscribes("small", 1, "2026-03-01");
    assert_eq!(shop.bill("2026-03-01")[0], "small 2026-03-01 to 2026-03-31 GBP 30.00");
    shop.changes_plan(subscription, "large", "2026-03-16");
    let bill = shop.bill("2026-03-16");
    assert_eq!(
        bill[..2],
        [
            "Unused: small 2026-03-16 to 2026-03-31 16/31 GBP -15.46",
            "large 2026-03-16 to 2026-03-31 16/31 GBP 25.77"
        ]
    );
    // Of what was billed for 383 hours, those from the 26th on are 6 days less an hour: 143. 50.00 x 143/743 is 9.623….
    shop.cancels(subscription, "2026-03-26");
    assert_eq!(shop.bill("2026-03-26")[0], "Unused: large 2026-03-26 to 2026-03-31 6/31 GBP -9.62");
}

/// Where clocks never change, seconds come to what days come to.
#[test]
fn without_changes_of_clocks_it_is_as_by_the_day() {
    let bills = |dialect: Dialect| {
        let mut shop = shop();
        shop.does(ChoosePolicies { policies: Policies { dialect, ..Policies::default() } });
        shop.does(plan("small", Price::Flat(pounds("30.00"))));
        let subscription = shop.subscribes("small", 1, "2026-03-01");
        let first = shop.bill("2026-03-01");
        shop.changes_quantity(subscription, 3, "2026-03-12");
        [first, shop.bill("2026-03-12")].concat()
    };
    assert_eq!(bills(Dialect::BySecond(Zone::UTC)), bills(Dialect::Own));
}

/// What was billed by the day has no seconds, and is given back by the day.
#[test]
fn what_was_billed_by_the_day_is_given_back_by_the_day() {
    let mut shop = shop();
    shop.does(plan("small", Price::Flat(pounds("30.00"))));
    let subscription = shop.subscribes("small", 1, "2026-03-01");
    shop.bills("2026-03-01");
    shop.does(by_second(Zone::london()));
    shop.cancels(subscription, "2026-03-16");
    assert_eq!(shop.bill("2026-03-16")[0], "Unused: small 2026-03-16 to 2026-03-31 16/31 GBP -15.48");
}

#[test]
fn the_zone_stands_with_the_dialect() {
    let london = Dialect::BySecond(Zone::london());
    let wire = r#"{"by_second":"Europe/London"}"#;
    assert_eq!(serde_json::to_string(&london).unwrap(), wire);
    assert_eq!(serde_json::from_str::<Dialect>(wire).unwrap(), london);
    assert_eq!(london.to_string(), "by the second in Europe/London");
}
