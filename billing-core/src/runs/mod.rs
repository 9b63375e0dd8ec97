//! Runs: the same command for many accounts, each its own commit, in parallel, stoppable and repeatable.
//!
//! A run is one id and a command for each account, recorded under `(run, account)`. What fails for one account
//! is reported and does not stop the others; a run that was stopped is begun again under the same id and goes
//! on where it was; a run that is done is repeated without effect.

mod billing;
mod chasing;
mod consolidation;
mod day_close;
mod late_work;
mod migration;
mod review;
mod work;

pub use billing::BillingRun;
pub use chasing::ChaseRun;
pub use consolidation::ConsolidationRun;
pub use day_close::DayClose;
pub use late_work::LateWorkRun;
pub use migration::MigrationRun;
pub use review::{ReleaseDrafts, ReviewedRun};

use std::ops::ControlFlow;

use crate::book::{Event, Rejection};
use crate::decision::{Command, Department};
use crate::engine::Engine;
use crate::engine::plan::PlannedEvent;
use crate::error::Error;
use crate::kernel::ids::{AccountId, CommandId};
use crate::log::{Actor, Head};
use crate::store::Store;

/// What is done to many accounts.
pub trait Run: Sync {
    /// The command that each account gets.
    type Command: Command;

    /// Which accounts, in groups that are worked through one after the other, each in account order.
    fn accounts<S: Store>(&self, engine: &Engine<S>) -> Result<Vec<Group>, Error>;

    /// The command for one of them.
    fn command(&self, account: AccountId) -> Self::Command;
}

/// Accounts that are worked through together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common, for people: `changed since their last invoice`.
    pub name: &'static str,
    /// The accounts, in order.
    pub accounts: Vec<AccountId>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The group that is being worked on.
    pub group: &'static str,
    /// Accounts of all groups.
    pub accounts: usize,
    /// Accounts done.
    pub done: usize,
    /// Accounts that failed so far.
    pub failed: usize,
}

/// What a run came to.
#[derive(Debug)]
pub struct RunReport {
    /// The id under which it can be repeated.
    pub run: CommandId,
    /// Accounts that were looked at.
    pub accounts: usize,
    /// Accounts for which something was recorded now.
    pub recorded: usize,
    /// Accounts that an earlier, interrupted run under the same id had done.
    pub repeated: usize,
    /// Accounts with nothing to do.
    pub nothing: usize,
    /// Events recorded.
    pub events: usize,
    /// Accounts that failed, each with its reason.
    pub failed: Vec<(AccountId, Error)>,
    /// Whether the observer broke it off.
    pub stopped: bool,
    /// The head when it ended.
    pub head: Head,
}

/// The observer that only lets a run go on: `engine.run(id, &actor, &run, &mut unwatched)`.
pub fn unwatched(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

impl<S: Store> Engine<S> {
    /// Carries a run out. `observe` hears of the progress, on this thread, and may break the run off;
    /// [`unwatched`] never does. Accounts that are in hand by then, at most some 2,000, are still done.
    ///
    /// A mistake in the program that makes one account's decision panic is that account's failure, with the code
    /// `engine.panicked`.
    pub fn run<R: Run>(
        &self,
        id: CommandId,
        actor: &Actor,
        run: &R,
        observe: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<RunReport, Error>
    where
        Event: From<<<R::Command as Command>::Department as Department>::Event>,
        Rejection: From<<<R::Command as Command>::Department as Department>::Rejection>,
    {
        work::carry_out(self, id, actor, run, observe)
    }

    /// What a run would record now, account by account, without recording it. The visitor may break off.
    pub fn preview_run<R: Run>(
        &self,
        actor: &Actor,
        run: &R,
        mut visit: impl FnMut(AccountId, Result<Vec<PlannedEvent>, Error>) -> ControlFlow<()>,
    ) -> Result<(), Error>
    where
        Event: From<<<R::Command as Command>::Department as Department>::Event>,
        Rejection: From<<<R::Command as Command>::Department as Department>::Rejection>,
    {
        for account in run.accounts(self)?.into_iter().flat_map(|group| group.accounts) {
            let planned = self.preview(actor, &run.command(account));
            if visit(account, planned).is_break() {
                break;
            }
        }
        Ok(())
    }
}
