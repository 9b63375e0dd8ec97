//! The way of one command: authorise, load, decide, append, answer; again where somebody was faster.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use super::hands::Hands;
use super::metrics::{self, Outcome, Stopwatch};
use super::plan::{self, Planned, PlannedEvent};
use super::{Done, Inner, Step, load};
use crate::book::{Event, Rejection};
use crate::decision::{Command, Context, Department, Need, Stop};
use crate::error::{Error, Kind};
use crate::log::{Actor, CommandKey, Digest, Head, Position, Recorded, StreamId};
use crate::store::{AppendBatch, AppendError, Appended, NewCommand, Store};

/// What an attempt at a command came to.
enum Attempt {
    Done(Done),
    /// Another page is needed; nobody was faster.
    Needs,
    /// Somebody was faster.
    Again,
}

/// Until when a command is tried again; one that lies beyond what the machine's clock can say never comes.
#[derive(Debug, Clone, Copy)]
struct Deadline(Option<Instant>);

impl Deadline {
    fn after(patience: Duration) -> Self {
        Deadline(metrics::instant().checked_add(patience))
    }

    fn is_over(self) -> bool {
        self.0.is_some_and(|deadline| metrics::instant() >= deadline)
    }
}

/// How long to wait before a command of unknown outcome is sent again.
const PAUSE: Duration = Duration::from_millis(5);

