//! All pages of a book as they are before the commit that is looked at. A page is lent to a decision and comes back.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::book::reading::recorded;
use crate::book::{Books, Event, Page};
use crate::decision::Department;
use crate::log::{CommandKey, Line, Origin, Recorded, StreamId, Version};
use crate::store::{CommandRecord, Store, StoreError};
use crate::{catalogue, settings};

/// The pages, and the store that they can be read from again.
pub(super) struct Shelf<'a> {
    store: &'a dyn Store,
    book: &'a Origin,
    /// Those of accounts and of their usage.
    accounts: BTreeMap<StreamId, (Page, Version)>,
    /// The versions of the accounts' pages that a decision has in hand.
    lent: BTreeMap<StreamId, Version>,
    settings: Editions<settings::State>,
    catalogue: Editions<catalogue::State>,
}

/// A page that decisions refer to without guarding it: as it is, and as it was before its last change.
struct Editions<S> {
    now: (Arc<S>, Version),
    before: (Arc<S>, Version),
}

impl<S: Clone + Default> Editions<S> {
    fn new() -> Self {
        let empty = (Arc::new(S::default()), Version::NONE);
        Editions { now: empty.clone(), before: empty }
    }

    /// Begins a commit that changes it.
    fn turn(&mut self) {
        self.before = self.now.clone();
    }

    fn evolve(&mut self, evolve: impl FnOnce(&mut S)) {
        evolve(Arc::make_mut(&mut self.now.0));
        self.now.1 = self.now.1.next();
    }
}

impl<'a> Shelf<'a> {
    pub(super) fn new(store: &'a dyn Store, book: &'a Origin) -> Self {
        let (settings, catalogue) = (Editions::new(), Editions::new());
        Shelf { store, book, accounts: BTreeMap::new(), lent: BTreeMap::new(), settings, catalogue }
    }

    /// What was asked under a key.
    pub(super) fn record(&self, key: &CommandKey) -> Result<Option<CommandRecord>, StoreError> {
        self.store.command(self.book, key)
    }

    /// The references as they are, and then with an earlier version of one or both, where there is one.
    pub(super) fn editions(&self) -> Vec<Books> {
        let settings = [&self.settings.now, &self.settings.before];
        let catalogues = [&self.catalogue.now, &self.catalogue.before];
        let pairs =
            settings.into_iter().flat_map(|settings| catalogues.map(|catalogue| (settings, catalogue)));
        let mut seen = Vec::new();
        let mut editions = Vec::new();
        for (settings, catalogue) in pairs {
            let versions = (settings.1, catalogue.1);
            if !seen.contains(&versions) {
                seen.push(versions);
                let mut books = Books::new();
                books.refer(settings.clone(), catalogue.clone());
                editions.push(books);
            }
        }
        editions
    }

    /// Lends a page to a decision that asks for it.
    pub(super) fn lend(&mut self, stream: &StreamId, books: &mut Books) {
        let (page, version) = match stream {
            StreamId::Book => (Page::Settings(Box::new((*self.settings.now.0).clone())), self.settings.now.1),
            StreamId::Catalogue => {
                (Page::Catalogue(Box::new((*self.catalogue.now.0).clone())), self.catalogue.now.1)
            }
            StreamId::Account(_) | StreamId::Usage(_) | StreamId::Series(_) => {
                let page = self.accounts.remove(stream).unwrap_or_else(|| (Page::new(stream), Version::NONE));
                self.lent.insert(stream.clone(), page.1);
                page
            }
        };
        books.hold(stream.clone(), page, version);
    }

    /// Takes the accounts' pages back, as they are. The book's and the catalogue's were copies.
    pub(super) fn put_back(&mut self, mut books: Books) {
        for (stream, _) in std::mem::take(&mut self.lent) {
            if let Some(page) = books.take(&stream) {
                self.accounts.insert(stream, page);
            }
        }
    }

    /// Reads the accounts' pages again, up to where they were when they were lent: a decision that comes out
    /// otherwise has spoilt them.
    pub(super) fn rebuild(&mut self) -> Result<(), StoreError> {
        for (stream, version) in std::mem::take(&mut self.lent) {
            let page = self.read(&stream, version)?;
            self.accounts.insert(stream, page);
        }
        Ok(())
    }

    fn read(&self, stream: &StreamId, up_to: Version) -> Result<(Page, Version), StoreError> {
        let mut page = (Page::new(stream), Version::NONE);
        let mut failed = Ok(());
        self.store.read_stream(self.book, stream, Version::NONE, &mut |row| {
            if page.1 >= up_to {
                return ControlFlow::Break(());
            }
            let damaged = |why: String| StoreError::Corrupt { position: row.position, why };
            let fact = Line::parse(row.line)
                .map_err(|why| damaged(why.to_string()))
                .and_then(|line| recorded(&line));
            match fact {
                Ok(fact) => {
                    page.0.evolve(&fact.event);
                    page.1 = page.1.next();
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Err(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failed.map(|()| page)
    }

    /// Brings the references up to date with a commit; the accounts' pages came back from its decision so.
    pub(super) fn refer(&mut self, facts: &[Recorded<Event>]) {
        let writes_to = |stream| facts.iter().any(|fact| fact.stream == stream);
        if writes_to(StreamId::Book) {
            self.settings.turn();
        }
        if writes_to(StreamId::Catalogue) {
            self.catalogue.turn();
        }
        facts.iter().for_each(|fact| self.refer_to(fact));
    }

    /// Brings all pages up to date with a commit as it was recorded.
    pub(super) fn evolve(&mut self, facts: &[Recorded<Event>]) {
        self.refer(facts);
        for fact in facts {
            if let StreamId::Account(_) | StreamId::Usage(_) = fact.stream {
                let empty = || (Page::new(&fact.stream), Version::NONE);
                let (page, version) = self.accounts.entry(fact.stream.clone()).or_insert_with(empty);
                page.evolve(&fact.event);
                *version = version.next();
            }
        }
    }

    fn refer_to(&mut self, fact: &Recorded<Event>) {
        if let (StreamId::Book, Event::Settings(event)) = (&fact.stream, &fact.event) {
            self.settings.evolve(|page| settings::Settings::evolve(page, event));
        }
        if let (StreamId::Catalogue, Event::Catalogue(event)) = (&fact.stream, &fact.event) {
            self.catalogue.evolve(|page| catalogue::Catalogue::evolve(page, event));
        }
    }
}
