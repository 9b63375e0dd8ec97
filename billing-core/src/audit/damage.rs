//! What a verification can find wrong with a log, each with its sentence.

use std::fmt;

use crate::log::{Head, LineError, Origin, Position, StreamId, Version};

/// One thing that is wrong with a log. A line is named by its place: the first line of a book stands at 1.
///
/// Where a line was changed together with all lines behind it, the chain closes again, and only a head that was
/// pinned before shows it; see [`Damage::Other`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A line can't be taken apart.
    #[error("line {at} can't be read: {why}")]
    Unreadable {
        /// Its place.
        at: Position,
        /// What is wrong with it.
        why: LineError,
    },
    /// The line behind it is vouched for and says another hash of it.
    #[error("line {line} was changed: the line behind it was written behind another text")]
    Changed {
        /// Its place.
        line: Position,
    },
    /// Two lines don't follow from each other, and nothing vouches for the second.
    #[error("line {first} or line {second} was changed: the second does not follow from the first")]
    OneOf {
        /// The place of the first.
        first: Position,
        /// The place of the second.
        second: Position,
    },
    /// Lines are not where they belong.
    #[error("{}", missing(*from, *to))]
    Missing {
        /// The first one.
        from: Position,
        /// The last one.
        to: Position,
    },
    /// A line says another position than that of its place: it was moved, doubled, inserted or renumbered.
    #[error("a line that says position {found} stands behind line {after}, where it does not belong")]
    OutOfPlace {
        /// What it says.
        found: Position,
        /// The place of the line before it.
        after: Position,
    },
    /// The first line does not begin this book.
    #[error("line 1 does not begin the book {0}: it was changed, or the log is another book's")]
    NotTheOrigin(Origin),
    /// A column that the store keeps beside the line says something else than the line.
    #[error(
        "the store keeps line {position} under another {which} than the line says; what the line says counts"
    )]
    Copy {
        /// The line's place.
        position: Position,
        /// Which column.
        which: Column,
    },
    /// A stream's versions have a gap, or one comes twice.
    #[error("line {position} is version {found} of {stream}, where version {expected} was to come")]
    VersionGap {
        /// The line's place.
        position: Position,
        /// The stream.
        stream: StreamId,
        /// The version that had to come.
        expected: Version,
        /// The one that came.
        found: Version,
    },
    /// The line stands, but what it records can't be read by this version of the library.
    #[error("what line {position} records can't be read: {why}")]
    Payload {
        /// The line's place.
        position: Position,
        /// Why not.
        why: String,
    },
    /// The log ends before a head that it must contain.
    #[error("the log ends with line {found}, but it must contain {expected}: its end was cut off")]
    Shorter {
        /// The head that was pinned.
        expected: Head,
        /// The place of the last line.
        found: Position,
    },
    /// The line at a pinned position is another than it was: it, or the whole history up to it, was rewritten.
    #[error("line {} is not the one of {expected}: it was changed, or the log up to it was rewritten", expected.position)]
    Other {
        /// The head that was pinned.
        expected: Head,
    },
}

/// A column that a store keeps beside a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The position by which the store finds it.
    Position,
    /// The stream under which the store keeps it.
    Stream,
    /// The version by which the store finds it in its stream.
    Version,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Column::Position => "position",
            Column::Stream => "stream",
            Column::Version => "version",
        })
    }
}

fn missing(from: Position, to: Position) -> String {
    match from == to {
        true => format!("line {from} is missing from its place"),
        false => format!("lines {from} to {to} are missing from their places"),
    }
}

impl Damage {
    /// The places at which to look: first and last.
    pub fn places(&self) -> (Position, Position) {
        match self {
            Damage::Unreadable { at: one, .. }
            | Damage::Changed { line: one }
            | Damage::Copy { position: one, .. }
            | Damage::VersionGap { position: one, .. }
            | Damage::Payload { position: one, .. } => (*one, *one),
            Damage::OneOf { first, second } => (*first, *second),
            Damage::Missing { from, to } => (*from, *to),
            Damage::OutOfPlace { after, .. } => (after.next(), after.next()),
            Damage::NotTheOrigin(_) => (Position::START.next(), Position::START.next()),
            Damage::Shorter { expected, found } => (found.next(), expected.position),
            Damage::Other { expected } => (expected.position, expected.position),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_damage_is_a_sentence_that_names_its_place() {
        let at = Position::from;
        let expected: Head = format!("acme:9:{}", "0".repeat(64)).parse().unwrap();
        let cases = [
            (
                Damage::Unreadable { at: at(7), why: LineError::Field("by") },
                "line 7 can't be read: its field \"by\" is missing, out of order or not spelt as it must be",
            ),
            (
                Damage::Changed { line: at(7) },
                "line 7 was changed: the line behind it was written behind another text",
            ),
            (
                Damage::OneOf { first: at(7), second: at(8) },
                "line 7 or line 8 was changed: the second does not follow from the first",
            ),
            (Damage::Missing { from: at(7), to: at(7) }, "line 7 is missing from its place"),
            (Damage::Missing { from: at(7), to: at(9) }, "lines 7 to 9 are missing from their places"),
            (
                Damage::OutOfPlace { found: at(9), after: at(6) },
                "a line that says position 9 stands behind line 6, where it does not belong",
            ),
            (
                Damage::NotTheOrigin("acme".parse().unwrap()),
                "line 1 does not begin the book acme: it was changed, or the log is another book's",
            ),
            (
                Damage::Copy { position: at(7), which: Column::Stream },
                "the store keeps line 7 under another stream than the line says; what the line says counts",
            ),
            (
                Damage::VersionGap {
                    position: at(7),
                    stream: StreamId::Book,
                    expected: 3.into(),
                    found: 4.into(),
                },
                "line 7 is version 4 of book, where version 3 was to come",
            ),
            (
                Damage::Payload { position: at(7), why: "it is of a newer version".into() },
                "what line 7 records can't be read: it is of a newer version",
            ),
            (
                Damage::Shorter { expected: expected.clone(), found: at(6) },
                "the log ends with line 6, but it must contain acme:9:0000000000000000000000000000000000000000000000000000000000000000: its end was cut off",
            ),
            (
                Damage::Other { expected },
                "line 9 is not the one of acme:9:0000000000000000000000000000000000000000000000000000000000000000: it was changed, or the log up to it was rewritten",
            ),
        ];
        for (damage, sentence) in cases {
            assert_eq!(damage.to_string(), sentence);
            let (first, last) = damage.places();
            assert!(first <= last && last <= at(9), "{damage}");
        }
        assert_eq!([Column::Position, Column::Version].map(|c| c.to_string()), ["position", "version"]);
    }
}
