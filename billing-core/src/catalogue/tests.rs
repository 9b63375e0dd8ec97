//! Decisions about the catalogue.

use super::{
    Commitment, Existing, PlanKind, Price, PublishItem, PublishPlan, SetTaxCode, State, Tax, TaxCategory,
};
use crate::book::Event;
use crate::decision::Department;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::rate::Rate;
use crate::kernel::text::Code;
use crate::settings::tests::open_book;
use crate::testing::Scenario;

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn flat(text: &str) -> Price {
    Price::Flat(text.parse().unwrap())
}

fn standard(percent: &str, from: &str) -> SetTaxCode {
    SetTaxCode {
        code: code("standard"),
        category: TaxCategory::Standard,
        rate: Rate::percent(percent).unwrap(),
        from: date(from),
    }
}

fn basic() -> PublishPlan {
    PublishPlan {
        prices: vec![flat("GBP 30.00"), flat("EUR 35.00")],
        ..PublishPlan::monthly(code("basic"), "Basic".parse().unwrap(), flat("GBP 30.00"), code("standard"))
    }
}

fn request() -> PublishItem {
    PublishItem {
        item: code("request"),
        name: "API request".parse().unwrap(),
        unit_prices: vec!["GBP 0.0125".parse().unwrap()],
        tax_code: code("standard"),
        custom_fields: Default::default(),
    }
}

fn with_tax_code() -> Scenario {
    Scenario::new().given(open_book()).given(standard("20", "2011-01-04"))
}

fn page(scenario: &Scenario) -> State {
    let mut state = State::default();
    for planned in scenario.history() {
        if let Event::Catalogue(event) = &planned.event {
            super::Catalogue::evolve(&mut state, event);
        }
    }
    state
}

#[test]
fn a_tax_code_has_the_rate_of_the_day() {
    // The United Kingdom's standard rate: 15% from December 2008, 17.5% from 2010, 20% from 4 January 2011.
    let scenario = Scenario::new()
        .given(open_book())
        .given(standard("20", "2011-01-04"))
        .given(standard("15", "2008-12-01"))
        .given(standard("17.5", "2010-01-01"));
    let state = page(&scenario);
    let rate = |on: &str| state.tax(&code("standard"), date(on)).map(|tax| tax.rate.to_string());
    assert_eq!(rate("2008-11-30"), None);
    assert_eq!(rate("2008-12-01").as_deref(), Some("15%"));
    assert_eq!(rate("2011-01-03").as_deref(), Some("17.5%"));
    assert_eq!(rate("2011-01-04").as_deref(), Some("20%"));
    assert_eq!(state.tax(&code("reduced"), date("2011-01-04")), None);
}

#[test]
fn the_last_word_on_a_date_counts_and_the_same_word_twice_is_nothing() {
    let mut scenario = with_tax_code();
    assert_eq!(scenario.when(standard("20", "2011-01-04")), Ok(vec![]));
    let scenario = scenario.given(standard("19", "2011-01-04"));
    let tax = page(&scenario).tax(&code("standard"), date("2026-01-01"));
    assert_eq!(tax, Some(Tax { category: TaxCategory::Standard, rate: Rate::percent("19").unwrap() }));
}

#[test]
fn only_the_standard_category_has_a_rate() {
    let mut scenario = Scenario::new().given(open_book());
    let exempt = SetTaxCode { category: TaxCategory::Exempt, ..standard("20", "2026-01-01") };
    assert_eq!(scenario.refused(exempt), "catalogue.rate_of_category");
    assert_eq!(scenario.refused(standard("0", "2026-01-01")), "catalogue.rate_of_category");
}

#[test]
fn a_plan_has_versions_and_keeps_them() {
    let mut scenario = with_tax_code().given(basic());
    let same_in_another_order = PublishPlan { prices: vec![flat("EUR 35.00"), flat("GBP 30.00")], ..basic() };
    assert_eq!(scenario.when(same_in_another_order), Ok(vec![]));
    let scenario = scenario.given(PublishPlan { prices: vec![flat("GBP 32.00")], ..basic() });
    let state = page(&scenario);
    let newest = state.plan(&code("basic")).unwrap();
    assert_eq!((newest.version, newest.price_in(Currency::GBP)), (2, Some(&flat("GBP 32.00"))));
    assert_eq!(newest.price_in(Currency::EUR), None);
    let first = state.plan_version(&code("basic"), 1).unwrap();
    assert_eq!(first.price_in(Currency::GBP), Some(&flat("GBP 30.00")));
    assert_eq!(state.plan_version(&code("basic"), 3), None);
    assert_eq!(state.plan(&code("other")), None);
}

