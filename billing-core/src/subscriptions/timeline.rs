//! The timeline of a component: the terms that the customer asked for, and from which day on each counts.

use serde::{Deserialize, Serialize};

use super::agreed::{Agreed, Fee, Stage};
use super::wishes::Wishes;
use crate::catalogue::{Meter, PhaseKind, Price, Timing};
use crate::kernel::calendar::{Cycle, Date, DayOfMonth, Interval};
use crate::kernel::text::{Code, Label};

/// What counts on a day for a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms<'a> {
    /// What was agreed.
    pub agreed: &'a Agreed,
    /// A trial, an introductory price, or the plan's own.
    pub phase: PhaseKind,
    /// The price of a whole period.
    pub price: &'a Price,
    /// How many.
    pub quantity: u32,
    /// When periods begin and end.
    pub cycle: Cycle,
    /// The first day that is not free, where days of a trial lie in the first period.
    pub free_until: Option<Date>,
}

impl<'a> Terms<'a> {
    /// The plan, or the add-on.
    pub fn plan(&self) -> &'a Code {
        &self.agreed.plan
    }

    /// Its name as it stands on documents.
    pub fn name(&self) -> &'a Label {
        &self.agreed.name
    }

    /// What is counted to bill it; without it, the quantity that was ordered.
    pub fn meter(&self) -> Option<&'a Meter> {
        self.agreed.meter.as_ref().filter(|_| self.phase != PhaseKind::Trial)
    }

    /// The day of the month on which its periods begin, where they are months.
    pub(super) fn anchor_day(&self) -> Option<DayOfMonth> {
        self.paid_cycle()
            .filter(|cycle| matches!(cycle.interval(), Interval::Months(_)))
            .map(|cycle| cycle.anchor_day())
    }

    /// When its periods begin and end, where they are not those of a trial.
    pub(super) fn paid_cycle(&self) -> Option<Cycle> {
        (self.phase != PhaseKind::Trial).then_some(self.cycle)
    }

    /// Whether a period is billed before or after it was served. A trial is billed on its first day, and what is
    /// metered when it was counted.
    pub fn timing(&self) -> Timing {
        match (self.phase, &self.agreed.meter) {
            (PhaseKind::Trial, _) => Timing::InAdvance,
            (PhaseKind::Introductory | PhaseKind::Standing, Some(_)) => Timing::InArrears,
            (PhaseKind::Introductory | PhaseKind::Standing, None) => self.agreed.timing,
        }
    }
}

/// What is asked for from a day on, until the next segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Its first day.
    pub from: Date,
    /// The terms; `None` where nothing is served.
    pub terms: Option<Terms<'a>>,
}

/// The segments of a component in order of time, and the day on which its periods last followed the account's day.
/// Before the first of them nothing is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline<'a>(Vec<Segment<'a>>, Option<Date>);

impl<'a> Timeline<'a> {
    /// The segments in order of time.
    pub fn segments(&self) -> &[Segment<'a>] {
        &self.0
    }

    /// The day from which on its periods follow the account's day of the month, where that changed: what was billed
    /// before for days beyond the end of the period that was running is not kept.
    pub fn realigned_on(&self) -> Option<Date> {
        self.1
    }

    pub(super) fn realigned(self, on: Option<Date>) -> Timeline<'a> {
        Timeline(self.0, on)
    }

    /// The first day that is or was served.
    pub fn first_day(&self) -> Option<Date> {
        self.0.iter().find(|segment| segment.terms.is_some()).map(|segment| segment.from)
    }

    /// The terms in force on a day.
    pub fn terms_on(&self, date: Date) -> Option<Terms<'a>> {
        let after = self.0.partition_point(|segment| segment.from <= date);
        self.0[..after].last()?.terms
    }

    /// What is charged once: the first day from the agreed one on that is served under the agreement that says so.
    pub fn fees(&self) -> impl Iterator<Item = (Date, Fee, Terms<'a>)> {
        let mut last = None;
        self.0.iter().enumerate().filter_map(move |(at, segment)| {
            let terms = segment.terms?;
            let fee = terms.agreed.fee.filter(|fee| last != Some(fee.on))?;
            let end = self.0.get(at + 1).map_or(Date::MAX, |next| next.from);
            if end <= fee.on {
                return None;
            }
            last = Some(fee.on);
            Some((fee.on.max(segment.from), fee, terms))
        })
    }

    /// Takes the days of a period out: nothing is served on them.
    fn cut(&mut self, from: Date, to: Option<Date>) {
        let resumed = to.and_then(|to| Some(Segment { from: to, terms: Some(self.terms_on(to)?) }));
        let after = to.map_or(self.0.len(), |to| self.0.partition_point(|segment| segment.from <= to));
        let before = self.0.partition_point(|segment| segment.from < from);
        if self.0[..before].last().is_some_and(|segment| segment.terms.is_some()) || after > before {
            self.0.splice(
                before..after.max(before),
                [Segment { from, terms: None }].into_iter().chain(resumed),
            );
        }
    }
}

