//! A customer ends a subscription.

use serde::{Deserialize, Serialize};

use super::change;
use super::page::plan_component;
use super::{Rejection, SubscriptionCancelled, Subscriptions, When};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::plus_days;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Ends a subscription with all its add-ons. The day from which that counts is neither served nor billed, but for
/// books that bill as Lago does: there the day of a cancellation is the last that is served. A
/// cancellation may be brought forward by another one, not put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// From when on.
    pub when: When,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}

impl Command for Cancel {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.cancel";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let settings = books.settings()?;
        let subscription = change::subscription(account, self.subscription)?;
        let mut from = self.when.first_day(account, settings, self.subscription, &plan_component())?;
        if matches!(self.when, When::On(_)) && settings.policies().dialect.bills_the_last_day() {
            from = plus_days(from, 1).map_err(Rejection::from)?;
        }
        if let Some(start) = subscription.started_on().filter(|start| from < *start) {
            return Err(Rejection::BeforeStart { from, start }.into());
        }
        match subscription.cancelled_from() {
            Some(end) if end == from => Ok(vec![]),
            Some(end) if end < from => Err(Rejection::Cancelled(end).into()),
            Some(_) | None => Ok(vec![account.record(SubscriptionCancelled {
                subscription: self.subscription,
                from,
                reason: self.reason.clone(),
            })]),
        }
    }
}
