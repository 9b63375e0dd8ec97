//! Quantities: seats, hours, gigabytes; how many of what is sold.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::spelling::{Figure, Limits, NumberError, NumberRule, broken};
use super::wire;

/// An exact number of units, zero or more, with at most 20 digits before the point and 8 after it.
///
/// It stands on the wire as `"3"` or `"2.5"`, in that one spelling.
///
/// ```
/// use billing_core::kernel::quantity::Quantity;
/// let hours = Quantity::parse("2.5")?;
/// assert_eq!(hours.plus(Quantity::whole(3))?.to_string(), "5.5");
/// assert!(hours.minus(Quantity::whole(3)).is_err());
/// # Ok::<(), billing_core::kernel::money::NumberError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(Decimal);

impl Quantity {
    /// None.
    pub const ZERO: Quantity = Quantity(Decimal::ZERO);
    /// A single one.
    pub const ONE: Quantity = Quantity(Decimal::ONE);

    const LIMITS: Limits = Limits { whole: 20, decimals: 8 };

    /// A whole number of units.
    pub fn whole(units: u64) -> Quantity {
        Quantity(Decimal::from(units))
    }

    /// Reads the one spelling of the wire: `3`, `2.5`.
    pub fn parse(text: &str) -> Result<Quantity, NumberError> {
        let figure = Figure::strict(text)?.without_trailing_zeros(0)?.not_negative()?;
        Ok(Quantity(figure.decimal(Quantity::LIMITS)?))
    }

    /// Reads what people type and files carry: `3`, `2.50`, `007`.
    pub fn from_figure(text: &str) -> Result<Quantity, NumberError> {
        Ok(Quantity(Figure::lenient(text)?.not_negative()?.decimal(Quantity::LIMITS)?))
    }

    /// The sum. Errors: [`NumberRule::TooLong`].
    pub fn plus(self, other: Quantity) -> Result<Quantity, NumberError> {
        // Two figures of 28 digits have an exact sum in the 96 bits of a decimal.
        let sum = (self.0 + other.0).normalize();
        let Limits { whole, decimals } = Quantity::LIMITS;
        match sum.trunc().mantissa() < 10_i128.pow(20) {
            true => Ok(Quantity(sum)),
            false => Err(broken(&sum.to_string(), NumberRule::TooLong { whole, decimals })),
        }
    }

    /// The difference. Errors: [`NumberRule::NotNegative`] when more is taken than is there.
    pub fn minus(self, other: Quantity) -> Result<Quantity, NumberError> {
        let difference = (self.0 - other.0).normalize();
        match other <= self {
            true => Ok(Quantity(difference)),
            false => Err(broken(&difference.to_string(), NumberRule::NotNegative)),
        }
    }

    /// Whether there is none.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether there is no broken unit.
    pub fn is_whole(self) -> bool {
        self.0.is_integer()
    }

    /// The number as a decimal.
    pub fn to_decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Quantity {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Quantity, NumberError> {
        Quantity::parse(text)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        wire::text(deserializer, "a quantity such as 3 or 2.5")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: &str = "99999999999999999999.99999999";

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn a_quantity_has_one_spelling_on_the_wire() {
        for text in ["0", "1", "3", "2.5", "0.00000001", "18446744073709551615", MOST] {
            assert_eq!(quantity(text).to_string(), text);
            let wire = serde_json::to_string(&quantity(text)).unwrap();
            assert_eq!(serde_json::from_str::<Quantity>(&wire).unwrap(), quantity(text));
        }
        let rule = |text| Quantity::parse(text).unwrap_err().rule;
        assert_eq!(rule("2.50"), NumberRule::NoTrailingZeros);
        assert_eq!(rule("3.0"), NumberRule::NoTrailingZeros);
        assert_eq!(rule("03"), NumberRule::NoLeadingZeros);
        assert_eq!(rule("-3"), NumberRule::NotNegative);
        assert_eq!(rule("-0"), NumberRule::NoNegativeZero);
        assert_eq!(rule("0.000000001"), NumberRule::TooLong { whole: 20, decimals: 8 });
        assert_eq!(rule("100000000000000000000"), NumberRule::TooLong { whole: 20, decimals: 8 });
        for wrong in ["", "1e3", "1_000", "+5", " 3", "3 "] {
            assert_eq!(rule(wrong), NumberRule::PlainDigits, "{wrong}");
        }
        assert!(serde_json::from_str::<Quantity>("3").is_err());
    }

    #[test]
    fn people_may_pad_their_figures() {
        assert_eq!(Quantity::from_figure("002.50"), Ok(quantity("2.5")));
        assert_eq!(Quantity::from_figure("3.000").unwrap().to_string(), "3");
        assert_eq!(Quantity::from_figure("-3").unwrap_err().rule, NumberRule::NotNegative);
    }

    #[test]
    fn sums_and_differences_are_exact() {
        assert_eq!(quantity("0.1").plus(quantity("0.2")), Ok(quantity("0.3")));
        assert_eq!(quantity("2.5").plus(quantity("0.5")).unwrap().to_string(), "3");
        assert_eq!(quantity("3").minus(quantity("0.00000001")), Ok(quantity("2.99999999")));
        assert_eq!(quantity("3").minus(quantity("3")), Ok(Quantity::ZERO));
        assert_eq!(
            quantity(MOST).minus(quantity("0.00000001")),
            Ok(quantity("99999999999999999999.99999998"))
        );
        assert_eq!(
            quantity("3").minus(quantity("3.5")).unwrap_err().to_string(),
            "\"-0.5\" is refused: it may not be below zero"
        );
        for more in ["0.00000001", "1", MOST] {
            let rule = quantity(MOST).plus(quantity(more)).unwrap_err().rule;
            assert_eq!(rule, NumberRule::TooLong { whole: 20, decimals: 8 });
        }
    }

    #[test]
    fn quantities_are_ordered_by_size() {
        assert!(quantity("9") < quantity("10") && quantity("2.5") < quantity("2.51"));
        assert!(Quantity::whole(3) == quantity("3") && Quantity::ONE == Quantity::whole(1));
        assert_eq!(Quantity::whole(u64::MAX).to_string(), "18446744073709551615");
        assert!(Quantity::ZERO.is_zero() && Quantity::ZERO.is_whole() && !quantity("2.5").is_whole());
    }
}
