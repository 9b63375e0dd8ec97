//! What a customer could do to be served for less than anybody who stays: the catalogue and the policies, tried by
//! search over short sequences of commands.
//!
//! Each sequence is decided by the same code as a real one, and billed before and after each step. Then it is held
//! against a customer who takes the cheapest of its plans and does nothing.

mod customer;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use customer::{Billed, Shop};

use crate::catalogue::{self, Plan, PlanKind};
use crate::kernel::balance::Sum;
use crate::kernel::calendar::{CalendarError, Date, plus_days};
use crate::kernel::currency::Currency;
use crate::kernel::text::Code;
use crate::settings;

/// Which sequences are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The currency of the customers.
    pub currency: Currency,
    /// The first day on which they are served. Months differ, and so may what is found.
    pub from: Date,
    /// How many days they are followed.
    pub days: u16,
    /// On which days after the first they may do something; each is below `days`.
    pub on: BTreeSet<u16>,
    /// How many things each of them does after it subscribed, at most.
    pub steps: u8,
    /// How many percent a customer has to save, of what the cheapest of its plans costs, for it to be shown. Months of different
    /// lengths make some percent without anybody's fault.
    pub worth_percent: u8,
    /// At most so many sequences are tried, the short ones first.
    pub at_most: u32,
}

impl Search {
    /// Three months, two steps, at the beginning, in the middle and at the end of a month, for a saving of a tenth.
    ///
    /// # Errors
    /// [`CalendarError`] where three months from then on leave the years of the calendar.
    pub fn quarter(currency: Currency, from: Date) -> Result<Search, CalendarError> {
        plus_days(from, 91)?;
        let on = BTreeSet::from([1, 6, 14, 29, 30, 45, 60]);
        Ok(Search { currency, from, days: 91, on, steps: 2, worth_percent: 10, at_most: 100_000 })
    }
}

/// What a customer does after it has subscribed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Changes to another plan.
    Change(Code),
    /// Cancels, and subscribes to a plan on the same day.
    BeginAnew(Code),
    /// Wants so many.
    Quantity(u32),
}

/// A sequence that is worth more to the customer than staying would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loophole {
    /// What it comes to.
    pub kind: LoopholeKind,
    /// The plan that was subscribed to first.
    pub plan: Code,
    /// What was done then, and on which day after the first.
    pub steps: Vec<(u16, Move)>,
    /// How many days were served.
    pub served: u32,
    /// What was charged for them, VAT included.
    pub charged: Sum,
    /// The plan that would have been the cheapest for somebody who stays, of those that occur.
    pub cheapest: Code,
    /// How many days it serves in the same time.
    pub cheapest_served: u32,
    /// What it charges for them, VAT included.
    pub cheapest_charged: Sum,
}

/// What a loophole comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopholeKind {
    /// The customer gets more back than it paid.
    MoneyBack,
    /// The customer is served and pays nothing.
    FreeService,
    /// The customer pays less than for the cheapest of its plans.
    Cheaper,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Loopholes {
    /// The shortest sequences: none that does what another one does and more, and of those that do the same on other
    /// days the first.
    pub found: Vec<Loophole>,
    /// How many sequences were tried.
    pub tried: u32,
    /// Whether that were all.
    pub complete: bool,
}

/// Tries what customers of a catalogue could do.
///
/// ```
/// use billing_core::{audit::{Search, loopholes}, catalogue, settings};
/// let search = Search::quarter("EUR".parse()?, "2026-01-01".parse()?)?;
/// let nothing_is_sold = loopholes(&settings::State::default(), &catalogue::State::default(), &search);
/// assert_eq!((nothing_is_sold.found.len(), nothing_is_sold.complete), (0, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn loopholes(settings: &settings::State, catalogue: &catalogue::State, search: &Search) -> Loopholes {
    let sold = catalogue.newest().filter(|plan| plan.kind == PlanKind::Base);
    let sold: Vec<&Plan> = sold.filter(|plan| plan.price_in(search.currency).is_some()).collect();
    let shop = Shop::new(settings, catalogue);
    let try_out = |plan: &Code, steps: &[(u16, Move)]| shop.billed(search, plan, steps);
    let stays: BTreeMap<&Code, Billed> =
        sold.iter().filter_map(|plan| Some((&plan.code, try_out(&plan.code, &[])?))).collect();

    let mut found: Vec<Loophole> = Vec::new();
    let mut tried = 0;
    let mut begun: Vec<(&Code, Vec<(u16, Move)>)> =
        sold.iter().map(|plan| (&plan.code, Vec::new())).collect();
    for _ in 0..search.steps {
        let mut next = Vec::new();
        for (plan, steps) in &begun {
            for step in one_more(&sold, plan, steps, search) {
                if tried == search.at_most {
                    return Loopholes { found, tried, complete: false };
                }
                let steps: Vec<(u16, Move)> = steps.iter().cloned().chain([step]).collect();
                tried += 1;
                let Some(billed) = try_out(plan, &steps) else { continue };
                match cheaper(plan, &steps, &billed, &stays, search) {
                    Some(loophole) => {
                        if !found.iter().any(|known| known.is_in(&loophole)) {
                            found.push(loophole);
                        }
                    }
                    None => next.push((*plan, steps)),
                }
            }
        }
        begun = next;
    }
    Loopholes { found, tried, complete: true }
}

