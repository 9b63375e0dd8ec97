//! The one writer of a file in this process: commits together what has come in, and answers each caller.
//!
//! A thread of its own takes what waits. It never waits for more to come: while it commits, the next group
//! gathers by itself. A caller that comes alone commits by its own hand instead, which spares it two waits for
//! another thread to wake up.

use std::io;
use std::slice;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use billing_core::store::{AppendBatch, AppendError, StoreError};
use rusqlite::Connection;

use crate::checkpoint::{Checkpoints, empty_wal};
use crate::connect::Connector;
use crate::failure::store_error;
use crate::locks::Turnstile;
use crate::progress::Progress;
use crate::queue::{Answer, Queue, Work, closed, locked, portions};
use crate::recording::{LeftBehind, Recording};

/// The writer as all callers share it, and the queue before it.
#[derive(Debug)]
pub(crate) struct Desk {
    queue: Queue,
    /// `None` once it is closed.
    writer: Mutex<Option<Writer>>,
}

impl Desk {
    pub(crate) fn new(writer: Writer) -> Self {
        Desk { queue: Queue::default(), writer: Mutex::new(Some(writer)) }
    }

    /// Commits the batches of one call and gives their answers in order.
    pub(crate) fn append(&self, batches: Vec<AppendBatch>) -> Vec<Answer> {
        if !self.queue.is_quiet() {
            return self.queue.submit(batches);
        }
        // Somebody may have come at the same time; a writer that panicked is left to its thread.
        let Ok(mut writer) = self.writer.try_lock() else { return self.queue.submit(batches) };
        let Some(writer) = writer.as_mut() else {
            return batches.iter().map(|_| Err(closed().into())).collect();
        };
        let answers = portions(batches).iter().flat_map(|portion| writer.commit(&portion.batches)).collect();
        if writer.copy_wal_when_due() {
            self.queue.ask_for_checkpoint();
        }
        answers
    }

    /// The work of the writer's thread: lasts until the queue is closed and empty.
    pub(crate) fn run(&self) {
        let _abandon = AbandonOnPanic(&self.queue);
        while let Some(work) = self.queue.take() {
            let mut writer = locked(&self.writer);
            let Some(writer) = writer.as_mut() else { return };
            if let Work::Commit(group) = work {
                let answers = writer.commit(&group.batches);
                group.answer(answers);
            }
            writer.keep_wal_short();
        }
    }

    /// Takes no more; what waits is still written by the thread.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    /// Closes the connection, once the thread has ended.
    pub(crate) fn clear(&self) {
        drop(locked(&self.writer).take());
    }
}

/// The writer, and what it knows between two groups.
pub(crate) struct Writer {
    connector: Connector,
    turnstile: Turnstile,
    progress: Arc<Progress>,
    /// Taken out while it is written to, so that a panic leaves no transaction open.
    open: Option<Open>,
    left: LeftBehind,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("connector", &self.connector).finish_non_exhaustive()
    }
}

/// The open connection. Closed after a failed commit, and opened anew before the next group.
struct Open {
    checkpoints: Checkpoints,
    /// Closed last, so that it empties the write-ahead log into the file.
    db: Connection,
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

    /// Commits batches in one transaction. If that fails on the way, nothing of it is kept, and each batch
    /// gets a transaction of its own, so that one that can't be kept does not take the others with it.
    fn commit(&mut self, batches: &[AppendBatch]) -> Vec<Answer> {
        match self.record(batches) {
            Ok(answers) => {
                self.progress.moved();
                answers
            }
            Err(Failed::OnTheWay(_)) if batches.len() > 1 => {
                batches.iter().flat_map(|batch| self.commit(slice::from_ref(batch))).collect()
            }
            Err(Failed::OnTheWay(error) | Failed::AtTheDoor(error)) => {
                batches.iter().map(|_| Err(error.clone().into())).collect()
            }
            Err(Failed::AtCommit(why)) => {
                let unknown = |key| Err(AppendError::Unknown { key, why: why.clone() });
                batches.iter().map(|batch| unknown(batch.command.key)).collect()
            }
        }
    }