/// What was asked for a component, each kind of wish by the day from which it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    /// What was agreed; `None` from the day on which it was given up.
    agreed: Wishes<Option<Agreed>>,
    quantities: Wishes<u32>,
    /// Prices of the customer's own, each within the agreement in force.
    #[serde(default, skip_serializing_if = "Wishes::is_empty")]
    prices: Wishes<Price>,
    /// Days of the month on which periods begin, each within the agreement in force.
    #[serde(default, skip_serializing_if = "Wishes::is_empty")]
    anchors: Wishes<DayOfMonth>,
}

impl Component {
    /// Another agreement counts from a day on, or none.
    pub(crate) fn agree(&mut self, from: Date, agreed: Option<Agreed>) {
        self.agreed.plan(from, agreed);
        self.prices.drop_from(from);
        self.anchors.drop_from(from);
    }

    /// Another agreement counts from a day on, or none, up to the next that was planned: what was wished beside it
    /// stays.
    pub(crate) fn migrate(&mut self, from: Date, agreed: Option<Agreed>) {
        self.agreed.insert(from, agreed);
    }

    /// What was agreed for a day.
    pub(crate) fn agreed_on(&self, date: Date) -> Option<&Agreed> {
        self.agreed.on(date).and_then(|(_, agreed)| agreed.as_ref())
    }

    pub(crate) fn set_quantity(&mut self, from: Date, quantity: u32) {
        self.quantities.plan(from, quantity);
    }

    pub(crate) fn set_price(&mut self, from: Date, price: Price) {
        self.prices.plan(from, price);
    }

    /// Periods begin on another day of the month from a day on, also where another agreement was planned for later.
    pub(crate) fn set_anchor(&mut self, from: Date, day: DayOfMonth) {
        self.anchors.plan(from, day);
        for stage in self.agreed.after_mut(from).flatten().flat_map(|agreed| &mut agreed.stages) {
            stage.cycle = anchored(stage.phase, stage.cycle, stage.from, day);
        }
    }

    /// The agreements, in order of time; `None` where one was given up.
    pub(crate) fn agreements(&self) -> impl Iterator<Item = (Date, Option<&Agreed>)> {
        self.agreed.iter().map(|(from, agreed)| (from, agreed.as_ref()))
    }

    /// Whether another quantity is planned for a day after `date`.
    pub(crate) fn has_quantities_after(&self, date: Date) -> bool {
        self.quantities.has_after(date)
    }

    /// Whether the last agreement is this one, from a day on or an earlier one, but for the days of its stages that are
    /// over.
    pub(crate) fn says(&self, from: Date, agreed: &Agreed) -> bool {
        let Some((since, Some(last))) = self.last_agreed() else { return false };
        let goes_on = agreed.stages.first().is_some_and(|first| {
            let now = last.stages.iter().rfind(|stage| stage.from <= first.from);
            now.is_some_and(|now| {
                now.price == first.price && now.phase == first.phase && now.cycle == first.cycle
            })
        });
        let same_terms = last.plan == agreed.plan && last.plan_version == agreed.plan_version;
        let same_quantity = agreed.quantity.is_none_or(|quantity| {
            self.quantities.on(from).map(|(_, had)| *had) == Some(quantity)
                && !self.quantities.has_after(from)
        });
        let own_prices = self.prices.days().any(|from| since <= from);
        since <= from && goes_on && same_terms && same_quantity && !own_prices
    }

