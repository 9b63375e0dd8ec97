//! A customer asks for more or fewer of what a subscription has.

use serde::{Deserialize, Serialize};

use super::offer;
use super::page::plan_component;
use super::{QuantityChanged, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Changes how many of a component are served, at the price that was agreed for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeQuantity {
    /// Whose.
    pub account: AccountId,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// The add-on; without it, the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Code>,
    /// How many, at least 1.
    pub quantity: u32,
    /// From when on.
    pub when: When,
}

impl Command for ChangeQuantity {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.change_quantity";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        if self.quantity == 0 {
            return Err(Rejection::ZeroQuantity.into());
        }
        let Some(subscription) = account.subscriptions.subscription(self.subscription) else {
            return Err(Rejection::UnknownSubscription(self.subscription).into());
        };
        let component = self.component.clone().unwrap_or_else(plan_component);
        let Some(timeline) = subscription.component(&component) else {
            return Err(Rejection::NotServed { component }.into());
        };
        let Some(from) = self.when.first_day(timeline).map_err(Rejection::from)? else {
            return Err(Rejection::NotServed { component }.into());
        };
        offer::changeable(subscription, from)?;
        let terms = offer::terms_on(Some(timeline), &component, from)?;
        if offer::is_more(terms, &terms.price, self.quantity, &terms.cycle)?
            && account.credit_control.on_hold()
        {
            return Err(Rejection::CustomerOnHold.into());
        }

        if terms.quantity == self.quantity && !timeline.has_plans_after(from) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(QuantityChanged {
            subscription: self.subscription,
            component,
            quantity: self.quantity,
            from,
        })])
    }
}
