//! The chase run: every account with something overdue, by the ladder.

use super::{Group, Run};
use crate::credit_control::Chase;
use crate::engine::Engine;
use crate::error::Error;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::projections::chase_index::ToChase;
use crate::store::Store;

/// Makes reminders due as they stand on a day. Nothing is sent by it: see `SendReminder`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChaseRun {
    /// The day.
    pub on: Date,
}

impl Run for ChaseRun {
    type Command = Chase;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        let accounts = engine.ask(&ToChase { on: self.on })?.value;
        Ok(vec![Group { name: "overdue", accounts }])
    }

    fn command(&self, account: AccountId) -> Chase {
        Chase { account, on: self.on }
    }
}
