//! Given / when / then for decisions, without a store. Every step checks these laws unasked: deciding twice is the
//! same, a request and each event survive the wire, the chain verifies, the pages that the plan hands over are the
//! pages that the log gives (also with a snapshot taken anywhere on the way), and the named invariants hold.
//!
//! ```
//! # #[cfg(feature = "testing")] {
//! use billing_core::testing::Scenario;
//! let scenario = Scenario::new();
//! assert!(scenario.history().is_empty());
//! # }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Books, Event, Page, Rejection};
use crate::decision::{Command, Context, Department, Need, Stop};
use crate::engine::plan::{Planned, PlannedEvent, plan};
use crate::kernel::ids::{AccountId, CommandId, time_ordered};
use crate::kernel::timestamp::Timestamp;
use crate::log::seal::Stamp;
use crate::log::{ActorId, CommandKey, Digest, Line, Link, NewEvent, StreamId, Tail, Version, seal};
use crate::testing::{invariants, laws};

/// A book in the making: commands go in, the log grows, and what was decided can be looked at.
pub struct Scenario {
    now: Timestamp,
    by: ActorId,
    commands: u64,
    history: Vec<PlannedEvent>,
    lines: Vec<String>,
    tail: Tail,
    versions: BTreeMap<StreamId, Version>,
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario::new()
    }
}

impl Scenario {
    /// An empty book, at nine in the morning of the first of January 2026.
    pub fn new() -> Self {
        Scenario {
            now: "2026-01-01T09:00:00.000Z".parse().expect("a good time"),
            by: "user:tester".parse().expect("a good name"),
            commands: 0,
            history: Vec::new(),
            lines: Vec::new(),
            tail: Tail::empty("scenario".parse().expect("a good origin")),
            versions: BTreeMap::new(),
        }
    }

    /// Moves the clock.
    pub fn at(mut self, now: &str) -> Self {
        self.now = now.parse().expect("a time like 2026-11-30T09:00:00.000Z");
        self
    }

