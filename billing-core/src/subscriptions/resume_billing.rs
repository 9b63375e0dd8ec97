//! A subscription that rested is served again.

use serde::{Deserialize, Serialize};

use super::change;
use super::{BillingResumed, Rejection, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::log::Scope;

/// Ends a pause: from a day on, which may lie back or ahead, the subscription is served and billed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeBilling {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// The first day that is served again.
    pub from: Date,
}

impl Command for ResumeBilling {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.resume_billing";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let subscription = change::subscription(account, self.subscription)?;
        if subscription.pauses().iter().any(|pause| pause.until == Some(self.from)) {
            return Ok(vec![]);
        }
        if !subscription.pauses().iter().any(|pause| pause.contains(self.from)) {
            return Err(Rejection::NotPaused { on: self.from }.into());
        }
        Ok(vec![account.record(BillingResumed { subscription: self.subscription, from: self.from })])
    }
}
