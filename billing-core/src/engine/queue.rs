//! Account pages in memory: one slot a stream, and a queue before each, first come first served.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use super::load::Kept;
use crate::book::Page;
use crate::log::{StreamId, Version};

/// A page in memory, with the version of its stream.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) page: Page,
    pub(crate) version: Version,
    /// The latest snapshot that is known to be stored.
    pub(crate) snapshot: Kept,
}

impl Loaded {
    /// About how many bytes a page takes: events leave some 120 bytes each behind in it, but those of usage as many as
    /// they have records.
    fn weight(&self) -> usize {
        if let Page::Usage(usage) = &self.page {
            return usage.weight();
        }
        usize::try_from(self.version.get()).unwrap_or(usize::MAX).saturating_mul(120).saturating_add(1_500)
    }
}

#[derive(Debug, Default)]
struct Slot {
    queue: Mutex<Queue>,
    page: Mutex<Option<Loaded>>,
    weight: AtomicUsize,
    used: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    serving: u64,
    /// Who sleeps until it is their turn, in order.
    waiting: VecDeque<Thread>,
}

/// The right to work on one stream until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    slot: Arc<Slot>,
}

impl Turn {
    fn wait(slot: Arc<Slot>) -> Turn {
        let mut queue = lock(&slot.queue);
        let ticket = queue.next;
        queue.next += 1;
        if queue.serving != ticket {
            queue.waiting.push_back(thread::current());
        }
        while queue.serving != ticket {
            drop(queue);
            thread::park();
            queue = lock(&slot.queue);
        }
        drop(queue);
        Turn { slot }
    }

    /// The page, if it is in memory. It is gone until it is put back: a page that was changed and not recorded
    /// is simply not put back.
    pub(crate) fn take(&self) -> Option<Loaded> {
        lock(&self.slot.page).take()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = lock(&self.slot.queue);
        queue.serving += 1;
        let next = queue.waiting.pop_front();
        drop(queue);
        if let Some(next) = next {
            next.unpark();
        }
    }
}

/// The pages of a book that were used last, within a number of bytes.
#[derive(Debug)]
pub(crate) struct Pages {
    slots: Mutex<BTreeMap<StreamId, Arc<Slot>>>,
    limit: usize,
    weight: AtomicUsize,
    tick: AtomicU64,
}

impl Pages {
    pub(crate) fn new(limit: usize) -> Self {
        Pages { slots: Mutex::default(), limit, weight: AtomicUsize::new(0), tick: AtomicU64::new(0) }
    }

    /// Waits until it is this caller's turn on a stream.
    pub(crate) fn turn(&self, stream: &StreamId) -> Turn {
        let slot = {
            let mut slots = lock(&self.slots);
            match slots.get(stream) {
                Some(slot) => Arc::clone(slot),
                None => Arc::clone(slots.entry(stream.clone()).or_default()),
            }
        };
        Turn::wait(slot)
    }

    /// The turn on a stream that is in memory and that nobody works on or waits for; never waits.
    pub(crate) fn idle_turn(&self, stream: &StreamId) -> Option<Turn> {
        let slot = Arc::clone(lock(&self.slots).get(stream)?);
        let mut queue = lock(&slot.queue);
        if queue.next != queue.serving {
            return None;
        }
        queue.next += 1;
        drop(queue);
        Some(Turn { slot })
    }

    /// Puts a page into its slot for the next one in the queue.
    pub(crate) fn put(&self, turn: &Turn, loaded: Loaded) {
        let weight = loaded.weight();
        *lock(&turn.slot.page) = Some(loaded);
        turn.slot.used.store(self.tick.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let before = turn.slot.weight.swap(weight, Ordering::Relaxed);
        let total = self.weight.fetch_add(weight, Ordering::Relaxed) + weight;
        self.weight.fetch_sub(before, Ordering::Relaxed);
        if total > self.limit {
            self.evict();
        }
    }

    /// Drops the pages that were not used for longest, until a quarter of the room is free.
    fn evict(&self) {
        let mut slots = lock(&self.slots);
        let mut by_use: Vec<(u64, StreamId)> = slots
            .iter()
            .filter(|(_, slot)| Arc::strong_count(slot) == 1)
            .map(|(stream, slot)| (slot.used.load(Ordering::Relaxed), stream.clone()))
            .collect();
        by_use.sort_unstable();
        for (_, stream) in by_use {
            if self.weight.load(Ordering::Relaxed) <= self.limit / 4 * 3 {
                break;
            }
            if let Some(slot) = slots.remove(&stream) {
                self.weight.fetch_sub(slot.weight.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        }
    }
}

/// A panic of one caller must not stop the others: what it left is a missing page, which is loaded anew.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    use super::*;

    /// Waits until so many stand in the queue of a stream, the one who is served among them.
    fn until_queued(pages: &Pages, stream: &StreamId, count: u64) {
        let slot = Arc::clone(&lock(&pages.slots)[stream]);
        while lock(&slot.queue).next < count {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn turns_are_given_in_the_order_in_which_they_were_asked_for() {
        let (pages, stream, served) = (Pages::new(0), StreamId::Book, Mutex::new(Vec::new()));
        thread::scope(|scope| {
            let first = pages.turn(&stream);
            for number in 1..=8 {
                scope.spawn({
                    let (pages, stream, served) = (&pages, &stream, &served);
                    move || {
                        let _turn = pages.turn(stream);
                        lock(served).push(number);
                    }
                });
                until_queued(&pages, &stream, number + 1);
            }
            drop(first);
        });
        assert_eq!(*lock(&served), (1..=8).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_in_the_middle_of_a_turn_wakes_the_next_in_the_queue() {
        let (pages, stream) = (Pages::new(0), StreamId::Book);
        let served = thread::scope(|scope| {
            let first = pages.turn(&stream);
            let callers: Vec<_> = (1..=8)
                .map(|number| {
                    let (pages, stream) = (&pages, &stream);
                    let caller = scope.spawn(move || {
                        catch_unwind(AssertUnwindSafe(|| {
                            let _turn = pages.turn(stream);
                            assert!(number % 2 == 0, "planted");
                        }))
                        .is_ok()
                    });
                    until_queued(pages, stream, number + 1);
                    caller
                })
                .collect();
            drop(first);
            callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(served, [false, true, false, true, false, true, false, true]);
        assert!(pages.idle_turn(&stream).is_some(), "nobody is left in the queue");
    }
}
