//! Cases: reading streams and the log.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use super::checks::{Row, SOON, append, equal, holds, log, log_after, stream_after};
use super::fixture::{account, batch, book, exactly, history, one};
use super::{Case, Open, Outcome};
use crate::log::{Origin, Position, Version};
use crate::store::{Expect, Store};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "reading.log_after_a_position",
        proves: "the log is read behind any position, in order and without gaps",
        run: log_after_a_position,
    },
    Case {
        name: "reading.stream_after_a_version",
        proves: "a stream is read behind any version, in order, and holds no line of another",
        run: stream_after_a_version,
    },
    Case { name: "reading.break_off", proves: "a visitor that breaks off sees nothing more", run: break_off },
    Case {
        name: "reading.long_log",
        proves: "a log and a stream of 3,000 lines are read whole, from anywhere",
        run: long_log,
    },
    Case {
        name: "reading.writers_go_on",
        proves: "a reader does not hold up writers, and sees the log as it was when it began",
        run: writers_go_on,
    },
];

fn filled(store: &dyn Store, book: &Origin) -> Outcome {
    store.append(history(book)).into_iter().try_for_each(|answer| Ok(answer.map(drop)?))
}

fn positions(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.position.get()).collect()
}

fn log_after_a_position(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    filled(&*store, &book)?;
    for after in 0..=9 {
        equal("the positions", positions(&log_after(&*store, &book, after)?), (after + 1..=9).collect())?;
    }
    for beyond in [10, u64::MAX] {
        equal("behind the end", log_after(&*store, &book, beyond)?, vec![])?;
    }
    Ok(())
}

fn stream_after_a_version(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    filled(&*store, &book)?;
    let whole = log(&*store, &book)?;
    let named = account(1).to_string();
    let wanted: Vec<Row> = whole.into_iter().filter(|row| row.stream == named).collect();
    equal("the events of the stream", wanted.len(), 3)?;
    for (after, skipped) in (0..).zip(0..=3) {
        let rest = wanted.iter().skip(skipped).cloned().collect();
        equal("the stream", stream_after(&*store, &book, &account(1), after)?, rest)?;
    }
    for beyond in [4, u64::MAX] {
        equal("behind the end", stream_after(&*store, &book, &account(1), beyond)?, vec![])?;
    }
    equal("a stream that holds nothing", stream_after(&*store, &book, &account(9), 0)?, vec![])
}

fn break_off(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    filled(&*store, &book)?;
    for most in 1..=3 {
        let mut seen = 0;
        store.read_log(&book, Position::START, &mut |_| breaking_off(&mut seen, most))?;
        equal("lines of the log seen", seen, most)?;
        seen = 0;
        store.read_stream(&book, &account(1), Version::NONE, &mut |_| breaking_off(&mut seen, most))?;
        equal("lines of the stream seen", seen, most)?;
    }
    Ok(())
}

/// Counts what it sees, and has seen enough with the last.
fn breaking_off(seen: &mut u32, most: u32) -> ControlFlow<()> {
    *seen += 1;
    if *seen == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn long_log(open: &Open<'_>) -> Outcome {
    let (store, book, long, other) = (open(), book(), account(1), account(2));
    let batches = (0..300).map(|number| {
        let guards = [(&long, exactly(number * 9)), (&other, exactly(number))];
        batch(
            &book,
            number,
            &guards,
            &[&long, &long, &long, &long, &other, &long, &long, &long, &long, &long],
        )
    });
    store.append(batches.collect()).into_iter().try_for_each(|answer| answer.map(drop))?;
    for after in [0, 1, 255, 256, 257, 1500, 2999] {
        equal("the positions", positions(&log_after(&*store, &book, after)?), (after + 1..=3000).collect())?;
    }
    for after in [0, 1, 255, 256, 257, 1500, 2699] {
        let rows = stream_after(&*store, &book, &long, after)?;
        let versions: Vec<u64> = rows.iter().map(|row| row.version.get()).collect();
        equal("the versions", versions, (after + 1..=2700).collect())?;
    }
    Ok(())
}

fn writers_go_on(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    filled(&*store, &book)?;
    let store = &*store;
    let (written, told) = mpsc::channel();
    let mut seen = Vec::new();
    thread::scope(|threads| -> Outcome {
        let mut writer = None;
        let mut gone_on = false;
        store.read_log(&book, Position::START, &mut |row| {
            seen.push(row.position.get());
            writer.get_or_insert_with(|| {
                let (written, batch) = (written.clone(), one(&book, 50, &account(5), Expect::NoStream));
                let writer = threads.spawn(move || written.send(append(store, batch)).is_ok());
                gone_on = told.recv_timeout(SOON).is_ok_and(|answer| answer.is_ok());
                writer
            });
            if gone_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        holds(gone_on, || "nobody could write while a reader was at its first line".to_owned())
    })?;
    // What came while it read may be seen or not, but never half or out of order.
    let wanted = (1..).take(seen.len()).collect();
    holds(seen.len() >= 9, || format!("the reader saw {} of 9 lines", seen.len()))?;
    equal("the positions seen", seen, wanted)?;
    equal("the log afterwards", log(store, &book)?.len(), 10)
}
