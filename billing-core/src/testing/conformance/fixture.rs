//! What the cases append: small batches that only say what the case is about.
//!
//! The words here are constants of the kit, so that a text which does not parse is a fault of the kit.

use std::collections::BTreeMap;

use crate::decision::Claim;
use crate::kernel::timestamp::Timestamp;
use crate::log::{CommandKey, Digest, NewEvent, Origin, StreamId, Tail, Version, seal};
use crate::store::{AppendBatch, Expect, NewCommand, RestoreBatch};

/// The book of a case that needs only one.
pub(super) fn book() -> Origin {
    book_named("conformance/book")
}

/// A book by its name.
pub(super) fn book_named(name: &str) -> Origin {
    name.parse().expect("the kit names books well")
}

/// A customer's account.
pub(super) fn account(number: u64) -> StreamId {
    format!("account/acc_{number:032x}").parse().expect("the kit names accounts well")
}

/// A number series.
pub(super) fn series() -> StreamId {
    "series/invoices".parse().expect("the kit names series well")
}

/// A command's key.
pub(super) fn key(number: u64) -> CommandKey {
    format!("cmd_{number:032x}").parse().expect("the kit names commands well")
}

/// One account's part of a run.
pub(super) fn part(run: u64, account: u64) -> CommandKey {
    format!("{}/acc_{account:032x}", key(run)).parse().expect("the kit names parts well")
}

/// A claim on a customer reference.
pub(super) fn claim(reference: &str) -> Claim {
    Claim { space: "account.reference", key: reference.parse().expect("the kit names references well") }
}

/// A time of the day on which the kit's commands are given.
pub(super) fn clock(time: &str) -> Timestamp {
    format!("2026-11-30T{time}.000Z").parse().expect("the kit writes times well")
}

/// An event with a payload.
pub(super) fn noted(stream: &StreamId, data: &str) -> NewEvent {
    let stream = stream.clone();
    NewEvent { stream, event_type: "conformance.noted", schema: 1, data: data.to_owned(), cause: None }
}

/// What is asked under a key, with the words of the request.
pub(super) fn asked(key: CommandKey, words: &str) -> NewCommand {
    let request = format!(r#"{{"command":"conformance.note","data":{{"words":"{words}"}}}}"#);
    NewCommand {
        key,
        digest: Digest::of(request.as_bytes()),
        request,
        by: "user:kit".parse().expect("the kit names actors well"),
        now: clock("09:00:00"),
    }
}

/// A command with guards, and an event on each of `streams`, in this order; later ones follow from the first.
pub(super) fn batch(
    book: &Origin,
    number: u64,
    guards: &[(&StreamId, Expect)],
    streams: &[&StreamId],
) -> AppendBatch {
    let event = |(index, stream): (usize, &&StreamId)| NewEvent {
        cause: (index > 0).then_some(0),
        ..noted(stream, &format!(r#"{{"command":{number},"event":{index}}}"#))
    };
    AppendBatch {
        book: book.clone(),
        command: asked(key(number), &number.to_string()),
        guards: guards.iter().map(|(stream, expect)| ((*stream).clone(), *expect)).collect(),
        claims: Vec::new(),
        events: streams.iter().enumerate().map(event).collect(),
    }
}

/// A command that records one event on a stream.
pub(super) fn one(book: &Origin, number: u64, stream: &StreamId, expect: Expect) -> AppendBatch {
    batch(book, number, &[(stream, expect)], &[stream])
}

/// A stream that holds so many events.
pub(super) fn exactly(version: u64) -> Expect {
    Expect::Exactly(version.into())
}

/// A small history that has a bit of everything: several streams, a series, claims, a part of a run, and words
/// beyond ASCII. Nine lines.
pub(super) fn history(book: &Origin) -> Vec<AppendBatch> {
    let (ann, bob, invoices) = (account(1), account(2), series());
    let mut opened = batch(book, 1, &[(&StreamId::Book, Expect::NoStream)], &[&StreamId::Book]);
    opened.events.push(noted(&StreamId::Book, r#"{"seller":"Müller 🦀 & Søn"}"#));
    let mut first = batch(book, 2, &[(&ann, Expect::NoStream)], &[&ann]);
    first.claims.push((claim("K-1"), ann.clone()));
    let mut second = batch(book, 3, &[(&bob, Expect::NoStream)], &[&bob]);
    second.claims.push((claim("K-2"), bob.clone()));
    let numbers = one(book, 4, &invoices, Expect::NoStream);
    let guards = [(&ann, exactly(1)), (&invoices, Expect::Next), (&bob, exactly(1))];
    let mut billed = batch(book, 5, &guards, &[&ann, &invoices, &ann]);
    billed.command = asked(part(5, 1), "billed");
    billed.command.now = clock("17:30:00");
    vec![opened, first, second, numbers, billed, one(book, 6, &bob, exactly(1))]
}

/// What a log of these batches is exported as; they are taken to be accepted all, into an empty book.
pub(super) fn exported(batches: &[AppendBatch]) -> Vec<RestoreBatch> {
    let Some(first) = batches.first() else { return Vec::new() };
    let mut tail = Tail::empty(first.book.clone());
    let mut versions = BTreeMap::new();
    let export = |batch: &AppendBatch| {
        let sealed = seal(&mut tail, &batch.command.stamp(), &batch.events, |stream| {
            let version = versions.entry(stream.clone()).or_insert(Version::NONE);
            *version = version.next();
            *version
        });
        RestoreBatch {
            key: batch.command.key,
            request: Some(batch.command.request.clone()),
            digest: batch.command.digest,
            by: batch.command.by.clone(),
            at: tail.at,
            claims: batch.claims.clone(),
            lines: sealed.into_iter().map(|line| line.line).collect(),
        }
    };
    batches.iter().map(export).collect()
}
