//! The reasons that credit control works with, in words that can stand in a sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a customer disputes an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    /// Nothing arrived.
    NotReceived,
    /// Another price had been agreed.
    WrongPrice,
    /// More was invoiced than was ordered.
    WrongQuantity,
    /// The purchase order is missing, or is not the right one.
    PoMissing,
    /// Less arrived than was invoiced.
    ShortDelivery,
    /// It is not as good as was agreed.
    Quality,
    /// It has been paid.
    AlreadyPaid,
    /// Something else.
    Other,
}

/// How a dispute ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeOutcome {
    /// The customer was right.
    Credited,
    /// The customer was not right.
    Rejected,
    /// The customer was right in part.
    PartlyCredited,
    /// The customer took it back.
    Withdrawn,
}

/// Why an account gets no more credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// It is late with its payments.
    Arrears,
    /// It broke a promise to pay.
    BrokenPromise,
    /// A payment of it went back.
    ReturnedPayment,
    /// Somebody decided so.
    Manual,
}

/// Why an invoice is not chased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// It is paid, credited or void.
    NothingOpen,
    /// The customer promised to pay it, and the day has not passed.
    PromiseRunning,
    /// All that is open on it is disputed.
    Disputed,
    /// Money of the customer that is not set against anything covers it.
    CoveredByUnapplied,
    /// It reached a later step of the ladder before the reminder was sent.
    LaterStepReached,
    /// The parent pays it, and is chased for it on the consolidated invoice.
    ParentPays,
}

impl fmt::Display for DisputeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DisputeReason::NotReceived => "not received",
            DisputeReason::WrongPrice => "wrong price",
            DisputeReason::WrongQuantity => "wrong quantity",
            DisputeReason::PoMissing => "purchase order missing",
            DisputeReason::ShortDelivery => "short delivery",
            DisputeReason::Quality => "quality",
            DisputeReason::AlreadyPaid => "already paid",
            DisputeReason::Other => "another reason",
        })
    }
}

impl fmt::Display for DisputeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DisputeOutcome::Credited => "credited",
            DisputeOutcome::Rejected => "rejected",
            DisputeOutcome::PartlyCredited => "credited in part",
            DisputeOutcome::Withdrawn => "withdrawn by the customer",
        })
    }
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HoldReason::Arrears => "arrears",
            HoldReason::BrokenPromise => "a broken promise",
            HoldReason::ReturnedPayment => "a returned payment",
            HoldReason::Manual => "a reason of our own",
        })
    }
}

impl fmt::Display for SuppressionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SuppressionReason::NothingOpen => "nothing is open on it",
            SuppressionReason::PromiseRunning => "a promise to pay it is running",
            SuppressionReason::Disputed => "what is open on it is disputed",
            SuppressionReason::CoveredByUnapplied => "unapplied money of the customer covers it",
            SuppressionReason::ParentPays => "the parent account pays it",
            SuppressionReason::LaterStepReached => "it reached a later step before the reminder was sent",
        })
    }
}
