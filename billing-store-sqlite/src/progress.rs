//! Waiting for a book to come to a position.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::queue::locked;

/// Counts the commits of this process. Those of others are only seen by looking.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    commits: Mutex<u64>,
    moved: Condvar,
}

/// How often to look whether another process has written.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

impl Progress {
    /// Wakes whoever waits.
    pub(crate) fn moved(&self) {
        let mut commits = locked(&self.commits);
        *commits = commits.wrapping_add(1);
        drop(commits);
        self.moved.notify_all();
    }

    /// Looks until what is seen is enough or the time is over, and gives what was seen last.
    pub(crate) fn wait<T, E>(
        &self,
        at_most: Duration,
        enough: impl Fn(&T) -> bool,
        look: impl Fn() -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = now();
        loop {
            let before = *locked(&self.commits);
            let seen = look()?;
            let left = at_most.saturating_sub(begun.elapsed());
            if enough(&seen) || left.is_zero() {
                return Ok(seen);
            }
            let commits = locked(&self.commits);
            let step = left.min(LOOK_AGAIN);
            let woken = self.moved.wait_timeout_while(commits, step, |commits| *commits == before);
            drop(woken.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a deadline of the caller, nothing that is recorded")]
fn now() -> Instant {
    Instant::now()
}
