//! The whole brain without I/O: a command and pages go in, everything that is to be recorded comes out.
//!
//! A page is moved into the plan and out of it again, brought up to date on the way; it is never copied.
//! Whoever can't append what was planned throws the pages away and reads them again.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::book::{Books, Event, OfBook, Rejection};
use crate::decision::{Claim, Command, Context, Department, Fact, Missing, Stop};
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, CommandKey, Digest, NewEvent, Origin, StreamId};
use crate::numbering;
use crate::policies::{Happened, POLICIES};
use crate::store::{AppendBatch, Expect, NewCommand};

/// Payloads above this are refused: an event is a fact, not a file.
pub const PAYLOAD_LIMIT: usize = 256 * 1024;

/// Policies follow from each other at most this deep; ours stay far below.
const DEEPEST: usize = 24;

/// One fact that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedEvent {
    /// The stream it is for.
    pub stream: StreamId,
    /// The fact.
    pub event: Event,
    /// Index of the fact that it follows from.
    pub cause: Option<usize>,
}

/// Everything that a command comes to.
#[derive(Debug)]
pub struct Planned {
    /// The facts, in log order; none if there is nothing to do.
    pub events: Vec<PlannedEvent>,
    /// What must still be true when they are appended.
    pub guards: Vec<(StreamId, Expect)>,
    /// What they take for their streams alone.
    pub claims: Vec<(Claim, StreamId)>,
    /// The pages as they are once it is appended.
    pub books: Books,
}

/// Why nothing was planned; the pages come back as they were.
#[derive(Debug)]
pub struct Unplanned {
    /// The reason.
    pub stop: Stop<Rejection>,
    /// The pages.
    pub books: Books,
}

/// Decides a command, lets the policies follow, and lists what is to be recorded.
pub fn plan<C: Command>(command: &C, books: Books, ctx: &Context<'_>) -> Result<Planned, Box<Unplanned>>
where
    Event: From<<C::Department as Department>::Event>,
    Rejection: From<<C::Department as Department>::Rejection>,
{
    let facts = match command.decide(&books, ctx) {
        Ok(facts) => facts,
        Err(stop) => return Err(Box::new(Unplanned { stop: stop.map(Rejection::from), books })),
    };
    // Policies read the settings, so that they must be in hand before the first fact; only the fact that opens
    // the book brings them itself.
    let opens_book = facts.iter().any(|fact| fact.stream == StreamId::Book);
    if !facts.is_empty() && !opens_book {
        let missing = books.settings().err();
        if let Some(missing) = missing {
            return Err(Box::new(Unplanned { stop: stop_of(missing), books }));
        }
    }
    let mut desk =
        Desk { events: Vec::with_capacity(facts.len() + 2), guards: Vec::new(), claims: Vec::new(), books };
    desk.guards.extend(
        desk.books.held.keys().filter_map(|stream| Some((stream.clone(), desk.books.expect(stream)?))),
    );
    for fact in facts {
        let fact = Fact { stream: fact.stream, event: Event::from(fact.event) };
        desk.carry(fact, None, 0, ctx);
    }
    let Desk { events, guards, claims, books } = desk;
    Ok(Planned { events, guards, claims, books })
}

fn stop_of(missing: Missing) -> Stop<Rejection> {
    match missing {
        Missing::Need(need) => Stop::Need(need),
        Missing::Absent(stream) => Stop::Absent(stream),
        Missing::Present(stream) => Stop::Present(stream),
    }
}

struct Desk {
    events: Vec<PlannedEvent>,
    guards: Vec<(StreamId, Expect)>,
    claims: Vec<(Claim, StreamId)>,
    books: Books,
}

impl Desk {
    /// Records one fact, then all that follows from it, before the next fact is looked at.
    fn carry(&mut self, fact: Fact<Event>, cause: Option<usize>, depth: usize, ctx: &Context<'_>) {
        assert!(depth < DEEPEST, "policies follow from each other without end");
        let index = self.events.len();
        let Fact { stream, event } = fact;
        self.guard(&stream, &event);
        self.claims.extend(event.claims().into_iter().map(|claim| (claim, stream.clone())));
        self.books.evolve(&stream, &event);
        self.events.push(PlannedEvent { stream, event, cause });
        for (_, policy) in POLICIES {
            for consequence in self.ask(*policy, index, ctx) {
                self.carry(consequence, Some(index), depth + 1, ctx);
            }
        }
    }

    fn ask(&self, policy: crate::policies::Policy, index: usize, ctx: &Context<'_>) -> Vec<Fact<Event>> {
        let (Some(planned), Ok(settings)) = (self.events.get(index), self.books.settings()) else {
            return Vec::new();
        };
        let account = match &planned.stream {
            StreamId::Account(id) => self.books.account(*id).ok(),
            StreamId::Book | StreamId::Catalogue | StreamId::Usage(_) | StreamId::Series(_) => None,
        };
        policy(&Happened { event: &planned.event, stream: &planned.stream, account, settings, ctx })
    }

    /// A number series is never read, so that it is guarded by what is written to it. Every other stream that
    /// is written was asked for.
    fn guard(&mut self, stream: &StreamId, event: &Event) {
        if self.guards.iter().any(|(guarded, _)| guarded == stream) {
            return;
        }
        let opens = matches!(numbering::Event::of(event), Some(numbering::Event::SeriesOpened(_)));
        let series = matches!(stream, StreamId::Series(_));
        assert!(series, "a decision writes only to streams whose pages it asked for: {stream}");
        self.guards.push((stream.clone(), if opens { Expect::NoStream } else { Expect::Next }));
    }
}

/// Why a plan can't be put into lines.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A payload can't be serialised.
    #[error("an event can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A payload is too long.
    #[error("{event_type} would take {length} bytes, more than the {PAYLOAD_LIMIT} that one event may have")]
    TooLong {
        /// The stored word.
        event_type: &'static str,
        /// Its length.
        length: usize,
    },
}

