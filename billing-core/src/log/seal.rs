//! The one place that builds lines: numbers them, chains them, spells them.
//!
//! A store only keeps the bytes. Hashes are taken of those bytes and never of a re-serialisation.

use std::fmt::Write as _;

use super::actor::ActorId;
use super::chain::Digest;
use super::command_key::CommandKey;
use super::head::{Head, Origin};
use super::line::{Position, Version};
use super::stream::StreamId;
use crate::kernel::timestamp::Timestamp;

/// An event that waits to be sealed: everything but what only the writer knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The stream it is for.
    pub stream: StreamId,
    /// The stored word.
    pub event_type: &'static str,
    /// The schema number of `data`.
    pub schema: u32,
    /// The payload as JSON text, on one line.
    pub data: String,
    /// Index in the batch of the event that this one follows from.
    pub cause: Option<usize>,
}

/// Who asked for a batch, when, and with which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// The command.
    pub command: CommandKey,
    /// The actor that gave it.
    pub by: &'a ActorId,
    /// The time at which it was decided.
    pub now: Timestamp,
    /// SHA-256 of its request.
    pub request: Digest,
}

/// The end of a log: what the next line must follow from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Origin, last position, hash of the last line.
    pub head: Head,
    /// Recorded time of the last line; the next one is never earlier, whatever the clock says.
    pub at: Timestamp,
}

impl Tail {
    /// The end of a book that has no line.
    pub fn empty(origin: Origin) -> Self {
        Tail { head: Head::empty(origin), at: Timestamp::EPOCH }
    }
}

/// A line ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLine {
    /// Where it stands.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// The bytes to store, without a line feed.
    pub line: String,
}

/// Seals one batch behind `tail` and moves `tail` on. `version_of` gives the next version of a stream and is
/// asked once an event, in order.
///
/// # Panics
/// If an event names as its cause an event that stands behind it: our own planner never does.
pub fn seal(
    tail: &mut Tail,
    stamp: &Stamp<'_>,
    events: &[NewEvent],
    mut version_of: impl FnMut(&StreamId) -> Version,
) -> Vec<SealedLine> {
    let first = tail.head.position;
    let at = tail.at.max(stamp.now);
    let mut sealed = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let position = tail.head.position.next();
        let version = version_of(&event.stream);
        let mut line = String::with_capacity(event.data.len() + 480);
        let spelt = write!(
            line,
            r#"{{"position":{position},"stream":"{}","version":{version},"at":"{at}","by":"{}","command":"{}""#,
            event.stream, stamp.by, stamp.command
        );
        assert!(spelt.is_ok(), "writing to a String can't fail");
        if index == 0 {
            line.push_str(r#","request":""#);
            push_hex(&mut line, &stamp.request);
            line.push('"');
        }
        if let Some(cause) = event.cause {
            assert!(cause < index, "a cause stands before its consequence");
            let spelt = write!(line, r#","cause":{}"#, first.of_index(cause));
            assert!(spelt.is_ok(), "writing to a String can't fail");
        }
        let spelt = write!(line, r#","type":"{}","schema":{},"data":"#, event.event_type, event.schema);
        assert!(spelt.is_ok(), "writing to a String can't fail");
        line.push_str(&event.data);
        line.push_str(r#","prev":""#);
        push_hex(&mut line, &tail.head.hash);
        line.push_str("\"}");
        tail.head.position = position;
        tail.head.hash = Digest::of(line.as_bytes());
        tail.at = at;
        sealed.push(SealedLine { position, stream: event.stream.clone(), version, line });
    }
    sealed
}

fn push_hex(line: &mut String, digest: &Digest) {
    // The digits are ASCII, so the default is never taken.
    line.push_str(std::str::from_utf8(&digest.hex()).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Line, Link};

    fn batch() -> Vec<NewEvent> {
        let event = |data: &str, cause| NewEvent {
            stream: StreamId::Book,
            event_type: "settings.book_opened",
            schema: 1,
            data: data.into(),
            cause,
        };
        vec![event(r#"{"seller":"Müller \"&\" Co"}"#, None), event("{}", Some(0)), event("{}", Some(1))]
    }

    fn sealed(now: &str, tail: &mut Tail) -> Vec<SealedLine> {
        let by = "user:ann".parse().unwrap();
        let stamp = Stamp {
            command: "cmd_0123456789abcdef0123456789abcdef".parse().unwrap(),
            by: &by,
            now: now.parse().unwrap(),
            request: Digest::of(b"what was asked"),
        };
        let mut version = Version::NONE;
        seal(tail, &stamp, &batch(), |_| {
            version = version.next();
            version
        })
    }

    #[test]
    fn a_sealed_line_is_spelt_as_the_documents_say() {
        let mut tail = Tail::empty("acme".parse().unwrap());
        let lines = sealed("2026-11-30T09:00:00.000Z", &mut tail);
        let genesis = Digest::of(b"billing-book/1 acme");
        let request = Digest::of(b"what was asked");
        assert_eq!(
            lines[0].line,
            format!(
                concat!(
                    r#"{{"position":1,"stream":"book","version":1,"at":"2026-11-30T09:00:00.000Z","by":"user:ann","#,
                    r#""command":"cmd_0123456789abcdef0123456789abcdef","request":"{}","type":"settings.book_opened","#,
                    r#""schema":1,"data":{{"seller":"Müller \"&\" Co"}},"prev":"{}"}}"#
                ),
                request, genesis
            )
        );
        let second = Line::parse(lines[1].line.as_bytes()).unwrap();
        assert_eq!((second.cause, second.request), (Some(Position::from(1)), None));
        assert_eq!(second.prev, Digest::of(lines[0].line.as_bytes()));
        assert_eq!(Line::parse(lines[2].line.as_bytes()).unwrap().cause, Some(Position::from(2)));
    }

    #[test]
    fn recorded_time_never_goes_back() {
        let mut tail = Tail::empty("acme".parse().unwrap());
        sealed("2026-11-30T09:00:00.000Z", &mut tail);
        let lines = sealed("2025-01-01T00:00:00.000Z", &mut tail);
        let line = Line::parse(lines[0].line.as_bytes()).unwrap();
        assert_eq!(line.at.to_string(), "2026-11-30T09:00:00.000Z");
        assert_eq!(line.position, Position::from(4));
    }

    #[test]
    fn what_is_sealed_is_accepted_and_every_flipped_bit_is_not() {
        let mut tail = Tail::empty("acme".parse().unwrap());
        let lines = sealed("2026-11-30T09:00:00.000Z", &mut tail);
        let walk = |lines: &[Vec<u8>]| {
            let mut link = Link::after(Head::empty("acme".parse().unwrap()));
            lines.iter().try_for_each(|line| link.accept(line).map(drop)).map(|()| link.head().clone())
        };
        let good: Vec<Vec<u8>> = lines.iter().map(|line| line.line.clone().into_bytes()).collect();
        assert_eq!(walk(&good), Ok(tail.head.clone()));
        for index in 0..good.len() {
            for byte in 0..good[index].len() {
                for bit in 0..8 {
                    let mut bad = good.clone();
                    bad[index][byte] ^= 1 << bit;
                    assert_ne!(walk(&bad), Ok(tail.head.clone()), "line {index} byte {byte} bit {bit}");
                }
            }
        }
    }
}
