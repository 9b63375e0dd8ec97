//! The rules under which work says no, in order of precedence.

use crate::decision;
use crate::kernel::currency::Currency;
use crate::kernel::ids::WorkId;
use crate::kernel::money::MoneyError;
use crate::kernel::text::Code;

/// Why work said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No work is no work.
    #[error("the quantity is 0: work that was done has a quantity")]
    ZeroQuantity,
    /// Work is billed to a customer in the customer's currency.
    #[error("the price is in {price} and the account is kept in {account}")]
    Currency {
        /// The currency of the price.
        price: Currency,
        /// The currency of the account.
        account: Currency,
    },
    /// The catalogue does not say how it is taxed.
    #[error("the catalogue has no tax code {0} on the day on which the work was done")]
    UnknownTaxCode(Code),
    /// The price times the quantity is more than can be written.
    #[error("the amount of that work can't be told: {0}")]
    Amount(#[from] MoneyError),
    /// The account has no such work, or it was written off.
    #[error("the account has no work {0}")]
    UnknownWork(WorkId),
    /// It was billed.
    #[error("work {0} was billed and can't be written off")]
    Billed(WorkId),
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::ZeroQuantity => "work.zero_quantity",
            Rejection::Currency { .. } => "work.currency",
            Rejection::UnknownTaxCode(_) => "work.unknown_tax_code",
            Rejection::Amount(_) => "work.amount",
            Rejection::UnknownWork(_) => "work.unknown_work",
            Rejection::Billed(_) => "work.billed",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::ZeroQuantity => "Give the hours, days or pieces that were done.",
            Rejection::Currency { .. } => "Give the price in the account's currency.",
            Rejection::UnknownTaxCode(_) => "Check the spelling, or set the tax code in the catalogue first.",
            Rejection::Amount(_) => "Check the quantity and the price.",
            Rejection::UnknownWork(_) => "Look the work up on the account's page.",
            Rejection::Billed(_) => "Credit the line that billed it instead.",
        }
    }
}
