//! Each planted loophole is found, and an honest catalogue has none.

use super::*;
use crate::catalogue::{Price, PublishPlan};
use crate::invoicing::given::{Shop as Seller, code, date, plan, pounds, shop};
use crate::kernel::calendar::Interval;
use crate::kernel::money::Money;

/// What customers of just these plans could do, from January on.
fn found(plans: Vec<PublishPlan>, with: impl FnOnce(Search) -> Search) -> Loopholes {
    let Seller { scenario, account } = shop();
    let only: Vec<Code> = plans.iter().map(|plan| plan.plan.clone()).collect();
    let scenario = plans.into_iter().fold(scenario, crate::testing::Scenario::given);
    let books = scenario.books(account);
    let (catalogue, _) = books.catalogue().unwrap();
    let search = with(Search::quarter(pounds("0.00").currency(), date("2026-01-01")).unwrap());
    let mut catalogue = catalogue.clone();
    catalogue.keep_only(&only);
    loopholes(books.settings().unwrap(), &catalogue, &search)
}

fn sentences(found: &Loopholes) -> Vec<String> {
    found.found.iter().map(Loophole::to_string).collect()
}

fn with_phases(plan: PublishPlan, phases: &str) -> PublishPlan {
    PublishPlan { phases: serde_json::from_str(phases).unwrap(), ..plan }
}

#[test]
fn an_honest_catalogue_has_none() {
    let plans = vec![
        plan("small", Price::Flat(pounds("30.00"))),
        plan("large", Price::PerSeat(pounds("50.00"))),
        PublishPlan { interval: Interval::YEARLY, ..plan("long", Price::Flat(pounds("600.00"))) },
    ];
    let found = found(plans, |search| search);
    assert_eq!(sentences(&found), Vec::<String>::new());
    assert!(found.complete && found.tried > 2_000, "{} tried", found.tried);
}

/// 30 days of trial, cancelled after 29, and another 30: 32 of 91 days are paid for where 61 would be.
#[test]
fn a_trial_that_begins_anew_each_month_is_found() {
    let trial =
        with_phases(plan("trial", Price::Flat(pounds("20.00"))), r#"[{"kind":"trial","lasts":"30 days"}]"#);
    let all = found(vec![trial.clone()], |search| search);
    let first = &all.found[0];
    assert_eq!(first.kind, LoopholeKind::Cheaper);
    assert_eq!(first.steps, [(6, Move::BeginAnew(code("trial")))], "the first day on which a tenth is saved");
    assert_eq!((first.served, first.cheapest_served), (91, 91));

    // Two months: the whole second one is free, too. Who stays pays 20.00 for the month from 31 January and 2 of 31
    // days of the next, 1.29, with VAT 25.55.
    let free = found(vec![trial], |search| Search { days: 60, on: BTreeSet::from([30]), ..search });
    assert_eq!(
        sentences(&free),
        [
            "Subscribe to trial; after 30 days cancel and subscribe to trial: 60 days are served for nothing, where trial \
          alone costs GBP 25.55 for 60 days."
        ]
    );
}

/// Nine cost 20.00 each, ten 1.00 each: who takes ten pays half of what one costs.
#[test]
fn a_cliff_in_a_price_is_found() {
    let tiers = r#"{"volume":[{"up_to":"9","each":"GBP 20.00"},{"each":"GBP 1.00"}]}"#;
    let cliff = plan("cliff", serde_json::from_str(tiers).unwrap());
    let found = found(vec![cliff], |search| Search { steps: 1, ..search });
    assert_eq!(found.found[0].steps, [(1, Move::Quantity(10))]);
}

#[test]
fn what_a_loophole_comes_to_is_told_by_its_sum() {
    let stays = |days, minor| Billed { days, charged: Sum::from(Money::new(minor, Currency::GBP).unwrap()) };
    let (cheap, dear) = (code("cheap"), code("dear"));
    let staying = BTreeMap::from([(&cheap, stays(90, 9_000)), (&dear, stays(90, 90_000))]);
    let search = Search::quarter(Currency::GBP, date("2026-01-01")).unwrap();
    let kind = |plan: &Code, days, minor| {
        let steps = [(1, Move::Change(cheap.clone()))];
        cheaper(plan, &steps, &stays(days, minor), &staying, &search).map(|loophole| loophole.kind)
    };
    assert_eq!(kind(&dear, 90, -1), Some(LoopholeKind::MoneyBack));
    assert_eq!(kind(&dear, 90, 0), Some(LoopholeKind::FreeService));
    assert_eq!(kind(&dear, 0, 0), None, "nothing was served either");
    assert_eq!(kind(&dear, 90, 8_100), Some(LoopholeKind::Cheaper), "a tenth is saved");
    assert_eq!(kind(&dear, 90, 8_101), None);
    assert_eq!(kind(&dear, 45, 4_050), Some(LoopholeKind::Cheaper), "half the days for less than half");
}

#[test]
fn a_search_can_be_cut_short() {
    let plans = vec![plan("small", Price::Flat(pounds("30.00")))];
    let found = found(plans, |search| Search { at_most: 5, ..search });
    assert_eq!((found.tried, found.complete), (5, false));
}
