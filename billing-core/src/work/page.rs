//! What other departments may ask about work.

use serde::{Deserialize, Serialize};

use super::state::State;
use crate::kernel::calendar::Date;
use crate::kernel::ids::WorkId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Label};
use crate::kernel::unit_price::UnitPrice;

/// A piece of work, as it will stand on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkItem {
    /// What it was.
    pub description: Label,
    /// The day on which it was done.
    pub done_on: Date,
    /// How much of it.
    pub quantity: Quantity,
    /// What one of them costs.
    pub unit_price: UnitPrice,
    /// What its VAT follows from.
    pub tax_code: Code,
}

impl State {
    /// All work that was not written off, billed or not, in the order in which it was recorded.
    pub fn items(&self) -> impl Iterator<Item = (WorkId, &WorkItem)> {
        self.items.iter().map(|(work, item)| (*work, item))
    }

    /// A piece of work; `None` where there is none, or where it was written off.
    pub fn item(&self, work: WorkId) -> Option<&WorkItem> {
        self.items.get(&work)
    }

    /// The pieces that were noted as late to be billed and were not written off, billed since or not.
    pub fn noted_late(&self) -> impl Iterator<Item = WorkId> + '_ {
        self.late.iter().copied()
    }

    /// Whether it was noted as late to be billed.
    pub fn was_noted_late(&self, work: WorkId) -> bool {
        self.late.contains(&work)
    }

    /// Whether it was written off.
    pub fn was_written_off(&self, work: WorkId) -> bool {
        self.written_off.contains(&work)
    }
}
