//! The pages that a decision can ask for. One that is not there yet is asked for by name, and the decision is
//! taken again when it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Account, Event};
use crate::decision::{Department, Missing, Need};
use crate::kernel::ids::AccountId;
use crate::log::{StreamId, Version};
use crate::store::Expect;
use crate::{catalogue, settings, usage};

/// The page of a stream.
#[derive(Debug)]
pub enum Page {
    /// The book's own.
    Settings(Box<settings::State>),
    /// Plans and prices.
    Catalogue(Box<catalogue::State>),
    /// An account's.
    Account(Box<Account>),
    /// What was counted of an account's use.
    Usage(usage::State),
    /// A number series has no page: no decision reads it.
    Series,
}

impl Page {
    /// The page of a stream that has no event.
    pub fn new(stream: &StreamId) -> Page {
        match stream {
            StreamId::Book => Page::Settings(Box::default()),
            StreamId::Catalogue => Page::Catalogue(Box::default()),
            StreamId::Account(id) => Page::Account(Box::new(Account::new(*id))),
            StreamId::Usage(_) => Page::Usage(usage::State::default()),
            StreamId::Series(_) => Page::Series,
        }
    }

    /// Brings the page up to date. An event of a department that keeps no page here changes nothing.
    pub fn evolve(&mut self, event: &Event) {
        match (self, event) {
            (Page::Settings(state), Event::Settings(event)) => settings::Settings::evolve(state, event),
            (Page::Catalogue(state), Event::Catalogue(event)) => catalogue::Catalogue::evolve(state, event),
            (Page::Usage(state), Event::Usage(event)) => usage::Usage::evolve(state, event),
            (Page::Account(account), event) => account.evolve(event),
            (Page::Settings(_) | Page::Catalogue(_) | Page::Usage(_) | Page::Series, _) => {}
        }
    }
}

/// A page and the version of its stream.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) page: Page,
    pub(crate) version: Version,
}

/// A page that is only read: shared between all decisions of the moment.
#[derive(Debug, Clone)]
pub(crate) struct Reference<S> {
    pub(crate) page: Arc<S>,
    pub(crate) version: Version,
}

/// The pages in hand. Moved into a plan and out of it again: a page is never copied.
///
/// The book's and the catalogue's page are references: shared, read at a version that the event names, not
/// guarded. Those of an account and of its usage are held, and are guarded by being asked for.
#[derive(Debug, Default)]
pub struct Books {
    pub(crate) settings: Option<Reference<settings::State>>,
    pub(crate) catalogue: Option<Reference<catalogue::State>>,
    pub(crate) held: BTreeMap<StreamId, Held>,
}

impl Books {
    /// No page yet.
    pub fn new() -> Self {
        Books::default()
    }

    /// Puts a page in hand, as it is at a version.
    pub fn hold(&mut self, stream: StreamId, page: Page, version: Version) {
        self.held.insert(stream, Held { page, version });
    }

    /// Gives a page out of hand.
    pub fn take(&mut self, stream: &StreamId) -> Option<(Page, Version)> {
        self.held.remove(stream).map(|held| (held.page, held.version))
    }

    /// Puts the shared pages in hand.
    pub fn refer(
        &mut self,
        settings: (Arc<settings::State>, Version),
        catalogue: (Arc<catalogue::State>, Version),
    ) {
        self.settings = Some(Reference { page: settings.0, version: settings.1 });
        self.catalogue = Some(Reference { page: catalogue.0, version: catalogue.1 });
    }

    /// Puts the shared pages of these books into the hands of others.
    pub(crate) fn lend_to(self, others: &mut Books) {
        (others.settings, others.catalogue) = (self.settings, self.catalogue);
    }

    /// The account, which must exist.
    pub fn account(&self, id: AccountId) -> Result<&Account, Missing> {
        match self.held(&StreamId::Account(id))? {
            Held { page: Page::Account(account), version } if *version > Version::NONE => Ok(account),
            Held { .. } => Err(Missing::Absent(StreamId::Account(id))),
        }
    }

