//! Changing a contact.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::contact::Contact;
use super::events::ContactChanged;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, ContactId};
use crate::log::Scope;

/// Change a contact's name, address or roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeContact {
    /// The account.
    pub account: AccountId,
    /// The contact.
    pub contact: ContactId,
    /// All details, the unchanged ones too.
    pub details: Contact,
}

impl Command for ChangeContact {
    type Department = Accounts;
    const NAME: &'static str = "accounts.change_contact";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        let contact = self.contact;
        match account.accounts.contact(contact) {
            Some(known) if *known == self.details => return Ok(vec![]),
            Some(_) => {}
            None => return Err(Rejection::NoSuchContact { contact }.into()),
        }
        if !self.details.is_reachable() {
            return Err(Rejection::ContactUnreachable.into());
        }
        Ok(vec![account.record(ContactChanged { contact, details: self.details.clone() })])
    }
}
