//! Given / when / then against a whole engine on any store. Every command is previewed, given, and given again.
//! When the story ends, asked or not, its log is verified, replayed into another fold, decided again, held to the
//! named invariants, every penny of its documents is explained, and every view is rebuilt.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::audit;
use crate::book::{Account, Event, Rejection};
use crate::decision::{Command, Department};
use crate::engine::plan::PlannedEvent;
use crate::engine::{Done, Engine, Options, TestClock, TestIds};
use crate::error::Error;
use crate::kernel::ids::{AccountId, CommandId};
use crate::log::{Actor, Position, Recorded, StreamId};
use crate::store::Store;

/// A book that is being lived in, with a clock that the test sets.
pub struct Story<S: Store> {
    /// The engine.
    pub engine: Engine<S>,
    /// Who gives the commands.
    pub actor: Actor,
    clock: Arc<TestClock>,
    damaged: AtomicBool,
}

impl<S: Store> Story<S> {
    /// Begins in an empty store, at nine in the morning of the first of January 2026.
    pub fn on(store: S) -> Self {
        let clock = Arc::new(TestClock::at("2026-01-01T09:00:00.000Z").expect("a good time"));
        let origin = "story".parse().expect("a good origin");
        let engine =
            Engine::open_with(store, origin, Arc::clone(&clock), TestIds::default(), Options::default());
        let actor = Actor::owner("user:tester").expect("a good name");
        Story { engine: engine.expect("an empty book opens"), actor, clock, damaged: AtomicBool::new(false) }
    }

    /// Moves the clock to nine in the morning of a day.
    pub fn day(&self, day: &str) -> &Self {
        self.clock.set(&format!("{day}T09:00:00.000Z")).expect("a day like 2026-11-30");
        self
    }

