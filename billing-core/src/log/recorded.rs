//! An event as the log holds it: the fact, and when, where and by whom it was recorded.

use super::actor::ActorId;
use super::command_key::CommandKey;
use super::line::{Position, Version};
use super::stream::StreamId;
use crate::kernel::timestamp::Timestamp;

/// A fact together with the envelope that it was recorded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<E> {
    /// Where it stands in the book.
    pub position: Position,
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// Its place in that stream.
    pub version: Version,
    /// When it was recorded; never earlier than the line before it.
    pub at: Timestamp,
    /// Who asked.
    pub by: ActorId,
    /// The command that it answers.
    pub command: CommandKey,
    /// The line that it follows from, if it is a consequence.
    pub cause: Option<Position>,
    /// The fact.
    pub event: E,
}

impl<E> Recorded<E> {
    /// The same envelope around another view of the fact.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> Recorded<F> {
        Recorded {
            event: change(self.event),
            position: self.position,
            stream: self.stream,
            version: self.version,
            at: self.at,
            by: self.by,
            command: self.command,
            cause: self.cause,
        }
    }

    /// The same envelope around a borrowed fact.
    pub fn as_ref(&self) -> Recorded<&E> {
        Recorded {
            event: &self.event,
            position: self.position,
            stream: self.stream.clone(),
            version: self.version,
            at: self.at,
            by: self.by.clone(),
            command: self.command,
            cause: self.cause,
        }
    }
}
