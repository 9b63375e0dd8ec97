//! Read models behind the log: each is caught up when it is asked, and saved now and then.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use super::queue::lock;
use super::{Engine, load};
use crate::book::Event;
use crate::error::Error;
use crate::log::{Digest, Head, Origin, Position, Recorded};
use crate::projections::accounts_list::AccountsList;
use crate::projections::documents::Documents;
use crate::projections::due_index::DueIndex;
use crate::projections::migration_index::MigrationIndex;
use crate::projections::pending::Pending;
use crate::projections::receivables::Receivables;
use crate::projections::revenue::Revenue;
use crate::projections::review_queue::Review;
use crate::projections::rows::Changes;
use crate::projections::timeline::Timelines;
use crate::projections::work_book::WorkBook;
use crate::projections::{Answer, KnownAt, Projection, Query, RowReader, Rows};
use crate::store::{Checkpoint, RowStore, Store};

/// Changed rows are saved when there are this many of them.
const SAVE_EVERY: usize = 20_000;

/// A view that has come this many lines since it was saved is saved when it has caught up.
const SAVE_BEHIND: u64 = 1_000;

/// The views of one book that have been asked so far.
#[derive(Debug, Default)]
pub(crate) struct Views(Mutex<BTreeMap<TypeId, Arc<Mutex<View>>>>);

/// One view: how far it has come, and the rows that changed since it was saved.
#[derive(Debug, Default)]
struct View {
    /// `None` until the saved rows have been looked at, and after a failure.
    head: Option<Head>,
    saved: Position,
    changes: Changes,
    name: &'static str,
    fingerprint: Option<Digest>,
}

impl Views {
    /// Catches the view up and answers.
    pub(crate) fn ask<S: Store, Q: Query<View: 'static>>(
        &self,
        store: &S,
        book: &Origin,
        query: &Q,
    ) -> Result<Answer<Q::Answer>, Error> {
        let view = Arc::clone(lock(&self.0).entry(TypeId::of::<Q::View>()).or_default());
        let mut view = lock(&view);
        let known_at = catch_up::<S, Q::View>(store, book, &mut view)?;
        let reader = RowReader::new(store.rows(), book, <Q::View as Projection>::NAME, &view.changes);
        Ok(Answer { value: query.answer(&reader)?, known_at })
    }

    /// Every row of the view, in key order, caught up.
    pub(crate) fn rows<S: Store, P: Projection + 'static>(
        &self,
        store: &S,
        book: &Origin,
    ) -> Result<BTreeMap<String, String>, Error> {
        let view = Arc::clone(lock(&self.0).entry(TypeId::of::<P>()).or_default());
        let mut view = lock(&view);
        catch_up::<S, P>(store, book, &mut view)?;
        let mut all = BTreeMap::new();
        store.rows().scan(book, P::NAME, "", None, &mut |key, row| {
            all.insert(key.to_owned(), row.to_owned());
            ControlFlow::Continue(())
        })?;
        for (key, change) in &view.changes {
            match change {
                Some(row) => drop(all.insert(key.clone(), row.clone())),
                None => drop(all.remove(key)),
            }
        }
        Ok(all)
    }

    /// Saves what is not saved of any view.
    pub(crate) fn save(&self, rows: &dyn RowStore, book: &Origin) -> Result<(), Error> {
        let views: Vec<Arc<Mutex<View>>> = lock(&self.0).values().cloned().collect();
        views.iter().try_for_each(|view| save(rows, book, &mut lock(view)))
    }
}

