//! Withdrawing a promise: the customer can't keep it and said so, or it was taken down by mistake.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{Event, PromiseWithdrawn};
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, PromiseId};
use crate::log::Scope;

/// Ends a running promise without a verdict; the chase resumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPromise {
    /// Whose.
    pub account: AccountId,
    /// The promise.
    pub promise: PromiseId,
    /// The day.
    pub on: Date,
}

impl Command for WithdrawPromise {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.withdraw_promise";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let (state, promise) = (&account.credit_control, self.promise);
        if state.withdrawn.contains(&promise) {
            return Ok(Vec::new());
        }
        if state.promises.get(&promise).is_none_or(|promise| promise.kept_on.is_some()) {
            return Err(Rejection::PromiseNotRunning { promise }.into());
        }
        let withdrawn = PromiseWithdrawn { promise, withdrawn_on: self.on, replaced_by: None };
        Ok(vec![account.record(Event::PromiseWithdrawn(withdrawn))])
    }
}
