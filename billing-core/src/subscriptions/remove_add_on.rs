//! A customer no longer wants an add-on.

use serde::{Deserialize, Serialize};

use super::change;
use super::page::belongs_to_plan;
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
    /// The add-on, by its name in this subscription.
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
        let settings = books.settings()?;
        let subscription = change::subscription(account, self.subscription)?;
        if belongs_to_plan(&self.add_on) {
            return Err(Rejection::NotServed { component: self.add_on.clone() }.into());
        }
        let from = self.when.first_day(account, settings, self.subscription, &self.add_on)?;
        change::changeable(subscription, from)?;

        if subscription.is_given_up(&self.add_on, from) {
            return Ok(vec![]);
        }
        change::terms_on(subscription, &self.add_on, from)?;
        Ok(vec![account.record(AddOnRemoved {
            subscription: self.subscription,
            add_on: self.add_on.clone(),
            from,
        })])
    }
}