fn catch_up<S: Store, P: Projection>(store: &S, book: &Origin, view: &mut View) -> Result<Head, Error> {
    let rows = store.rows();
    (view.name, view.fingerprint) = (P::NAME, Some(P::fingerprint()));
    // Whatever goes wrong from here on, the next question begins at the saved rows: events that were seen in part
    // must not be seen again over what they changed.
    let stood = view.head.take();
    let pending = std::mem::take(&mut view.changes);
    let saved =
        rows.checkpoint(book, P::NAME)?.map_or(Position::START, |checkpoint| checkpoint.head.position);
    let mut head = match stood {
        // Another engine on this store may have saved the rows meanwhile: then they are newer than these changes.
        Some(head) if saved == view.saved => {
            view.changes = pending;
            head
        }
        Some(_) | None => {
            let head = opened::<S, P>(store, book)?;
            view.saved = head.position;
            head
        }
    };
    let walked = walk::<S, P>(store, book, view, &mut head);
    if let Err(error) = walked {
        view.changes.clear();
        return Err(error);
    }
    view.head = Some(head.clone());
    if head.position.get() >= view.saved.get().saturating_add(SAVE_BEHIND)
        && let Err(why) = save(rows, book, view)
    {
        tracing::warn!(view = P::NAME, %why, "rows not saved");
    }
    Ok(head)
}

