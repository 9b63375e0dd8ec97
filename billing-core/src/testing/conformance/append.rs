//! Cases: what an append keeps, and how it answers.

use super::checks::{append, chained, equal, head_at, holds, holds_lines, log};
use super::fixture::{account, batch, book, clock, exactly, exported, history, key, noted, one};
use super::{Case, Open, Outcome};
use crate::log::{Head, Line, Position, Version};
use crate::store::{AppendError, Expect};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "append.empty_book",
        proves: "a book that was never written has the empty head, no lines, and is not listed",
        run: empty_book,
    },
    Case {
        name: "append.positions_follow",
        proves: "positions are 1, 2, 3 … over batches and calls, and each answer says where its lines stand",
        run: positions_follow,
    },
    Case {
        name: "append.answers_in_order",
        proves: "each batch of a call gets its own answer, in the order in which they were given",
        run: answers_in_order,
    },
    Case {
        name: "append.all_or_nothing",
        proves: "a batch over several streams is kept whole or not at all, its neighbours apart",
        run: all_or_nothing,
    },
    Case {
        name: "append.versions_follow",
        proves: "versions count 1, 2, 3 … in each stream, also where streams alternate in a batch",
        run: versions_follow,
    },
    Case {
        name: "append.chain",
        proves: "the chain holds from genesis over the stored bytes, and its end is the head",
        run: chain,
    },
    Case {
        name: "append.bytes_as_sealed",
        proves: "lines come back byte for byte as they were sealed, beyond ASCII and at 200 KiB",
        run: bytes_as_sealed,
    },
    Case {
        name: "append.copies_agree",
        proves: "the position, stream and version beside a line are those in the line",
        run: copies_agree,
    },
    Case {
        name: "append.time_never_goes_back",
        proves: "recorded time stands still while the clock is set back",
        run: time_never_goes_back,
    },
];

fn empty_book(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    equal("the head", store.head(&book)?, Head::empty(book.clone()))?;
    equal("the version of a stream", store.version(&book, &account(1))?, Version::NONE)?;
    equal("the log", log(&*store, &book)?, vec![])?;
    equal("the books", store.books()?, vec![])?;
    equal("answers to no batch", store.append(vec![]), vec![])?;
    let refused = append(&*store, one(&book, 1, &account(1), exactly(3)));
    holds(refused.is_err(), || "a stream that holds nothing was taken to hold 3 events".to_owned())?;
    equal("the books after a refusal", store.books()?, vec![])?;
    append(&*store, one(&book, 2, &account(1), Expect::NoStream))?;
    equal("the books", store.books()?, vec![book])
}

fn positions_follow(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let mut batches = history(&book);
    let later = batches.split_off(2);
    let mut answers = store.append(batches);
    answers.extend(later.into_iter().flat_map(|batch| store.append(vec![batch])));
    let rows = log(&*store, &book)?;
    let mut last = Position::START;
    for answer in answers {
        let appended = answer?;
        equal("the first line of a batch", appended.first, last.next())?;
        last = appended.last;
        let at = rows.iter().find(|row| row.position == last).map(|row| head_at(&book, row));
        equal("the head behind a batch", Some(appended.head), at)?;
        equal("a first answer is repeated", appended.repeated, false)?;
    }
    let positions: Vec<u64> = rows.iter().map(|row| row.position.get()).collect();
    equal("the positions", positions, (1..=9).collect())?;
    equal("the last position", last.get(), 9)
}

fn answers_in_order(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let batches = vec![
        one(&book, 1, &account(1), Expect::NoStream),
        one(&book, 2, &account(2), exactly(5)),
        one(&book, 3, &account(3), Expect::NoStream),
        one(&book, 4, &account(3), Expect::NoStream),
        one(&book, 5, &account(3), exactly(1)),
    ];
    let answers = store.append(batches);
    let seen: Vec<_> =
        answers.into_iter().map(|answer| answer.map(|appended| appended.first.get())).collect();
    let conflict =
        |number, found: u64| AppendError::Conflict { stream: account(number), found: found.into() };
    equal("the answers", seen, vec![Ok(1), Err(conflict(2, 0)), Ok(2), Err(conflict(3, 1)), Ok(3)])?;
    holds_lines(&*store, &book, 3)
}

