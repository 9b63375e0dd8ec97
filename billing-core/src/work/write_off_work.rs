//! A piece of work will not be billed.

use serde::{Deserialize, Serialize};

use super::{Rejection, Work, WorkWrittenOff};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, WorkId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Writes off work that was not billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteOffWork {
    /// For whom it was done.
    pub account: AccountId,
    /// The piece of work.
    pub work: WorkId,
    /// Why.
    pub reason: Note,
    /// The day on which that is decided.
    pub on: Date,
}

impl Command for WriteOffWork {
    type Department = Work;
    const NAME: &'static str = "work.write_off_work";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Work> {
        let account = books.account(self.account)?;
        if account.work.was_written_off(self.work) {
            return Ok(vec![]);
        }
        if account.work.item(self.work).is_none() {
            return Err(Rejection::UnknownWork(self.work).into());
        }
        if account.invoicing.has_billed(self.work) {
            return Err(Rejection::Billed(self.work).into());
        }
        Ok(vec![account.record(WorkWrittenOff {
            work: self.work,
            reason: self.reason.clone(),
            written_off_on: self.on,
        })])
    }
}
