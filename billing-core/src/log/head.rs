//! The head of a book: what an outsider pins, to see later that nothing was cut off or rewritten.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::chain::Digest;
use super::line::Position;

/// The name that a book's chain begins with: `acme.example/book-7f3a`, chosen once when the book is made.
///
/// 1 to 100 of `a-z A-Z 0-9 . _ - /`. It keeps a line of one book from passing for a line of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(Arc<str>);

/// An origin, or a head, that is not written as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Not 1 to 100 of the allowed characters.
    #[error("{0:?} is no origin of a book; use 1 to 100 of a-z A-Z 0-9 . _ - /")]
    Origin(String),
    /// Not `ORIGIN:POSITION:HASH`.
    #[error("{0:?} is no head; a head is written ORIGIN:POSITION:HASH, the hash in 64 hexadecimal digits")]
    Head(String),
}

impl Origin {
    /// The origin as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let fine = (1..=100).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
        if fine { Ok(Origin(text.into())) } else { Err(HeadError::Origin(text.chars().take(120).collect())) }
    }
}

impl TryFrom<String> for Origin {
    type Error = HeadError;

    fn try_from(text: String) -> Result<Self, HeadError> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> String {
        origin.as_str().to_owned()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far a book has come, and the hash of its last line. Written `ORIGIN:POSITION:HASH`.
///
/// Whoever keeps a head outside the store can see later that the log still contains all that it contained
/// then: a chain alone accepts a shorter log, a pinned head does not.
///
/// ```
/// use billing_core::log::Head;
/// let head = Head::empty("acme".parse()?);
/// assert_eq!(head.position.get(), 0);
/// assert_eq!(head.to_string().parse::<Head>()?, head);
/// # Ok::<(), billing_core::log::head::HeadError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The book's origin.
    pub origin: Origin,
    /// Position of the last line; 0 for an empty book.
    pub position: Position,
    /// SHA-256 of the last line; for an empty book that of `billing-book/1 ORIGIN`.
    pub hash: Digest,
}

impl Head {
    /// The head of a book with no line yet.
    pub fn empty(origin: Origin) -> Self {
        Head { hash: Digest::genesis(&origin), position: Position::START, origin }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.origin, self.position, self.hash)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let wrong = || HeadError::Head(text.chars().take(240).collect());
        let mut parts = text.split(':');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(origin), Some(position), Some(hash), None) => Ok(Head {
                origin: origin.parse().map_err(|_| wrong())?,
                position: position.parse().map_err(|_| wrong())?,
                hash: hash.parse().map_err(|_| wrong())?,
            }),
            _ => Err(wrong()),
        }
    }
}
