//! Putting an account on hold.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{Event, HoldPlaced};
use super::reason::HoldReason;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Stops further credit for a reason. What has been sold is still delivered and billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceHold {
    /// Whose.
    pub account: AccountId,
    /// Why.
    pub reason: HoldReason,
    /// The day.
    pub on: Date,
}

impl Command for PlaceHold {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.place_hold";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        if account.credit_control.holds.contains_key(&self.reason) {
            return Ok(Vec::new());
        }
        Ok(vec![account.record(Event::HoldPlaced(HoldPlaced { reason: self.reason, placed_on: self.on }))])
    }
}
