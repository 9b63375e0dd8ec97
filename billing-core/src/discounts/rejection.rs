//! The rules under which discounts say no, in order of precedence.

use crate::decision;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::DiscountId;
use crate::kernel::money::Money;
use crate::kernel::rate::Rate;
use crate::kernel::text::Code;

/// Why discounts said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A percentage of nothing, or of more than all.
    #[error("a discount of {0} can't be given: it is above 0% and not above 100%")]
    Percent(Rate),
    /// An amount of nothing, or a charge in disguise.
    #[error("a discount of {0} can't be given: it is above zero")]
    NotPositive(Money),
    /// A discount is given in the customer's currency.
    #[error("the amount is in {given} and the account is kept in {account}")]
    Currency {
        /// The currency of the amount.
        given: Currency,
        /// The currency of the account.
        account: Currency,
    },
    /// A discount off nothing.
    #[error("the discount names nothing that it is taken off")]
    NothingEligible,
    /// The catalogue has nothing by that code.
    #[error("the catalogue has no plan, add-on or item {0}")]
    NotSold(Code),
    /// A discount that is never in force.
    #[error("the discount begins on {from} and would end on {until}")]
    EndsBeforeItBegins {
        /// The first day on which it is given.
        from: Date,
        /// The first day on which it would be given no more.
        until: Date,
    },
    /// A discount on no invoice.
    #[error("the discount would be given on 0 invoices")]
    NoBills,
    /// The account has no such discount.
    #[error("the account has no discount {0}")]
    UnknownDiscount(DiscountId),
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::Percent(_) => "discounts.percent",
            Rejection::NotPositive(_) => "discounts.not_positive",
            Rejection::Currency { .. } => "discounts.currency",
            Rejection::NothingEligible => "discounts.nothing_eligible",
            Rejection::NotSold(_) => "discounts.not_sold",
            Rejection::EndsBeforeItBegins { .. } => "discounts.ends_before_it_begins",
            Rejection::NoBills => "discounts.no_bills",
            Rejection::UnknownDiscount(_) => "discounts.unknown_discount",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::Percent(_) => "Give the percentage that is taken off, 10% for a tenth.",
            Rejection::NotPositive(_) => "Give what is taken off as an amount above zero.",
            Rejection::Currency { .. } => "Give the amount in the account's currency.",
            Rejection::NothingEligible => "Name plans, add-ons or items, or give it on everything.",
            Rejection::NotSold(_) => "Check the spelling, or publish it in the catalogue first.",
            Rejection::EndsBeforeItBegins { .. } => {
                "Give an end after the first day; to withdraw a discount, end it on its first day."
            }
            Rejection::NoBills => "Give 1 or more, or leave it out if the number does not matter.",
            Rejection::UnknownDiscount(_) => "Look the discount up on the account's timeline.",
        }
    }
}
