//! Nobody billed what was done: the command of the run that looks for late work.

use serde::{Deserialize, Serialize};

use super::{LateWorkNoted, Work};
use crate::accounts::AccountKind;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::AccountId;
use crate::log::Scope;

/// Notes the work that is neither billed nor written off and is late by the book's [`LateWork`] policy on a day. The
/// owner of the account gets a message about it, and a task, unless one is open: see
/// [`LateWorkRun`](crate::runs::LateWorkRun).
///
/// Each piece is noted once: on the next day, and however often it is asked, there is nothing to do. Work for a trial
/// account can't be billed, and is not late.
///
/// ```
/// use billing_core::prelude::*;
/// let account: AccountId = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let note = NoteLateWork { account, on: "2026-03-31".parse()? };
/// # let _ = note;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`LateWork`]: crate::settings::LateWork
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteLateWork {
    /// For whom it was done.
    pub account: AccountId,
    /// The day.
    pub on: Date,
}

impl Command for NoteLateWork {
    type Department = Work;
    const NAME: &'static str = "work.note_late_work";
    const SCOPE: Scope = Scope::Billing;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Work> {
        let account = books.account(self.account)?;
        let late_work = books.settings()?.policies().late_work;
        let (Some(done_before), AccountKind::Full) =
            (late_work.done_before(self.on), account.accounts.kind())
        else {
            return Ok(vec![]);
        };
        let is_late = |work| !account.work.was_noted_late(work) && !account.invoicing.has_billed(work);
        let items = account.work.items().filter(|(_, item)| item.done_on < done_before);
        let work: Vec<_> = items.map(|(work, _)| work).filter(|work| is_late(*work)).collect();
        if work.is_empty() {
            return Ok(vec![]);
        }
        Ok(vec![account.record(LateWorkNoted { work, done_before, noted_on: self.on })])
    }
}
