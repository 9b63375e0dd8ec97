//! Locks between processes: who may use the file, and whose turn it is to write.
//!
//! Each lock is on a small file of its own. Opening and closing the database file itself behind SQLite's back
//! would drop SQLite's locks on it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::connect::PAUSE;

/// Opens, or makes, a file that is only ever locked.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Tries a lock again and again for as long as patience lasts. `false` when somebody else still holds it.
pub(crate) fn patiently(
    patience: Duration,
    mut lock: impl FnMut() -> Result<(), TryLockError>,
) -> io::Result<bool> {
    let mut left = patience;
    loop {
        match lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if left.is_zero() => return Ok(false),
            Err(TryLockError::WouldBlock) => {
                thread::sleep(PAUSE);
                left = left.saturating_sub(PAUSE);
            }
        }
    }
}

/// The turnstile in front of SQLite's write lock.
///
/// A process holds it only while it waits for the write lock. Whoever has just written must pass it again, so
/// a busy process can't take the write lock a second time while another one waits for it.
#[derive(Debug)]
pub(crate) struct Turnstile(pub(crate) File);

impl Turnstile {
    /// Runs `enter`, which takes SQLite's write lock, when it is our turn. `None` when patience ran out.
    pub(crate) fn pass<T>(&self, patience: Duration, enter: impl FnOnce() -> T) -> io::Result<Option<T>> {
        if !patiently(patience, || self.0.try_lock())? {
            return Ok(None);
        }
        let entered = enter();
        self.0.unlock()?;
        Ok(Some(entered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_get_a_lock_in_time_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("turn");
        let (one, other) = (Turnstile(lock_file(&path).unwrap()), Turnstile(lock_file(&path).unwrap()));
        let soon = Duration::from_millis(2);
        let inside = one.pass(soon, || other.pass(soon, || ()).unwrap()).unwrap();
        assert_eq!(inside, Some(None));
        assert_eq!(other.pass(soon, || 7).unwrap(), Some(7));
    }
}
