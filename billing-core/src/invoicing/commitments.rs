//! Minimum commitments: what was charged of the periods that count towards one, and what is missing of it. Nothing is
//! stored about what is missing, so that what becomes known later, or is given back, changes it.

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::coverage::{Coverage, Span};
use super::events::{CreditNoteIssued, Event, InvoiceIssued};
use super::line::{Line, LineRef, Part, Subject};
use super::proration::{Days, part};
use super::state::State;
use crate::catalogue::{PhaseKind, Price, Working};
use crate::kernel::calendar::Date;
use crate::kernel::exact::Exact;
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::{DaySet, Period};
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Code, Label};
use crate::settings::{Dialect, Policies};
use crate::subscriptions::{self, Committed, Subscription, Terms, Timeline};

/// What documents charged of subscriptions with a commitment, before discounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitments(Vec<Posting>);

/// What one line adds to what was charged, or takes off it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Posting {
    /// Where it stands; none on a credit note, which is never void.
    at: Option<LineRef>,
    /// The line whose days it charges, rates again or gives back; its own place where it is the first.
    of: LineRef,
    subscription: SubscriptionId,
    component: Code,
    period: Period,
    kind: Kind,
    amount: Money,
    /// After discounts.
    net: Money,
    manner: Manner,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Days that were billed before there was a commitment: all that stands of them.
    Earlier,
    /// Days that are billed at a price.
    Charged,
    /// Days that are billed by what was counted.
    Counted,
    /// The same days, rated again.
    Again,
    /// Days given back.
    Unused,
    /// What was missing on some days.
    TrueUp(TrueUpOf),
    /// Less of a true-up.
    TakenBack,
    /// A favour: what is credited stays charged, and can't be given back any more.
    Credited,
}

/// What a true-up was charged for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrueUpOf {
    plan: Code,
    plan_version: u32,
    /// The part of a period that its days were reckoned as.
    part: Option<Part>,
    /// The words on the document.
    text: Label,
}

/// How a document reckons. A period is held against its commitment in the manner in which it was billed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manner {
    dialect: Dialect,
    rounding: Rounding,
}

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

/// The days of a line that are still billed, and what they come to.
struct Charge<'a> {
    first: &'a Posting,
    days: DaySet,
    amount: Exact,
    /// How the newest of its lines reckons.
    manner: Manner,
}

/// A true-up that stands.
#[derive(Clone, Copy)]
struct TrueUp<'a> {
    first: &'a Posting,
    amount: Money,
    /// How much of it can be taken back.
    left: Money,
}

impl Manner {
    pub(super) fn of(policies: &Policies) -> Manner {
        Manner { dialect: policies.dialect, rounding: policies.line_rounding }
    }
}

impl Commitments {
    /// Takes what happened in invoicing.
    pub fn watch(&mut self, event: &Event) {
        match event {
            Event::InvoiceIssued(InvoiceIssued { invoice, lines, dialect, line_rounding, .. }) => {
                let manner = Manner { dialect: *dialect, rounding: *line_rounding };
                for (number, line) in (1..).zip(lines) {
                    self.add(Some(LineRef { invoice: *invoice, line: number }), line, manner);
                }
            }
            Event::CreditNoteIssued(CreditNoteIssued { lines, dialect, line_rounding, .. }) => {
                let manner = Manner { dialect: *dialect, rounding: *line_rounding };
                lines.iter().for_each(|line| self.add(None, line, manner));
            }
            Event::InvoiceVoided(voided) => {
                let of_it = |line: LineRef| line.invoice == voided.invoice;
                self.0.retain(|posting| !of_it(posting.of) && !posting.at.is_some_and(of_it));
            }
            Event::InvoiceBroughtForward(_)
            | Event::BillDrafted(_)
            | Event::DraftApproved(_)
            | Event::DraftWithdrawn(_) => {}
        }
    }

    /// Takes a line of a bill that is drawn up: it has no id yet.
    pub(super) fn draw(&mut self, number: u32, line: &Line, manner: Manner) {
        let invoice = InvoiceId::from_uuid(uuid::Uuid::nil());
        self.add(Some(LineRef { invoice, line: number }), line, manner);
    }

    /// Whether it knows nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether true-ups of a subscription may be owed, or be more than is missing.
    pub(super) fn concern(&self, id: SubscriptionId, subscription: &Subscription) -> bool {
        subscription.is_committed() || self.0.iter().any(|posting| posting.subscription == id)
    }