#[test]
fn a_version_is_sold_from_its_day_on_and_takes_the_place_of_what_was_announced_for_then() {
    let version = |price: &str, from: Option<&str>| PublishPlan {
        prices: vec![flat(price)],
        effective_from: from.map(date),
        ..basic()
    };
    let scenario = with_tax_code()
        .given(version("GBP 30.00", Some("2026-02-01")))
        .given(version("GBP 35.00", Some("2027-01-01")))
        .given(version("GBP 40.00", Some("2027-07-01")));
    let sold = |scenario: &Scenario, on: &str| {
        page(scenario).plan_on(&code("basic"), date(on)).map(|plan| plan.version)
    };
    let days = ["2026-01-31", "2026-02-01", "2026-12-31", "2027-01-01", "2027-06-30", "2027-07-01"];
    assert_eq!(days.map(|on| sold(&scenario, on)), [None, Some(1), Some(1), Some(2), Some(2), Some(3)]);
    let scenario = scenario.given(version("GBP 36.00", Some("2027-02-01")));
    assert_eq!(
        ["2027-01-31", "2027-02-01", "2027-07-01"].map(|on| sold(&scenario, on)),
        [Some(2), Some(4), Some(4)]
    );
    let scenario = scenario.given(version("GBP 31.00", None));
    assert_eq!(days.map(|on| sold(&scenario, on)), [Some(5); 6]);
    assert_eq!(page(&scenario).versions(&code("basic")).len(), 5);
    assert_eq!(page(&scenario).versions(&code("other")), []);
}

#[test]
fn nobody_is_moved_to_what_is_not_sold_yet() {
    let mut scenario = with_tax_code().given(basic());
    let sold = date("2027-01-01");
    for existing in [Existing::MigrateFrom, Existing::MigrateAtRenewalFrom] {
        let early =
            PublishPlan { effective_from: Some(sold), existing: existing(date("2026-12-31")), ..basic() };
        assert_eq!(scenario.refused(early), "catalogue.migrates_before_sold");
        let in_time = PublishPlan { effective_from: Some(sold), existing: existing(sold), ..basic() };
        assert_eq!(scenario.when(in_time).unwrap().len(), 1);
    }
}

#[test]
fn a_plan_may_be_free() {
    with_tax_code().given(PublishPlan { prices: vec![flat("GBP 0.00")], ..basic() });
}

#[test]
fn what_could_not_be_sold_is_not_published() {
    let mut scenario = with_tax_code();
    let mut refused = |plan| scenario.refused(plan);
    assert_eq!(refused(PublishPlan { tax_code: code("reduced"), ..basic() }), "catalogue.unknown_tax_code");
    assert_eq!(refused(PublishPlan { prices: vec![], ..basic() }), "catalogue.no_price");
    let twice = vec![flat("GBP 1.00"), flat("EUR 1.00"), Price::PerSeat("GBP 2.00".parse().unwrap())];
    assert_eq!(refused(PublishPlan { prices: twice, ..basic() }), "catalogue.two_prices");
    let below = vec![flat("EUR 1.00"), flat("GBP -0.01")];
    assert_eq!(refused(PublishPlan { prices: below, ..basic() }), "catalogue.price");
    assert_eq!(scenario.refused(PublishItem { unit_prices: vec![], ..request() }), "catalogue.no_price");
}

#[test]
fn a_plan_stays_a_plan_and_no_add_on_is_called_plan() {
    let mut scenario = with_tax_code().given(basic());
    assert_eq!(scenario.refused(PublishPlan { kind: PlanKind::AddOn, ..basic() }), "catalogue.kind_changed");
    let plan = PublishPlan { plan: code("plan"), kind: PlanKind::AddOn, ..basic() };
    assert_eq!(scenario.refused(plan), "catalogue.reserved_code");
}

#[test]
fn an_item_is_sold_at_its_newest_price() {
    let mut scenario = with_tax_code().given(request());
    assert_eq!(scenario.when(request()), Ok(vec![]));
    let dearer = PublishItem { unit_prices: vec!["GBP 0.02".parse().unwrap()], ..request() };
    let state = page(&scenario.given(dearer));
    let item = state.item(&code("request")).unwrap();
    assert_eq!((item.version, item.unit_price_in(Currency::GBP)), (2, Some("GBP 0.02".parse().unwrap())));
    assert_eq!(item.unit_price_in(Currency::EUR), None);
}

#[test]
fn a_snapshot_gives_the_same_page() {
    let state = page(&with_tax_code().given(basic()).given(request()));
    let text = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
}

#[test]
fn a_commitment_has_a_minimum_above_zero_in_each_currency_of_the_plan() {
    let commitment = |minimums: &[&str]| {
        let minimums = minimums.iter().map(|minimum| minimum.parse().unwrap()).collect();
        Some(Commitment { name: "Minimum spend".parse().unwrap(), minimums, tax_code: code("standard") })
    };
    let mut scenario = with_tax_code();
    let mut refused = |commitment| scenario.refused(PublishPlan { commitment, ..basic() });
    assert_eq!(refused(commitment(&["GBP 50.00"])), "catalogue.not_in_every_currency");
    assert_eq!(refused(commitment(&["GBP 50.00", "EUR 0.00"])), "catalogue.no_minimum");
    assert_eq!(refused(commitment(&[])), "catalogue.no_price");
    let scenario =
        scenario.given(PublishPlan { commitment: commitment(&["GBP 50.00", "EUR 60.00"]), ..basic() });
    let said = scenario.history().last().unwrap().event.to_string();
    assert!(said.ends_with("; all together at least EUR 60.00, GBP 50.00 a period."), "{said}");
}