/// What was asked, as it is kept and hashed: `{"command":NAME,"data":{…}}`.
#[derive(Serialize)]
struct Request<'a, C> {
    command: &'static str,
    data: &'a C,
}

/// A command as it goes into the store.
pub fn request<C: Command>(
    command: &C,
    key: CommandKey,
    by: &ActorId,
    now: Timestamp,
) -> Result<NewCommand, BatchError> {
    let request = serde_json::to_string(&Request { command: C::NAME, data: command })?;
    let digest = Digest::of(request.as_bytes());
    Ok(NewCommand { key, request, digest, by: by.clone(), now })
}

impl Planned {
    /// The plan as a batch for the store.
    pub fn batch(&self, book: &Origin, command: NewCommand) -> Result<AppendBatch, BatchError> {
        let mut events = Vec::with_capacity(self.events.len());
        for PlannedEvent { stream, event, cause } in &self.events {
            let data = event.payload()?;
            if data.len() > PAYLOAD_LIMIT {
                return Err(BatchError::TooLong { event_type: event.event_type(), length: data.len() });
            }
            let (stream, cause) = (stream.clone(), *cause);
            events.push(NewEvent {
                stream,
                event_type: event.event_type(),
                schema: event.schema(),
                data,
                cause,
            });
        }
        let (guards, claims) = (self.guards.clone(), self.claims.clone());
        Ok(AppendBatch { book: book.clone(), command, guards, claims, events })
    }
}

/// Why a stored request can't be decided again.
#[derive(Debug)]
pub enum Redecided {
    /// The stored request can't be read.
    Unreadable(serde_json::Error),
    /// It gives a no today.
    Stopped(Box<Unplanned>),
}

/// Reads a stored request's data and plans it again.
pub(crate) fn redecide<C: Command>(data: &str, books: Books, ctx: &Context<'_>) -> Result<Planned, Redecided>
where
    Event: From<<C::Department as Department>::Event>,
    Rejection: From<<C::Department as Department>::Rejection>,
{
    let command: C = serde_json::from_str(data).map_err(Redecided::Unreadable)?;
    plan(&command, books, ctx).map_err(Redecided::Stopped)
}

/// Takes a stored request apart: the command's name and its data.
pub fn read_request(request: &str) -> Result<(String, Box<RawValue>), serde_json::Error> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Stored {
        command: String,
        data: Box<RawValue>,
    }
    let stored: Stored = serde_json::from_str(request)?;
    Ok((stored.command, stored.data))
}
