//! How a run is carried out: chunks of accounts, decided on all cores, each chunk one call to the store. While some
//! chunks wait for the store, the next are decided.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};

use super::{Progress, Run, RunReport};
use crate::book::{Event, Rejection};
use crate::decision::{Command, Department};
use crate::engine::{Engine, Part};
use crate::error::Error;
use crate::kernel::ids::{AccountId, CommandId};
use crate::log::Actor;
use crate::store::Store;

/// Accounts that are decided and appended together. Large enough that a commit is shared by many, small enough
/// that a stop is heard soon.
const CHUNK: usize = 128;

/// The most chunks that are decided at the same time, on as many cores. A store has one writer, and it is busy with
/// what a few cores decide.
const DECIDING: usize = 8;

/// While these chunks are with the store, others are decided: as many as fill the commit that it is at and the next.
/// With fewer, commits are half empty, and each waits for the disk as long as a full one.
const AHEAD: usize = 8;

/// A piece of work: some accounts of one group.
struct Chunk<'a> {
    group: &'static str,
    accounts: &'a [AccountId],
}

/// What became of one chunk.
struct Report {
    group: &'static str,
    parts: Vec<(AccountId, Result<Part, Error>)>,
}

pub(super) fn carry_out<S: Store, R: Run>(
    engine: &Engine<S>,
    id: CommandId,
    actor: &Actor,
    run: &R,
    observe: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<RunReport, Error>
where
    Event: From<<<R::Command as Command>::Department as Department>::Event>,
    Rejection: From<<<R::Command as Command>::Department as Department>::Rejection>,
{
    let mut groups = run.accounts(engine)?;
    for group in &mut groups {
        group.accounts.sort_unstable();
        group.accounts.dedup();
    }
    let accounts = groups.iter().map(|group| group.accounts.len()).sum();
    let mut report = RunReport {
        run: id,
        accounts: 0,
        recorded: 0,
        repeated: 0,
        nothing: 0,
        events: 0,
        failed: Vec::new(),
        stopped: false,
        head: engine.head()?,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = cores.min(DECIDING) + AHEAD;
    // A group is done before the next is begun: the changed accounts first.
    for group in &groups {
        let chunks = group.accounts.chunks(CHUNK).map(|accounts| Chunk { group: group.name, accounts });
        let queue: Mutex<VecDeque<Chunk<'_>>> = Mutex::new(chunks.collect());
        let stop = AtomicBool::new(report.stopped);
        let (tell, hear) = mpsc::sync_channel(AHEAD);
        std::thread::scope(|scope| {
            for _ in 0..workers.min(group.accounts.len().div_ceil(CHUNK)) {
                let tell = tell.clone();
                scope.spawn(|| work_off(engine, id, actor, run, &queue, &stop, tell));
            }
            drop(tell);
            // Taken in here, so that nobody goes on telling if who observes goes down in a panic.
            for chunk in hear {
                report.count(chunk.parts);
                let progress = Progress {
                    group: chunk.group,
                    accounts,
                    done: report.accounts,
                    failed: report.failed.len(),
                };
                if observe(progress).is_break() {
                    stop.store(true, Ordering::Relaxed);
                    report.stopped = true;
                }
            }
        });
    }
    report.head = engine.head()?;
    Ok(report)
}

impl RunReport {
    fn count(&mut self, parts: Vec<(AccountId, Result<Part, Error>)>) {
        self.accounts += parts.len();
        for (account, part) in parts {
            match part {
                Ok(Part::Recorded { events }) => {
                    self.recorded += 1;
                    self.events += events;
                }
                Ok(Part::Repeated) => self.repeated += 1,
                Ok(Part::Nothing) => self.nothing += 1,
                Err(error) => self.failed.push((account, error)),
            }
        }
    }
}

fn work_off<S: Store, R: Run>(
    engine: &Engine<S>,
    id: CommandId,
    actor: &Actor,
    run: &R,
    queue: &Mutex<VecDeque<Chunk<'_>>>,
    stop: &AtomicBool,
    tell: SyncSender<Report>,
) where
    Event: From<<<R::Command as Command>::Department as Department>::Event>,
    Rejection: From<<<R::Command as Command>::Department as Department>::Rejection>,
{
    while !stop.load(Ordering::Relaxed) {
        let Some(chunk) = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { return };
        let commands: Vec<(AccountId, R::Command)> =
            chunk.accounts.iter().map(|account| (*account, run.command(*account))).collect();
        let parts = engine.execute_parts(id, actor, &commands);
        if tell.send(Report { group: chunk.group, parts }).is_err() {
            return;
        }
    }
}
