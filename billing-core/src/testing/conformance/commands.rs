//! Cases: a command is recorded once, and answered the same for ever.

use super::checks::{append, equal, holds, holds_lines};
use super::fixture::{account, asked, book, book_named, clock, exactly, history, key, one, part};
use super::{Case, Open, Outcome};
use crate::store::{AppendBatch, AppendError, Appended, CommandRecord, Expect};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "commands.same_answer_again",
        proves: "a command sent again gets the answer that it got, and nothing is added",
        run: same_answer_again,
    },
    Case {
        name: "commands.twice_in_one_call",
        proves: "a command that stands twice in one call is kept once",
        run: twice_in_one_call,
    },
    Case {
        name: "commands.any_order_of_delivery",
        proves: "three commands delivered three times each, in every order, are each kept once",
        run: any_order_of_delivery,
    },
    Case {
        name: "commands.another_request",
        proves: "the same id with another request is refused, whatever its guards say",
        run: another_request,
    },
    Case {
        name: "commands.parts_of_a_run",
        proves: "the parts of a run are commands of their own",
        run: parts_of_a_run,
    },
    Case {
        name: "commands.record",
        proves: "the record of a command says what was asked, by whom, when, and where its lines stand",
        run: record,
    },
    Case {
        name: "commands.books_apart",
        proves: "books share nothing: the same ids in two books are two commands, streams and claims",
        run: books_apart,
    },
];

/// What a repetition of this answer must be.
fn repeated(appended: &Appended) -> Appended {
    Appended { repeated: true, ..appended.clone() }
}

fn same_answer_again(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let batches = history(&book);
    let answers = store.append(batches.clone()).into_iter().collect::<Result<Vec<_>, _>>()?;
    // Every guard is stale by now, and the clock has gone on.
    for (batch, answer) in batches.into_iter().zip(&answers) {
        for time in ["09:00:00", "23:00:00"] {
            let mut again = batch.clone();
            again.command.now = clock(time);
            equal("the answer to a repetition", append(&*store, again)?, repeated(answer))?;
        }
    }
    holds_lines(&*store, &book, 9)
}

fn twice_in_one_call(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let command = one(&book, 1, &account(1), Expect::NoStream);
    let answers = store.append(vec![command.clone(), command]).into_iter().collect::<Result<Vec<_>, _>>()?;
    let wanted = answers.first().map(|first| vec![first.clone(), repeated(first)]);
    equal("the answers", Some(answers), wanted)?;
    holds_lines(&*store, &book, 1)
}

/// Every order of three things that come three times each: 9! / (3! 3! 3!) = 1680.
fn orders() -> Vec<Vec<u64>> {
    let mut orders = vec![vec![]];
    for _ in 0..9 {
        let longer = |order: Vec<u64>| {
            let open = (1..=3).filter({
                let order = order.clone();
                move |number| order.iter().filter(|other| *other == number).count() < 3
            });
            open.map(move |number| [order.clone(), vec![number]].concat()).collect::<Vec<_>>()
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    orders
}

fn any_order_of_delivery(open: &Open<'_>) -> Outcome {
    let store = open();
    let orders = orders();
    equal("the orders", orders.len(), 1680)?;
    for (index, order) in orders.into_iter().enumerate() {
        let book = book_named(&format!("delivery/{index}"));
        let deliveries = order.iter().map(|number| one(&book, *number, &account(*number), Expect::NoStream));
        // One call each is slow on a disk, so only some orders are delivered that way.
        let answers: Vec<_> = match index % 42 {
            0 => deliveries.flat_map(|batch| store.append(vec![batch])).collect(),
            _ => store.append(deliveries.collect()),
        };
        equal("answers", answers.len(), 9)?;
        let mut first: [Option<Appended>; 4] = Default::default();
        for (number, answer) in order.into_iter().zip(answers) {
            let answer = answer?;
            let slot = first.get_mut(usize::try_from(number)?);
            match slot {
                Some(Some(first)) => equal("the answer to a repetition", answer, repeated(first))?,
                Some(slot) => {
                    equal("a first answer is repeated", answer.repeated, false)?;
                    *slot = Some(answer);
                }
                None => {}
            }
        }
        equal("lines", store.head(&book)?.position.get(), 3)?;
    }
    Ok(())
}

fn another_request(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    append(&*store, one(&book, 1, &account(1), Expect::NoStream))?;
    for guard in [Expect::NoStream, exactly(1)] {
        let mut other = one(&book, 1, &account(1), guard);
        other.command = asked(key(1), "something else");
        let answer = append(&*store, other);
        equal("the answer", answer, Err(AppendError::DuplicateOther { key: key(1) }))?;
    }
    holds_lines(&*store, &book, 1)
}

fn parts_of_a_run(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let of = |key, number| AppendBatch {
        command: asked(key, "run"),
        ..one(&book, 1, &account(number), Expect::NoStream)
    };
    let batches = vec![of(part(1, 1), 1), of(part(1, 2), 2), of(key(1), 3)];
    for answer in store.append(batches.clone()) {
        holds(!answer?.repeated, || "a part was taken for another part".to_owned())?;
    }
    for answer in store.append(batches) {
        holds(answer?.repeated, || "a part was not known again".to_owned())?;
    }
    for (key, position) in [(part(1, 1), 1), (part(1, 2), 2), (key(1), 3)] {
        let found = store.command(&book, &key)?.map(|record| (record.key, record.first.get()));
        equal("the record of a part", found, Some((key, position)))?;
    }
    equal("a part that nobody sent", store.command(&book, &part(1, 9))?, None)?;
    holds_lines(&*store, &book, 3)
}

fn record(open: &Open<'_>) -> Outcome {
    let (store, book) = (open(), book());
    let batches = history(&book);
    store.append(batches.clone()).into_iter().try_for_each(|answer| answer.map(drop))?;
    let lines: [(u64, u64); 6] = [(1, 2), (3, 3), (4, 4), (5, 5), (6, 8), (9, 9)];
    for (batch, (first, last)) in batches.into_iter().zip(lines) {
        let command = batch.command;
        let wanted = CommandRecord {
            key: command.key,
            request: Some(command.request),
            digest: command.digest,
            by: command.by,
            now: command.now,
            first: first.into(),
            last: last.into(),
        };
        equal("the record", store.command(&book, &command.key)?, Some(wanted))?;
    }
    equal("the record of an unknown command", store.command(&book, &key(99))?, None)
}

fn books_apart(open: &Open<'_>) -> Outcome {
    let store = open();
    let (first, second) = (book_named("books/one"), book_named("books/two"));
    let mixed =
        history(&first).into_iter().zip(history(&second)).flat_map(<[AppendBatch; 2]>::from).collect();
    for answer in store.append(mixed) {
        holds(!answer?.repeated, || "a command of one book was found in another".to_owned())?;
    }
    for book in [&first, &second] {
        holds_lines(&*store, book, 9)?;
        equal("the version of a stream", store.version(book, &account(1))?.get(), 3)?;
    }
    let hashes = (store.head(&first)?.hash, store.head(&second)?.hash);
    holds(hashes.0 != hashes.1, || "two books end with the same hash".to_owned())?;
    equal("the books", store.books()?, vec![first.clone(), second.clone()])?;
    append(&*store, one(&first, 50, &account(7), Expect::NoStream))?;
    equal("a stream of the other book", store.version(&second, &account(7))?.get(), 0)?;
    holds_lines(&*store, &first, 10)?;
    holds_lines(&*store, &second, 9)
}
