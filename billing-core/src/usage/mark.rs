//! Marks: long texts kept in few bytes, to see whether one was there before.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::wire::{self, Compact};
use crate::log::Digest;

/// The first 16 bytes of the SHA-256 of a text. A page keeps millions of them, of keys that have up to 64 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark([u8; 16]);

impl Mark {
    pub(super) fn of(text: &str) -> Mark {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Digest::of(text.as_bytes()).bytes()[..16]);
        Mark(bytes)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// A text that is no mark.
#[derive(Debug, thiserror::Error)]
#[error("a mark is written as 32 lower-case hexadecimal digits")]
pub(super) struct MarkError;

impl FromStr for Mark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Mark, MarkError> {
        let mark = u128::from_str_radix(text, 16).map(|number| Mark(number.to_be_bytes()));
        mark.ok().filter(|mark| mark.to_string() == text).ok_or(MarkError)
    }
}

impl Compact for Mark {
    fn from_bytes(bytes: &[u8]) -> Option<Mark> {
        bytes.try_into().ok().map(Mark)
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => serializer.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Mark, D::Error> {
        wire::text_or_bytes(deserializer, "a mark of 32 hexadecimal digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_the_beginning_of_a_digest_and_survives_both_formats() {
        // echo -n abc | sha256sum
        let mark = Mark::of("abc");
        assert_eq!(mark.to_string(), "ba7816bf8f01cfea414140de5dae2223");
        let json = serde_json::to_string(&mark).unwrap();
        assert_eq!(json, "\"ba7816bf8f01cfea414140de5dae2223\"");
        assert_eq!(serde_json::from_str::<Mark>(&json).unwrap(), mark);
        let bytes = rmp_serde::to_vec(&mark).unwrap();
        assert_eq!(bytes.len(), 18);
        assert_eq!(rmp_serde::from_slice::<Mark>(&bytes).unwrap(), mark);
        for wrong in ["", "ba78", "BA7816BF8F01CFEA414140DE5DAE2223", "+a7816bf8f01cfea414140de5dae2223"] {
            assert_eq!(
                wrong.parse::<Mark>().unwrap_err().to_string(),
                "a mark is written as 32 lower-case hexadecimal digits"
            );
        }
    }
}
