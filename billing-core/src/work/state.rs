//! What a later decision can ask about work: the pieces that were not written off.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Event;
use super::page::WorkItem;
use crate::kernel::ids::WorkId;

/// The work that was done and not written off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) items: BTreeMap<WorkId, WorkItem>,
    pub(super) written_off: BTreeSet<WorkId>,
    /// What was noted as late to be billed, whether it was billed since or not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) late: BTreeSet<WorkId>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::WorkRecorded(recorded) => {
                let item = WorkItem {
                    description: recorded.description.clone(),
                    done_on: recorded.done_on,
                    quantity: recorded.quantity,
                    unit_price: recorded.unit_price,
                    tax_code: recorded.tax_code.clone(),
                };
                self.items.insert(recorded.work, item);
            }
            Event::WorkWrittenOff(written_off) => {
                self.items.remove(&written_off.work);
                self.late.remove(&written_off.work);
                self.written_off.insert(written_off.work);
            }
            Event::LateWorkNoted(noted) => self.late.extend(noted.work.iter().copied()),
        }
    }
}
