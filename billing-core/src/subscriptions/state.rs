//! What a later decision can ask about subscriptions: the timeline of each component.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Event;
use super::page::plan_component;
use super::timeline::{Terms, Timeline};
use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

/// What the customer subscribed to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) subscriptions: BTreeMap<SubscriptionId, Subscription>,
}

/// One subscription: its plan and its add-ons.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    pub(super) components: BTreeMap<Code, Timeline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cancelled_from: Option<Date>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::SubscriptionStarted(started) => {
                let subscription = self.subscriptions.entry(started.subscription).or_default();
                subscription.change(&plan_component(), started.from, started.terms());
            }
            Event::QuantityChanged(changed) => {
                let subscription = self.subscriptions.entry(changed.subscription).or_default();
                let timeline = subscription.components.get(&changed.component);
                if let Some(terms) = timeline.and_then(|timeline| timeline.terms_on(changed.from)).cloned() {
                    let terms = Terms { quantity: changed.quantity, ..terms };
                    subscription.change(&changed.component, changed.from, terms);
                }
            }
            Event::PlanChanged(changed) => {
                let subscription = self.subscriptions.entry(changed.subscription).or_default();
                subscription.change(&plan_component(), changed.from, changed.terms());
            }
            Event::AddOnAdded(added) => {
                let subscription = self.subscriptions.entry(added.subscription).or_default();
                subscription.change(&added.add_on, added.from, added.terms());
            }
            Event::AddOnRemoved(removed) => {
                let subscription = self.subscriptions.entry(removed.subscription).or_default();
                subscription.components.entry(removed.add_on.clone()).or_default().end(removed.from);
            }
            Event::SubscriptionCancelled(cancelled) => {
                let subscription = self.subscriptions.entry(cancelled.subscription).or_default();
                subscription.cancelled_from = Some(cancelled.from);
                subscription.components.values_mut().for_each(|timeline| timeline.end(cancelled.from));
            }
        }
    }
}

impl Subscription {
    fn change(&mut self, component: &Code, from: Date, terms: Terms) {
        let timeline = self.components.entry(component.clone()).or_default();
        timeline.change(from, terms);
        if let Some(end) = self.cancelled_from {
            timeline.end(end);
        }
    }
}
