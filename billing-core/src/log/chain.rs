//! The chain: each line carries the SHA-256 of the bytes of the line before it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::head::{Head, Origin};
use super::line::{Line, LineError, Position};

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// A text that is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 digest is written as 64 lower-case hexadecimal digits")]
pub struct DigestError;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What each byte is worth as a digit; 255 for what is none. Each line has one digest or two, and every reading of it
/// takes them apart: looked up, a digit costs no decision.
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let (mut values, mut byte, mut at) = ([u8::MAX; 256], 0_u8, 0);
    while at < values.len() {
        values[at] = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => u8::MAX,
        };
        (at, byte) = (at + 1, byte.wrapping_add(1));
    }
    values
}

impl Digest {
    /// The SHA-256 of the bytes as they are: a line's, without its line feed.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// What line 1 carries as `prev`: the SHA-256 of `billing-book/1 ORIGIN`.
    pub fn genesis(origin: &Origin) -> Self {
        Digest::of(format!("billing-book/1 {origin}").as_bytes())
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest as its 64 hexadecimal digits, without an allocation.
    pub fn hex(&self) -> [u8; 64] {
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            pair.copy_from_slice(&digits);
        }
        text
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn from_hex(text: &[u8]) -> Result<Self, DigestError> {
        if text.len() != 64 {
            return Err(DigestError);
        }
        let (mut bytes, mut seen) = ([0; 32], 0);
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
            *byte = (high << 4) | (low & 15);
            seen |= high | low;
        }
        if seen < 16 { Ok(Digest(bytes)) } else { Err(DigestError) }
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Digest(bytes)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        Digest::from_hex(text.as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a line does not follow from the one before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The line can't be read at all.
    #[error("line {at} can't be read: {why}")]
    Unreadable {
        /// Where it stands.
        at: Position,
        /// What is wrong with it.
        why: LineError,
    },
    /// Another position than the next one: a line is missing, doubled or moved.
    #[error("line {expected} is missing: position {found} stands in its place")]
    Gap {
        /// The position that had to come.
        expected: Position,
        /// The one that came.
        found: Position,
    },
    /// A line that follows by its hash and yet says something that can't be true behind the lines before it.
    #[error("line {at} contradicts the rest of the log in its field {field:?}")]
    Contradicts {
        /// The line.
        at: Position,
        /// The field.
        field: &'static str,
    },
    /// `prev` is not the hash of the line before.
    #[error("line {at} does not follow from the line before it: one of the two was changed")]
    Prev {
        /// The line whose `prev` does not fit.
        at: Position,
    },
}

/// A verifier that walks a log, line by line: it holds the head that the next line must follow from.
///
/// ```
/// use billing_core::log::{Head, Link};
/// let mut link = Link::after(Head::empty("acme".parse()?));
/// assert!(link.accept(b"not a line").is_err());
/// # Ok::<(), billing_core::log::head::HeadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Link {
    head: Head,
}

impl Link {
    /// Begins behind a head that is trusted.
    pub fn after(head: Head) -> Self {
        Link { head }
    }

    /// The head behind the last accepted line.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Reads the next line and moves on, if it follows from the line before.
    pub fn accept<'a>(&mut self, bytes: &'a [u8]) -> Result<Line<'a>, Broken> {
        let line = Line::parse(bytes).map_err(|why| self.unreadable(why))?;
        self.follow(line.position, line.prev, Digest::of(bytes))?;
        Ok(line)
    }

    /// Moves on to a line that was read elsewhere, if it follows from the line before.
    pub(crate) fn follow(&mut self, position: Position, prev: Digest, hash: Digest) -> Result<(), Broken> {
        let expected = self.head.position.next();
        if position != expected {
            return Err(Broken::Gap { expected, found: position });
        }
        if prev != self.head.hash {
            return Err(Broken::Prev { at: expected });
        }
        self.head.position = expected;
        self.head.hash = hash;
        Ok(())
    }

    /// What is wrong with a next line that can't be read.
    pub(crate) fn unreadable(&self, why: LineError) -> Broken {
        Broken::Unreadable { at: self.head.position.next(), why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_spelling() {
        // The SHA-256 of "abc", from FIPS 180-2.
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), Digest::of(b"abc"));
        assert_eq!(Digest::of(b"abc").hex(), text.as_bytes());
        assert_eq!(text.to_uppercase().parse::<Digest>(), Err(DigestError));
        assert_eq!(text[1..].parse::<Digest>(), Err(DigestError));
    }

    #[test]
    fn every_byte_in_every_place_is_its_digit_or_refused() {
        for place in 0..64 {
            for byte in u8::MIN..=u8::MAX {
                let mut text = [b'0'; 64];
                text[place] = byte;
                let digit = char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
                let read = Digest::from_hex(&text).map(|digest| digest.hex());
                assert_eq!(read, digit.map(|_| text).ok_or(DigestError), "{byte} in place {place}");
            }
        }
    }
}
