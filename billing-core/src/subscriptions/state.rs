//! What a later decision can ask about subscriptions: what was asked for each component, and when nothing is served.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Event;
use super::page::{belongs_to_plan, is_on_accounts_day};
use super::subscription::Subscription;
use super::timeline::{Component, Pause};
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::Code;

/// What the customer subscribed to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) subscriptions: BTreeMap<SubscriptionId, Subscription>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::SubscriptionStarted(started) => {
                let subscription = self.subscriptions.entry(started.subscription).or_default();
                subscription.anchor_day = started.anchor_day;
                subscription.custom_fields = started.custom_fields.clone();
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
            Event::SubscriptionFieldsChanged(changed) => {
                let subscription = self.subscriptions.entry(changed.subscription).or_default();
                subscription.custom_fields = changed.custom_fields.clone();
            }
        }
    }

    fn component(&mut self, subscription: SubscriptionId, component: &Code) -> &mut Component {
        let subscription = self.subscriptions.entry(subscription).or_default();
        subscription.components.entry(component.clone()).or_default()
    }
}
