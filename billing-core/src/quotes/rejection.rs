//! The rules under which quotes say no, in order of precedence.

use super::Outcome;
use crate::decision;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::QuoteId;
use crate::kernel::money::MoneyError;
use crate::kernel::text::{Code, Label, Reference};

/// Why quotes said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A quote of nothing.
    #[error("a quote without lines offers nothing")]
    NoLines,
    /// The end of a quote stands before its day.
    #[error("the quote would be given on {quoted_on} and valid until {valid_until}, before that day")]
    EndsBeforeItBegins {
        /// The date on it.
        quoted_on: Date,
        /// Its last day.
        valid_until: Date,
    },
    /// The catalogue does not sell it.
    #[error("the catalogue has no item {0}")]
    NotSold(Code),
    /// The catalogue has no price of it in the account's currency.
    #[error("the catalogue has no price of {item} in {currency}")]
    NoPrice {
        /// The item.
        item: Code,
        /// The account's currency.
        currency: Currency,
    },
    /// None of something.
    #[error("the quantity of {0} is 0")]
    ZeroQuantity(Label),
    /// A customer is quoted in its own currency.
    #[error("the price is in {price} and the account is kept in {account}")]
    Currency {
        /// The currency of the price.
        price: Currency,
        /// The currency of the account.
        account: Currency,
    },
    /// The catalogue does not say how it is taxed.
    #[error("the catalogue has no tax code {0} on the day of the quote")]
    UnknownTaxCode(Code),
    /// The sum can't be written.
    #[error("the amount of that quote can't be told: {0}")]
    Amount(#[from] MoneyError),
    /// The number of another quote.
    #[error("quote {reference} of {quoted_on} is another one")]
    ReferenceReused {
        /// The number.
        reference: Reference,
        /// The date on the quote that has it.
        quoted_on: Date,
    },
    /// The account has no such quote.
    #[error("the account has no quote {0}")]
    UnknownQuote(QuoteId),
    /// Somebody has decided on it already.
    #[error("quote {reference} was {outcome}")]
    NotOpen {
        /// The number of the quote.
        reference: Reference,
        /// What became of it.
        outcome: Outcome,
    },
    /// Nobody can accept, or bill, what was not offered yet.
    #[error("quote {reference} was given on {quoted_on}: nothing is accepted, or billed, before that day")]
    BeforeItWasGiven {
        /// The number of the quote.
        reference: Reference,
        /// The date on it.
        quoted_on: Date,
    },
    /// It is not valid any more.
    #[error("quote {reference} was valid until {valid_until}")]
    Expired {
        /// The number of the quote.
        reference: Reference,
        /// Its last day.
        valid_until: Date,
    },
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::NoLines => "quotes.no_lines",
            Rejection::EndsBeforeItBegins { .. } => "quotes.ends_before_it_begins",
            Rejection::NotSold(_) => "quotes.not_sold",
            Rejection::NoPrice { .. } => "quotes.no_price",
            Rejection::ZeroQuantity(_) => "quotes.zero_quantity",
            Rejection::Currency { .. } => "quotes.currency",
            Rejection::UnknownTaxCode(_) => "quotes.unknown_tax_code",
            Rejection::Amount(_) => "quotes.amount",
            Rejection::ReferenceReused { .. } => "quotes.reference_reused",
            Rejection::UnknownQuote(_) => "quotes.unknown_quote",
            Rejection::NotOpen { .. } => "quotes.not_open",
            Rejection::BeforeItWasGiven { .. } => "quotes.before_it_was_given",
            Rejection::Expired { .. } => "quotes.expired",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::NoLines => "Give at least one line.",
            Rejection::EndsBeforeItBegins { .. } => {
                "Give a last day that is not before the date of the quote."
            }
            Rejection::NotSold(_) => "Check the spelling, publish the item, or quote it in words of its own.",
            Rejection::NoPrice { .. } => "Give a price, or publish one in the account's currency.",
            Rejection::ZeroQuantity(_) => "Give how many are offered, or leave the line out.",
            Rejection::Currency { .. } => "Give the price in the account's currency.",
            Rejection::UnknownTaxCode(_) => "Check the spelling, or set the tax code in the catalogue first.",
            Rejection::Amount(_) => "Check the quantities and the prices.",
            Rejection::ReferenceReused { .. } => {
                "Give the quote a number of its own; to change one, withdraw it and give another."
            }
            Rejection::UnknownQuote(_) => "Look the quote up on the account's page.",
            Rejection::NotOpen { .. } => {
                "Record another quote if it is wanted after all; what was accepted is written off as work."
            }
            Rejection::BeforeItWasGiven { .. } => "Check the day.",
            Rejection::Expired { .. } => "If the offer still stands, record another quote and accept that.",
        }
    }
}
