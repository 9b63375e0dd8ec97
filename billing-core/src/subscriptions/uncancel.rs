//! A customer stays after all.

use serde::{Deserialize, Serialize};

use super::change;
use super::{CancellationWithdrawn, Rejection, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::log::Scope;

/// Takes a cancellation back: the subscription goes on as if it had not been given, and days that were not billed
/// meanwhile are billed with the next bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uncancel {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
}

impl Command for Uncancel {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.uncancel";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let subscription = change::subscription(account, self.subscription)?;
        if subscription.cancelled_from().is_none() {
            return Ok(vec![]);
        }
        if account.credit_control.on_hold() {
            return Err(Rejection::CustomerOnHold.into());
        }
        Ok(vec![account.record(CancellationWithdrawn { subscription: self.subscription })])
    }
}
