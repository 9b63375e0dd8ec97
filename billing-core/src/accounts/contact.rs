//! People at a customer: how to reach them, and for what.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::sealed::Sealed;

/// A person at a customer. What is personal is sealed by the host before it comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Their name.
    pub name: Sealed,
    /// Their e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Sealed>,
    /// Their telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
    /// What they are written to about.
    pub roles: BTreeSet<ContactRole>,
}

impl Contact {
    /// Whether there is a way to reach them.
    pub fn is_reachable(&self) -> bool {
        self.email.is_some() || self.phone.is_some()
    }
}

/// What a contact is written to about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactRole {
    /// Gets the bills.
    Billing,
    /// Pays them.
    Payments,
    /// Gets letters before action and contracts.
    Legal,
    /// Runs what was sold.
    Technical,
    /// Speaks for the customer.
    Primary,
}

impl fmt::Display for ContactRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ContactRole::Billing => "billing",
            ContactRole::Payments => "payments",
            ContactRole::Legal => "legal",
            ContactRole::Technical => "technical",
            ContactRole::Primary => "primary",
        })
    }
}
