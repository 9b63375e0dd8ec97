//! What other departments may ask about subscriptions.

use std::sync::LazyLock;

use super::agreed::Agreed;
use super::state::State;
use super::subscription::Subscription;
use super::timeline::{Component, Pause, Timeline};
use crate::catalogue::Meter;
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

static PLAN: LazyLock<Code> = LazyLock::new(|| Code::parse("plan").expect("it is spelt as a code"));

/// The name of the component that every subscription has; an add-on is named by its own code.
pub(super) fn plan_component() -> Code {
    PLAN.clone()
}

/// Whether a component is the plan itself.
pub fn is_plan(component: &Code) -> bool {
    *component == *PLAN
}

/// Whether a component is the plan, or a charge that comes and goes with it.
pub(super) fn belongs_to_plan(component: &Code) -> bool {
    component
        .as_str()
        .strip_prefix(PLAN.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether the periods of a component begin on the account's day, as it was agreed last.
pub(super) fn is_on_accounts_day(component: &Component) -> bool {
    let last = component.agreements().filter_map(|(_, agreed)| agreed).last();
    last.is_some_and(|agreed| agreed.alignment.is_account())
}

impl State {
    /// Every component with its timeline, ended ones too: which subscription, which component, what is asked for.
    /// The plan stands before its add-ons, as on the invoice.
    pub fn components(&self) -> impl Iterator<Item = (SubscriptionId, &Code, Timeline<'_>)> {
        self.subscriptions.iter().flat_map(|(id, subscription)| {
            subscription.timelines().map(|(component, timeline)| (*id, component, timeline))
        })
    }

    /// A subscription.
    pub fn subscription(&self, id: SubscriptionId) -> Option<&Subscription> {
        self.subscriptions.get(&id)
    }

    /// Every subscription, ended ones too.
    pub fn subscriptions(&self) -> impl Iterator<Item = (SubscriptionId, &Subscription)> {
        self.subscriptions.iter().map(|(id, subscription)| (*id, subscription))
    }

    /// The first day that the customer pays for, by what was agreed; trials don't count. Where the account has no
    /// day of the month of its own, periods begin on that of this day.
    pub fn first_paid_day(&self) -> Option<Date> {
        self.subscriptions.values().filter_map(Subscription::first_paid_day).min()
    }

    /// The first day that the customer pays for, not counting what a subscription's plan was agreed for a day or
    /// later.
    pub(super) fn first_paid_day_before(&self, subscription: SubscriptionId, from: Date) -> Option<Date> {
        let others = self.subscriptions.iter().filter(|(id, _)| **id != subscription);
        let others = others.filter_map(|(_, other)| other.first_paid_day());
        let own = self.subscriptions.get(&subscription).and_then(Subscription::first_paid_day);
        others.chain(own.filter(|paid| *paid < from)).min()
    }
}

impl Subscription {
    /// Its components with their timelines, the plan and its charges first.
    pub fn timelines(&self) -> impl Iterator<Item = (&Code, Timeline<'_>)> {
        let of_plan = self.components.keys().filter(|component| belongs_to_plan(component));
        let add_ons = self.components.keys().filter(|component| !belongs_to_plan(component));
        of_plan.chain(add_ons).filter_map(|component| Some((component, self.component(component)?)))
    }

    /// The timeline of its plan, which every subscription has.
    pub fn plan(&self) -> Option<Timeline<'_>> {
        self.component(&PLAN)
    }

    /// The timeline of a component: "plan", or an add-on's code.
    pub fn component(&self, component: &Code) -> Option<Timeline<'_>> {
        let timeline = self.components.get(component)?.timeline(&self.pauses, self.cancelled_from);
        Some(timeline.realigned(self.realigned_on))
    }

    /// What is asked for a component, whether it is served or rests.
    pub(super) fn asked_for(&self, component: &Code) -> Option<Timeline<'_>> {
        Some(self.components.get(component)?.timeline(&[], self.cancelled_from))
    }

    /// What is counted to bill it, was, or will be, as far as it is agreed.
    pub fn meters(&self) -> impl Iterator<Item = &Meter> {
        let agreements = self.components.values().flat_map(|component| component.agreements());
        agreements.filter_map(|(_, agreed)| agreed?.meter.as_ref())
    }

    /// The seller's own fields of it.
    pub fn custom_fields(&self) -> &CustomFields {
        &self.custom_fields
    }

    /// The first day on which it was asked for.
    pub fn started_on(&self) -> Option<Date> {
        self.plan_component().and_then(|plan| plan.agreements().map(|(from, _)| from).next())
    }

    /// The first day that is no longer served, if the subscription was cancelled.
    pub fn cancelled_from(&self) -> Option<Date> {
        self.cancelled_from
    }

    /// The days on which it is not served, in order of time.
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// The day of the month on which its periods begin, if one was asked for.
    pub fn anchor_day(&self) -> Option<DayOfMonth> {
        self.anchor_day
    }

    /// Whether a minimum was agreed for its plan, or for something beside it.
    pub fn is_committed(&self) -> bool {
        let agreements = self.components.values().flat_map(|component| component.agreements());
        agreements.filter_map(|(_, agreed)| agreed).any(|agreed| agreed.commitment.is_some())
    }

    /// Whether periods of it begin on the account's day of the month.
    pub fn follows_account(&self) -> bool {
        self.anchor_day.is_none() && self.components.values().any(|component| is_on_accounts_day(component))
    }

    /// Whether just this was agreed for its plan from a day on or an earlier one, and nothing else is planned.
    pub(super) fn has_agreed(&self, from: Date, agreed: &[Agreed]) -> bool {
        let of_plan = self.components.iter().filter(|(code, _)| belongs_to_plan(code));
        let served =
            of_plan.filter(|(_, component)| component.last_agreed().is_some_and(|(_, last)| last.is_some()));
        served.count() == agreed.len()
            && agreed.iter().all(|agreed| {
                let component = self.components.get(&agreed.component);
                component.is_some_and(|component| component.says(from, agreed))
            })
    }

    /// Whether another quantity of a component is planned for a day after `date`.
    pub(super) fn has_quantities_after(&self, component: &Code, date: Date) -> bool {
        self.components.get(component).is_some_and(|component| component.has_quantities_after(date))
    }

    /// Whether a component is given up from just this day on.
    pub(super) fn is_given_up(&self, component: &Code, from: Date) -> bool {
        let last = self.components.get(component).and_then(|component| component.last_agreed());
        last.is_some_and(|(since, agreed)| since == from && agreed.is_none())
    }

    /// The first day that is paid for, by what was agreed.
    pub fn first_paid_day(&self) -> Option<Date> {
        let agreements = self.components.values().flat_map(|component| component.agreements());
        agreements.filter_map(|(_, agreed)| agreed?.first_paid_day()).min()
    }
}