fn all_or_nothing(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let [a, b, c, d] = [1, 2, 3, 4].map(account);
    append(&*store, one(&book, 1, &b, Expect::NoStream))?;
    let guards = [(&a, Expect::NoStream), (&b, Expect::NoStream), (&c, Expect::NoStream)];
    let answers = store.append(vec![
        one(&book, 2, &d, Expect::NoStream),
        batch(&book, 3, &guards, &[&a, &b, &c]),
        one(&book, 4, &d, exactly(1)),
    ]);
    let kept: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    equal("which batches were kept", kept, vec![true, false, true])?;
    for (stream, version) in [(&a, 0), (&b, 1), (&c, 0), (&d, 2)] {
        equal("the version of a stream", store.version(&book, stream)?, Version::from(version))?;
    }
    holds_lines(&*store, &book, 3)?;
    let guards = [(&a, Expect::NoStream), (&b, exactly(1)), (&c, Expect::NoStream)];
    append(&*store, batch(&book, 5, &guards, &[&a, &b, &c]))?;
    holds_lines(&*store, &book, 6)
}

fn versions_follow(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let (a, b) = (account(1), account(2));
    let guards = [(&a, Expect::NoStream), (&b, Expect::NoStream)];
    let appended = append(&*store, batch(&book, 1, &guards, &[&a, &b, &a, &a, &b]))?;
    equal("the versions", appended.versions, [1, 1, 2, 3, 2].map(Version::from).to_vec())?;
    let appended = append(&*store, batch(&book, 2, &[(&a, exactly(3)), (&b, exactly(2))], &[&b, &a]))?;
    equal("the versions", appended.versions, [3, 4].map(Version::from).to_vec())?;
    let stored: Vec<_> =
        log(&*store, &book)?.iter().map(|row| (row.stream.clone(), row.version.get())).collect();
    let wanted = [(&a, 1), (&b, 1), (&a, 2), (&a, 3), (&b, 2), (&b, 3), (&a, 4)];
    equal("the log", stored, wanted.map(|(stream, version)| (stream.to_string(), version)).to_vec())?;
    equal("the version of a stream", store.version(&book, &a)?, Version::from(4))
}

fn chain(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let mut last = Head::empty(book.clone());
    for answer in store.append(history(&book)) {
        last = answer?.head;
    }
    equal("the head", store.head(&book)?, last.clone())?;
    equal("the end of the chain", chained(&book, &log(&*store, &book)?)?, last)
}

fn bytes_as_sealed(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let mut batches = history(&book);
    let long = "Straße ß 漢字 🦀\\\"".repeat(200 * 1024 / 28);
    let mut large = one(&book, 100, &account(9), Expect::NoStream);
    large.events = vec![noted(&account(9), &format!(r#"{{"note":"{long}"}}"#))];
    batches.push(large);
    for answer in store.append(batches.clone()) {
        answer?;
    }
    let stored = log(&*store, &book)?.into_iter().map(|row| String::from_utf8(row.line));
    let stored = stored.collect::<Result<Vec<_>, _>>()?;
    let sealed: Vec<String> = exported(&batches).into_iter().flat_map(|batch| batch.lines).collect();
    equal("how many lines", stored.len(), sealed.len())?;
    stored.into_iter().zip(sealed).try_for_each(|(stored, sealed)| equal("a line", stored, sealed))
}

fn copies_agree(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    for answer in store.append(history(&book)) {
        answer?;
    }
    for row in log(&*store, &book)? {
        let line = Line::parse(&row.line)?;
        let said = (line.position, line.stream.to_owned(), line.version);
        equal("what stands beside a line", (row.position, row.stream.clone(), row.version), said)?;
    }
    Ok(())
}

fn time_never_goes_back(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let times = ["09:00:00", "11:00:00", "10:00:00", "10:30:00", "11:00:01"];
    let wanted = ["09:00:00", "11:00:00", "11:00:00", "11:00:00", "11:00:01"].map(clock);
    let mut answered = Vec::new();
    for (number, time) in (0..).zip(times) {
        let mut batch = one(&book, number, &account(1), exactly(number));
        batch.command.now = clock(time);
        answered.push(append(&*store, batch)?.at);
        let record = store.command(&book, &key(number))?;
        equal("the time at which it was decided", record.map(|record| record.now), Some(clock(time)))?;
    }
    equal("the recorded times, as answered", answered, wanted.to_vec())?;
    let rows = log(&*store, &book)?;
    let stored =
        rows.iter().map(|row| Line::parse(&row.line).map(|line| line.at)).collect::<Result<Vec<_>, _>>()?;
    equal("the recorded times, as stored", stored, wanted.to_vec())
}
