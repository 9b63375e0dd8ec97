//! Releasing an account from hold.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{Event, HoldReleased};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Ends every hold of an account, whatever its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseHold {
    /// Whose.
    pub account: AccountId,
    /// The day.
    pub on: Date,
}

impl Command for ReleaseHold {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.release_hold";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let released = account.credit_control.holds().map(|(reason, _)| {
            account.record(Event::HoldReleased(HoldReleased { reason, released_on: self.on }))
        });
        Ok(released.collect())
    }
}
