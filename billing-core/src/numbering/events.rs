//! What numbering records: a series opened, and which document got its next number.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::document::{DocumentId, DocumentKind};
use crate::kernel::text::Code;
use crate::log::Version;
use crate::settings::SeriesPrefix;

crate::events! {
    "numbering" {
        SeriesOpened = "series_opened" 1;
        NumberAssigned = "number_assigned" 1;
    }
}

/// A series was opened: the first event of its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesOpened {
    /// Its name, that of its stream.
    pub series: Code,
    /// What it numbers.
    pub documents: DocumentKind,
    /// What stands before each number.
    pub prefix: SeriesPrefix,
    /// The year that it is for, where it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// The first number, from 1.
    pub first: u64,
    /// Zeros fill a number up to this many digits.
    pub digits: u8,
}

/// A document got the next number of the series: every event of its stream but the first. The number is told
/// by the event's version alone ([`number_of`]), so that none can be skipped and none given twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberAssigned {
    /// The document.
    pub document: DocumentId,
}

/// The number that the event of that version gave.
///
/// ```
/// use billing_core::kernel::document::DocumentKind;
/// use billing_core::numbering::{SeriesOpened, number_of};
/// let opened = SeriesOpened {
///     series: "invoices".parse()?,
///     documents: DocumentKind::Invoice,
///     prefix: "INV-".parse()?,
///     year: None,
///     first: 1,
///     digits: 4,
/// };
/// assert_eq!(number_of(&opened, 43.into()), "INV-0042");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn number_of(opened: &SeriesOpened, version: Version) -> String {
    opened.prefix.number(opened.first, opened.digits, version)
}

impl fmt::Display for SeriesOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SeriesOpened { series, documents, year, .. } = self;
        write!(f, "Series {series} opened for {documents}")?;
        if let Some(year) = year {
            write!(f, " of {year}")?;
        }
        write!(f, ", from {} on.", number_of(self, 2.into()))
    }
}

impl fmt::Display for NumberAssigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Next number of the series given to {}.", self.document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_said_in_a_sentence() {
        let opened = SeriesOpened {
            series: "invoices-2027".parse().unwrap(),
            documents: DocumentKind::Invoice,
            prefix: "2027-INV-".parse().unwrap(),
            year: Some(2027),
            first: 100,
            digits: 5,
        };
        assert_eq!(
            opened.to_string(),
            "Series invoices-2027 opened for invoices of 2027, from 2027-INV-00100 on."
        );
        let document = "inv_0123456789abcdef0123456789abcdef".parse().unwrap();
        assert_eq!(
            NumberAssigned { document }.to_string(),
            "Next number of the series given to inv_0123456789abcdef0123456789abcdef."
        );
    }
}
