//! The pages in hand for one attempt at a command, and the turns that go with them.

use std::collections::BTreeSet;

use super::load::Kept;
use super::queue::{Loaded, Turn};
use super::{Inner, load};
use crate::book::{Books, Page};
use crate::error::Error;
use crate::log::StreamId;
use crate::store::Store;

/// The pages in hand for one attempt, and the turns that go with them.
pub(super) struct Hands {
    turns: Vec<(StreamId, Turn, Kept)>,
    pub(super) books: Books,
}

impl Hands {
    /// Waits for its turn on each stream, in order, so that no two can wait for each other.
    pub(super) fn take<S: Store>(inner: &Inner<S>, wanted: &BTreeSet<StreamId>) -> Result<Hands, Error> {
        let mut hands = Hands { turns: Vec::with_capacity(wanted.len()), books: Books::new() };
        for stream in wanted {
            let turn = inner.pages.turn(stream);
            let loaded = match turn.take() {
                Some(loaded) => loaded,
                None => load::page(&inner.store, &inner.book, stream)?,
            };
            hands.turns.push((stream.clone(), turn, loaded.snapshot));
            hands.books.hold(stream.clone(), loaded.page, loaded.version);
        }
        // Asked for after the wait, so that whoever queued decides on what holds now.
        inner.references()?.lend_to(&mut hands.books);
        Ok(hands)
    }

    /// Puts every page back for the next in the queue, and keeps a snapshot where one is due.
    pub(super) fn put_back<S: Store>(&mut self, inner: &Inner<S>) {
        for (stream, turn, snapshot) in &self.turns {
            let Some((page, version)) = self.books.take(stream) else { continue };
            match page {
                // These are shared, not queued for.
                page @ (Page::Settings(_) | Page::Catalogue(_)) => inner.refer(page, version),
                Page::Account(_) | Page::Usage(_) => {
                    let mut loaded = Loaded { page, version, snapshot: *snapshot };
                    load::keep_snapshot(&inner.store, &inner.book, stream, &mut loaded);
                    inner.pages.put(turn, loaded);
                }
                Page::Series => {}
            }
        }
    }

    /// Whether the store knows nothing newer than the pages that were read.
    pub(super) fn are_current<S: Store>(&self, inner: &Inner<S>) -> Result<bool, Error> {
        for (stream, version) in self.books.versions() {
            if inner.store.version(&inner.book, &stream)? != version {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
