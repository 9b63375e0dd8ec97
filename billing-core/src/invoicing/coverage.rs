//! Which service days of a component are billed, on which line and on which terms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

use super::line::{Line, LineRef};
use crate::catalogue::{Meter, Price};
use crate::kernel::calendar::Date;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::kernel::period::{DaySet, DaySetError, Period};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Label};

/// The billed days of one component, each of them once.
///
/// A customer is billed many times on the same terms, so terms are kept once and named by their place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Coverage {
    terms: SmallVec<[BilledTerms; 1]>,
    spans: SmallVec<[Span; 1]>,
    /// What was charged once, by the day for which it was agreed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fees: BTreeMap<Date, LineRef>,
    /// What metered days were rated at, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rated: Vec<Rated>,
    /// Lines that billed usage of a running period, and the first day of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ahead: Vec<(Date, LineRef)>,
}

/// What the days of a metered line are rated at: by the line itself, and by later ones that charged usage that came
/// late, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Rated(SmallVec<[RatedLine; 1]>);

/// What a line rates metered days at, less what was taken off it since. What was credited as a favour does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RatedLine {
    pub(super) line: LineRef,
    /// Before discounts.
    pub(super) amount: Money,
    /// After discounts.
    pub(super) net: Money,
}

impl Rated {
    pub(super) fn lines(&self) -> &[RatedLine] {
        &self.0
    }

    /// What the days are rated at, before discounts.
    pub(super) fn amount(&self) -> Option<Money> {
        let first = self.0.first()?.amount;
        // Checked when it was decided.
        Some(self.0.iter().skip(1).fold(first, |sum, line| sum.plus(line.amount).unwrap_or(sum)))
    }

    fn is_of(&self, line: LineRef) -> bool {
        self.0.first().is_some_and(|first| first.line == line)
    }

    fn is_on(&self, invoice: InvoiceId) -> bool {
        self.0.first().is_some_and(|first| first.line.invoice == invoice)
    }
}

impl RatedLine {
    /// What a line that stands at a place charges of metered days, or takes off what stands there.
    pub(super) fn of(at: LineRef, line: &Line) -> RatedLine {
        RatedLine { line: at, amount: line.rated().unwrap_or(line.net), net: line.net }
    }

    /// The same, taken back.
    pub(super) fn taken_back(self) -> RatedLine {
        RatedLine { amount: self.amount.negated(), net: self.net.negated(), ..self }
    }

    fn change(&mut self, amount: Money, net: Money) {
        // Checked when it was decided.
        self.amount = self.amount.plus(amount).unwrap_or(self.amount);
        self.net = self.net.plus(net).unwrap_or(self.net);
    }
}

/// The terms on which days were billed, as they stand on the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BilledTerms {
    pub(super) plan: Code,
    pub(super) plan_version: u32,
    pub(super) text: Label,
    pub(super) price: Price,
    /// None for what is metered, of which each line has its own.
    pub(super) quantity: Quantity,
    /// What was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) meter: Option<Meter>,
}

/// Days that one line billed and that were not given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    pub(super) period: Period,
    /// Days of the full period that contains them.
    pub(super) of: u32,
    /// Its seconds, where they were billed by the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of_seconds: Option<u32>,
    pub(super) line: LineRef,
    /// The place of the terms in the coverage's list.
    pub(super) terms: usize,
    /// Whether the line came to nothing and was not metered: its days need not be given back before they are billed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) free: bool,
}

fn is_false(free: &bool) -> bool {
    !free
}

impl Coverage {
    /// All spans in order of time.
    pub(super) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The spans that share a day with a period.
    pub(super) fn spans_in(&self, period: Period) -> &[Span] {
        let start = self.spans.partition_point(|span| span.period.to() <= period.from());
        let end = self.spans.partition_point(|span| span.period.from() < period.to());
        self.spans.get(start..end).unwrap_or_default()
    }

    /// The terms of a span.
    pub(super) fn terms_of(&self, span: &Span) -> Option<&BilledTerms> {
        self.terms.get(span.terms)
    }

    /// The terms that days were billed on, each once.
    pub(super) fn terms(&self) -> &[BilledTerms] {
        &self.terms
    }

    /// How many days are still billed on a line.
    pub(super) fn days_on(&self, line: LineRef) -> u32 {
        self.spans.iter().filter(|span| span.line == line).map(|span| span.period.days()).sum()
    }

