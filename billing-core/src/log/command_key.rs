//! The name under which a command is recorded once and for all.

use std::fmt;
use std::str::FromStr;

use crate::kernel::ids::{AccountId, CommandId};

/// A command's id, and for a command that is part of a run the account that it is about.
///
/// A run is one id and many commands, one for each account. Written `cmd_…`, or `cmd_…/acc_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandKey {
    /// The id that the caller chose.
    pub id: CommandId,
    /// The account, when the command is one of a run's many.
    pub part: Option<AccountId>,
}

/// A text that is no command key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a command is named cmd_… or, in a run, cmd_…/acc_…")]
pub struct CommandKeyError;

impl CommandKey {
    /// One account's part of a run.
    pub fn part_of(run: CommandId, account: AccountId) -> Self {
        CommandKey { id: run, part: Some(account) }
    }
}

impl From<CommandId> for CommandKey {
    fn from(id: CommandId) -> Self {
        CommandKey { id, part: None }
    }
}

impl fmt::Display for CommandKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            None => self.id.fmt(f),
            Some(account) => write!(f, "{}/{account}", self.id),
        }
    }
}

impl FromStr for CommandKey {
    type Err = CommandKeyError;

    fn from_str(text: &str) -> Result<Self, CommandKeyError> {
        let (id, part) = match text.split_once('/') {
            None => (text, None),
            Some((id, part)) => (id, Some(part.parse().map_err(|_| CommandKeyError)?)),
        };
        Ok(CommandKey { id: id.parse().map_err(|_| CommandKeyError)?, part })
    }
}
