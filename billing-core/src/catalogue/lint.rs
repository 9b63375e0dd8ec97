//! What a product manager would want to know before a catalogue is sold from: prices and plans that can be, and are
//! surely not meant.

mod commitment;
mod curve;
mod finding;
#[cfg(test)]
mod tests;
mod tiers;

use std::collections::BTreeSet;

pub use finding::{Finding, Kind, Place};

use curve::Curve;

use super::phase::{Meter, Phase, PhaseKind};
use super::plan::{Plan, PlanKind};
use super::price::Price;
use super::state::State;
use crate::kernel::calendar::Interval;
use crate::kernel::currency::Currency;
use crate::kernel::money::Money;

/// Looks at the newest version of every plan and add-on, which is what is still sold: in order of codes, and within a
/// plan of its places. Nothing in it is refused when it is published, and nothing is changed.
///
/// Prices are held against themselves at each end of a tier, on both sides of it, and amounts are rounded half up.
///
/// ```
/// use billing_core::catalogue::{State, lint::lint};
/// assert_eq!(lint(&State::default()), []);
/// ```
pub fn lint(catalogue: &State) -> Vec<Finding> {
    catalogue.newest().flat_map(|plan| of_plan(plan).into_iter().map(|found| found.of(plan))).collect()
}

/// What was found, and where in the plan.
struct Found {
    place: Place,
    currency: Option<Currency>,
    kind: Kind,
}

impl Found {
    fn of(self, plan: &Plan) -> Finding {
        let Found { place, currency, kind } = self;
        Finding { plan: plan.code.clone(), version: plan.version, place, currency, kind }
    }
}

fn of_plan(plan: &Plan) -> Vec<Found> {
    let whole = |kind: Kind| Found { place: Place::Plan, currency: None, kind };
    let mut found: Vec<Found> = of_offer(plan).into_iter().map(whole).collect();
    for (place, meter, price) in prices(plan) {
        let kinds = Curve::new(price, meter).findings().into_iter();
        found.extend(kinds.map(|kind| Found {
            place: place.clone(),
            currency: Some(price.currency()),
            kind,
        }));
    }
    found.extend(commitment::findings(plan));
    for price in &plan.prices {
        let currency = price.currency();
        found.extend(free_with_fee(plan, price).map(|kind| Found {
            place: Place::Plan,
            currency: Some(currency),
            kind,
        }));
        for (number, phase) in (1..).zip(&plan.phases) {
            found.extend(dearer(plan, phase, price).map(|kind| Found {
                place: Place::Phase { number },
                currency: Some(currency),
                kind,
            }));
        }
    }
    found
}

/// Every price of a plan, where it stands, and what is counted for it.
fn prices(plan: &Plan) -> impl Iterator<Item = (Place, Option<&Meter>, &Price)> {
    let own = plan.prices.iter().map(|price| (Place::Plan, plan.meter.as_ref(), price));
    let phases = (1..).zip(&plan.phases).flat_map(move |(number, phase)| {
        phase.prices.iter().map(move |price| (Place::Phase { number }, meter_in(plan, phase), price))
    });
    let charges = plan.charges.iter().flat_map(|charge| {
        let place = Place::Charge { charge: charge.code.clone() };
        charge.prices.iter().map(move |price| (place.clone(), charge.meter.as_ref(), price))
    });
    own.chain(phases).chain(charges)
}

/// A trial is billed when it begins, before anything was counted.
fn meter_in<'a>(plan: &'a Plan, phase: &Phase) -> Option<&'a Meter> {
    plan.meter.as_ref().filter(|_| phase.kind != PhaseKind::Trial)
}

/// What is wrong with the plan apart from its prices.
fn of_offer(plan: &Plan) -> Vec<Kind> {
    let mut found = Vec::new();
    match (plan.kind, plan.at_most) {
        (PlanKind::AddOn, Some(0)) => found.push(Kind::NobodyCanTake),
        (PlanKind::Base, Some(at_most)) => found.push(Kind::LimitIgnored { at_most }),
        (PlanKind::AddOn, Some(_) | None) | (PlanKind::Base, None) => {}
    }
    found.extend(never_its_own_price(plan));
    let mut charged: BTreeSet<&str> = BTreeSet::new();
    for amount in &plan.set_up {
        if plan.price_in(amount.currency()).is_none() || !charged.insert(amount.currency().code()) {
            found.push(Kind::SetUpNeverCharged { amount: *amount });
        }
    }
    let sold_in = plan.prices.iter().map(Price::currency);
    if let Some(example) =
        plan.set_up.iter().copied().find(|amount| charged.contains(amount.currency().code()))
    {
        let without = sold_in.filter(|currency| plan.set_up_in(*currency).is_none());
        found.extend(without.map(|currency| Kind::SetUpMissing { currency, elsewhere: example }));
    }
    let meters = plan.meter.iter().chain(plan.charges.iter().filter_map(|charge| charge.meter.as_ref()));
    let thresholds = meters.filter_map(|meter| meter.threshold);
    let unsold = thresholds.filter(|threshold| plan.price_in(threshold.currency()).is_none());
    found.extend(unsold.map(|threshold| Kind::ThresholdNeverReached { threshold }));
    found
}

