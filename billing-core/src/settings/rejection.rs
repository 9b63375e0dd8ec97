//! The rules of the book's settings, in order of precedence.

use crate::decision;
use crate::kernel::defined_fields::{FieldKind, FieldOwner};
use crate::kernel::document::DocumentKind;
use crate::kernel::text::{Code, Label};

use super::series::SeriesPrefix;

/// Why settings were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A book is opened once.
    #[error("the book of {seller} is open already")]
    AlreadyOpen {
        /// Whose book it is.
        seller: Label,
    },
    /// Documents of a kind are numbered in one series at a time.
    #[error("two series are given for {documents}")]
    TwoSeries {
        /// The kind.
        documents: DocumentKind,
    },
    /// Numbers begin at 1 or later.
    #[error("series {series} would begin at number 0")]
    FirstNumberZero {
        /// The series.
        series: Code,
    },
    /// Numbers have up to 18 digits.
    #[error("series {series} would fill its numbers up to {digits} digits, and 18 are the most")]
    TooManyDigits {
        /// The series.
        series: Code,
        /// The digits asked for.
        digits: u8,
    },
    /// A year of documents lies in the calendar.
    #[error("series {series} is for the year {year}, and years run from 1900 to 2200")]
    YearOutOfRange {
        /// The series.
        series: Code,
        /// The year asked for.
        year: i32,
    },
    /// A series is opened once.
    #[error("series {series} was chosen before")]
    SeriesUsed {
        /// The series.
        series: Code,
    },
    /// No two documents of a book may bear the same number.
    #[error("series {series} with the prefix \"{prefix}\" could give the same numbers as series {other}")]
    PrefixUsed {
        /// The series.
        series: Code,
        /// Its prefix.
        prefix: SeriesPrefix,
        /// The series whose numbers look alike.
        other: Code,
    },
    /// One of nothing is nothing.
    #[error("the field {name} of {on} is to be one of no options")]
    NoOptions {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
    /// What is sealed can't be looked at.
    #[error("the field {name} of {on} is to be personal and no text: what is sealed can't be checked")]
    PersonalNotText {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
    /// A field holds for good what it was defined to hold.
    #[error("the field {name} of {on} holds {was}, and can't be made to hold {now}")]
    FieldKindChanged {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
        /// What it holds.
        was: FieldKind,
        /// What it would hold.
        now: FieldKind,
    },
    /// Values on record must not become wrong.
    #[error("the field {name} of {on} can be relaxed, and not made stricter: values of it are on record")]
    FieldTightened {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
    /// More fields than there is room for.
    #[error("50 fields of {on} are defined, and there is room for no more")]
    TooManyFields {
        /// What carries them.
        on: FieldOwner,
    },
    /// Only what is defined can be retired.
    #[error("no field {name} is defined for {on}")]
    NoSuchField {
        /// What carries it.
        on: FieldOwner,
        /// The field asked for.
        name: Code,
    },
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::AlreadyOpen { .. } => "settings.already_open",
            Rejection::TwoSeries { .. } => "settings.two_series",
            Rejection::FirstNumberZero { .. } => "settings.first_number_zero",
            Rejection::TooManyDigits { .. } => "settings.too_many_digits",
            Rejection::YearOutOfRange { .. } => "settings.year_out_of_range",
            Rejection::SeriesUsed { .. } => "settings.series_used",
            Rejection::PrefixUsed { .. } => "settings.prefix_used",
            Rejection::NoOptions { .. } => "settings.no_options",
            Rejection::PersonalNotText { .. } => "settings.personal_not_text",
            Rejection::FieldKindChanged { .. } => "settings.field_kind_changed",
            Rejection::FieldTightened { .. } => "settings.field_tightened",
            Rejection::TooManyFields { .. } => "settings.too_many_fields",
            Rejection::NoSuchField { .. } => "settings.no_such_field",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::AlreadyOpen { .. } => "Change single settings instead, or open another book.",
            Rejection::TwoSeries { .. } => "Give one series for each kind of document.",
            Rejection::FirstNumberZero { .. } => "Begin at 1, or at the number after your last document.",
            Rejection::TooManyDigits { .. } => {
                "Give 18 digits or fewer; longer numbers are written in full anyway."
            }
            Rejection::YearOutOfRange { .. } => "Correct the year, or leave it out.",
            Rejection::SeriesUsed { .. } => "Give the new series a name of its own, such as invoices-2027.",
            Rejection::PrefixUsed { .. } => {
                "Choose a prefix that differs by more than digits, such as 2027-INV-."
            }
            Rejection::NoOptions { .. } => "Give the texts of which it is to be one.",
            Rejection::PersonalNotText { .. } => "Define it as a text, which is given sealed.",
            Rejection::FieldKindChanged { .. } => "Define a field of another name, and retire this one.",
            Rejection::FieldTightened { .. } => {
                "Define a field of another name that is as you want it, and retire this one."
            }
            Rejection::TooManyFields { .. } => "Retire a field that is not used any more first.",
            Rejection::NoSuchField { .. } => "Look the field up in the book's settings.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_says_which_it_is() {
        let series: Code = "bills".parse().unwrap();
        let other: Code = "invoices".parse().unwrap();
        let prefix = "INV-".parse().unwrap();
        let (on, name): (FieldOwner, Code) = (FieldOwner::Plan, "depot".parse().unwrap());
        for (rule, message) in [
            (
                Rejection::AlreadyOpen { seller: Label::parse("Fern & Co").unwrap() },
                "the book of Fern & Co is open already",
            ),
            (
                Rejection::TwoSeries { documents: DocumentKind::CreditNote },
                "two series are given for credit notes",
            ),
            (Rejection::FirstNumberZero { series: series.clone() }, "series bills would begin at number 0"),
            (
                Rejection::TooManyDigits { series: series.clone(), digits: 19 },
                "series bills would fill its numbers up to 19 digits, and 18 are the most",
            ),
            (
                Rejection::YearOutOfRange { series: series.clone(), year: 26 },
                "series bills is for the year 26, and years run from 1900 to 2200",
            ),
            (Rejection::SeriesUsed { series: series.clone() }, "series bills was chosen before"),
            (
                Rejection::PrefixUsed { series, prefix, other },
                "series bills with the prefix \"INV-\" could give the same numbers as series invoices",
            ),
            (
                Rejection::NoOptions { on, name: name.clone() },
                "the field depot of plans is to be one of no options",
            ),
            (
                Rejection::PersonalNotText { on, name: name.clone() },
                "the field depot of plans is to be personal and no text: what is sealed can't be checked",
            ),
            (
                Rejection::FieldKindChanged {
                    on,
                    name: name.clone(),
                    was: FieldKind::Number,
                    now: FieldKind::Flag,
                },
                "the field depot of plans holds a number, and can't be made to hold yes or no",
            ),
            (
                Rejection::FieldTightened { on, name: name.clone() },
                "the field depot of plans can be relaxed, and not made stricter: values of it are on record",
            ),
            (
                Rejection::TooManyFields { on },
                "50 fields of plans are defined, and there is room for no more",
            ),
            (Rejection::NoSuchField { on, name }, "no field depot is defined for plans"),
        ] {
            assert_eq!(rule.to_string(), message);
        }
    }
}