/// What could be done next: on the day of the last step or later.
fn one_more(
    sold: &[&Plan],
    plan: &Code,
    steps: &[(u16, Move)],
    search: &Search,
) -> impl Iterator<Item = (u16, Move)> {
    let since = steps.last().map_or(0, |(day, _)| *day);
    let now = steps.iter().rev().find_map(|(_, step)| step.plan()).unwrap_or(plan).clone();
    let has_more = steps.iter().rev().find_map(|(_, step)| match step {
        Move::Quantity(quantity) => Some(*quantity > 1),
        Move::BeginAnew(_) => Some(false),
        Move::Change(_) => None,
    });
    let others = sold.iter().map(|plan| plan.code.clone()).filter(move |other| *other != now);
    let moves = sold.iter().map(|plan| Move::BeginAnew(plan.code.clone()));
    let moves = moves.chain(others.map(Move::Change));
    let quantity = Move::Quantity(if has_more == Some(true) { 1 } else { 10 });
    let moves: Vec<Move> = moves.chain([quantity]).collect();
    let days: Vec<u16> = search.on.range(since.max(1)..search.days).copied().collect();
    days.into_iter().flat_map(move |day| moves.clone().into_iter().map(move |step| (day, step)))
}

/// The loophole, if it is one.
fn cheaper(
    plan: &Code,
    steps: &[(u16, Move)],
    billed: &Billed,
    stays: &BTreeMap<&Code, Billed>,
    search: &Search,
) -> Option<Loophole> {
    let plans = || [plan].into_iter().chain(steps.iter().filter_map(|(_, step)| step.plan()));
    // Price a day, compared without dividing.
    let (cheapest, staying) = plans()
        .filter_map(|plan| Some((plan, stays.get(plan)?)))
        .filter(|(_, stays)| stays.days > 0)
        .min_by_key(|(_, stays)| stays.charged.minor() * i128::from(search.days) / i128::from(stays.days))?;
    let charged = billed.charged.minor() * i128::from(staying.days);
    let ordinary = staying.charged.minor() * i128::from(billed.days);
    let saved = ordinary - charged;
    let kind = match billed.charged.minor() {
        ..0 => LoopholeKind::MoneyBack,
        0 if ordinary > 0 => LoopholeKind::FreeService,
        _ if saved > 0 && ordinary * i128::from(search.worth_percent) <= saved * 100 => LoopholeKind::Cheaper,
        _ => return None,
    };
    Some(Loophole {
        kind,
        plan: plan.clone(),
        steps: steps.to_vec(),
        served: billed.days,
        charged: billed.charged,
        cheapest: cheapest.clone(),
        cheapest_served: staying.days,
        cheapest_charged: staying.charged,
    })
}

impl Move {
    /// The plan from then on, where it says.
    fn plan(&self) -> Option<&Code> {
        match self {
            Move::Change(plan) | Move::BeginAnew(plan) => Some(plan),
            Move::Quantity(_) => None,
        }
    }
}

impl Loophole {
    /// Whether another one does the same things, on whatever days, and others between them.
    fn is_in(&self, other: &Loophole) -> bool {
        let mut moves = other.steps.iter().map(|(_, step)| step);
        self.plan == other.plan && self.steps.iter().all(|(_, step)| moves.any(|other| other == step))
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Move::Change(plan) => write!(f, "change to {plan}"),
            Move::BeginAnew(plan) => write!(f, "cancel and subscribe to {plan}"),
            Move::Quantity(quantity) => write!(f, "take {quantity}"),
        }
    }
}

impl fmt::Display for Loophole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscribe to {}", self.plan)?;
        for (day, step) in &self.steps {
            write!(f, "; after {day} days {step}")?;
        }
        let Loophole { served, charged, cheapest, cheapest_served, cheapest_charged, .. } = self;
        match self.kind {
            LoopholeKind::MoneyBack => {
                write!(f, ": {served} days are served and {charged} is charged, so that money goes back")?
            }
            LoopholeKind::FreeService => write!(f, ": {served} days are served for nothing")?,
            LoopholeKind::Cheaper => write!(f, ": {served} days are served for {charged}")?,
        }
        write!(f, ", where {cheapest} alone costs {cheapest_charged} for {cheapest_served} days.")
    }
}