    fn record(&mut self, batches: &[AppendBatch]) -> Result<Vec<Answer>, Failed> {
        let open = match self.open.take() {
            Some(open) => open,
            None => {
                self.left.clear();
                Open::after_failure(&self.connector).map_err(Failed::at_the_door)?
            }
        };
        if let Err(error) = begin(&open.db, &self.turnstile, self.connector.patience) {
            self.open = Some(open);
            return Err(Failed::AtTheDoor(error));
        }
        let (answers, left) = match record(&open.db, &mut self.left, batches) {
            Ok(recorded) => recorded,
            Err(error) => {
                if roll_back(&open.db).is_ok() {
                    self.open = Some(open);
                }
                return Err(Failed::OnTheWay(error));
            }
        };
        match run(&open.db, "COMMIT") {
            Ok(()) => {
                self.open = Some(open);
                self.left.extend(left);
                Ok(answers)
            }
            // What the commit has left on the disk is seen only by reading it again from there.
            Err(error) => Err(Failed::AtCommit(error.to_string())),
        }
    }

    /// Has the write-ahead log copied when that is due; `true` when the thread must look after it.
    fn copy_wal_when_due(&mut self) -> bool {
        self.open.as_mut().is_some_and(|open| open.checkpoints.copy_when_due())
    }

    fn keep_wal_short(&mut self) {
        if let Some(open) = &mut self.open {
            open.checkpoints.keep_wal_short(&self.connector);
        }
    }
}

