//! The rules under which usage says no, in order of precedence.

use super::record_usage::{MOST_RECORDS, RECORDS_AN_EVENT};
use crate::decision;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::text::{Code, Reference};

/// Why usage said no. Of records that came together either all count or none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// One command records so much and no more.
    #[error("{0} records were given at once, and {MOST_RECORDS} are the most")]
    TooManyRecords(usize),
    /// One command tells so much of a day anew and no more.
    #[error("{0} readings of a day were given, and {RECORDS_AN_EVENT} are the most")]
    TooManyReadings(usize),
    /// A key names one record for ever.
    #[error("under the key {0} something else was recorded")]
    KeyReused(Reference),
    /// The account has no such subscription.
    #[error("the account has no subscription {0}")]
    UnknownSubscription(SubscriptionId),
    /// Nothing would ever be charged for it.
    #[error("{metric} is not metered: nothing that {subscription} was ever agreed for counts it")]
    NotMetered {
        /// The subscription.
        subscription: SubscriptionId,
        /// What was counted.
        metric: Code,
    },
    /// Names that are not there can't be told apart.
    #[error("the record {key} has no name, and for {metric} different names are counted")]
    NameMissing {
        /// The record.
        key: Reference,
        /// What was counted.
        metric: Code,
    },
    /// All readings of a metric together are more than can be written.
    #[error("with the record {key} there would be more {metric} than can be written")]
    TooMuch {
        /// The record.
        key: Reference,
        /// What was counted.
        metric: Code,
    },
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::TooManyRecords(_) => "usage.too_many_records",
            Rejection::TooManyReadings(_) => "usage.too_many_readings",
            Rejection::KeyReused(_) => "usage.key_reused",
            Rejection::UnknownSubscription(_) => "usage.unknown_subscription",
            Rejection::NotMetered { .. } => "usage.not_metered",
            Rejection::NameMissing { .. } => "usage.name_missing",
            Rejection::TooMuch { .. } => "usage.too_much",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::TooManyRecords(_) => "Give them in several commands.",
            Rejection::TooManyReadings(_) => "Add readings up before you give them.",
            Rejection::KeyReused(_) => {
                "Give each record a key of its own; to record one again, give it as it was."
            }
            Rejection::UnknownSubscription(_) => "Look the subscription up on the account's page.",
            Rejection::NotMetered { .. } => {
                "Check the spelling against the plan's meter, or subscribe to a plan or an add-on that counts it."
            }
            Rejection::NameMissing { .. } => "Say whose use it was: a user, a device.",
            Rejection::TooMuch { .. } => "Check the quantity.",
        }
    }
}
