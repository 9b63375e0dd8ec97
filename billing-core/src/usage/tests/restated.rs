//! A day that a meter had told wrongly is told anew.

use super::*;

pub(super) fn restate(
    shop: &Shop,
    subscription: SubscriptionId,
    on: &str,
    readings: &[(&str, &str)],
) -> RestateUsage {
    let reading = |(key, quantity): &(&str, &str)| Reading {
        key: key.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        name: None,
    };
    RestateUsage {
        account: shop.account,
        subscription,
        metric: code("calls"),
        on: date(on),
        readings: readings.iter().map(reading).collect(),
        reason: note("The meter had told milliseconds"),
    }
}

fn tell(shop: &mut Shop, records: Vec<UsageRecord>) {
    let tell = of(shop, records);
    shop.does(tell);
}

/// Of 100 + 900 on the 5th only the 100 were right, and 9 of the 900: 1,050 with the 6th cost 10.50, 159 cost 1.59.
#[test]
fn a_day_told_anew_counts_in_place_of_what_was_told_before() {
    let (mut shop, subscription) = metered(Aggregate::Sum, r#"{"each":"GBP 0.01"}"#, "2026-01-01");
    let wrong = record(subscription, "b", "2026-01-05", "900");
    let right =
        [record(subscription, "a", "2026-01-05", "100"), record(subscription, "c", "2026-01-06", "50")];
    tell(&mut shop, [right.as_slice(), std::slice::from_ref(&wrong)].concat());
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 10.50");

    let anew = restate(&shop, subscription, "2026-01-05", &[("a", "100"), ("b-right", "9")]);
    assert_eq!(
        said(&shop.does(anew.clone())),
        [format!(
            "Usage of {subscription} on 2026-01-05 told anew: calls in 2 readings. The meter had told milliseconds."
        )]
    );
    assert_eq!(shop.does(anew), [], "the day says it already");
    tell(&mut shop, vec![wrong]);
    // 8.91 less.
    assert_eq!(
        shop.bill("2026-03-01"),
        [
            "calls 2026-02-01 to 2026-02-28 GBP 0.00",
            "invoice GBP 0.00 + GBP 0.00 = GBP 0.00",
            "Late usage: calls 2026-01-01 to 2026-01-31 GBP -8.91",
            "credit note GBP -8.91 + GBP -1.78, credit GBP 10.69"
        ]
    );
    // 1.59 and its VAT, 0.318: 10.50 with 2.10 less 8.91 with 1.78 (1.782).
    assert_eq!(shop.balance(), "GBP 1.91");
}

#[test]
fn a_day_can_be_told_to_hold_nothing_and_whatever_is_made_of_readings_follows() {
    for (aggregate, before, after) in [
        (Aggregate::Sum, "70.00", "10.00"),
        (Aggregate::Max, "60.00", "10.00"),
        (Aggregate::Last, "60.00", "10.00"),
    ] {
        let (mut shop, subscription) = metered(aggregate, r#"{"each":"GBP 1.00"}"#, "2026-01-01");
        reads(&mut shop, subscription, "2026-01-05", "10");
        reads(&mut shop, subscription, "2026-01-06", "60");
        assert_eq!(shop.bill("2026-02-01")[0], format!("calls 2026-01-01 to 2026-01-31 GBP {before}"));
        let nothing = restate(&shop, subscription, "2026-01-06", &[]);
        assert_eq!(
            said(&shop.does(nothing)),
            [format!(
                "Usage of {subscription} on 2026-01-06 told anew: no calls. The meter had told milliseconds."
            )]
        );
        shop.bills("2026-03-01");
        let charged: i64 = charged(&shop).values().sum();
        assert_eq!(pounds(after).minor(), charged, "{aggregate:?}");
    }
}

#[test]
fn names_are_counted_anew() {
    let (mut shop, subscription) = metered(Aggregate::Unique, r#"{"each":"GBP 2.00"}"#, "2026-01-01");
    let named = |key: &str, name: &str| UsageRecord {
        name: Some(name.parse().unwrap()),
        ..record(subscription, key, "2026-01-05", "1")
    };
    tell(&mut shop, vec![named("a", "ann"), named("b", "bo")]);
    let nameless = restate(&shop, subscription, "2026-01-05", &[("c", "1")]);
    assert_eq!(
        shop.may_not(nameless.clone()),
        "the record c has no name, and for calls different names are counted"
    );
    let named = Reading { name: Some("cy".parse().unwrap()), ..nameless.readings[0].clone() };
    let anew = RestateUsage { readings: vec![named.clone(), named], ..nameless };
    assert_eq!(
        said(&shop.does(anew)),
        [format!(
            "Usage of {subscription} on 2026-01-05 told anew: 1 calls. The meter had told milliseconds."
        )],
        "a reading counts once"
    );
    assert_eq!(shop.bill("2026-02-01")[0], "calls 2026-01-01 to 2026-01-31 GBP 2.00");
}

#[test]
fn each_rule_of_telling_anew_is_said_once() {
    let (mut shop, subscription) = metered(Aggregate::Sum, PACKAGES, "2026-01-01");
    let basic = shop.subscribes("basic", 1, "2026-01-01");
    tell(&mut shop, vec![record(subscription, "k", "2026-01-05", "5")]);
    let refused = |shop: &mut Shop, anew: RestateUsage| {
        let said = shop.may_not(anew.clone());
        (said, shop.scenario.refused(anew))
    };
    let many = restate(&shop, subscription, "2026-01-05", &[("k", "5"); 251]);
    assert_eq!(
        refused(&mut shop, many),
        ("251 readings of a day were given, and 250 are the most".to_owned(), "usage.too_many_readings")
    );
    for readings in [&[("k", "6")][..], &[("l", "1"), ("l", "2")]] {
        let reused = restate(&shop, subscription, "2026-01-05", readings);
        assert_eq!(refused(&mut shop, reused).1, "usage.key_reused");
    }
    let elsewhere = restate(&shop, subscription, "2026-01-06", &[("k", "5")]);
    assert_eq!(refused(&mut shop, elsewhere).1, "usage.key_reused", "a key names one record of one day");
    let nobody = "sub_00000000000000000000000000000000".parse().unwrap();
    let unknown = restate(&shop, nobody, "2026-01-05", &[]);
    assert_eq!(refused(&mut shop, unknown).1, "usage.unknown_subscription");
    let not_metered = restate(&shop, basic, "2026-01-05", &[]);
    assert_eq!(refused(&mut shop, not_metered).1, "usage.not_metered");
    let most = "99999999999999999999";
    let too_much = restate(&shop, subscription, "2026-01-06", &[("m", most)]);
    assert_eq!(refused(&mut shop, too_much).1, "usage.too_much");
    let in_its_place = restate(&shop, subscription, "2026-01-05", &[("m", most)]);
    shop.does(in_its_place);
}
