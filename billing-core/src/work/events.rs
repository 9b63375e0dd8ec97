//! What work records: what was done, and what of it will never be billed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::calendar::Date;
use crate::kernel::ids::{QuoteId, WorkId};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Label, Note, Reference};
use crate::kernel::unit_price::UnitPrice;
use crate::log::ActorId;

crate::events! {
    "work" {
        WorkRecorded = "work_recorded" 1;
        WorkWrittenOff = "work_written_off" 1;
        LateWorkNoted = "late_work_noted" 1;
    }
}

/// Something was done for the customer that is to be billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRecorded {
    /// The piece of work.
    pub work: WorkId,
    /// What it was, as it stands on the invoice.
    pub description: Label,
    /// The day on which it was done; of what was quoted, the day from which it is to be billed.
    pub done_on: Date,
    /// How much of it: hours, days.
    pub quantity: Quantity,
    /// What one of them costs.
    pub unit_price: UnitPrice,
    /// What its VAT follows from.
    pub tax_code: Code,
    /// Where it can be looked up: a time sheet, a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Reference>,
    /// Who did it, if not whoever recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_by: Option<ActorId>,
    /// The quote that it was accepted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<QuoteId>,
}

/// A piece of work will not be billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkWrittenOff {
    /// The piece of work.
    pub work: WorkId,
    /// Why.
    pub reason: Note,
    /// The day on which that was decided.
    pub written_off_on: Date,
}

/// Pieces of work were found late to be billed, each for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateWorkNoted {
    /// The pieces, at least one, in the order in which they were recorded.
    pub work: Vec<WorkId>,
    /// All of them were done before this day.
    pub done_before: Date,
    /// The day on which that was noted.
    pub noted_on: Date,
}

impl fmt::Display for WorkRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorkRecorded { work, description, done_on, quantity, unit_price, quote, .. } = self;
        match quote {
            None => write!(f, "Work {work} done on {done_on}")?,
            Some(quote) => write!(f, "Work {work} of quote {quote} to be billed from {done_on}")?,
        }
        write!(f, ": {description}, {quantity} at {unit_price}.")
    }
}

impl fmt::Display for WorkWrittenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Work {} written off on {}: {}.", self.work, self.written_off_on, self.reason)
    }
}

impl fmt::Display for LateWorkNoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LateWorkNoted { work, done_before, noted_on } = self;
        f.write_str("Work")?;
        for (index, work) in work.iter().enumerate() {
            write!(f, "{} {work}", if index == 0 { "" } else { "," })?;
        }
        write!(f, " done before {done_before} and not billed, noted as late on {noted_on}.")
    }
}
