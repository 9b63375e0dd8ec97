//! Trials and prices for the beginning of a plan, from the keys of a case.

use billing_core::kernel::calendar::Date;
use billing_core::prelude::*;

use crate::form::given::day_of_month;
use crate::form::interval::{days, months};
use crate::form::plan::{PhaseForm, PlanForm};
use crate::verdict::{Outcome, Stop};

/// The phases of a plan, and what the last of them says about the time after them.
#[derive(Debug, Default)]
pub(crate) struct Phased {
    pub(crate) phases: Vec<Phase>,
    /// The price that counts from then on, where the last phase gives it.
    pub(crate) price: Option<Price>,
    pub(crate) anchor_day: Option<DayOfMonth>,
    /// How long all of it lasts, where the last phase ends.
    pub(crate) term: Option<Interval>,
}

/// What a case says about the beginning of a plan.
pub(crate) fn phases(form: &PlanForm, currency: Currency) -> Outcome<Phased> {
    let mut phased = Phased::default();
    if let Some(lasts) = form.keys.trial_days.and_then(days) {
        let price = form.keys.trial_price.as_ref().filter(|price| !price.is_zero());
        let prices = price.map(|price| Ok::<_, Stop>(Price::Flat(price.money(currency)?))).transpose()?;
        let prices = prices.into_iter().collect();
        phased.phases.push(Phase { kind: PhaseKind::Trial, lasts, prices, anchor_day: None });
    }
    let Some((last, before)) = form.keys.phases.split_last() else { return Ok(phased) };
    // Where the last phase ends and the plan has a price, that price counts after it.
    let goes_on = form.keys.price.is_some() && lasts(last, None)?.is_some();
    let before = if goes_on { form.keys.phases.as_slice() } else { before };
    for (place, phase) in before.iter().enumerate() {
        let next = form.keys.phases.get(place + 1).and_then(|next| next.from);
        let lasts = lasts(phase, next)?.ok_or_else(|| Stop::unsupported("a phase without its length"))?;
        let prices = vec![Price::PerSeat(phase.price.money(currency)?)];
        let anchor_day = day_of_month(phase.bill_cycle_day)?;
        phased.phases.push(Phase { kind: PhaseKind::Introductory, lasts, prices, anchor_day });
    }
    if goes_on {
        return Ok(phased);
    }
    phased.price = Some(Price::PerSeat(last.price.money(currency)?));
    phased.anchor_day = day_of_month(last.bill_cycle_day)?;
    if lasts(last, None)?.is_some() {
        phased.term = Some(whole_term(&form.keys.phases)?);
    }
    Ok(phased)
}

/// How long a phase lasts: as it says, or up to the day on which the next one begins.
fn lasts(phase: &PhaseForm, next: Option<Date>) -> Outcome<Option<Interval>> {
    let no = || Stop::unsupported("a phase of no days");
    match (phase.months, phase.days, phase.from, next) {
        (_, _, Some(from), Some(next)) => {
            let between = u16::try_from(next.days_since(from)).ok().and_then(days);
            Ok(Some(between.ok_or_else(no)?))
        }
        (Some(count), None, _, _) => Ok(Some(months(count).ok_or_else(no)?)),
        (None, Some(count), _, _) => Ok(Some(days(count).ok_or_else(no)?)),
        (None, None, _, _) => Ok(None),
        (Some(_), Some(_), _, _) => Err(Stop::unsupported("a phase of months and of days")),
    }
}

/// The term of a plan all of whose phases end.
fn whole_term(phases: &[PhaseForm]) -> Outcome<Interval> {
    let all = |of: fn(&PhaseForm) -> Option<u16>| phases.iter().map(of).sum::<Option<u16>>();
    let term = all(|phase| phase.months).and_then(months).or(all(|phase| phase.days).and_then(days));
    term.ok_or_else(|| Stop::unsupported("phases of months and of days that all end"))
}
