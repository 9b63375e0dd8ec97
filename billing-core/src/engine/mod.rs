//! Floor 4, the door: a book in a store, with its pages in memory, that commands are given to.

mod alike;
mod clock;
mod commands;
mod done;
mod hands;
mod load;
mod metrics;
mod outbox;
mod parts;
pub mod plan;
mod queue;
mod references;
mod rehearsal;
mod views;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

pub use alike::{Unlike, same_but_for_ids};
pub use clock::{Clock, Ids, SystemClock, SystemIds, TestClock, TestIds};
pub use done::Done;
pub use metrics::{Latency, MetricsSnapshot, Step};
pub use outbox::Outgoing;
pub(crate) use parts::Part;
pub use rehearsal::Rehearsal;
pub use views::KeptAndRebuilt;

use crate::audit::{self, ExplainError, Explanation, Loopholes, Search};
use crate::book::{Event, Page, Rejection};
use crate::decision::{Claim, Command, Department};
use crate::error::{Error, Kind};
use crate::kernel::document::DocumentId;
use crate::kernel::ids::CommandId;
use crate::kernel::text::Reference;
use crate::kernel::timestamp::Timestamp;
use crate::log::{Actor, CommandKey, Head, Origin, Position, Recorded, StreamId, Version};
use crate::projections::documents::{Document, DocumentById};
use crate::projections::{Answer, KnownAt, Projection, Query};
use crate::store::Store;
use metrics::{Metrics, Stopwatch};
use plan::PlannedEvent;
use queue::Pages;
use references::References;

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
pub struct Engine<S> {
    inner: Arc<Inner<S>>,
}

impl<S> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Engine { inner: Arc::clone(&self.inner) }
    }
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

impl<S: Store> Engine<S> {
    /// Opens a book of a store; a book that is not there yet begins with its first command, `OpenBook`.
    pub fn open(store: S, book: Origin, clock: impl Clock + 'static) -> Result<Self, Error> {
        Engine::open_with(store, book, clock, SystemIds, Options::default())
    }

