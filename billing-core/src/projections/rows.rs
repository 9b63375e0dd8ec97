//! Rows of one view: what is saved, and over it what has changed since.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::QueryError;
use crate::log::Origin;
use crate::store::RowStore;

/// Changed rows that are not saved yet; `None` is a row that was removed.
pub type Changes = BTreeMap<String, Option<String>>;

/// A key behind every key that begins with `prefix`: no key holds a character as high as its last one.
pub(super) fn beyond(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// The rows of one view, to read.
pub struct RowReader<'a> {
    saved: &'a dyn RowStore,
    book: &'a Origin,
    view: &'static str,
    changes: &'a Changes,
}

impl<'a> RowReader<'a> {
    /// Reads `view` of `book`: saved rows with the changes over them.
    pub fn new(saved: &'a dyn RowStore, book: &'a Origin, view: &'static str, changes: &'a Changes) -> Self {
        RowReader { saved, book, view, changes }
    }

    /// One row.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, QueryError> {
        match self.changes.get(key) {
            Some(Some(text)) => self.read(key, text).map(Some),
            Some(None) => Ok(None),
            None => {
                let saved = self.saved.get(self.book, self.view, key)?;
                saved.map(|text| self.read(key, &text)).transpose()
            }
        }
    }

    /// Every row whose key is not below `from` and below `to`, in key order, until the visitor breaks off.
    pub fn scan<T: DeserializeOwned>(
        &self,
        from: &str,
        to: &str,
        mut visit: impl FnMut(&str, T) -> Result<ControlFlow<()>, QueryError>,
    ) -> Result<(), QueryError> {
        let mut changed = self
            .changes
            .range::<str, _>((std::ops::Bound::Included(from), std::ops::Bound::Excluded(to.max(from))));
        let mut next = changed.next();
        let mut failed = Ok(());
        let mut give = |key: &str, text: &str| -> ControlFlow<()> {
            self.read(key, text).and_then(|row| visit(key, row)).unwrap_or_else(|error| {
                failed = Err(error);
                ControlFlow::Break(())
            })
        };
        let mut stopped = ControlFlow::Continue(());
        self.saved.scan(self.book, self.view, from, Some(to), &mut |key, text| {
            // Changed rows that stand before this saved one come first; a changed one replaces it.
            while let Some((changed_key, change)) = next {
                if changed_key.as_str() > key {
                    break;
                }
                let replaces = changed_key == key;
                if let Some(text) = change {
                    stopped = give(changed_key, text);
                }
                next = changed.next();
                if replaces || stopped.is_break() {
                    return stopped;
                }
            }
            stopped = give(key, text);
            stopped
        })?;
        while let (Some((key, change)), ControlFlow::Continue(())) = (next, stopped) {
            if let Some(text) = change {
                stopped = give(key, text);
            }
            next = changed.next();
        }
        failed
    }

    /// Every row whose key begins with `prefix`, in key order.
    pub fn prefixed<T: DeserializeOwned>(
        &self,
        prefix: &str,
        mut visit: impl FnMut(&str, T) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        self.scan(prefix, &beyond(prefix), |key, row| visit(key, row).map(ControlFlow::Continue))
    }

    fn read<T: DeserializeOwned>(&self, key: &str, text: &str) -> Result<T, QueryError> {
        serde_json::from_str(text).map_err(|why| QueryError::Row {
            view: self.view,
            key: key.to_owned(),
            why: why.to_string(),
        })
    }
}

/// The rows of one view, to bring up to date. Keeps the first failure for the engine: a fold can't fail.
pub struct Rows<'a> {
    saved: &'a dyn RowStore,
    book: &'a Origin,
    view: &'static str,
    changes: &'a mut Changes,
    failed: Option<QueryError>,
}

impl<'a> Rows<'a> {
    /// Over the saved rows of `view` and what has changed since.
    pub fn new(
        saved: &'a dyn RowStore,
        book: &'a Origin,
        view: &'static str,
        changes: &'a mut Changes,
    ) -> Self {
        Rows { saved, book, view, changes, failed: None }
    }

