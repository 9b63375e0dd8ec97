//! Looks ahead: the whole book is rehearsed twice, customer by customer, without the change and with it.

use std::collections::BTreeMap;

use billing_core::catalogue::{Plan, PublishPlan};
use billing_core::engine::plan::PlannedEvent;
use billing_core::prelude::*;
use billing_core::subscriptions::{Fate, Migration};
use billing_examples::program::Outcome;

use super::Change;
use super::amounts::{Cost, net};
use super::sheet::{Agreement, Bill, Refused, Sheet, Total};

/// What is to be given, and what each customer's migration and bill will record then.
pub(crate) struct Foreseen {
    pub(crate) publish: PublishPlan,
    pub(crate) migration: MigrationRun,
    pub(crate) billing: BillingRun,
    pub(crate) records: BTreeMap<AccountId, (String, Vec<PlannedEvent>)>,
}

/// Says what a change means for everybody, and records nothing.
pub(crate) fn foresee<S: Store>(
    book: &Engine<S>,
    ann: &Actor,
    change: &Change,
) -> Outcome<(Sheet, Foreseen)> {
    let catalogue = book.catalogue()?;
    let plan = catalogue.plan(&change.plan).ok_or_else(|| format!("the catalogue has no {}", change.plan))?;
    let publish = PublishPlan {
        prices: revised(plan, &change.prices)?,
        effective_from: Some(change.from),
        existing: change.existing,
        ..PublishPlan::revising(plan)
    };
    let through = change.through;
    let (migration, billing) = (MigrationRun { through }, BillingRun { issue_on: through, through });
    let everybody = AccountsPage { after: None, limit: usize::MAX, filter: AccountsFilter::default() };
    let mut listed = book.ask(&everybody)?.value;
    listed.sort_by(|one, other| one.reference.as_str().cmp(other.reference.as_str()));

    let mut today = book.rehearse(ann)?;
    let mut changed = book.rehearse(ann)?;
    let published = changed.give(&publish)?.first().map(|event| event.event.to_string());
    let catalogue = changed.catalogue()?.clone();
    let mut sheet = Sheet {
        plan: change.plan.to_string(),
        version: catalogue.plan(&change.plan).map_or(0, |plan| plan.version),
        published: published.ok_or("the plan costs that already")?,
        from: change.from,
        through,
        customers: listed.len(),
        without_the_plan: 0,
        agreements: Vec::new(),
        bills: Vec::new(),
        totals: Vec::new(),
        refused: Vec::new(),
        made: None,
    };
    let mut records = BTreeMap::new();
    for one in listed {
        let account = one.account;
        let migrations = today.account(account)?.subscriptions.migrations(&catalogue)?;
        let concerned =
            |one: &&Migration| one.plan == change.plan && one.until.is_none_or(|until| change.from < until);
        let concerned: Vec<&Migration> = migrations.iter().filter(concerned).collect();
        if concerned.is_empty() {
            sheet.without_the_plan += 1;
        }
        let mut refused = |what, result: Result<Vec<PlannedEvent>, Error>| match result {
            Ok(events) => Ok(events),
            Err(error) if error.is_refusal() => {
                let (customer, why) = (one.reference.to_string(), error.to_string());
                sheet.refused.push(Refused { customer, what, why });
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        };
        let mut recorded = refused("migration", changed.give(&migration.command(account)))?;
        let bill_then = refused("bill", changed.give(&billing.command(account)))?;
        let name = match Marking.open(&account.to_string(), "name", &one.name) {
            Opened::Clear(name) => name,
            Opened::Erased => "(erased)".to_owned(),
        };
        for migration in concerned {
            let day = match migration.fate {
                Fate::Moves { on, .. } => on,
                Fate::Grandfathered | Fate::OwnPrice | Fate::Term(_) | Fate::Ends => change.from,
            };
            let cost = |account| Cost::of(account, migration.subscription, &migration.component, day);
            let (now, then) = (cost(today.account(account)?)?, cost(changed.account(account)?)?);
            sheet.agreements.push(Agreement {
                customer: one.reference.to_string(),
                name: name.clone(),
                subscription: migration.subscription.to_string(),
                quantity: now.map_or(0, |now| now.quantity),
                version: migration.version,
                currency: one.currency,
                now: now.and_then(|now| now.amount),
                then: then.and_then(|then| then.amount),
                difference: less(then.and_then(|then| then.amount), now.and_then(|now| now.amount))?,
                monthly: match (then, now) {
                    (Some(then), Some(now)) => less(then.monthly()?, now.monthly()?)?,
                    (Some(_) | None, None) | (None, Some(_)) => None,
                },
                moves_on: match migration.fate {
                    Fate::Moves { on, .. } if on <= through => Some(on),
                    Fate::Moves { .. }
                    | Fate::Grandfathered
                    | Fate::OwnPrice
                    | Fate::Term(_)
                    | Fate::Ends => None,
                },
                fate: said(migration, through),
            });
        }
        let bill_now = today.give(&billing.command(account)).or_else(|error| match error.is_refusal() {
            true => Ok(Vec::new()),
            false => Err(error),
        })?;
        let (now, then) = (net(&bill_now, one.currency)?, net(&bill_then, one.currency)?);
        if !bill_now.is_empty() || !bill_then.is_empty() {
            let (customer, difference) = (one.reference.to_string(), then.minus(now)?);
            sheet.bills.push(Bill { customer, name, now, then, difference });
        }
        recorded.extend(bill_then);
        records.insert(account, (one.reference.to_string(), recorded));
        today.forget(account);
        changed.forget(account);
    }
    sheet.totals = totals(&sheet)?;
    Ok((sheet, Foreseen { publish, migration, billing, records }))
}

/// The plan's prices, with other amounts.
fn revised(plan: &Plan, amounts: &[Money]) -> Outcome<Vec<Price>> {
    let mut prices = plan.prices.clone();
    let mut changed = 0;
    for price in &mut prices {
        let Some(amount) = amounts.iter().find(|amount| amount.currency() == price.currency()) else {
            continue;
        };
        changed += 1;
        *price = match price {
            Price::Flat(_) => Price::Flat(*amount),
            Price::PerSeat(_) => Price::PerSeat(*amount),
            Price::Each(_)
            | Price::Package(_)
            | Price::Graduated(_)
            | Price::Volume(_)
            | Price::StairStep(_)
            | Price::Percentage(_)
            | Price::Limited(_) => {
                return Err(format!(
                    "{} costs {price}: this program changes flat prices and those a seat",
                    plan.code
                )
                .into());
            }
        };
    }
    match changed {
        0 => Err(format!("{} has no price in a currency that --price names", plan.code).into()),
        _ => Ok(prices),
    }
}

fn said(migration: &Migration, through: Date) -> String {
    match migration.fate {
        Fate::Moves { on, .. } if through < on => format!("will move on {on}"),
        Fate::Moves { .. } => "moves".to_owned(),
        Fate::Grandfathered => format!("keeps version {}", migration.version),
        Fate::OwnPrice => "keeps a price of its own".to_owned(),
        Fate::Term(until) => format!("keeps its price until {until}"),
        Fate::Ends => match migration.until {
            Some(until) => format!("ends on {until}"),
            None => "ends".to_owned(),
        },
    }
}

fn less(one: Option<Money>, other: Option<Money>) -> Outcome<Option<Money>> {
    Ok(match (one, other) {
        (Some(one), Some(other)) => Some(one.minus(other)?),
        (Some(_) | None, None) | (None, Some(_)) => None,
    })
}

fn totals(sheet: &Sheet) -> Outcome<Vec<Total>> {
    let agreed = sheet.agreements.iter().map(|one| one.currency);
    let mut currencies: Vec<Currency> =
        agreed.chain(sheet.bills.iter().map(|bill| bill.now.currency())).collect();
    currencies.sort_by_key(|currency| currency.code());
    currencies.dedup();
    let total = |currency: Currency| {
        let agreements: Vec<&Agreement> =
            sheet.agreements.iter().filter(|one| one.currency == currency).collect();
        let moved: Vec<&&Agreement> = agreements.iter().filter(|one| one.moves_on.is_some()).collect();
        let bills = || sheet.bills.iter().filter(|bill| bill.now.currency() == currency);
        Ok(Total {
            currency,
            agreements: agreements.len(),
            moved: moved.len(),
            monthly: Money::sum(currency, moved.iter().filter_map(|one| one.monthly))?,
            billed_now: Money::sum(currency, bills().map(|bill| bill.now))?,
            billed_then: Money::sum(currency, bills().map(|bill| bill.then))?,
            difference: Money::sum(currency, bills().map(|bill| bill.difference))?,
        })
    };
    currencies.into_iter().map(total).collect()
}
