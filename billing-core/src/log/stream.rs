//! Streams: what belongs together inside a book, and is decided together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::ids::AccountId;
use crate::kernel::text::Code;

/// One stream of a book. A stream has a gap-free version; what must never be decided twice at the same
/// moment lives on one stream.
///
/// ```
/// use billing_core::log::StreamId;
/// let series: StreamId = "series/invoices".parse()?;
/// assert_eq!(series.to_string(), "series/invoices");
/// # Ok::<(), billing_core::log::stream::StreamError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StreamId {
    /// The seller's settings: `book`.
    Book,
    /// Plans, prices and items: `catalogue`.
    Catalogue,
    /// All that one customer may owe, pay or promise: `account/acc_…`.
    Account(AccountId),
    /// What was counted of one customer's use: `usage/acc_…`.
    Usage(AccountId),
    /// A gap-free number series: `series/NAME`.
    Series(Code),
}

/// A text that names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no stream; streams are book, catalogue, account/acc_…, usage/acc_… and series/NAME")]
pub struct StreamError(pub String);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamId::Book => f.write_str("book"),
            StreamId::Catalogue => f.write_str("catalogue"),
            StreamId::Account(id) => write!(f, "account/{id}"),
            StreamId::Usage(id) => write!(f, "usage/{id}"),
            StreamId::Series(name) => write!(f, "series/{name}"),
        }
    }
}

impl FromStr for StreamId {
    type Err = StreamError;

    fn from_str(text: &str) -> Result<Self, StreamError> {
        let unknown = || StreamError(text.chars().take(120).collect());
        match text.split_once('/') {
            None if text == "book" => Ok(StreamId::Book),
            None if text == "catalogue" => Ok(StreamId::Catalogue),
            Some(("account", id)) => Ok(StreamId::Account(id.parse().map_err(|_| unknown())?)),
            Some(("usage", id)) => Ok(StreamId::Usage(id.parse().map_err(|_| unknown())?)),
            Some(("series", name)) => Ok(StreamId::Series(name.parse().map_err(|_| unknown())?)),
            None | Some(_) => Err(unknown()),
        }
    }
}

impl TryFrom<String> for StreamId {
    type Error = StreamError;

    fn try_from(text: String) -> Result<Self, StreamError> {
        text.parse()
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> String {
        stream.to_string()
    }
}

impl From<AccountId> for StreamId {
    fn from(id: AccountId) -> Self {
        StreamId::Account(id)
    }
}
