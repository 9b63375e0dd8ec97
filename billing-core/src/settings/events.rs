//! What the book itself records: who sells, under which calendar, policies, ladders and number series.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ladder::Ladder;
use super::policy::Policies;
use super::series::SeriesChoice;
use crate::kernel::currency::Currency;
use crate::kernel::defined_fields::{FieldDefinition, FieldOwner};
use crate::kernel::holidays::HolidayCalendar;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::{Code, Label};
use crate::kernel::zone::Zone;

crate::events! {
    "settings" {
        BookOpened = "book_opened" 1;
        PoliciesChosen = "policies_chosen" 1;
        LadderSet = "ladder_set" 1;
        SeriesChosen = "series_chosen" 1;
        CustomFieldDefined = "custom_field_defined" 1;
        CustomFieldRetired = "custom_field_retired" 1;
    }
}

/// A seller began to keep a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookOpened {
    /// The seller's name as it stands on documents.
    pub seller: Label,
    /// The currency of the books, and of accounts that name no other.
    pub currency: Currency,
    /// Where the seller's days begin and end.
    pub zone: Zone,
    /// Which days are worked.
    pub holidays: HolidayCalendar,
    /// The terms of accounts that have none of their own.
    pub terms: PaymentTerms,
    /// The policies in force from now on.
    pub policies: Policies,
    /// One series for each kind of document.
    pub series: Vec<SeriesChoice>,
}

/// Other policies are in force from now on; what was decided before stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoliciesChosen {
    /// All policies, the unchanged ones too.
    pub policies: Policies,
}

/// Late payers are reminded by this ladder from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSet {
    /// The ladder.
    pub ladder: Ladder,
}

/// Documents of a kind are numbered in another series from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesChosen {
    /// The series and how it begins.
    pub series: SeriesChoice,
}

/// A field of the seller's own means this from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldDefined {
    /// What carries it.
    pub on: FieldOwner,
    /// Its name.
    pub name: Code,
    /// What is known of it.
    pub definition: FieldDefinition,
}

/// A field is given no values any more; those on record stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldRetired {
    /// What carries it.
    pub on: FieldOwner,
    /// Its name.
    pub name: Code,
}

impl fmt::Display for BookOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Book of {} opened in {}, {}.", self.seller, self.currency, self.zone)
    }
}

impl fmt::Display for PoliciesChosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policies chosen: {}.", self.policies)
    }
}

impl fmt::Display for LadderSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reminder ladder set: {}.", self.ladder)
    }
}

impl fmt::Display for SeriesChosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SeriesChoice { documents, series, .. } = &self.series;
        write!(f, "Series {series} chosen for {documents}, from {} on.", self.series.number(2.into()))
    }
}

impl fmt::Display for CustomFieldDefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CustomFieldDefined { on, name, definition: FieldDefinition { kind, required, personal } } = self;
        let required = if *required { ", required" } else { "" };
        let personal = if *personal { ", personal" } else { "" };
        write!(f, "Field {name} of {on} defined: {kind}{required}{personal}.")
    }
}

impl fmt::Display for CustomFieldRetired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field {} of {} retired.", self.name, self.on)
    }
}
