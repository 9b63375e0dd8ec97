//! From lines to a document: VAT by category and rate, rounded once each, and the sums.

use super::line::{Line, TaxTotal};
use crate::kernel::currency::Currency;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rounding::Rounding;
use crate::kernel::split::split;

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

/// The VAT of each line of a document, in the order of the lines: the VAT of a category and rate, which was rounded
/// once, spread over its lines in proportion to their nets by the largest remainder, ties in the order of the lines.
/// The line taxes add up to the VAT of the document, to the penny.
///
/// Where lines that charge and lines that give back stand in one category, those that charge bear the VAT on their own
/// sum, rounded half up, and those that give back the rest. A line whose category has no VAT on the document has none.
///
/// # Errors
/// [`MoneyError`] when a sum can't be written or is in another currency; [`MoneyError::NoWeights`] where there is VAT
/// on lines that all come to nothing.
pub fn line_taxes(lines: &[Line], taxes: &[TaxTotal]) -> Result<Vec<Money>, MoneyError> {
    let mut line_taxes: Vec<Money> = lines.iter().map(|line| Money::zero(line.net.currency())).collect();
    for total in taxes {
        let weights = |counts: fn(Money) -> bool| -> Vec<u64> {
            let of_category = |line: &Line| line.tax == total.category && line.rate == total.rate;
            let weight = |line: &Line| match of_category(line) && counts(line.net) {
                true => line.net.minor().unsigned_abs(),
                false => 0,
            };
            lines.iter().map(weight).collect()
        };
        let (charges, given_back) = (weights(Money::is_positive), weights(Money::is_negative));
        let has = |weights: &[u64]| weights.iter().any(|weight| *weight > 0);
        let on_charges = match (has(&charges), has(&given_back)) {
            (true, true) => {
                let nets = lines.iter().zip(&charges).filter(|(_, weight)| **weight > 0);
                let base = Money::sum(total.tax.currency(), nets.map(|(line, _)| line.net))?;
                total.rate.of(base, Rounding::HalfUp)?
            }
            (true, false) => total.tax,
            (false, true | false) => Money::zero(total.tax.currency()),
        };
        for (tax, weights) in [(on_charges, charges), (total.tax.minus(on_charges)?, given_back)] {
            if tax.is_zero() {
                continue;
            }
            for (line, part) in line_taxes.iter_mut().zip(split(tax, &weights)?) {
                *line = line.plus(part)?;
            }
        }
    }
    Ok(line_taxes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoicing::given::line_of;
    use crate::kernel::rate::Rate;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, Currency::GBP).unwrap()
    }

    /// Lines of these nets; the first at this rate, the others at 20 per cent.
    fn lines(nets: &[i64], rate: &str) -> Vec<Line> {
        let mut lines: Vec<Line> = nets.iter().map(|net| line_of("training", gbp(*net))).collect();
        lines[0].rate = Rate::percent(rate).unwrap();
        lines
    }

    fn taxes(lines: &[Line]) -> Vec<i64> {
        let totals = totals(Currency::GBP, lines, Rounding::HalfUp).unwrap();
        line_taxes(lines, &totals.taxes).unwrap().into_iter().map(Money::minor).collect()
    }

    // The examples of VAT on an invoice as a whole: 0.20 of 3 x 0.33, 3.44 of four lines; and lines that give back.
    #[test]
    fn line_taxes_add_up_to_the_vat_of_the_document() {
        assert_eq!(taxes(&lines(&[33, 33, 33], "20")), [7, 7, 6]);
        assert_eq!(taxes(&lines(&[103, 207, 412, 998], "20")), [21, 41, 82, 200]);
        assert_eq!(taxes(&lines(&[-33, -33, -33], "20")), [-7, -7, -6]);
        // 20% of 12.85 is 2.57: 6.43 on 32.14, and the rest on -19.29.
        assert_eq!(taxes(&lines(&[-1929, 3214], "20")), [-386, 643]);
        assert_eq!(taxes(&lines(&[-1000, 1000], "20")), [-200, 200], "also where the document has no VAT");
        // 5% of 0.99 is 0.0495, and 20% of 0.50 is 0.10.
        assert_eq!(taxes(&lines(&[99, 10, 40], "5")), [5, 2, 8]);
    }

    #[test]
    fn vat_on_nothing_can_not_be_spread() {
        let total = |tax| {
            let lines = lines(&[0], "20");
            let (category, rate) = (lines[0].tax, lines[0].rate);
            line_taxes(&lines, &[TaxTotal { category, rate, base: gbp(0), tax: gbp(tax) }])
        };
        assert_eq!(total(0), Ok(vec![gbp(0)]));
        assert_eq!(total(1), Err(MoneyError::NoWeights));
        assert_eq!(line_taxes(&lines(&[5], "20"), &[]), Ok(vec![gbp(0)]));
    }

    #[test]
    fn every_small_document_spreads_its_vat_to_the_penny_and_near_each_lines_own() {
        const NETS: [i64; 10] = [-6, -3, -2, -1, 0, 1, 2, 5, 8, 12];
        let all =
            NETS.iter().flat_map(|a| NETS.iter().flat_map(move |b| NETS.iter().map(move |c| [*a, *b, *c])));
        for (minors, rate) in all.flat_map(|minors| [(minors, "20"), (minors, "12.5")]) {
            let lines = lines(&minors, rate);
            let totals = totals(Currency::GBP, &lines, Rounding::HalfUp).unwrap();
            let spread = line_taxes(&lines, &totals.taxes).unwrap();
            for total in &totals.taxes {
                let of_category = lines.iter().zip(&spread).filter(|(line, _)| line.rate == total.rate);
                let sum = of_category.map(|(_, tax)| tax.minor()).sum::<i64>();
                assert_eq!(sum, total.tax.minor(), "{minors:?} at {rate}");
            }
            let one_sign = minors.iter().all(|net| *net >= 0) || minors.iter().all(|net| *net <= 0);
            for (line, tax) in lines.iter().zip(&spread) {
                // Eighths of a penny: 20% of n is 8n/5 of them, 12.5% is n.
                let away = if line.rate == Rate::percent("20").unwrap() {
                    (tax.minor() * 5 - line.net.minor()).abs() * 8
                } else {
                    (tax.minor() * 8 - line.net.minor()).abs() * 5
                };
                assert!(away < if one_sign { 2 * 40 } else { 3 * 40 }, "{minors:?} at {rate}: {spread:?}");
                assert!(!line.net.is_zero() || tax.is_zero());
            }
            if one_sign {
                let negated: Vec<Line> = minors.iter().map(|net| line_of("training", gbp(-net))).collect();
                let plain: Vec<Line> = minors.iter().map(|net| line_of("training", gbp(*net))).collect();
                let mirrored: Vec<i64> = taxes(&negated).into_iter().map(|tax| -tax).collect();
                assert_eq!(mirrored, taxes(&plain));
            }
        }
    }
}
