//! The close of a day on one account: what follows from days having passed, and from nothing else.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{Event, PromiseBroken, PromiseKept, PromisePartlyKept, PromiseWithdrawn};
use super::promise::Promise;
use crate::book::{Account, Books};
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, PromiseId};
use crate::log::Scope;

/// Gives the verdict on every promise whose last day lies before `on`. A promise that was kept and whose payment
/// went back in time is broken after all; one whose invoices were all declared void is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseDay {
    /// Whose.
    pub account: AccountId,
    /// The day that is closed.
    pub on: Date,
}

impl Command for CloseDay {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.close_day";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let over = account.credit_control.promises().filter(|(_, promise)| promise.until() < self.on);
        let verdicts = over.filter_map(|(id, promise)| verdict(account, id, promise, self.on));
        Ok(verdicts.map(|event| account.record(event)).collect())
    }
}

/// What became of a promise whose days are over; `None` where that is on record.
fn verdict(account: &Account, promise: PromiseId, made: &Promise, on: Date) -> Option<Event> {
    let void = made.invoices.iter().all(|invoice| account.receivables.invoice(*invoice).is_none());
    let paid = made.paid(&account.payments);
    match (made.kept_on, made.is_paid(&account.payments)) {
        (Some(_), true) => None,
        (Some(_), false) if void => None,
        (None, true) => Some(Event::PromiseKept(PromiseKept { promise, kept_on: on })),
        (None, false) if void => {
            Some(Event::PromiseWithdrawn(PromiseWithdrawn { promise, withdrawn_on: on, replaced_by: None }))
        }
        (_, false) if paid.is_positive() => {
            // Less than the promised amount, so it is within the range of money.
            let paid = paid.to_money().unwrap_or(made.amount);
            Some(Event::PromisePartlyKept(PromisePartlyKept { promise, noted_on: on, paid }))
        }
        (_, false) => Some(Event::PromiseBroken(PromiseBroken { promise, broken_on: on })),
    }
}