    /// Gives a command that must be obeyed.
    ///
    /// # Panics
    /// If it is refused.
    pub fn give<C: Command>(&self, command: C) -> Done
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        match self.try_give(command) {
            Ok(done) => done,
            Err(error) => panic!("{} was refused: {error}", C::NAME),
        }
    }

    /// Gives a command that must be refused; the code of the rule.
    ///
    /// # Panics
    /// If it is obeyed, or if the refusal left a trace in the log.
    pub fn refused<C: Command>(&self, command: C) -> &'static str
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let before = self.engine.head().expect("a head");
        let refusal = self.try_give(command).expect_err("a refusal");
        assert_eq!(self.engine.head().expect("a head"), before, "a refusal changed the log");
        assert!(!refusal.advice().is_empty() && refusal.to_string().contains(refusal.code()));
        refusal.code()
    }

    /// Gives a command, holding it to the laws.
    pub fn try_give<C: Command>(&self, command: C) -> Result<Done, Error>
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let id = self.engine.new_command_id();
        let preview = self.engine.preview(&self.actor, &command);
        let done = self.engine.execute_as(id, &self.actor, &command);
        match (&preview, &done) {
            (Ok(preview), Ok(done)) => same_but_for_ids(preview, &done.events),
            (Err(preview), Err(done)) => {
                assert_eq!(preview.code(), done.code(), "the preview refused otherwise")
            }
            // What is unique in the book is seen when it is appended, not when it is previewed.
            (Ok(_), Err(done)) => assert_eq!(done.code(), "engine.taken", "the preview promised it: {done}"),
            (Err(preview), Ok(_)) => panic!("the preview refused {}: {preview}", C::NAME),
        }
        if let Ok(done) = &done {
            self.again(id, &command, done);
        }
        done
    }

    fn again<C: Command>(&self, id: CommandId, command: &C, done: &Done)
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let head = self.engine.head().expect("a head");
        for _ in 0..2 {
            let again =
                self.engine.execute_as(id, &self.actor, command).expect("a repeated command is answered");
            assert_eq!(again.events, done.events, "{} is answered otherwise when it is repeated", C::NAME);
            assert_eq!(again.head, done.head);
            assert_eq!(again.repeated, !done.is_nothing());
        }
        assert_eq!(self.engine.head().expect("a head"), head, "a repeated {} changed the log", C::NAME);
    }

    /// Says that this story damages its log on purpose: at its end it is not held to the laws.
    pub fn is_about_damage(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    /// Holds the whole book to the laws. A story that ends well is held to them anyway.
    ///
    /// # Panics
    /// If one is broken; the message says which.
    pub fn laws(&self) {
        let (store, book) = (self.engine.store(), self.engine.book());
        let head = self.engine.head().expect("a head");
        let verified = audit::verify(store, book, &[head]).expect("the log can be read");
        assert!(verified.is_sound(), "the log does not verify: {:?}", verified.damage);
        let violations = audit::check_book(store, book).expect("the log can be read");
        assert!(violations.is_empty(), "an invariant does not hold: {violations:?}");
        let again = audit::redecide(store, book).expect("the log can be read");
        assert!(again.differing.is_empty(), "decided otherwise again: {:?}", again.differing);
        for explanation in audit::explain_all(store, book).expect("every document can be explained") {
            explanation.check().unwrap_or_else(|why| panic!("not explained: {why}\n{explanation}"));
        }
        self.pages_are_replayed();
        for view in self.engine.every_view().expect("views can be read") {
            assert_eq!(view.kept, view.rebuilt, "view {} differs when it is rebuilt", view.view);
        }
    }

    /// Each account's page, as the engine loads it (with a snapshot, if there is one), is the fold of its events.
    fn pages_are_replayed(&self) {
        let mut pages: BTreeMap<AccountId, Account> = BTreeMap::new();
        for recorded in self.engine.recorded_after(Position::START).expect("the log can be read") {
            if let StreamId::Account(id) = recorded.stream {
                pages.entry(id).or_insert_with(|| Account::new(id)).evolve(&recorded.event);
            }
        }
        for (id, page) in pages {
            let loaded = self.engine.account(id).expect("an account can be loaded");
            let (loaded, page) = (serde_json::to_string(&loaded), serde_json::to_string(&page));
            assert_eq!(
                loaded.expect("a page is JSON"),
                page.expect("a page is JSON"),
                "the page of {id} is not its fold"
            );
        }
    }
}

impl<S: Store> Drop for Story<S> {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.damaged.load(Ordering::Relaxed) {
            self.laws();
        }
    }
}

/// Planned and recorded events must be equal in every field but ids.
fn same_but_for_ids(planned: &[PlannedEvent], recorded: &[Recorded<Event>]) {
    let mut of_plan = Names::default();
    let mut of_log = Names::default();
    let planned: Vec<String> = planned
        .iter()
        .map(|event| {
            of_plan.plain(&format!(
                "{} {} {:?}",
                event.stream,
                event.event.event_type(),
                payload(&event.event)
            ))
        })
        .collect();
    let recorded: Vec<String> = recorded
        .iter()
        .map(|event| {
            of_log.plain(&format!(
                "{} {} {:?}",
                event.stream,
                event.event.event_type(),
                payload(&event.event)
            ))
        })
        .collect();
    assert_eq!(planned, recorded, "the preview differs from what was recorded");
}

fn payload(event: &Event) -> String {
    event.payload().expect("an event is JSON")
}

/// Gives every id a name by the order in which it turns up, so that two texts can be compared.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn plain(&mut self, text: &str) -> String {
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('_') {
            let digits: String =
                rest[at + 1..].chars().take_while(char::is_ascii_hexdigit).take(32).collect();
            let upto = at + 1 + digits.len();
            plain.push_str(&rest[..=at]);
            if digits.len() == 32 {
                let next = self.0.len();
                let name = *self.0.entry(digits).or_insert(next);
                plain.push_str(&format!("#{name}"));
            } else {
                plain.push_str(&digits);
            }
            rest = &rest[upto..];
        }
        plain + rest
    }
}