    /// What it knows of a subscription, and before it the days that were billed before there was a commitment: as they
    /// stand with the lines of a bill that is drawn up.
    pub(super) fn with_earlier(
        &self,
        page: &State,
        subscription: SubscriptionId,
        drawn: &[Line],
    ) -> Result<Commitments, MoneyError> {
        let mut known: Vec<Posting> = Vec::new();
        for (component, coverage) in page.coverage.get(&subscription).into_iter().flatten() {
            let is_earlier = |span: &&Span| self.first_at(span.line).is_none();
            if coverage.spans().iter().any(|span| is_earlier(&span)) {
                let coverage = with_drawn(coverage, (subscription, component), drawn);
                for span in coverage.spans().iter().filter(is_earlier) {
                    known.extend(earlier(page, &coverage, (subscription, component), span)?);
                }
            }
        }
        known.extend(self.0.iter().filter(|posting| posting.subscription == subscription).cloned());
        Ok(Commitments(known))
    }

    fn add(&mut self, at: Option<LineRef>, line: &Line, manner: Manner) {
        let first = |subscription: SubscriptionId, component: &Code, period: Period, kind: Kind| {
            let amount = line.before_discounts().unwrap_or(line.net);
            let (of, component, net) = (at?, component.clone(), line.net);
            Some(Posting { at, of, subscription, component, period, kind, amount, net, manner })
        };
        let again = |first: &Posting, period: Period, kind: Kind, amount: Money| {
            Some(Posting { at, period, kind, amount, net: line.net, manner, ..first.clone() })
        };
        let posting = match &line.subject {
            Subject::Service { subscription, component, period, meter, committed: true, .. } => {
                let kind = if meter.is_some() { Kind::Counted } else { Kind::Charged };
                first(*subscription, component, *period, kind)
            }
            Subject::TrueUp { subscription, component, plan, plan_version, period, .. } => {
                let (plan, plan_version, part) = (plan.clone(), *plan_version, line.part);
                let of = TrueUpOf { plan, plan_version, part, text: line.text.clone() };
                first(*subscription, component, *period, Kind::TrueUp(of))
            }
            Subject::Unused { period, line: of, .. } => self.first_at(*of).and_then(|first| {
                again(first, *period, Kind::Unused, self.unused(first, *period).unwrap_or(line.net))
            }),
            // What takes off late usage names the line that charged it.
            Subject::LateUsage { line: to, .. } => self
                .0
                .iter()
                .find(|posting| posting.at == Some(*to))
                .and_then(|first| again(first, first.period, Kind::Again, line.net)),
            Subject::TrueUpTakenBack { line: of, .. } => self.first_at(*of).and_then(|first| {
                let amount = Price::working(&line.price, Quantity::ONE).amount(manner.rounding);
                again(first, first.period, Kind::TakenBack, amount.map_or(line.net, Money::negated))
            }),
            Subject::Correction { line: of } => self.first_at(*of).and_then(|first| match first.kind {
                Kind::TrueUp(..) => {
                    let amount = Exact::from(line.net).share(first.amount, first.net);
                    let amount = amount.and_then(|amount| amount.rounded(manner.rounding));
                    again(first, first.period, Kind::Credited, amount.unwrap_or(line.net))
                }
                Kind::Charged => again(first, first.period, Kind::Credited, Money::zero(line.net.currency())),
                Kind::Earlier
                | Kind::Counted
                | Kind::Again
                | Kind::Unused
                | Kind::TakenBack
                | Kind::Credited => None,
            }),
            Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::InterimUsage { .. }
            | Subject::Work { .. }
            | Subject::Item { .. } => None,
        };
        self.0.extend(posting);
    }

    /// What a line posted, where it is the first of its days.
    fn first_at(&self, line: LineRef) -> Option<&Posting> {
        self.0.iter().find(|posting| posting.at == Some(line) && posting.of == line)
    }

    /// What days that are given back came to before discounts and favours, below zero; none where there were none: then
    /// it is what is given back.
    fn unused(&self, first: &Posting, days: Period) -> Option<Money> {
        let credited = |posting: &Posting| posting.of == first.of && posting.kind == Kind::Credited;
        if first.amount == first.net && !self.0.iter().any(credited) {
            return None;
        }
        let gone = self.charge(first).of_days(days).ok()?;
        Some(gone.rounded(first.manner.rounding).ok()?.negated())
    }