    /// Opens a book only if the line of a head that was kept elsewhere still stands in it: a shorter log is
    /// refused, and one that was written anew. See [`Engine::expect`] for what that proves.
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
    /// will be others. For several commands in a row, see [`Engine::rehearse`].
    pub fn preview<C: Command>(&self, actor: &Actor, command: &C) -> Result<Vec<PlannedEvent>, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.inner.rehearse(actor)?.give(command)
    }

    /// Asks a read model, caught up to all that is recorded now.
    pub fn ask<Q: Query<View: 'static>>(&self, query: &Q) -> Result<Answer<Q::Answer>, Error> {
        let span = tracing::debug_span!("question", view = <Q::View as Projection>::NAME);
        let _entered = span.enter();
        let mut watch = Stopwatch::start();
        let answer = self.inner.views.ask(&self.inner.store, &self.inner.book, query);
        watch.lap(Step::Project);
        self.inner.metrics.shared(&watch);
        tracing::debug!(project_us = watch.micros(Step::Project), "answered");
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

    /// Whether the line of a head that was kept elsewhere still stands where it stood, byte for byte. Any other
    /// history that is chained rightly has another line there. That the lines before it were not edited in place
    /// is for [`audit::verify`](crate::audit::verify()) to prove, which reads them all.
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
            Page::Account(_) | Page::Settings(_) | Page::Catalogue(_) | Page::Usage(_) | Page::Series => {
                Err(Kind::Absent(stream).into())
            }
        }
    }

    /// What was counted of an account's use; nothing where nothing was.
    ///
    /// # Errors
    /// Those of the store.
    pub fn usage(&self, id: crate::kernel::ids::AccountId) -> Result<crate::usage::State, Error> {
        match load::page(&self.inner.store, &self.inner.book, &StreamId::Usage(id))?.page {
            Page::Usage(usage) => Ok(usage),
            Page::Account(_) | Page::Settings(_) | Page::Catalogue(_) | Page::Series => {
                Ok(crate::usage::State::default())
            }
        }
    }

    /// The catalogue as it is now: what is sold, at which prices. [`lint`](crate::catalogue::lint::lint) looks it over.
    ///
    /// # Errors
    /// Those of the store.
    pub fn catalogue(&self) -> Result<crate::catalogue::State, Error> {
        match load::page(&self.inner.store, &self.inner.book, &StreamId::Catalogue)?.page {
            Page::Catalogue(catalogue) => Ok(*catalogue),
            Page::Account(_) | Page::Settings(_) | Page::Usage(_) | Page::Series => {
                Ok(crate::catalogue::State::default())
            }
        }
    }

    /// The book's settings as they are now: who sells, and by which policies. Those of a book that is not open where none
    /// was opened.
    ///
    /// # Errors
    /// Those of the store.
    pub fn settings(&self) -> Result<crate::settings::State, Error> {
        match load::page(&self.inner.store, &self.inner.book, &StreamId::Book)?.page {
            Page::Settings(settings) => Ok(*settings),
            Page::Account(_) | Page::Catalogue(_) | Page::Usage(_) | Page::Series => {
                Ok(crate::settings::State::default())
            }
        }
    }

    /// What customers could do with the catalogue and under the policies of now to pay less than they should. It takes
    /// a while: each sequence is lived through, in memory.
    ///
    /// # Errors
    /// Those of the store.
    pub fn loopholes(&self, search: &Search) -> Result<Loopholes, Error> {
        Ok(audit::loopholes(&self.settings()?, &self.catalogue()?, search))
    }

    /// How each figure of an invoice or a credit note was reached, and why: what [`audit::explain`] tells from the whole
    /// log, told from the events of its account, with the numbers that stand in the documents.
    ///
    /// # Errors
    /// [`Error::is_not_found`] for a document that this book did not issue itself. A consolidated invoice is told by
    /// those that it passes on, which the error names.
    pub fn explain(&self, document: DocumentId) -> Result<Explanation, Error> {
        let known = |document| {
            let found = self.ask(&DocumentById { document })?.value;
            Ok::<_, Error>(found.map(|found| found.summary.document))
        };
        let Document { account, number, .. } =
            known(document)?.ok_or(ExplainError::NotIssuedHere(document))?;
        let mut explained =
            audit::explain_by_account(&self.inner.store, &self.inner.book, account, document)?;
        explained.number = number;
        for earlier in explained.lines.iter_mut().filter_map(|line| line.earlier.as_mut()) {
            let document = known(DocumentId::Invoice(earlier.line.invoice))?;
            earlier.number = document.and_then(|document| document.number);
        }
        Ok(explained)
    }

    /// Everything that was recorded behind a position.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn recorded_after(&self, after: Position) -> Result<Vec<Recorded<Event>>, Error> {
        let mut all = Vec::new();
        load::walk(&self.inner.store, &self.inner.book, after, |recorded| {
            all.push(recorded);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all)
    }

    /// Everything that was recorded on a stream.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn recorded_on(&self, stream: &StreamId) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        let mut failed = Ok(());
        self.inner.store.read_stream(
            &self.inner.book,
            stream,
            Version::NONE,
            &mut |row| match load::read(row) {
                Ok(recorded) => {
                    events.push(recorded.event);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Err(error);
                    ControlFlow::Break(())
                }
            },
        )?;
        failed.map(|()| events)
    }

    /// Looks at a page as the next command would find it, in memory or loaded, and at the version of its stream. Where
    /// another engine has recorded since, that is not the newest.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn look_at(&self, stream: &StreamId, look: impl FnOnce(&Page, Version)) -> Result<(), Error> {
        let turn = self.inner.pages.turn(stream);
        let loaded = match turn.take() {
            Some(loaded) => loaded,
            None => load::page(&self.inner.store, &self.inner.book, stream)?,
        };
        look(&loaded.page, loaded.version);
        match stream {
            StreamId::Account(_) | StreamId::Usage(_) => self.inner.pages.put(&turn, loaded),
            StreamId::Book | StreamId::Catalogue | StreamId::Series(_) => {}
        }
        Ok(())
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
