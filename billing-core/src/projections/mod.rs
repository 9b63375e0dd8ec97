//! Read models: folds over the log into keyed rows, saved behind the log, thrown away and rebuilt at will.
//!
//! A projection can neither refuse nor speak. Its rows, in key order, are a function of the log alone.

pub mod accounts_list;
pub mod aged_debt;
mod changed;
pub mod chase_index;
mod days;
pub mod documents;
pub mod due_index;
#[cfg(test)]
mod due_law;
pub mod invoice_lag;
pub mod late_work;
pub mod line_fields;
mod line_words;
pub mod migration_index;
pub mod month_figures;
pub mod pending;
pub mod pending_changes;
pub mod ratio;
pub mod receivables;
#[cfg(test)]
mod receivables_law;
pub mod revenue;
mod revenue_lines;
mod revenue_schedule;
pub mod review_queue;
pub mod rows;
mod standing;
pub mod status_board;
#[cfg(test)]
mod support;
pub mod timeline;
pub mod unbilled_work;
pub mod weekly_cash;
pub mod work_book;

use serde::Serialize;

use crate::book::Event;
use crate::kernel::balance::Sum;
use crate::kernel::ids::AccountId;
use crate::kernel::timestamp::Timestamp;
use crate::log::{Digest, Head, Position, Recorded, StreamId};
pub use rows::{RowReader, Rows};

/// A fold over the log into keyed rows.
pub trait Projection: Send {
    /// The view's name, under which its rows are kept.
    const NAME: &'static str;
    /// Counted up whenever the fold or the shape of a row changes: older rows are then built anew.
    const FOLD: u32;

    /// Sees one event and brings the rows up to date. Sees each event once, in log order.
    fn watch(event: &Recorded<Event>, rows: &mut Rows<'_>);

    /// What made these rows: name, fold and the version of the library.
    fn fingerprint() -> Digest {
        let text = format!("{} {} {}", Self::NAME, Self::FOLD, env!("CARGO_PKG_VERSION"));
        Digest::of(text.as_bytes())
    }
}

/// A question that a view can answer from its rows.
pub trait Query {
    /// The view that holds what is needed.
    type View: Projection;
    /// The answer.
    type Answer: Serialize;

    /// Reads the answer from the rows.
    fn answer(&self, rows: &RowReader<'_>) -> Result<Self::Answer, QueryError>;
}

/// The account on whose stream, or on that of whose usage, an event stands.
fn account_of(recorded: &Recorded<Event>) -> Option<AccountId> {
    match recorded.stream {
        StreamId::Account(account) | StreamId::Usage(account) => Some(account),
        StreamId::Book | StreamId::Catalogue | StreamId::Series(_) => None,
    }
}

/// A sum and an amount of the same currency: the log's decisions see to that. An amount in another one, which
/// only a log made elsewhere can hold, is left to the named invariants to find.
fn added(sum: Sum, amount: impl Into<Sum>) -> Sum {
    sum.plus(amount).unwrap_or(sum)
}

/// An answer, and how far the log had been read for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer<A> {
    /// The answer.
    pub value: A,
    /// The head up to which it holds.
    pub known_at: Head,
}

/// Up to where the log counts for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownAt {
    /// All that is recorded now.
    Now,
    /// What was recorded up to and with this position.
    Position(Position),
    /// What was recorded up to and with this moment.
    Time(Timestamp),
}

/// Why a question can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The rows can't be read.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// A row is not what this version wrote.
    #[error("row {key:?} of view {view} can't be read ({why}); delete the views file, it is built anew")]
    Row {
        /// The view.
        view: &'static str,
        /// The row.
        key: String,
        /// What serde found.
        why: String,
    },
    /// A sum is beyond what an amount can be.
    #[error(transparent)]
    Money(#[from] crate::kernel::money::MoneyError),
    /// A date beyond the calendar.
    #[error("the question names a date that can't be reckoned with: {0}")]
    Date(String),
}