    fn charge<'a>(&'a self, first: &'a Posting) -> Charge<'a> {
        let (days, amount) = (DaySet::default(), Exact::zero(first.amount.currency()));
        let mut charge = Charge { first, days, amount, manner: first.manner };
        let from = self.0.iter().skip_while(|posting| !std::ptr::eq(*posting, first));
        for posting in from {
            // A log that breaks what is assumed here is found by the named invariants.
            if posting.of == first.of {
                match posting.kind {
                    Kind::Charged | Kind::Counted => drop(charge.days.insert(posting.period)),
                    Kind::Unused => drop(charge.days.remove(posting.period)),
                    Kind::Earlier | Kind::Again | Kind::TrueUp(..) | Kind::TakenBack | Kind::Credited => {}
                }
                charge.amount = charge.amount.plus(posting.amount.into()).unwrap_or(charge.amount);
                charge.manner = posting.manner;
            } else if first.is_free() && posting.bills_days_of(first) {
                charge.lose(posting.period);
            }
        }
        charge
    }

    /// What stands of a subscription: its charges, and its true-ups.
    fn standing(&self, subscription: SubscriptionId) -> (Vec<Charge<'_>>, Vec<TrueUp<'_>>) {
        let (mut charges, mut true_ups) = (Vec::new(), Vec::new());
        let of_it = self.0.iter().filter(|posting| posting.subscription == subscription);
        for first in of_it {
            let begins = first.at == Some(first.of);
            match first.kind {
                Kind::Earlier => charges.push(Charge::earlier(first)),
                Kind::Charged | Kind::Counted if begins => charges.push(self.charge(first)),
                Kind::TrueUp(..) if begins => true_ups.push(self.true_up(first)),
                Kind::Charged
                | Kind::Counted
                | Kind::Again
                | Kind::Unused
                | Kind::TrueUp(..)
                | Kind::TakenBack
                | Kind::Credited => {}
            }
        }
        true_ups.retain(|true_up| true_up.amount.is_positive());
        (charges, true_ups)
    }

