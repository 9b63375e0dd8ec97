//! Cases: an exported log is put back word for word, or not at all.

use super::checks::{append, equal, holds, holds_lines, log, stream_after};
use super::fixture::{
    account, asked, batch, book, book_named, claim, clock, exactly, exported, history, key, noted, one, part,
    series,
};
use super::{Case, Failure, Open, Outcome};
use crate::log::chain::Broken;
use crate::log::{Head, LineError, Origin, Position, StreamId, Version};
use crate::store::{CommandRecord, Expect, RestoreBatch, RestoreError, Store};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "restore.word_for_word",
        proves: "a restored book has the same lines, head, versions, claims and commands as the first one",
        run: word_for_word,
    },
    Case {
        name: "restore.goes_on",
        proves: "a restored book goes on where it ended, and knows its commands and claims again",
        run: goes_on,
    },
    Case {
        name: "restore.not_empty",
        proves: "a log is not restored into a book that holds lines",
        run: not_empty,
    },
    Case {
        name: "restore.broken_chain",
        proves: "a log that was changed, cut inside, put in another order or taken from another book is refused",
        run: broken_chain,
    },
    Case {
        name: "restore.versions_follow",
        proves: "a well chained log whose versions have a gap is refused",
        run: versions_follow,
    },
    Case {
        name: "restore.doubled_claim",
        proves: "a log in which two streams claim the same is refused",
        run: doubled_claim,
    },
    Case {
        name: "restore.doubled_command",
        proves: "a log in which one command is recorded twice is refused",
        run: doubled_command,
    },
    Case {
        name: "restore.leaves_nothing",
        proves: "a refused log leaves nothing behind, and a good one can be restored after it",
        run: leaves_nothing,
    },
];

fn restore(store: &dyn Store, book: &Origin, log: &[RestoreBatch]) -> Result<Head, RestoreError> {
    store.restore(book, &mut log.iter().cloned())
}

fn word_for_word(open: &Open<'_>) -> Outcome {
    let (first, second, book) = (open(), open(), book());
    let batches = history(&book);
    first.append(batches.clone()).into_iter().try_for_each(|answer| answer.map(drop))?;
    let exported = exported(&batches);
    equal("the head given", restore(&*second, &book, &exported)?, first.head(&book)?)?;
    equal("the head", second.head(&book)?, first.head(&book)?)?;
    equal("the log", log(&*second, &book)?, log(&*first, &book)?)?;
    equal("the books", second.books()?, vec![book.clone()])?;
    for stream in [account(1), account(2), series(), StreamId::Book, StreamId::Catalogue] {
        equal("the version of a stream", second.version(&book, &stream)?, first.version(&book, &stream)?)?;
        let streams = [&first, &second].map(|store| stream_after(&**store, &book, &stream, 0));
        let [wanted, found] = streams;
        equal("a stream", found?, wanted?)?;
    }
    for reference in ["K-1", "K-2", "K-3"] {
        let holders = [&first, &second].map(|store| store.claimed_by(&book, &claim(reference)));
        let [wanted, found] = holders;
        equal("the holder of a claim", found?, wanted?)?;
    }
    for batch in exported {
        // In a restored book `now` is the recorded time, for the lines say no other.
        let recorded = first.command(&book, &batch.key)?;
        let wanted = recorded.map(|record| CommandRecord { now: batch.at, ..record });
        equal("the record of a command", second.command(&book, &batch.key)?, wanted)?;
    }
    Ok(())
}

fn goes_on(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let batches = history(&book);
    let mut lines_only = exported(&batches);
    lines_only.iter_mut().for_each(|batch| batch.request = None);
    restore(&*store, &book, &lines_only)?;
    for batch in batches {
        let key = batch.command.key;
        let answer = append(&*store, batch.clone())?;
        equal("a restored command is known again", answer.repeated, true)?;
        equal("what was asked", store.command(&book, &key)?.map(|record| record.request), Some(None))?;
    }
    holds_lines(&*store, &book, 9)?;
    let mut taken = one(&book, 20, &account(9), Expect::NoStream);
    taken.claims = vec![(claim("K-1"), account(9))];
    holds(append(&*store, taken).is_err(), || "a restored claim was not kept".to_owned())?;
    let stale = append(&*store, one(&book, 21, &account(1), exactly(1)));
    holds(stale.is_err(), || "a restored stream has lost its version".to_owned())?;
    let mut next =
        batch(&book, 22, &[(&account(1), exactly(3)), (&series(), Expect::Next)], &[&account(1), &series()]);
    next.command.now = clock("10:00:00");
    let appended = append(&*store, next)?;
    equal("the versions given", appended.versions, [4, 3].map(Version::from).to_vec())?;
    equal("the recorded time", appended.at, clock("17:30:00"))?;
    holds_lines(&*store, &book, 11)
}

fn not_empty(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    append(&*store, one(&book, 90, &account(9), Expect::NoStream))?;
    let answer = restore(&*store, &book, &exported(&history(&book)));
    equal("the answer", answer, Err(RestoreError::NotEmpty(Position::from(1))))?;
    holds_lines(&*store, &book, 1)?;
    equal("a stream of the refused log", store.version(&book, &account(1))?, Version::NONE)
}

