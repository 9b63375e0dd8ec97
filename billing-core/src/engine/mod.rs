//! Floor 4, the door: a book in a store, with its pages in memory, that commands are given to.

mod clock;
mod done;
mod load;
mod metrics;
mod outbox;
mod parts;
pub mod plan;
mod queue;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

pub use clock::{Clock, Ids, SystemClock, SystemIds, TestClock, TestIds};
pub use done::Done;
pub use metrics::{Latency, MetricsSnapshot, Step};
pub use outbox::Outgoing;
pub(crate) use parts::Part;
pub use views::KeptAndRebuilt;

use crate::book::{Books, Event, Page, Rejection};
use crate::decision::{Claim, Command, Context, Department, Need, Stop};
use crate::error::{Error, Kind};
use crate::kernel::ids::CommandId;
use crate::kernel::text::Reference;
use crate::kernel::timestamp::Timestamp;
use crate::log::{Actor, CommandKey, Head, Origin, Position, Recorded, StreamId, Version};
use crate::projections::{Answer, KnownAt, Projection, Query};
use crate::store::{AppendBatch, AppendError, Appended, NewCommand, Store};
use crate::{catalogue, settings};
use metrics::{Metrics, Outcome, Stopwatch};
use plan::{Planned, PlannedEvent};
use queue::{Loaded, Pages, Turn, lock};

/// How an engine behaves; [`Options::default`] suits most hosts.
#[derive(Debug, Clone)]
pub struct Options {
    /// About how many bytes of account pages are kept in memory.
    pub cache_bytes: usize,
    /// How long a command is decided anew when others are faster, and how long an unknown outcome is asked for.
    pub patience: Duration,
    /// For how long the book's settings and the catalogue are used without asking whether another process has
    /// changed them. Events name the version they were decided on.
    pub references_for: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            cache_bytes: 256 * 1024 * 1024,
            patience: Duration::from_secs(2),
            references_for: Duration::from_millis(100),
        }
    }
}

/// One book, open for business. `Send + Sync`; a clone is another handle on the same book.
#[derive(Clone)]
pub struct Engine<S> {
    inner: Arc<Inner<S>>,
}

struct Inner<S> {
    store: S,
    book: Origin,
    clock: Box<dyn Clock>,
    ids: Box<dyn Ids>,
    options: Options,
    pages: Pages,
    references: RwLock<References>,
    views: views::Views,
    metrics: Metrics,
    checked: Mutex<Option<Instant>>,
}

/// The pages that decisions read and do not guard.
#[derive(Debug, Clone, Default)]
struct References {
    settings: (Arc<settings::State>, Version),
    catalogue: (Arc<catalogue::State>, Version),
}

impl<S: Store> Engine<S> {
    /// Opens a book of a store; a book that is not there yet begins with its first command, `OpenBook`.
    pub fn open(store: S, book: Origin, clock: impl Clock + 'static) -> Result<Self, Error> {
        Engine::open_with(store, book, clock, SystemIds, Options::default())
    }

    /// Opens a book only if it still contains everything up to a head that was kept elsewhere.
    pub fn open_expecting(store: S, expected: &Head, clock: impl Clock + 'static) -> Result<Self, Error> {
        let engine = Engine::open(store, expected.origin.clone(), clock)?;
        engine.expect(expected)?;
        Ok(engine)
    }

    /// Opens a book with ports and options of the host's choice.
    pub fn open_with(
        store: S,
        book: Origin,
        clock: impl Clock + 'static,
        ids: impl Ids + 'static,
        options: Options,
    ) -> Result<Self, Error> {
        let inner = Inner {
            pages: Pages::new(options.cache_bytes),
            store,
            book,
            clock: Box::new(clock),
            ids: Box::new(ids),
            options,
            references: RwLock::default(),
            views: views::Views::default(),
            metrics: Metrics::default(),
            checked: Mutex::default(),
        };
        inner.refresh_references()?;
        Ok(Engine { inner: Arc::new(inner) })
    }

