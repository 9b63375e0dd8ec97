//! The firm: its book, its clock, who acts for it, and whom it knows.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use billing_core::prelude::*;
use billing_store_sqlite::SqliteStore;

use super::Outcome;
use super::cast::Habit;
use crate::progress;

/// The firm's book: one file, one seller.
pub type Book = Engine<SqliteStore>;

/// A small firm on the days of one month.
pub struct Firm {
    /// Its book.
    pub book: Book,
    pub(super) clock: Arc<TestClock>,
    /// Does the office work.
    pub(super) ann: Actor,
    /// Runs billing and chasing, and may do nothing else.
    pub(super) runner: Actor,
    pub(super) calendar: HolidayCalendar,
    pub(super) people: BTreeMap<AccountId, Person>,
    /// Up to where messages were handed over.
    pub(super) posted: Position,
}

/// A customer as the office knows it.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) reference: Reference,
    pub(super) name: String,
    /// How it pays; none for the many that the story does not follow one by one.
    pub(super) habit: Option<Habit>,
}

impl Firm {
    pub(super) fn clock_to(&self, day: Date, time: &str) -> Outcome {
        Ok(self.clock.set(&format!("{day}T{time}:00.000Z"))?)
    }

    /// The customer as it stands in the diary.
    pub(super) fn name(&self, account: AccountId) -> String {
        let person = self.people.get(&account);
        person.map_or_else(|| account.to_string(), |person| format!("{} {}", person.reference, person.name))
    }

    pub(super) fn account(&self, reference: &str) -> Option<AccountId> {
        let found = self.people.iter().find(|(_, person)| person.reference.as_str() == reference);
        found.map(|(account, _)| *account)
    }

    /// Learns who is in the book.
    pub(super) fn meet_everybody(&mut self) -> Outcome {
        let page = AccountsPage { after: None, limit: usize::MAX, filter: AccountsFilter::default() };
        let met = self.book.ask(&page)?.value.into_iter().map(|listed| {
            let name = match Marking.open(&listed.account.to_string(), "name", &listed.name) {
                Opened::Clear(name) => name,
                Opened::Erased => "(erased)".to_owned(),
            };
            let habit = Habit::of(listed.reference.as_str());
            (listed.account, Person { reference: listed.reference, name, habit })
        });
        self.people = met.collect();
        Ok(())
    }
}

/// One line of the diary.
pub(super) fn note(out: &mut dyn Write, day: Date, text: impl AsRef<str>) -> Outcome {
    Ok(writeln!(out, "  {}  {}", day.format("%a %e %b"), text.as_ref())?)
}

/// Shows a progress bar where a run takes long enough to wonder.
pub(super) fn watched(what: &'static str) -> impl FnMut(Progress) -> ControlFlow<()> {
    let mut bar = None;
    move |progress: Progress| {
        if progress.accounts >= 1_000 {
            let bar = bar.get_or_insert_with(|| progress::bar(progress.accounts, what));
            bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
            if progress.done == progress.accounts {
                bar.finish_and_clear();
            }
        }
        ControlFlow::Continue(())
    }
}

/// The first failure of a run, if there was one: this firm's runs have none.
pub(super) fn all_well(report: RunReport) -> Outcome<RunReport> {
    match report.failed.first() {
        Some((account, why)) => Err(format!("{account}: {why}").into()),
        None => Ok(report),
    }
}

/// One command an account, as a run: how a host makes a run of its own.
pub(super) struct Each<C>(pub(super) BTreeMap<AccountId, C>);

impl<C: billing_core::decision::Command + Clone + Sync> Run for Each<C> {
    type Command = C;

    fn accounts<S: Store>(&self, _book: &Engine<S>) -> Result<Vec<Group>, billing_core::Error> {
        Ok(vec![Group { name: "listed", accounts: self.0.keys().copied().collect() }])
    }

    fn command(&self, account: AccountId) -> C {
        self.0[&account].clone()
    }
}
