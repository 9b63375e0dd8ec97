//! To whom a message goes, and what it is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::text::Reference;

/// To whom a message goes; on the wire `{"customer":"billing"}` or `"owner"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// To the customer's contact for this.
    Customer(CustomerRole),
    /// To the member of staff who owns the account.
    Owner,
}

/// Which of the customer's contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerRole {
    /// Who gets the bills.
    Billing,
    /// Who pays them.
    Payments,
    /// Who speaks for the customer.
    Primary,
}

/// The ids of what a message is about. Every id is short enough to be a reference; what is not an id and is
/// too long for one is left out.
///
/// ```
/// use billing_core::kernel::ids::InvoiceId;
/// let invoice: InvoiceId = "inv_0123456789abcdef0123456789abcdef".parse().unwrap();
/// assert_eq!(billing_core::messages::about([invoice])[0].as_str(), invoice.to_string());
/// ```
pub fn about(ids: impl IntoIterator<Item: fmt::Display>) -> Vec<Reference> {
    ids.into_iter().filter_map(|id| Reference::parse(&id.to_string()).ok()).collect()
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Recipient::Customer(CustomerRole::Billing) => "the customer's billing contact",
            Recipient::Customer(CustomerRole::Payments) => "the customer's payments contact",
            Recipient::Customer(CustomerRole::Primary) => "the customer's primary contact",
            Recipient::Owner => "the owner of the account",
        })
    }
}
