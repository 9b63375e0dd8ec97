//! A book of a dozen customers on the last day of June, to try a change of price on.

use std::sync::Arc;

use billing_core::prelude::*;
use billing_examples::program::Outcome;
use billing_store_memory::MemoryStore;

/// A customer: reference, name, currency, plan, how many, first day.
type Customer = (&'static str, &'static str, Currency, &'static str, u32, &'static str);

/// The plan "team" begins with thirty days of trial, so that who comes on 2 December pays from 1 January.
const DOZEN: [Customer; 12] = [
    ("C-01", "Harbour Café", Currency::GBP, "team", 3, "2025-12-02"),
    ("C-02", "Fern Books", Currency::GBP, "team", 5, "2025-12-16"),
    ("C-03", "Kiln & Co", Currency::GBP, "team", 20, "2025-12-02"),
    ("C-04", "Lakeside Dental", Currency::GBP, "team", 4, "2025-12-16"),
    ("C-05", "Alder Films", Currency::GBP, "team", 2, "2026-06-20"),
    ("C-06", "Mill Lane Studio", Currency::GBP, "studio", 1, "2026-01-01"),
    ("C-07", "Atelier Brun", Currency::EUR, "team", 6, "2025-12-02"),
    ("C-08", "Northgate Legal", Currency::GBP, "team", 8, "2025-12-02"),
    ("C-09", "Orchard School", Currency::GBP, "team", 12, "2025-12-02"),
    ("C-10", "Tide Surf", Currency::GBP, "team", 3, "2025-12-02"),
    ("C-11", "Quay Studio", Currency::EUR, "studio", 1, "2026-01-01"),
    ("C-12", "Weir Partners", Currency::GBP, "team", 7, "2025-12-02"),
];

/// The book, billed through June.
pub(crate) fn book(ann: &Actor) -> Outcome<Engine<MemoryStore>> {
    let clock = Arc::new(TestClock::at("2026-06-30T09:00:00.000Z")?);
    let origin = "fern.example/prices".parse()?;
    let book = Engine::open_with(MemoryStore::new(), origin, clock, TestIds::default(), Options::default())?;
    book.execute(ann, OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london()))?;
    book.execute(ann, SetTaxCode::new("vat".parse()?, Rate::percent("20")?, "2011-01-04".parse()?))?;
    let seats = ["GBP 12.50", "EUR 14.50"].map(|seat| seat.parse().map(Price::PerSeat));
    let flat = ["GBP 119.00", "EUR 139.00"].map(|month| month.parse().map(Price::Flat));
    for (code, name, prices, trial) in [("team", "Team", seats, true), ("studio", "Studio", flat, false)] {
        let prices = prices.into_iter().collect::<Result<Vec<Price>, _>>()?;
        let first = prices.first().cloned().ok_or("no price")?;
        let phase =
            Phase { kind: PhaseKind::Trial, lasts: "30 days".parse()?, prices: vec![], anchor_day: None };
        let phases = if trial { vec![phase] } else { vec![] };
        let plan = PublishPlan::monthly(code.parse()?, name.parse()?, first, "vat".parse()?);
        book.execute(ann, PublishPlan { prices, phases, ..plan })?;
    }
    for (reference, name, currency, plan, quantity, from) in DOZEN {
        let from = from.parse()?;
        let register = RegisterAccount::new(reference.parse()?, Sealed::marked(name)?, from);
        let register = RegisterAccount { currency: Some(currency), ..register };
        let account = book.execute(ann, register)?.one::<AccountRegistered>()?.account;
        let subscribe = Subscribe { quantity, ..Subscribe::new(account, plan.parse()?, from) };
        let subscription = book.execute(ann, subscribe)?.one::<SubscriptionStarted>()?.subscription;
        wishes(&book, ann, reference, account, subscription)?;
    }
    let june = "2026-06-30".parse()?;
    let billed =
        book.run(book.new_command_id(), ann, &BillingRun { issue_on: june, through: june }, &mut unwatched)?;
    match billed.failed.into_iter().next() {
        Some((account, why)) => Err(format!("{account}: {why}").into()),
        None => Ok(book),
    }
}

/// What some of them asked for meanwhile.
fn wishes(
    book: &Engine<MemoryStore>,
    ann: &Actor,
    reference: &str,
    account: AccountId,
    subscription: SubscriptionId,
) -> Outcome {
    let on = |day: &str| day.parse().map(When::On);
    let component = None;
    match reference {
        "C-03" => {
            let (price, when) = (Price::PerSeat("GBP 10.00".parse()?), on("2026-03-01")?);
            book.execute(ann, ChangePrice { account, subscription, component, price, when })?;
        }
        "C-04" => {
            book.execute(ann, Cancel { account, subscription, when: on("2026-07-10")?, reason: None })?;
        }
        "C-08" => {
            let (quantity, when) = (10, on("2026-07-20")?);
            book.execute(ann, ChangeQuantity { account, subscription, component, quantity, when })?;
        }
        "C-09" => {
            let (off, from) = (Off::Percent(Rate::percent("10")?), "2026-01-01".parse()?);
            book.execute(ann, GrantDiscount::new(account, "School".parse()?, off, from))?;
        }
        "C-10" => {
            let (from, until) = ("2026-06-15".parse()?, Some("2026-07-16".parse()?));
            book.execute(ann, PauseBilling { account, subscription, from, until })?;
        }
        "C-12" => {
            let (plan, when) = ("studio".parse()?, on("2026-07-22")?);
            let (quantity, anchor_day) = (None, None);
            book.execute(ann, ChangePlan { account, subscription, plan, quantity, when, anchor_day })?;
        }
        _ => {}
    }
    Ok(())
}
