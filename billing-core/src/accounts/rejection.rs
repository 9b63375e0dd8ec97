//! The rules of accounts, in order of precedence.

use crate::decision;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::defined_fields::FieldError;
use crate::kernel::ids::{AccountId, ContactId};

/// Why an account was not registered or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// An account is registered once.
    #[error("account {account} is registered already, and with other details")]
    AlreadyRegistered {
        /// The account.
        account: AccountId,
    },
    /// A contact is added once.
    #[error("contact {contact} was added already, and with other details")]
    ContactExists {
        /// The contact.
        contact: ContactId,
    },
    /// Only a contact of the account can be changed or removed.
    #[error("the account has no contact {contact}")]
    NoSuchContact {
        /// The contact asked for.
        contact: ContactId,
    },
    /// A contact is there to be reached.
    #[error("the contact has neither an e-mail address nor a telephone number")]
    ContactUnreachable,
    /// A trial ends after it began.
    #[error("{converted_on} is before {registered_on}, when the trial was registered")]
    ConvertedBeforeRegistered {
        /// The day asked for.
        converted_on: Date,
        /// The day of registration.
        registered_on: Date,
    },
    /// Who pays for an account is another one.
    #[error("account {account} can't be its own parent")]
    OwnParent {
        /// The account.
        account: AccountId,
    },
    /// A trial is not billed, so that it can't pay for others.
    #[error("account {parent} is on trial, and trials are not billed")]
    ParentOnTrial {
        /// Who was to pay.
        parent: AccountId,
    },
    /// One document is in one currency.
    #[error("account {parent} is kept in {theirs} and can't pay for one that is kept in {own}")]
    ParentInOtherCurrency {
        /// Who was to pay.
        parent: AccountId,
        /// The currency that it is kept in.
        theirs: Currency,
        /// The currency of the account.
        own: Currency,
    },
    /// A parent has no parent: families are of two generations.
    #[error("account {parent} can't be a parent: account {grandparent} pays for it")]
    ParentIsChild {
        /// Who was to pay.
        parent: AccountId,
        /// Who pays for it.
        grandparent: AccountId,
    },
    /// A child has no child.
    #[error("the account can't have a parent: it pays for account {child}")]
    HasChildren {
        /// For whom it pays.
        child: AccountId,
    },
    /// A field of the seller's own does not fit its definition.
    #[error(transparent)]
    CustomField(#[from] FieldError),
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::AlreadyRegistered { .. } => "accounts.already_registered",
            Rejection::ContactExists { .. } => "accounts.contact_exists",
            Rejection::NoSuchContact { .. } => "accounts.no_such_contact",
            Rejection::ContactUnreachable => "accounts.contact_unreachable",
            Rejection::ConvertedBeforeRegistered { .. } => "accounts.converted_before_registered",
            Rejection::OwnParent { .. } => "accounts.own_parent",
            Rejection::ParentOnTrial { .. } => "accounts.parent_on_trial",
            Rejection::ParentInOtherCurrency { .. } => "accounts.parent_in_other_currency",
            Rejection::ParentIsChild { .. } => "accounts.parent_is_child",
            Rejection::HasChildren { .. } => "accounts.has_children",
            Rejection::CustomField(_) => "accounts.custom_field",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::AlreadyRegistered { .. } => {
                "Change its details instead, or register under another id."
            }
            Rejection::ContactExists { .. } => "Change the contact instead, or add it under another id.",
            Rejection::NoSuchContact { .. } => "Look the contact up in the account's list of contacts.",
            Rejection::ContactUnreachable => "Give an e-mail address or a telephone number.",
            Rejection::ConvertedBeforeRegistered { .. } => "Give the day of registration or a later one.",
            Rejection::OwnParent { .. } => "Name the account that pays, or none where it pays itself.",
            Rejection::ParentOnTrial { .. } => "Convert it to a full account first.",
            Rejection::ParentInOtherCurrency { .. } => {
                "Name a parent that is kept in the account's currency."
            }
            Rejection::ParentIsChild { .. } => {
                "Name the account that pays for both, or let that one leave first."
            }
            Rejection::HasChildren { .. } => {
                "Assign its children to the new parent first, from the same day on."
            }
            Rejection::CustomField(_) => {
                "Look the field up in the book's settings, and give a value that fits; seal what is personal."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_says_which_it_is() {
        let account = "acc_0123456789abcdef0123456789abcdef".parse().unwrap();
        let contact = "con_0123456789abcdef0123456789abcdef".parse().unwrap();
        for (rule, message) in [
            (
                Rejection::AlreadyRegistered { account },
                "account acc_0123456789abcdef0123456789abcdef is registered already, and with other details",
            ),
            (
                Rejection::ContactExists { contact },
                "contact con_0123456789abcdef0123456789abcdef was added already, and with other details",
            ),
            (
                Rejection::NoSuchContact { contact },
                "the account has no contact con_0123456789abcdef0123456789abcdef",
            ),
            (
                Rejection::ContactUnreachable,
                "the contact has neither an e-mail address nor a telephone number",
            ),
            (
                Rejection::ConvertedBeforeRegistered {
                    converted_on: "2026-01-30".parse().unwrap(),
                    registered_on: "2026-01-31".parse().unwrap(),
                },
                "2026-01-30 is before 2026-01-31, when the trial was registered",
            ),
            (
                Rejection::OwnParent { account },
                "account acc_0123456789abcdef0123456789abcdef can't be its own parent",
            ),
            (
                Rejection::ParentOnTrial { parent: account },
                "account acc_0123456789abcdef0123456789abcdef is on trial, and trials are not billed",
            ),
            (
                Rejection::ParentInOtherCurrency {
                    parent: account,
                    theirs: Currency::EUR,
                    own: Currency::GBP,
                },
                "account acc_0123456789abcdef0123456789abcdef is kept in EUR and can't pay for one that is kept in GBP",
            ),
            (
                Rejection::ParentIsChild { parent: account, grandparent: account },
                "account acc_0123456789abcdef0123456789abcdef can't be a parent: account acc_0123456789abcdef0123456789abcdef pays for it",
            ),
            (
                Rejection::HasChildren { child: account },
                "the account can't have a parent: it pays for account acc_0123456789abcdef0123456789abcdef",
            ),
        ] {
            assert_eq!(rule.to_string(), message);
        }
    }
}
