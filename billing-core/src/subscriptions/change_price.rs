//! A price of the customer's own.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::offer;
use super::page::plan_component;
use super::{PriceAgreed, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::catalogue::Price;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Agrees on a price of the customer's own for a component, from a day on, for as long as it stays on that plan. It is
/// billed as a change of plan is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePrice {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// The add-on; without it, the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Code>,
    /// The price of a whole period.
    pub price: Price,
    /// From when on.
    pub when: When,
}

impl Command for ChangePrice {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.change_price";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let component = self.component.clone().unwrap_or_else(plan_component);
        let Change { account, from, terms, .. } =
            Change::of(books, self.account, self.subscription, &component, self.when)?;
        if self.price.currency() != account.accounts.currency() {
            let currency = account.accounts.currency();
            return Err(Rejection::NoPrice { plan: terms.plan().clone(), currency }.into());
        }
        self.price.check().map_err(Rejection::from)?;
        offer::full_price(&self.price, terms.quantity)?;

        if *terms.price == self.price {
            return Ok(vec![]);
        }
        let price = self.price.clone();
        Ok(vec![account.record(PriceAgreed { subscription: self.subscription, component, price, from })])
    }
}
