//! How money moves, and money that was paid in another currency.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::exchange::ExchangeRate;
use crate::kernel::money::Money;
use crate::kernel::rounding::Rounding;

/// How money came in or went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By bank transfer.
    BankTransfer,
    /// By direct debit.
    DirectDebit,
    /// By card.
    Card,
    /// By cheque.
    Cheque,
    /// In cash.
    Cash,
    /// Otherwise.
    Other,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::BankTransfer => "bank transfer",
            Method::DirectDebit => "direct debit",
            Method::Card => "card",
            Method::Cheque => "cheque",
            Method::Cash => "cash",
            Method::Other => "other means",
        })
    }
}

/// What was paid in another currency, and how it became the account's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What the customer paid.
    pub paid: Money,
    /// Units of the account's currency for one unit of the paid one.
    pub rate: ExchangeRate,
    /// How the result was rounded.
    pub rounding: Rounding,
}
