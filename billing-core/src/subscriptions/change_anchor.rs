//! A customer asks that periods begin on another day of the month.

use serde::{Deserialize, Serialize};

use super::change;
use super::{AnchorDayChanged, Rejection, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::log::Scope;

/// Lets the periods of a subscription begin on another day of the month: from the next such day on, which may be the
/// day of asking. What is billed stays billed; the period that begins on that day is billed ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeAnchor {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// The day of the month.
    pub day: DayOfMonth,
    /// The day on which the customer asked.
    pub asked_on: Date,
}

impl Command for ChangeAnchor {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.change_anchor";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let subscription = change::subscription(account, self.subscription)?;
        let from = self.day.on_or_after(self.asked_on).map_err(Rejection::from)?;
        change::changeable(subscription, from)?;

        if subscription.anchor_day() == Some(self.day) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(AnchorDayChanged { subscription: self.subscription, day: self.day, from })])
    }
}
