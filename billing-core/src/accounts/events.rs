//! What accounts record: who the customer is, who is to be spoken to, and how it is dealt with.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::contact::Contact;
use super::page::AccountKind;
use crate::kernel::calendar::{Date, DayOfMonth};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::ids::{AccountId, ContactId};
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::Reference;
use crate::log::ActorId;

crate::events! {
    "accounts" {
        AccountRegistered = "account_registered" 1;
        DetailsChanged = "details_changed" 1;
        ContactAdded = "contact_added" 1;
        ContactChanged = "contact_changed" 1;
        ContactRemoved = "contact_removed" 1;
        TermsChanged = "terms_changed" 1;
        PurchaseOrderRequirementSet = "purchase_order_requirement_set" 1;
        PurchaseOrderGiven = "purchase_order_given" 1;
        OwnerAssigned = "owner_assigned" 1;
        AnchorDayGiven = "anchor_day_given" 1;
        ConvertedToFull = "converted_to_full" 1;
        ParentAssigned = "parent_assigned" 1;
        ChildAssigned = "child_assigned" 1;
        ChildLeft = "child_left" 1;
    }
}

/// A customer was registered: the first event of its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRegistered {
    /// The account.
    pub account: AccountId,
    /// The seller's own number of the customer; unique in the book.
    pub reference: Reference,
    /// The customer's name.
    pub name: Sealed,
    /// A trial, or a full account.
    pub kind: AccountKind,
    /// The currency that it is billed in, for good.
    pub currency: Currency,
    /// Its own terms; none where the book's apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<PaymentTerms>,
    /// Whether it is invoiced only against a purchase order.
    pub purchase_order_required: bool,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
    /// The day.
    pub registered_on: Date,
    /// The day of the month on which its subscriptions' periods begin, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
}

/// Name or custom fields are others now; what is absent did not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailsChanged {
    /// The customer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    /// All custom fields, the unchanged ones too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<CustomFields>,
    /// The day.
    pub changed_on: Date,
}

/// A person can be spoken to at the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactAdded {
    /// The contact.
    pub contact: ContactId,
    /// Who it is.
    pub details: Contact,
}

/// A contact's name, address or roles are others now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactChanged {
    /// The contact.
    pub contact: ContactId,
    /// All details, the unchanged ones too.
    pub details: Contact,
}

/// A person is no longer spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactRemoved {
    /// The contact.
    pub contact: ContactId,
}

/// Invoices from a date on have other terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsChanged {
    /// Its own terms; none where the book's apply again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<PaymentTerms>,
    /// The first day of them.
    pub from: Date,
}

/// The customer is invoiced only against a purchase order from now on, or without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderRequirementSet {
    /// Whether an order is required.
    pub required: bool,
}

/// The customer gave a purchase order, which stands on its invoices from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderGiven {
    /// The order's number.
    pub number: Reference,
    /// The day.
    pub given_on: Date,
}

/// A member of staff looks after the account from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerAssigned {
    /// Who.
    pub owner: ActorId,
    /// The first day.
    pub from: Date,
}

/// Periods of its subscriptions begin on this day of the month from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorDayGiven {
    /// The day of the month.
    pub day: DayOfMonth,
    /// The date.
    pub from: Date,
}

/// A trial became a full account, which is billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvertedToFull {
    /// The day.
    pub converted_on: Date,
}

/// Another account pays the invoices of this one that are dated from a day on, or it pays them itself again. What had
/// been said for that day and later ones counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentAssigned {
    /// Who pays; none where it pays itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<AccountId>,
    /// The first date of such invoices.
    pub from: Date,
}

/// This account pays the invoices of another one from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildAssigned {
    /// Whose invoices.
    pub child: AccountId,
    /// The first date of such invoices.
    pub from: Date,
}

/// This account pays the invoices of another one up to a day, and none from that day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildLeft {
    /// Whose invoices.
    pub child: AccountId,
    /// The first date of invoices that it does not pay.
    pub from: Date,
}

impl fmt::Display for ParentAssigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invoices from {} on are paid by ", self.from)?;
        match self.parent {
            Some(parent) => write!(f, "account {parent}."),
            None => f.write_str("the account itself."),
        }
    }
}

impl fmt::Display for ChildAssigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The account pays for account {} from {} on.", self.child, self.from)
    }
}

impl fmt::Display for ChildLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The account no longer pays for account {} from {} on.", self.child, self.from)
    }
}

impl fmt::Display for AccountRegistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AccountRegistered { account, reference, kind, currency, registered_on, .. } = self;
        write!(f, "Account {account} registered on {registered_on} as {reference}: {kind}, in {currency}")?;
        f.write_str(if self.terms.is_some() { ", on terms of its own" } else { "" })?;
        f.write_str(if self.purchase_order_required { ", purchase order required." } else { "." })
    }
}

impl fmt::Display for DetailsChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (&self.name, &self.custom_fields) {
            (Some(_), Some(_)) => "Name and custom fields",
            (Some(_), None) => "Name",
            (None, Some(_)) => "Custom fields",
            (None, None) => "No details",
        };
        write!(f, "{what} of the account changed on {}.", self.changed_on)
    }
}

/// ` for billing, payments`
fn write_roles(f: &mut fmt::Formatter<'_>, contact: &Contact) -> fmt::Result {
    for (index, role) in contact.roles.iter().enumerate() {
        let joint = if index == 0 { " for" } else { "," };
        write!(f, "{joint} {role}")?;
    }
    f.write_str(".")
}

impl fmt::Display for ContactAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact {} added", self.contact)?;
        write_roles(f, &self.details)
    }
}

impl fmt::Display for ContactChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact {} changed, now", self.contact)?;
        match self.details.roles.is_empty() {
            true => f.write_str(" for nothing."),
            false => write_roles(f, &self.details),
        }
    }
}

impl fmt::Display for ContactRemoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact {} removed.", self.contact)
    }
}

impl fmt::Display for TermsChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.terms.is_some() { "terms of the account's own" } else { "the book's terms" };
        write!(f, "Invoices from {} on have {whose}.", self.from)
    }
}

impl fmt::Display for PurchaseOrderRequirementSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.required { "" } else { "no longer " };
        write!(f, "Purchase order {not}required before an invoice is issued.")
    }
}

impl fmt::Display for PurchaseOrderGiven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Purchase order {} given on {}.", self.number, self.given_on)
    }
}

impl fmt::Display for OwnerAssigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account looked after by {} from {} on.", self.owner, self.from)
    }
}

impl fmt::Display for AnchorDayGiven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Periods of the account begin on day {} of the month from {} on.",
            self.day.get(),
            self.from
        )
    }
}

impl fmt::Display for ConvertedToFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trial converted to a full account on {}.", self.converted_on)
    }
}
