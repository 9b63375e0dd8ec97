//! What other departments, and the policies, may ask about quotes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::QuoteLine;
use super::state::State;
use crate::kernel::calendar::Date;
use crate::kernel::ids::QuoteId;
use crate::kernel::money::Money;
use crate::kernel::text::Reference;

/// A quote, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The seller's own number of it.
    pub reference: Reference,
    /// The date on it.
    pub quoted_on: Date,
    /// The last day on which it can be accepted.
    pub valid_until: Date,
    /// What was offered.
    pub lines: Vec<QuoteLine>,
    /// What that comes to, before discounts and VAT.
    pub net: Money,
    /// What became of it; none while it is open, also where nobody accepted it in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// What became of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// The customer accepted it.
    Accepted {
        /// On that day.
        on: Date,
        /// The first day through which a bill takes it.
        bill_from: Date,
    },
    /// The customer did not want it.
    Declined {
        /// On that day.
        on: Date,
    },
    /// The seller took it back.
    Withdrawn {
        /// On that day.
        on: Date,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Accepted { on, bill_from } => {
                write!(f, "accepted on {on}, to be billed from {bill_from}")
            }
            Outcome::Declined { on } => write!(f, "declined on {on}"),
            Outcome::Withdrawn { on } => write!(f, "withdrawn on {on}"),
        }
    }
}

impl State {
    /// A quote, whatever became of it.
    pub fn quote(&self, quote: QuoteId) -> Option<&Quote> {
        self.quotes.get(&quote)
    }

    /// All quotes, oldest id first.
    pub fn quotes(&self) -> impl Iterator<Item = (QuoteId, &Quote)> {
        self.quotes.iter().map(|(id, quote)| (*id, quote))
    }
}
