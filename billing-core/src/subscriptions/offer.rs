//! What the catalogue offers a customer for a plan from a day on: its phases with their dates, and its periods.

use super::agreed::{Agreed, Committed, Fee, Stage};
use super::page::plan_component;
use super::rejection::Rejection;
use super::timeline::Terms;
use crate::catalogue::{self, Alignment, Charge, Commitment, PhaseKind, Plan, PlanKind, Price, Timing};
use crate::kernel::calendar::{CalendarError, Cycle, Date, DayOfMonth, Interval};
use crate::kernel::currency::Currency;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Code;

/// A plan that can stand alone, in the version that is sold for a day.
pub(super) fn base_plan<'a>(
    catalogue: &'a catalogue::State,
    plan: &Code,
    on: Date,
) -> Result<&'a Plan, Rejection> {
    let found = sold(catalogue, plan, on)?;
    match found.kind {
        PlanKind::Base => Ok(found),
        PlanKind::AddOn => Err(Rejection::AddOnWithoutPlan(plan.clone())),
    }
}

/// A plan that goes with another, in the version that is sold for a day.
pub(super) fn add_on<'a>(
    catalogue: &'a catalogue::State,
    plan: &Code,
    on: Date,
) -> Result<&'a Plan, Rejection> {
    let found = sold(catalogue, plan, on)?;
    match found.kind {
        PlanKind::AddOn => Ok(found),
        PlanKind::Base => Err(Rejection::NotAnAddOn(plan.clone())),
    }
}

/// The version that is sold for a day.
fn sold<'a>(catalogue: &'a catalogue::State, plan: &Code, on: Date) -> Result<&'a Plan, Rejection> {
    catalogue.plan_on(plan, on).ok_or_else(|| match catalogue.plan(plan) {
        Some(_) => Rejection::NotSoldYet { plan: plan.clone(), on },
        None => Rejection::UnknownPlan(plan.clone()),
    })
}

/// Its price in the account's currency.
pub(super) fn price(plan: &Plan, currency: Currency) -> Result<&Price, Rejection> {
    plan.price_in(currency).ok_or_else(|| Rejection::NoPrice { plan: plan.code.clone(), currency })
}

/// What an agreement is made from.
pub(super) struct Offer<'a> {
    pub(super) plan: &'a Plan,
    pub(super) currency: Currency,
    /// The first day on which it counts.
    pub(super) from: Date,
    /// The day from which its phases are counted: the first of the subscription, or of the add-on.
    pub(super) counted_from: Date,
    /// How many; without it, as many as before.
    pub(super) quantity: Option<u32>,
    /// The day of the month that the customer asked for.
    pub(super) anchor_day: Option<DayOfMonth>,
    /// The first day that is paid for of the subscription, where it is agreed already.
    pub(super) subscription_paid: Option<Date>,
    /// The account's day of the month, else the first day that the account pays for otherwise.
    pub(super) account_day: Option<DayOfMonth>,
    pub(super) first_paid_day: Option<Date>,
    /// Whether the days of a free trial lie in the first period that is billed, and cost nothing in it.
    pub(super) trial_in_line: bool,
    /// Whether periods that follow the subscription are anniversaries of the day from which its phases are counted.
    pub(super) anniversaries: bool,
    /// The cycle that goes on, where the plan before it has the same interval.
    pub(super) running: Option<Cycle>,
}

