//! Rates: VAT, discounts, interest, held as the exact percentage that was agreed.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::money::{Money, MoneyError};
use super::rounding::Rounding;
use super::spelling::{Figure, Limits, NumberError, NumberRule, broken};
use super::wire;

/// A percentage of zero or more, with at most 12 digits before the point and 8 after it.
///
/// It stands on the wire as `"20%"` or `"17.5%"`, in that one spelling.
///
/// ```
/// use billing_core::kernel::{money::Money, rate::Rate, rounding::Rounding};
/// let vat = Rate::percent("17.5")?;
/// let net = Money::parse("GBP 119.00")?;
/// // 20.825, half up
/// assert_eq!(vat.of(net, Rounding::HalfUp)?, Money::parse("GBP 20.83")?);
/// # Ok::<(), billing_core::kernel::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

impl Rate {
    /// Nothing at all, `0%`.
    pub const ZERO: Rate = Rate(Decimal::ZERO);
    /// All of it, `100%`.
    pub const WHOLE: Rate = Rate(Decimal::ONE_HUNDRED);

    const LIMITS: Limits = Limits { whole: 12, decimals: 8 };

    /// Reads a percentage as people write it: `20`, `17.5`, `20.00`.
    pub fn percent(text: &str) -> Result<Rate, NumberError> {
        Ok(Rate(Figure::lenient(text)?.not_negative()?.decimal(Rate::LIMITS)?))
    }

    /// Reads the one spelling of the wire, `17.5%`.
    pub fn parse(text: &str) -> Result<Rate, NumberError> {
        let figure = text.strip_suffix('%').ok_or_else(|| broken(text, NumberRule::PercentSign))?;
        let figure = Figure::strict(figure)?.without_trailing_zeros(0)?.not_negative()?;
        Ok(Rate(figure.decimal(Rate::LIMITS)?))
    }

    /// This part of an amount, rounded once. Exact up to that point.
    /// Errors: [`MoneyError::OutOfRange`].
    pub fn of(self, amount: Money, rounding: Rounding) -> Result<Money, MoneyError> {
        // At most 18 digits times 20, which is inside the 38 that an i128 always holds.
        let product = i128::from(amount.minor()) * self.0.mantissa();
        let minor = rounding
            .at_decimals(product, self.0.scale() + 2, 0)
            .ok_or(MoneyError::OutOfRange { currency: amount.currency() })?;
        Money::from_wide(minor, amount.currency())
    }

    /// Whether it takes nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The percentage, 17.5 for `17.5%`.
    pub fn to_decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Rate {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Rate, NumberError> {
        Rate::parse(text)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
        wire::text(deserializer, "a rate such as 20%")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::currency::Currency;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, Currency::GBP).unwrap()
    }

    fn percent(text: &str) -> Rate {
        Rate::percent(text).unwrap()
    }

    #[test]
    fn a_rate_has_one_spelling_on_the_wire() {
        for (written, wire) in
            [("20", "20%"), ("20.00", "20%"), ("17.50", "17.5%"), ("0", "0%"), ("100", "100%")]
        {
            assert_eq!(percent(written).to_string(), wire);
            assert_eq!(Rate::parse(wire), Ok(percent(written)));
        }
        assert_eq!(serde_json::to_string(&percent("0.00000001")).unwrap(), r#""0.00000001%""#);
        assert_eq!(percent("999999999999.99999999").to_string(), "999999999999.99999999%");
        let rule = |text| Rate::parse(text).unwrap_err().rule;
        assert_eq!(rule("20"), NumberRule::PercentSign);
        assert_eq!(rule("20.0%"), NumberRule::NoTrailingZeros);
        assert_eq!(rule("020%"), NumberRule::NoLeadingZeros);
        assert_eq!(rule("-20%"), NumberRule::NotNegative);
        assert_eq!(rule("20 %"), NumberRule::PlainDigits);
        assert_eq!(rule("20%%"), NumberRule::PlainDigits);
        assert!(serde_json::from_str::<Rate>("20").is_err());
    }

    #[test]
    fn people_write_plain_percentages() {
        let rule = |text| Rate::percent(text).unwrap_err().rule;
        for wrong in ["", "1e3", "1_000", "+5", "20%", " 20", "0,5"] {
            assert_eq!(rule(wrong), NumberRule::PlainDigits, "{wrong}");
        }
        assert_eq!(rule("-1"), NumberRule::NotNegative);
        assert_eq!(rule("0.000000001"), NumberRule::TooLong { whole: 12, decimals: 8 });
        assert_eq!(rule("1000000000000"), NumberRule::TooLong { whole: 12, decimals: 8 });
    }

    #[test]
    fn rates_are_ordered_by_size() {
        assert!(percent("9") < percent("17.5") && percent("17.5") < percent("20"));
        assert!(Rate::ZERO.is_zero() && Rate::ZERO == percent("0.000"));
    }

    // 20% of 0.025 is 0.005, of 0.02 is 0.004; refunds mirror.
    #[test]
    fn vat_is_rounded_once_and_alike_for_refunds() {
        let vat = percent("20");
        assert_eq!(vat.of(gbp(11_900), Rounding::HalfUp), Ok(gbp(2_380)));
        assert_eq!(percent("5").of(gbp(10), Rounding::HalfUp), Ok(gbp(1)));
        assert_eq!(percent("5").of(gbp(-10), Rounding::HalfUp), Ok(gbp(-1)));
        assert_eq!(percent("5").of(gbp(10), Rounding::HalfEven), Ok(gbp(0)));
        assert_eq!(percent("5").of(gbp(10), Rounding::Down), Ok(gbp(0)));
        assert_eq!(Rate::ZERO.of(gbp(11_900), Rounding::Up), Ok(gbp(0)));
        let yen = |minor| Money::new(minor, Currency::JPY).unwrap();
        assert_eq!(percent("8").of(yen(99), Rounding::Down), Ok(yen(7)));
    }

    #[test]
    fn the_largest_rate_of_the_largest_amount_is_worked_out_exactly() {
        let most = gbp(Money::LIMIT);
        let error = Err(MoneyError::OutOfRange { currency: Currency::GBP });
        assert_eq!(percent("999999999999.99999999").of(most, Rounding::HalfUp), error);
        assert_eq!(percent("999999999999.99999999").of(most.negated(), Rounding::HalfUp), error);
        assert_eq!(percent("100").of(most, Rounding::Up), Ok(most));
        // 10^18 - 1 ten-thousand-millionths (10^-10): 99,999,999.9999999999
        assert_eq!(percent("0.00000001").of(most, Rounding::Down), Ok(gbp(99_999_999)));
        assert_eq!(percent("0.00000001").of(most, Rounding::HalfUp), Ok(gbp(100_000_000)));
    }

    proptest! {
        // Exact: 100 x share lies within half a unit (of 100 x 10^8) of amount x percentage.
        #[test]
        fn a_share_is_off_by_half_a_unit_at_most(
            minor in -10_i64.pow(12)..10_i64.pow(12),
            parts in 0_i64..10_i64.pow(11),
        ) {
            let rate = percent(&format!("{}.{:08}", parts / 100_000_000, parts % 100_000_000));
            let share = rate.of(gbp(minor), Rounding::HalfUp).unwrap();
            let exact = i128::from(minor) * i128::from(parts);
            let unit = 100 * 100_000_000_i128;
            prop_assert!((2 * (exact - i128::from(share.minor()) * unit)).abs() <= unit);
            prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        }
    }
}
