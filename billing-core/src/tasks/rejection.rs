//! The rules of tasks, in order of precedence.

use crate::decision;
use crate::kernel::ids::TaskId;

/// Why a task was not completed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Only what was to be done can be completed.
    #[error("the account has no task {task}")]
    NoSuchTask {
        /// The task asked for.
        task: TaskId,
    },
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::NoSuchTask { .. } => "tasks.no_such_task",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::NoSuchTask { .. } => "Look the task up in the account's list of open tasks.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_says_which_it_is() {
        let task = "tsk_0123456789abcdef0123456789abcdef".parse().unwrap();
        assert_eq!(
            Rejection::NoSuchTask { task }.to_string(),
            "the account has no task tsk_0123456789abcdef0123456789abcdef"
        );
    }
}
