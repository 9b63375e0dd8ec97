//! What other departments may ask about the book.

use serde::{Deserialize, Serialize};

use super::ladder::Ladder;
use super::policy::Policies;
use super::series::SeriesChoice;
use super::state::State;
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::{DefinedFields, FieldError, FieldOwner};
use crate::kernel::document::DocumentKind;
use crate::kernel::holidays::HolidayCalendar;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::text::{Code, Label};
use crate::kernel::zone::Zone;

/// Who sells, and under which calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
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
}

impl State {
    /// Whether the book was opened.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Who sells, and under which calendar.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The policies in force.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// The ladder by which late payers are reminded.
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// The fields that the seller defined for something; where it defined none, any is taken.
    pub fn custom_fields(&self, on: FieldOwner) -> &DefinedFields {
        static NONE: DefinedFields = DefinedFields::NONE;
        self.custom_fields.get(&on).unwrap_or(&NONE)
    }

    /// Whether values may be given for something that had others, or none: see [`DefinedFields::check`].
    ///
    /// # Errors
    /// [`FieldError`] names the field that does not fit.
    pub fn fields_fit(
        &self,
        on: FieldOwner,
        given: &CustomFields,
        had: Option<&CustomFields>,
    ) -> Result<(), FieldError> {
        let none = CustomFields::default();
        self.custom_fields(on).check(on, given, had.unwrap_or(&none))
    }

    /// The series in which documents of a kind are numbered.
    pub fn series(&self, documents: DocumentKind) -> &Code {
        &self.series_choice(documents).series
    }

    /// The series in which documents of a kind are numbered, and how it began.
    pub fn series_choice(&self, documents: DocumentKind) -> &SeriesChoice {
        match documents {
            DocumentKind::Invoice => &self.invoices,
            DocumentKind::CreditNote => &self.credit_notes,
            DocumentKind::Receipt => &self.receipts,
        }
    }
}
