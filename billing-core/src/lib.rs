//! An event-sourced billing engine: exact to the cent, every penny explained, its log replayed by auditors.

pub mod kernel;

pub mod decision;
pub mod log;

pub mod accounts;
pub mod catalogue;
pub mod credit_control;
pub mod invoicing;
pub mod messages;
pub mod numbering;
pub mod payments;
pub mod settings;
pub mod subscriptions;
pub mod tasks;
pub mod work;

pub mod book;
pub mod policies;
pub mod projections;
pub mod audit;

pub mod engine;
mod error;
pub mod runs;
pub mod store;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub use engine::Engine;
pub use error::Error;
