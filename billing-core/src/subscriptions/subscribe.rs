//! A customer subscribes to a plan.

use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::offer::{self, Offer};
use super::{Agreed, Rejection, SubscriptionStarted, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Subscribes a customer to a plan, in the version that is sold for the first day, at its price in the account's
/// currency.
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
    /// The day of the month on which periods begin; without it, the plan says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
    /// Add-ons that are taken with it: all of it is agreed, or nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_ons: Vec<AddOnAsked>,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
}

/// An add-on that is taken with a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddOnAsked {
    /// The add-on.
    pub add_on: Code,
    /// How many, at least 1.
    pub quantity: u32,
    /// What it is called in this subscription, where the same add-on is had more than once; without it, as the
    /// add-on is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Code>,
}

impl Subscribe {
    /// One of a plan, from a day on, with periods that begin where the plan says.
    ///
    /// ```
    /// use billing_core::subscriptions::Subscribe;
    /// let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
    /// let seats = Subscribe { quantity: 5, ..Subscribe::new(account, "team".parse()?, "2026-12-01".parse()?) };
    /// assert_eq!(seats.anchor_day, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(account: AccountId, plan: Code, from: Date) -> Subscribe {
        Subscribe {
            account,
            plan,
            quantity: 1,
            from,
            anchor_day: None,
            add_ons: Vec::new(),
            custom_fields: CustomFields::default(),
        }
    }
}

impl Command for Subscribe {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.subscribe";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let settings = books.settings()?;
        let (catalogue, version) = books.catalogue()?;
        if self.quantity == 0 || self.add_ons.iter().any(|asked| asked.quantity == 0) {
            return Err(Rejection::ZeroQuantity.into());
        }
        let currency = account.accounts.currency();
        let plan = offer::base_plan(catalogue, &self.plan, self.from)?;
        let price = offer::price(plan, currency)?;
        let mut taken = Bundle::default();
        for asked in &self.add_ons {
            let add_on = offer::add_on(catalogue, &asked.add_on, self.from)?;
            taken.take(add_on, asked.component.as_ref(), asked.quantity)?;
        }
        if account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }
        offer::full_price(price, self.quantity)?;

        let offer = Offer {
            plan,
            currency,
            from: self.from,
            counted_from: self.from,
            quantity: Some(self.quantity),
            anchor_day: self.anchor_day,
            subscription_paid: None,
            account_day: account.accounts.anchor_day(),
            first_paid_day: account.subscriptions.first_paid_day(),
            trial_in_line: settings.policies().dialect.puts_trials_in_line(),
            anniversaries: settings.policies().dialect.keeps_anniversaries(),
            running: None,
        };
        let mut agreed = offer.with_charges()?;
        let first_paid_day =
            agreed.iter().filter_map(Agreed::first_paid_day).chain(offer.first_paid_day).min();
        for (asked, component) in self.add_ons.iter().zip(taken.components()) {
            let plan = offer::add_on(catalogue, &asked.add_on, self.from)?;
            offer::full_price(offer::price(plan, currency)?, asked.quantity)?;
            let add_on = Offer { plan, quantity: Some(asked.quantity), first_paid_day, ..offer };
            agreed.push(add_on.agreed(component.clone())?);
        }
        let fit = settings.fields_fit(FieldOwner::Subscription, &self.custom_fields, None);
        fit.map_err(Rejection::from)?;
        Ok(vec![account.record(SubscriptionStarted {
            subscription: ctx.mint(SubscriptionId::from_uuid),
            from: self.from,
            agreed,
            anchor_day: self.anchor_day,
            catalogue: version,
            custom_fields: self.custom_fields.clone(),
        })])
    }
}
