//! What a minimum commitment asks for: its periods, held against what was charged of them.

use super::Rejection;
use super::commitments::{Charge, Commitments, Manner, Posting, Standing, TrueUp};
use super::line::{self, LineRef, Part};
use super::proration::{Days, part};
use super::state::State;
use crate::catalogue::{PhaseKind, Price, Working};
use crate::kernel::calendar::Date;
use crate::kernel::exact::Exact;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Code, Label};
use crate::settings::Dialect;
use crate::subscriptions::{self, Committed, Subscription, Terms, Timeline};

/// What a commitment asks for.
#[derive(Debug)]
pub(super) enum Owed<'a> {
    /// A true-up.
    Missing(Missing<'a>),
    /// A true-up that is more than is missing.
    TooMuch(TooMuch),
}

/// What the charges of a period are short of its minimum.
#[derive(Debug)]
pub(super) struct Missing<'a> {
    pub(super) period: Period,
    pub(super) part: Option<Part>,
    pub(super) terms: Terms<'a>,
    pub(super) committed: &'a Committed,
    /// What the period came to, with the true-ups that stand.
    pub(super) charged: Money,
    pub(super) net: Money,
}

/// As much of a true-up as is not missing any more.
#[derive(Debug)]
pub(super) struct TooMuch {
    pub(super) plan: Code,
    /// The words of the true-up.
    pub(super) text: Label,
    pub(super) period: Period,
    pub(super) line: LineRef,
    /// Before discounts.
    pub(super) amount: Money,
    /// Whether that is the whole true-up.
    pub(super) all: bool,
}

/// A period, or a part of one, for which a minimum was agreed.
#[derive(Clone, Copy)]
struct Window<'a> {
    period: Period,
    /// The whole period of the cycle that contains it.
    full: Period,
    /// The days on which the commitment counts.
    stretch: Period,
    terms: Terms<'a>,
    committed: &'a Committed,
}

impl Commitments {
    /// What is owed of the commitment of a component once its periods through a day are over, in order of time.
    pub(super) fn owed<'a>(
        &self,
        subscription: SubscriptionId,
        component: &Code,
        timeline: &Timeline<'a>,
        through: Date,
        manner: Manner,
    ) -> Result<Vec<Owed<'a>>, Rejection> {
        let standing = self.standing(subscription);
        let mut owed = Vec::new();
        for window in windows(timeline) {
            let window = window?;
            if through < window.period.to() {
                break;
            }
            owed.extend(of_window(&standing, component, &window, manner)?);
        }
        for (true_up, due_on) in gone(&standing.true_ups, component, timeline) {
            if due_on <= through {
                owed.extend(too_much(&[true_up], true_up.amount)?);
            }
        }
        Ok(owed)
    }

    /// The first day through which a bill may have something to do for the commitments of a customer: days that were
    /// billed before there was one are not known here, and may make up for what is missing.
    pub fn first_due(&self, subscriptions: &subscriptions::State) -> Option<Date> {
        let concerned = subscriptions.subscriptions().filter(|(id, one)| self.concern(*id, one));
        concerned.filter_map(|(id, subscription)| self.first_due_of(id, subscription)).min()
    }

    fn first_due_of(&self, id: SubscriptionId, subscription: &Subscription) -> Option<Date> {
        let standing = self.standing(id);
        let timelines = subscription.timelines();
        timelines.filter_map(|(component, timeline)| first_of(&standing, component, &timeline)).min()
    }
}

/// The first day through which a bill has something to do for the commitments of a customer.
pub(super) fn first_due(page: &State, subscriptions: &subscriptions::State) -> Option<Date> {
    let known = &page.commitments;
    let concerned = subscriptions.subscriptions().filter(|(id, one)| known.concern(*id, one));
    // What can't be reckoned is refused when it is billed.
    let first = |(id, one)| known.with_earlier(page, id, &[]).ok()?.first_due_of(id, one);
    concerned.filter_map(first).min()
}

/// The first day on which something is owed of a component.
fn first_of(standing: &Standing<'_>, component: &Code, timeline: &Timeline<'_>) -> Option<Date> {
    // Until something was billed of a period, the bill that does so comes first.
    let manner = Manner { dialect: Dialect::default(), rounding: Rounding::default() };
    let owes = |window: &Window<'_>| {
        of_window(standing, component, window, manner).is_ok_and(|owed| !owed.is_empty())
    };
    // A period beyond the calendar is never due.
    let window = windows(timeline).map_while(Result::ok).find(owes).map(|window| window.period.to());
    let gone = gone(&standing.true_ups, component, timeline).into_iter();
    window.into_iter().chain(gone.filter(|(one, _)| one.left.is_positive()).map(|(_, due_on)| due_on)).min()
}

