//! What the tests of this crate share: small batches, and a walk over a log that checks it.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::ops::ControlFlow;

use billing_core::kernel::timestamp::Timestamp;
use billing_core::log::{CommandKey, chain::Broken};
use billing_core::log::{Digest, Head, Link, NewEvent, Origin, Position, StreamId, Version};
use billing_core::store::{AppendBatch, Expect, NewCommand, Store, StoreError};
use uuid::Uuid;

pub(crate) fn book() -> Origin {
    "acme.example/book".parse().unwrap()
}

pub(crate) fn account(number: u128) -> StreamId {
    StreamId::Account(billing_core::kernel::ids::AccountId::from_uuid(Uuid::from_u128(number)))
}

pub(crate) fn series() -> StreamId {
    "series/invoices".parse().unwrap()
}

pub(crate) fn key(number: u128) -> CommandKey {
    billing_core::kernel::ids::CommandId::from_uuid(Uuid::from_u128(number)).into()
}

/// A command that records one event on each of some streams.
pub(crate) fn batch(number: u128, streams: &[(StreamId, Expect)]) -> AppendBatch {
    let request = format!(r#"{{"command":"test.count","data":{{"number":"{number}"}}}}"#);
    let event = |stream: &StreamId| NewEvent {
        stream: stream.clone(),
        event_type: "test.counted",
        schema: 1,
        data: format!(r#"{{"number":"{number}"}}"#),
        cause: None,
    };
    AppendBatch {
        book: book(),
        command: NewCommand {
            key: key(number),
            digest: Digest::of(request.as_bytes()),
            request,
            by: "user:ann".parse().unwrap(),
            now: Timestamp::from_millis(1_790_000_000_000).unwrap(),
        },
        guards: streams.to_vec(),
        claims: Vec::new(),
        events: streams.iter().map(|(stream, _)| event(stream)).collect(),
    }
}

/// Appends one batch to a stream that holds `version` events.
pub(crate) fn count_on(
    store: &dyn Store,
    number: u128,
    stream: StreamId,
    version: u64,
) -> Result<billing_core::store::Appended, billing_core::store::AppendError> {
    let expect = Expect::Exactly(Version::from(version));
    store.append(vec![batch(number, &[(stream, expect)])]).remove(0)
}

/// What a walk over the whole log finds.
#[derive(Debug)]
pub(crate) enum Found {
    /// A line does not follow from the one before.
    Broken(Broken),
    /// What the store keeps beside a line is not what the line says.
    Copy(Position),
    /// The store could not read on.
    Failed(StoreError),
}

/// Walks the log from its beginning and checks the chain; gives the head of the last line.
pub(crate) fn verify(store: &dyn Store, book: &Origin) -> Result<Head, Found> {
    let mut link = Link::after(Head::empty(book.clone()));
    let mut found = None;
    let walked = store.read_log(book, Position::START, &mut |row| match link.accept(row.line) {
        Ok(line) if (line.position, line.stream, line.version) != (row.position, row.stream, row.version) => {
            found = Some(Found::Copy(row.position));
            ControlFlow::Break(())
        }
        Ok(_) => ControlFlow::Continue(()),
        Err(error) => {
            found = Some(Found::Broken(error));
            ControlFlow::Break(())
        }
    });
    walked.map_err(Found::Failed)?;
    found.map_or_else(|| Ok(link.head().clone()), Err)
}
