//! Decisions about the book's settings.

use super::{
    AllocationOrder, ChoosePolicies, ChooseSeries, Ladder, LadderStep, OpenBook, Policies, Rejection,
    SeriesChoice, SetLadder, State,
};
use crate::book::{self, Event};
use crate::decision::{Department, Stop};
use crate::kernel::currency::Currency;
use crate::kernel::document::DocumentKind;
use crate::kernel::holidays::{HolidayCalendar, Region};
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::Label;
use crate::kernel::zone::Zone;
use crate::log::StreamId;
use crate::testing::Scenario;

/// A book in pounds that chose nothing else.
pub(crate) fn open_book() -> OpenBook {
    OpenBook {
        seller: Label::parse("Fern & Co").unwrap(),
        currency: Currency::GBP,
        zone: Zone::london(),
        holidays: HolidayCalendar::of(Region::Scotland),
        terms: PaymentTerms::NetDays(30),
        policies: Policies::default(),
        series: vec![],
    }
}

fn series(documents: DocumentKind, name: &str, prefix: &str) -> SeriesChoice {
    SeriesChoice {
        series: name.parse().unwrap(),
        prefix: prefix.parse().unwrap(),
        ..SeriesChoice::standard(documents)
    }
}

fn invoices(name: &str, prefix: &str) -> SeriesChoice {
    series(DocumentKind::Invoice, name, prefix)
}

fn sentences(decided: Result<Vec<Event>, Stop<book::Rejection>>) -> Vec<String> {
    decided
        .unwrap()
        .iter()
        .filter(|event| event.event_type().starts_with("settings."))
        .map(Event::to_string)
        .collect()
}

fn page(scenario: &Scenario) -> State {
    let mut state = State::default();
    for planned in scenario.history() {
        if let Event::Settings(event) = &planned.event {
            super::Settings::evolve(&mut state, event);
        }
    }
    state
}

#[test]
fn a_book_is_opened_with_a_series_for_each_kind_of_document() {
    let mut scenario = Scenario::new();
    assert_eq!(sentences(scenario.when(open_book())), ["Book of Fern & Co opened in GBP, Europe/London."]);
    let state = page(&scenario);
    assert_eq!(state.profile().terms, PaymentTerms::NetDays(30));
    assert_eq!(state.series(DocumentKind::Invoice).as_str(), "invoices");
    assert_eq!(state.series(DocumentKind::CreditNote).as_str(), "credit-notes");
    assert_eq!(state.series_choice(DocumentKind::Receipt).number(2.into()), "RCT-0001");
}

#[test]
fn opening_a_book_twice_is_harmless_when_it_is_the_same_book() {
    let mut scenario = Scenario::new().given(open_book());
    assert_eq!(scenario.when(open_book()), Ok(vec![]));
    let other = OpenBook { currency: Currency::EUR, ..open_book() };
    assert_eq!(scenario.refused(other), "settings.already_open");
}

#[test]
fn nothing_is_chosen_for_a_book_that_is_not_open() {
    let mut scenario = Scenario::new();
    let policies = Policies { promise_grace_days: 2, ..Policies::default() };
    assert_eq!(scenario.when(ChoosePolicies { policies }), Err(Stop::Absent(StreamId::Book)));
    assert_eq!(scenario.when(SetLadder { ladder: Ladder::default() }), Err(Stop::Absent(StreamId::Book)));
    let series = invoices("bills", "B-");
    assert_eq!(scenario.when(ChooseSeries { series }), Err(Stop::Absent(StreamId::Book)));
}

#[test]
fn policies_are_chosen_as_a_whole() {
    let mut scenario = Scenario::new().given(open_book());
    let policies = Policies { allocation: AllocationOrder::OldestIssuedFirst, ..Policies::default() };
    assert_eq!(
        sentences(scenario.when(ChoosePolicies { policies })),
        [
            "Policies chosen: lines rounded to the nearest, half up; VAT rounded to the nearest, half up; payments go \
          to the oldest issued first; disputed amounts are not chased; promises have 0 day(s) of grace; \
          parts of periods are billed by the engine's own rules; late usage is billed with the next period, for 2 \
          period(s) back; work is late to be billed after 35 day(s)."
        ]
    );
    assert_eq!(scenario.when(ChoosePolicies { policies }), Ok(vec![]));
    assert_eq!(page(&scenario).policies(), &policies);
}

