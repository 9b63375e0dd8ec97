//! What documents bill, line by line, and what they give back of it.

use super::OnTerms;
use crate::book::{Event, payload};
use crate::invoicing::{CreditNoteIssued, InvoiceIssued, InvoiceVoided, Line, LineRef, Subject};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::period::Period;
use crate::kernel::text::Code;

type Component = (SubscriptionId, Code);

/// The lines of an account that bill service days, but for those of void invoices.
#[derive(Debug, Default)]
pub(super) struct Billed {
    lines: Vec<BilledLine>,
    given_back: Vec<GivenBack>,
}

#[derive(Debug)]
pub(super) struct BilledLine {
    at: LineRef,
    component: Component,
    period: Period,
    pub(super) terms: OnTerms,
    /// Whether it came to nothing and wasn't counted: such days are billed again without being given back.
    pub(super) free: bool,
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

    pub(super) fn edges(&self) -> impl Iterator<Item = Period> {
        self.given_back.iter().copied().chain([self.line.period])
    }
}

impl Billed {
    pub(super) fn add(&mut self, event: &Event) {
        if let Some(issued) = payload::<InvoiceIssued>(event) {
            self.document(Some(issued.invoice), &issued.lines);
        }
        if let Some(note) = payload::<CreditNoteIssued>(event) {
            self.document(None, &note.lines);
        }
        if let Some(InvoiceVoided { invoice, .. }) = payload::<InvoiceVoided>(event) {
            self.lines.retain(|line| line.at.invoice != *invoice);
            self.given_back.retain(|given| given.by != Some(*invoice) && given.of.invoice != *invoice);
        }
    }

    fn document(&mut self, by: Option<InvoiceId>, lines: &[Line]) {
        for (number, line) in (1..).zip(lines) {
            match &line.subject {
                Subject::Service { subscription, component, plan, plan_version, period, meter, .. } => {
                    let Some(invoice) = by else { continue };
                    self.lines.push(BilledLine {
                        at: LineRef { invoice, line: number },
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
                }
                Subject::LateUsage { .. }
                | Subject::InterimUsage { .. }
                | Subject::TrueUp { .. }
                | Subject::TrueUpTakenBack { .. }
                | Subject::Fee { .. }
                | Subject::Work { .. }
                | Subject::Item { .. }
                | Subject::Correction { .. } => {}
            }
        }
    }

    pub(super) fn components(&self) -> impl Iterator<Item = &Component> {
        self.lines.iter().map(|line| &line.component)
    }

    pub(super) fn of(&self, component: &Component) -> Vec<Left<'_>> {
        let lines = self.lines.iter().filter(|line| line.component == *component);
        lines
            .map(|line| Left {
                line,
                given_back: self
                    .given_back
                    .iter()
                    .filter(|given| given.of == line.at)
                    .map(|given| given.period)
                    .collect(),
            })
            .collect()
    }
}
