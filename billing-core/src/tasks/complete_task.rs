//! Completing a task.

use serde::{Deserialize, Serialize};

use super::Tasks;
use super::events::TaskCompleted;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, TaskId};
use crate::log::Scope;

/// Note that a task was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompleteTask {
    /// The account.
    pub account: AccountId,
    /// The task.
    pub task: TaskId,
    /// The day on which it was done.
    pub on: Date,
}

impl Command for CompleteTask {
    type Department = Tasks;
    const NAME: &'static str = "tasks.complete_task";
    const SCOPE: Scope = Scope::Accounts;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Tasks> {
        let account = books.account(self.account)?;
        if account.tasks.is_completed(self.task) {
            return Ok(vec![]);
        }
        if !account.tasks.open().any(|(task, _)| task == self.task) {
            return Err(Rejection::NoSuchTask { task: self.task }.into());
        }
        Ok(vec![account.record(TaskCompleted { task: self.task, completed_on: self.on })])
    }
}
