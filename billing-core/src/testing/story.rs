//! Given / when / then against a whole engine on any store. Every command is previewed, given, and given again.
//! After each bill the account is held to what it asked for. When the story ends, asked or not, its log is verified,
//! replayed into another fold, also from a snapshot on, decided again, held to the named invariants, every penny of its
//! documents is explained, its reports come to what is owed, and every view is rebuilt.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::audit;
use crate::book::{Event, Page, Rejection};
use crate::decision::{Command, Department};
use crate::engine::{Done, Engine, Options, TestClock, TestIds, same_but_for_ids};
use crate::error::Error;
use crate::invoicing::BillAccount;
use crate::kernel::balance::Balance;
use crate::kernel::calendar::{Date, LAST_YEAR};
use crate::kernel::ids::CommandId;
use crate::log::{Actor, Position, StreamId, Version};
use crate::projections::aged_debt::{AgedDebt, Basis, Buckets};
use crate::projections::status_board::StatusBoard;
use crate::store::Store;
use crate::testing::laws;

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
            (Ok(preview), Ok(done)) => same_but_for_ids(preview, &done.events).unwrap_or_else(|why| {
                panic!("the preview differs from what was recorded by {}: {why}", C::NAME)
            }),
            (Err(preview), Err(done)) => {
                assert_eq!(preview.code(), done.code(), "the preview refused otherwise")
            }
            // What is unique in the book is seen when it is appended, not when it is previewed.
            (Ok(_), Err(done)) => assert_eq!(done.code(), "engine.taken", "the preview promised it: {done}"),
            (Err(preview), Ok(_)) => panic!("the preview refused {}: {preview}", C::NAME),
        }
        if let Err(no) = &done
            && no.is_refusal()
        {
            self.refused_again(id, &command, no);
        }
        if let Ok(done) = &done {
            self.again(id, &command, done);
            let command: &dyn Any = &command;
            if let Some(bill) = command.downcast_ref::<BillAccount>() {
                self.billed_as_asked(bill);
            }
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

    fn refused_again<C: Command>(&self, id: CommandId, command: &C, no: &Error)
    where
        Event: From<<C::Department as Department>::Event>,
        Rejection: From<<C::Department as Department>::Rejection>,
    {
        let head = self.engine.head().expect("a head");
        for _ in 0..2 {
            let again = self.engine.execute_as(id, &self.actor, command).expect_err("a refusal");
            assert_eq!(again.to_string(), no.to_string(), "{} is refused otherwise", C::NAME);
        }
        assert_eq!(self.engine.head().expect("a head"), head, "a refused {} changed the log", C::NAME);
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
        let explained = audit::explain_all(store, book).expect("every document can be explained");
        laws::explained(&explained);
        // Told from the account alone, it is told the same. A few of many documents do.
        for one in explained.iter().step_by(explained.len().div_ceil(64).max(1)) {
            let alone = self.engine.explain(one.document).expect("what the log explains, its account does");
            assert_eq!(alone, *one, "the account explains {} otherwise than the log", one.document);
        }
        let again = audit::redecide(store, book).expect("the log can be read");
        assert!(again.differing.is_empty(), "decided otherwise again: {:?}", again.differing);
        self.pages_are_replayed();
        self.reports_come_to_what_is_owed();
        for view in self.engine.every_view().expect("views can be read") {
            assert_eq!(view.kept, view.rebuilt, "view {} differs when it is rebuilt", view.view);
        }
    }

    /// Each page, as the engine holds it for the next command, is the fold of its events, also from a snapshot on.
    fn pages_are_replayed(&self) {
        // A number that is another one in each story, and the same whenever it is told.
        let hash = self.engine.head().expect("a head").hash.hex();
        let random: usize = hash.iter().map(|digit| usize::from(*digit)).sum();
        let mut streams: BTreeMap<StreamId, Vec<Event>> = BTreeMap::new();
        for recorded in self.engine.recorded_after(Position::START).expect("the log can be read") {
            streams.entry(recorded.stream).or_default().push(recorded.event);
        }
        for (stream, events) in &streams {
            let look = |page: &Page, version: Version| {
                let events: Vec<&Event> = events.iter().take(number(version)).collect();
                laws::replayed(stream, page, events.iter().copied());
                if let Page::Account(account) = page {
                    let cut = random % events.len().saturating_add(1);
                    laws::snapshots_replay(account, &events, cut..=cut);
                }
            };
            self.engine.look_at(stream, look).expect("a page can be loaded");
        }
    }

    /// The status board and the aged debt, behind the last day on which anything counts, come to the balances of the
    /// accounts.
    fn reports_come_to_what_is_owed(&self) {
        let (store, book) = (self.engine.store(), self.engine.book());
        let owed = audit::balances(store, book).expect("the log can be read").receivables;
        let as_of = Date::from_ymd_opt(LAST_YEAR, 12, 31).expect("a date");
        let board = self.engine.ask(&StatusBoard { as_of }).expect("the board can be read").value;
        laws::conserved("the status board", &sum(board.into_iter().map(|line| line.balance)), &owed);
        let aged = AgedDebt { as_of, by: Basis::DueDate, buckets: Buckets::default(), account: None };
        let aged = self.engine.ask(&aged).expect("the aged debt can be read").value;
        laws::conserved("the aged debt", &aged.totals.iter().map(|debt| debt.total).collect(), &owed);
    }

    /// Right after a bill, holds the account to it: see [`laws::billed_as_asked`]. Every [`BillAccount`] that is given is
    /// held to it anyway.
    ///
    /// # Panics
    /// If a day is billed otherwise than it was asked for.
    pub fn billed_as_asked(&self, bill: &BillAccount) {
        let stream = StreamId::Account(bill.account);
        let events = self.engine.recorded_on(&stream).expect("the stream can be read");
        let look = |page: &Page, version: Version| {
            if let Page::Account(account) = page {
                laws::billed_as_asked(account, events.iter().take(number(version)), bill.through);
            }
        };
        self.engine.look_at(&stream, look).expect("a page can be loaded");
    }
}

fn number(version: Version) -> usize {
    usize::try_from(version.get()).expect("a count of events")
}

fn sum(balances: impl Iterator<Item = Balance>) -> Balance {
    let mut sum = Balance::default();
    balances.for_each(|balance| sum.add_balance(&balance));
    sum
}

impl<S: Store> Drop for Story<S> {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.damaged.load(Ordering::Relaxed) {
            self.laws();
        }
    }
}
