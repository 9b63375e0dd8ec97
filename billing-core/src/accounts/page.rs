//! What other departments may ask about who the customer is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::contact::{Contact, ContactRole};
use super::state::State;
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::ids::{AccountId, ContactId};
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::Reference;
use crate::log::ActorId;
use crate::settings;

/// Whether a customer is billed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// It tries what is sold, and is not billed.
    Trial,
    /// It is billed.
    Full,
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AccountKind::Trial => "trial",
            AccountKind::Full => "full account",
        })
    }
}

impl State {
    /// The day on which it was registered; `None` before its first event.
    pub fn registered_on(&self) -> Option<Date> {
        self.registered_on
    }

    /// The seller's own number of the customer; `None` before its first event.
    pub fn reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// The customer's name; `None` before its first event.
    pub fn name(&self) -> Option<&Sealed> {
        self.name.as_ref()
    }

    /// A trial, or a full account.
    pub fn kind(&self) -> AccountKind {
        self.kind
    }

    /// Whether it is a trial, which is not billed.
    pub fn is_trial(&self) -> bool {
        self.kind == AccountKind::Trial
    }

    /// The currency that it is billed in.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The seller's own fields.
    pub fn custom_fields(&self) -> &CustomFields {
        &self.custom_fields
    }

    /// Its own terms on a day; `None` where the book's apply.
    pub fn own_terms(&self, on: Date) -> Option<&PaymentTerms> {
        self.terms.range(..=on).next_back().and_then(|(_, terms)| terms.as_ref())
    }

    /// The terms of an invoice issued on a day: its own, else the book's.
    pub fn terms<'a>(&'a self, settings: &'a settings::State, on: Date) -> &'a PaymentTerms {
        self.own_terms(on).unwrap_or(&settings.profile().terms)
    }

    /// Whether it is invoiced only against a purchase order.
    pub fn purchase_order_required(&self) -> bool {
        self.purchase_order_required
    }

    /// The purchase order that stands on its invoices.
    pub fn purchase_order(&self) -> Option<&Reference> {
        self.purchase_order.as_ref()
    }

    /// Who looks after it on a day.
    pub fn owner(&self, on: Date) -> Option<&ActorId> {
        self.owners.range(..=on).next_back().map(|(_, owner)| owner)
    }

    /// The day of the month on which its subscriptions' periods begin, if one was given.
    pub fn anchor_day(&self) -> Option<DayOfMonth> {
        self.anchor_day
    }

    /// The account that pays its invoices dated a day; `None` where it pays them itself.
    pub fn parent(&self, on: Date) -> Option<AccountId> {
        self.parents.on(on)
    }

    /// The accounts whose invoices it pays, or paid once, oldest id first: their own pages say which invoices.
    pub fn children(&self) -> impl Iterator<Item = AccountId> {
        self.children.keys().copied()
    }

    /// A contact.
    pub fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.contacts.get(&id)
    }

    /// Its contacts, oldest id first.
    pub fn contacts(&self) -> impl Iterator<Item = (ContactId, &Contact)> {
        self.contacts.iter().map(|(id, contact)| (*id, contact))
    }

    /// Its contacts for something, oldest id first.
    pub fn contacts_for(&self, role: ContactRole) -> impl Iterator<Item = (ContactId, &Contact)> {
        self.contacts().filter(move |(_, contact)| contact.roles.contains(&role))
    }
}
