//! Rows of read models in memory.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{Arc, Mutex};

use billing_core::log::Origin;
use billing_core::store::{Checkpoint, RowStore, StoreError};

use crate::lock;

/// The rows of one view, and how far they have come.
#[derive(Clone, Default)]
struct View {
    checkpoint: Option<Checkpoint>,
    rows: BTreeMap<String, String>,
}

/// All views of all books. A reader holds the view as it was; saving beside a reader copies it.
#[derive(Default)]
pub(crate) struct MemoryRows {
    views: Mutex<BTreeMap<Origin, BTreeMap<String, Arc<View>>>>,
}

impl MemoryRows {
    fn view(&self, book: &Origin, view: &str) -> Arc<View> {
        lock(&self.views).get(book).and_then(|views| views.get(view)).cloned().unwrap_or_default()
    }
}

impl RowStore for MemoryRows {
    fn checkpoint(&self, book: &Origin, view: &str) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.view(book, view).checkpoint.clone())
    }

    fn get(&self, book: &Origin, view: &str, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.view(book, view).rows.get(key).cloned())
    }

    fn scan(
        &self,
        book: &Origin,
        view: &str,
        from: &str,
        to: Option<&str>,
        visit: &mut dyn FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let view = self.view(book, view);
        let rows = view.rows.range::<str, _>((Bound::Included(from), Bound::Unbounded));
        let mut wanted = rows.take_while(|(key, _)| to.is_none_or(|end| key.as_str() < end));
        let _ = wanted.try_for_each(|(key, value)| visit(key, value));
        Ok(())
    }

    fn save(
        &self,
        book: &Origin,
        view: &str,
        checkpoint: &Checkpoint,
        changed: &mut dyn Iterator<Item = (&str, Option<&str>)>,
    ) -> Result<(), StoreError> {
        // Collected first: the caller's iterator may itself read rows.
        let changed: Vec<_> =
            changed.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).collect();
        let mut views = lock(&self.views);
        let kept = views.entry(book.clone()).or_default().entry(view.to_owned()).or_default();
        let kept = Arc::make_mut(kept);
        kept.checkpoint = Some(checkpoint.clone());
        for (key, value) in changed {
            match value {
                Some(value) => kept.rows.insert(key, value),
                None => kept.rows.remove(&key),
            };
        }
        Ok(())
    }

    fn clear(&self, book: &Origin, view: &str) -> Result<(), StoreError> {
        if let Some(views) = lock(&self.views).get_mut(book) {
            views.remove(view);
        }
        Ok(())
    }
}