    /// The empty page of an account that must not exist yet.
    pub fn new_account(&self, id: AccountId) -> Result<(), Missing> {
        match self.held(&StreamId::Account(id))? {
            Held { version: Version::NONE, .. } => Ok(()),
            Held { .. } => Err(Missing::Present(StreamId::Account(id))),
        }
    }

    /// What was counted of an account's use; nothing where nothing was.
    pub fn usage(&self, id: AccountId) -> Result<&usage::State, Missing> {
        match self.held(&StreamId::Usage(id))? {
            Held { page: Page::Usage(state), .. } => Ok(state),
            Held { .. } => Err(Missing::Absent(StreamId::Usage(id))),
        }
    }

    /// The book's settings as in force. The book must have been opened.
    pub fn settings(&self) -> Result<&settings::State, Missing> {
        match self.held.get(&StreamId::Book) {
            Some(Held { page: Page::Settings(state), version }) if *version > Version::NONE => {
                return Ok(state);
            }
            Some(Held { .. }) => return Err(Missing::Absent(StreamId::Book)),
            None => {}
        }
        match &self.settings {
            Some(reference) if reference.version > Version::NONE => Ok(&reference.page),
            Some(_) => Err(Missing::Absent(StreamId::Book)),
            None => Err(Missing::Need(Need(StreamId::Book))),
        }
    }

    /// The book's settings, held to be changed; empty before the book is opened.
    pub fn settings_to_change(&self) -> Result<&settings::State, Missing> {
        match self.held(&StreamId::Book)? {
            Held { page: Page::Settings(state), .. } => Ok(state),
            Held { .. } => Err(Missing::Absent(StreamId::Book)),
        }
    }

    /// The catalogue, and the version at which it is read: events that depend on it name that version.
    pub fn catalogue(&self) -> Result<(&catalogue::State, Version), Missing> {
        match (self.held.get(&StreamId::Catalogue), &self.catalogue) {
            (Some(Held { page: Page::Catalogue(state), version }), _) => Ok((state, *version)),
            (_, Some(reference)) => Ok((&reference.page, reference.version)),
            (_, None) => Err(Missing::Need(Need(StreamId::Catalogue))),
        }
    }

    /// The catalogue, held to be changed.
    pub fn catalogue_to_change(&self) -> Result<&catalogue::State, Missing> {
        match self.held(&StreamId::Catalogue)? {
            Held { page: Page::Catalogue(state), .. } => Ok(state),
            Held { .. } => Err(Missing::Absent(StreamId::Catalogue)),
        }
    }

    fn held(&self, stream: &StreamId) -> Result<&Held, Missing> {
        self.held.get(stream).ok_or_else(|| Missing::Need(Need(stream.clone())))
    }

    /// Whether this event opens the stream's page, or changes it, under a version that was read.
    pub(crate) fn expect(&self, stream: &StreamId) -> Option<Expect> {
        self.held.get(stream).map(|held| match held.version {
            Version::NONE => Expect::NoStream,
            version => Expect::Exactly(version),
        })
    }

    /// Every page in hand with the version at which it was read.
    pub(crate) fn versions(&self) -> Vec<(StreamId, Version)> {
        let settings = self.settings.iter().map(|page| (StreamId::Book, page.version));
        let catalogue = self.catalogue.iter().map(|page| (StreamId::Catalogue, page.version));
        let held = self.held.iter().map(|(stream, held)| (stream.clone(), held.version));
        settings.chain(catalogue).chain(held).collect()
    }

    /// Brings a held page up to date with an event of its stream.
    pub(crate) fn evolve(&mut self, stream: &StreamId, event: &Event) {
        if let Some(held) = self.held.get_mut(stream) {
            held.page.evolve(event);
            held.version = held.version.next();
        }
    }
}
