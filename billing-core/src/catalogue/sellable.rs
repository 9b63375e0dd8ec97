//! What plans and items have in common: a tax code that means something, and one price a currency.

use super::rejection::Rejection;
use super::state::State;
use crate::book::Books;
use crate::decision::{Missing, Stop};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::text::Code;

/// Refuses what could not be sold. `currencies` are those of the prices, in any order.
pub(super) fn sellable(
    catalogue: &State,
    code: &Code,
    tax_code: &Code,
    mut currencies: Vec<Currency>,
) -> Result<(), Rejection> {
    let code = || code.clone();
    if !catalogue.knows_tax_code(tax_code) {
        return Err(Rejection::UnknownTaxCode { code: code(), tax_code: tax_code.clone() });
    }
    if currencies.is_empty() {
        return Err(Rejection::NoPrice { code: code() });
    }
    currencies.sort_by_key(|currency| currency.code());
    match currencies.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Rejection::TwoPrices { code: code(), currency: pair[0] }),
        None => Ok(()),
    }
}

/// Whether the fields of a version fit what is defined. Where no book is open yet, nothing is.
pub(super) fn fields_fit(
    books: &Books,
    on: FieldOwner,
    given: &CustomFields,
    had: Option<&CustomFields>,
) -> Result<(), Stop<Rejection>> {
    let settings = match books.settings() {
        Ok(settings) => settings,
        Err(Missing::Absent(_)) => return Ok(()),
        Err(missing @ (Missing::Need(_) | Missing::Present(_))) => return Err(missing.into()),
    };
    Ok(settings.fields_fit(on, given, had).map_err(Rejection::from)?)
}
