//! Whom a newer version of a plan moves and when, and who keeps what was agreed.

use super::Agreed;
use super::page::{belongs_to_plan, plan_component};
use super::rejection::Rejection;
use super::state::State;
use super::subscription::Subscription;
use super::timeline::{Terms, Timeline};
use crate::catalogue::{self, Existing, PhaseKind, Plan};
use crate::kernel::calendar::{CalendarError, Date};
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

/// What newer versions of a plan mean for an agreement that was made on an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// "plan", with the charges that go with it, or the name of an add-on.
    pub component: Code,
    /// The plan, or the add-on.
    pub plan: Code,
    /// The version that was agreed.
    pub version: u32,
    /// The first day on which the agreement no longer counts, where its end is known.
    pub until: Option<Date>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of an agreement on an earlier version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Another version counts from a day on.
    Moves {
        /// The version.
        to: u32,
        /// The first day on which it counts.
        on: Date,
    },
    /// It stays, because no later version moves existing subscribers.
    Grandfathered,
    /// It stays, because a price of the customer's own was agreed in it.
    OwnPrice,
    /// It stays, because it was agreed for a term: up to this day.
    Term(Date),
    /// It stays, because it is over before the day.
    Ends,
}

impl State {
    /// What the catalogue's newer versions mean for what the customer agreed on: one entry for each agreement on a
    /// version that is not the newest. [`MigrateAccount`](super::MigrateAccount) records the moves.
    ///
    /// # Errors
    /// If a day that follows is outside the calendar.
    pub fn migrations(&self, catalogue: &catalogue::State) -> Result<Vec<Migration>, Rejection> {
        let mut found = Vec::new();
        for (id, subscription) in self.subscriptions() {
            for component in subscription.heads() {
                found.extend(subscription.migrations(id, &component, catalogue)?);
            }
        }
        Ok(found)
    }
}

impl Subscription {
    /// The components that are moved by themselves: the plan, whose charges go with it, and each add-on.
    pub(super) fn heads(&self) -> Vec<Code> {
        let plan = plan_component();
        let heads = self.components.keys().filter(|code| **code == plan || !belongs_to_plan(code));
        heads.cloned().collect()
    }

    /// What newer versions mean for each agreement of a component, in order of time.
    pub(super) fn migrations(
        &self,
        id: SubscriptionId,
        component: &Code,
        catalogue: &catalogue::State,
    ) -> Result<Vec<Migration>, CalendarError> {
        let (Some(kept), Some(timeline)) = (self.components.get(component), self.asked_for(component)) else {
            return Ok(Vec::new());
        };
        let agreements: Vec<(Date, Option<&Agreed>)> = kept.agreements().collect();
        let nexts = agreements.iter().skip(1).map(|(next, _)| Some(*next)).chain([None]);
        let mut found = Vec::new();
        for ((since, agreed), next) in agreements.iter().zip(nexts) {
            let Some(agreed) = agreed else { continue };
            let newer = catalogue.versions(&agreed.plan).iter();
            let newer: Vec<&Plan> = newer.filter(|plan| agreed.plan_version < plan.version).collect();
            if newer.is_empty() {
                continue;
            }
            let until = next.into_iter().chain(agreed.until).chain(self.cancelled_from()).min();
            let span = Span { since: *since, until, agreed, timeline: &timeline };
            let fate = span.fate(&newer, catalogue, || self.has_own_price(component, &span))?;
            found.push(Migration {
                subscription: id,
                component: component.clone(),
                plan: agreed.plan.clone(),
                version: agreed.plan_version,
                until,
                fate,
            });
        }
        Ok(found)
    }

    /// Whether a price of the customer's own was agreed for what an agreement brought: the plan or one of its
    /// charges, or the add-on.
    fn has_own_price(&self, component: &Code, span: &Span<'_>) -> bool {
        let together =
            |other: &&Code| *other == component || (belongs_to_plan(component) && belongs_to_plan(other));
        self.components.keys().filter(together).filter_map(|code| self.asked_for(code)).any(|timeline| {
            timeline.segments().iter().filter(|segment| span.contains(segment.from)).any(|segment| {
                segment.terms.is_some_and(|terms| {
                    let stage = terms.agreed.stages.iter().rfind(|stage| stage.from <= segment.from);
                    stage.is_none_or(|stage| stage.price != *terms.price)
                })
            })
        })
    }
}

/// The days on which an agreement counts.
struct Span<'a> {
    since: Date,
    until: Option<Date>,
    agreed: &'a Agreed,
    timeline: &'a Timeline<'a>,
}

impl Span<'_> {
    fn contains(&self, date: Date) -> bool {
        self.since <= date && self.until.is_none_or(|until| date < until)
    }

    fn fate(
        &self,
        newer: &[&Plan],
        catalogue: &catalogue::State,
        has_own_price: impl Fn() -> bool,
    ) -> Result<Fate, CalendarError> {
        // A version moves subscribers if it is still the one that is sold on the day from which it does.
        let moving = newer.iter().filter(|plan| {
            let sold = plan.existing.first_day().and_then(|day| catalogue.plan_on(&plan.code, day));
            sold.is_some_and(|sold| sold.version == plan.version)
        });
        let moving: Vec<&Plan> = moving.copied().collect();
        if moving.is_empty() {
            return Ok(Fate::Grandfathered);
        }
        if has_own_price() {
            return Ok(Fate::OwnPrice);
        }
        if let Some(until) = self.agreed.until {
            return Ok(Fate::Term(until));
        }
        let mut first: Option<(Date, u32)> = None;
        for plan in moving {
            // Of two versions that would count from the same day on, the newer does.
            if let Some(on) = self.day(plan.existing)?
                && first
                    .is_none_or(|(before, version)| on < before || (on == before && version < plan.version))
            {
                first = Some((on, plan.version));
            }
        }
        Ok(first.map_or(Fate::Ends, |(on, to)| Fate::Moves { to, on }))
    }

    /// The first day on which another version would count. What was agreed for a time, a trial or an introductory
    /// price, is kept to its end.
    fn day(&self, existing: Existing) -> Result<Option<Date>, CalendarError> {
        let standing = self.agreed.stages.iter().rfind(|stage| stage.phase == PhaseKind::Standing);
        let (Some(standing), Some(announced)) = (standing, existing.first_day()) else { return Ok(None) };
        let begins = standing.free_until.unwrap_or(standing.from).max(standing.from).max(self.since);
        let from = announced.max(begins);
        let day = match existing {
            Existing::Grandfathered => return Ok(None),
            Existing::MigrateFrom(_) => from,
            Existing::MigrateAtRenewalFrom(_) => match self.timeline.terms_on(from) {
                Some(terms) => self.renewal(terms, from)?,
                None => return Ok(None),
            },
        };
        Ok(Some(day).filter(|day| self.contains(*day)))
    }

    /// The first day from one on with which a period begins: that of its cycle, or of another one on the way.
    fn renewal(&self, terms: Terms<'_>, from: Date) -> Result<Date, CalendarError> {
        let period = terms.cycle.period_containing(from)?;
        if period.from() == from {
            return Ok(from);
        }
        let mut cycle = None;
        let anew = self.timeline.segments().iter().filter(|segment| {
            let before = std::mem::replace(&mut cycle, segment.terms.map(|terms| terms.cycle));
            before != cycle
        });
        let mut anew = anew.map(|segment| segment.from);
        Ok(anew.find(|day| (from..period.to()).contains(day)).unwrap_or(period.to()))
    }
}
