//! How an amount was reached. The working is the calculation: what it comes to is the amount, and there is no
//! second way to reckon it.

use std::fmt;

use serde::Serialize;

use crate::kernel::currency::Currency;
use crate::kernel::exact::Exact;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::quantity::Quantity;
use crate::kernel::rate::Rate;
use crate::kernel::rounding::Rounding;
use crate::kernel::unit_price::UnitPrice;

/// A tree of steps. Its leaves are figures that stand in a price, and quantities.
///
/// Shown, it has a line for each step, the parts of a step indented below it:
///
/// ```
/// use billing_core::catalogue::{Price, Tier, Tiers};
/// let tiers = Tiers::new(vec![
///     Tier::each("GBP 2.00".parse()?).up_to("100".parse()?).plus("GBP 10.00".parse()?),
///     Tier::each("GBP 1.00".parse()?),
/// ])?;
/// let working = Price::Graduated(tiers).working("150".parse()?);
/// assert_eq!(
///     working.to_string(),
///     "the sum of\n  \
///        the sum of\n    \
///          100 x GBP 2.00\n    \
///          GBP 10.00\n  \
///        50 x GBP 1.00"
/// );
/// assert_eq!(working.amount(Default::default())?.to_string(), "GBP 260.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Working {
    /// A fixed amount.
    Amount(Money),
    /// A fixed amount for each of so many.
    Seats {
        /// How many.
        quantity: Quantity,
        /// The amount for one.
        amount: Money,
    },
    /// Units at a unit price.
    Units {
        /// How many.
        quantity: Quantity,
        /// The price of one.
        price: UnitPrice,
    },
    /// Packages of units, each begun one in full.
    Packages {
        /// How many units.
        quantity: Quantity,
        /// How many are in a package.
        size: Quantity,
        /// How many packages that is.
        packages: u64,
        /// The price of one.
        price: Money,
    },
    /// A percentage of a figure in major units.
    Percentage {
        /// The percentage.
        rate: Rate,
        /// The figure.
        base: Quantity,
        /// In which currency.
        currency: Currency,
    },
    /// A sum; nothing where there is nothing to add.
    Sum {
        /// What is added.
        parts: Vec<Working>,
        /// In which currency.
        currency: Currency,
    },
    /// Not less than an amount.
    AtLeast {
        /// The amount.
        least: Money,
        /// What it would be without.
        working: Box<Working>,
    },
    /// Not more than an amount.
    AtMost {
        /// The amount.
        most: Money,
        /// What it would be without.
        working: Box<Working>,
    },
    /// The part that falls on some days of a full period.
    Part {
        /// Days of it.
        days: u32,
        /// Days of the full period.
        of_days: u32,
        /// Where the ratio is rounded, half up, before it is multiplied with: to how many decimals.
        #[serde(skip_serializing_if = "Option::is_none")]
        decimals: Option<u8>,
        /// The price of the full period.
        working: Box<Working>,
    },
    /// The part of a full period that falls on some seconds of it.
    PartBySecond {
        /// Seconds of it.
        seconds: u32,
        /// Seconds of the full period.
        of_seconds: u32,
        /// The price of the full period.
        working: Box<Working>,
    },
    /// As much of it as was charged of a line from which discounts were taken off.
    Share {
        /// What the line came to.
        net: Money,
        /// What it came to before discounts.
        before: Money,
        /// What it would be without.
        working: Box<Working>,
    },
}

impl Working {
    /// What it comes to, exactly.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`]; [`MoneyError::NoDays`] for a part of nothing.
    pub fn value(&self) -> Result<Exact, MoneyError> {
        match self {
            Working::Amount(amount) => Ok(Exact::from(*amount)),
            Working::Seats { quantity, amount } => Exact::from(*amount).times(*quantity),
            Working::Units { quantity, price } => Exact::units(*quantity, *price),
            Working::Packages { packages, price, .. } => {
                Exact::from(*price).times(Quantity::whole(*packages))
            }
            Working::Percentage { rate, base, currency } => Exact::major(*base, *currency)?.percent(*rate),
            Working::Sum { parts, currency } => {
                parts.iter().try_fold(Exact::zero(*currency), |sum, part| sum.plus(part.value()?))
            }
            Working::AtLeast { least, working } => {
                let value = working.value()?;
                Ok(if value.cmp_to(*least)?.is_lt() { Exact::from(*least) } else { value })
            }
            Working::AtMost { most, working } => {
                let value = working.value()?;
                Ok(if value.cmp_to(*most)?.is_gt() { Exact::from(*most) } else { value })
            }
            Working::Part { days, of_days, decimals: None, working } => {
                working.value()?.part(*days, *of_days)
            }
            Working::Part { days, of_days, decimals: Some(decimals), working } => {
                working.value()?.rounded_part(*days, *of_days, *decimals)
            }
            Working::PartBySecond { seconds, of_seconds, working } => {
                working.value()?.part(*seconds, *of_seconds)
            }
            Working::Share { net, before, working } => working.value()?.share(*net, *before),
        }
    }

