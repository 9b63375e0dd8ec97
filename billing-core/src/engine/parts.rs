//! Many accounts' parts of one run: decided one by one, appended in one call.

use super::metrics::Stopwatch;
use super::queue::{Loaded, Turn};
use super::{Engine, Inner, Step, load, plan};
use crate::book::{Books, Event, Rejection};
use crate::decision::{Command, Context, Department};
use crate::error::Error;
use crate::kernel::ids::{AccountId, CommandId};
use crate::kernel::timestamp::Timestamp;
use crate::log::{Actor, CommandKey, StreamId, Version};
use crate::store::{AppendBatch, Store};

/// What became of one account's part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Recorded { events: usize },
    Repeated,
    Nothing,
}

/// A part that is decided and waits to be appended.
struct Waiting {
    account: AccountId,
    index: usize,
    events: usize,
    books: Books,
    snapshot: Version,
    /// Held only where the page was in memory: the page goes back there.
    turn: Option<Turn>,
}

impl<S: Store> Engine<S> {
    /// Decides and appends the commands of some accounts of a run; answers each.
    pub(crate) fn execute_parts<C: Command>(
        &self,
        run: CommandId,
        actor: &Actor,
        commands: &[(AccountId, C)],
    ) -> Vec<(AccountId, Result<Part, Error>)>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let mut batches: Vec<AppendBatch> = Vec::with_capacity(commands.len());
        let mut waiting: Vec<Waiting> = Vec::with_capacity(commands.len());
        let mut answers: Vec<(AccountId, Result<Part, Error>)> = Vec::with_capacity(commands.len());
        let mut alone: Vec<usize> = Vec::new();
        let span =
            tracing::debug_span!("part of a run", name = C::NAME, run = %run, accounts = commands.len());
        let _entered = span.enter();
        let mut watch = Stopwatch::start();
        for (index, (account, command)) in commands.iter().enumerate() {
            match inner.decide_part(run, actor, *account, command, now, index) {
                Ok((batch, part)) => {
                    batches.push(batch);
                    waiting.push(part);
                }
                Err(()) => alone.push(index),
            }
        }
        watch.lap(Step::Decide);
        let appended = inner.store.append(batches);
        watch.lap(Step::Append);
        inner.metrics.shared(&watch);
        tracing::debug!(
            decide_us = watch.micros(Step::Decide),
            append_us = watch.micros(Step::Append),
            "appended together"
        );
        // What many took together, one took its share of.
        let share = watch.total() / u32::try_from(waiting.len().max(1)).unwrap_or(u32::MAX);
        for (part, appended) in waiting.into_iter().zip(appended) {
            match appended {
                Ok(appended) if appended.repeated => answers.push((part.account, Ok(Part::Repeated))),
                Ok(_) => {
                    let (account, events) = (part.account, part.events);
                    inner.metrics.part(C::NAME, events, share);
                    inner.keep(part);
                    answers.push((account, Ok(Part::Recorded { events })));
                }
                // Whatever it was, the way of a single command knows how to deal with it.
                Err(_) => alone.push(part.index),
            }
        }
        for (account, command) in alone.into_iter().filter_map(|index| commands.get(index)) {
            let done = inner.execute(CommandKey::part_of(run, *account), actor, command);
            let part = done.map(|done| match (done.repeated, done.events.len()) {
                (true, _) => Part::Repeated,
                (false, 0) => Part::Nothing,
                (false, events) => Part::Recorded { events },
            });
            answers.push((*account, part));
        }
        answers
    }
}

impl<S: Store> Inner<S> {
    /// Decides one part. `Err` where it can't be answered from this page alone: a no, a page that may be old,
    /// or another page that is needed.
    fn decide_part<C: Command>(
        &self,
        run: CommandId,
        actor: &Actor,
        account: AccountId,
        command: &C,
        now: Timestamp,
        index: usize,
    ) -> Result<(AppendBatch, Waiting), ()>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        if !actor.may(C::SCOPE) {
            return Err(());
        }
        let stream = StreamId::Account(account);
        let key = CommandKey::part_of(run, account);
        let turn = self.pages.idle_turn(&stream);
        let loaded = match turn.as_ref().and_then(Turn::take) {
            Some(loaded) => loaded,
            None => load::page(&self.store, &self.book, &stream).map_err(drop)?,
        };
        let snapshot = loaded.snapshot;
        let mut books = self.references().map_err(drop)?;
        books.hold(stream, loaded.page, loaded.version);
        let ctx = Context::new(now, actor.id(), key);
        let planned = plan::plan(command, books, &ctx).map_err(drop)?;
        // Whether it has nothing to do, or was done before, is for the way of a single command to say.
        if planned.events.is_empty() {
            return Err(());
        }
        let request = plan::request(command, key, actor.id(), now).map_err(drop)?;
        let batch = planned.batch(&self.book, request).map_err(drop)?;
        let events = planned.events.len();
        Ok((batch, Waiting { account, index, events, books: planned.books, snapshot, turn }))
    }

    /// Puts a page back where it was in memory, and keeps a snapshot of a long one.
    fn keep(&self, part: Waiting) {
        let Waiting { account, mut books, snapshot, turn, .. } = part;
        let stream = StreamId::Account(account);
        let Some((page, version)) = books.take(&stream) else { return };
        let mut loaded = Loaded { page, version, snapshot };
        load::keep_snapshot(&self.store, &self.book, &stream, &mut loaded);
        if let Some(turn) = turn {
            self.pages.put(&turn, loaded);
        }
    }
}