impl Offer<'_> {
    /// The plan and its charges.
    pub(super) fn with_charges(&self) -> Result<Vec<Agreed>, Rejection> {
        let plan = self.agreed(plan_component())?;
        let charges = self.plan.charges.iter().map(|charge| self.charge(charge, &plan));
        let charges = charges.collect::<Result<Vec<Agreed>, Rejection>>()?;
        Ok([plan].into_iter().chain(charges).collect())
    }

    /// The plan alone, as a component of this name.
    pub(super) fn agreed(&self, component: Code) -> Result<Agreed, Rejection> {
        let Plan { code, version, name, timing, tax_code, meter, .. } = self.plan;
        let spans = self.phases()?;
        let spans =
            if self.trial_in_line && *timing == Timing::InArrears { trials_in_line(spans) } else { spans };
        let first_paid = spans.iter().find(|span| span.phase != PhaseKind::Trial).map(|span| span.from);
        let first_paid = first_paid.unwrap_or(self.from);
        let mut stages = Vec::new();
        for span in &spans {
            let cycle = self.cycle(span, first_paid)?;
            // Refused now rather than when it is billed.
            cycle.period_containing(span.from)?;
            let (from, phase, free_until) = (span.from, span.phase, span.free_until);
            stages.push(Stage { from, phase, price: self.price(span)?, cycle, free_until });
        }
        let until = self.plan.term.map(|term| Cycle::starting(first_paid, term)?.boundary(1)).transpose()?;
        let fee = self.plan.set_up_in(self.currency).map(|amount| Fee { on: first_paid, amount });
        Ok(Agreed {
            component,
            plan: code.clone(),
            plan_version: *version,
            name: name.clone(),
            quantity: self.quantity,
            timing: *timing,
            tax_code: tax_code.clone(),
            meter: meter.clone(),
            stages,
            fee,
            until,
            alignment: self.alignment(),
            commitment: self.committed(self.plan.commitment.as_ref()),
        })
    }

    /// Where its periods begin: a day of the month of its own comes before that of the plan.
    fn alignment(&self) -> Alignment {
        let of_phase = self.plan.phases.iter().find_map(|phase| phase.anchor_day);
        self.anchor_day.or(of_phase).map_or(self.plan.alignment, Alignment::Day)
    }

    fn committed(&self, commitment: Option<&Commitment>) -> Option<Box<Committed>> {
        let Commitment { name, tax_code, .. } = commitment?;
        let minimum = commitment?.minimum_in(self.currency)?;
        Some(Box::new(Committed { name: name.clone(), minimum, tax_code: tax_code.clone() }))
    }

    /// A charge beside the plan: in its periods, and not in its trial.
    fn charge(&self, charge: &Charge, plan: &Agreed) -> Result<Agreed, Rejection> {
        let no_price = || Rejection::NoPrice { plan: plan.plan.clone(), currency: self.currency };
        let price = charge.price_in(self.currency).ok_or_else(no_price)?;
        // A free trial is one line, that of the plan.
        let charged = plan.stages.iter().filter(|stage| stage.phase != PhaseKind::Trial);
        let stages = charged.map(|stage| Stage { price: price.clone(), ..stage.clone() }).collect();
        let component = format!("{}.{}", plan_component(), charge.code);
        Ok(Agreed {
            component: Code::parse(&component).map_err(|_| Rejection::LongCode(charge.code.clone()))?,
            name: charge.name.clone(),
            tax_code: charge.tax_code.clone(),
            meter: charge.meter.clone(),
            stages,
            fee: None,
            commitment: self.committed(charge.commitment.as_ref()),
            ..plan.clone()
        })
    }

    /// The phases that are not over when it begins to count, with their first days.
    fn phases(&self) -> Result<Vec<Span<'_>>, Rejection> {
        let mut spans = Vec::new();
        let mut from = self.counted_from;
        let standing = (PhaseKind::Standing, None);
        let phases = self.plan.phases.iter().map(|phase| (phase.kind, Some(phase)));
        for (kind, phase) in phases.chain([standing]) {
            let to = match phase {
                Some(phase) => Cycle::starting(from, phase.lasts)?.boundary(1)?,
                None => Date::MAX,
            };
            if self.from < to {
                let free_until = None;
                spans.push(Span { from: from.max(self.from), to, phase: kind, of: phase, free_until });
            }
            from = to;
        }
        Ok(spans)
    }

    fn price(&self, span: &Span<'_>) -> Result<Price, Rejection> {
        match (span.of, span.phase) {
            (None, _) => price(self.plan, self.currency).cloned(),
            (Some(phase), kind) => match (phase.price_in(self.currency), kind) {
                (Some(price), _) => Ok(price.clone()),
                (None, PhaseKind::Trial) => Ok(Price::Flat(Money::zero(self.currency))),
                (None, PhaseKind::Introductory | PhaseKind::Standing) => {
                    Err(Rejection::NoPrice { plan: self.plan.code.clone(), currency: self.currency })
                }
            },
        }
    }

    /// When the periods of a phase begin and end.
    fn cycle(&self, span: &Span<'_>, first_paid: Date) -> Result<Cycle, CalendarError> {
        let interval = self.plan.interval;
        if span.phase == PhaseKind::Trial {
            return match u16::try_from(span.to.days_since(span.from)).ok().and_then(std::num::NonZeroU16::new)
            {
                Some(days) => Cycle::starting(span.from, Interval::Days(days)),
                None => Err(CalendarError::OutOfRange),
            };
        }
        if let Some(running) =
            self.running.filter(|running| running.interval() == interval && span.from == self.from)
        {
            return Ok(running);
        }
        let own = span.of.and_then(|phase| phase.anchor_day).or(self.anchor_day);
        if self.anniversaries && self.plan.alignment == Alignment::Subscription {
            let day = DayOfMonth::of(self.counted_from)?;
            if own.is_none_or(|own| own == day) {
                return Cycle::starting(self.counted_from, interval);
            }
        }
        match (interval, own, self.plan.alignment) {
            (Interval::Months(_), Some(day), _) => Cycle::anchored(interval, span.from, day),
            (Interval::Months(_), None, Alignment::Day(day)) => Cycle::anchored(interval, span.from, day),
            (Interval::Months(_), None, Alignment::Account) => {
                let first_paid = self.first_paid_day.map_or(first_paid, |before| before.min(first_paid));
                let day = self.account_day.map_or_else(|| DayOfMonth::of(first_paid), Ok)?;
                Cycle::anchored(interval, span.from, day)
            }
            (Interval::Months(_), None, Alignment::Subscription) => {
                let first_paid = self.subscription_paid.unwrap_or(first_paid);
                Cycle::anchored(interval, span.from, DayOfMonth::of(first_paid)?)
            }
            (_, None, Alignment::Calendar) => Cycle::calendar(interval, span.from),
            (Interval::Days(_) | Interval::Weeks(_), None, Alignment::Subscription) => {
                Cycle::starting(self.subscription_paid.unwrap_or(span.from), interval)
            }
            (Interval::Days(_) | Interval::Weeks(_), _, _) => Cycle::starting(span.from, interval),
        }
    }
}

