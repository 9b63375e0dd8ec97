//! From lines to a document: VAT by category and rate, rounded once each, and the sums.

use super::line::{Line, TaxTotal};
use crate::kernel::currency::Currency;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rounding::Rounding;

/// The sums of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) taxes: Vec<TaxTotal>,
    pub(super) net: Money,
    pub(super) tax: Money,
    pub(super) gross: Money,
}

/// Adds up lines. VAT is `sum of a category and rate x rate`, rounded once (EN 16931, BR-CO-17), in the order
/// in which the categories first stand on the document.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a sum can't be written, [`MoneyError`] when a line is in another currency.
pub(super) fn totals(currency: Currency, lines: &[Line], rounding: Rounding) -> Result<Totals, MoneyError> {
    let mut taxes: Vec<TaxTotal> = Vec::new();
    for line in lines {
        match taxes.iter_mut().find(|tax| tax.category == line.tax && tax.rate == line.rate) {
            Some(tax) => tax.base = tax.base.plus(line.net)?,
            None => taxes.push(TaxTotal {
                category: line.tax,
                rate: line.rate,
                base: line.net,
                tax: Money::zero(currency),
            }),
        }
    }
    for tax in &mut taxes {
        tax.tax = tax.rate.of(tax.base, rounding)?;
    }
    with_taxes(currency, taxes)
}

/// The sums of a document whose VAT is known.
///
/// # Errors
/// [`MoneyError`] when a sum can't be written, or is in another currency.
pub(super) fn with_taxes(currency: Currency, taxes: Vec<TaxTotal>) -> Result<Totals, MoneyError> {
    let net = Money::sum(currency, taxes.iter().map(|tax| tax.base))?;
    let tax = Money::sum(currency, taxes.iter().map(|tax| tax.tax))?;
    Ok(Totals { taxes, net, tax, gross: net.plus(tax)? })
}
