//! Where batches wait for the writer's thread, and where their callers wait for the answer.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use billing_core::store::{AppendBatch, AppendError, Appended, StoreError};

/// The answer to one batch.
pub(crate) type Answer = Result<Appended, AppendError>;

/// The most batches that share a transaction, and roughly the most bytes: more would make others wait.
const MOST_BATCHES: usize = 512;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Batches on their way to the writer, first come, first served.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Each group is to share a transaction; the last one still grows.
    groups: VecDeque<Group>,
    /// Whether the write-ahead log is to be looked after.
    checkpoint: bool,
    /// Whether the writer's thread sleeps until there is more: only then must it be woken.
    idle: bool,
    /// Whether the last group was made up of several calls.
    crowded: bool,
    closed: bool,
}

/// What the writer's thread has to do next.
#[derive(Debug)]
pub(crate) enum Work {
    Commit(Group),
    Checkpoint,
}

impl Queue {
    /// Whether nobody writes through the queue, and callers have come one at a time: then a caller is served
    /// soonest by its own hand.
    pub(crate) fn is_quiet(&self) -> bool {
        let waiting = locked(&self.waiting);
        waiting.idle && !waiting.crowded && waiting.groups.is_empty()
    }

    /// Hands the batches of one call to the writer's thread and waits for all their answers.
    pub(crate) fn submit(&self, batches: Vec<AppendBatch>) -> Vec<Answer> {
        let count = batches.len();
        let portions = portions(batches);
        let mut waiting = locked(&self.waiting);
        if waiting.closed {
            drop(waiting);
            return (0..count).map(|_| Err(closed().into())).collect();
        }
        let places: Vec<_> = portions.into_iter().map(|portion| waiting.add(portion)).collect();
        let idle = std::mem::take(&mut waiting.idle);
        drop(waiting);
        if idle {
            self.more.notify_one();
        }
        places.into_iter().flat_map(Place::wait).collect()
    }

    /// Asks the writer's thread to look after the write-ahead log.
    pub(crate) fn ask_for_checkpoint(&self) {
        let mut waiting = locked(&self.waiting);
        waiting.checkpoint = true;
        waiting.idle = false;
        drop(waiting);
        self.more.notify_one();
    }

    /// The next thing to do; waits until there is something. `None` when the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Work> {
        let mut waiting = locked(&self.waiting);
        loop {
            if let Some(group) = waiting.groups.pop_front() {
                waiting.idle = false;
                waiting.crowded = group.calls > 1;
                return Some(Work::Commit(group));
            }
            if std::mem::take(&mut waiting.checkpoint) {
                return Some(Work::Checkpoint);
            }
            if waiting.closed {
                waiting.idle = false;
                return None;
            }
            waiting.idle = true;
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more; what waits is still written.
    pub(crate) fn close(&self) {
        let mut waiting = locked(&self.waiting);
        waiting.closed = true;
        waiting.idle = false;
        drop(waiting);
        self.more.notify_all();
    }

    /// Takes no more and gives up what waits, so that nobody waits for a writer that is gone.
    pub(crate) fn abandon(&self) {
        self.close();
        let groups = std::mem::take(&mut locked(&self.waiting).groups);
        drop(groups);
    }
}

impl Waiting {
    /// Puts a portion into the last group, or into a new one where that is full.
    fn add(&mut self, portion: Portion) -> Place {
        let fits = |group: &mut Group| group.has_room_for(&portion);
        if !self.groups.back_mut().is_some_and(fits) {
            self.groups.push_back(Group::default());
        }
        let Some(group) = self.groups.back_mut() else { unreachable!("a group was just put there") };
        group.add(portion)
    }
}

/// Batches of one call that fit into one transaction.
pub(crate) struct Portion {
    pub(crate) batches: Vec<AppendBatch>,
    bytes: usize,
}

/// Parts a call into what fits into a transaction: nearly always one portion.
pub(crate) fn portions(batches: Vec<AppendBatch>) -> Vec<Portion> {
    let mut portions: Vec<Portion> = Vec::with_capacity(1);
    let mut all = batches.into_iter();
    loop {
        let mut bytes = 0;
        let fits = all.as_slice().iter().take(MOST_BATCHES).take_while(|batch| {
            let room = bytes < MOST_BYTES;
            if room {
                bytes += batch.events.iter().map(|event| event.data.len()).sum::<usize>();
            }
            room
        });
        let count = fits.count();
        if count == 0 {
            return portions;
        }
        portions.push(Portion { batches: all.by_ref().take(count).collect(), bytes });
    }
}

/// Batches that share a transaction. Dropped without an answer, it says that their outcome is not known.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) batches: Vec<AppendBatch>,
    bytes: usize,
    calls: usize,
    answers: Arc<Answers>,
}

impl Group {
    fn has_room_for(&self, portion: &Portion) -> bool {
        self.batches.len() + portion.batches.len() <= MOST_BATCHES && self.bytes < MOST_BYTES
    }

    fn add(&mut self, portion: Portion) -> Place {
        let from = self.batches.len();
        self.batches.extend(portion.batches);
        self.bytes += portion.bytes;
        self.calls += 1;
        let caller = self.answers.line_up();
        Place { answers: Arc::clone(&self.answers), caller, batches: from..self.batches.len() }
    }

    /// Gives all callers their answers, one for each batch, in order.
    pub(crate) fn answer(mut self, answers: Vec<Answer>) {
        self.answers.give(answers);
        self.batches.clear();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.batches.is_empty() {
            let unknown = |batch: &AppendBatch| {
                let why = "the writer has stopped".into();
                Err(AppendError::Unknown { key: batch.command.key, why })
            };
            self.answers.give(self.batches.iter().map(unknown).collect());
        }
    }
}

/// The answers to one group.
///
/// Its callers wake each other, one after the other. The writer wakes only the first and goes on with the next
/// group; if it woke them all, they would stand in its way, each wanting a core at the same moment.
#[derive(Debug, Default)]
struct Answers {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    callers: Vec<Thread>,
    given: Option<Vec<Option<Answer>>>,
}

impl Answers {
    /// Lines the calling thread up behind those that wait already.
    fn line_up(&self) -> usize {
        let mut state = locked(&self.state);
        state.callers.push(thread::current());
        state.callers.len() - 1
    }

    fn give(&self, answers: Vec<Answer>) {
        let mut state = locked(&self.state);
        state.given = Some(answers.into_iter().map(Some).collect());
        let first = state.callers.first().cloned();
        drop(state);
        if let Some(first) = first {
            first.unpark();
        }
    }
}

/// One call's place in its group.
#[derive(Debug)]
struct Place {
    answers: Arc<Answers>,
    caller: usize,
    batches: Range<usize>,
}

impl Place {
    /// Waits for the answers, wakes whoever is next in the line, and takes them.
    fn wait(self) -> Vec<Answer> {
        loop {
            let mut state = locked(&self.answers.state);
            if let Some(given) = state.given.as_mut() {
                let own = given[self.batches].iter_mut().filter_map(Option::take).collect();
                let next = state.callers.get(self.caller + 1).cloned();
                drop(state);
                if let Some(next) = next {
                    next.unpark();
                }
                return own;
            }
            drop(state);
            thread::park();
        }
    }
}

/// What everybody is told once the store is closed.
pub(crate) fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".into())
}

/// The lock's content. A thread that panicked with it has left it whole: nothing here is changed in two steps.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
