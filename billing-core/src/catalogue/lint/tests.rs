//! Each kind is found where it was planted, and not beside it.

use super::*;
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;

fn plan(json: &str) -> Plan {
    let head = r#""plan":"team","version":2,"name":"Team","interval":"1 month","timing":"in_advance","tax_code":"standard""#;
    let kind = if json.contains(r#""kind":"add_on""#) { "" } else { r#","kind":"base""# };
    serde_json::from_str(&format!("{{{head}{kind},{json}}}")).unwrap_or_else(|why| panic!("{why}: {json}"))
}

fn kinds(json: &str) -> Vec<Kind> {
    let plan = plan(json);
    let mut catalogue = State::default();
    catalogue.plans.insert(plan.code.clone(), vec![plan]);
    lint(&catalogue).into_iter().map(|finding| finding.kind).collect()
}

/// What is found in a price of what is ordered.
fn priced(price: &str) -> Vec<Kind> {
    kinds(&format!(r#""prices":[{price}]"#))
}

/// What is found in a price of what is counted.
fn counted(price: &str) -> Vec<Kind> {
    kinds(&format!(r#""prices":[{price}],"meter":{{"metric":"requests"}}"#))
}

fn falls(at: &str, costs: &str, next: &str, next_costs: &str, again_at: Option<&str>) -> Kind {
    Kind::PriceFalls {
        at: at.parse().unwrap(),
        costs: costs.parse().unwrap(),
        next: next.parse().unwrap(),
        next_costs: next_costs.parse().unwrap(),
        again_at: again_at.map(|again| again.parse().unwrap()),
    }
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

#[test]
fn a_clean_catalogue_has_no_findings() {
    for price in [
        r#"{"flat":"GBP 30.00"}"#,
        r#"{"flat":"GBP 0.00"}"#,
        r#"{"per_seat":"GBP 12.50"}"#,
        r#"{"each":"GBP 0.0125"}"#,
        r#"{"package":{"size":"100","price":"GBP 5.00"}}"#,
        r#"{"percentage":{"rate":"2.9%","flat":"GBP 0.30"}}"#,
        // The same tiers as below, where each unit has the price of its own.
        r#"{"graduated":[{"up_to":"100","each":"GBP 2.00","flat":"GBP 10.00"},{"each":"GBP 1.00"}]}"#,
        r#"{"graduated":[{"up_to":"100"},{"each":"GBP 0.02"}]}"#,
        r#"{"graduated":[{"up_to":"100","package":{"size":"10","price":"GBP 5.00"}},{"package":{"size":"10","price":"GBP 5.00"}}]}"#,
        r#"{"stair_step":[{"up_to":"10","flat":"GBP 50.00"},{"up_to":"20","flat":"GBP 90.00"},{"flat":"GBP 150.00"}]}"#,
        r#"{"volume":[{"up_to":"10","flat":"GBP 50.00"},{"each":"GBP 5.00"}]}"#,
        r#"{"limited":{"price":{"each":"GBP 0.50"},"free":"10","at_least":"GBP 5.00","at_most":"GBP 900.00"}}"#,
        r#"{"limited":{"price":{"graduated":[{"up_to":"100","each":"GBP 2.00"},{"each":"GBP 1.00"}]},"at_most":"GBP 250.00"}}"#,
    ] {
        assert_eq!((priced(price), counted(price)), (vec![], vec![]), "{price}");
    }
    let whole = r#""prices":[{"per_seat":"EUR 14.00"},{"per_seat":"GBP 12.50"}],"set_up":["EUR 110.00","GBP 99.00"],
        "term":"12 months",
        "phases":[{"kind":"trial","lasts":"14 days"},
            {"kind":"introductory","lasts":"3 months","prices":[{"per_seat":"EUR 7.00"},{"per_seat":"GBP 6.25"}]}],
        "charges":[{"charge":"calls","name":"Calls","prices":[{"each":"EUR 0.02"},{"each":"GBP 0.01"}],
            "tax_code":"standard","meter":{"metric":"calls","threshold":"GBP 100.00"}}]"#;
    assert_eq!(kinds(whole), []);
}

/// 100 x 2.00 + 10.00 = 210.00; 101 x 1.00 = 101.00; 210 x 1.00 = 210.00.
#[test]
fn a_price_that_falls_behind_a_tier_is_found_and_where_it_catches_up() {
    let volume = r#"{"volume":[{"up_to":"100","each":"GBP 2.00","flat":"GBP 10.00"},{"each":"GBP 1.00"}]}"#;
    let fall = falls("100", "GBP 210.00", "101", "GBP 101.00", Some("210"));
    assert_eq!((priced(volume), counted(volume)), (vec![fall.clone()], vec![fall]));
    // Five units are free: 105 are 100 that are paid for.
    let free = format!(r#"{{"limited":{{"price":{volume},"free":"5"}}}}"#);
    assert_eq!(priced(&free), [falls("105", "GBP 210.00", "106", "GBP 101.00", Some("215"))]);
    // The second tier alone never costs 100.00 again.
    let steps = r#"{"stair_step":[{"up_to":"5","flat":"USD 100.00"},{"flat":"USD 80.00"}]}"#;
    assert_eq!(priced(steps), [falls("5", "USD 100.00", "6", "USD 80.00", None)]);
    // Up to the third tier it does: 20 x 5.00 is 100.00.
    let steps = r#"{"volume":[{"up_to":"5","flat":"USD 100.00"},{"up_to":"9","flat":"USD 80.00"},{"each":"USD 5.00"}]}"#;
    let first = falls("5", "USD 100.00", "6", "USD 80.00", Some("20"));
    assert_eq!(priced(steps), [first, falls("9", "USD 80.00", "10", "USD 50.00", Some("16"))]);
}

/// 2.5 x 10.00 is 25.00, and a trifle more at 8.00 is 20.00; 3 x 8.00 is 24.00 and 3.5 x 8.00 is 28.00.
#[test]
fn what_is_counted_is_looked_at_in_fractions_and_what_is_ordered_in_units() {
    let broken = r#"{"volume":[{"up_to":"2.5","each":"GBP 10.00"},{"each":"GBP 8.00"}]}"#;
    assert_eq!(priced(broken), [], "2 cost 20.00, 3 cost 24.00");
    assert_eq!(counted(broken), [falls("2.5", "GBP 25.00", "2.50000001", "GBP 20.00", Some("4"))]);
}

/// Every quantity up to far behind the last tier, one by one.
#[test]
fn a_fall_is_found_exactly_where_counting_finds_it() {
    let amounts = ["0.00", "1.00", "2.00", "3.00"];
    for first in amounts {
        for second in amounts {
            for flat in amounts {
                let text = format!(
                    r#"{{"volume":[{{"up_to":"3","each":"GBP {first}"}},{{"up_to":"7","each":"GBP {second}"}},{{"each":"GBP 1.00","flat":"GBP {flat}"}}]}}"#
                );
                let price: Price = serde_json::from_str(&text).unwrap();
                let cost = |units: u64| price.for_quantity(Quantity::whole(units), Rounding::Down).unwrap();
                let counted =
                    (1..60).filter(|units| cost(units + 1).minor() < cost(*units).minor()).map(|at| {
                        let again = (at + 1..60).find(|units| cost(*units).minor() >= cost(at).minor());
                        let units = |units: u64| units.to_string();
                        falls(
                            &units(at),
                            &cost(at).to_string(),
                            &units(at + 1),
                            &cost(at + 1).to_string(),
                            again.map(units).as_deref(),
                        )
                    });
                let falls = |kind: &Kind| matches!(kind, Kind::PriceFalls { .. });
                let found: Vec<Kind> = priced(&text).into_iter().filter(falls).collect();
                assert_eq!(found, counted.collect::<Vec<Kind>>(), "{text}");
            }
        }
    }
}

#[test]
fn a_tier_that_holds_no_whole_number_is_found() {
    let tiers =
        r#"[{"up_to":"2.2","flat":"GBP 1.00"},{"up_to":"2.8","flat":"GBP 2.00"},{"flat":"GBP 3.00"}]"#;
    let steps = format!(r#"{{"stair_step":{tiers}}}"#);
    assert_eq!(priced(&steps), [Kind::TierNeverHolds { tier: 2 }]);
    assert_eq!(counted(&steps), [], "2.5 may be counted");
    assert_eq!(priced(&format!(r#"{{"graduated":{tiers}}}"#)), [], "a part of each third unit lies in it");
}

#[test]
fn a_tier_like_the_one_before_it_is_found() {
    let same = r#"[{"up_to":"5","each":"GBP 1.00"},{"up_to":"9","each":"GBP 1.00"},{"each":"GBP 3.00"}]"#;
    for model in ["volume", "graduated"] {
        let price = format!(r#"{{"{model}":{same}}}"#);
        assert_eq!(priced(&price), [Kind::TierWithoutEffect { tier: 2 }], "{model}");
    }
    let anew = r#"{"graduated":[{"up_to":"5","each":"GBP 1.00"},{"each":"GBP 1.00","flat":"GBP 10.00"}]}"#;
    assert_eq!(priced(anew), []);
}

/// 100 x 2.00 is 200.00, and the 101st unit would make it 201.00.
#[test]
fn a_tier_behind_the_limit_is_found() {
    let limited = |most: &str, beyond: &str| {
        format!(
            r#"{{"limited":{{"price":{{"graduated":[{{"up_to":"100","each":"GBP 2.00"}},{beyond}]}},"at_most":"GBP {most}"}}}}"#
        )
    };
    let at_most = money("GBP 200.00");
    let one = r#"{"each":"GBP 1.00"}"#;
    for found in [priced(&limited("200.00", one)), counted(&limited("200.00", one))] {
        assert_eq!(found, [Kind::TierBeyondLimit { tier: 2, at_most }]);
    }
    assert_eq!(priced(&limited("201.01", one)), []);
    assert_eq!(priced(&limited("200.00", "{}")), [], "the limit says what the free tier says");
}

#[test]
fn a_limit_that_always_counts_is_found() {
    let limited = |price: &str, more: &str| format!(r#"{{"limited":{{"price":{price}{more}}}}}"#);
    let always = [Kind::AlwaysTheMost { at_most: money("GBP 5.00") }];
    let each = r#"{"each":"GBP 6.00"}"#;
    assert_eq!(priced(&limited(each, r#","at_most":"GBP 5.00""#)), always, "one costs 6.00");
    assert_eq!(counted(&limited(each, r#","at_most":"GBP 5.00""#)), [], "none cost nothing");
    let both = r#","at_least":"GBP 5.00","at_most":"GBP 5.00""#;
    assert_eq!(counted(&limited(each, both)), always);
    // Dear for few, and cheap for many.
    let volume = r#"{"stair_step":[{"up_to":"2","flat":"GBP 9.00"},{"flat":"GBP 4.00"}]}"#;
    let kinds = priced(&limited(volume, r#","at_most":"GBP 5.00""#));
    let beyond = Kind::TierBeyondLimit { tier: 1, at_most: money("GBP 5.00") };
    assert_eq!(kinds, [falls("2", "GBP 5.00", "3", "GBP 4.00", None), beyond]);
}

#[test]
fn a_beginning_that_is_dearer_than_what_follows_is_found() {
    let phase = |kind: &str, lasts: &str, price: &str| {
        kinds(&format!(
            r#""prices":[{{"per_seat":"GBP 10.00"}}],"phases":[{{"kind":"{kind}","lasts":"{lasts}","prices":[{price}]}}]"#
        ))
    };
    let (costs, own) = (money("GBP 12.00"), money("GBP 10.00"));
    let quantity = Quantity::ONE;
    let twelve = r#"{"per_seat":"GBP 12.00"}"#;
    assert_eq!(phase("introductory", "3 months", twelve), [Kind::PhaseDearer { quantity, costs, own }]);
    assert_eq!(phase("introductory", "3 months", r#"{"per_seat":"GBP 10.00"}"#), []);
    // 12.00 for 30 days is more than 10.00 for 28 days by the day, 12.00 for 34 days is not, and 12.00 for 60 neither.
    let dearer = |lasts: &str| {
        let (lasts, interval) = (lasts.parse().unwrap(), Interval::MONTHLY);
        [Kind::TrialDearer { quantity, costs, lasts, own, interval }]
    };
    assert_eq!(phase("trial", "30 days", twelve), dearer("30 days"));
    assert_eq!(phase("trial", "34 days", twelve), []);
    assert_eq!(phase("trial", "1 month", twelve), dearer("1 month"));
    assert_eq!(phase("trial", "2 months", twelve), []);
}

#[test]
fn a_plan_that_ends_before_its_own_price_begins_is_found() {
    let plan = |term: &str, lasts: &str| {
        kinds(&format!(
            r#""prices":[{{"flat":"GBP 10.00"}}],"term":"{term}","phases":[{{"kind":"trial","lasts":"1 month"}},{{"kind":"introductory","lasts":"{lasts}","prices":[{{"flat":"GBP 5.00"}}]}}]"#
        ))
    };
    let never = |term: &str| [Kind::OwnPriceNeverAsked { term: term.parse().unwrap() }];
    assert_eq!(plan("3 months", "3 months"), never("3 months"));
    assert_eq!(plan("3 months", "2 months"), []);
    assert_eq!(plan("30 days", "2 months"), never("30 days"));
    assert_eq!(plan("29 days", "1 month"), [], "February has 28 days");
}

#[test]
fn limits_fees_and_thresholds_without_effect_are_found() {
    let with =
        |more: &str| kinds(&format!(r#""prices":[{{"flat":"EUR 9.00"}},{{"flat":"GBP 10.00"}}]{more}"#));
    assert_eq!(with(r#","kind":"add_on","at_most":0"#), [Kind::NobodyCanTake]);
    assert_eq!(with(r#","kind":"add_on","at_most":1"#), []);
    assert_eq!(with(r#","at_most":3"#), [Kind::LimitIgnored { at_most: 3 }]);
    let both = r#","set_up":["EUR 1.00","GBP 1.00"]"#;
    assert_eq!(with(both), []);
    let amount = money("USD 1.00");
    assert_eq!(with(r#","set_up":["EUR 1.00","GBP 1.00","USD 1.00"]"#), [Kind::SetUpNeverCharged { amount }]);
    let amount = money("GBP 2.00");
    assert_eq!(with(r#","set_up":["EUR 1.00","GBP 1.00","GBP 2.00"]"#), [Kind::SetUpNeverCharged { amount }]);
    let elsewhere = money("GBP 1.00");
    assert_eq!(
        with(r#","set_up":["GBP 1.00"]"#),
        [Kind::SetUpMissing { currency: Currency::EUR, elsewhere }]
    );
    let metered =
        |threshold: &str| with(&format!(r#","meter":{{"metric":"calls","threshold":"{threshold}"}}"#));
    assert_eq!(metered("GBP 50.00"), []);
    let threshold = money("USD 50.00");
    assert_eq!(metered("USD 50.00"), [Kind::ThresholdNeverReached { threshold }]);
}

#[test]
fn a_free_plan_with_a_fee_to_begin_is_found() {
    let with = |price: &str, more: &str| kinds(&format!(r#""prices":[{price}],"set_up":["GBP 9.00"]{more}"#));
    let fee = money("GBP 9.00");
    assert_eq!(with(r#"{"flat":"GBP 0.00"}"#, ""), [Kind::FreeWithSetUp { fee }]);
    assert_eq!(with(r#"{"flat":"GBP 0.01"}"#, ""), []);
    assert_eq!(
        with(r#"{"limited":{"price":{"each":"GBP 0.01"},"free":"1000"}}"#, ""),
        [],
        "the 1001st is not"
    );
    let seats = r#","charges":[{"charge":"seats","name":"Seats","prices":[{"per_seat":"GBP 5.00"}],"tax_code":"standard"}]"#;
    assert_eq!(with(r#"{"flat":"GBP 0.00"}"#, seats), []);
}

#[test]
fn only_what_is_still_sold_is_looked_at() {
    let (old, new) =
        (plan(r#""prices":[{"flat":"GBP 1.00"}],"at_most":1"#), plan(r#""prices":[{"flat":"GBP 1.00"}]"#));
    let mut catalogue = State::default();
    catalogue.plans.insert(old.code.clone(), vec![old.clone(), new.clone()]);
    assert_eq!(lint(&catalogue), []);
    catalogue.plans.insert(old.code.clone(), vec![new, old]);
    assert_eq!(lint(&catalogue).len(), 1);
}

#[test]
fn a_finding_is_data_and_a_sentence() {
    let volume = r#"{"volume":[{"up_to":"100","each":"GBP 2.00","flat":"GBP 10.00"},{"each":"GBP 1.00"}]}"#;
    let charge = format!(
        r#""prices":[{{"flat":"GBP 1.00"}}],"charges":[{{"charge":"seats","name":"Seats","prices":[{volume}],"tax_code":"standard"}}]"#
    );
    let plan = plan(&charge);
    let mut catalogue = State::default();
    catalogue.plans.insert(plan.code.clone(), vec![plan]);
    let found = lint(&catalogue);
    assert_eq!(
        found[0].to_string(),
        "team (version 2, GBP, charge seats): 100 cost GBP 210.00, but 101 cost only GBP 101.00, and it takes 210 to cost that much again."
    );
    assert_eq!(
        serde_json::to_string(&found).unwrap(),
        r#"[{"plan":"team","version":2,"place":{"charge":{"charge":"seats"}},"currency":"GBP","kind":"price_falls","at":"100","costs":"GBP 210.00","next":"101","next_costs":"GBP 101.00","again_at":"210"}]"#
    );
}

#[test]
fn every_kind_says_what_is_wrong() {
    let (at_most, fee) = (money("GBP 5.00"), money("GBP 9.00"));
    let (costs, own, quantity) = (money("GBP 12.00"), money("GBP 10.00"), Quantity::ONE);
    let (lasts, interval) = ("30 days".parse().unwrap(), Interval::MONTHLY);
    for (kind, said) in [
        (
            falls("5", "GBP 9.00", "6", "GBP 8.00", None),
            "5 cost GBP 9.00, but 6 cost only GBP 8.00, and no larger quantity costs that much again",
        ),
        (
            Kind::TierNeverHolds { tier: 2 },
            "nothing that can be ordered lies in tier 2: no whole number does",
        ),
        (
            Kind::TierBeyondLimit { tier: 2, at_most },
            "the price of tier 2 is never asked, because all of it costs GBP 5.00 at most",
        ),
        (Kind::TierWithoutEffect { tier: 2 }, "tier 2 costs the same as tier 1: one tier would do"),
        (
            Kind::AlwaysTheMost { at_most },
            "it costs GBP 5.00 whatever the quantity, for that is the most and it never comes to less",
        ),
        (
            Kind::PhaseDearer { quantity, costs, own },
            "for 1 the introductory price is GBP 12.00, dearer than the GBP 10.00 after it",
        ),
        (
            Kind::TrialDearer { quantity, costs, lasts, own, interval },
            "for 1 a trial of 30 days costs GBP 12.00, dearer by the day than GBP 10.00 for 1 month after it",
        ),
        (
            Kind::OwnPriceNeverAsked { term: lasts },
            "it ends after 30 days, before its introductory prices do: its own price is never asked",
        ),
        (Kind::NobodyCanTake, "a subscription may have 0 of this add-on, so nobody can take it"),
        (Kind::LimitIgnored { at_most: 3 }, "at most 3 has no effect on a plan: only add-ons are limited"),
        (Kind::FreeWithSetUp { fee }, "it is free for ever, but GBP 9.00 to set up"),
        (
            Kind::SetUpNeverCharged { amount: fee },
            "the set-up fee of GBP 9.00 is never charged: it isn't sold in GBP, or another fee in GBP comes first",
        ),
        (
            Kind::SetUpMissing { currency: Currency::EUR, elsewhere: fee },
            "who pays in EUR has no set-up fee, while others pay GBP 9.00",
        ),
        (
            Kind::ThresholdNeverReached { threshold: fee },
            "usage worth GBP 9.00 is never billed early, because it isn't sold in GBP",
        ),
    ] {
        assert_eq!(kind.to_string(), said);
    }
}

#[test]
fn a_minimum_that_never_counts_and_one_that_always_does_are_found() {
    let minimum = |amount: &str| {
        format!(r#""commitment":{{"name":"Minimum","minimums":["{amount}"],"tax_code":"standard"}}"#)
    };
    let flat = r#""prices":[{"flat":"GBP 50.00"}]"#;
    let met =
        |minimum: &str, least: &str| Kind::MinimumAlwaysMet { minimum: money(minimum), least: money(least) };
    assert_eq!(kinds(&format!("{flat},{}", minimum("GBP 50.00"))), [met("GBP 50.00", "GBP 50.00")]);
    // Add-ons may be taken with it.
    assert_eq!(kinds(&format!("{flat},{}", minimum("GBP 50.01"))), []);
    assert_eq!(
        kinds(&format!(r#"{flat},"kind":"add_on",{}"#, minimum("GBP 50.01"))),
        [Kind::MinimumIsThePrice { minimum: money("GBP 50.01"), most: money("GBP 50.00") }]
    );
    let euros = minimum("EUR 60.00").replace("EUR 60.00\"", "EUR 60.00\",\"GBP 60.00\"");
    assert_eq!(kinds(&format!("{flat},{euros}")), [Kind::MinimumNeverAsked { minimum: money("EUR 60.00") }]);
    // An introductory price is below it, and so is a month without calls.
    let phase = r#""phases":[{"kind":"introductory","lasts":"1 month","prices":[{"flat":"GBP 40.00"}]}]"#;
    assert_eq!(kinds(&format!("{flat},{phase},{}", minimum("GBP 45.00"))), []);
    let calls = |minimum: &str| {
        format!(
            r#""charges":[{{"charge":"calls","name":"Calls","prices":[{{"each":"GBP 0.10"}}],"tax_code":"standard","meter":{{"metric":"calls"}},{minimum}}}]"#
        )
    };
    assert_eq!(kinds(&format!("{flat},{}", calls(&minimum("GBP 20.00")))), []);
    let seat = calls(&minimum("GBP 20.00")).replace(r#"{"each":"GBP 0.10"}"#, r#"{"per_seat":"GBP 25.00"}"#);
    let seat = seat.replace(r#","meter":{"metric":"calls"}"#, "");
    assert_eq!(kinds(&format!("{flat},{seat}")), [met("GBP 20.00", "GBP 25.00")]);
}