/// Folds the log behind `head`, which moves along; saves on the way when much has changed.
fn walk<S: Store, P: Projection>(
    store: &S,
    book: &Origin,
    view: &mut View,
    head: &mut Head,
) -> Result<(), Error> {
    let rows = store.rows();
    let mut failed = Ok(());
    let mut last: Vec<u8> = Vec::new();
    store.read_log(book, head.position, &mut |row| {
        let seen = load::read_next(row, head.position).and_then(|recorded| {
            let mut writer = Rows::new(rows, book, P::NAME, &mut view.changes);
            P::watch(&recorded, &mut writer);
            writer.finish()?;
            head.position = row.position;
            if view.changes.len() < SAVE_EVERY {
                // One hash at the end is enough: rows only have to know which history they belong to.
                last.clear();
                last.extend_from_slice(row.line);
                return Ok(());
            }
            head.hash = Digest::of(row.line);
            last.clear();
            view.head = Some(head.clone());
            let saved = save(rows, book, view);
            view.head = None;
            saved
        });
        match seen {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Err(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if !last.is_empty() {
        head.hash = Digest::of(&last);
    }
    failed
}

/// Where the saved rows stand; rows of another fold, or of another history, are thrown away.
fn opened<S: Store, P: Projection>(store: &S, book: &Origin) -> Result<Head, Error> {
    let empty = Head::empty(book.clone());
    let Some(checkpoint) = store.rows().checkpoint(book, P::NAME)? else { return Ok(empty) };
    let known = checkpoint.fingerprint == P::fingerprint() && stands_in_log(store, book, &checkpoint.head)?;
    if known {
        return Ok(checkpoint.head);
    }
    store.rows().clear(book, P::NAME)?;
    Ok(empty)
}

/// Whether the line at the head's position still has the head's hash.
pub(crate) fn stands_in_log<S: Store>(store: &S, book: &Origin, head: &Head) -> Result<bool, Error> {
    if head.origin != *book {
        return Ok(false);
    }
    if head.position == Position::START {
        return Ok(*head == Head::empty(book.clone()));
    }
    let before = Position::from(head.position.get().saturating_sub(1));
    let mut stands = false;
    store.read_log(book, before, &mut |row| {
        stands = row.position == head.position && Digest::of(row.line) == head.hash;
        ControlFlow::Break(())
    })?;
    Ok(stands)
}

fn save(rows: &dyn RowStore, book: &Origin, view: &mut View) -> Result<(), Error> {
    let (Some(head), Some(fingerprint)) = (&view.head, view.fingerprint) else { return Ok(()) };
    if head.position == view.saved && view.changes.is_empty() {
        return Ok(());
    }
    let stored =
        rows.checkpoint(book, view.name)?.map_or(Position::START, |checkpoint| checkpoint.head.position);
    if stored != view.saved {
        // Another engine was faster. Its rows stand; this view begins at them when it is asked again.
        view.changes.clear();
        view.head = None;
        return Ok(());
    }
    let checkpoint = Checkpoint { head: head.clone(), fingerprint };
    let mut changed = view.changes.iter().map(|(key, row)| (key.as_str(), row.as_deref()));
    rows.save(book, view.name, &checkpoint, &mut changed)?;
    view.saved = checkpoint.head.position;
    view.changes.clear();
    Ok(())
}

/// Folds the log up to what was known then into fresh rows, and answers from them.
pub(crate) fn ask_known<S: Store, Q: Query>(
    store: &S,
    book: &Origin,
    query: &Q,
    known: KnownAt,
) -> Result<Answer<Q::Answer>, Error> {
    let (changes, known_at) = fold::<S, Q::View>(store, book, known)?;
    let reader = RowReader::new(&NoRows, book, <Q::View as Projection>::NAME, &changes);
    Ok(Answer { value: query.answer(&reader)?, known_at })
}

/// Every row of a view, built anew from the log.
pub(crate) fn rebuilt<S: Store, P: Projection>(
    store: &S,
    book: &Origin,
) -> Result<BTreeMap<String, String>, Error> {
    let (changes, _) = fold::<S, P>(store, book, KnownAt::Now)?;
    Ok(changes.into_iter().filter_map(|(key, row)| Some((key, row?))).collect())
}

fn fold<S: Store, P: Projection>(store: &S, book: &Origin, known: KnownAt) -> Result<(Changes, Head), Error> {
    let mut changes = Changes::new();
    let mut head = Head::empty(book.clone());
    let counts = |recorded: &Recorded<Event>| match known {
        KnownAt::Now => true,
        KnownAt::Position(position) => recorded.position <= position,
        KnownAt::Time(time) => recorded.at <= time,
    };
    let mut failed = Ok(());
    store.read_log(book, Position::START, &mut |row| {
        let seen = load::read_next(row, head.position).and_then(|recorded| {
            if !counts(&recorded) {
                return Ok(ControlFlow::Break(()));
            }
            let mut writer = Rows::new(&NoRows, book, P::NAME, &mut changes);
            P::watch(&recorded, &mut writer);
            writer.finish()?;
            head.position = recorded.position;
            head.hash = Digest::of(row.line);
            Ok(ControlFlow::Continue(()))
        });
        seen.unwrap_or_else(|error| {
            failed = Err(error);
            ControlFlow::Break(())
        })
    })?;
    failed.map(|()| (changes, head))
}

/// The rows of one view, in key order, as they are kept and as they come out when the log is read anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAndRebuilt {
    /// The view's name.
    pub view: &'static str,
    /// As kept, caught up.
    pub kept: BTreeMap<String, String>,
    /// As rebuilt.
    pub rebuilt: BTreeMap<String, String>,
}

/// Every view there is.
pub(crate) fn every<S: Store>(engine: &Engine<S>) -> Result<Vec<KeptAndRebuilt>, Error> {
    Ok(vec![
        both::<S, AccountsList>(engine)?,
        both::<S, Documents>(engine)?,
        both::<S, DueIndex>(engine)?,
        both::<S, MigrationIndex>(engine)?,
        both::<S, Pending>(engine)?,
        both::<S, Receivables>(engine)?,
        both::<S, Revenue>(engine)?,
        both::<S, Review>(engine)?,
        both::<S, Timelines>(engine)?,
        both::<S, WorkBook>(engine)?,
    ])
}

fn both<S: Store, P: Projection + 'static>(engine: &Engine<S>) -> Result<KeptAndRebuilt, Error> {
    Ok(KeptAndRebuilt { view: P::NAME, kept: engine.rows::<P>()?, rebuilt: engine.rebuilt_rows::<P>()? })
}

/// A row store that holds nothing: what an earlier state is folded over.
struct NoRows;

impl RowStore for NoRows {
    fn checkpoint(&self, _: &Origin, _: &str) -> Result<Option<Checkpoint>, crate::store::StoreError> {
        Ok(None)
    }

    fn get(&self, _: &Origin, _: &str, _: &str) -> Result<Option<String>, crate::store::StoreError> {
        Ok(None)
    }

    fn scan(
        &self,
        _: &Origin,
        _: &str,
        _: &str,
        _: Option<&str>,
        _: &mut dyn FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), crate::store::StoreError> {
        Ok(())
    }

    fn save(
        &self,
        _: &Origin,
        _: &str,
        _: &Checkpoint,
        _: &mut dyn Iterator<Item = (&str, Option<&str>)>,
    ) -> Result<(), crate::store::StoreError> {
        Ok(())
    }

    fn clear(&self, _: &Origin, _: &str) -> Result<(), crate::store::StoreError> {
        Ok(())
    }
}
