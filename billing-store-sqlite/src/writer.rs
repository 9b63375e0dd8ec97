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
    pub(crate) fn new(
        connector: Connector,
        turnstile: Turnstile,
        progress: Arc<Progress>,
    ) -> rusqlite::Result<Self> {
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
                open.checkpoints.keep_wal_short(&open.db, &self.connector);
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
        Ok(None) => Err(StoreError::Unavailable(
            "other processes have been writing without a break for too long".into(),
        )),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use billing_core::kernel::ids::CommandId;
    use billing_core::kernel::timestamp::Timestamp;
    use billing_core::log::{Digest, NewEvent, StreamId};
    use billing_core::store::{AppendBatch, Expect, NewCommand};

    use super::*;
    use crate::connect::Durability;
    use crate::schema::BOOKS_TABLES;

    fn batch(number: u128) -> AppendBatch {
        let key = CommandId::from_uuid(uuid::Uuid::from_u128(number)).into();
        let request = "{}".to_owned();
        let digest = Digest::of(request.as_bytes());
        let (by, now) = ("user:ann".parse().unwrap(), Timestamp::EPOCH);
        let data = "{}".to_owned();
        AppendBatch {
            book: "acme".parse().unwrap(),
            command: NewCommand { key, request, digest, by, now },
            guards: vec![(StreamId::Book, Expect::NoStream)],
            claims: Vec::new(),
            events: vec![NewEvent {
                stream: StreamId::Book,
                event_type: "test.opened",
                schema: 1,
                data,
                cause: None,
            }],
        }
    }

    #[test]
    fn a_failed_commit_leaves_each_outcome_unknown_and_repeating_clears_it() {
        let folder = tempfile::tempdir().unwrap();
        let connector = Connector {
            path: folder.path().join("books.db"),
            durability: Durability::Full,
            patience: Duration::from_secs(1),
            most_bytes: None,
        };
        connector.writing().unwrap().execute_batch(BOOKS_TABLES).unwrap();
        let turnstile = connector.turnstile().unwrap();
        let mut writer = Writer::new(connector, turnstile, Arc::default()).unwrap();
        // A commit that SQLite turns into a rollback: an error as from a disk, and nothing kept.
        writer.open.as_mut().unwrap().db.commit_hook(Some(|| true)).unwrap();
        let queue = Queue::default();
        std::thread::scope(|scope| {
            scope.spawn(|| writer.run(&queue));
            let unknown = queue.submit(vec![batch(1), batch(2)]);
            for (number, answer) in unknown.into_iter().enumerate() {
                let error = answer.unwrap_err();
                assert!(
                    matches!(error, AppendError::Unknown { key, .. } if key == batch(u128::try_from(number).unwrap() + 1).command.key)
                );
            }
            // The connection that failed is gone, and its hook with it.
            let again = queue.submit(vec![batch(2), batch(2)]);
            assert_eq!(again[0].as_ref().unwrap().versions, [1.into()]);
            assert!(again[1].as_ref().unwrap().repeated);
            queue.close();
        });
    }

    #[test]
    fn nobody_waits_for_a_writer_that_is_gone() {
        let queue = Queue::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.submit(vec![batch(1)]));
            let taken = queue.take().unwrap();
            drop(taken);
            drop(AbandonOnPanic(&queue));
            let said = waiting.join().unwrap()[0].as_ref().unwrap_err().to_string();
            assert!(said.contains("was recorded (the writer has stopped); ask for it"), "{said}");
        });
        let said = queue.submit(vec![batch(1)])[0].as_ref().unwrap_err().to_string();
        assert_eq!(said, "the store can't be reached: it is closed");
    }
}