/// A phase with its dates, or the plan's own price after the last of them.
struct Span<'a> {
    from: Date,
    to: Date,
    phase: PhaseKind,
    of: Option<&'a catalogue::Phase>,
    free_until: Option<Date>,
}

/// A free trial becomes days of the phase behind it that cost nothing.
fn trials_in_line(spans: Vec<Span<'_>>) -> Vec<Span<'_>> {
    let mut begins = None;
    let mut in_line = Vec::new();
    for span in spans {
        if span.phase == PhaseKind::Trial && span.of.is_none_or(|phase| phase.prices.is_empty()) {
            begins = begins.or(Some(span.from));
            continue;
        }
        in_line.push(match begins.take() {
            Some(from) => Span { from, free_until: Some(span.from), ..span },
            None => span,
        });
    }
    in_line
}

/// Whether `price x quantity` in `interval` is more than what the terms ask for, or can't be compared with it.
pub(super) fn is_more(
    terms: &Terms<'_>,
    price: &Price,
    quantity: u32,
    interval: Interval,
) -> Result<bool, Rejection> {
    let before = full_price(terms.price, terms.quantity)?;
    let after = full_price(price, quantity)?;
    Ok(interval != terms.cycle.interval() || after.cmp_to(before)?.is_gt())
}

/// The price of a whole period.
pub(super) fn full_price(price: &Price, quantity: u32) -> Result<Money, Rejection> {
    Ok(price.for_quantity(Quantity::whole(quantity.into()), Rounding::HalfUp)?)
}
