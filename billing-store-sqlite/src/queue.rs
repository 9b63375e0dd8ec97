//! Where batches wait for the writer, and where their callers wait for the answer.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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
    batches: VecDeque<Pending>,
    /// Whether the writer sleeps until there is more: only then must it be woken.
    idle: bool,
    closed: bool,
}

impl Queue {
    /// Hands batches to the writer and waits for all their answers.
    pub(crate) fn submit(&self, batches: Vec<AppendBatch>) -> Vec<Answer> {
        let ticket = Arc::new(Ticket::new(batches.len()));
        let mut waiting = locked(&self.waiting);
        if waiting.closed {
            return batches.iter().map(|_| Err(closed().into())).collect();
        }
        for (index, batch) in batches.into_iter().enumerate() {
            waiting.batches.push_back(Pending { batch, ticket: Arc::clone(&ticket), index, answered: false });
        }
        let idle = std::mem::take(&mut waiting.idle);
        drop(waiting);
        if idle {
            self.more.notify_one();
        }
        ticket.wait()
    }

    /// What waits, as much as fits into one transaction; waits until there is something. `None` when the
    /// queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Vec<Pending>> {
        let mut waiting = locked(&self.waiting);
        while waiting.batches.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting.idle = true;
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.idle = false;
        let mut bytes = 0;
        let fits = waiting.batches.iter().take(MOST_BATCHES).take_while(|pending| {
            let room = bytes < MOST_BYTES;
            bytes += pending.batch.events.iter().map(|event| event.data.len()).sum::<usize>();
            room
        });
        let count = fits.count();
        Some(waiting.batches.drain(..count).collect())
    }

    /// Takes no more; what waits is still written.
    pub(crate) fn close(&self) {
        locked(&self.waiting).closed = true;
        self.more.notify_all();
    }

    /// Takes no more and gives up what waits, so that nobody waits for a writer that is gone.
    pub(crate) fn abandon(&self) {
        self.close();
        let waiting = std::mem::take(&mut locked(&self.waiting).batches);
        drop(waiting);
    }
}

/// One batch that waits. Dropped without an answer, it says that the outcome is not known.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) batch: AppendBatch,
    ticket: Arc<Ticket>,
    index: usize,
    answered: bool,
}

impl Pending {
    /// Gives the caller its answer.
    pub(crate) fn answer(mut self, answer: Answer) {
        self.answered = true;
        self.ticket.put(self.index, answer);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.answered {
            let key = self.batch.command.key;
            let why = "the writer has stopped".into();
            self.ticket.put(self.index, Err(AppendError::Unknown { key, why }));
        }
    }
}

/// The answers to one call, as they come in.
#[derive(Debug)]
struct Ticket {
    answers: Mutex<Vec<Option<Answer>>>,
    complete: Condvar,
}

impl Ticket {
    fn new(count: usize) -> Self {
        Ticket { answers: Mutex::new(vec![None; count]), complete: Condvar::new() }
    }

    fn put(&self, index: usize, answer: Answer) {
        let mut answers = locked(&self.answers);
        answers[index] = Some(answer);
        // The last batch of a call is answered last, unless the writer has stopped.
        let complete = answers.iter().rev().all(Option::is_some);
        drop(answers);
        if complete {
            self.complete.notify_one();
        }
    }

    fn wait(&self) -> Vec<Answer> {
        let mut answers = locked(&self.answers);
        while !answers.iter().rev().all(Option::is_some) {
            answers = self.complete.wait(answers).unwrap_or_else(PoisonError::into_inner);
        }
        answers.drain(..).flatten().collect()
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
