//! Removing a contact.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::events::ContactRemoved;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, ContactId};
use crate::log::Scope;

/// Remove a person who is no longer to be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveContact {
    /// The account.
    pub account: AccountId,
    /// The contact.
    pub contact: ContactId,
}

impl Command for RemoveContact {
    type Department = Accounts;
    const NAME: &'static str = "accounts.remove_contact";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        if account.accounts.contact(self.contact).is_none() {
            return Err(Rejection::NoSuchContact { contact: self.contact }.into());
        }
        Ok(vec![account.record(ContactRemoved { contact: self.contact })])
    }
}