    /// One row; `None` where there is none.
    pub fn get<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        match self.reader().get(key) {
            Ok(row) => row,
            Err(error) => {
                self.failed.get_or_insert(error);
                None
            }
        }
    }

    /// Writes a row.
    pub fn put<T: Serialize>(&mut self, key: impl Into<String>, row: &T) {
        let key = key.into();
        match serde_json::to_string(row) {
            Ok(text) => drop(self.changes.insert(key, Some(text))),
            Err(why) => {
                let error = QueryError::Row { view: self.view, key, why: why.to_string() };
                self.failed.get_or_insert(error);
            }
        }
    }

    /// Reads a row (its default where there is none), changes it and writes it back.
    pub fn update<T: DeserializeOwned + Serialize + Default>(
        &mut self,
        key: &str,
        change: impl FnOnce(&mut T),
    ) {
        let mut row = self.get(key).unwrap_or_default();
        change(&mut row);
        self.put(key, &row);
    }

    /// Removes a row.
    pub fn remove(&mut self, key: &str) {
        self.changes.insert(key.to_owned(), None);
    }

    /// The first failure, if any.
    pub fn finish(self) -> Result<(), QueryError> {
        self.failed.map_or(Ok(()), Err)
    }

    fn reader(&self) -> RowReader<'_> {
        RowReader { saved: self.saved, book: self.book, view: self.view, changes: self.changes }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::support::TestRows;
    use super::*;

    /// What was saved, what changed since (`None`: removed), and the same in one map.
    fn layered() -> impl Strategy<Value = (BTreeMap<u8, u32>, BTreeMap<u8, Option<u32>>)> {
        let saved = prop::collection::btree_map(0..20_u8, any::<u32>(), 0..12);
        (saved, prop::collection::btree_map(0..20_u8, any::<Option<u32>>(), 0..12))
    }

    fn key(number: u8) -> String {
        format!("k{number:02}")
    }

    proptest! {
        #[test]
        fn changes_lie_over_saved_rows_as_in_one_map(
            (saved, changed) in layered(), from in 0..20_u8, to in 0..20_u8, stop_after in 0..20_usize
        ) {
            let store = TestRows::default();
            let changes: Changes =
                changed.iter().map(|(k, row)| (key(*k), row.map(|row| row.to_string()))).collect();
            store.keep("view", saved.iter().map(|(k, row)| (key(*k), Some(row.to_string()))));
            let book = "book".parse().unwrap();
            let reader = RowReader::new(&store, &book, "view", &changes);

            let mut model: BTreeMap<String, u32> = saved.iter().map(|(k, row)| (key(*k), *row)).collect();
            for (k, row) in &changed {
                match row {
                    Some(row) => drop(model.insert(key(*k), *row)),
                    None => drop(model.remove(&key(*k))),
                }
            }
            for number in 0..20 {
                prop_assert_eq!(reader.get::<u32>(&key(number)).unwrap(), model.get(&key(number)).copied());
            }
            let mut seen = Vec::new();
            let visit = |key: &str, row: u32| {
                seen.push((key.to_owned(), row));
                Ok(if seen.len() > stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            };
            reader.scan(&key(from), &key(to), visit).unwrap();
            let wanted = model.iter().filter(|(k, _)| **k >= key(from) && **k < key(to));
            let wanted: Vec<_> = wanted.take(stop_after + 1).map(|(k, row)| (k.clone(), *row)).collect();
            prop_assert_eq!(seen, wanted);
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_by_its_name() {
        let (store, book) = (TestRows::default(), "book".parse().unwrap());
        store.keep("view", [("a".to_owned(), Some("{".to_owned()))]);
        let mut changes = Changes::new();
        let mut rows = Rows::new(&store, &book, "view", &mut changes);
        assert_eq!(rows.get::<u32>("a"), None);
        let told = rows.finish().unwrap_err().to_string();
        assert_eq!(
            told,
            "row \"a\" of view view can't be read (invalid type: map, expected u32 at line 1 column 0); \
             delete the views file, it is built anew"
        );
    }
}
