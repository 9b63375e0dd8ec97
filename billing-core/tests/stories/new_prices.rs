//! A new version of a plan: rehearsed over the whole book, then made; and what was rehearsed is what is recorded.

use std::collections::BTreeMap;

use billing_core::engine::plan::PlannedEvent;
use billing_core::engine::same_but_for_ids;
use billing_core::log::CommandKey;
use billing_core::prelude::*;
use billing_core::subscriptions::SubscriptionMigrated;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;
use proptest::prelude::*;

use crate::firm::*;

fn revised(story: &Story<MemoryStore>, plan: &str, price: &str, existing: Existing) -> PublishPlan {
    let catalogue = story.engine.catalogue().unwrap();
    let plan = catalogue.plan(&plan.parse().unwrap()).unwrap();
    let seats = matches!(plan.prices[0], Price::PerSeat(_));
    let prices = vec![if seats { Price::PerSeat(money(price)) } else { Price::Flat(money(price)) }];
    PublishPlan { prices, existing, ..PublishPlan::revising(plan) }
}

/// What each account's migration and bill would record, if the plan were published.
type Rehearsed = BTreeMap<AccountId, Result<Vec<PlannedEvent>, &'static str>>;

fn rehearse(
    story: &Story<MemoryStore>,
    change: &PublishPlan,
    accounts: &[AccountId],
    day: Date,
) -> Rehearsed {
    let mut rehearsal = story.engine.rehearse(&story.actor).unwrap();
    rehearsal.give(change).unwrap();
    let rehearsed = accounts.iter().map(|&account| {
        let mut both = || -> Result<Vec<PlannedEvent>, Error> {
            let mut planned = rehearsal.give(&MigrateAccount { account, through: day })?;
            planned.extend(rehearsal.give(&BillAccount { account, issue_on: day, through: day })?);
            Ok(planned)
        };
        let both = both().map_err(|error| error.code());
        rehearsal.forget(account);
        (account, both)
    });
    rehearsed.collect()
}

/// Publishes, migrates and bills, and holds each account to what was rehearsed.
fn make(story: &Story<MemoryStore>, change: &PublishPlan, rehearsed: &Rehearsed, day: Date) -> RunReport {
    story.give(change.clone());
    let (engine, actor) = (&story.engine, &story.actor);
    let (migration, billing) = (MigrationRun { through: day }, BillingRun { issue_on: day, through: day });
    let [moving, bills] = [engine.new_command_id(), engine.new_command_id()];
    let migrated = engine.run(moving, actor, &migration, &mut unwatched).unwrap();
    engine.run(bills, actor, &billing, &mut unwatched).unwrap();
    for (account, planned) in rehearsed {
        let Ok(planned) = planned else { continue };
        // Given again, a command gets the answer that it got.
        let migrate = migration.command(*account);
        let mut recorded =
            engine.execute_as(CommandKey::part_of(moving, *account), actor, &migrate).unwrap().events;
        let bill = billing.command(*account);
        recorded
            .extend(engine.execute_as(CommandKey::part_of(bills, *account), actor, &bill).unwrap().events);
        same_but_for_ids(planned, &recorded).unwrap();
    }
    migrated
}

#[test]
fn a_new_price_is_rehearsed_over_the_book_and_then_made() {
    let story = firm();
    let [one, two, own, abroad] = ["C-1", "C-2", "C-3"]
        .map(|reference| customer(&story, reference))
        .into_iter()
        .chain([story
            .give(RegisterAccount { currency: Some(Currency::parse("JPY").unwrap()), ..registration("C-4") })
            .one::<AccountRegistered>()
            .unwrap()
            .account])
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    for account in [one, two, own, abroad] {
        let subscription = subscribe(&story, account, "basic", 1, "2026-01-01");
        bill(&story, account, "2026-01-01", "2026-01-01");
        if account == own {
            let (price, when) = (Price::Flat(money("GBP 25.00")), When::On(date("2026-02-01")));
            story.give(ChangePrice { account, subscription, component: None, price, when });
        }
    }
    let day = date("2026-02-01");
    let change = revised(&story, "basic", "GBP 35.00", Existing::MigrateAtRenewalFrom(day));
    let head = story.engine.head().unwrap();
    let rehearsed = rehearse(&story, &change, &[one, two, own, abroad], day);
    assert_eq!(story.engine.head().unwrap(), head, "a rehearsal records nothing");
    assert_eq!(rehearsed[&abroad].as_ref().unwrap_err(), &"subscriptions.no_price");

    let report = make(&story, &change, &rehearsed, day);
    assert_eq!((report.accounts, report.recorded, report.nothing), (4, 2, 1));
    assert_eq!(report.failed.len(), 1);
    assert_eq!((report.failed[0].0, report.failed[0].1.code()), (abroad, "subscriptions.no_price"));
    // January 30.00 each, February 35.00, 35.00 and 25.00, with VAT; 5,000 yen twice.
    assert_eq!(owed(&story, "2026-02-01"), "GBP 222.00, JPY 12000");
    // The run is repeated without effect, and so is another one.
    let before = story.engine.head().unwrap();
    for id in [report.run, story.engine.new_command_id()] {
        let again =
            story.engine.run(id, &story.actor, &MigrationRun { through: day }, &mut unwatched).unwrap();
        assert_eq!((again.recorded, story.engine.head().unwrap()), (0, before.clone()));
    }
}