/// What a period is short of its minimum, or what of its true-ups is too much.
fn of_window<'a>(
    Standing { charges, true_ups }: &Standing<'_>,
    component: &Code,
    window: &Window<'a>,
    manner: Manner,
) -> Result<Vec<Owed<'a>>, Rejection> {
    let Window { period, terms, committed, .. } = *window;
    let whole = subscriptions::is_plan(component);
    let counts = |one: &Posting| whole || one.component == *component;
    let here = |charge: &&Charge<'_>| counts(charge.first) && charge.days.overlap(period).is_some();
    let own: Vec<TrueUp<'_>> = true_ups
        .iter()
        .filter(|one| one.first.component == *component && window.is_of(one))
        .copied()
        .collect();
    let manner = charges.iter().filter(here).map(|charge| charge.manner).next_back().unwrap_or(manner);
    let mut charged = Exact::zero(committed.minimum.currency());
    for charge in charges.iter().filter(here) {
        charged = charged.plus(charge.of_days(period)?)?;
    }
    // The true-up of a charge of its own counts towards that of the plan.
    for other in true_ups.iter().filter(|other| counts(other.first) && other.first.component != *component) {
        charged = charged.plus(other.of_days(period)?)?;
    }
    let charged = charged.rounded(manner.rounding)?;
    let stands = Money::sum(charged.currency(), own.iter().map(|one| one.amount))?;
    // What stands for a period was reckoned as this part of it: another dialect since then makes it no other one.
    let part = match own.last().and_then(TrueUp::of) {
        Some(of) => of.part,
        None => window.part(manner.dialect)?,
    };
    let minimum = minimum(committed, part).amount(manner.rounding)?;
    let charged = charged.plus(stands)?;
    let net = minimum.minus(charged)?;
    Ok(match net.is_negative() {
        true => too_much(&own, net.negated().at_most(stands)?)?,
        false if net.is_zero() => Vec::new(),
        false => vec![Owed::Missing(Missing { period, part, terms, committed, charged, net })],
    })
}

/// The minimum of a period, or of a part of one.
fn minimum(committed: &Committed, part: Option<Part>) -> Working {
    line::working(&Price::Flat(committed.minimum), Quantity::ONE, part, None)
}

/// Takes an amount off true-ups, the newest first.
fn too_much<'a>(true_ups: &[TrueUp<'_>], amount: Money) -> Result<Vec<Owed<'a>>, MoneyError> {
    let (mut rest, mut owed) = (amount, Vec::new());
    for true_up in true_ups.iter().rev() {
        let off = rest.at_most(true_up.left)?;
        rest = rest.minus(off)?;
        if let Some(of) = true_up.of().filter(|_| off.is_positive()) {
            let (plan, text) = (of.plan.clone(), of.text.clone());
            let (period, line, all) = (true_up.first.period, true_up.first.of, off == true_up.amount);
            owed.push(Owed::TooMuch(TooMuch { plan, text, period, line, amount: off, all }));
        }
    }
    Ok(owed)
}

/// The true-ups of a component for days that are no period of a commitment any more, and from when on that counts: the
/// end of what has come in their place, else their first day.
fn gone<'p>(true_ups: &[TrueUp<'p>], component: &Code, timeline: &Timeline<'_>) -> Vec<(TrueUp<'p>, Date)> {
    let mut gone = Vec::new();
    for true_up in true_ups.iter().filter(|one| one.first.component == *component) {
        let period = true_up.first.period;
        let mut around = windows(timeline)
            .map_while(Result::ok)
            .skip_while(|window| window.period.to() <= period.from())
            .take_while(|window| window.period.from() < period.to());
        match around.next() {
            Some(window) if window.is_of(true_up) => {}
            Some(window) => gone.push((*true_up, window.period.to())),
            None => gone.push((*true_up, period.from())),
        }
    }
    gone
}

/// The periods of a component for which a minimum was agreed, in order of time. Another quantity or price does not part
/// a period; another plan, another day of the month and a rest do.
fn windows<'a>(timeline: &Timeline<'a>) -> impl Iterator<Item = Result<Window<'a>, Rejection>> + use<'a> {
    stretches(timeline).into_iter().flat_map(|(stretch, terms, committed)| {
        let mut from = Some(stretch.from());
        std::iter::from_fn(move || {
            let start = from.take()?;
            let window = terms.cycle.period_containing(start).map_err(Rejection::from).map(|full| {
                let period = Period::new(start, full.to().min(stretch.to())).unwrap_or(full);
                Window { period, full, stretch, terms, committed }
            });
            let next = window.as_ref().ok().map(|window| window.period.to());
            from = next.filter(|next| *next < stretch.to());
            Some(window)
        })
    })
}

/// The days on which one commitment counts.
fn stretches<'a>(timeline: &Timeline<'a>) -> Vec<(Period, Terms<'a>, &'a Committed)> {
    let mut stretches: Vec<(Period, Terms<'a>, &'a Committed)> = Vec::new();
    let segments = timeline.segments();
    for (at, segment) in segments.iter().enumerate() {
        let to = segments.get(at + 1).map_or(Date::MAX, |next| next.from);
        let terms = segment.terms.filter(|terms| terms.phase != PhaseKind::Trial);
        let (Some(terms), Ok(period)) = (terms, Period::new(segment.from, to)) else { continue };
        let Some(committed) = terms.agreed.commitment.as_deref() else { continue };
        let goes_on = |(before, had, same): &&mut (Period, Terms<'a>, &'a Committed)| {
            before.to() == period.from()
                && (had.plan(), had.agreed.plan_version) == (terms.plan(), terms.agreed.plan_version)
                && *same == committed
                && had.cycle == terms.cycle
        };
        match stretches.last_mut().filter(goes_on) {
            Some((before, ..)) => *before = Period::new(before.from(), to).unwrap_or(*before),
            None => stretches.push((period, terms, committed)),
        }
    }
    stretches
}

impl Window<'_> {
    /// Whether a true-up was charged for just this period, under the plan that asks for it.
    fn is_of(&self, true_up: &TrueUp<'_>) -> bool {
        let under = (self.terms.plan(), self.terms.agreed.plan_version);
        true_up.first.period == self.period
            && true_up.of().is_some_and(|of| (&of.plan, of.plan_version) == under)
    }

    fn part(&self, dialect: Dialect) -> Result<Option<Part>, Rejection> {
        let Window { period, full, stretch, terms, .. } = *self;
        let (interval, free_until) = (terms.cycle.interval(), terms.free_until);
        Ok(part(dialect, &Days { period, full, stretch, interval, free_until })?)
    }
}
