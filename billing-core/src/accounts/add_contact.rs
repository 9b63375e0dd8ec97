//! Adding a contact.

use serde::{Deserialize, Serialize};

use super::Accounts;
use super::contact::Contact;
use super::events::ContactAdded;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::ids::{AccountId, ContactId};
use crate::log::Scope;

/// Add a person at the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddContact {
    /// The account.
    pub account: AccountId,
    /// The contact's id, where the host made one, as it must to seal the details under it; else it is minted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// Who it is.
    pub details: Contact,
}

impl Command for AddContact {
    type Department = Accounts;
    const NAME: &'static str = "accounts.add_contact";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Accounts> {
        let account = books.account(self.account)?;
        let contact = self.contact.unwrap_or_else(|| ctx.mint(ContactId::from_uuid));
        match account.accounts.contact(contact) {
            Some(known) if *known == self.details => return Ok(vec![]),
            Some(_) => return Err(Rejection::ContactExists { contact }.into()),
            None => {}
        }
        if !self.details.is_reachable() {
            return Err(Rejection::ContactUnreachable.into());
        }
        Ok(vec![account.record(ContactAdded { contact, details: self.details.clone() })])
    }
}
