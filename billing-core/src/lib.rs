//! An event-sourced billing engine: exact to the cent, every penny explained, its log replayed by auditors.
//!
//! # A book
//!
//! A *book* is one seller's records: a log that only grows, in one order, each line chained to the one before
//! it by its hash. A *store* keeps books; an [`Engine`] opens one. The host gives *commands*: a command is a
//! type such as [`RegisterAccount`](accounts::RegisterAccount), decided by a pure function from the pages of
//! the book it concerns, and answered with the facts that were recorded, or with the rule that says no. What
//! follows from a fact ("money came in, so the oldest invoice is settled") is recorded in the same commit. All
//! that people read, from an invoice to the aged debt, is a *view* folded from the log, and can be asked for as
//! it stood on any day.
//!
//! ```
//! use billing_core::prelude::*;
//! use billing_store_memory::MemoryStore;
//!
//! let ann = Actor::owner("user:ann")?;
//! let book = Engine::open(MemoryStore::new(), "fern.example".parse()?, SystemClock)?;
//! book.execute(&ann, OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london()))?;
//!
//! let cafe = RegisterAccount::new("C-1".parse()?, Sealed::marked("Harbour Café")?, "2026-01-02".parse()?);
//! let account = book.execute(&ann, cafe)?.first::<AccountRegistered>().ok_or("nobody")?.account;
//! let (reference, open) = ("OLD-17".parse()?, "GBP 119.00".parse()?);
//! let (issued_on, due_on) = ("2025-12-29".parse()?, "2026-01-12".parse()?);
//! book.execute(&ann, BringForward { account, reference, issued_on, due_on, open })?;
//! book.execute(&ann, RecordPayment::new(account, "GBP 100.00".parse()?, "2026-01-05".parse()?))?;
//!
//! let board = book.ask(&StatusBoard { as_of: "2026-01-13".parse()? })?.value;
//! assert_eq!(board[0].overdue.to_string(), "GBP 19.00");
//!
//! // A rule said no: nothing was recorded, and the error says why and what to do.
//! let wrong = book.execute(&ann, RecordPayment::new(account, "GBP 0.00".parse()?, "2026-01-05".parse()?));
//! assert_eq!(wrong.unwrap_err().code(), "payments.amount_not_positive");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map
//!
//! Imports only go down.
//!
//! | floor | modules | what is there |
//! |---|---|---|
//! | 4, the door | [`engine`], [`runs`], [`store`], [`Error`] | load, authorise, decide, append, answer; the store's trait |
//! | 3, the firm | [`book`], [`policies`], [`projections`], [`audit`] | the org chart, what follows from what, read models, proofs |
//! | 2, departments | [`settings`], [`catalogue`], [`accounts`], [`tasks`], [`messages`], [`subscriptions`], [`usage`], [`work`], [`discounts`], [`quotes`], [`invoicing`], [`numbering`], [`payments`], [`credit_control`] | each with its events, state, rules and commands |
//! | 1, log and decision | [`log`], [`decision`] | lines, chain, heads; what a command is |
//! | 0, words | [`kernel`] | money, dates, rates, names |
//!
//! Most hosts need one line: `use billing_core::prelude::*;` ([`prelude`]).

#[cfg(doctest)]
mod guide;
pub mod kernel;

pub mod decision;
pub mod log;

pub mod accounts;
pub mod catalogue;
pub mod credit_control;
pub mod discounts;
pub mod invoicing;
pub mod messages;
pub mod numbering;
pub mod payments;
pub mod quotes;
pub mod settings;
pub mod subscriptions;
pub mod tasks;
pub mod usage;
pub mod work;

pub mod audit;
pub mod book;
pub mod policies;
pub mod projections;

pub mod engine;
mod error;
pub mod prelude;
pub mod runs;
pub mod store;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub use engine::Engine;
pub use error::Error;
