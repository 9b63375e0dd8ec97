//! Snapshots on their way into the views file: callers hand them in and go on, a thread of their own writes them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use billing_core::log::{Digest, Origin};
use billing_core::store::Snapshot;

use crate::queue::locked;

/// How many bytes of snapshots may wait. Who comes then writes by its own hand, as fast as the disk can take it.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A snapshot, and the hash of the line that it ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) snapshot: Snapshot,
    pub(crate) line_hash: Option<Digest>,
}

/// A stream of a book.
pub(crate) type Place = (Origin, String);

/// Where snapshots wait until they are written. Until then they are read from here.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The newest one of each stream. It takes the place of one that was not written in time.
    newest: BTreeMap<Place, Arc<Kept>>,
    bytes: usize,
    /// Which stream had its turn last: the streams are gone round, so that a busy one keeps none waiting.
    last: Option<Place>,
    closed: bool,
}

impl Outbox {
    /// Hands a snapshot in; `false` where the caller has to write it.
    pub(crate) fn put(&self, place: &Place, kept: &Arc<Kept>) -> bool {
        let bytes = kept.snapshot.body.len();
        let mut waiting = locked(&self.waiting);
        let waits_already = waiting.newest.contains_key(place);
        if waiting.closed || !waits_already && waiting.bytes + bytes > MOST_BYTES {
            return false;
        }
        waiting.bytes += bytes;
        if let Some(older) = waiting.newest.insert(place.clone(), Arc::clone(kept)) {
            waiting.bytes -= older.snapshot.body.len();
        }
        drop(waiting);
        self.more.notify_one();
        true
    }

    /// What waits for a stream.
    pub(crate) fn get(&self, place: &Place) -> Option<Arc<Kept>> {
        locked(&self.waiting).newest.get(place).cloned()
    }

    /// The next one to write; waits until there is one. `None` when the outbox is closed and empty.
    pub(crate) fn take(&self) -> Option<(Place, Arc<Kept>)> {
        let mut waiting = locked(&self.waiting);
        loop {
            if let Some((place, kept)) = waiting.next() {
                waiting.last = Some(place.clone());
                return Some((place, kept));
            }
            if waiting.closed {
                return None;
            }
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What was taken is written: it need not be read from here any more, unless a newer one has come.
    pub(crate) fn written(&self, place: &Place, kept: &Arc<Kept>) {
        let mut waiting = locked(&self.waiting);
        if waiting.newest.get(place).is_some_and(|newest| Arc::ptr_eq(newest, kept)) {
            waiting.newest.remove(place);
            waiting.bytes -= kept.snapshot.body.len();
        }
    }

    /// Takes no more; what waits is still written.
    pub(crate) fn close(&self) {
        locked(&self.waiting).closed = true;
        self.more.notify_all();
    }
}

impl Waiting {
    fn next(&self) -> Option<(Place, Arc<Kept>)> {
        let behind = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut later = self.newest.range((behind, Bound::Unbounded));
        let next = later.next().or_else(|| self.newest.first_key_value());
        next.map(|(place, kept)| (place.clone(), Arc::clone(kept)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(stream: &str) -> Place {
        ("acme".parse().unwrap(), stream.to_owned())
    }

    fn kept(version: u64, bytes: usize) -> Arc<Kept> {
        let body = vec![0; bytes];
        let snapshot = Snapshot { version: version.into(), fingerprint: Digest::of(b"a fold"), body };
        Arc::new(Kept { snapshot, line_hash: None })
    }

    #[test]
    fn streams_are_gone_round_and_only_the_newest_of_each_is_written() {
        let outbox = Outbox::default();
        for (stream, version) in [("b", 1), ("a", 1), ("c", 1), ("b", 2)] {
            assert!(outbox.put(&place(stream), &kept(version, 10)));
        }
        let mut written = Vec::new();
        for _ in 0..4 {
            let (at, taken) = outbox.take().unwrap();
            if written.is_empty() {
                // A newer one comes while the first is being written.
                assert!(outbox.put(&at, &kept(7, 10)));
            }
            outbox.written(&at, &taken);
            written.push((at.1, taken.snapshot.version.get()));
        }
        let in_order = [("a", 1), ("b", 2), ("c", 1), ("a", 7)];
        assert_eq!(written, in_order.map(|(stream, version)| (stream.to_owned(), version)));
        outbox.close();
        assert!(outbox.take().is_none());
        assert_eq!(locked(&outbox.waiting).bytes, 0);
    }

    #[test]
    fn what_waits_is_read_until_it_is_written() {
        let outbox = Outbox::default();
        assert!(outbox.put(&place("a"), &kept(1, 10)));
        let (at, taken) = outbox.take().unwrap();
        assert_eq!(outbox.get(&at), Some(kept(1, 10)));
        outbox.written(&at, &taken);
        assert_eq!(outbox.get(&at), None);
    }

    #[test]
    fn more_than_fits_is_not_taken_and_neither_is_what_comes_after_the_end() {
        let outbox = Outbox::default();
        assert!(outbox.put(&place("a"), &kept(1, MOST_BYTES)));
        assert!(!outbox.put(&place("b"), &kept(1, 1)));
        // An older one that still waits must not be written over what is newer.
        assert!(outbox.put(&place("a"), &kept(2, MOST_BYTES + 1)));
        outbox.close();
        assert!(!outbox.put(&place("c"), &kept(1, 0)));
        let (at, taken) = outbox.take().unwrap();
        assert_eq!((&at, taken.snapshot.version.get()), (&place("a"), 2), "what waits is still written");
        outbox.written(&at, &taken);
        assert!(outbox.take().is_none());
    }
}
