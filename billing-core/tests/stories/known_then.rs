//! What was true on a date, as known on another: a payment that went back.

use billing_core::log::Position;
use billing_core::payments::ReturnPayment;
use billing_core::projections::KnownAt;

use crate::firm::*;

#[test]
fn a_returned_payment_reopens_the_debt_from_its_day_on_and_not_before() {
    let story = firm();
    story.day("2026-01-05");
    let account = customer(&story, "C-1");
    subscribe(&story, account, "plus", 1, "2026-01-01");
    bill(&story, account, "2026-01-05", "2026-01-05");
    story.day("2026-02-10");
    let payment = pay(&story, account, "GBP 60.00", "2026-02-10");
    story.day("2026-02-12");
    let known_12 = story.engine.head().unwrap().position;
    let total = |as_of: &str, known: KnownAt| {
        let report = story.engine.ask_known(&aged(as_of), known).unwrap();
        report.value.totals.first().map_or("nothing".to_owned(), |debt| debt.total.to_string())
    };
    assert_eq!(total("2026-02-12", KnownAt::Now), "nothing");
    story.day("2026-02-20");
    story.give(ReturnPayment {
        account,
        payment,
        on: date("2026-02-14"),
        reason: "Refer to payer".parse().unwrap(),
    });
    assert_eq!(total("2026-02-12", KnownAt::Position(known_12)), "nothing");
    assert_eq!(total("2026-02-12", KnownAt::Now), "nothing", "it went back on the 14th");
    assert_eq!(total("2026-02-15", KnownAt::Now), "GBP 60.00");
    assert_eq!(total("2026-02-15", KnownAt::Time("2026-02-19T00:00:00.000Z".parse().unwrap())), "nothing");
    let report = story.engine.ask(&aged("2026-02-15")).unwrap().value;
    // Due on 4 February, so eleven days late on the 15th.
    assert_eq!(report.labels, ["not_due", "1-30", "31-60", "61-90", "91+"]);
    assert_eq!(report.totals[0].columns[1].amount.to_string(), "GBP 60.00");
    assert_eq!(total("2026-02-15", KnownAt::Position(Position::from(1))), "nothing");
    story.laws();
}
