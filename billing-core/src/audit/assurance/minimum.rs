//! Whether periods come to the minimum that was agreed for them: what documents say of their days, added up line by
//! line, against the true-ups beside it.

use super::GapKind;
use super::billed::Billed;
use crate::catalogue::PhaseKind;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::exact::Exact;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::Period;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Code;
use crate::settings::Dialect;
use crate::subscriptions::{Segment, Timeline, is_plan};

/// The periods of a component that are over by a day and come to something else than was agreed.
///
/// Amounts are held to a minor unit a line: each line is rounded by itself. A part of a period of which no true-up says
/// which part it is, is not looked at under the dialects that measure parts against other periods.
pub(super) fn short_periods(
    timeline: &Timeline<'_>,
    billed: &Billed,
    (subscription, component): (SubscriptionId, &Code),
    through: Date,
) -> Vec<(Period, GapKind)> {
    let of_period = |(period, full): (Period, Period)| {
        let committed = timeline.terms_on(period.from())?.agreed.commitment.as_deref()?;
        let free_until = timeline.terms_on(period.from())?.free_until;
        let free = free_until.and_then(|until| period.split_at(until).0).map_or(0, |free| free.days());
        let sums = billed.sums((subscription, component, is_plan(component)), period).ok()?;
        let part = match sums.part {
            Some(part) => part,
            None if period == full && free == 0 => (1, 1),
            None => by_days(&sums.dialects, period.days() - free, full.days())?,
        };
        let minimum = Exact::from(committed.minimum).part(part.0, part.1).ok()?;
        let minimum = minimum.rounded(Rounding::HalfUp).ok()?;
        let charged = Sums::of(&sums.charged, minimum.currency()).ok()?;
        let true_up = Sums::of(&sums.true_ups, minimum.currency()).ok()?;
        let total = charged.plus(true_up).ok()?;
        let true_up = true_up.plus(Sums::of(&sums.beside, minimum.currency()).ok()?).ok()?;
        let allowed = i64::from(sums.lines);
        let below = total.minus(minimum).ok()?.minor() < -allowed;
        let above = charged.plus(true_up).ok()?.minus(minimum).ok()?.minor() > allowed;
        let kind = match (below, above && true_up.minor() > allowed) {
            (true, _) => GapKind::BelowMinimum { minimum, billed: total },
            (false, true) => GapKind::AboveMinimum { minimum, charged, true_up },
            (false, false) => return None,
        };
        Some((period, kind))
    };
    periods(timeline, through).into_iter().filter_map(of_period).collect()
}

/// What documents say of some days.
pub(super) struct Sums {
    pub(super) charged: Vec<Exact>,
    /// Of just these days.
    pub(super) true_ups: Vec<Exact>,
    /// Of days that are no such period any more; and below zero, favours and what discounts took off whole.
    pub(super) beside: Vec<Exact>,
    /// The part of the minimum that a true-up says they are.
    pub(super) part: Option<(u32, u32)>,
    /// How parts of periods are measured on the documents that bill them.
    pub(super) dialects: Vec<Dialect>,
    pub(super) lines: u32,
}

/// The part of a period that some days are; none where one of the dialects measures it against another period,
/// or by the second.
fn by_days(dialects: &[Dialect], days: u32, of: u32) -> Option<(u32, u32)> {
    let otherwise = |dialect: &Dialect| match dialect {
        Dialect::KillBill | Dialect::KillBillFixed30 | Dialect::BySecond(_) => true,
        Dialect::Own | Dialect::Lago | Dialect::Meteroid | Dialect::OpenMeter | Dialect::Flexprice => false,
    };
    (!dialects.iter().any(otherwise)).then_some((days, of))
}

/// What of an amount falls on some days of it.
pub(super) fn on_days(amount: Money, days: u32, of: u32) -> Result<Exact, MoneyError> {
    Exact::from(amount).part(days, of)
}

impl Sums {
    fn of(sums: &[Exact], currency: Currency) -> Result<Money, MoneyError> {
        let sum = sums.iter().try_fold(Exact::zero(currency), |sum, one| sum.plus(*one))?;
        sum.rounded(Rounding::HalfUp)
    }
}

/// The periods for which a minimum was agreed and that are over by a day, with the whole ones that contain them.
fn periods(timeline: &Timeline<'_>, through: Date) -> Vec<(Period, Period)> {
    let segments = timeline.segments();
    let mut periods = Vec::new();
    let mut at = 0;
    while let Some(Segment { from, terms }) = segments.get(at).filter(|segment| segment.from <= through) {
        at += 1;
        let Some(terms) = terms.filter(|terms| terms.phase != PhaseKind::Trial) else { continue };
        let Some(committed) = &terms.agreed.commitment else { continue };
        let goes_on = |next: &&Segment<'_>| {
            next.terms.is_some_and(|next| {
                next.agreed.commitment.as_ref() == Some(committed)
                    && next.cycle == terms.cycle
                    && next.plan() == terms.plan()
                    && next.agreed.plan_version == terms.agreed.plan_version
                    && next.phase != PhaseKind::Trial
            })
        };
        while segments.get(at).filter(goes_on).is_some() {
            at += 1;
        }
        let end = segments.get(at).map_or(Date::MAX, |next| next.from);
        let mut day = *from;
        while day < end {
            let Ok(full) = terms.cycle.period_containing(day) else { break };
            let Ok(period) = Period::new(day, full.to().min(end)) else { break };
            if through < period.to() {
                break;
            }
            periods.push((period, full));
            day = period.to();
        }
    }
    periods
}
