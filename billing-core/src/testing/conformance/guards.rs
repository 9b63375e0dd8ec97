//! Cases: what must still be true of a stream when a batch is kept.

use super::checks::{append, equal, holds_lines};
use super::fixture::{account, batch, book, exactly, key, one, series};
use super::{Case, Open, Outcome};
use crate::log::{Origin, StreamId, Version};
use crate::store::{AppendBatch, AppendError, Expect, Store};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "guards.no_stream",
        proves: "a stream that must not exist, and does, is a conflict",
        run: no_stream,
    },
    Case {
        name: "guards.exactly",
        proves: "a version that is too low or too high is a conflict that names the version found",
        run: exactly_this_many,
    },
    Case {
        name: "guards.two_stale_writers",
        proves: "of two writers that read the same version exactly one wins, in one call and in two",
        run: two_stale_writers,
    },
    Case {
        name: "guards.unwritten_stream",
        proves: "a guard counts also on a stream that the batch does not write",
        run: unwritten_stream,
    },
    Case {
        name: "guards.next",
        proves: "a series is counted on without gaps by the writer, and one that was not opened is refused",
        run: next,
    },
    Case {
        name: "guards.conflict_leaves_nothing",
        proves: "a refused batch leaves no line, no version and no command, and may be decided again",
        run: conflict_leaves_nothing,
    },
];

/// The batch is refused, for the stream is at this version.
fn refused(store: &dyn Store, batch: AppendBatch, stream: &StreamId, found: u64) -> Outcome {
    let conflict = AppendError::Conflict { stream: stream.clone(), found: found.into() };
    equal("the answer to a batch whose guard does not hold", append(store, batch), Err(conflict))
}

/// Two events on account 1.
fn opened(store: &dyn Store, book: &Origin) -> Outcome {
    let stream = account(1);
    append(store, batch(book, 1, &[(&stream, Expect::NoStream)], &[&stream, &stream]))?;
    Ok(())
}

fn no_stream(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    opened(&*store, &book)?;
    refused(&*store, one(&book, 2, &account(1), Expect::NoStream), &account(1), 2)?;
    append(&*store, one(&book, 3, &account(2), Expect::NoStream))?;
    holds_lines(&*store, &book, 3)
}

fn exactly_this_many(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    opened(&*store, &book)?;
    for wrong in [0, 1, 3, u64::MAX] {
        refused(&*store, one(&book, 2, &account(1), exactly(wrong)), &account(1), 2)?;
    }
    refused(&*store, one(&book, 2, &account(2), exactly(1)), &account(2), 0)?;
    append(&*store, one(&book, 2, &account(1), exactly(2)))?;
    append(&*store, one(&book, 3, &account(2), exactly(0)))?;
    holds_lines(&*store, &book, 4)
}

fn two_stale_writers(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    opened(&*store, &book)?;
    append(&*store, one(&book, 2, &account(1), exactly(2)))?;
    refused(&*store, one(&book, 3, &account(1), exactly(2)), &account(1), 3)?;
    let both = [4, 5].map(|number| one(&book, number, &account(1), exactly(3)));
    let won: Vec<bool> = store.append(both.to_vec()).iter().map(Result::is_ok).collect();
    equal("who of two in one call won", won, vec![true, false])?;
    holds_lines(&*store, &book, 4)
}

fn unwritten_stream(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    opened(&*store, &book)?;
    let (read, written) = (account(1), account(2));
    let new = (&written, Expect::NoStream);
    let stale = batch(&book, 2, &[new, (&read, exactly(1))], &[&written]);
    refused(&*store, stale, &read, 2)?;
    let absent = batch(&book, 2, &[new, (&read, Expect::NoStream)], &[&written]);
    refused(&*store, absent, &read, 2)?;
    append(&*store, batch(&book, 2, &[new, (&read, exactly(2))], &[&written]))?;
    equal("the version of the stream that was only read", store.version(&book, &read)?, Version::from(2))?;
    holds_lines(&*store, &book, 3)
}

fn next(open: &Open<'_>) -> Outcome {
    let (store, book, invoices) = (open(), book(), series());
    refused(&*store, one(&book, 1, &invoices, Expect::Next), &invoices, 0)?;
    append(&*store, one(&book, 2, &invoices, Expect::NoStream))?;
    let mut numbers = Vec::new();
    for answer in store.append((3..6).map(|number| one(&book, number, &invoices, Expect::Next)).collect()) {
        numbers.extend(answer?.versions);
    }
    // A batch that is refused for another reason takes no number.
    let failing = batch(&book, 6, &[(&invoices, Expect::Next), (&account(1), exactly(9))], &[&invoices]);
    refused(&*store, failing, &account(1), 0)?;
    let twice = batch(&book, 7, &[(&invoices, Expect::Next)], &[&invoices, &invoices]);
    numbers.extend(append(&*store, twice)?.versions);
    equal("the versions given", numbers, [2, 3, 4, 5, 6].map(Version::from).to_vec())
}

fn conflict_leaves_nothing(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    opened(&*store, &book)?;
    let before = store.head(&book)?;
    refused(&*store, one(&book, 2, &account(1), exactly(1)), &account(1), 2)?;
    equal("the head", store.head(&book)?, before)?;
    equal("the record of a refused command", store.command(&book, &key(2))?, None)?;
    let again = append(&*store, one(&book, 2, &account(1), exactly(2)))?;
    equal(
        "decided again under the same id, where it stands and whether it is a repetition",
        (again.first.get(), again.repeated),
        (3, false),
    )?;
    holds_lines(&*store, &book, 3)
}
