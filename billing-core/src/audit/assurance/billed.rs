//! What documents bill, line by line, and what they give back of it.

use super::OnTerms;
use super::minimum::{Sums, on_days};
use crate::book::{Event, payload};
use crate::invoicing::{CreditNoteIssued, InvoiceIssued, InvoiceVoided, Line, LineRef, Subject};
use crate::kernel::calendar::Date;
use crate::kernel::exact::Exact;
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::Period;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Code;
use crate::settings::Dialect;

type Component = (SubscriptionId, Code);

/// The lines of an account that bill service days, but for those of void invoices.
#[derive(Debug, Default)]
pub(super) struct Billed {
    lines: Vec<BilledLine>,
    given_back: Vec<GivenBack>,
    /// What later lines charge more or less of a line's days.
    again: Vec<Again>,
    /// The lines of which something was credited.
    corrected: Vec<LineRef>,
    true_ups: Vec<TrueUp>,
    /// How the newest invoice measures parts of periods.
    dialect: Dialect,
}

#[derive(Debug)]
pub(super) struct BilledLine {
    at: LineRef,
    component: Component,
    period: Period,
    pub(super) terms: OnTerms,
    /// What it came to before discounts.
    amount: Money,
    discounted: bool,
    /// How parts of periods were measured.
    dialect: Dialect,
    /// Whether it came to nothing and wasn't counted: such days are billed again without being given back.
    pub(super) free: bool,
}

impl BilledLine {
    /// What some of its days came to before discounts, below zero.
    fn worth_below_zero(&self, days: Period) -> Result<Exact, MoneyError> {
        on_days(self.amount.negated(), days.days(), self.period.days())
    }
}

/// What was charged on top of a line, before discounts; below zero where it was taken off or given back.
#[derive(Debug)]
struct Again {
    at: Option<LineRef>,
    of: LineRef,
    amount: Exact,
}

#[derive(Debug)]
struct TrueUp {
    at: Option<LineRef>,
    of: LineRef,
    component: Component,
    period: Period,
    part: Option<(u32, u32)>,
    amount: Money,
    /// Whether it is a favour: what is credited is not missing again.
    credited: bool,
    /// Whether discounts took it off whole, so that nothing of it can be taken back.
    free: bool,
}

#[derive(Debug)]
struct GivenBack {
    /// The invoice on which it stands; none for a credit note.
    by: Option<InvoiceId>,
    of: LineRef,
    period: Period,
}

/// A line, and what was given back of it.
pub(super) struct Left<'a> {
    line: &'a BilledLine,
    given_back: Vec<Period>,
}

impl std::ops::Deref for Left<'_> {
    type Target = BilledLine;

    fn deref(&self) -> &BilledLine {
        self.line
    }
}

impl Left<'_> {
    pub(super) fn bills(&self, day: Date) -> bool {
        self.line.period.contains(day) && !self.given_back.iter().any(|period| period.contains(day))
    }

    /// Its days that were not given back.
    fn stays(&self) -> Vec<Period> {
        let without = |days: Vec<Period>, gone: &Period| {
            let split = |period: Period| {
                let (before, rest) = period.split_at(gone.from());
                [before, rest.and_then(|rest| rest.split_at(gone.to()).1)]
            };
            days.into_iter().flat_map(split).flatten().collect()
        };
        self.given_back.iter().fold(vec![self.line.period], without)
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = Period> {
        self.given_back.iter().copied().chain([self.line.period])
    }
}

impl Billed {
    pub(super) fn add(&mut self, event: &Event) {
        if let Some(issued) = payload::<InvoiceIssued>(event) {
            self.dialect = issued.dialect;
            self.document(Some(issued.invoice), &issued.lines);
        }
        if let Some(note) = payload::<CreditNoteIssued>(event) {
            self.document(None, &note.lines);
        }
        if let Some(InvoiceVoided { invoice, .. }) = payload::<InvoiceVoided>(event) {
            self.lines.retain(|line| line.at.invoice != *invoice);
            self.given_back.retain(|given| given.by != Some(*invoice) && given.of.invoice != *invoice);
            let stays = |at: Option<LineRef>, of: LineRef| {
                at.is_none_or(|at| at.invoice != *invoice) && of.invoice != *invoice
            };
            self.again.retain(|again| stays(again.at, again.of));
            self.true_ups.retain(|true_up| stays(true_up.at, true_up.of));
        }
    }

    fn document(&mut self, by: Option<InvoiceId>, lines: &[Line]) {
        for (number, line) in (1..).zip(lines) {
            let at = by.map(|invoice| LineRef { invoice, line: number });
            let rated = || line.rated().unwrap_or(line.net);
            match &line.subject {
                Subject::Service { subscription, component, plan, plan_version, period, meter, .. } => {
                    let Some(at) = at else { continue };
                    self.replace_free((*subscription, component), *period, at);
                    self.lines.push(BilledLine {
                        at,
                        amount: line.before_discounts().unwrap_or(line.net),
                        discounted: !line.discounts.is_empty(),
                        dialect: self.dialect,
                        component: (*subscription, component.clone()),
                        period: *period,
                        terms: OnTerms {
                            plan: plan.clone(),
                            plan_version: *plan_version,
                            price: line.price.clone(),
                            quantity: meter.is_none().then_some(line.quantity),
                        },
                        free: line.net.is_zero() && meter.is_none(),
                    });
                }
                Subject::Unused { period, line: of, .. } => {
                    self.given_back.push(GivenBack { by, of: *of, period: *period });
                    let amount = self.worth(*of, *period).unwrap_or_else(|| rated().into());
                    self.again.push(Again { at, of: *of, amount });
                }
                Subject::LateUsage { line: to, .. } => {
                    let root = self.again.iter().find(|again| again.at == Some(*to)).map(|again| again.of);
                    self.again.push(Again { at, of: root.unwrap_or(*to), amount: rated().into() });
                }
                Subject::TrueUp { subscription, component, period, .. } => {
                    let Some(of) = at else { continue };
                    let (component, period) = ((*subscription, component.clone()), *period);
                    let part = line.part.map(|part| part.ratio());
                    let amount = line.before_discounts().unwrap_or(line.net);
                    let (credited, free) = (false, line.net.is_zero());
                    self.true_ups.push(TrueUp { at, of, component, period, part, amount, credited, free });
                }
                Subject::TrueUpTakenBack { line: of, .. } => {
                    let amount = line.price.for_quantity(line.quantity, Rounding::HalfUp);
                    self.less(at, *of, amount.map_or(line.net, Money::negated), false);
                }
                // Where a document is credited whole, what it takes back of a true-up is corrected, too, with what it
                // charges: no favour, and nothing that is charged once more.
                Subject::Correction { line: of } => {
                    self.corrected.push(*of);
                    if line.net.is_negative() {
                        self.less(at, *of, line.net, true);
                    }
                }
                Subject::InterimUsage { .. }
                | Subject::Fee { .. }
                | Subject::Work { .. }
                | Subject::Item { .. } => {}
            }
        }
    }

