//! Replaying a log: all pages folded anew from the lines, each of which is checked on the way.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::reading::walk;
use crate::book::reading::recorded;
use crate::book::{Event, Page};
use crate::kernel::balance::Balance;
use crate::log::chain::Broken;
use crate::log::{Digest, Head, Link, Origin, Recorded, StreamId};
use crate::store::{Store, StoreError};

/// What a log comes to. Two stores that hold the same log give the same, to the last byte of every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The head of the last line.
    pub head: Head,
    /// How many events there are.
    pub events: u64,
    /// On how many streams.
    pub streams: u64,
    /// What all customers owe together: above zero, or what they have in credit: below.
    pub receivables: Balance,
    /// How many invoices have something open on them.
    pub open_items: u64,
    /// SHA-256 over the pages in the order of their streams: for each the stream, a tab, the page as JSON, and a line
    /// feed. A series has no page and stands with `null`.
    pub pages: Digest,
}

/// Why a log was not replayed to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The lines don't form a chain; [`verify`](super::verify()) goes on behind the place and tells more.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The store failed, or what a line records can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A page can't be written as JSON.
    #[error("the page of {stream} can't be written: {why}")]
    Page {
        /// Its stream.
        stream: StreamId,
        /// Why not.
        why: String,
    },
}

/// Replays the log of a book, from its first line on. Each line must follow from the one before it.
///
/// All pages are in memory together: one for each account of the book, as large as what a decision can still ask
/// about the account.
///
/// # Errors
/// [`ReplayError`] at the first line that can't be believed.
pub fn replay(store: &dyn Store, book: &Origin) -> Result<Replayed, ReplayError> {
    let mut link = Link::after(Head::empty(book.clone()));
    let mut pages = Pages::default();
    let mut events = 0_u64;
    walk(store, book, |row| -> Result<(), ReplayError> {
        let line = link.accept(row.line)?;
        pages.evolve(&recorded(&line)?);
        events = events.saturating_add(1);
        Ok(())
    })?;
    let mut receivables = Balance::default();
    let mut open_items = 0_u64;
    for page in pages.0.values() {
        if let Page::Account(account) = page {
            receivables.add_balance(account.receivables.balance());
            let open = u64::try_from(account.receivables.open_items().count()).unwrap_or(u64::MAX);
            open_items = open_items.saturating_add(open);
        }
    }
    Ok(Replayed {
        head: link.head().clone(),
        events,
        streams: u64::try_from(pages.0.len()).unwrap_or(u64::MAX),
        receivables,
        open_items,
        pages: pages.digest()?,
    })
}

/// The page of every stream.
#[derive(Debug, Default)]
struct Pages(BTreeMap<StreamId, Page>);

impl Pages {
    fn evolve(&mut self, fact: &Recorded<Event>) {
        let page = match self.0.get_mut(&fact.stream) {
            Some(page) => page,
            None => self.0.entry(fact.stream.clone()).or_insert_with(|| Page::new(&fact.stream)),
        };
        page.evolve(&fact.event);
    }

    fn digest(&self) -> Result<Digest, ReplayError> {
        let mut sum = Sha256::new();
        for (stream, page) in &self.0 {
            let body = json(page)
                .map_err(|why| ReplayError::Page { stream: stream.clone(), why: why.to_string() })?;
            sum.update(format!("{stream}\t"));
            sum.update(body);
            sum.update("\n");
        }
        let digest: [u8; 32] = sum.finalize().into();
        Ok(digest.into())
    }
}

fn json(page: &Page) -> serde_json::Result<Vec<u8>> {
    match page {
        Page::Settings(page) => serde_json::to_vec(page),
        Page::Catalogue(page) => serde_json::to_vec(page),
        Page::Account(page) => serde_json::to_vec(page),
        Page::Series => serde_json::to_vec(&()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_cannot_be_written_is_named() {
        let error = ReplayError::Page { stream: StreamId::Book, why: "a key is no text".into() };
        assert_eq!(error.to_string(), "the page of book can't be written: a key is no text");
    }
}