    /// Gives a command under a fresh id. Where the answer may get lost on the way, choose the id yourself and
    /// use [`Engine::execute_as`].
    pub fn execute<C: Command>(&self, actor: &Actor, command: C) -> Result<Done, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let id = CommandId::from_uuid(self.inner.ids.fresh(self.inner.clock.now()));
        self.execute_as(id, actor, &command)
    }

    /// Gives a command under an id of the caller's. Given again, word for word, it changes nothing and gets
    /// the same answer.
    pub fn execute_as<C: Command>(
        &self,
        id: impl Into<CommandKey>,
        actor: &Actor,
        command: &C,
    ) -> Result<Done, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.inner.execute(id.into(), actor, command)
    }

    /// What a command would record now, decided by the same code and recorded nowhere. Ids and recorded times
    /// will be others.
    pub fn preview<C: Command>(&self, actor: &Actor, command: &C) -> Result<Vec<PlannedEvent>, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.inner.preview(actor, command)
    }

    /// Asks a read model, caught up to all that is recorded now.
    pub fn ask<Q: Query<View: 'static>>(&self, query: &Q) -> Result<Answer<Q::Answer>, Error> {
        let mut watch = Stopwatch::start();
        let answer = self.inner.views.ask(&self.inner.store, &self.inner.book, query);
        watch.lap(Step::Project);
        self.inner.metrics.step(Step::Project, watch.total());
        answer
    }

    /// Asks a read model as it would have answered then: folds the log up to there, at the speed of a replay.
    pub fn ask_known<Q: Query<View: 'static>>(
        &self,
        query: &Q,
        known: KnownAt,
    ) -> Result<Answer<Q::Answer>, Error> {
        match known {
            KnownAt::Now => self.ask(query),
            KnownAt::Position(_) | KnownAt::Time(_) => {
                views::ask_known(&self.inner.store, &self.inner.book, query, known)
            }
        }
    }

    /// Every row of a view, in key order, as kept and caught up.
    pub fn rows<P: Projection + 'static>(&self) -> Result<BTreeMap<String, String>, Error> {
        self.inner.views.rows::<S, P>(&self.inner.store, &self.inner.book)
    }

    /// Every row of a view, in key order, built anew from the log: it must equal [`Engine::rows`].
    pub fn rebuilt_rows<P: Projection>(&self) -> Result<BTreeMap<String, String>, Error> {
        views::rebuilt::<S, P>(&self.inner.store, &self.inner.book)
    }

    /// Every view as kept and as rebuilt from the log; the two must be equal.
    pub fn every_view(&self) -> Result<Vec<KeptAndRebuilt>, Error> {
        views::every(self)
    }

    /// Saves the rows of all views asked so far, so that the next opening has less to catch up on.
    pub fn save_views(&self) -> Result<(), Error> {
        self.inner.views.save(self.inner.store.rows(), &self.inner.book)
    }

    /// The messages behind a position: what is to be sent to customers and staff. Keep the position of the last
    /// one you handed over; each is asked for once and comes as often as you ask.
    pub fn follow(&self, after: Position, at_most: usize) -> Result<Vec<Outgoing>, Error> {
        outbox::follow(&self.inner.store, &self.inner.book, after, at_most)
    }

    /// The head of the book now.
    pub fn head(&self) -> Result<Head, Error> {
        Ok(self.inner.store.head(&self.inner.book)?)
    }

    /// Whether everything up to a head that was kept elsewhere is still there, unchanged.
    pub fn expect(&self, expected: &Head) -> Result<(), Error> {
        if views::stands_in_log(&self.inner.store, &self.inner.book, expected)? {
            return Ok(());
        }
        Err(Kind::OtherHistory { expected: expected.clone(), found: self.head()? }.into())
    }

    /// The account that was registered under a reference of the host's.
    pub fn account_by_reference(
        &self,
        reference: &Reference,
    ) -> Result<Option<crate::kernel::ids::AccountId>, Error> {
        let claim = Claim { space: crate::accounts::REFERENCE, key: reference.clone() };
        let holder = self.inner.store.claimed_by(&self.inner.book, &claim)?;
        Ok(holder.and_then(|stream| if let StreamId::Account(id) = stream { Some(id) } else { None }))
    }

    /// The page of an account as it stands now, to read: what it has subscribed to, what is open on it, what it
    /// has promised.
    ///
    /// # Errors
    /// [`Error::is_not_found`] where no such account is registered.
    pub fn account(&self, id: crate::kernel::ids::AccountId) -> Result<crate::book::Account, Error> {
        let stream = StreamId::Account(id);
        let loaded = load::page(&self.inner.store, &self.inner.book, &stream)?;
        match loaded.page {
            Page::Account(account) if loaded.version > Version::NONE => Ok(*account),
            Page::Account(_) | Page::Settings(_) | Page::Catalogue(_) | Page::Series => {
                Err(Kind::Absent(stream).into())
            }
        }
    }

    /// The newest event of the book; `None` before the first. Its time says up to when the book is kept.
    pub fn newest(&self) -> Result<Option<Recorded<Event>>, Error> {
        let before = Position::from(self.head()?.position.get().saturating_sub(1));
        let mut newest = None;
        load::walk(&self.inner.store, &self.inner.book, before, |recorded| {
            newest = Some(recorded);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(newest)
    }

    /// What the engine has counted and measured since it was opened.
    pub fn metrics(&self) -> MetricsSnapshot {
        self.inner.metrics.snapshot()
    }

    /// The store behind the engine.
    pub fn store(&self) -> &S {
        &self.inner.store
    }

    /// The book's origin.
    pub fn book(&self) -> &Origin {
        &self.inner.book
    }

    /// The time by the host's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A fresh id for a command, from the host's ids.
    pub fn new_command_id(&self) -> CommandId {
        CommandId::from_uuid(self.inner.ids.fresh(self.inner.clock.now()))
    }
}

impl<S> Drop for Inner<S> {
    fn drop(&mut self) {
        tracing::debug!(book = %self.book, "book closed");
    }
}

/// What an attempt at a command came to.
enum Attempt {
    Done(Done),
    Again,
}

impl<S: Store> Inner<S> {
    fn execute<C: Command>(&self, key: CommandKey, actor: &Actor, command: &C) -> Result<Done, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let span = tracing::debug_span!("command", name = C::NAME, id = %key);
        let _entered = span.enter();
        let mut watch = Stopwatch::start();
        let mut step = Step::Authorise;
        let done = self.attempts(key, actor, command, &mut watch, &mut step);
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
        let deadline = metrics::instant() + self.options.patience;
        let mut wanted: BTreeSet<StreamId> = BTreeSet::new();
        loop {
            let ctx = Context::new(now, actor.id(), key);
            match self.attempt(command, &ctx, &request, &mut wanted, watch, step, deadline)? {
                Attempt::Done(done) => return Ok(done),
                Attempt::Again if metrics::instant() < deadline => {}
                Attempt::Again => {
                    let stream = wanted.first().cloned().unwrap_or(StreamId::Book);
                    return Err(Kind::Busy(stream).into());
                }
            }
        }
    }

    fn authorise<C: Command>(&self, actor: &Actor) -> Result<(), Error> {
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
        deadline: Instant,
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
                    return if asked_twice { Err(Kind::Absent(stream).into()) } else { Ok(Attempt::Again) };
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
        let appended = self.append(batch, deadline);
        watch.lap(Step::Append);
        match appended {
            Ok(appended) if appended.repeated => self.read_back(request.key, &appended).map(Attempt::Done),
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
        hands: Hands,
        request: &NewCommand,
        stop: Option<Stop<Rejection>>,
    ) -> Result<Attempt, Error> {
        let current = hands.are_current(self)?;
        if current {
            hands.put_back_unchanged(self);
        } else {
            drop(hands);
            self.refresh_references()?;
            return Ok(Attempt::Again);
        }
        if let Some(record) = self.store.command(&self.book, &request.key)? {
            if record.digest != request.digest {
                return Err(Kind::DuplicateOther(request.key).into());
            }
            let events = load::commit(&self.store, &self.book, request.key, record.first, record.last)?;
            return Ok(Attempt::Done(self.repeated(events, record.last)?));
        }
        match stop {
            None => Ok(Attempt::Done(Done::nothing())),
            Some(Stop::Rejected(rule)) => Err(Kind::Refused(rule).into()),
            Some(Stop::Absent(stream) | Stop::Need(Need(stream))) => Err(Kind::Absent(stream).into()),
            Some(Stop::Present(stream)) => Err(Kind::Present(stream).into()),
        }
    }

    /// Appends one batch. An unknown outcome is resolved by sending the same command again: it is recorded at
    /// most once.
    fn append(&self, batch: AppendBatch, deadline: Instant) -> Result<Appended, AppendError> {
        loop {
            let mut answers = self.store.append(vec![batch.clone()]);
            match answers.pop() {
                Some(Err(AppendError::Unknown { .. })) if metrics::instant() < deadline => {}
                Some(answer) => return answer,
                None => {
                    let why = "the store gave no answer".to_owned();
                    return Err(AppendError::Unknown { key: batch.command.key, why });
                }
            }
        }
    }

    fn read_back(&self, key: CommandKey, appended: &Appended) -> Result<Done, Error> {
        let events = load::commit(&self.store, &self.book, key, appended.first, appended.last)?;
        self.repeated(events, appended.last)
    }

    fn repeated(&self, events: Vec<Recorded<Event>>, last: Position) -> Result<Done, Error> {
        let before = Position::from(last.get().saturating_sub(1));
        let mut head = None;
        self.store.read_log(&self.book, before, &mut |row| {
            let hash = crate::log::Digest::of(row.line);
            head = Some(Head { origin: self.book.clone(), position: row.position, hash });
            ControlFlow::Break(())
        })?;
        Ok(Done { events, head, repeated: true })
    }

    fn preview<C: Command>(&self, actor: &Actor, command: &C) -> Result<Vec<PlannedEvent>, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.authorise::<C>(actor)?;
        let now = self.clock.now();
        let key = CommandKey::from(CommandId::from_uuid(self.ids.fresh(now)));
        let mut wanted: BTreeSet<StreamId> = BTreeSet::new();
        loop {
            let ctx = Context::new(now, actor.id(), key);
            let mut books = self.references()?;
            // Pages are read anew: a preview changes its copy, and holds nobody up.
            for stream in &wanted {
                let loaded = load::page(&self.store, &self.book, stream)?;
                books.hold(stream.clone(), loaded.page, loaded.version);
            }
            match plan::plan(command, books, &ctx) {
                Ok(planned) => return Ok(planned.events),
                Err(unplanned) => match unplanned.stop {
                    Stop::Need(Need(stream)) if wanted.insert(stream.clone()) => {}
                    Stop::Absent(stream) | Stop::Need(Need(stream)) => {
                        return Err(Kind::Absent(stream).into());
                    }
                    Stop::Present(stream) => return Err(Kind::Present(stream).into()),
                    Stop::Rejected(rule) => return Err(Kind::Refused(rule).into()),
                },
            }
        }
    }

    /// The shared pages, asked for anew when they have been used for long enough.
    fn references(&self) -> Result<Books, Error> {
        let now = metrics::instant();
        let stale = lock(&self.checked)
            .is_none_or(|checked| now.duration_since(checked) > self.options.references_for);
        if stale {
            self.refresh_references()?;
        }
        let references = self.references.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut books = Books::new();
        books.refer(references.settings.clone(), references.catalogue.clone());
        Ok(books)
    }

    fn refresh_references(&self) -> Result<(), Error> {
        let held = self.references.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if self.store.version(&self.book, &StreamId::Book)? != held.settings.1 {
            let loaded = load::page(&self.store, &self.book, &StreamId::Book)?;
            self.refer(loaded.page, loaded.version);
        }
        if self.store.version(&self.book, &StreamId::Catalogue)? != held.catalogue.1 {
            let loaded = load::page(&self.store, &self.book, &StreamId::Catalogue)?;
            self.refer(loaded.page, loaded.version);
        }
        *lock(&self.checked) = Some(metrics::instant());
        Ok(())
    }

    /// Shares a page, unless a newer one is shared already.
    fn refer(&self, page: Page, version: Version) {
        let mut references = self.references.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        match page {
            Page::Settings(state) if version > references.settings.1 => {
                references.settings = (Arc::new(state), version);
            }
            Page::Catalogue(state) if version > references.catalogue.1 => {
                references.catalogue = (Arc::new(state), version);
            }
            Page::Settings(_) | Page::Catalogue(_) | Page::Account(_) | Page::Series => {}
        }
    }
}

