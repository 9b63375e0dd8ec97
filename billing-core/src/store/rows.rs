//! Rows of read models: kept beside the log, disposable, always behind it and never ahead.

use std::ops::ControlFlow;

use super::StoreError;
use crate::log::{Digest, Head, Origin};

/// How far a read model's rows have come, and by which fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The head up to which the log has been read.
    pub head: Head,
    /// The fold that made the rows; rows of another fold are thrown away and built anew.
    pub fingerprint: Digest,
}

/// Where read models keep their rows. Keys are ordered by their bytes; values are JSON text.
pub trait RowStore: Send + Sync {
    /// How far the rows of this view have come; `None` where nothing was saved.
    fn checkpoint(&self, book: &Origin, view: &str) -> Result<Option<Checkpoint>, StoreError>;

    /// One row.
    fn get(&self, book: &Origin, view: &str, key: &str) -> Result<Option<String>, StoreError>;

    /// Walks the rows whose keys are not below `from` and below `to` (`None`: to the end), in key order,
    /// until the visitor breaks off.
    fn scan(
        &self,
        book: &Origin,
        view: &str,
        from: &str,
        to: Option<&str>,
        visit: &mut dyn FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Saves changed rows (`None` removes one) together with the checkpoint: both or neither.
    fn save(
        &self,
        book: &Origin,
        view: &str,
        checkpoint: &Checkpoint,
        changed: &mut dyn Iterator<Item = (&str, Option<&str>)>,
    ) -> Result<(), StoreError>;

    /// Throws the rows and the checkpoint of a view away.
    fn clear(&self, book: &Origin, view: &str) -> Result<(), StoreError>;
}
