//! A customer asks for more or fewer of what a subscription has.

use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::change::Change;
use super::offer;
use super::page::{belongs_to_plan, plan_component};
use super::{QuantityChanged, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Changes how many of a component are served, at the price that was agreed for it. It replaces quantities that were
/// planned for later days.
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
        if self.quantity == 0 {
            return Err(Rejection::ZeroQuantity.into());
        }
        let component = self.component.clone().unwrap_or_else(plan_component);
        let Change { account, subscription, from, terms, .. } =
            Change::of(books, self.account, self.subscription, &component, self.when)?;
        let more = offer::is_more(&terms, terms.price, self.quantity, terms.cycle.interval())?;
        if terms.quantity < self.quantity && !belongs_to_plan(&component) {
            let (catalogue, _) = books.catalogue()?;
            let mut bundle = Bundle::on(subscription, from);
            bundle.set(&component, self.quantity);
            bundle.within_limit(offer::add_on(catalogue, terms.plan(), from)?)?;
        }
        if more && account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }

        if terms.quantity == self.quantity && !subscription.has_quantities_after(&component, from) {
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
