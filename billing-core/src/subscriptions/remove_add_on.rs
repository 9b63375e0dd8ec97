//! A customer no longer wants an add-on.

use serde::{Deserialize, Serialize};

use super::offer;
use super::page::plan_component;
use super::{AddOnRemoved, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Removes an add-on from a subscription. The day from which that counts is not served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveAddOn {
    /// Whose.
    pub account: AccountId,
    /// From which subscription.
    pub subscription: SubscriptionId,
    /// The add-on.
    pub add_on: Code,
    /// From when on.
    pub when: When,
}

impl Command for RemoveAddOn {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.remove_add_on";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let Some(subscription) = account.subscriptions.subscription(self.subscription) else {
            return Err(Rejection::UnknownSubscription(self.subscription).into());
        };
        let not_served = || Rejection::NotServed { component: self.add_on.clone() };
        let timeline = subscription.component(&self.add_on).filter(|_| self.add_on != plan_component());
        let timeline = timeline.ok_or_else(not_served)?;
        let from = self.when.first_day(timeline).map_err(Rejection::from)?.ok_or_else(not_served)?;
        offer::changeable(subscription, from)?;

        if timeline.ends_on(from) {
            return Ok(vec![]);
        }
        offer::terms_on(Some(timeline), &self.add_on, from)?;
        Ok(vec![account.record(AddOnRemoved {
            subscription: self.subscription,
            add_on: self.add_on.clone(),
            from,
        })])
    }
}
