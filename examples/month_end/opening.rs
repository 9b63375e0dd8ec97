//! Opening the file, finding out where the book stands, and what has to be settled before the first sale.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::kernel::calendar::end_of_month;
use billing_core::prelude::*;
use billing_store_sqlite::SqliteStore;

use super::Outcome;
use super::firm::Firm;

/// The month with which a fresh book begins.
const BEGINNING: (i32, u32) = (2026, 1);

pub(super) fn open(path: &str) -> Outcome<Firm> {
    let clock = Arc::new(TestClock::at("2026-01-01T00:00:00.000Z")?);
    let store = SqliteStore::open(path)?;
    let book = Engine::open_with(
        store,
        "fern.example/sales".parse()?,
        Arc::clone(&clock),
        TestIds::default(),
        Options::default(),
    )?;
    let mut firm = Firm {
        posted: book.head()?.position,
        book,
        clock,
        ann: Actor::owner("user:ann")?,
        runner: Actor::new("run:night".parse()?, [Scope::Billing, Scope::CreditControl]),
        calendar: HolidayCalendar::of(Region::EnglandAndWales),
        people: BTreeMap::new(),
    };
    firm.meet_everybody()?;
    Ok(firm)
}

/// The first day of the month to be lived: the one after the month in which the book was last written to.
pub(super) fn next_month(firm: &Firm) -> Outcome<Date> {
    let Some(newest) = firm.book.newest()? else {
        return Ok(Date::from_ymd_opt(BEGINNING.0, BEGINNING.1, 1).ok_or("there is no such month")?);
    };
    let last = end_of_month(newest.at.date_in(&Zone::london()))?;
    Ok(last.succ_opt().ok_or("the calendar ends here")?)
}

/// Settles who sells, what, and at which prices. In a book where that is settled there is nothing to do, so
/// that it can be asked for every month.
pub(super) fn prepare(firm: &Firm, day: Date) -> Outcome {
    firm.clock_to(day, "08:00")?;
    let (book, ann) = (&firm.book, &firm.ann);
    book.execute(
        ann,
        OpenBook {
            holidays: firm.calendar.clone(),
            terms: PaymentTerms::NetDays(14),
            ..OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london())
        },
    )?;
    book.execute(ann, SetLadder { ladder: Ladder::default() })?;
    book.execute(ann, SetTaxCode::new("vat".parse()?, Rate::percent("20")?, "2011-01-04".parse()?))?;
    for (code, name, price) in [
        ("starter", "Starter", Price::Flat("GBP 30.00".parse()?)),
        ("team", "Team", Price::PerSeat("GBP 12.50".parse()?)),
        ("studio", "Studio", Price::Flat("GBP 119.00".parse()?)),
    ] {
        book.execute(ann, PublishPlan::monthly(code.parse()?, name.parse()?, price, "vat".parse()?))?;
    }
    Ok(())
}
