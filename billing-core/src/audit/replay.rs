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

/// What a log comes to in money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    /// The head of the last line; its position is the number of events.
    pub head: Head,
    /// What all customers owe together: above zero, or what they have in credit: below.
    pub receivables: Balance,
    /// How many invoices have something open on them.
    pub open_items: u64,
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
    let (link, pages) = fold(store, book)?;
    let mut owed = Owed::default();
    let mut digest = PagesDigest::default();
    pages.spell(&mut owed).try_for_each(|page| digest.add(page))?;
    Ok(digest.of_log(&link, owed))
}

/// What a log comes to in money: [`replay`] without the digest of the pages, whose JSON costs as much as folding
/// them.
///
/// # Errors
/// [`ReplayError`] at the first line that can't be believed.
///
/// ```
/// # use billing_core::{audit, log::Origin};
/// # use billing_store_memory::MemoryStore;
/// # let store = MemoryStore::new();
/// let book: Origin = "acme".parse()?;
/// let balances = audit::balances(&store, &book)?;
/// assert_eq!((balances.head.position.get(), balances.open_items), (0, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn balances(store: &dyn Store, book: &Origin) -> Result<Balances, ReplayError> {
    let (link, pages) = fold(store, book)?;
    let mut owed = Owed::default();
    pages.0.values().for_each(|page| owed.add(page));
    let Owed { receivables, open_items } = owed;
    Ok(Balances { head: link.head().clone(), receivables, open_items })
}

/// Folds every line onto its page; each line must follow from the one before it.
fn fold(store: &dyn Store, book: &Origin) -> Result<(Link, Pages), ReplayError> {
    let mut link = Link::after(Head::empty(book.clone()));
    let mut pages = Pages::default();
    walk(store, book, |row| -> Result<(), ReplayError> {
        let line = link.accept(row.line)?;
        pages.evolve(&recorded(&line)?);
        Ok(())
    })?;
    Ok((link, pages))
}

/// The page of every stream.
#[derive(Debug, Default)]
pub(super) struct Pages(BTreeMap<StreamId, Page>);

impl Pages {
    pub(super) fn evolve(&mut self, fact: &Recorded<Event>) {
        let page = match self.0.get_mut(&fact.stream) {
            Some(page) => page,
            None => self.0.entry(fact.stream.clone()).or_insert_with(|| Page::new(&fact.stream)),
        };
        page.evolve(&fact.event);
    }

    /// The pages as they stand in the digest, in the order of their streams; what is owed on them is added up on
    /// the way.
    pub(super) fn spell(self, owed: &mut Owed) -> impl Iterator<Item = Spelt> {
        self.0.into_iter().map(|(stream, page)| {
            owed.add(&page);
            Spelt { json: json(&page), stream }
        })
    }
}

/// Most pages of accounts fit into so many bytes.
const USUAL: usize = 4_096;

fn json(page: &Page) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(USUAL);
    match page {
        Page::Settings(page) => serde_json::to_writer(&mut json, page),
        Page::Catalogue(page) => serde_json::to_writer(&mut json, page),
        Page::Account(page) => serde_json::to_writer(&mut json, page),
        Page::Usage(page) => serde_json::to_writer(&mut json, page),
        Page::Series => serde_json::to_writer(&mut json, &()),
    }?;
    Ok(json)
}

/// A stream and its page as JSON.
pub(super) struct Spelt {
    pub(super) stream: StreamId,
    json: serde_json::Result<Vec<u8>>,
}

/// What all customers owe together.
#[derive(Debug, Default)]
pub(super) struct Owed {
    receivables: Balance,
    open_items: u64,
}

impl Owed {
    fn add(&mut self, page: &Page) {
        if let Page::Account(account) = page {
            self.receivables.add_balance(account.receivables.balance());
            self.open_items =
                account.receivables.open_items().fold(self.open_items, |sum, _| sum.saturating_add(1));
        }
    }

    /// What the customers of both owe.
    pub(super) fn with(mut self, other: Owed) -> Owed {
        self.receivables.add_balance(&other.receivables);
        self.open_items = self.open_items.saturating_add(other.open_items);
        self
    }
}

/// The digest of all pages, and how many there are.
#[derive(Debug, Default)]
pub(super) struct PagesDigest {
    sum: Sha256,
    streams: u64,
}

impl PagesDigest {
    /// Adds the next page in the order of the streams.
    pub(super) fn add(&mut self, page: Spelt) -> Result<(), ReplayError> {
        let Spelt { stream, json } = page;
        self.sum.update(format!("{stream}\t"));
        self.sum.update(json.map_err(|why| ReplayError::Page { stream, why: why.to_string() })?);
        self.sum.update("\n");
        self.streams = self.streams.saturating_add(1);
        Ok(())
    }

    /// What the log up to a link comes to. Each line of it is an event.
    pub(super) fn of_log(self, link: &Link, owed: Owed) -> Replayed {
        let pages: [u8; 32] = self.sum.finalize().into();
        Replayed {
            head: link.head().clone(),
            events: link.head().position.get(),
            streams: self.streams,
            receivables: owed.receivables,
            open_items: owed.open_items,
            pages: pages.into(),
        }
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