    /// Days that had come to nothing are billed by another line from now on.
    fn replace_free(
        &mut self,
        (subscription, component): (SubscriptionId, &Code),
        period: Period,
        by: LineRef,
    ) {
        let of_it = |line: &&BilledLine| {
            line.free && (line.component.0, &line.component.1) == (subscription, component)
        };
        for line in self.lines.iter().filter(of_it) {
            for period in self.left(line).stays().into_iter().filter_map(|days| days.intersection(period)) {
                self.given_back.push(GivenBack { by: Some(by.invoice), of: line.at, period });
                let worth = line.worth_below_zero(period);
                self.again.extend(worth.map(|amount| Again { at: Some(by), of: line.at, amount }));
            }
        }
    }

    /// Less of a true-up, where the line is one.
    fn less(&mut self, at: Option<LineRef>, of: LineRef, amount: Money, credited: bool) {
        let Some(first) = self.true_ups.iter().find(|true_up| true_up.at == Some(of)) else { return };
        let (component, period) = (first.component.clone(), first.period);
        let (part, free) = (None, false);
        self.true_ups.push(TrueUp { at, of, component, period, part, amount, credited, free });
    }

    /// What days of a line came to before discounts and favours, below zero; none where there were none: then they are
    /// worth what is given back for them. So are those that were counted, which have no price by the day.
    fn worth(&self, at: LineRef, days: Period) -> Option<Exact> {
        let line = self.lines.iter().find(|line| line.at == at)?;
        let lessened = line.discounted || self.corrected.contains(&at);
        let by_day = lessened && line.terms.quantity.is_some();
        by_day.then(|| line.worth_below_zero(days).ok())?
    }

    /// What the days of a period come to: of one component, or of all of a subscription.
    pub(super) fn sums(
        &self,
        (subscription, component, whole): (SubscriptionId, &Code, bool),
        period: Period,
    ) -> Result<Sums, MoneyError> {
        let counts = |of: &Component| of.0 == subscription && (whole || of.1 == *component);
        let own = |of: &Component| of.0 == subscription && of.1 == *component;
        let (mut charged, mut dialects) = (Vec::new(), Vec::new());
        for line in self.lines.iter().filter(|line| counts(&line.component)) {
            let stays = self.left(line).stays();
            let days =
                stays.iter().filter_map(|stays| stays.intersection(period)).map(|days| days.days()).sum();
            let mut again = self.again.iter().filter(|again| again.of == line.at);
            let amount = again.try_fold(Exact::from(line.amount), |sum, again| sum.plus(again.amount))?;
            if days > 0 {
                dialects.push(line.dialect);
                charged.push(amount.part(days, stays.iter().map(Period::days).sum())?);
            }
        }
        let (mut true_ups, mut beside, mut part) = (Vec::new(), Vec::new(), None);
        for true_up in self.true_ups.iter().filter(|true_up| counts(&true_up.component)) {
            let Some(days) = true_up.period.intersection(period) else { continue };
            let amount = on_days(true_up.amount, days.days(), true_up.period.days())?;
            let into = match (own(&true_up.component), true_up.period == period, true_up.credited) {
                (false, _, false) => &mut charged,
                (false, _, true) => continue,
                (true, true, false) => &mut true_ups,
                (true, false, _) | (true, true, true) => &mut beside,
            };
            into.push(amount);
            if true_up.free && own(&true_up.component) {
                beside.push(on_days(true_up.amount.negated(), days.days(), true_up.period.days())?);
            }
            if own(&true_up.component) && true_up.period == period {
                part = true_up.part.or(part);
            }
        }
        // The minimum itself is rounded, too.
        let lines = u32::try_from(charged.len() + 1).unwrap_or(u32::MAX);
        if dialects.is_empty() {
            dialects.push(self.dialect);
        }
        Ok(Sums { charged, true_ups, beside, part, dialects, lines })
    }

    fn left<'a>(&'a self, line: &'a BilledLine) -> Left<'a> {
        let given_back = self.given_back.iter().filter(|given| given.of == line.at);
        Left { line, given_back: given_back.map(|given| given.period).collect() }
    }

    pub(super) fn components(&self) -> impl Iterator<Item = &Component> {
        self.lines.iter().map(|line| &line.component)
    }

    pub(super) fn of(&self, component: &Component) -> Vec<Left<'_>> {
        let lines = self.lines.iter().filter(|line| line.component == *component);
        lines.map(|line| self.left(line)).collect()
    }
}
