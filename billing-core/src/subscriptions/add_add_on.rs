//! A customer asks for an add-on to a subscription.

use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::change::Change;
use super::offer::{self, Offer};
use super::page::plan_component;
use super::{AddOnAdded, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Adds an add-on to a subscription, in the version that is sold for the day. Its periods begin on the subscription's day of the month,
/// unless the add-on says otherwise.
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
    /// What it is called in this subscription, where the same add-on is had more than once; without it, as the
    /// add-on is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Code>,
    /// From when on.
    pub when: When,
}

impl Command for AddAddOn {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.add_add_on";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        if self.quantity == 0 {
            return Err(Rejection::ZeroQuantity.into());
        }
        let Change { account, settings, subscription, from, terms: base } =
            Change::of(books, self.account, self.subscription, &plan_component(), self.when)?;
        let (catalogue, version) = books.catalogue()?;
        let add_on = offer::add_on(catalogue, &self.add_on, from)?;
        let component =
            Bundle::on(subscription, from).take(add_on, self.component.as_ref(), self.quantity)?;
        let price = offer::price(add_on, account.accounts.currency())?;
        if account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }
        offer::full_price(price, self.quantity)?;

        let offer = Offer {
            plan: add_on,
            currency: account.accounts.currency(),
            from,
            counted_from: from,
            quantity: Some(self.quantity),
            anchor_day: subscription.anchor_day(),
            subscription_paid: None,
            account_day: account.accounts.anchor_day().or(base.anchor_day()),
            first_paid_day: account.subscriptions.first_paid_day(),
            trial_in_line: settings.policies().dialect.puts_trials_in_line(),
            anniversaries: settings.policies().dialect.keeps_anniversaries(),
            running: add_on.alignment.is_account().then(|| base.paid_cycle()).flatten(),
        };
        Ok(vec![account.record(AddOnAdded {
            subscription: self.subscription,
            from,
            agreed: offer.agreed(component)?,
            catalogue: version,
        })])
    }
}
