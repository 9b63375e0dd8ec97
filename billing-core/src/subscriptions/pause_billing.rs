//! A subscription rests for a time.

use serde::{Deserialize, Serialize};

use super::change;
use super::{BillingPaused, Pause, Rejection, Subscriptions};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, SubscriptionId};
use crate::log::Scope;

/// Lets a subscription rest: from a day on, which may lie back, nothing is served and nothing billed. What is billed
/// for those days is given back on the next bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseBilling {
    /// Whose.
    pub account: AccountId,
    /// Which subscription.
    pub subscription: SubscriptionId,
    /// The first day that is not served.
    pub from: Date,
    /// The first day that is served again, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Command for PauseBilling {
    type Department = Subscriptions;
    const NAME: &'static str = "subscriptions.pause_billing";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Subscriptions> {
        let account = books.account(self.account)?;
        let subscription = change::subscription(account, self.subscription)?;
        change::changeable(subscription, self.from)?;
        let pause = Pause { from: self.from, until: self.until };
        if subscription.pauses().contains(&pause) {
            return Ok(vec![]);
        }
        if let Some(until) = self.until.filter(|until| *until <= self.from) {
            return Err(Rejection::EndsBeforeItBegins { from: self.from, until }.into());
        }
        if let Some(other) = subscription.pauses().iter().find(|other| other.meets(pause)) {
            return Err(Rejection::AlreadyPaused { from: other.from }.into());
        }
        Ok(vec![account.record(BillingPaused {
            subscription: self.subscription,
            from: self.from,
            until: self.until,
        })])
    }
}
