//! The day close: facts that follow from a day having passed, such as a promise that was not kept.

use super::{Group, Run};
use crate::credit_control::CloseDay;
use crate::engine::Engine;
use crate::error::Error;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::projections::chase_index::ToClose;
use crate::store::Store;

/// Closes a day: the one run that makes facts of time passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayClose {
    /// The day that is over.
    pub on: Date,
}

impl Run for DayClose {
    type Command = CloseDay;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        let accounts = engine.ask(&ToClose { on: self.on })?.value;
        Ok(vec![Group { name: "with something running out", accounts }])
    }

    fn command(&self, account: AccountId) -> CloseDay {
        CloseDay { account, on: self.on }
    }
}
