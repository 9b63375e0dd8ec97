//! A small batch for tests.

use billing_core::log::{Digest, NewEvent, Origin, StreamId};
use billing_core::store::{AppendBatch, Expect, NewCommand};

/// A book.
pub(crate) fn book() -> Origin {
    "acme.example/main".parse().unwrap()
}

/// A command that notes one event on the catalogue, which holds `version` events.
pub(crate) fn note(version: u64) -> AppendBatch {
    let request = format!(r#"{{"command":"test.note","data":{{"n":{version}}}}}"#);
    AppendBatch {
        book: book(),
        command: NewCommand {
            key: format!("cmd_{version:032x}").parse().unwrap(),
            digest: Digest::of(request.as_bytes()),
            request,
            by: "user:ann".parse().unwrap(),
            now: "2026-11-30T09:00:00.000Z".parse().unwrap(),
        },
        guards: vec![(StreamId::Catalogue, Expect::Exactly(version.into()))],
        claims: vec![],
        events: vec![NewEvent {
            stream: StreamId::Catalogue,
            event_type: "test.noted",
            schema: 1,
            data: "{}".to_owned(),
            cause: None,
        }],
    }
}
