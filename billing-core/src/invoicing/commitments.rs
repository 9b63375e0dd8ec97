//! Minimum commitments: what was charged of the periods that count towards one. Nothing is stored about what is missing
//! of it, which [`super::owed`] tells, so that what becomes known later, or is given back, changes it.

use serde::{Deserialize, Serialize};

use super::coverage::{Coverage, Rated, RatedLine, Span};
use super::events::{CreditNoteIssued, Event, InvoiceIssued};
use super::line::{Line, LineRef, Part, Subject};
use super::state::State;
use crate::catalogue::Price;
use crate::kernel::exact::Exact;
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::{DaySet, Period};
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Code, Label};
use crate::settings::{Dialect, Policies};
use crate::subscriptions::Subscription;

/// What documents charged of subscriptions with a commitment, before discounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitments(Vec<Posting>);

/// What one line adds to what was charged, or takes off it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Posting {
    /// Where it stands; none on a credit note, which is never void.
    at: Option<LineRef>,
    /// The line whose days it charges, rates again or gives back; its own place where it is the first.
    pub(super) of: LineRef,
    subscription: SubscriptionId,
    pub(super) component: Code,
    pub(super) period: Period,
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
pub(super) struct TrueUpOf {
    pub(super) plan: Code,
    pub(super) plan_version: u32,
    /// The part of a period that its days were reckoned as.
    pub(super) part: Option<Part>,
    /// The words on the document.
    pub(super) text: Label,
}

/// How a document reckons. A period is held against its commitment in the manner in which it was billed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manner {
    pub(super) dialect: Dialect,
    pub(super) rounding: Rounding,
}

/// What stands of a subscription.
pub(super) struct Standing<'a> {
    pub(super) charges: Vec<Charge<'a>>,
    pub(super) true_ups: Vec<TrueUp<'a>>,
}

/// The days of a line that are still billed, and what they come to.
pub(super) struct Charge<'a> {
    pub(super) first: &'a Posting,
    pub(super) days: DaySet,
    amount: Exact,
    /// How the newest of its lines reckons.
    pub(super) manner: Manner,
}

/// A true-up that stands.
#[derive(Clone, Copy)]
pub(super) struct TrueUp<'a> {
    pub(super) first: &'a Posting,
    pub(super) amount: Money,
    /// How much of it can be taken back.
    pub(super) left: Money,
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
            | Event::ConsolidatedInvoiceIssued(_)
            | Event::DebtPassedOn(_)
            | Event::DebtTakenBack(_)
            | Event::BillDrafted(_)
            | Event::DraftApproved(_)
            | Event::DraftWithdrawn(_)
            | Event::SaleRecorded(_) => {}
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
        let rated = || line.rated().unwrap_or(line.net);
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
                again(first, *period, Kind::Unused, self.unused(first, *period).unwrap_or_else(rated))
            }),
            // What takes off late usage names the line that charged it.
            Subject::LateUsage { line: to, .. } => self
                .0
                .iter()
                .find(|posting| posting.at == Some(*to))
                .and_then(|first| again(first, first.period, Kind::Again, rated())),
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

    /// What days that are given back came to before discounts and favours, below zero; none where the line that gives
    /// them back says it.
    fn unused(&self, first: &Posting, days: Period) -> Option<Money> {
        let credited = |posting: &Posting| posting.of == first.of && posting.kind == Kind::Credited;
        let says_it = first.amount == first.net && !self.0.iter().any(credited);
        if says_it || first.kind == Kind::Counted {
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
    pub(super) fn standing(&self, subscription: SubscriptionId) -> Standing<'_> {
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
        Standing { charges, true_ups }
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
                coverage.rate_lower(RatedLine::of(*at, line));
            }
            Subject::LateUsage { subscription, component, line: at, .. }
                if (*subscription, component) == of =>
            {
                let rated = RatedLine::of(*at, line);
                if line.gives_back() {
                    coverage.rate_lower(rated);
                } else {
                    coverage.rate_higher(*at, rated);
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
    let (amount, of) = match coverage.rated(span.line).and_then(Rated::amount) {
        Some(rated) => (rated, coverage.days_on(span.line)),
        None => (line.share.map_or(net, |share| share.before), days_of_line),
    };
    let manner = Manner { dialect: Dialect::default(), rounding: Rounding::default() };
    let amount = share(amount.into(), span.period.days(), of)?.rounded(manner.rounding)?;
    let (component, period, kind) = (component.clone(), span.period, Kind::Earlier);
    let of = span.line;
    Ok(Some(Posting { at: None, of, subscription, component, period, kind, amount, net: amount, manner }))
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
    pub(super) fn of_days(&self, days: Period) -> Result<Exact, MoneyError> {
        let shared = self.days.iter().filter_map(|billed| billed.intersection(days));
        share(self.amount, shared.map(|shared| shared.days()).sum(), self.days.days())
    }
}

impl TrueUp<'_> {
    /// What of it falls on some days.
    pub(super) fn of_days(&self, days: Period) -> Result<Exact, MoneyError> {
        let period = self.first.period;
        share(self.amount.into(), period.intersection(days).map_or(0, |shared| shared.days()), period.days())
    }

    /// What it was charged for.
    pub(super) fn of(&self) -> Option<&TrueUpOf> {
        if let Kind::TrueUp(of) = &self.first.kind { Some(of) } else { None }
    }
}

fn share(amount: Exact, days: u32, of: u32) -> Result<Exact, MoneyError> {
    if days == of { Ok(amount) } else { amount.part(days, of) }
}
