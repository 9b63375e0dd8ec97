//! The run that looks for work that nobody billed.

use super::{Group, Run};
use crate::engine::Engine;
use crate::error::Error;
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::projections::late_work::ToNoteLate;
use crate::store::Store;
use crate::work::NoteLateWork;

/// Notes work that is late to be billed, by the book's [`LateWork`](crate::settings::LateWork) policy: the owner of the
/// account gets one message about each piece, and a task that is done when the last of them is billed or written off.
/// Give it once a day, beside [`DayClose`](super::DayClose) and behind the billing run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateWorkRun {
    /// The day.
    pub on: Date,
}

impl Run for LateWorkRun {
    type Command = NoteLateWork;

    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error> {
        let Some(done_before) = engine.settings()?.policies().late_work.done_before(self.on) else {
            return Ok(Vec::new());
        };
        let accounts = engine.ask(&ToNoteLate { done_before })?.value;
        Ok(vec![Group { name: "with work that is late to be billed", accounts }])
    }

    fn command(&self, account: AccountId) -> NoteLateWork {
        NoteLateWork { account, on: self.on }
    }
}