#[test]
fn a_move_that_comes_late_is_billed_as_if_it_had_come_in_time() {
    let [in_time, late] = [true, false].map(|in_time| {
        let story = firm();
        let account = customer(&story, "C-1");
        subscribe(&story, account, "basic", 1, "2026-01-01");
        bill(&story, account, "2026-01-01", "2026-01-01");
        story.give(revised(&story, "basic", "GBP 35.00", Existing::MigrateFrom(date("2026-02-15"))));
        let through = date("2026-03-01");
        let migrate = MigrateAccount { account, through };
        if in_time {
            story.give(migrate.clone());
        }
        bill(&story, account, "2026-03-01", "2026-03-01");
        if !in_time {
            let moved = story.give(migrate);
            assert_eq!(moved.one::<SubscriptionMigrated>().unwrap().from, date("2026-02-15"));
            bill(&story, account, "2026-03-02", "2026-03-01");
        }
        story.laws();
        owed(&story, "2026-03-02")
    });
    // January 30.00, February 14/28 of 30.00 and 14/28 of 35.00, March 35.00: 97.50, with VAT 117.00.
    assert_eq!((in_time.as_str(), late.as_str()), ("GBP 117.00", "GBP 117.00"));
}

#[derive(Debug, Clone)]
struct Somebody {
    plan: usize,
    quantity: u32,
    from: u64,
    later: Option<(usize, u64)>,
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let later = prop::option::of((0..4_usize, 0..80_u64));
    (0..4_usize, 1..4_u32, 0..60_u64, later).prop_map(|(plan, quantity, from, later)| Somebody {
        plan,
        quantity,
        from,
        later,
    })
}

const PLANS: [&str; 4] = ["basic", "plus", "seats", "arrears"];

fn day(number: u64) -> Date {
    billing_core::kernel::calendar::plus_days(date("2026-01-01"), i64::try_from(number).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whoever the customers are and whatever becomes of them: what is rehearsed for a day is what is recorded on it,
    /// event by event, in every field but ids.
    #[test]
    fn what_is_rehearsed_is_what_is_recorded(
        customers in prop::collection::vec(somebody(), 1..5),
        (plan, pounds) in (0..4_usize, 1..90_u32),
        (moves, at_renewal, announced) in (0..90_u64, any::<bool>(), any::<bool>()),
        (billed, through) in (0..60_u64, 60..120_u64),
    ) {
        let story = firm();
        let mut accounts = Vec::new();
        for (at, Somebody { plan, quantity, from, later }) in customers.iter().enumerate() {
            let account = customer(&story, &format!("C-{at}"));
            let asked = Subscribe { quantity: *quantity, ..Subscribe::new(account, PLANS[*plan].parse().unwrap(), day(*from)) };
            let subscription = story.give(asked).one::<SubscriptionStarted>().unwrap().subscription;
            story.give(BillAccount { account, issue_on: day(billed), through: day(billed) });
            if let Some((kind, on)) = later {
                let when = When::On(day(from + on));
                let (component, price) = (None, Price::Flat(money("GBP 17.00")));
                match kind {
                    0 => drop(story.give(ChangeQuantity { account, subscription, component, quantity: 5, when })),
                    1 => drop(story.give(ChangePrice { account, subscription, component, price, when })),
                    2 => drop(story.give(Cancel { account, subscription, when, reason: None })),
                    _ => drop(story.give(ChangePlan { account, subscription, plan: "plus".parse().unwrap(), quantity: None, when, anchor_day: None })),
                }
            }
            accounts.push(account);
        }
        let from = day(moves);
        let existing = if at_renewal { Existing::MigrateAtRenewalFrom(from) } else { Existing::MigrateFrom(from) };
        let change = revised(&story, PLANS[plan], &format!("GBP {pounds}.00"), existing);
        let change = PublishPlan { effective_from: announced.then_some(from), ..change };
        let rehearsed = rehearse(&story, &change, &accounts, day(through));
        prop_assert!(rehearsed.values().all(Result::is_ok), "{:?}", rehearsed);
        make(&story, &change, &rehearsed, day(through));
    }
}