    fn true_up<'a>(&'a self, first: &'a Posting) -> TrueUp<'a> {
        let zero = Money::zero(first.amount.currency());
        let mut true_up = TrueUp { first, amount: zero, left: zero };
        for posting in self.0.iter().filter(|posting| posting.of == first.of) {
            let credited = posting.kind == Kind::Credited;
            let amount = if credited { zero } else { posting.amount };
            true_up.amount = true_up.amount.plus(amount).unwrap_or(true_up.amount);
            true_up.left = true_up.left.plus(posting.amount).unwrap_or(true_up.left);
        }
        // What discounts took off whole can't be given back.
        if first.net.is_zero() || true_up.left.is_negative() {
            true_up.left = zero;
        }
        true_up
    }

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
        for (true_up, due_on) in gone(&standing.1, component, timeline) {
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

/// What a bill gives back, rates again and bills anew, before it is recorded.
fn with_drawn(coverage: &Coverage, of: (SubscriptionId, &Code), drawn: &[Line]) -> Coverage {
    let mut coverage = coverage.clone();
    for line in drawn {
        match &line.subject {
            Subject::Service { subscription, component, period, .. } if (*subscription, component) == of => {
                coverage.free_no_more(*period);
            }
            Subject::Unused { subscription, component, period, line: at, .. }
                if (*subscription, component) == of =>
            {
                coverage.give_back(*period, *at);
                coverage.rate_lower(*at, line.net);
            }
            Subject::LateUsage { subscription, component, line: at, .. }
                if (*subscription, component) == of =>
            {
                if line.net.is_negative() {
                    coverage.rate_lower(*at, line.net);
                } else {
                    coverage.rate_higher(*at, *at, line.net);
                }
            }
            Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::Unused { .. }
            | Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => {}
        }
    }
    coverage
}

/// What days come to that were billed before there was a commitment, before discounts.
fn earlier(
    page: &State,
    coverage: &Coverage,
    (subscription, component): (SubscriptionId, &Code),
    span: &Span,
) -> Result<Option<Posting>, MoneyError> {
    let Some(line) = page.line(span.line) else { return Ok(None) };
    let Some((net, days_of_line)) = line.service else { return Ok(None) };
    let (amount, of) = match coverage.rated(span.line) {
        Some(rated) => (rated.amount(), coverage.days_on(span.line)),
        None => (line.share.map_or(net, |share| share.before), days_of_line),
    };
    let manner = Manner { dialect: Dialect::default(), rounding: Rounding::default() };
    let amount = share(amount.into(), span.period.days(), of)?.rounded(manner.rounding)?;
    let (component, period, kind) = (component.clone(), span.period, Kind::Earlier);
    let of = span.line;
    Ok(Some(Posting { at: None, of, subscription, component, period, kind, amount, net: amount, manner }))
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
fn first_of(
    standing: &(Vec<Charge<'_>>, Vec<TrueUp<'_>>),
    component: &Code,
    timeline: &Timeline<'_>,
) -> Option<Date> {
    // Until something was billed of a period, the bill that does so comes first.
    let manner = Manner { dialect: Dialect::default(), rounding: Rounding::default() };
    let owes = |window: &Window<'_>| {
        of_window(standing, component, window, manner).is_ok_and(|owed| !owed.is_empty())
    };
    // A period beyond the calendar is never due.
    let window = windows(timeline).map_while(Result::ok).find(owes).map(|window| window.period.to());
    let gone = gone(&standing.1, component, timeline).into_iter();
    window.into_iter().chain(gone.filter(|(one, _)| one.left.is_positive()).map(|(_, due_on)| due_on)).min()
}

/// What a period is short of its minimum, or what of its true-ups is too much.
fn of_window<'a>(
    (charges, true_ups): &(Vec<Charge<'_>>, Vec<TrueUp<'_>>),
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
        .filter(|one| one.first.component == *component && one.is_of(window))
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
    super::line::working(&Price::Flat(committed.minimum), Quantity::ONE, part, None)
}

/// Takes an amount off true-ups, the newest first.
fn too_much<'a>(true_ups: &[TrueUp<'_>], amount: Money) -> Result<Vec<Owed<'a>>, MoneyError> {
    let (mut rest, mut owed) = (amount, Vec::new());
    for TrueUp { first, amount, left } in true_ups.iter().rev() {
        let off = rest.at_most(*left)?;
        rest = rest.minus(off)?;
        if let (true, Kind::TrueUp(of)) = (off.is_positive(), &first.kind) {
            let (plan, text) = (of.plan.clone(), of.text.clone());
            let (period, line, all) = (first.period, first.of, off == *amount);
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
            Some(window) if true_up.is_of(&window) => {}
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
    fn part(&self, dialect: Dialect) -> Result<Option<Part>, Rejection> {
        let Window { period, full, stretch, terms, .. } = *self;
        let (interval, free_until) = (terms.cycle.interval(), terms.free_until);
        Ok(part(dialect, &Days { period, full, stretch, interval, free_until })?)
    }
}

impl Posting {
    /// Whether its days cost nothing, so that they need not be given back before another line bills them.
    fn is_free(&self) -> bool {
        self.net.is_zero() && self.kind == Kind::Charged
    }

    fn bills_days_of(&self, other: &Posting) -> bool {
        matches!(self.kind, Kind::Charged | Kind::Counted)
            && (self.subscription, &self.component) == (other.subscription, &other.component)
    }
}

impl<'a> Charge<'a> {
    /// Days of it are billed by another line from now on.
    fn lose(&mut self, days: Period) {
        while let Some(shared) = self.days.overlap(days) {
            let before = self.days.days();
            if self.days.remove(shared).is_err() {
                return;
            }
            self.amount = self.amount.part(self.days.days(), before).unwrap_or(self.amount);
        }
    }

    fn earlier(first: &'a Posting) -> Charge<'a> {
        let mut days = DaySet::default();
        // There is nothing in it yet.
        drop(days.insert(first.period));
        Charge { first, days, amount: first.amount.into(), manner: first.manner }
    }

    /// What of it falls on some days.
    fn of_days(&self, days: Period) -> Result<Exact, MoneyError> {
        let shared = self.days.iter().filter_map(|billed| billed.intersection(days));
        share(self.amount, shared.map(|shared| shared.days()).sum(), self.days.days())
    }
}

impl TrueUp<'_> {
    fn of_days(&self, days: Period) -> Result<Exact, MoneyError> {
        let period = self.first.period;
        share(self.amount.into(), period.intersection(days).map_or(0, |shared| shared.days()), period.days())
    }

    fn of(&self) -> Option<&TrueUpOf> {
        if let Kind::TrueUp(of) = &self.first.kind { Some(of) } else { None }
    }

    fn is_of(&self, window: &Window<'_>) -> bool {
        self.first.period == window.period
            && self.of().is_some_and(|of| {
                (&of.plan, of.plan_version) == (window.terms.plan(), window.terms.agreed.plan_version)
            })
    }
}

fn share(amount: Exact, days: u32, of: u32) -> Result<Exact, MoneyError> {
    if days == of { Ok(amount) } else { amount.part(days, of) }
}