    /// The last agreement counts from a day on, or from an earlier one; `None` where it was given up.
    pub(crate) fn last_agreed(&self) -> Option<(Date, Option<&Agreed>)> {
        self.agreements().last()
    }

    /// What counts on which day, but for the days of pauses and from the end of the subscription on.
    pub(crate) fn timeline(&self, pauses: &[Pause], end: Option<Date>) -> Timeline<'_> {
        let mut timeline = Timeline::default();
        let nexts = self.agreed.days().skip(1).map(Some).chain([None]);
        for ((from, agreed), next) in self.agreed.iter().zip(nexts) {
            match agreed {
                Some(agreed) => self.segments(from, agreed, next, &mut timeline.0),
                None => timeline.0.push(Segment { from, terms: None }),
            }
        }
        for pause in pauses {
            timeline.cut(pause.from, pause.until);
        }
        if let Some(end) = end {
            timeline.cut(end, None);
        }
        timeline
    }

    /// The segments of one agreement, which counts up to the next.
    fn segments<'a>(
        &'a self,
        from: Date,
        agreed: &'a Agreed,
        next: Option<Date>,
        into: &mut Vec<Segment<'a>>,
    ) {
        let until = agreed.until.into_iter().chain(next).min();
        let end = until.unwrap_or(Date::MAX);
        let within = |date: &Date| from < *date && *date < end;
        let mut edges: Vec<Date> = vec![from];
        edges.extend(agreed.stages.iter().map(|stage| stage.from).filter(within));
        // What is metered is billed by what was counted, whatever was ordered.
        let ordered = self.quantities.days().filter(|_| agreed.meter.is_none());
        edges.extend(ordered.chain(self.prices.days()).chain(self.anchors.days()).filter(within));
        edges.sort_unstable();
        edges.dedup();
        for edge in edges.into_iter().filter(|edge| *edge < end) {
            let stage = agreed.stages.iter().rfind(|stage| stage.from <= edge);
            into.push(Segment {
                from: edge,
                terms: stage.map(|stage| self.terms(from, agreed, stage, edge)),
            });
        }
        if let Some(until) = until.filter(|until| next.is_none_or(|next| *until < next)) {
            into.push(Segment { from: until, terms: None });
        }
    }

    /// The terms from a day on, in a stage of an agreement that counts from `since` on.
    fn terms<'a>(&'a self, since: Date, agreed: &'a Agreed, stage: &'a Stage, on: Date) -> Terms<'a> {
        let own_price = self.prices.on(on).filter(|(from, _)| since <= *from).map(|(_, price)| price);
        let anchor = self.anchors.on(on).filter(|(from, _)| since <= *from);
        Terms {
            agreed,
            phase: stage.phase,
            price: own_price.filter(|_| stage.phase != PhaseKind::Trial).unwrap_or(&stage.price),
            free_until: stage.free_until,
            quantity: self.quantities.on(on).map_or(1, |(_, quantity)| *quantity),
            cycle: anchor.map_or(stage.cycle, |(from, day)| {
                anchored(stage.phase, stage.cycle, stage.from.max(from), *day)
            }),
        }
    }
}

/// Days on which a subscription is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The first day that is not served.
    pub from: Date,
    /// The first day that is served again, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Pause {
    /// Whether a day lies in it.
    pub fn contains(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    /// Whether both have a day in common.
    pub(super) fn meets(&self, other: Pause) -> bool {
        self.contains(other.from) || other.contains(self.from)
    }
}

/// The cycle of a stage with its periods on another day of the month. Periods of days and weeks, and a trial, stay
/// as they are.
fn anchored(phase: PhaseKind, cycle: Cycle, from: Date, day: DayOfMonth) -> Cycle {
    match (phase, cycle.interval()) {
        (PhaseKind::Introductory | PhaseKind::Standing, Interval::Months(_)) => {
            Cycle::anchored(cycle.interval(), from, day).unwrap_or(cycle)
        }
        (PhaseKind::Trial, _) | (_, Interval::Days(_) | Interval::Weeks(_)) => cycle,
    }
}
