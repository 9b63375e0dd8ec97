//! What plans and items have in common: a tax code that means something, and one price a currency.

use super::rejection::Rejection;
use super::state::State;
use crate::kernel::currency::Currency;
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
