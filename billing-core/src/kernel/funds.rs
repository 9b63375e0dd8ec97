//! What can settle an invoice: money received, credit granted, or that somebody else owes it from now on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ids::{CreditId, CreditNoteId, InvoiceId, PaymentId};
use super::wire::{self, Compact};

/// Where settling money comes from; on the wire the id itself: `pay_…`, `crn_…`, `crd_…` or
/// `inv_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Funds {
    /// A payment.
    Payment(PaymentId),
    /// A credit note.
    CreditNote(CreditNoteId),
    /// Credit that was given with no document: a goodwill amount, a wallet.
    Credit(CreditId),
    /// A consolidated invoice of the parent account, by which the parent owes what the child owed.
    Consolidated(InvoiceId),
}

/// A text that names none of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is neither a payment (pay_…) nor a credit note (crn_…) nor a credit (crd_…) nor a consolidated invoice (inv_…)"
)]
pub struct FundsError(pub String);

impl fmt::Display for Funds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Funds::Payment(id) => id.fmt(f),
            Funds::CreditNote(id) => id.fmt(f),
            Funds::Credit(id) => id.fmt(f),
            Funds::Consolidated(id) => id.fmt(f),
        }
    }
}

impl FromStr for Funds {
    type Err = FundsError;

    fn from_str(text: &str) -> Result<Self, FundsError> {
        let payment = text.parse().map(Funds::Payment).ok();
        let note = || text.parse().map(Funds::CreditNote).ok();
        let credit = || text.parse().map(Funds::Credit).ok();
        let consolidated = || text.parse().map(Funds::Consolidated).ok();
        let funds = payment.or_else(note).or_else(credit).or_else(consolidated);
        funds.ok_or_else(|| FundsError(text.chars().take(60).collect()))
    }
}

impl Serialize for Funds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        let (kind, uuid) = match self {
            Funds::Payment(id) => (PAYMENT, id.uuid()),
            Funds::CreditNote(id) => (CREDIT_NOTE, id.uuid()),
            Funds::Credit(id) => (CREDIT, id.uuid()),
            Funds::Consolidated(id) => (CONSOLIDATED, id.uuid()),
        };
        let mut bytes = [kind; 17];
        bytes[1..].copy_from_slice(uuid.as_bytes());
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Funds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected =
            "a payment (pay_…), a credit note (crn_…), a credit (crd_…) or a consolidated invoice (inv_…)";
        wire::text_or_bytes(deserializer, expected)
    }
}

const PAYMENT: u8 = b'p';
const CREDIT_NOTE: u8 = b'c';
const CREDIT: u8 = b'g';
const CONSOLIDATED: u8 = b'i';

/// A letter for the kind, and the id.
impl Compact for Funds {
    fn from_bytes(bytes: &[u8]) -> Option<Funds> {
        let (kind, id) = bytes.split_first()?;
        match *kind {
            PAYMENT => PaymentId::from_bytes(id).map(Funds::Payment),
            CREDIT_NOTE => CreditNoteId::from_bytes(id).map(Funds::CreditNote),
            CREDIT => CreditId::from_bytes(id).map(Funds::Credit),
            CONSOLIDATED => InvoiceId::from_bytes(id).map(Funds::Consolidated),
            _ => None,
        }
    }
}