    /// The amount, rounded once.
    ///
    /// # Errors
    /// Those of [`value`](Working::value).
    pub fn amount(&self, rounding: Rounding) -> Result<Money, MoneyError> {
        self.value()?.rounded(rounding)
    }

    /// The part of it that falls on some days of a full period.
    pub fn part(self, days: u32, of_days: u32, decimals: Option<u8>) -> Working {
        Working::Part { days, of_days, decimals, working: Box::new(self) }
    }

    /// The part of it that falls on some seconds of a full period.
    pub fn part_by_second(self, seconds: u32, of_seconds: u32) -> Working {
        Working::PartBySecond { seconds, of_seconds, working: Box::new(self) }
    }

    /// As much of it as one amount is of another.
    pub fn share(self, net: Money, before: Money) -> Working {
        Working::Share { net, before, working: Box::new(self) }
    }

    fn below(&self) -> &[Working] {
        match self {
            Working::Sum { parts, .. } => parts,
            Working::AtLeast { working, .. }
            | Working::AtMost { working, .. }
            | Working::Part { working, .. }
            | Working::PartBySecond { working, .. }
            | Working::Share { working, .. } => std::slice::from_ref(working),
            Working::Amount(_)
            | Working::Seats { .. }
            | Working::Units { .. }
            | Working::Packages { .. }
            | Working::Percentage { .. } => &[],
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        if depth > 0 {
            write!(f, "\n{:indent$}", "", indent = depth * 2)?;
        }
        match self {
            Working::Amount(amount) => write!(f, "{amount}")?,
            Working::Seats { quantity, amount } => write!(f, "{quantity} x {amount}")?,
            Working::Units { quantity, price } => write!(f, "{quantity} x {price}")?,
            Working::Packages { quantity, size, packages, price } => {
                write!(f, "{packages} x {price} ({quantity} in packages of {size})")?;
            }
            Working::Percentage { rate, base, currency } => write!(f, "{rate} of {currency} {base}")?,
            Working::Sum { parts, currency } if parts.is_empty() => write!(f, "{}", Money::zero(*currency))?,
            Working::Sum { .. } => f.write_str("the sum of")?,
            Working::AtLeast { least, .. } => write!(f, "at least {least}, else")?,
            Working::AtMost { most, .. } => write!(f, "at most {most}, else")?,
            Working::Part { days, of_days, decimals: None, .. } => write!(f, "{days} of {of_days} days of")?,
            Working::Part { days, of_days, decimals: Some(decimals), .. } => {
                write!(f, "{days} of {of_days} days, a ratio of {decimals} decimals, of")?;
            }
            Working::PartBySecond { seconds, of_seconds, .. } => {
                write!(f, "{seconds} of {of_seconds} seconds of")?;
            }
            Working::Share { net, before, .. } => write!(f, "{net} out of {before} of")?,
        }
        self.below().iter().try_for_each(|part| part.write(f, depth + 1))
    }
}

impl fmt::Display for Working {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_taken_of_the_exact_part() {
        let [price, net, before] =
            ["GBP 10.00", "GBP 5.00", "GBP 10.00"].map(|text| text.parse::<Money>().unwrap());
        let working = Working::Amount(price).part(2, 3, None).share(net, before);
        // Half of 6.666… and not of 6.67, which would be 3.335.
        assert_eq!(working.amount(Rounding::HalfUp).unwrap().to_string(), "GBP 3.33");
        assert_eq!(working.to_string(), "GBP 5.00 out of GBP 10.00 of\n  2 of 3 days of\n    GBP 10.00");
    }
}
