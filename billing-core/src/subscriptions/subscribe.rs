//! A customer subscribes to a plan.

use serde::{Deserialize, Serialize};

use super::offer;
use super::{Rejection, SubscriptionStarted, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::{Cycle, Date, DayOfMonth};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Subscribes a customer to the newest version of a plan, at today's price in the account's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Who subscribes.
    pub account: AccountId,
    /// The plan.
    pub plan: Code,
    /// How many, at least 1.
    pub quantity: u32,
    /// The first day served.
    pub from: Date,
    /// The day of the month on which periods begin; without it, the day of `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
}

impl Subscribe {
    /// One of a plan, from a day on, with periods that begin on that day of each month.
    ///
    /// ```
    /// use billing_core::subscriptions::Subscribe;
    /// let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
    /// let seats = Subscribe { quantity: 5, ..Subscribe::new(account, "team".parse()?, "2026-12-01".parse()?) };
    /// assert_eq!(seats.anchor_day, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(account: AccountId, plan: Code, from: Date) -> Subscribe {
        Subscribe { account, plan, quantity: 1, from, anchor_day: None }
    }
}

impl Command for Subscribe {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.subscribe";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let (catalogue, version) = books.catalogue()?;
        if self.quantity == 0 {
            return Err(Rejection::ZeroQuantity.into());
        }
        let plan = offer::base_plan(catalogue, &self.plan)?;
        let price = offer::price(plan, account.accounts.currency())?;
        if account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }
        let cycle = match self.anchor_day {
            Some(day) => Cycle::anchored(plan.interval, self.from, day),
            None => Cycle::starting(self.from, plan.interval),
        };
        let cycle = cycle.map_err(Rejection::from)?;
        cycle.period_containing(self.from).map_err(Rejection::from)?;
        offer::full_price(&price, self.quantity)?;

        Ok(vec![account.record(SubscriptionStarted {
            subscription: ctx.mint(SubscriptionId::from_uuid),
            plan: plan.code.clone(),
            plan_version: plan.version,
            name: plan.name.clone(),
            price,
            quantity: self.quantity,
            timing: plan.timing,
            tax_code: plan.tax_code.clone(),
            from: self.from,
            cycle,
            catalogue: version,
        })])
    }
}