#[test]
fn another_ladder_takes_the_place_of_the_standard_one() {
    let mut scenario = Scenario::new().given(open_book());
    assert_eq!(scenario.when(SetLadder { ladder: Ladder::default() }), Ok(vec![]));
    let steps = vec![LadderStep { days_overdue: 10, template: "letter".parse().unwrap() }];
    let ladder = Ladder::new("patient".parse().unwrap(), steps, 14).unwrap();
    let set = SetLadder { ladder: ladder.clone() };
    assert_eq!(sentences(scenario.when(set.clone())), ["Reminder ladder set: patient (letter on day 10)."]);
    assert_eq!(scenario.when(set), Ok(vec![]));
    assert_eq!(page(&scenario).ladder(), &ladder);
}

#[test]
fn a_new_year_may_have_a_new_series() {
    let mut scenario = Scenario::new().given(open_book());
    let series = SeriesChoice { year: Some(2027), first: 100, ..invoices("invoices-2027", "2027-") };
    let choose = ChooseSeries { series };
    assert_eq!(
        sentences(scenario.when(choose.clone())),
        ["Series invoices-2027 chosen for invoices, from 2027-0100 on."]
    );
    assert_eq!(scenario.when(choose), Ok(vec![]));
    let state = page(&scenario);
    assert_eq!(state.series(DocumentKind::Invoice).as_str(), "invoices-2027");
    assert_eq!(state.series(DocumentKind::CreditNote).as_str(), "credit-notes");
}

#[test]
fn no_series_is_opened_twice_and_no_two_give_the_same_numbers() {
    let mut scenario =
        Scenario::new().given(open_book()).given(ChooseSeries { series: invoices("invoices-2027", "2027-") });
    let mut refused = |series| scenario.refused(ChooseSeries { series });
    assert_eq!(refused(invoices("invoices", "OLD-")), "settings.series_used");
    assert_eq!(refused(invoices("receipts", "R-")), "settings.series_used");
    assert_eq!(refused(invoices("more-invoices", "INV-")), "settings.prefix_used");
    assert_eq!(refused(invoices("more-invoices", "INV-2")), "settings.prefix_used");
    assert_eq!(refused(series(DocumentKind::Receipt, "slips", "2027-")), "settings.prefix_used");
}

#[test]
fn a_series_that_could_not_be_used_is_refused() {
    let mut scenario = Scenario::new().given(open_book());
    let mut refused = |series| scenario.refused(ChooseSeries { series });
    let usable = invoices("bills", "B-");
    assert_eq!(refused(SeriesChoice { first: 0, ..usable.clone() }), "settings.first_number_zero");
    assert_eq!(refused(SeriesChoice { digits: 19, ..usable.clone() }), "settings.too_many_digits");
    assert_eq!(refused(SeriesChoice { year: Some(27), ..usable.clone() }), "settings.year_out_of_range");
    assert!(scenario.when(ChooseSeries { series: SeriesChoice { digits: 18, ..usable } }).is_ok());
}

#[test]
fn the_first_series_keep_the_same_rules() {
    let mut scenario = Scenario::new();
    let mut refused = |series| scenario.refused(OpenBook { series, ..open_book() });
    assert_eq!(refused(vec![invoices("a", "A-"), invoices("b", "B-")]), "settings.two_series");
    assert_eq!(refused(vec![invoices("credit-notes", "A-")]), "settings.series_used");
    assert_eq!(refused(vec![invoices("bills", "CN-")]), "settings.prefix_used");
    let zero = SeriesChoice { first: 0, ..invoices("bills", "B-") };
    assert_eq!(refused(vec![zero]), "settings.first_number_zero");
    scenario.when(OpenBook { series: vec![invoices("bills", "B-")], ..open_book() }).unwrap();
    assert_eq!(page(&scenario).series(DocumentKind::Invoice).as_str(), "bills");
}

#[test]
fn a_snapshot_gives_the_same_page() {
    let scenario = Scenario::new().given(open_book()).given(ChooseSeries { series: invoices("bills", "B-") });
    let state = page(&scenario);
    let text = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
}

#[test]
fn each_rule_has_its_code_in_the_department() {
    use crate::decision::Rejection as _;
    let rule = Rejection::TwoSeries { documents: DocumentKind::Invoice };
    assert_eq!(
        (rule.code(), rule.advice()),
        ("settings.two_series", "Give one series for each kind of document.")
    );
}