/// A term that is over before the introductory prices are.
fn never_its_own_price(plan: &Plan) -> Option<Kind> {
    let term = plan.term?;
    let introductory = plan.phases.iter().filter(|phase| phase.kind == PhaseKind::Introductory);
    let intervals: Vec<Interval> = introductory.map(|phase| phase.lasts).collect();
    let months = intervals.iter().map(|interval| months_of(*interval)).sum::<Option<u32>>();
    let over = match (months, months_of(term)) {
        (Some(introductory), Some(term)) => term <= introductory,
        (Some(_) | None, Some(_) | None) => {
            longest(term) <= intervals.iter().map(|interval| shortest(*interval)).sum()
        }
    };
    (over && !intervals.is_empty()).then_some(Kind::OwnPriceNeverAsked { term })
}

/// Free for everybody, but for a fee to begin.
fn free_with_fee(plan: &Plan, price: &Price) -> Option<Kind> {
    let fee = plan.set_up_in(price.currency()).filter(|fee| fee.is_positive())?;
    let beside = plan
        .charges
        .iter()
        .filter_map(|charge| Some(Curve::new(charge.price_in(price.currency())?, charge.meter.as_ref())));
    let mut all = beside.chain([Curve::new(price, plan.meter.as_ref())]);
    all.all(|curve| curve.is_free()).then_some(Kind::FreeWithSetUp { fee })
}

/// A phase that is to win a customer and costs more than what comes after it.
fn dearer(plan: &Plan, phase: &Phase, own: &Price) -> Option<Kind> {
    let before = Curve::new(phase.price_in(own.currency())?, meter_in(plan, phase));
    let after = Curve::new(own, plan.meter.as_ref());
    let mut quantities = before.quantities();
    quantities.extend(after.quantities());
    quantities.into_iter().find_map(|quantity| {
        let (costs, own) = (before.cost(quantity)?, after.cost(quantity)?);
        let dearer = match phase.kind {
            PhaseKind::Trial => dearer_by_the_day(costs, phase.lasts, own, plan.interval),
            PhaseKind::Introductory | PhaseKind::Standing => costs.minor() > own.minor(),
        };
        dearer.then_some(match phase.kind {
            PhaseKind::Trial => {
                Kind::TrialDearer { quantity, costs, lasts: phase.lasts, own, interval: plan.interval }
            }
            PhaseKind::Introductory | PhaseKind::Standing => Kind::PhaseDearer { quantity, costs, own },
        })
    })
}

/// A trial has one price for all of its days. Where months and days meet, only what is dearer in every month counts.
fn dearer_by_the_day(trial: Money, lasts: Interval, own: Money, interval: Interval) -> bool {
    let (lasts, interval) = match (months_of(lasts), months_of(interval)) {
        (Some(lasts), Some(interval)) => (lasts, interval),
        (Some(_) | None, Some(_) | None) => (longest(lasts), shortest(interval)),
    };
    i128::from(trial.minor()) * i128::from(interval) > i128::from(own.minor()) * i128::from(lasts)
}

fn months_of(interval: Interval) -> Option<u32> {
    match interval {
        Interval::Months(months) => Some(months.get().into()),
        Interval::Days(_) | Interval::Weeks(_) => None,
    }
}

/// The fewest days that it can have.
fn shortest(interval: Interval) -> u32 {
    days(interval, 28)
}

/// The most.
fn longest(interval: Interval) -> u32 {
    days(interval, 31)
}

fn days(interval: Interval, of_a_month: u32) -> u32 {
    match interval {
        Interval::Days(days) => days.get().into(),
        Interval::Weeks(weeks) => u32::from(weeks.get()) * 7,
        Interval::Months(months) => u32::from(months.get()) * of_a_month,
    }
}
