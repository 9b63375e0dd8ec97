//! What a decision can ask about who the customer is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contact::Contact;
use super::events::{AccountRegistered, Event};
use super::page::AccountKind;
use super::parents::Parents;
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::ids::{AccountId, ContactId};
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::Reference;
use crate::log::ActorId;

/// An account's page of who the customer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) registered_on: Option<Date>,
    pub(super) reference: Option<Reference>,
    pub(super) name: Option<Sealed>,
    pub(super) kind: AccountKind,
    pub(super) currency: Currency,
    /// The account's own terms by their first day; `None` from the day on which the book's apply again.
    pub(super) terms: BTreeMap<Date, Option<PaymentTerms>>,
    pub(super) purchase_order_required: bool,
    pub(super) purchase_order: Option<Reference>,
    pub(super) custom_fields: CustomFields,
    /// Owners by their first day.
    pub(super) owners: BTreeMap<Date, ActorId>,
    pub(super) contacts: BTreeMap<ContactId, Contact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) anchor_day: Option<DayOfMonth>,
    #[serde(default, skip_serializing_if = "Parents::is_empty")]
    pub(super) parents: Parents,
    /// Whose invoices it pays or once paid, and from which day on it no longer does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) children: BTreeMap<AccountId, Option<Date>>,
}

impl Default for State {
    /// An account that is not registered. Its currency holds the place of one; decisions never see it,
    /// because `Books::account` gives no page of an account that has no event.
    fn default() -> Self {
        State {
            registered_on: None,
            reference: None,
            name: None,
            kind: AccountKind::Trial,
            currency: Currency::GBP,
            terms: BTreeMap::new(),
            purchase_order_required: false,
            purchase_order: None,
            custom_fields: CustomFields::default(),
            owners: BTreeMap::new(),
            contacts: BTreeMap::new(),
            anchor_day: None,
            parents: Parents::default(),
            children: BTreeMap::new(),
        }
    }
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::AccountRegistered(registered) => self.register(registered.clone()),
            Event::DetailsChanged(changed) => {
                if let Some(name) = &changed.name {
                    self.name = Some(name.clone());
                }
                if let Some(fields) = &changed.custom_fields {
                    self.custom_fields = fields.clone();
                }
            }
            Event::ContactAdded(added) => {
                self.contacts.insert(added.contact, added.details.clone());
            }
            Event::ContactChanged(changed) => {
                self.contacts.insert(changed.contact, changed.details.clone());
            }
            Event::ContactRemoved(removed) => {
                self.contacts.remove(&removed.contact);
            }
            Event::TermsChanged(changed) => {
                self.terms.insert(changed.from, changed.terms.clone());
            }
            Event::PurchaseOrderRequirementSet(set) => self.purchase_order_required = set.required,
            Event::PurchaseOrderGiven(given) => self.purchase_order = Some(given.number.clone()),
            Event::OwnerAssigned(assigned) => {
                self.owners.insert(assigned.from, assigned.owner.clone());
            }
            Event::AnchorDayGiven(given) => self.anchor_day = Some(given.day),
            Event::ConvertedToFull(_) => self.kind = AccountKind::Full,
            Event::ParentAssigned(assigned) => self.parents.assign(assigned),
            Event::ChildAssigned(assigned) => {
                self.children.insert(assigned.child, None);
            }
            Event::ChildLeft(left) => {
                self.children.insert(left.child, Some(left.from));
            }
        }
    }

    fn register(&mut self, registered: AccountRegistered) {
        self.registered_on = Some(registered.registered_on);
        self.reference = Some(registered.reference);
        self.name = Some(registered.name);
        self.kind = registered.kind;
        self.currency = registered.currency;
        self.purchase_order_required = registered.purchase_order_required;
        self.custom_fields = registered.custom_fields;
        self.anchor_day = registered.anchor_day;
        if registered.terms.is_some() {
            self.terms.insert(registered.registered_on, registered.terms);
        }
    }
}
