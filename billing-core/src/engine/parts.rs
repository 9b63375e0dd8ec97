//! Many accounts' parts of one run: their pages read together, each decided by itself, all appended in one call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::metrics::Stopwatch;
use super::plan::Planned;
use super::queue::{Loaded, Turn};
use super::{Engine, Inner, Step, load, plan};
use crate::book::{Books, Event, Rejection};
use crate::decision::{Command, Context, Department, Need, Stop};
use crate::error::{Error, Kind};
use crate::kernel::ids::{AccountId, CommandId};
use crate::log::{Actor, CommandKey, StreamId};
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
    index: usize,
    events: usize,
    /// The page as it is once this is appended, where somebody wants it then: it goes back into memory, or a
    /// snapshot of it is due.
    page: Option<(Loaded, Option<Turn>)>,
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
        let span =
            tracing::debug_span!("part of a run", name = C::NAME, run = %run, accounts = commands.len());
        let _entered = span.enter();
        let mut watch = Stopwatch::start();
        let Decided { batches, waiting, mut alone } = inner.decide_parts(run, actor, commands);
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
        let mut answers: Vec<(AccountId, Result<Part, Error>)> = Vec::with_capacity(commands.len());
        for (Waiting { index, events, page }, appended) in waiting.into_iter().zip(appended) {
            let Some((account, _)) = commands.get(index) else { continue };
            match appended {
                Ok(appended) if appended.repeated => answers.push((*account, Ok(Part::Repeated))),
                Ok(_) => {
                    inner.metrics.part(C::NAME, events, share);
                    if let Some((loaded, turn)) = page {
                        inner.keep(*account, loaded, turn);
                    }
                    answers.push((*account, Ok(Part::Recorded { events })));
                }
                // Whatever it was, the way of a single command knows how to deal with it.
                Err(_) => alone.push(index),
            }
        }
        for (account, command) in alone.into_iter().filter_map(|index| commands.get(index)) {
            let key = CommandKey::part_of(run, *account);
            let done = caught(|| inner.execute(key, actor, command)).unwrap_or_else(|said| {
                let (command, stream) = (C::NAME, StreamId::Account(*account));
                tracing::error!(command, %stream, said, "panicked");
                Err(Kind::Panicked { command, stream, said }.into())
            });
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

/// What came of deciding some parts.
#[derive(Default)]
struct Decided {
    /// What is to be appended, in the order of the commands.
    batches: Vec<AppendBatch>,
    /// Who waits for it, one for each batch.
    waiting: Vec<Waiting>,
    /// Parts that can't be answered from their page alone: a no, a page that may be old or can't be read, another
    /// page that is needed, a panic.
    alone: Vec<usize>,
}

/// An account whose page is not in memory.
struct Unread {
    index: usize,
    /// Held where the page is to be in memory afterwards.
    turn: Option<Turn>,
    read: bool,
}

impl<S: Store> Inner<S> {
    /// Decides parts: those whose page is in memory, then those whose page is young, read in one go, then the
    /// others.
    fn decide_parts<C: Command>(&self, run: CommandId, actor: &Actor, commands: &[(AccountId, C)]) -> Decided
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let mut decided = Decided::default();
        let (now, Ok(shared), true) = (self.clock.now(), self.references(), actor.may(C::SCOPE)) else {
            decided.alone.extend(0..commands.len());
            return decided;
        };
        let mut parts: Vec<(AppendBatch, Waiting)> = Vec::with_capacity(commands.len());
        let mut decide = |index: usize, turn: Option<Turn>, loaded: Option<Loaded>| {
            let Some((account, command)) = commands.get(index) else { return };
            let books = Books {
                settings: shared.settings.clone(),
                catalogue: shared.catalogue.clone(),
                ..Books::new()
            };
            let ctx = Context::new(now, actor.id(), CommandKey::part_of(run, *account));
            let part = caught(|| self.decide_part(*account, command, loaded?, books, &ctx)).ok().flatten();
            let Some((batch, loaded)) = part else { return decided.alone.push(index) };
            let wanted = turn.is_some() || loaded.snapshot.is_outgrown_at(loaded.version);
            let (events, page) = (batch.events.len(), wanted.then_some((loaded, turn)));
            parts.push((batch, Waiting { index, events, page }));
        };
        let (mut unread, mut streams) = (Vec::new(), Vec::with_capacity(commands.len()));
        for (index, (account, _)) in commands.iter().enumerate() {
            let stream = StreamId::Account(*account);
            let turn = self.pages.idle_turn(&stream);
            match turn.as_ref().and_then(Turn::take) {
                Some(loaded) => decide(index, turn, Some(loaded)),
                None => {
                    unread.push(Unread { index, turn, read: false });
                    streams.push(stream);
                }
            }
        }
        // Where a page can't be brought up to date without a panic the walk ends, and who is behind it is read alone.
        let walked = caught(|| {
            load::young_pages(&self.store, &self.book, &streams, |which, loaded| {
                if let Some(unread) = unread.get_mut(which) {
                    unread.read = true;
                    decide(unread.index, unread.turn.take(), Some(loaded));
                }
            });
        });
        drop(walked);
        for (unread, stream) in unread.into_iter().zip(&streams).filter(|(unread, _)| !unread.read) {
            let loaded =
                caught(|| load::grown_page(&self.store, &self.book, stream)).ok().and_then(Result::ok);
            decide(unread.index, unread.turn, loaded);
        }
        // The log keeps the order of the accounts, whichever was read first.
        parts.sort_by_key(|(_, waiting)| waiting.index);
        (decided.batches, decided.waiting) = parts.into_iter().unzip();
        decided
    }

    /// Decides one part and spells it. `None` where it can't be answered from this page alone: a no, a page that
    /// may be old, or another page that is needed.
    fn decide_part<C: Command>(
        &self,
        account: AccountId,
        command: &C,
        loaded: Loaded,
        mut books: Books,
        ctx: &Context<'_>,
    ) -> Option<(AppendBatch, Loaded)>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let (stream, snapshot) = (StreamId::Account(account), loaded.snapshot);
        books.hold(stream.clone(), loaded.page, loaded.version);
        let mut planned = self.plan_part(command, books, ctx)?;
        // Whether it has nothing to do, or was done before, is for the way of a single command to say.
        if planned.events.is_empty() {
            return None;
        }
        let request = plan::request(command, ctx.command, ctx.by, ctx.now).ok()?;
        let batch = planned.batch(&self.book, request).ok()?;
        let (page, version) = planned.books.take(&stream)?;
        Some((batch, Loaded { page, version, snapshot }))
    }

    /// Plans a part. Usage is read for this decision alone: a part writes none, so that its page is not put back.
    fn plan_part<C: Command>(&self, command: &C, books: Books, ctx: &Context<'_>) -> Option<Planned>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let unplanned = match plan::plan(command, books, ctx) {
            Ok(planned) => return Some(planned),
            Err(unplanned) => *unplanned,
        };
        let Stop::Need(Need(stream @ StreamId::Usage(_))) = unplanned.stop else { return None };
        let usage = load::page(&self.store, &self.book, &stream).ok()?;
        let mut books = unplanned.books;
        books.hold(stream, usage.page, usage.version);
        // A context counts the ids that it has minted, so that each attempt has its own.
        plan::plan(command, books, &Context::new(ctx.now, ctx.by, ctx.command)).ok()
    }

    /// Puts a page back where it was in memory, and keeps a snapshot where one is due.
    fn keep(&self, account: AccountId, mut loaded: Loaded, turn: Option<Turn>) {
        load::keep_snapshot(&self.store, &self.book, &StreamId::Account(account), &mut loaded);
        if let Some(turn) = turn {
            self.pages.put(&turn, loaded);
        }
    }
}

/// Does something for one account. A panic is given as what it said, so that it stops nobody else: what it had in
/// hand is dropped, and the page is read anew when it is asked for next.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words").to_owned()
    })
}
