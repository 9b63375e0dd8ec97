//! Credit that was not used in time is lost.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{CreditExpired, Event};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Takes off what is left of a customer's credits whose time is over on a day. Invoices don't use such credit, whether
/// or not this was asked for; until it is, it stands in the balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireCredits {
    /// Whose.
    pub account: AccountId,
    /// The day.
    pub on: Date,
}

impl Command for ExpireCredits {
    type Department = Payments;
    const NAME: &'static str = "payments.expire_credits";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let over = account.payments.credits.iter().filter_map(|(credit, granted)| {
            let expired_on = granted.expires_on.filter(|end| *end <= self.on)?;
            let left = account.receivables.funds(Funds::Credit(*credit))?.left;
            let event = CreditExpired { credit: *credit, amount: left, expired_on };
            left.is_positive().then(|| account.record(Event::CreditExpired(event)))
        });
        Ok(over.collect())
    }
}