    /// Gives a command that must record something.
    ///
    /// # Panics
    /// If it is refused, or has nothing to do.
    pub fn given<C: Command>(mut self, command: C) -> Self
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        match self.when(command) {
            Ok(events) => assert!(!events.is_empty(), "{} had nothing to do", C::NAME),
            Err(stop) => panic!("{} was refused: {stop:?}", C::NAME),
        }
        self
    }

    /// Gives a command; what it recorded, or why not.
    pub fn when<C: Command>(&mut self, command: C) -> Result<Vec<Event>, Stop<Rejection>>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        self.commands += 1;
        let id = CommandId::from_uuid(time_ordered(
            self.now,
            [u8::try_from(self.commands % 251).unwrap_or(0); 10],
        ));
        let by = self.by.clone();
        let decided = self.decide(&command, &Context::new(self.now, &by, id));
        let again = self.decide(&command, &Context::new(self.now, &by, id));
        match (&decided, &again) {
            (Ok(one), Ok(two)) => assert_eq!(one.events, two.events, "deciding twice differs"),
            (Err(one), Err(two)) => assert_eq!(one, two, "deciding twice differs"),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("deciding twice differs"),
        }
        let wire = serde_json::to_string(&command).expect("a command is JSON");
        let read: C = serde_json::from_str(&wire).expect("a command survives the wire");
        assert_eq!(
            wire,
            serde_json::to_string(&read).expect("a command is JSON"),
            "{} changes on the wire",
            C::NAME
        );
        let planned = decided?;
        let events: Vec<Event> = planned.events.iter().map(|planned| planned.event.clone()).collect();
        self.record(planned, id.into(), &by);
        self.check();
        Ok(events)
    }

    /// Gives a command that must be refused by a rule; the rule's code.
    ///
    /// # Panics
    /// If it is not refused by a rule.
    pub fn refused<C: Command>(&mut self, command: C) -> &'static str
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        match self.when(command) {
            Err(Stop::Rejected(rule)) => {
                assert!(rule.advice().ends_with('.'), "advice is a sentence: {:?}", rule.advice());
                assert!(!rule.to_string().is_empty());
                rule.code()
            }
            other => panic!("{} was not refused by a rule: {other:?}", C::NAME),
        }
    }

    /// Everything recorded so far.
    pub fn history(&self) -> &[PlannedEvent] {
        &self.history
    }

    /// The stored lines so far.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The pages as the log makes them now: of one account, with the book's and the catalogue's.
    pub fn books(&self, account: AccountId) -> Books {
        let mut books = self.references();
        let stream = StreamId::Account(account);
        let (page, version) = self.page(&stream);
        books.hold(stream, page, version);
        books
    }

    fn references(&self) -> Books {
        let mut books = Books::new();
        let (settings, settings_version) = self.page(&StreamId::Book);
        let (catalogue, catalogue_version) = self.page(&StreamId::Catalogue);
        if let (Page::Settings(settings), Page::Catalogue(catalogue)) = (settings, catalogue) {
            books.refer((Arc::from(settings), settings_version), (Arc::from(catalogue), catalogue_version));
        }
        books
    }

    fn page(&self, stream: &StreamId) -> (Page, Version) {
        let mut page = Page::new(stream);
        let mut version = Version::NONE;
        for planned in self.history.iter().filter(|planned| planned.stream == *stream) {
            page.evolve(&planned.event);
            version = version.next();
        }
        (page, version)
    }

    fn decide<C: Command>(&self, command: &C, ctx: &Context<'_>) -> Result<Planned, Stop<Rejection>>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let mut wanted: Vec<StreamId> = Vec::new();
        loop {
            let fresh = Context::new(ctx.now, ctx.by, ctx.command);
            let mut books = self.references();
            for stream in &wanted {
                let (page, version) = self.page(stream);
                books.hold(stream.clone(), page, version);
            }
            match plan(command, books, &fresh) {
                Ok(planned) => return Ok(planned),
                Err(unplanned) => match unplanned.stop {
                    Stop::Need(Need(stream)) => {
                        assert!(!wanted.contains(&stream), "asks twice for {stream}");
                        wanted.push(stream);
                    }
                    stop @ (Stop::Absent(_) | Stop::Present(_) | Stop::Rejected(_)) => return Err(stop),
                },
            }
        }
    }

    fn record(&mut self, planned: Planned, key: CommandKey, by: &ActorId) {
        let events: Vec<NewEvent> = planned
            .events
            .iter()
            .map(|planned| NewEvent {
                stream: planned.stream.clone(),
                event_type: planned.event.event_type(),
                schema: planned.event.schema(),
                data: planned.event.payload().expect("an event is JSON"),
                cause: planned.cause,
            })
            .collect();
        let stamp = Stamp { command: key, by, now: self.now, request: Digest::of(b"a request") };
        let versions = &mut self.versions;
        let sealed = seal(&mut self.tail, &stamp, &events, |stream| {
            let version = versions.entry(stream.clone()).or_default();
            *version = version.next();
            *version
        });
        self.lines.extend(sealed.into_iter().map(|sealed| sealed.line));
        let Planned { events, books, .. } = planned;
        self.history.extend(events);
        self.pages_are_replayed(books);
    }

    /// The laws that hold after every command.
    fn check(&self) {
        let mut link = Link::after(crate::log::Head::empty(self.tail.head.origin.clone()));
        for (line, planned) in self.lines.iter().zip(&self.history) {
            link.accept(line.as_bytes()).expect("the chain verifies");
            let line = Line::parse(line.as_bytes()).expect("a line can be read");
            let read =
                Event::decode(line.event_type, line.schema.get(), line.data).expect("an event can be read");
            assert_eq!(read, planned.event, "an event changes on the wire");
            let sentence = read.to_string();
            assert!(sentence.ends_with('.') && sentence.len() > 8, "no sentence: {sentence:?}");
        }
        assert_eq!(link.head(), &self.tail.head);
        let streams: BTreeSet<&StreamId> = self.history.iter().map(|planned| &planned.stream).collect();
        for stream in streams {
            if let (Page::Account(account), _) = self.page(stream) {
                invariants::check(&account, self.events_of(stream));
                // All splits of a short stream; of a long one those around its end, where new events are.
                let events: Vec<&Event> = self.events_of(stream).collect();
                laws::snapshots_replay(&account, &events, events.len().saturating_sub(8)..=events.len());
            }
        }
    }

    /// The pages that the plan gave back are those that the log gives.
    fn pages_are_replayed(&self, mut books: Books) {
        let streams: BTreeSet<StreamId> = self.history.iter().map(|planned| planned.stream.clone()).collect();
        for stream in streams {
            let Some((planned, version)) = books.take(&stream) else { continue };
            let events: Vec<&Event> = self.events_of(&stream).collect();
            let recorded = u64::try_from(events.len()).expect("a count");
            assert_eq!(version.get(), recorded, "the plan counts another version of {stream}");
            laws::replayed(&stream, &planned, events);
        }
    }

    fn events_of(&self, stream: &StreamId) -> impl Iterator<Item = &Event> {
        self.history.iter().filter(move |planned| planned.stream == *stream).map(|planned| &planned.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::OpenBook;

    fn opened() -> Scenario {
        let zone = crate::kernel::zone::Zone::london();
        let seller = "Fern & Co".parse().expect("a good name");
        Scenario::new().given(OpenBook::new(seller, crate::kernel::currency::Currency::GBP, zone))
    }

    #[test]
    #[should_panic(expected = "the chain verifies")]
    fn a_changed_line_is_seen() {
        let mut scenario = opened();
        scenario.lines[0] = scenario.lines[0].replace("user:tester", "user:nobody");
        scenario.check();
    }

    #[test]
    #[should_panic(expected = "an event changes on the wire")]
    fn a_fact_that_is_not_the_one_in_the_line_is_seen() {
        let mut scenario = opened();
        scenario.history.swap(1, 2);
        scenario.check();
    }

    #[test]
    #[should_panic(expected = "is not the page after replay")]
    fn a_page_that_the_log_does_not_give_is_seen() {
        let scenario = opened();
        let mut books = Books::new();
        let (_, version) = scenario.page(&StreamId::Book);
        books.hold(StreamId::Book, Page::new(&StreamId::Book), version);
        scenario.pages_are_replayed(books);
    }
}
