//! Giving an account its day of the month.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::AnchorDayGiven;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Lets the periods of an account begin on another day of the month, at once: all its subscriptions follow, but for
/// those that have a day of their own. What was billed for days beyond the end of the period that runs by then is given
/// back, and billed again with the period in which they lie now; days that no period covers any more are billed at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveAnchorDay {
    /// The account.
    pub account: AccountId,
    /// The day of the month.
    pub day: DayOfMonth,
    /// The day from which on it counts.
    pub on: Date,
}

impl Command for GiveAnchorDay {
    type Department = Accounts;
    const NAME: &'static str = "accounts.give_anchor_day";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if account.accounts.anchor_day() == Some(self.day) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(AnchorDayGiven { day: self.day, from: self.on })])
    }
}
