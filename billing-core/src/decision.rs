//! Floor 1, the decision: what a department is, what a command is, and the four answers it can give.
//!
//! A decision is pure: the command, the pages it asks for and a context go in; facts, or a reasoned no,
//! come out. Asking twice gives the same answer, to the last id.

use std::cell::Cell;
use std::error::Error;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::book::Books;
use crate::kernel::ids::mint;
use crate::kernel::text::Reference;
use crate::kernel::timestamp::Timestamp;
use crate::log::{ActorId, CommandKey, DepartmentEvent, Scope, StreamId};

/// One department of the firm: its words, what it keeps on its page, and how a fact changes that page.
pub trait Department: 'static {
    /// The name in front of its stored words.
    const NAME: &'static str;
    /// What it records.
    type Event: DepartmentEvent;
    /// What it keeps on its page.
    type State: Default + Serialize + DeserializeOwned;
    /// The rules that can say no, in order of precedence.
    type Rejection: Rejection;

    /// Brings the page up to date. Total: the past cannot be refused.
    fn evolve(state: &mut Self::State, event: &Self::Event);

    /// What nobody else in the book may hold from this fact on; a function of the event alone.
    fn claims(_event: &Self::Event) -> Vec<Claim> {
        Vec::new()
    }
}

/// A rule that said no. Its `Display` names the rule and the facts.
pub trait Rejection: Error + Clone + PartialEq + 'static {
    /// Stable, for programs: `invoicing.customer_on_hold`.
    fn code(&self) -> &'static str;
    /// For people: what to do now.
    fn advice(&self) -> &'static str;
}

/// Something somebody asks for. Serialised as it was asked, and kept with its answer.
pub trait Command: Serialize + DeserializeOwned + 'static {
    /// The department that decides it.
    type Department: Department;
    /// Its stable name: `invoicing.issue_invoice`.
    const NAME: &'static str;
    /// What an actor must hold to give it.
    const SCOPE: Scope;

    /// Decides. `Ok` with no facts means that there is nothing left to do.
    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Self::Department>;
}

/// The answer to a command: facts to record, or the reason why not.
pub type Decision<D> = Result<Vec<Fact<<D as Department>::Event>>, Stop<<D as Department>::Rejection>>;

/// A fact, and the stream that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<E> {
    /// The stream it is recorded on.
    pub stream: StreamId,
    /// What happened.
    pub event: E,
}

impl<E> Fact<E> {
    /// A fact on a stream.
    pub fn on(stream: impl Into<StreamId>, event: impl Into<E>) -> Self {
        Fact { stream: stream.into(), event: event.into() }
    }
}

/// Why a decision gave no facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop<R> {
    /// A page was asked for that is not loaded; load it and decide again.
    Need(Need),
    /// The stream named by the command holds nothing: no such account.
    Absent(StreamId),
    /// The stream to be opened is open already.
    Present(StreamId),
    /// A rule of the department said no.
    Rejected(R),
}

impl<R> Stop<R> {
    /// The same answer with another rejection type around the rule.
    pub fn map<T>(self, change: impl FnOnce(R) -> T) -> Stop<T> {
        match self {
            Stop::Need(need) => Stop::Need(need),
            Stop::Absent(stream) => Stop::Absent(stream),
            Stop::Present(stream) => Stop::Present(stream),
            Stop::Rejected(rule) => Stop::Rejected(change(rule)),
        }
    }
}

impl<R: Rejection> From<R> for Stop<R> {
    fn from(rule: R) -> Self {
        Stop::Rejected(rule)
    }
}

/// What asking for a page can answer besides the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Not loaded yet.
    Need(Need),
    /// Loaded, and empty.
    Absent(StreamId),
    /// Loaded, and open already.
    Present(StreamId),
}

impl<R: Rejection> From<Missing> for Stop<R> {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Need(need) => Stop::Need(need),
            Missing::Absent(stream) => Stop::Absent(stream),
            Missing::Present(stream) => Stop::Present(stream),
        }
    }
}

/// A stream whose page a decision asked for and did not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need(pub StreamId);

/// Something that is unique in a book: taken with the fact that it stands in, in the same append.
///
/// A function of the events, so that it is found again when a log is restored. Personal keys never stand here
/// in clear.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// What kind of key: `account.reference`.
    pub space: &'static str,
    /// The key.
    pub key: Reference,
}

/// When, by whom and under which id a command is decided. There is no other clock and no other dice.
#[derive(Debug)]
pub struct Context<'a> {
    /// The time of the decision. A business date is a field of the command.
    pub now: Timestamp,
    /// Who asks.
    pub by: &'a ActorId,
    /// The command's key, from which every new id derives.
    pub command: CommandKey,
    minted: Cell<u32>,
}

impl<'a> Context<'a> {
    /// A context for one decision.
    pub fn new(now: Timestamp, by: &'a ActorId, command: impl Into<CommandKey>) -> Self {
        Context { now, by, command: command.into(), minted: Cell::new(0) }
    }

    /// A new id, derived from the time, the command and how many were minted before: deciding again mints
    /// the same ones.
    ///
    /// ```
    /// use billing_core::decision::Context;
    /// use billing_core::kernel::{ids::{CommandId, InvoiceId}, timestamp::Timestamp};
    /// let by = "user:ann".parse()?;
    /// let command: CommandId = "cmd_0123456789abcdef0123456789abcdef".parse()?;
    /// let (one, again) = (Context::new(Timestamp::EPOCH, &by, command), Context::new(Timestamp::EPOCH, &by, command));
    /// let invoice = one.mint(InvoiceId::from_uuid);
    /// assert_eq!(invoice, again.mint(InvoiceId::from_uuid));
    /// assert_ne!(invoice, one.mint(InvoiceId::from_uuid));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mint<I>(&self, typed: fn(Uuid) -> I) -> I {
        let counter = self.minted.get();
        self.minted.set(counter.saturating_add(1));
        typed(mint(self.now, self.command.id, self.command.part, counter))
    }
}