/// The pages in hand for one attempt, and the turns that go with them.
struct Hands {
    turns: Vec<(StreamId, Turn, Version)>,
    books: Books,
}

impl Hands {
    /// Waits for its turn on each stream, in order, so that no two can wait for each other.
    fn take<S: Store>(inner: &Inner<S>, wanted: &BTreeSet<StreamId>) -> Result<Hands, Error> {
        let mut hands = Hands { turns: Vec::with_capacity(wanted.len()), books: inner.references()? };
        for stream in wanted {
            let turn = inner.pages.turn(stream);
            let loaded = match turn.take() {
                Some(loaded) => loaded,
                None => load::page(&inner.store, &inner.book, stream)?,
            };
            hands.turns.push((stream.clone(), turn, loaded.snapshot));
            hands.books.hold(stream.clone(), loaded.page, loaded.version);
        }
        Ok(hands)
    }

    /// Puts every page back for the next in the queue, and keeps a snapshot where one is due.
    fn put_back<S: Store>(&mut self, inner: &Inner<S>) {
        for (stream, turn, snapshot) in &self.turns {
            let Some((page, version)) = self.books.take(stream) else { continue };
            match page {
                // These are shared, not queued for.
                page @ (Page::Settings(_) | Page::Catalogue(_)) => inner.refer(page, version),
                Page::Account(_) => {
                    let mut loaded = Loaded { page, version, snapshot: *snapshot };
                    load::keep_snapshot(&inner.store, &inner.book, stream, &mut loaded);
                    inner.pages.put(turn, loaded);
                }
                Page::Series => {}
            }
        }
    }

    fn put_back_unchanged<S: Store>(mut self, inner: &Inner<S>) {
        self.put_back(inner);
    }

    /// Whether the store knows nothing newer than the pages that were read.
    fn are_current<S: Store>(&self, inner: &Inner<S>) -> Result<bool, Error> {
        for (stream, version) in self.books.versions() {
            if inner.store.version(&inner.book, &stream)? != version {
                return Ok(false);
            }
        }
        Ok(true)
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
