//! A customer changes to another plan.

use serde::{Deserialize, Serialize};

use super::offer;
use super::page::plan_component;
use super::{PlanChanged, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Cycle;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Changes a subscription to the newest version of a plan. Its periods stay as they are, unless the new plan
/// has another interval: then they begin anew on the day of the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePlan {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// The new plan.
    pub plan: Code,
    /// How many; without it, as many as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// From when on; the day of the change belongs to the new plan.
    pub when: When,
}

impl Command for ChangePlan {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.change_plan";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let (catalogue, version) = books.catalogue()?;
        if self.quantity == Some(0) {
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
        let terms = offer::terms_on(Some(timeline), &plan_component(), from)?;
        let plan = offer::base_plan(catalogue, &self.plan)?;
        let price = offer::price(plan, account.accounts.currency())?;
        let quantity = self.quantity.unwrap_or(terms.quantity);
        let cycle = match plan.interval == terms.cycle.interval() {
            true => terms.cycle,
            false => Cycle::starting(from, plan.interval).map_err(Rejection::from)?,
        };
        if offer::is_more(terms, &price, quantity, &cycle)? && account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }

        let changed = PlanChanged {
            subscription: self.subscription,
            plan: plan.code.clone(),
            plan_version: plan.version,
            name: plan.name.clone(),
            price,
            quantity,
            timing: plan.timing,
            tax_code: plan.tax_code.clone(),
            from,
            cycle,
            catalogue: version,
        };
        if changed.terms() == *terms && !timeline.has_plans_after(from) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(changed)])
    }
}
