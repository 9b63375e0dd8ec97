//! Policies: the choices of a seller that decisions are taken by.

use std::fmt;

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::dialect::Dialect;
use crate::kernel::calendar::Date;
use crate::kernel::rounding::Rounding;

/// All policies of a book. What is left out takes its default, so that a log written before a policy existed
/// still says what was done.
///
/// ```
/// use billing_core::settings::{AllocationOrder, Policies};
/// let policies: Policies = serde_json::from_str(r#"{"allocation":"oldest_issued_first"}"#)?;
/// assert_eq!(policies, Policies { allocation: AllocationOrder::OldestIssuedFirst, ..Policies::default() });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// How the amount of a line is rounded.
    pub line_rounding: Rounding,
    /// How VAT is rounded, once a category and rate on each document (EN 16931, BR-CO-17).
    pub tax_rounding: Rounding,
    /// Which invoices money goes to when the payer named none.
    pub allocation: AllocationOrder,
    /// What a dispute does to chasing.
    pub disputed: Disputed,
    /// Days after the promised one on which a payment still keeps a promise.
    pub promise_grace_days: u16,
    /// How parts of periods are reckoned.
    #[serde(skip_serializing_if = "Dialect::is_own")]
    pub dialect: Dialect,
    /// What becomes of usage that is known only after its period was billed.
    #[serde(skip_serializing_if = "LateUsage::is_usual")]
    pub late_usage: LateUsage,
    /// When work that was done is late to be billed.
    #[serde(skip_serializing_if = "LateWork::is_usual")]
    pub late_work: LateWork,
}

/// When work that was done is late to be billed, so that the owner of the account is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateWork {
    /// When it was done more than so many days ago. Usually 35: what a bill every month takes up is never late.
    After {
        /// How many.
        days: u16,
    },
    /// Never: nobody is told.
    Never,
}

impl Default for LateWork {
    fn default() -> LateWork {
        LateWork::After { days: 35 }
    }
}

impl LateWork {
    /// Work done before this day is late on a day; none is where the seller says so.
    ///
    /// ```
    /// use billing_core::settings::LateWork;
    /// let late = LateWork::After { days: 7 };
    /// assert_eq!(late.done_before("2026-03-09".parse()?), Some("2026-03-02".parse()?));
    /// assert_eq!(LateWork::Never.done_before("2026-03-09".parse()?), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn done_before(self, on: Date) -> Option<Date> {
        match self {
            LateWork::After { days } => on.checked_sub_days(Days::new(days.into())),
            LateWork::Never => None,
        }
    }

    /// Whether it is the one that is not said.
    fn is_usual(&self) -> bool {
        *self == LateWork::default()
    }
}

/// What becomes of usage that is known only after its period was billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateUsage {
    /// When a metered period is billed, those before it are rated again, and what is missing, or too much, stands on
    /// the same invoice. What belongs to still earlier ones is not billed.
    NextInvoice {
        /// How many periods before it.
        periods: u8,
    },
    /// It is not billed.
    Ignored,
}

impl Default for LateUsage {
    fn default() -> LateUsage {
        LateUsage::NextInvoice { periods: 2 }
    }
}

impl LateUsage {
    /// How many periods before the one that is billed are rated again.
    pub fn periods(self) -> u8 {
        match self {
            LateUsage::NextInvoice { periods } => periods,
            LateUsage::Ignored => 0,
        }
    }

    /// Whether it is the one that is not said.
    fn is_usual(&self) -> bool {
        *self == LateUsage::default()
    }
}

/// Which invoices money goes to when the payer named none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllocationOrder {
    /// To the one that has been due the longest.
    #[default]
    OldestDueFirst,
    /// To the one that was issued first.
    OldestIssuedFirst,
}

/// What a dispute does to chasing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disputed {
    /// The disputed amount is not chased until the dispute is resolved.
    #[default]
    Pause,
    /// It is chased all the same.
    Chase,
}

impl fmt::Display for AllocationOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AllocationOrder::OldestDueFirst => "to the oldest due first",
            AllocationOrder::OldestIssuedFirst => "to the oldest issued first",
        })
    }
}

impl fmt::Display for Disputed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Disputed::Pause => "not chased",
            Disputed::Chase => "chased all the same",
        })
    }
}

impl fmt::Display for LateUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LateUsage::NextInvoice { periods } => {
                write!(f, "billed with the next period, for {periods} period(s) back")
            }
            LateUsage::Ignored => f.write_str("not billed"),
        }
    }
}

impl fmt::Display for LateWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LateWork::After { days } => write!(f, "late to be billed after {days} day(s)"),
            LateWork::Never => f.write_str("never late to be billed"),
        }
    }
}

impl fmt::Display for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Policies { line_rounding, tax_rounding, allocation, disputed, .. } = self;
        let Policies { promise_grace_days, dialect, late_usage, late_work, .. } = self;
        write!(f, "lines rounded {line_rounding}; VAT rounded {tax_rounding}; payments go {allocation}; ")?;
        write!(f, "disputed amounts are {disputed}; promises have {promise_grace_days} day(s) of grace; ")?;
        write!(f, "parts of periods are billed {dialect}; late usage is {late_usage}; work is {late_work}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_said_in_words() {
        assert_eq!(
            Policies::default().to_string(),
            "lines rounded to the nearest, half up; VAT rounded to the nearest, half up; payments go to the oldest \
             due first; disputed amounts are not chased; promises have 0 day(s) of grace; parts of \
             periods are billed by the engine's own rules; late usage is billed with the next period, for 2 \
             period(s) back; work is late to be billed after 35 day(s)"
        );
    }

    #[test]
    fn an_unknown_policy_is_refused() {
        assert!(serde_json::from_str::<Policies>(r#"{"rounding":"half_up"}"#).is_err());
    }
}
