//! Assigning a member of staff.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::OwnerAssigned;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::{ActorId, Scope};

/// Let a member of staff look after the account from a date on. An assignment that begins later stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignOwner {
    /// The account.
    pub account: AccountId,
    /// Who.
    pub owner: ActorId,
    /// The first day.
    pub from: Date,
}

impl Command for AssignOwner {
    type Department = Accounts;
    const NAME: &'static str = "accounts.assign_owner";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if account.accounts.owner(self.from) == Some(&self.owner) {
            return Ok(vec![]);
        }
        Ok(vec![account.record(OwnerAssigned { owner: self.owner.clone(), from: self.from })])
    }
}
