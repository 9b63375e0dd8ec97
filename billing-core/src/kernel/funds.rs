//! What can settle an invoice: money received, or credit granted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ids::{CreditId, CreditNoteId, PaymentId};
use super::wire::{self, Compact};

/// Where settling money comes from; on the wire the id itself: `pay_…`, `crn_…` or
/// `crd_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Funds {
    /// A payment.
    Payment(PaymentId),
    /// A credit note.
    CreditNote(CreditNoteId),
    /// Credit that was given with no document: a goodwill amount, a wallet.
    Credit(CreditId),
}

/// A text that names none of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a payment (pay_…) nor a credit note (crn_…) nor a credit (crd_…)")]
pub struct FundsError(pub String);

impl fmt::Display for Funds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Funds::Payment(id) => id.fmt(f),
            Funds::CreditNote(id) => id.fmt(f),
            Funds::Credit(id) => id.fmt(f),
        }
    }
}

impl FromStr for Funds {
    type Err = FundsError;

    fn from_str(text: &str) -> Result<Self, FundsError> {
        let payment = text.parse().map(Funds::Payment).ok();
        let note = || text.parse().map(Funds::CreditNote).ok();
        let funds = payment.or_else(note).or_else(|| text.parse().map(Funds::Credit).ok());
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
        };
        let mut bytes = [kind; 17];
        bytes[1..].copy_from_slice(uuid.as_bytes());
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Funds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::text_or_bytes(deserializer, "a payment (pay_…), a credit note (crn_…) or a credit (crd_…)")
    }
}

const PAYMENT: u8 = b'p';
const CREDIT_NOTE: u8 = b'c';
const CREDIT: u8 = b'g';

/// A letter for the kind, and the id.
impl Compact for Funds {
    fn from_bytes(bytes: &[u8]) -> Option<Funds> {
        let (kind, id) = bytes.split_first()?;
        match *kind {
            PAYMENT => PaymentId::from_bytes(id).map(Funds::Payment),
            CREDIT_NOTE => CreditNoteId::from_bytes(id).map(Funds::CreditNote),
            CREDIT => CreditId::from_bytes(id).map(Funds::Credit),
            _ => None,
        }
    }
}
