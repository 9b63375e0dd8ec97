//! What other departments may ask about tasks.

use serde::{Deserialize, Serialize};

use super::state::State;
use crate::kernel::calendar::Date;
use crate::kernel::ids::TaskId;
use crate::kernel::text::Code;
use crate::log::ActorId;

/// Something that is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Who is to do it.
    pub owner: ActorId,
    /// What is to be done.
    pub kind: Code,
    /// By when.
    pub due_on: Date,
}

impl State {
    /// What is to be done, oldest id first.
    pub fn open(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.open.iter().map(|(id, task)| (*id, task))
    }

    /// Whether something of this kind is to be done.
    pub fn has_open(&self, kind: &Code) -> bool {
        self.open.values().any(|task| task.kind == *kind)
    }

    /// Whether it was done.
    pub fn is_completed(&self, task: TaskId) -> bool {
        self.completed.contains(&task)
    }
}
