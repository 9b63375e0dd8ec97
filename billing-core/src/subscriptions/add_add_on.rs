//! A customer asks for an add-on to a subscription.

use serde::{Deserialize, Serialize};

use super::offer;
use super::page::plan_component;
use super::{AddOnAdded, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Cycle;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Adds the newest version of an add-on to a subscription. Its periods are those of the plan; where its
/// interval is another, they begin on the plan's day of the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddAddOn {
    /// Whose.
    pub account: AccountId,
    /// To which subscription.
    pub subscription: SubscriptionId,
    /// The add-on.
    pub add_on: Code,
    /// How many, at least 1.
    pub quantity: u32,
    /// From when on.
    pub when: When,
}

impl Command for AddAddOn {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.add_add_on";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let (catalogue, version) = books.catalogue()?;
        if self.quantity == 0 {
            return Err(Rejection::ZeroQuantity.into());
        }
        let Some(subscription) = account.subscriptions.subscription(self.subscription) else {
            return Err(Rejection::UnknownSubscription(self.subscription).into());
        };
        let Some(timeline) = subscription.plan() else {
            return Err(Rejection::NotServed { component: plan_component() }.into());
        };
        let Some(from) = self.when.first_day(timeline).map_err(Rejection::from)? else {
            return Err(Rejection::NotServed { component: plan_component() }.into());
        };
        offer::changeable(subscription, from)?;
        let base = offer::terms_on(Some(timeline), &plan_component(), from)?;
        if offer::terms_on(subscription.component(&self.add_on), &self.add_on, from).is_ok() {
            return Err(Rejection::AlreadyServed(self.add_on.clone()).into());
        }
        let add_on = offer::add_on(catalogue, &self.add_on)?;
        let price = offer::price(add_on, account.accounts.currency())?;
        if account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }
        let cycle = match add_on.interval == base.cycle.interval() {
            true => base.cycle,
            false => {
                Cycle::anchored(add_on.interval, from, base.cycle.anchor_day()).map_err(Rejection::from)?
            }
        };
        offer::full_price(&price, self.quantity)?;

        Ok(vec![account.record(AddOnAdded {
            subscription: self.subscription,
            add_on: add_on.code.clone(),
            plan_version: add_on.version,
            name: add_on.name.clone(),
            price,
            quantity: self.quantity,
            timing: add_on.timing,
            tax_code: add_on.tax_code.clone(),
            from,
            cycle,
            catalogue: version,
        })])
    }
}
