//! The rules of payments, in order of precedence.

use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{InvoiceId, PaymentId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::text::Reference;

/// Why a request about money was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// An amount of zero or below.
    #[error("{amount} is not above zero")]
    AmountNotPositive {
        /// The amount, in the account's currency where it was converted.
        amount: Money,
    },
    /// Paid in another currency, and nobody said what it is worth.
    #[error("{paid} was paid on an account kept in {currency}, without an exchange rate")]
    ForeignCurrencyWithoutRate {
        /// What was paid.
        paid: Money,
        /// The account's currency.
        currency: Currency,
    },
    /// A rate where nothing is to be converted.
    #[error("an exchange rate was given for {paid}, which is in the account's own currency")]
    RateWithoutForeignCurrency {
        /// What was paid.
        paid: Money,
    },
    /// The key of other money.
    #[error("{key} is the key of other money: {recorded} that arrived on {on}")]
    SourceReused {
        /// The key.
        key: Reference,
        /// What was recorded under it.
        recorded: Money,
        /// When that arrived.
        on: Date,
    },
    /// A credit would be lost before it could be used.
    #[error("the credit of {on} would expire on {expires_on}")]
    ExpiresAtOnce {
        /// The first day on which it counts.
        on: Date,
        /// The first day on which it no longer counts.
        expires_on: Date,
    },
    /// A converted or added amount can't be kept.
    #[error("the amount can't be worked out: {0}")]
    OutOfRange(MoneyError),
    /// Neither a payment nor a credit note of this account.
    #[error("{funds} is not a payment or a credit note of this account")]
    UnknownFunds {
        /// What was named.
        funds: Funds,
    },
    /// Not an invoice of this account, or one that was voided.
    #[error("{invoice} is not an invoice of this account, or it was voided")]
    UnknownInvoice {
        /// What was named.
        invoice: InvoiceId,
    },
    /// An amount in a currency that the account is not kept in.
    #[error("{amount} is not in {currency}, in which the account is kept")]
    OtherCurrency {
        /// The amount.
        amount: Money,
        /// The account's currency.
        currency: Currency,
    },
    /// More than the payment or the credit note has left.
    #[error("{amount} is more than is left of {funds}: {left}")]
    MoreThanIsLeft {
        /// What was asked for.
        amount: Money,
        /// The payment or the credit note.
        funds: Funds,
        /// What is neither set against an invoice nor paid out.
        left: Money,
    },
    /// More than is open.
    #[error("{amount} is more than is open on invoice {invoice}: {open}")]
    MoreThanIsOpen {
        /// What was asked for.
        amount: Money,
        /// The invoice.
        invoice: InvoiceId,
        /// What is open on it.
        open: Money,
    },
    /// More than had been set against the invoice.
    #[error("{amount} is more than {funds} has set against invoice {invoice}: {allocated}")]
    MoreThanIsAllocated {
        /// What was asked for.
        amount: Money,
        /// The payment or the credit note.
        funds: Funds,
        /// The invoice.
        invoice: InvoiceId,
        /// What is set against it.
        allocated: Money,
    },
    /// The parent owes it; that ends with the document on which it does.
    #[error(
        "what was passed on with consolidated invoice {consolidated} can't be taken off invoice {invoice} by itself"
    )]
    PassedOn {
        /// The child's invoice.
        invoice: InvoiceId,
        /// The parent's.
        consolidated: InvoiceId,
    },
    /// A part of the payment was refunded before it went back.
    #[error("{refunded} of payment {payment} was refunded, so not all of it can go back")]
    AlreadyRefunded {
        /// The payment.
        payment: PaymentId,
        /// What was refunded.
        refunded: Money,
    },
}

impl crate::decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::AmountNotPositive { .. } => "payments.amount_not_positive",
            Rejection::ForeignCurrencyWithoutRate { .. } => "payments.foreign_currency_without_rate",
            Rejection::RateWithoutForeignCurrency { .. } => "payments.rate_without_foreign_currency",
            Rejection::SourceReused { .. } => "payments.source_reused",
            Rejection::ExpiresAtOnce { .. } => "payments.expires_at_once",
            Rejection::OutOfRange(_) => "payments.out_of_range",
            Rejection::UnknownFunds { .. } => "payments.unknown_funds",
            Rejection::UnknownInvoice { .. } => "payments.unknown_invoice",
            Rejection::OtherCurrency { .. } => "payments.other_currency",
            Rejection::MoreThanIsLeft { .. } => "payments.more_than_is_left",
            Rejection::MoreThanIsOpen { .. } => "payments.more_than_is_open",
            Rejection::MoreThanIsAllocated { .. } => "payments.more_than_is_allocated",
            Rejection::PassedOn { .. } => "payments.passed_on",
            Rejection::AlreadyRefunded { .. } => "payments.already_refunded",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::AmountNotPositive { .. } => {
                "Give the amount that moved; money that went back is a return or a refund."
            }
            Rejection::ForeignCurrencyWithoutRate { .. } => {
                "Give the rate at which the bank took it in: units of the account's currency for one unit paid."
            }
            Rejection::RateWithoutForeignCurrency { .. } => "Leave the rate out, or check the currency.",
            Rejection::SourceReused { .. } => {
                "Check which of the two is right, and give each payment a key of its own."
            }
            Rejection::ExpiresAtOnce { .. } => "Give a last day that lies behind the first one.",
            Rejection::OutOfRange(_) => "Check the amount and the rate.",
            Rejection::UnknownFunds { .. } => "Look it up on the account's statement, and check the account.",
            Rejection::UnknownInvoice { .. } => {
                "Look it up on the account's statement, and check the account."
            }
            Rejection::OtherCurrency { .. } => "Give the amount in the account's currency.",
            Rejection::MoreThanIsLeft { .. } => "Take less, or first release what is set against an invoice.",
            Rejection::MoreThanIsOpen { .. } => {
                "Set only what is open against it; the rest stays with the customer."
            }
            Rejection::MoreThanIsAllocated { .. } => "Release at most what is set against the invoice.",
            Rejection::PassedOn { .. } => "Void the consolidated invoice on the parent's account instead.",
            Rejection::AlreadyRefunded { .. } => {
                "Ask the bank what really went back; what the customer got twice is a debt to be invoiced."
            }
        }
    }
}
