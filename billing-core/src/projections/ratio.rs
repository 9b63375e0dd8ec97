//! A ratio to four places: exact in integers, rounded once.

use std::fmt;
use std::num::NonZeroU128;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::kernel::rounding::Rounding;

/// A key figure to four places, half up; on the wire `"27.3299"`.
///
/// ```
/// use billing_core::projections::ratio::Ratio;
/// // 572,506p outstanding, 649,387p sold in a month of 31 days.
/// let dso = Ratio::of(572_506 * 31, 649_387).unwrap();
/// assert_eq!(dso.to_string(), "27.3299");
/// assert_eq!(Ratio::of(1, 0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(Decimal);

impl Ratio {
    const PLACES: u32 = 4;

    /// `numerator / denominator`; `None` where the denominator is zero, and so no ratio is defined, or where
    /// the numbers are beyond 128 bits.
    pub fn of(numerator: i128, denominator: i128) -> Option<Ratio> {
        let above = numerator.checked_mul(10_i128.pow(Ratio::PLACES))?;
        let above = if denominator < 0 { above.checked_neg()? } else { above };
        let quotient = Rounding::HalfUp.divide(above, NonZeroU128::new(denominator.unsigned_abs())?);
        Decimal::try_from_i128_with_scale(quotient, Ratio::PLACES).ok().map(Ratio)
    }

    /// The ratio as a number.
    pub fn to_decimal(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Ratio {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(numerator: i128, denominator: i128) -> String {
        Ratio::of(numerator, denominator).unwrap().to_string()
    }

    #[test]
    fn four_places_half_up_whatever_the_signs() {
        assert_eq!(ratio(1, 3), "0.3333");
        assert_eq!(ratio(2, 3), "0.6667");
        assert_eq!(ratio(1, 20_000), "0.0001");
        assert_eq!(ratio(-1, 20_000), "-0.0001");
        assert_eq!(ratio(1, -20_000), "-0.0001");
        assert_eq!(ratio(0, 7), "0.0000");
        assert_eq!(ratio(98, 1), "98.0000");
        assert_eq!(serde_json::to_string(&Ratio::of(1, 2)).unwrap(), r#""0.5000""#);
    }

    #[test]
    fn nothing_to_divide_by_gives_no_ratio() {
        assert_eq!(Ratio::of(5, 0), None);
        assert_eq!(Ratio::of(i128::MAX, 1), None);
    }
}
