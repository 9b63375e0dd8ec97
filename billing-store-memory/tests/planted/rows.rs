//! Rows of read models, with a bug.

use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;

use billing_core::log::Origin;
use billing_core::store::{Checkpoint, RowStore, Store, StoreError};
use billing_store_memory::MemoryStore;

use crate::bug::Bug;

pub(crate) struct PlantedRows {
    pub(crate) inner: MemoryStore,
    pub(crate) bug: Bug,
}

impl PlantedRows {
    fn view<'a>(&self, view: &'a str) -> &'a str {
        if self.bug == Bug::MixesViews { "all" } else { view }
    }
}

impl RowStore for PlantedRows {
    fn checkpoint(&self, book: &Origin, view: &str) -> Result<Option<Checkpoint>, StoreError> {
        match self.bug == Bug::ForgetsCheckpoints {
            true => Ok(None),
            false => self.inner.rows().checkpoint(book, self.view(view)),
        }
    }

    fn get(&self, book: &Origin, view: &str, key: &str) -> Result<Option<String>, StoreError> {
        self.inner.rows().get(book, self.view(view), key)
    }

    fn scan(
        &self,
        book: &Origin,
        view: &str,
        from: &str,
        to: Option<&str>,
        visit: &mut dyn FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let end =
            to.map(|end| if self.bug == Bug::ScansTooFar { format!("{end}\0") } else { end.to_owned() });
        self.inner.rows().scan(book, self.view(view), from, end.as_deref(), visit)
    }

    fn save(
        &self,
        book: &Origin,
        view: &str,
        checkpoint: &Checkpoint,
        changed: &mut dyn Iterator<Item = (&str, Option<&str>)>,
    ) -> Result<(), StoreError> {
        if self.bug == Bug::SavesInTwoSteps {
            self.inner.rows().save(book, view, checkpoint, &mut std::iter::empty())?;
            thread::sleep(Duration::from_micros(100));
        }
        self.inner.rows().save(book, self.view(view), checkpoint, changed)
    }

    fn clear(&self, book: &Origin, view: &str) -> Result<(), StoreError> {
        match self.bug == Bug::ClearsNothing {
            true => Ok(()),
            false => self.inner.rows().clear(book, self.view(view)),
        }
    }
}
