//! Converting a trial to a full account.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::ConvertedToFull;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Make a trial a full account, which is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvertToFull {
    /// The account.
    pub account: AccountId,
    /// The day.
    pub on: Date,
}

impl Command for ConvertToFull {
    type Department = Accounts;
    const NAME: &'static str = "accounts.convert_to_full";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if !account.accounts.is_trial() {
            return Ok(vec![]);
        }
        match account.accounts.registered_on() {
            Some(registered_on) if self.on < registered_on => {
                Err(Rejection::ConvertedBeforeRegistered { converted_on: self.on, registered_on }.into())
            }
            Some(_) | None => Ok(vec![account.record(ConvertedToFull { converted_on: self.on })]),
        }
    }
}
