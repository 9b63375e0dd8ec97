//! Cases: many writers and readers at once.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use super::checks::{SOON, append, equal, holds, holds_lines, stream_after};
use super::fixture::{account, book, exactly, noted, one, series};
use super::{Case, Failure, Open, Outcome, panicked};
use crate::log::{Head, Line, Link, Position};
use crate::store::{AppendError, Expect, Store};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "threads.no_lost_update",
        proves: "64 threads that read a version, add one and write it 50 times each lose no update",
        run: no_lost_update,
    },
    Case {
        name: "threads.one_series",
        proves: "64 threads take numbers of one series at once: no gap, nothing twice, and nobody is refused",
        run: one_series,
    },
    Case {
        name: "threads.followers_skip_nothing",
        proves: "a reader that pages by position while 8 writers write sees every line once and in order",
        run: followers_skip_nothing,
    },
    Case {
        name: "threads.wait_until_there",
        proves: "one who waits for a position is told as soon as it is there",
        run: wait_until_there,
    },
    Case {
        name: "threads.wait_until_over",
        proves: "one who waits for a position that does not come gets the head when the time is over",
        run: wait_until_over,
    },
];

const THREADS: u64 = 64;

/// How often a writer that keeps losing decides again before the case gives up.
const TRIES: u32 = 50_000;

fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

/// Runs a job on each of so many threads, numbered from 0, and collects what they give.
fn on_threads<T: Send>(
    threads: u64,
    job: impl Fn(u64) -> Result<T, Failure> + Send + Sync,
) -> Result<Vec<T>, Failure> {
    thread::scope(|scope| {
        let job = &job;
        let running: Vec<_> = (0..threads).map(|number| scope.spawn(move || job(number))).collect();
        running.into_iter().map(joined).collect()
    })
}

fn no_lost_update(open: &Open<'_>) -> Outcome {
    let (store, book, counter) = (open(), book(), account(1));
    let increments = 50;
    on_threads(THREADS, |thread| {
        (0..increments).try_for_each(|count| {
            for _ in 0..TRIES {
                let version = store.version(&book, &counter)?;
                let mut batch = one(&book, thread * increments + count, &counter, Expect::Exactly(version));
                batch.events = vec![noted(&counter, &format!(r#"{{"count":{}}}"#, version.next()))];
                match append(&*store, batch) {
                    Ok(_) => return Ok(()),
                    // Some come back sooner than others, or most of the time would go into losing.
                    Err(AppendError::Conflict { .. }) => thread::sleep(Duration::from_micros(thread * 100)),
                    Err(other) => return Err(other.into()),
                }
            }
            Err(Failure(format!("an update was refused {TRIES} times")))
        })
    })?;
    let rows = stream_after(&*store, &book, &counter, 0)?;
    for row in &rows {
        let line = Line::parse(&row.line)?;
        equal("what the update counted", line.data, &format!(r#"{{"count":{}}}"#, row.version))?;
    }
    holds_lines(&*store, &book, THREADS * increments)
}

fn one_series(open: &Open<'_>) -> Outcome {
    let (store, book, invoices) = (open(), book(), series());
    append(&*store, one(&book, 0, &invoices, Expect::NoStream))?;
    let each = 25;
    let given = on_threads(THREADS, |thread| {
        let taken = (1..=each).map(|count| {
            let batch = one(&book, thread * each + count, &invoices, Expect::Next);
            Ok(append(&*store, batch)?.versions)
        });
        taken.collect::<Result<Vec<_>, Failure>>()
    })?;
    let mut numbers: Vec<u64> = given.concat().concat().into_iter().map(|version| version.get()).collect();
    holds(given.iter().all(|own| own.is_sorted()), || {
        "a later number was given to an earlier caller".to_owned()
    })?;
    numbers.sort_unstable();
    equal("the versions given", numbers, (2..=THREADS * each + 1).collect())?;
    holds_lines(&*store, &book, THREADS * each + 1)
}

fn followers_skip_nothing(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (writers, each) = (8, 200);
    let all = writers * each;
    thread::scope(|scope| {
        let followers: Vec<_> = (0..2).map(|_| scope.spawn(|| follow(&*store, all))).collect();
        on_threads(writers, |writer| {
            (0..each).try_for_each(|count| {
                let batch = one(&book, writer * each + count, &account(writer), exactly(count));
                append(&*store, batch)?;
                // Now and then the readers get the time to come near, or they would read a finished log.
                if count % 10 == 0 {
                    thread::sleep(Duration::from_millis(1));
                }
                Ok(())
            })
        })?;
        followers.into_iter().try_for_each(joined)
    })?;
    holds_lines(&*store, &book, all)
}

/// Pages through the log as it grows, until it has seen so many lines.
fn follow(store: &dyn Store, lines: u64) -> Outcome {
    let book = book();
    let mut link = Link::after(Head::empty(book.clone()));
    while link.head().position.get() < lines {
        let seen = link.head().position;
        let reached = store.wait_for(&book, seen.next(), SOON)?;
        holds(reached.position > seen, || format!("nothing came behind position {seen}"))?;
        let mut followed = Ok(());
        let mut page = 50;
        store.read_log(&book, seen, &mut |row| {
            followed = link.accept(row.line).map(drop);
            page -= 1;
            if followed.is_err() || page == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        followed?;
        let read = link.head().position;
        holds(page == 0 || read >= reached.position, || {
            format!("the book had come to {}, its reader only to {read}", reached.position)
        })?;
    }
    Ok(())
}

fn wait_until_there(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (store, stream) = (&*store, account(1));
    append(store, one(&book, 0, &stream, Expect::NoStream))?;
    equal("a wait for what is there", store.wait_for(&book, Position::from(1), SOON)?, store.head(&book)?)?;
    let (there, told) = mpsc::channel();
    thread::scope(|scope| -> Outcome {
        let waiting = book.clone();
        // Waits twice as long as the case does: who sleeps the whole time comes too late.
        scope.spawn(move || there.send(store.wait_for(&waiting, Position::from(3), SOON * 2)));
        let early = told.recv_timeout(Duration::from_millis(50));
        holds(early.is_err(), || "the wait ended before anything came".to_owned())?;
        append(store, one(&book, 1, &stream, exactly(1)))?;
        let early = told.recv_timeout(Duration::from_millis(50));
        holds(early.is_err(), || "the wait ended one line too early".to_owned())?;
        append(store, one(&book, 2, &stream, exactly(2)))?;
        let head = told
            .recv_timeout(SOON)
            .map_err(|_| Failure("the wait went on after the line came".to_owned()))?;
        equal("the head given", head?, store.head(&book)?)
    })
}

fn wait_until_over(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let store = &*store;
    let short = Duration::from_millis(30);
    equal(
        "the head of an empty book",
        store.wait_for(&book, Position::from(1), short)?,
        Head::empty(book.clone()),
    )?;
    append(store, one(&book, 0, &account(1), Expect::NoStream))?;
    for at_most in [Duration::ZERO, short] {
        equal("the head given", store.wait_for(&book, Position::from(2), at_most)?, store.head(&book)?)?;
    }
    Ok(())
}
