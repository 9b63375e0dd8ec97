//! The pages that decisions read and do not guard: the book's settings and the catalogue, shared by all.

use std::sync::{Arc, PoisonError};

use super::queue::lock;
use super::{Inner, load, metrics};
use crate::book::{Books, Page};
use crate::error::Error;
use crate::log::{StreamId, Version};
use crate::store::Store;
use crate::{catalogue, settings};

/// The pages that decisions read and do not guard.
#[derive(Debug, Clone, Default)]
pub(super) struct References {
    pub(super) settings: (Arc<settings::State>, Version),
    pub(super) catalogue: (Arc<catalogue::State>, Version),
}

impl<S: Store> Inner<S> {
    /// The shared pages, asked for anew when they have been used for long enough.
    pub(super) fn references(&self) -> Result<Books, Error> {
        if self.claim_refresh() {
            self.refresh_references().inspect_err(|_| *lock(&self.checked) = None)?;
        }
        let references = self.references.read().unwrap_or_else(PoisonError::into_inner);
        let mut books = Books::new();
        books.refer(references.settings.clone(), references.catalogue.clone());
        Ok(books)
    }

    /// Whether this caller is to ask for the shared pages. Only one is: those who come while it asks use what was
    /// good until then.
    fn claim_refresh(&self) -> bool {
        let now = metrics::instant();
        let mut checked = lock(&self.checked);
        let stale = checked.is_none_or(|checked| now.duration_since(checked) > self.options.references_for);
        if stale {
            *checked = Some(now);
        }
        stale
    }

    pub(super) fn refresh_references(&self) -> Result<(), Error> {
        let held = self.references.read().unwrap_or_else(PoisonError::into_inner).clone();
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
    pub(super) fn refer(&self, page: Page, version: Version) {
        let mut references = self.references.write().unwrap_or_else(PoisonError::into_inner);
        match page {
            Page::Settings(state) if version > references.settings.1 => {
                references.settings = (Arc::from(state), version);
            }
            Page::Catalogue(state) if version > references.catalogue.1 => {
                references.catalogue = (Arc::from(state), version);
            }
            Page::Settings(_) | Page::Catalogue(_) | Page::Account(_) | Page::Usage(_) | Page::Series => {}
        }
    }
}