fn broken_chain(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let good = exported(&history(&book));
    let mut changed = good.clone();
    change_line(&mut changed, 2, |line| line.replace("\"event\":0", "\"event\":7"))?;
    let mut unreadable = good.clone();
    change_line(&mut unreadable, 2, |line| line.replace("\"version\":1", "\"version\":01"))?;
    let mut without_a_line = good.clone();
    if let Some(first) = without_a_line.first_mut() {
        first.lines.pop();
    }
    let mut without_a_batch = good.clone();
    without_a_batch.remove(3);
    let mut swapped = good.clone();
    swapped.swap(1, 2);
    let other = exported(&history(&book_named("conformance/other")));
    let broken: [(&str, &[RestoreBatch], Broken); 6] = [
        ("changed", &changed, Broken::Prev { at: 5.into() }),
        ("unreadable", &unreadable, Broken::Unreadable { at: 4.into(), why: LineError::Field("version") }),
        ("without a line", &without_a_line, Broken::Gap { expected: 2.into(), found: 3.into() }),
        ("without a batch", &without_a_batch, Broken::Gap { expected: 5.into(), found: 6.into() }),
        ("in another order", &swapped, Broken::Gap { expected: 3.into(), found: 4.into() }),
        ("of another book", &other, Broken::Prev { at: 1.into() }),
    ];
    for (what, log, why) in broken {
        let answer = restore(&*store, &book, log);
        equal(&format!("the answer to a log {what}"), answer, Err(RestoreError::Broken(why)))?;
    }
    Ok(())
}

/// Changes the first line of the batch with this index; something must change.
fn change_line(log: &mut [RestoreBatch], index: usize, change: impl Fn(&str) -> String) -> Outcome {
    let line = log.get_mut(index).and_then(|batch| batch.lines.first_mut());
    let line = line.ok_or_else(|| Failure("the kit's history is too short".to_owned()))?;
    let changed = change(line);
    holds(changed != *line, || "the kit's change changes nothing".to_owned())?;
    *line = changed;
    Ok(())
}

fn versions_follow(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (opened, other) = (one(&book, 1, &account(1), Expect::NoStream), account(2));
    // Sealed as if the first event of account 2 had been written between the two.
    let mut missing = one(&book, 2, &other, Expect::NoStream);
    missing.events = vec![noted(&other, "{}"), noted(&other, "{}")];
    let whole = exported(&[opened.clone(), missing.clone()]);
    let mut gap = exported(&[opened]);
    let mut second = whole.get(1).cloned().ok_or_else(|| Failure("the kit's log is too short".to_owned()))?;
    // One line, chained well, that says version 2 of a stream without a version 1.
    second.lines.truncate(1);
    if let Some(line) = second.lines.first_mut() {
        *line = line.replace("\"version\":1", "\"version\":2");
    }
    gap.push(second);
    let answer = restore(&*store, &book, &gap);
    holds(answer.is_err(), || "a version that nothing came before was accepted".to_owned())?;
    holds_lines(&*store, &book, 0)
}

fn doubled_claim(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let mut log = exported(&history(&book));
    if let Some(last) = log.last_mut() {
        last.claims = vec![(claim("K-1"), account(2))];
    }
    equal("the answer", restore(&*store, &book, &log), Err(RestoreError::Claimed(claim("K-1"))))?;
    // Claimed again by its holder, it is fine.
    if let Some(last) = log.last_mut() {
        last.claims = vec![(claim("K-2"), account(2))];
    }
    restore(&*store, &book, &log)?;
    equal("the holder", store.claimed_by(&book, &claim("K-2"))?, Some(account(2)))
}

fn doubled_command(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let again = one(&book, 1, &account(1), exactly(1));
    let log = exported(&[one(&book, 1, &account(1), Expect::NoStream), again]);
    let answer = restore(&*store, &book, &log);
    holds(answer.is_err(), || "a command was recorded twice".to_owned())?;
    let mut parts = [1, 2].map(|number| one(&book, 1, &account(number), Expect::NoStream));
    for (number, batch) in (1..).zip(&mut parts) {
        batch.command = asked(part(1, number), "run");
    }
    restore(&*store, &book, &exported(&parts))?;
    holds_lines(&*store, &book, 2)
}

fn leaves_nothing(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let good = exported(&history(&book));
    let mut changed = good.clone();
    change_line(&mut changed, 4, |line| line.replace("\"event\":0", "\"event\":7"))?;
    let mut claimed = good.clone();
    if let Some(last) = claimed.last_mut() {
        last.claims = vec![(claim("K-1"), account(2))];
    }
    for bad in [changed, claimed] {
        holds(restore(&*store, &book, &bad).is_err(), || "a bad log was restored".to_owned())?;
        equal("the head", store.head(&book)?, Head::empty(book.clone()))?;
        equal("the log", log(&*store, &book)?, vec![])?;
        equal("the books", store.books()?, vec![])?;
        equal("the version of a stream", store.version(&book, &account(1))?, Version::NONE)?;
        equal("the record of a command", store.command(&book, &key(2))?, None)?;
        equal("the holder of a claim", store.claimed_by(&book, &claim("K-1"))?, None)?;
    }
    restore(&*store, &book, &good)?;
    holds_lines(&*store, &book, 9)
}
