//! What quotes record: what was offered, and what became of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::QuoteLine;
use crate::kernel::calendar::Date;
use crate::kernel::ids::QuoteId;
use crate::kernel::money::Money;
use crate::kernel::text::{Note, Reference};

crate::events! {
    "quotes" {
        QuoteIssued = "quote_issued" 1;
        QuoteAccepted = "quote_accepted" 1;
        QuoteDeclined = "quote_declined" 1;
        QuoteWithdrawn = "quote_withdrawn" 1;
    }
}

/// A customer was offered something at a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteIssued {
    /// The quote.
    pub quote: QuoteId,
    /// The seller's own number of it, unique in the book.
    pub reference: Reference,
    /// The date on it.
    pub quoted_on: Date,
    /// The last day on which it can be accepted.
    pub valid_until: Date,
    /// What was offered; line 1 is the first.
    pub lines: Vec<QuoteLine>,
    /// What its lines come to, each rounded once by the book's rounding, before discounts and VAT.
    pub net: Money,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// A customer accepted a quote; its lines are to be billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteAccepted {
    /// The quote.
    pub quote: QuoteId,
    /// The day on which it was accepted.
    pub accepted_on: Date,
    /// The first day through which a bill takes it.
    pub bill_from: Date,
}

/// A customer does not want what it was offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteDeclined {
    /// The quote.
    pub quote: QuoteId,
    /// The day on which it said so.
    pub declined_on: Date,
    /// Why, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}

/// The seller took a quote back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteWithdrawn {
    /// The quote.
    pub quote: QuoteId,
    /// The day from which on it can't be accepted any more.
    pub withdrawn_on: Date,
    /// Why.
    pub reason: Note,
}

impl fmt::Display for QuoteIssued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QuoteIssued { quote, reference, quoted_on, valid_until, lines, net, note } = self;
        write!(f, "Quote {reference} ({quote}) given on {quoted_on}, valid until {valid_until}: ")?;
        for (at, line) in lines.iter().enumerate() {
            write!(f, "{}{line}", if at == 0 { "" } else { "; " })?;
        }
        write!(f, "; {net} before VAT")?;
        note.iter().try_for_each(|note| write!(f, " ({note})"))?;
        f.write_str(".")
    }
}

impl fmt::Display for QuoteAccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Quote {} accepted on {}, to be billed from {}.",
            self.quote, self.accepted_on, self.bill_from
        )
    }
}

impl fmt::Display for QuoteDeclined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quote {} declined on {}", self.quote, self.declined_on)?;
        self.reason.iter().try_for_each(|reason| write!(f, ": {reason}"))?;
        f.write_str(".")
    }
}

impl fmt::Display for QuoteWithdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quote {} withdrawn on {}: {}.", self.quote, self.withdrawn_on, self.reason)
    }
}
