//! Verifying with several threads: lines are looked at by themselves in parallel, and judged in order.

use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::inspect::{self, Inspected};
use super::verify::{Verification, Verifier};
use crate::log::{Head, Origin, Position, Version};
use crate::store::{Store, StoreError, StoredRow};

/// Lines that are handed over at once.
const CHUNK: usize = 512;

/// Chunks that may wait for a thread, so that memory stays small however fast the store is read.
const WAITING: usize = 2;

/// [`verify`](super::verify()) with `workers` threads beside the calling one, which reads the store. Finds just
/// the same.
///
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn verify_parallel(
    store: &dyn Store,
    book: &Origin,
    pinned: &[Head],
    workers: usize,
) -> Result<Verification, StoreError> {
    let mut verifier = Verifier::of_store(store, book, pinned)?;
    thread::scope(|scope| {
        let mut chunks_to: Vec<SyncSender<Chunk>> = Vec::new();
        let mut looked_at_by: Vec<Receiver<Vec<Inspected>>> = Vec::new();
        for _ in 0..workers.max(1) {
            let (to_worker, chunks) = sync_channel::<Chunk>(WAITING);
            let (to_judge, looked_at) = sync_channel(WAITING);
            scope.spawn(move || {
                // Ends when there is no further chunk, or nobody waits for one.
                let _ = chunks.iter().try_for_each(|chunk| to_judge.send(chunk.inspect()));
            });
            chunks_to.push(to_worker);
            looked_at_by.push(looked_at);
        }
        let judge = scope.spawn(move || {
            // Chunks were dealt out in turn, so they are collected in turn.
            let in_turn = looked_at_by.iter().cycle().map_while(|looked_at| looked_at.recv().ok());
            in_turn.flatten().for_each(|line| verifier.take(line));
            verifier.finish()
        });
        let read = deal_out(store, book, chunks_to);
        let verification = judge.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.map(|()| verification)
    })
}

/// Reads the log and gives its chunks to the workers in turn, until one of them is gone.
fn deal_out(store: &dyn Store, book: &Origin, chunks_to: Vec<SyncSender<Chunk>>) -> Result<(), StoreError> {
    let mut turn = chunks_to.iter().cycle();
    let mut hand_over = |chunk: &mut Chunk| match turn.next().map(|to| to.send(std::mem::take(chunk))) {
        Some(Ok(())) => ControlFlow::Continue(()),
        Some(Err(_)) | None => ControlFlow::Break(()),
    };
    let mut chunk = Chunk::default();
    store.read_log(book, Position::START, &mut |row| {
        chunk.push(row);
        if chunk.rows.len() < CHUNK { ControlFlow::Continue(()) } else { hand_over(&mut chunk) }
    })?;
    if !chunk.rows.is_empty() {
        let _ = hand_over(&mut chunk);
    }
    Ok(())
}

/// Rows copied into one piece of memory.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    rows: Vec<Row>,
}

struct Row {
    position: Position,
    version: Version,
    stream: String,
    line: Range<usize>,
}

impl Chunk {
    fn push(&mut self, row: StoredRow<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(row.line);
        let (stream, line) = (row.stream.to_owned(), start..self.bytes.len());
        self.rows.push(Row { position: row.position, version: row.version, stream, line });
    }

    fn inspect(&self) -> Vec<Inspected> {
        self.rows.iter().map(|row| inspect::row(self.stored(row))).collect()
    }

    fn stored<'a>(&'a self, row: &'a Row) -> StoredRow<'a> {
        let Row { position, version, stream, line } = row;
        StoredRow { position: *position, stream, version: *version, line: &self.bytes[line.clone()] }
    }
}