impl<S: Store> Inner<S> {
    pub(super) fn execute<C: Command>(
        &self,
        key: CommandKey,
        actor: &Actor,
        command: &C,
    ) -> Result<Done, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let span = tracing::debug_span!("command", name = C::NAME, id = %key);
        let _entered = span.enter();
        let mut watch = Stopwatch::start();
        let mut step = Step::Authorise;
        let attempts = AssertUnwindSafe(|| self.attempts(key, actor, command, &mut watch, &mut step));
        let done = catch_unwind(attempts).unwrap_or_else(|panic| {
            self.metrics.ended(C::NAME, Outcome::Failed(step), &watch);
            resume_unwind(panic)
        });
        let outcome = match &done {
            Ok(done) if done.repeated => Outcome::Repeated,
            Ok(done) if done.is_nothing() => Outcome::NothingToDo,
            Ok(done) => Outcome::Recorded { events: done.events.len() },
            Err(error) if error.is_refusal() || error.is_not_found() => Outcome::Refused,
            Err(_) => Outcome::Failed(step),
        };
        tracing::debug!(
            load_us = watch.micros(Step::Load),
            decide_us = watch.micros(Step::Decide),
            append_us = watch.micros(Step::Append),
            outcome = ?outcome,
            "answered"
        );
        self.metrics.ended(C::NAME, outcome, &watch);
        done
    }

    fn attempts<C: Command>(
        &self,
        key: CommandKey,
        actor: &Actor,
        command: &C,
        watch: &mut Stopwatch,
        step: &mut Step,
    ) -> Result<Done, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.authorise::<C>(actor)?;
        let now = self.clock.now();
        let request = plan::request(command, key, actor.id(), now)?;
        let deadline = Deadline::after(self.options.patience);
        let mut wanted: BTreeSet<StreamId> = BTreeSet::new();
        loop {
            let ctx = Context::new(now, actor.id(), key);
            match self.attempt(command, &ctx, &request, &mut wanted, watch, step, deadline)? {
                Attempt::Done(done) => return Ok(done),
                Attempt::Needs => {}
                Attempt::Again if !deadline.is_over() => {}
                Attempt::Again => {
                    let stream = wanted.first().cloned().unwrap_or(StreamId::Book);
                    return Err(Kind::Busy(stream).into());
                }
            }
        }
    }

    pub(super) fn authorise<C: Command>(&self, actor: &Actor) -> Result<(), Error> {
        if actor.may(C::SCOPE) {
            return Ok(());
        }
        Err(Kind::Forbidden { actor: actor.id().clone(), scope: C::SCOPE }.into())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one attempt is one thought; its parts are used nowhere else"
    )]
    fn attempt<C: Command>(
        &self,
        command: &C,
        ctx: &Context<'_>,
        request: &NewCommand,
        wanted: &mut BTreeSet<StreamId>,
        watch: &mut Stopwatch,
        step: &mut Step,
        deadline: Deadline,
    ) -> Result<Attempt, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        *step = Step::Load;
        let mut hands = Hands::take(self, wanted)?;
        watch.lap(Step::Load);
        *step = Step::Decide;
        let planned = match plan::plan(command, std::mem::take(&mut hands.books), ctx) {
            Ok(planned) => planned,
            Err(unplanned) => {
                let plan::Unplanned { stop, books } = *unplanned;
                hands.books = books;
                watch.lap(Step::Decide);
                if let Stop::Need(Need(stream)) = stop {
                    hands.put_back(self);
                    let asked_twice = !wanted.insert(stream.clone());
                    return if asked_twice { Err(Kind::Absent(stream).into()) } else { Ok(Attempt::Needs) };
                }
                *step = Step::Load;
                return self.no(hands, request, Some(stop));
            }
        };
        if planned.events.is_empty() {
            hands.books = planned.books;
            watch.lap(Step::Decide);
            *step = Step::Load;
            return self.no(hands, request, None);
        }
        let batch = planned.batch(&self.book, request.clone())?;
        watch.lap(Step::Decide);
        *step = Step::Append;
        let appended = self.append(batch, &planned, request, deadline);
        watch.lap(Step::Append);
        match appended {
            Ok(appended) if appended.repeated => {
                // It is recorded; only its answer can't be read now. Given again, it is answered.
                let done = self.read_back(request.key, &appended);
                done.map(Attempt::Done).map_err(|_| Kind::Unknown(request.key).into())
            }
            Ok(appended) => {
                let Planned { events, books, .. } = planned;
                hands.books = books;
                hands.put_back(self);
                drop(hands);
                Ok(Attempt::Done(done(events, &appended, request)))
            }
            Err(AppendError::Conflict { .. }) => {
                self.metrics.conflict();
                self.refresh_references()?;
                Ok(Attempt::Again)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A no, or nothing to do. Given only if the command was not recorded before, and if the pages that it was
    /// decided on are still the newest.
    fn no(
        &self,
        mut hands: Hands,
        request: &NewCommand,
        stop: Option<Stop<Rejection>>,
    ) -> Result<Attempt, Error> {
        if !hands.are_current(self)? {
            drop(hands);
            self.refresh_references()?;
            return Ok(Attempt::Again);
        }
        hands.put_back(self);
        drop(hands);
        if let Some(record) = self.store.command(&self.book, &request.key)? {
            if record.digest != request.digest {
                return Err(Kind::DuplicateOther(request.key).into());
            }
            let events = load::commit(&self.store, &self.book, request.key, record.first, record.last)?;
            return Ok(Attempt::Done(self.repeated(events, record.last)?));
        }
        match stop {
            None => Ok(Attempt::Done(Done::nothing())),
            Some(stop) => Err(refusal(stop)),
        }
    }

    /// Appends one batch. An unknown outcome is resolved by sending the same command again, at least once: it is
    /// recorded at most once. Until that is answered, no other failure may hide that it may have been recorded.
    fn append(
        &self,
        batch: AppendBatch,
        planned: &Planned,
        request: &NewCommand,
        deadline: Deadline,
    ) -> Result<Appended, AppendError> {
        let first = self.send(batch);
        let Err(unknown @ AppendError::Unknown { .. }) = first else { return first };
        loop {
            std::thread::sleep(PAUSE);
            // The batch was given away: it is spelt again from its plan, word for word.
            let Ok(batch) = planned.batch(&self.book, request.clone()) else { return Err(unknown) };
            match self.send(batch) {
                Err(AppendError::Unknown { .. } | AppendError::Store(_)) if deadline.is_over() => {
                    return Err(unknown);
                }
                Err(AppendError::Unknown { .. } | AppendError::Store(_)) => {}
                answer => return answer,
            }
        }
    }

    fn send(&self, batch: AppendBatch) -> Result<Appended, AppendError> {
        let key = batch.command.key;
        self.store.append(vec![batch]).pop().unwrap_or_else(|| {
            let why = "the store gave no answer".to_owned();
            Err(AppendError::Unknown { key, why })
        })
    }

    fn read_back(&self, key: CommandKey, appended: &Appended) -> Result<Done, Error> {
        let events = load::commit(&self.store, &self.book, key, appended.first, appended.last)?;
        self.repeated(events, appended.last)
    }

    fn repeated(&self, events: Vec<Recorded<Event>>, last: Position) -> Result<Done, Error> {
        let before = Position::from(last.get().saturating_sub(1));
        let mut head = None;
        self.store.read_log(&self.book, before, &mut |row| {
            let hash = Digest::of(row.line);
            head = Some(Head { origin: self.book.clone(), position: row.position, hash });
            ControlFlow::Break(())
        })?;
        Ok(Done { events, head, repeated: true })
    }
}

/// The no that is given for what stopped a decision. A page that is still asked for once it is in hand is absent.
pub(super) fn refusal(stop: Stop<Rejection>) -> Error {
    match stop {
        Stop::Rejected(rule) => Kind::Refused(rule).into(),
        Stop::Absent(stream) | Stop::Need(Need(stream)) => Kind::Absent(stream).into(),
        Stop::Present(stream) => Kind::Present(stream).into(),
    }
}

fn done(events: Vec<PlannedEvent>, appended: &Appended, request: &NewCommand) -> Done {
    let before = Position::from(appended.first.get().saturating_sub(1));
    let recorded =
        events.into_iter().zip(&appended.versions).enumerate().map(|(index, (planned, version))| Recorded {
            position: before.of_index(index),
            stream: planned.stream,
            version: *version,
            at: appended.at,
            by: request.by.clone(),
            command: request.key,
            cause: planned.cause.map(|cause| before.of_index(cause)),
            event: planned.event,
        });
    Done { events: recorded.collect(), head: Some(appended.head.clone()), repeated: false }
}