    /// The days in a period that are billed for money, as a set to reckon with.
    pub(super) fn days_in(&self, period: Period) -> Result<DaySet, DaySetError> {
        let mut days = DaySet::default();
        for span in self.spans_in(period).iter().filter(|span| !span.free) {
            span.period.intersection(period).map_or(Ok(()), |billed| days.insert(billed))?;
        }
        Ok(days)
    }

    /// Whether what was agreed for a day is charged.
    pub(super) fn has_fee(&self, agreed_for: Date) -> bool {
        self.fees.contains_key(&agreed_for)
    }

    /// A line charged what was agreed for a day.
    pub(super) fn charge(&mut self, agreed_for: Date, line: LineRef) {
        self.fees.insert(agreed_for, line);
    }

    /// What the days of a line were rated at; `None` where it is not metered.
    pub(super) fn rated(&self, line: LineRef) -> Option<&Rated> {
        self.rated.iter().rfind(|rated| rated.is_of(line))
    }

    /// A line billed metered days.
    pub(super) fn rate(&mut self, line: RatedLine) {
        self.rated.push(Rated(smallvec![line]));
    }

    /// A line charged late usage of days that another one had billed.
    pub(super) fn rate_higher(&mut self, line: LineRef, late: RatedLine) {
        if let Some(rated) = self.rated.iter_mut().rfind(|rated| rated.is_of(line)) {
            rated.0.push(late);
        }
    }

    /// Amounts below zero were taken off a line; above zero where that is taken back.
    pub(super) fn rate_lower(&mut self, by: RatedLine) {
        let lines = self.rated.iter_mut().flat_map(|rated| &mut rated.0);
        if let Some(rated) = lines.rev().find(|rated| rated.line == by.line) {
            rated.change(by.amount, by.net);
        }
    }

    /// A line billed usage of a running period ahead.
    pub(super) fn bill_ahead(&mut self, from: Date, line: LineRef) {
        self.ahead.push((from, line));
    }

    /// The lines that billed usage of a running period ahead, each with the first day of it.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (Date, LineRef)> {
        self.ahead.iter().copied()
    }

    /// Whether late usage of days that an invoice had billed was charged on another one.
    pub(super) fn is_rated_higher_than_on(&self, invoice: InvoiceId) -> bool {
        self.rated.iter().any(|rated| rated.is_on(invoice) && rated.0.len() > 1)
    }

    /// A line billed days; where the span's terms stand in the list is found here.
    pub(super) fn bill(&mut self, span: Span, terms: BilledTerms) {
        self.free_no_more(span.period);
        let known = self.terms.iter().rposition(|known| *known == terms);
        let terms = known.unwrap_or_else(|| {
            self.terms.push(terms);
            self.terms.len() - 1
        });
        self.put(Span { terms, ..span });
    }

    /// Days that had cost nothing are billed by another line now.
    pub(super) fn free_no_more(&mut self, days: Period) {
        let free = self.spans_in(days).iter().filter(|other| other.free);
        for line in free.map(|other| other.line).collect::<Vec<_>>() {
            self.give_back(days, line);
        }
    }

    /// Days of a line were given back; what they had been billed as.
    pub(super) fn give_back(&mut self, period: Period, line: LineRef) -> Vec<Span> {
        let mut given_back = Vec::new();
        for span in self.spans_in(period).iter().filter(|span| span.line == line).copied().collect::<Vec<_>>()
        {
            self.spans.retain(|other| *other != span);
            let (before, rest) = span.period.split_at(period.from());
            let (gone, after) = rest.map_or((None, None), |rest| rest.split_at(period.to()));
            given_back.extend(gone.map(|period| Span { period, ..span }));
            let left = [before, after].into_iter().flatten();
            left.for_each(|period| self.put(Span { period, ..span }));
        }
        given_back
    }

    /// Days that had been given back are billed again as they were.
    pub(super) fn put(&mut self, span: Span) {
        let at = self.spans.partition_point(|other| other.period < span.period);
        self.spans.insert(at, span);
    }

    /// Nothing is billed any more by the lines of an invoice.
    pub(super) fn forget(&mut self, invoice: InvoiceId) {
        self.spans.retain(|span| span.line.invoice != invoice);
        self.fees.retain(|_, line| line.invoice != invoice);
        self.ahead.retain(|(_, line)| line.invoice != invoice);
        self.rated.retain(|rated| !rated.is_on(invoice));
        self.rated.iter_mut().for_each(|rated| rated.0.retain(|late| late.line.invoice != invoice));
    }
}