/// Records batches inside an open transaction: their answers, and the books as they are left behind.
fn record(
    db: &Connection,
    left: &mut LeftBehind,
    batches: &[AppendBatch],
) -> Result<(Vec<Answer>, LeftBehind), StoreError> {
    let mut recording = Recording::new(db, left)?;
    let answers = batches.iter().map(|batch| recording.record(batch)).collect::<Result<_, _>>()?;
    Ok((answers, recording.finish()?))
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
        let checkpoints = Checkpoints::watch(&mut db, connector)?;
        Ok(Open { checkpoints, db })
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
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;
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

    fn desk(folder: &tempfile::TempDir) -> Desk {
        let connector = Connector {
            path: folder.path().join("books.db"),
            durability: Durability::Full,
            patience: Duration::from_secs(1),
            most_bytes: None,
        };
        connector.writing().unwrap().execute_batch(BOOKS_TABLES).unwrap();
        let turnstile = connector.turnstile().unwrap();
        Desk::new(Writer::new(connector, turnstile, Arc::default()).unwrap())
    }

    /// A batch that our own planner never makes: the writer panics over it in the middle of its transaction.
    fn planted(number: u128) -> AppendBatch {
        let mut planted = batch(number);
        planted.guards.clear();
        planted.events[0].cause = Some(0);
        planted
    }

    /// Closes the desk at the end of a test, even of one that fails: nobody is to wait for its thread for ever.
    struct Closing<'a>(&'a Desk);

    impl Drop for Closing<'_> {
        fn drop(&mut self) {
            self.0.close();
        }
    }

    /// Waits until the writer's thread sleeps, so that the next caller commits by its own hand.
    fn until_quiet(desk: &Desk) {
        while !desk.queue.is_quiet() {
            thread::yield_now();
        }
    }

    #[test]
    fn a_failed_commit_leaves_each_outcome_unknown_and_repeating_clears_it() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(&folder);
        // A commit that SQLite turns into a rollback: an error as from a disk, and nothing kept.
        let mut writer = locked(&desk.writer);
        writer.as_mut().unwrap().open.as_mut().unwrap().db.commit_hook(Some(|| true)).unwrap();
        drop(writer);
        thread::scope(|scope| {
            let _closing = Closing(&desk);
            scope.spawn(|| desk.run());
            let unknown = desk.append(vec![batch(1), batch(2)]);
            for (number, answer) in unknown.into_iter().enumerate() {
                let error = answer.unwrap_err();
                assert!(
                    matches!(error, AppendError::Unknown { key, .. } if key == batch(u128::try_from(number).unwrap() + 1).command.key)
                );
            }
            // The connection that failed is gone, and its hook with it.
            let again = desk.append(vec![batch(2), batch(2)]);
            assert_eq!(again[0].as_ref().unwrap().versions, [1.into()]);
            assert!(again[1].as_ref().unwrap().repeated);
        });
    }

    #[test]
    fn a_panic_under_a_callers_own_hand_leaves_nothing_behind_and_stops_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(&folder);
        thread::scope(|scope| {
            let _closing = Closing(&desk);
            scope.spawn(|| desk.run());
            until_quiet(&desk);
            catch_unwind(AssertUnwindSafe(|| desk.append(vec![planted(1)]))).unwrap_err();
            let after = desk.append(vec![batch(2)]);
            assert_eq!(after[0].as_ref().unwrap().first.get(), 1, "what was begun is taken back");
        });
    }

    #[test]
    fn a_panic_of_the_writers_thread_leaves_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(&folder);
        thread::scope(|scope| {
            let writer = scope.spawn(|| catch_unwind(AssertUnwindSafe(|| desk.run())));
            let said = desk.queue.submit(vec![batch(1), planted(2)]);
            for answer in said {
                let said = answer.unwrap_err().to_string();
                assert!(said.contains("was recorded (the writer has stopped); ask for it"), "{said}");
            }
            assert!(writer.join().unwrap().is_err());
        });
        let said = desk.append(vec![batch(3)])[0].as_ref().unwrap_err().to_string();
        assert_eq!(said, "the store can't be reached: it is closed");
    }

    #[test]
    fn callers_that_come_alone_and_together_are_all_answered_in_the_order_of_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(&folder);
        let mut first = batch(0);
        first.guards.clear();
        thread::scope(|scope| {
            let _closing = Closing(&desk);
            scope.spawn(|| desk.run());
            let callers: Vec<_> = (0..8_u128)
                .map(|caller| {
                    let (desk, first) = (&desk, &first);
                    scope.spawn(move || {
                        let mut seen = 0;
                        for turn in 0..50 {
                            let mut next = first.clone();
                            next.command.key = batch(1 + caller * 50 + turn).command.key;
                            let answers = desk.append(vec![next.clone(), next]);
                            let [Ok(fresh), Ok(again)] = &answers[..] else { panic!("{answers:?}") };
                            assert!(fresh.last.get() > seen && again.repeated && again.last == fresh.last);
                            seen = fresh.last.get();
                        }
                        seen
                    })
                })
                .collect();
            let last = callers.into_iter().map(|caller| caller.join().unwrap()).max();
            assert_eq!(last, Some(400), "no position is given twice, and none is left out");
        });
    }

    #[test]
    fn a_call_of_more_than_fits_into_a_transaction_is_answered_batch_for_batch() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(&folder);
        let many = |from: u128| {
            let mut many: Vec<_> = (from..from + 1_300).map(batch).collect();
            many.iter_mut().for_each(|batch| batch.guards.clear());
            many
        };
        thread::scope(|scope| {
            let _closing = Closing(&desk);
            scope.spawn(|| desk.run());
            until_quiet(&desk);
            let by_hand = desk.append(many(1));
            let queued = desk.queue.submit(many(2_000));
            let positions: Vec<u64> =
                by_hand.iter().chain(&queued).map(|answer| answer.as_ref().unwrap().first.get()).collect();
            assert_eq!(positions, (1..=2_600).collect::<Vec<_>>());
        });
    }

    #[test]
    fn nobody_waits_for_a_writer_that_is_gone() {
        let queue = Queue::default();
        thread::scope(|scope| {
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
