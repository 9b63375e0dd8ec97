//! The one writer of a file in this process: takes what waits, commits it together, answers each caller.
//!
//! It never waits for more to come. While it commits, the next group gathers by itself.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use billing_core::store::{AppendError, StoreError};
use rusqlite::Connection;

use crate::checkpoint::{Checkpoints, empty_wal};
use crate::connect::Connector;
use crate::failure::store_error;
use crate::locks::Turnstile;
use crate::progress::Progress;
use crate::queue::{Answer, Pending, Queue};
use crate::recording::{LeftBehind, Recording};

/// The writer, and what it knows between two groups.
pub(crate) struct Writer {
    connector: Connector,
    turnstile: Turnstile,
    progress: Arc<Progress>,
    open: Option<Open>,
    left: LeftBehind,
}

/// The open connection. Closed after a failed commit, and opened anew before the next group.
struct Open {
    db: Connection,
    checkpoints: Checkpoints,
}

impl Writer {
    /// A writer on a file that has been opened and checked.
    pub(crate) fn new(connector: Connector, turnstile: Turnstile, progress: Arc<Progress>) -> rusqlite::Result<Self> {
        let open = Some(Open::new(&connector)?);
        Ok(Writer { connector, turnstile, progress, open, left: LeftBehind::new() })
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self, queue: &Queue) {
        let _abandon = AbandonOnPanic(queue);
        while let Some(group) = queue.take() {
            self.commit(group);
            self.progress.moved();
            if let Some(open) = &mut self.open {
                open.checkpoints.keep_wal_short(&open.db);
            }
        }
    }

    /// Commits a group in one transaction. If that fails on the way, nothing of it is kept, and each batch
    /// gets a transaction of its own, so that one that can't be kept does not take the others with it.
    fn commit(&mut self, group: Vec<Pending>) {
        match self.record(&group) {
            Ok(answers) => {
                group.into_iter().zip(answers).for_each(|(pending, answer)| pending.answer(answer));
            }
            Err(Failed::OnTheWay(_)) if group.len() > 1 => {
                group.into_iter().for_each(|pending| self.commit(vec![pending]));
            }
            Err(Failed::OnTheWay(error) | Failed::AtTheDoor(error)) => {
                group.into_iter().for_each(|pending| pending.answer(Err(error.clone().into())));
            }
            Err(Failed::AtCommit(why)) => {
                for pending in group {
                    let key = pending.batch.command.key;
                    pending.answer(Err(AppendError::Unknown { key, why: why.clone() }));
                }
            }
        }
    }

    fn record(&mut self, group: &[Pending]) -> Result<Vec<Answer>, Failed> {
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let opened = Open::after_failure(&self.connector).map_err(Failed::at_the_door)?;
                self.left.clear();
                self.open.insert(opened)
            }
        };
        let db = &open.db;
        begin(db, &self.turnstile, self.connector.patience).map_err(Failed::AtTheDoor)?;
        let mut recording = Recording::new(db, &self.left);
        let answers: Result<Vec<Answer>, StoreError> =
            group.iter().map(|pending| recording.record(&pending.batch)).collect();
        let recorded = answers.and_then(|answers| Ok((answers, recording.finish()?)));
        let (answers, moved) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                if roll_back(db).is_err() {
                    self.open = None;
                }
                return Err(Failed::OnTheWay(error));
            }
        };
        match run(db, "COMMIT") {
            Ok(()) => {
                self.left.extend(moved);
                Ok(answers)
            }
            Err(error) => {
                // What the commit has left on the disk is seen only by reading it again from there.
                self.open = None;
                Err(Failed::AtCommit(error.to_string()))
            }
        }
    }
}

/// At which point a group failed.
enum Failed {
    /// Before anything was tried.
    AtTheDoor(StoreError),
    /// Inside the transaction, which was rolled back.
    OnTheWay(StoreError),
    /// In the commit itself, which may have happened all the same.
    AtCommit(String),
}

impl Failed {
    fn at_the_door(error: rusqlite::Error) -> Self {
        Failed::AtTheDoor(store_error(error))
    }
}

impl Open {
    fn new(connector: &Connector) -> rusqlite::Result<Self> {
        let mut db = connector.writing()?;
        let checkpoints = Checkpoints::watch(&mut db)?;
        Ok(Open { db, checkpoints })
    }

    /// After a failed commit the WAL may hold a commit that was never flushed to the disk, and the system may
    /// not try again to flush it. Moving it all into the database file makes what is read from here on durable.
    fn after_failure(connector: &Connector) -> rusqlite::Result<Self> {
        let open = Open::new(connector)?;
        empty_wal(&open.db)?;
        Ok(open)
    }
}

/// Begins a transaction that nobody else can write beside.
pub(crate) fn begin(db: &Connection, turnstile: &Turnstile, patience: Duration) -> Result<(), StoreError> {
    match turnstile.pass(patience, || run(db, "BEGIN IMMEDIATE")) {
        Ok(Some(begun)) => begun.map_err(store_error),
        Ok(None) => {
            Err(StoreError::Unavailable("other processes have been writing without a break for too long".into()))
        }
        Err(error) => Err(StoreError::Unavailable(lock_failed(&error))),
    }
}

/// What is said when the operating system can't lock.
pub(crate) fn lock_failed(error: &io::Error) -> String {
    format!("the lock between processes failed: {error}")
}

/// Takes back an open transaction, unless SQLite has done so by itself.
pub(crate) fn roll_back(db: &Connection) -> rusqlite::Result<()> {
    if db.is_autocommit() { Ok(()) } else { run(db, "ROLLBACK") }
}

/// Runs a statement without values or rows.
pub(crate) fn run(db: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(drop)
}

/// Whatever ends the writer, nobody must wait for it afterwards.
struct AbandonOnPanic<'a>(&'a Queue);

impl Drop for AbandonOnPanic<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
