//! A customer changes to another plan.

use serde::{Deserialize, Serialize};

use super::change::{self, Change};
use super::offer::{self, Offer};
use super::page::plan_component;
use super::{PlanChanged, Rejection, Subscriptions, When};
use crate::book::Books;
use crate::catalogue::PhaseKind;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::DayOfMonth;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Code;
use crate::log::Scope;

/// Changes a subscription to a plan, in the version that is sold for the day; so it is brought to another version of
/// the plan that it has, too. Its periods stay as they are, unless the new plan
/// has another interval, or another day of the month is asked for: then they begin anew. The phases of the new plan
/// are counted from the start of the subscription, so that no trial begins again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePlan {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// The new plan.
    pub plan: Code,
    /// How many; without it, as many as before, and of a charge that is new as many as of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// From when on; the day of the change belongs to the new plan.
    pub when: When,
    /// The day of the month on which periods begin from then on; without it, the one that was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
}

impl Command for ChangePlan {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.change_plan";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        if self.quantity == Some(0) {
            return Err(Rejection::ZeroQuantity.into());
        }
        let Change { account, settings, subscription, from, terms } =
            Change::of(books, self.account, self.subscription, &plan_component(), self.when)?;
        let (catalogue, version) = books.catalogue()?;
        let plan = offer::base_plan(catalogue, &self.plan, from)?;
        let price = offer::price(plan, account.accounts.currency())?;
        let quantity = self.quantity.unwrap_or(terms.quantity);
        if offer::is_more(&terms, price, quantity, plan.interval)? && account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }

        let goes_on = !settings.policies().dialect.begins_anew()
            && self.anchor_day.is_none()
            && terms.phase != PhaseKind::Trial;
        let offer = Offer {
            plan,
            currency: account.accounts.currency(),
            from,
            counted_from: subscription.started_on().unwrap_or(from),
            quantity: self.quantity,
            anchor_day: self.anchor_day.or(subscription.anchor_day()),
            subscription_paid: subscription.first_paid_day().filter(|paid| *paid < from),
            account_day: account.accounts.anchor_day(),
            first_paid_day: account.subscriptions.first_paid_day_before(self.subscription, from),
            trial_in_line: settings.policies().dialect.puts_trials_in_line(),
            anniversaries: settings.policies().dialect.keeps_anniversaries(),
            running: goes_on.then_some(terms.cycle),
        };
        let mut agreed = offer.with_charges()?;
        change::have_as_often_as_plan(&mut agreed, subscription, from, terms.quantity);
        if subscription.has_agreed(from, &agreed) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(PlanChanged {
            subscription: self.subscription,
            from,
            agreed,
            anchor_day: self.anchor_day,
            catalogue: version,
        })])
    }
}
