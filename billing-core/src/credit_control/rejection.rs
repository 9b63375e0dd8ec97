//! The rules of credit control, in order of precedence.

use super::make_promise::MOST_BROKEN;
use super::reason::DisputeOutcome;
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::{DisputeId, InvoiceId, PromiseId};
use crate::kernel::money::Money;

/// Why a request of credit control was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// An amount of zero or below.
    #[error("{amount} is not above zero")]
    AmountNotPositive {
        /// The amount.
        amount: Money,
    },
    /// An amount in a currency that the account is not kept in.
    #[error("{amount} is not in {currency}, in which the account is kept")]
    OtherCurrency {
        /// The amount.
        amount: Money,
        /// The account's currency.
        currency: Currency,
    },
    /// Not an invoice of this account, or one that was voided.
    #[error("{invoice} is not an invoice of this account, or it was voided")]
    UnknownInvoice {
        /// What was named.
        invoice: InvoiceId,
    },
    /// There is nothing to be promised.
    #[error("nothing is open on these invoices")]
    NothingOpen,
    /// A promise of more than is owed.
    #[error("{amount} is more than is open on these invoices: {open}")]
    MoreThanIsOpen {
        /// What was promised.
        amount: Money,
        /// What is open.
        open: Sum,
    },
    /// A promise to pay in the past.
    #[error("a promise made on {made_on} can't be to pay by {pay_by}")]
    PayByBeforeMade {
        /// The day on which it was made.
        made_on: Date,
        /// The day by which it was to be kept.
        pay_by: Date,
    },
    /// Too many promises were broken to believe another.
    #[error("the customer broke {broken} promises, and after {MOST_BROKEN} no other is taken")]
    TooManyBroken {
        /// How many.
        broken: u32,
    },
    /// The promise is unknown, or its verdict is on record.
    #[error("{promise} is not a running promise of this account")]
    PromiseNotRunning {
        /// What was named.
        promise: PromiseId,
    },
    /// All of the invoice is disputed or paid.
    #[error("nothing is open on invoice {invoice} that is not disputed yet")]
    NothingToDispute {
        /// The invoice.
        invoice: InvoiceId,
    },
    /// More than is open and not disputed yet.
    #[error("{amount} is more than is open and not disputed on invoice {invoice}: {undisputed}")]
    MoreThanIsUndisputed {
        /// What was to be disputed.
        amount: Money,
        /// The invoice.
        invoice: InvoiceId,
        /// What can be.
        undisputed: Money,
    },
    /// The dispute ended in another way.
    #[error("dispute {dispute} has ended: {outcome}")]
    AlreadyResolved {
        /// The dispute.
        dispute: DisputeId,
        /// How it ended.
        outcome: DisputeOutcome,
    },
    /// Not a dispute of this account.
    #[error("{dispute} is not a dispute of this account")]
    UnknownDispute {
        /// What was named.
        dispute: DisputeId,
    },
}

impl crate::decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::AmountNotPositive { .. } => "credit_control.amount_not_positive",
            Rejection::OtherCurrency { .. } => "credit_control.other_currency",
            Rejection::UnknownInvoice { .. } => "credit_control.unknown_invoice",
            Rejection::NothingOpen => "credit_control.nothing_open",
            Rejection::MoreThanIsOpen { .. } => "credit_control.more_than_is_open",
            Rejection::PayByBeforeMade { .. } => "credit_control.pay_by_before_made",
            Rejection::TooManyBroken { .. } => "credit_control.too_many_broken",
            Rejection::PromiseNotRunning { .. } => "credit_control.promise_not_running",
            Rejection::NothingToDispute { .. } => "credit_control.nothing_to_dispute",
            Rejection::MoreThanIsUndisputed { .. } => "credit_control.more_than_is_undisputed",
            Rejection::AlreadyResolved { .. } => "credit_control.already_resolved",
            Rejection::UnknownDispute { .. } => "credit_control.unknown_dispute",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::AmountNotPositive { .. } => "Give the amount that is meant.",
            Rejection::OtherCurrency { .. } => "Give the amount in the account's currency.",
            Rejection::UnknownInvoice { .. } => {
                "Look it up on the account's statement, and check the account."
            }
            Rejection::NothingOpen => "Tell the customer that it is settled; no promise is needed.",
            Rejection::MoreThanIsOpen { .. } => {
                "Promise at most what is open; what is paid beyond it is kept for later."
            }
            Rejection::PayByBeforeMade { .. } => "Check both dates.",
            Rejection::TooManyBroken { .. } => "Go on chasing, or agree on a payment and wait for the money.",
            Rejection::PromiseNotRunning { .. } => "Look up on the account what became of it.",
            Rejection::NothingToDispute { .. } => "Add what the customer says to the dispute that is open.",
            Rejection::MoreThanIsUndisputed { .. } => "Dispute at most what is open and not disputed yet.",
            Rejection::AlreadyResolved { .. } => "If it has to be taken up again, raise another dispute.",
            Rejection::UnknownDispute { .. } => "Look it up on the account, and check the account.",
        }
    }
}
