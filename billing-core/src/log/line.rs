//! The event line: one JSON object, its fields in a fixed order, in the one spelling that is ever written.
//!
//! ```text
//! {"position":31,"stream":"account/acc_…","version":12,"at":"2026-11-30T09:00:00.000Z","by":"user:ann",
//!  "command":"cmd_…","request":"…","cause":30,"type":"invoicing.invoice_issued","schema":1,"data":{…},
//!  "prev":"…"}
//! ```
//! (On one line.) `request` stands in the first line of a commit only, `cause` only where there is one.
//! Because the order and the spelling are fixed, reading is a walk along the line, and a line that any other
//! program would have spelt differently is refused.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::chain::Digest;
use super::command_key::CommandKey;
use super::stream::StreamId;
use crate::kernel::timestamp::Timestamp;

/// Where a line stands in its book: 1, 2, 3 … without gaps. 0 is before the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// Before the first line.
    pub const START: Position = Position(0);

    /// The position as a number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The position behind this one. A book would need 584 years at a billion lines a second to run out.
    pub fn next(self) -> Position {
        Position(self.0.saturating_add(1))
    }

    /// The position that the event with this index gets in a batch sealed behind this one.
    pub fn of_index(self, index: usize) -> Position {
        Position(self.0.saturating_add(u64::try_from(index).unwrap_or(u64::MAX)).saturating_add(1))
    }
}

impl From<u64> for Position {
    fn from(number: u64) -> Self {
        Position(number)
    }
}

impl FromStr for Position {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        number(text.as_bytes()).map(Position).ok_or(LineError::Field("position"))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many events a stream holds: its first event has version 1. 0 is a stream that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(u64);

impl Version {
    /// A stream without events.
    pub const NONE: Version = Version(0);

    /// The version as a number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The version of the next event.
    pub fn next(self) -> Version {
        Version(self.0.saturating_add(1))
    }
}

impl From<u64> for Version {
    fn from(number: u64) -> Self {
        Version(number)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A line as it was stored, taken apart but not copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it stands in the book.
    pub position: Position,
    /// The stream it belongs to, as written.
    pub stream: &'a str,
    /// Its place in that stream.
    pub version: Version,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who asked.
    pub by: &'a str,
    /// The command that it answers.
    pub command: CommandKey,
    /// SHA-256 of the command's request; in the first line of a commit only.
    pub request: Option<Digest>,
    /// The earlier line that this one follows from, if it is a consequence.
    pub cause: Option<Position>,
    /// The event's stored word, as `invoicing.invoice_issued`.
    pub event_type: &'a str,
    /// The schema number of `data`.
    pub schema: NonZeroU32,
    /// The event itself, as JSON text.
    pub data: &'a str,
    /// SHA-256 of the line before.
    pub prev: Digest,
}

/// What is wrong with a line that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not UTF-8, or with a line feed inside.
    #[error("it is not one line of UTF-8 text")]
    Text,
    /// A field is missing, out of order, or spelt in another way than the one way.
    #[error("its field {0:?} is missing, out of order or not spelt as it must be")]
    Field(&'static str),
}

/// `,"prev":"` + 64 digits + `"}`: the end of every line has the same length.
const PREV_LENGTH: usize = 9 + 64 + 2;

impl<'a> Line<'a> {
    /// Takes a stored line apart.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LineError> {
        let text = std::str::from_utf8(bytes).map_err(|_| LineError::Text)?;
        if text.contains('\n') {
            return Err(LineError::Text);
        }
        let mut walk = Walk { rest: text };
        walk.skip("{\"position\":", "position")?;
        let position = Position(walk.number("position")?);
        walk.skip(",\"stream\":\"", "stream")?;
        let stream = walk.word("stream")?;
        walk.skip(",\"version\":", "version")?;
        let version = Version(walk.number("version")?);
        walk.skip(",\"at\":\"", "at")?;
        let at = walk.word("at")?.parse().map_err(|_| LineError::Field("at"))?;
        walk.skip(",\"by\":\"", "by")?;
        let by = walk.word("by")?;
        walk.skip(",\"command\":\"", "command")?;
        let command = walk.word("command")?.parse().map_err(|_| LineError::Field("command"))?;
        let request = match walk.try_skip(",\"request\":\"") {
            true => Some(walk.digest("request")?),
            false => None,
        };
        let cause = match walk.try_skip(",\"cause\":") {
            true => Some(Position(walk.number("cause")?)),
            false => None,
        };
        walk.skip(",\"type\":\"", "type")?;
        let event_type = walk.word("type")?;
        walk.skip(",\"schema\":", "schema")?;
        let schema = u32::try_from(walk.number("schema")?).ok().and_then(NonZeroU32::new);
        let schema = schema.ok_or(LineError::Field("schema"))?;
        walk.skip(",\"data\":", "data")?;
        let data_length = walk.rest.len().checked_sub(PREV_LENGTH).ok_or(LineError::Field("prev"))?;
        let (data, rest) = walk.rest.split_at_checked(data_length).ok_or(LineError::Field("prev"))?;
        walk.rest = rest;
        walk.skip(",\"prev\":\"", "prev")?;
        let prev = walk.digest("prev")?;
        let object = data.starts_with('{') && data.ends_with('}');
        if !object {
            return Err(LineError::Field("data"));
        }
        if walk.rest != "}" {
            return Err(LineError::Field("prev"));
        }
        let line = Line {
            position,
            stream,
            version,
            at,
            by,
            command,
            request,
            cause,
            event_type,
            schema,
            data,
            prev,
        };
        Ok(line)
    }

    /// The stream that the line belongs to.
    pub fn stream_id(&self) -> Result<StreamId, LineError> {
        self.stream.parse().map_err(|_| LineError::Field("stream"))
    }
}

/// What is still to be read of a line.
struct Walk<'a> {
    rest: &'a str,
}

impl<'a> Walk<'a> {
    fn try_skip(&mut self, words: &str) -> bool {
        match self.rest.strip_prefix(words) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip(&mut self, words: &str, field: &'static str) -> Result<(), LineError> {
        if self.try_skip(words) { Ok(()) } else { Err(LineError::Field(field)) }
    }

    /// Up to the closing quote. No word of a line needs escaping, so a backslash is an error.
    fn word(&mut self, field: &'static str) -> Result<&'a str, LineError> {
        let plain = |b: &u8| b.is_ascii_graphic() && *b != b'\\' && *b != b'"';
        let length = self.rest.bytes().take_while(plain).count();
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest.strip_prefix('"').ok_or(LineError::Field(field))?;
        if word.is_empty() { Err(LineError::Field(field)) } else { Ok(word) }
    }

    fn number(&mut self, field: &'static str) -> Result<u64, LineError> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        number(digits.as_bytes()).ok_or(LineError::Field(field))
    }

    fn digest(&mut self, field: &'static str) -> Result<Digest, LineError> {
        let (digits, rest) = self.rest.split_at_checked(64).ok_or(LineError::Field(field))?;
        self.rest = rest.strip_prefix('"').ok_or(LineError::Field(field))?;
        Digest::from_hex(digits.as_bytes()).map_err(|_| LineError::Field(field))
    }
}

/// A positive number in its one spelling: digits, no leading zero.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with(b"0")) {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}
