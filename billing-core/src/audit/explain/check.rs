//! Whether an explanation holds: every tree comes to its line, the lines to the document.

use super::fold::tax_of;
use super::{Explanation, Figure, Step};
use crate::kernel::balance::Balance;
use crate::kernel::document::DocumentId;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rounding::Rounding;

/// A figure on a document that its explanation does not come to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{document}: {what} is {said}, but comes to {comes_to}; verify the log, and credit what was billed wrongly"
)]
pub struct Unexplained {
    /// The document.
    pub document: DocumentId,
    /// Which figure: `line 2`, `VAT of standard at 20%`, `net`.
    pub what: String,
    /// What stands on the document.
    pub said: Money,
    /// What it comes to; words where that is no amount.
    pub comes_to: String,
}

impl Explanation {
    /// Reckons everything again: each line's tree and steps, the VAT on the sum of each category, and the totals.
    ///
    /// # Errors
    /// [`Unexplained`] names the first figure that is not what it comes to.
    pub fn check(&self) -> Result<(), Unexplained> {
        for line in &self.lines {
            let comes_to = line
                .working
                .value()
                .and_then(|exact| reached(exact, self.line_rounding, line.exact, line.rounded, &line.steps));
            self.is(|| format!("line {}", line.number), line.net, comes_to)?;
        }
        for tax in &self.taxes {
            let of_it =
                self.lines.iter().filter(|line| (line.category, line.rate) == (tax.category, tax.rate));
            let base: Balance = of_it.map(|line| line.net).collect();
            self.sums(|| format!("the base of VAT {} at {}", tax.category, tax.rate), tax.base, base)?;
            let comes_to = tax_of(tax.base, tax.rate, &tax.steps)
                .and_then(|exact| reached(exact, self.tax_rounding, tax.exact, tax.rounded, &tax.steps));
            self.is(|| format!("VAT {} at {}", tax.category, tax.rate), tax.tax, comes_to)?;
        }
        self.sums(|| "net".to_owned(), self.net, self.lines.iter().map(|line| line.net).collect())?;
        self.sums(
            || "the sum of the bases of VAT".to_owned(),
            self.net,
            self.taxes.iter().map(|tax| tax.base).collect(),
        )?;
        self.sums(|| "VAT".to_owned(), self.tax, self.taxes.iter().map(|tax| tax.tax).collect())?;
        self.sums(|| "the total".to_owned(), self.gross, [self.net, self.tax].into_iter().collect())
    }

    fn is(
        &self,
        what: impl Fn() -> String,
        said: Money,
        comes_to: Result<Money, MoneyError>,
    ) -> Result<(), Unexplained> {
        match comes_to {
            Ok(amount) if amount == said => Ok(()),
            Ok(amount) => Err(self.unexplained(what(), said, amount.to_string())),
            Err(why) => Err(self.unexplained(what(), said, format!("nothing ({why})"))),
        }
    }

    fn sums(&self, what: impl Fn() -> String, said: Money, sum: Balance) -> Result<(), Unexplained> {
        let of: Balance = [said].into_iter().collect();
        if of == sum { Ok(()) } else { Err(self.unexplained(what(), said, sum.to_string())) }
    }

    fn unexplained(&self, what: String, said: Money, comes_to: String) -> Unexplained {
        Unexplained { document: self.document, what, said, comes_to }
    }
}

/// The amount that an exact figure and its steps come to, if the figures that are told on the way are those.
fn reached(
    exact: crate::kernel::exact::Exact,
    rounding: Rounding,
    told: Figure,
    told_rounded: Money,
    steps: &[Step],
) -> Result<Money, MoneyError> {
    let rounded = exact.rounded(rounding)?;
    // What was told on the way counts; where it is another figure, the one that was reckoned shows.
    if Figure(exact) != told || rounded != told_rounded {
        return Ok(rounded);
    }
    steps.iter().try_fold(rounded, |amount, step| step.apply(amount))
}
