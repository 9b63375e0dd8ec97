//! What a later decision can ask about subscriptions: what was asked for each component, and when nothing is served.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Event;
use super::agreed::Agreed;
use super::page::{belongs_to_plan, is_on_accounts_day, plan_component};
use super::timeline::{Component, Pause};
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

/// What the customer subscribed to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) subscriptions: BTreeMap<SubscriptionId, Subscription>,
}

/// One subscription: its plan and its add-ons. What is large is boxed: a map has room for eleven, and most have one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    pub(super) components: BTreeMap<Code, Box<Component>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cancelled_from: Option<Date>,
    /// In order of time; none begins before the one before it is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pauses: Vec<Pause>,
    /// The day of the month that was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) anchor_day: Option<DayOfMonth>,
    /// The day on which its periods last followed the account's day of the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) realigned_on: Option<Date>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::SubscriptionStarted(started) => {
                let subscription = self.subscriptions.entry(started.subscription).or_default();
                subscription.anchor_day = started.anchor_day;
                started.agreed.iter().for_each(|agreed| subscription.agree(started.from, agreed));
            }
            Event::QuantityChanged(changed) => {
                self.component(changed.subscription, &changed.component)
                    .set_quantity(changed.from, changed.quantity);
            }
            Event::PriceAgreed(agreed) => {
                self.component(agreed.subscription, &agreed.component)
                    .set_price(agreed.from, agreed.price.clone());
            }
            Event::PlanChanged(changed) => {
                let subscription = self.subscriptions.entry(changed.subscription).or_default();
                subscription.anchor_day = changed.anchor_day.or(subscription.anchor_day);
                for (code, component) in &mut subscription.components {
                    if belongs_to_plan(code) && changed.agreed.iter().all(|agreed| agreed.component != *code)
                    {
                        component.agree(changed.from, None);
                    }
                }
                changed.agreed.iter().for_each(|agreed| subscription.agree(changed.from, agreed));
            }
            Event::SubscriptionMigrated(migrated) => {
                let subscription = self.subscriptions.entry(migrated.subscription).or_default();
                subscription.migrate(migrated.from, &migrated.agreed);
            }
            Event::AddOnAdded(added) => {
                let subscription = self.subscriptions.entry(added.subscription).or_default();
                subscription.agree(added.from, &added.agreed);
            }
            Event::AddOnRemoved(removed) => {
                self.component(removed.subscription, &removed.add_on).agree(removed.from, None);
            }
            Event::AnchorDayChanged(changed) => {
                let subscription = self.subscriptions.entry(changed.subscription).or_default();
                subscription.anchor_day = Some(changed.day);
                for component in subscription.components.values_mut() {
                    component.set_anchor(changed.from, changed.day);
                }
            }
            Event::PeriodsRealigned(realigned) => {
                let subscription = self.subscriptions.entry(realigned.subscription).or_default();
                subscription.realigned_on = Some(realigned.from);
                for component in subscription.components.values_mut() {
                    if is_on_accounts_day(component) {
                        component.set_anchor(realigned.from, realigned.day);
                    }
                }
            }
            Event::BillingPaused(paused) => {
                let subscription = self.subscriptions.entry(paused.subscription).or_default();
                subscription.pauses.push(Pause { from: paused.from, until: paused.until });
                subscription.pauses.sort_by_key(|pause| pause.from);
            }
            Event::BillingResumed(resumed) => {
                let subscription = self.subscriptions.entry(resumed.subscription).or_default();
                subscription.resume(resumed.from);
            }
            Event::SubscriptionCancelled(cancelled) => {
                let subscription = self.subscriptions.entry(cancelled.subscription).or_default();
                subscription.cancelled_from = Some(cancelled.from);
            }
            Event::CancellationWithdrawn(withdrawn) => {
                let subscription = self.subscriptions.entry(withdrawn.subscription).or_default();
                subscription.cancelled_from = None;
            }
        }
    }

    fn component(&mut self, subscription: SubscriptionId, component: &Code) -> &mut Component {
        let subscription = self.subscriptions.entry(subscription).or_default();
        subscription.components.entry(component.clone()).or_default()
    }
}

impl Subscription {
    fn agree(&mut self, from: Date, agreed: &Agreed) {
        let component = self.components.entry(agreed.component.clone()).or_default();
        component.agree(from, Some(agreed.clone()));
        if let Some(quantity) = agreed.quantity {
            component.set_quantity(from, quantity);
        }
    }

    /// Other versions count from a day on, up to the next agreement that was planned.
    pub(super) fn migrate(&mut self, from: Date, agreed: &[Agreed]) {
        let head = agreed.first().and_then(|head| self.components.get(&head.component));
        let next = head.and_then(|head| head.agreements().map(|(day, _)| day).find(|day| from < *day));
        for (code, component) in &mut self.components {
            let goes = belongs_to_plan(code) && agreed.iter().any(|one| belongs_to_plan(&one.component));
            if goes && agreed.iter().all(|one| one.component != *code) && component.agreed_on(from).is_some()
            {
                component.migrate(from, None);
            }
        }
        for one in agreed {
            let component = self.components.entry(one.component.clone()).or_default();
            component.migrate(from, Some(one.clone()));
            if let Some(quantity) = one.quantity {
                component.set_quantity(from, quantity);
            }
            // A charge that comes with the version goes where another plan was planned.
            if let Some(next) = next.filter(|next| component.agreements().all(|(day, _)| day != *next)) {
                component.migrate(next, None);
            }
        }
    }

    /// The pause in which a day lies ends on it, and those that were planned for later are not wanted any more.
    fn resume(&mut self, from: Date) {
        self.pauses.retain(|pause| pause.from < from);
        if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.contains(from)) {
            pause.until = Some(from);
        }
    }

    /// The plan's own wishes, which every subscription has.
    pub(super) fn plan_component(&self) -> Option<&Component> {
        self.components.get(&plan_component()).map(Box::as_ref)
    }
}
