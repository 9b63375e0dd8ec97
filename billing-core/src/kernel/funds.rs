//! What can settle an invoice: money received, or credit granted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{CreditNoteId, PaymentId};

/// Where settling money comes from; on the wire the id itself: `pay_…` or `crn_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Funds {
    /// A payment.
    Payment(PaymentId),
    /// A credit note.
    CreditNote(CreditNoteId),
}

/// A text that names neither a payment nor a credit note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a payment (pay_…) nor a credit note (crn_…)")]
pub struct FundsError(pub String);

impl fmt::Display for Funds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Funds::Payment(id) => id.fmt(f),
            Funds::CreditNote(id) => id.fmt(f),
        }
    }
}

impl FromStr for Funds {
    type Err = FundsError;

    fn from_str(text: &str) -> Result<Self, FundsError> {
        let payment = text.parse().map(Funds::Payment).ok();
        let funds = payment.or_else(|| text.parse().map(Funds::CreditNote).ok());
        funds.ok_or_else(|| FundsError(text.chars().take(60).collect()))
    }
}

impl TryFrom<String> for Funds {
    type Error = FundsError;

    fn try_from(text: String) -> Result<Self, FundsError> {
        text.parse()
    }
}

impl From<Funds> for String {
    fn from(funds: Funds) -> String {
        funds.to_string()
    }
}
