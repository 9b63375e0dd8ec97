//! Number series: which documents are numbered in which series, and how a number is spelt.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kernel::document::DocumentKind;
use crate::kernel::text::Code;
use crate::log::Version;

/// Which series documents of a kind are numbered in, and how it begins.
///
/// ```
/// use billing_core::kernel::document::DocumentKind;
/// use billing_core::settings::SeriesChoice;
/// let invoices = SeriesChoice::standard(DocumentKind::Invoice);
/// // A series is a stream: its first event opens it, its second gives the first number.
/// assert_eq!(invoices.number(2.into()), "INV-0001");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesChoice {
    /// What it numbers.
    pub documents: DocumentKind,
    /// Its name, that of its stream.
    pub series: Code,
    /// What stands before each number.
    pub prefix: SeriesPrefix,
    /// The year that it is for, where it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// The first number, from 1.
    pub first: u64,
    /// Zeros fill a number up to this many digits; a longer number is written in full.
    pub digits: u8,
}

impl SeriesChoice {
    /// The series of a seller who chose none: `INV-0001`, `CN-0001`, `RCT-0001`.
    pub fn standard(documents: DocumentKind) -> SeriesChoice {
        let (series, prefix) = match documents {
            DocumentKind::Invoice => ("invoices", "INV-"),
            DocumentKind::CreditNote => ("credit-notes", "CN-"),
            DocumentKind::Receipt => ("receipts", "RCT-"),
        };
        SeriesChoice {
            documents,
            series: series.parse().expect("a name written above is a code"),
            prefix: prefix.parse().expect("a prefix written above is a prefix"),
            year: None,
            first: 1,
            digits: 4,
        }
    }

    /// The number given by the event of that version of the series.
    pub fn number(&self, version: Version) -> String {
        self.prefix.number(self.first, self.digits, version)
    }
}

/// What stands before each number of a series: 0 to 20 letters A-Z and a-z, digits, `-`, `/` and `_`.
///
/// ```
/// use billing_core::settings::SeriesPrefix;
/// let prefix: SeriesPrefix = "2027/INV-".parse()?;
/// assert_eq!(prefix.number(1, 4, 43.into()), "2027/INV-0042");
/// assert!("INV №".parse::<SeriesPrefix>().is_err());
/// # Ok::<(), billing_core::settings::SeriesPrefixError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SeriesPrefix(Arc<str>);

/// A text that can't stand before numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} can't stand before a number: use at most 20 of A-Z, a-z, 0-9, hyphen, / and _")]
pub struct SeriesPrefixError(pub String);

impl SeriesPrefix {
    /// The number given by the event of that version, in a series that begins at `first`. The event of
    /// version 1 opens the series and gives none; that of version 2 gives the first.
    pub fn number(&self, first: u64, digits: u8, version: Version) -> String {
        let given_before = version.get().saturating_sub(2);
        let number = u128::from(first) + u128::from(given_before);
        format!("{}{number:0width$}", self.0, width = usize::from(digits))
    }

    /// Whether a number could be one of either series: the longer prefix is the shorter one and digits.
    pub fn clashes_with(&self, other: &SeriesPrefix) -> bool {
        let only_digits = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        };
        only_digits(&self.0, &other.0) || only_digits(&other.0, &self.0)
    }
}

impl FromStr for SeriesPrefix {
    type Err = SeriesPrefixError;

    fn from_str(text: &str) -> Result<Self, SeriesPrefixError> {
        match text.len() <= 20 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/_".contains(&b)) {
            true => Ok(SeriesPrefix(text.into())),
            false => Err(SeriesPrefixError(text.chars().take(40).collect())),
        }
    }
}

impl TryFrom<String> for SeriesPrefix {
    type Error = SeriesPrefixError;

    fn try_from(text: String) -> Result<Self, SeriesPrefixError> {
        text.parse()
    }
}

impl From<SeriesPrefix> for String {
    fn from(prefix: SeriesPrefix) -> String {
        prefix.0.as_ref().to_owned()
    }
}

impl fmt::Display for SeriesPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> SeriesPrefix {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_filled_up_and_never_cut_off() {
        let invoices = SeriesChoice::standard(DocumentKind::Invoice);
        for (version, number) in
            [(2, "INV-0001"), (43, "INV-0042"), (10_000, "INV-9999"), (10_001, "INV-10000")]
        {
            assert_eq!(invoices.number(version.into()), number);
        }
        assert_eq!(prefix("").number(1, 0, 2.into()), "1");
        assert_eq!(prefix("A").number(u64::MAX, 4, u64::MAX.into()), "A36893488147419103228");
    }

    #[test]
    fn prefixes_that_could_give_the_same_number_clash() {
        for (one, other) in [("INV-", "INV-"), ("", "2026"), ("INV-2", "INV-"), ("", "")] {
            assert!(prefix(one).clashes_with(&prefix(other)), "{one:?} {other:?}");
        }
        for (one, other) in [("INV-", "CN-"), ("2026-", "2027-"), ("", "2026-"), ("INV-", "INV-2026-")] {
            assert!(!prefix(one).clashes_with(&prefix(other)), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_prefix_is_short_and_plain() {
        assert!("ABCDEFGHIJKLMNOPQRST".parse::<SeriesPrefix>().is_ok());
        for wrong in ["ABCDEFGHIJKLMNOPQRSTU", "INV 1", "INV.", "ÄNV"] {
            assert!(wrong.parse::<SeriesPrefix>().is_err(), "{wrong:?}");
        }
        assert_eq!(
            serde_json::from_str::<SeriesPrefix>("\"INV 1\"").unwrap_err().to_string(),
            "\"INV 1\" can't stand before a number: use at most 20 of A-Z, a-z, 0-9, hyphen, / and _"
        );
    }
}
