//! The timeline of a component: the terms that the customer asked for, and from which day on each counts.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Price, Timing};
use crate::kernel::calendar::{Cycle, Date};
use crate::kernel::text::{Code, Label};

/// What was agreed for a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The plan, or the add-on.
    pub plan: Code,
    /// Which version of it.
    pub plan_version: u32,
    /// Its name as it stands on documents.
    pub name: Label,
    /// Its price for a whole period.
    pub price: Price,
    /// How many.
    pub quantity: u32,
    /// Whether a period is billed before or after it was served.
    pub timing: Timing,
    /// What its VAT follows from.
    pub tax_code: Code,
    /// When its periods begin and end.
    pub cycle: Cycle,
}

/// What is asked for from a day on, until the next segment begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its first day.
    pub from: Date,
    /// The terms; `None` where nothing is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

/// The segments of a component in order of time. Before the first of them nothing is served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timeline(Vec<Segment>);

impl Timeline {
    /// The segments in order of time.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The first day that is or was served.
    pub fn first_day(&self) -> Option<Date> {
        self.0.iter().find(|segment| segment.terms.is_some()).map(|segment| segment.from)
    }

    /// The terms in force on a day.
    pub fn terms_on(&self, date: Date) -> Option<&Terms> {
        let after = self.0.partition_point(|segment| segment.from <= date);
        self.0[..after].last()?.terms.as_ref()
    }

    /// Whether other terms are asked for from a day after `date`, not counting an end.
    pub(super) fn has_plans_after(&self, date: Date) -> bool {
        let served_until = self.end_after(date).unwrap_or(Date::MAX);
        self.0.iter().any(|segment| date < segment.from && segment.from < served_until)
    }

    /// Whether it is served up to a day, and no longer.
    pub(super) fn ends_on(&self, date: Date) -> bool {
        self.0.iter().any(|segment| segment.from == date && segment.terms.is_none())
    }

    /// Terms count from a day on. They replace what had been asked for from that day on, except its end.
    pub(super) fn change(&mut self, from: Date, terms: Terms) {
        let end = self.end_after(from);
        self.truncate(from);
        self.0.push(Segment { from, terms: Some(terms) });
        self.0.extend(end.map(|end| Segment { from: end, terms: None }));
    }

    /// Nothing is served from a day on, whatever had been asked for.
    pub(super) fn end(&mut self, from: Date) {
        self.truncate(from);
        if self.0.last().is_none_or(|segment| segment.terms.is_some()) {
            self.0.push(Segment { from, terms: None });
        }
    }

    fn end_after(&self, date: Date) -> Option<Date> {
        self.0
            .iter()
            .find(|segment| date < segment.from && segment.terms.is_none())
            .map(|segment| segment.from)
    }

    fn truncate(&mut self, from: Date) {
        let before = self.0.partition_point(|segment| segment.from < from);
        self.0.truncate(before);
    }
}
