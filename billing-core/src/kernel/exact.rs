//! Exact figures on their way to an amount: fractions of a currency's minor unit, rounded once, at the end.

use std::cmp::Ordering;
use std::num::NonZeroU128;

use super::currency::Currency;
use super::money::{Money, MoneyError};
use super::quantity::Quantity;
use super::rate::Rate;
use super::rounding::Rounding;
use super::unit_price::UnitPrice;

/// An exact amount, which may be finer than the currency. Nothing is rounded before [`rounded`](Exact::rounded).
///
/// ```
/// use billing_core::kernel::{exact::Exact, money::Money, rounding::Rounding};
/// let month = Exact::from(Money::parse("GBP 10.00")?);
/// let third = month.part(1, 3)?;
/// assert_eq!(third.rounded(Rounding::HalfUp)?, Money::parse("GBP 3.33")?);
/// assert_eq!(third.plus(third)?.plus(third)?, month);
/// # Ok::<(), billing_core::kernel::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Exact {
    /// Minor units, times the denominator.
    numerator: i128,
    denominator: NonZeroU128,
    currency: Currency,
}

impl Exact {
    /// Nothing, in that currency.
    pub fn zero(currency: Currency) -> Exact {
        Money::zero(currency).into()
    }

    /// So many units at a price. Errors: [`MoneyError::OutOfRange`].
    pub fn units(quantity: Quantity, price: UnitPrice) -> Result<Exact, MoneyError> {
        let unit =
            Exact::decimal(price.to_decimal().mantissa(), price.to_decimal().scale(), price.currency())?;
        unit.times(quantity)
    }

    /// A figure in major units. Errors: [`MoneyError::OutOfRange`].
    pub fn major(figure: Quantity, currency: Currency) -> Result<Exact, MoneyError> {
        Exact::decimal(figure.to_decimal().mantissa(), figure.to_decimal().scale(), currency)
    }

    fn decimal(mantissa: i128, scale: u32, currency: Currency) -> Result<Exact, MoneyError> {
        let decimals = 10_i128.pow(currency.decimals().into());
        Exact { numerator: mantissa, denominator: NonZeroU128::MIN, currency }
            .scaled(decimals, power_of_ten(scale))
    }

    /// It, that often. Errors: [`MoneyError::OutOfRange`].
    pub fn times(self, quantity: Quantity) -> Result<Exact, MoneyError> {
        self.scaled(quantity.to_decimal().mantissa(), power_of_ten(quantity.to_decimal().scale()))
    }

    /// A percentage of it. Errors: [`MoneyError::OutOfRange`].
    pub fn percent(self, rate: Rate) -> Result<Exact, MoneyError> {
        self.scaled(rate.to_decimal().mantissa(), power_of_ten(rate.to_decimal().scale() + 2))
    }

    /// The part of it that falls on some days of a full period.
    /// Errors: [`MoneyError::NoDays`] when the period has none, [`MoneyError::OutOfRange`].
    pub fn part(self, days: u32, of_days: u32) -> Result<Exact, MoneyError> {
        let of_days = NonZeroU128::new(of_days.into()).ok_or(MoneyError::NoDays)?;
        self.scaled(days.into(), of_days)
    }

    /// The part of it that falls on some days of a full period, by a ratio that is rounded, half up, to so many decimals
    /// (18 at most) before it is multiplied with.
    /// Errors: [`MoneyError::NoDays`] when the period has none, [`MoneyError::OutOfRange`].
    ///
    /// ```
    /// use billing_core::kernel::{exact::Exact, money::Money, rounding::Rounding};
    /// let price = Exact::from(Money::parse("USD 19.95")?);
    /// // 19.95 x 2/28 is 1.425: exactly on the half, and just below it with 0.071428571.
    /// assert_eq!(price.part(2, 28)?.rounded(Rounding::HalfUp)?, Money::parse("USD 1.43")?);
    /// assert_eq!(price.rounded_part(2, 28, 9)?.rounded(Rounding::HalfUp)?, Money::parse("USD 1.42")?);
    /// # Ok::<(), billing_core::kernel::money::MoneyError>(())
    /// ```
    pub fn rounded_part(self, days: u32, of_days: u32, decimals: u8) -> Result<Exact, MoneyError> {
        let of_days = NonZeroU128::new(of_days.into()).ok_or(MoneyError::NoDays)?;
        let scale = power_of_ten(decimals.min(18).into());
        let scaled = i128::try_from(scale.get()).map_err(|_| self.out_of_range())?;
        let ratio = Rounding::HalfUp.divide(i128::from(days) * scaled, of_days);
        self.scaled(ratio, scale)
    }

    /// As much of it as one amount is of another: what a discount has left of a price.
    /// Errors: [`MoneyError::CurrencyMismatch`], [`MoneyError::NoWeights`] when the whole is nothing,
    /// [`MoneyError::OutOfRange`].
    pub fn share(self, part: Money, whole: Money) -> Result<Exact, MoneyError> {
        part.same_currency(whole)?;
        let over = NonZeroU128::new(whole.minor().unsigned_abs().into()).ok_or(MoneyError::NoWeights)?;
        self.scaled(i128::from(part.minor()) * i128::from(whole.minor().signum()), over)
    }

    /// The sum. Errors: [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn plus(self, other: Exact) -> Result<Exact, MoneyError> {
        Money::zero(self.currency).same_currency(Money::zero(other.currency))?;
        let (left, right) = (self.reduced(), other.reduced());
        // Over the least common denominator, so that sums of many parts of one period stay small.
        let common = greatest_common(left.denominator.get(), right.denominator.get());
        let widen = |one: Exact, by: u128| one.numerator.checked_mul(i128::try_from(by).ok()?);
        let sum = || {
            let numerator = widen(left, right.denominator.get() / common)?
                .checked_add(widen(right, left.denominator.get() / common)?)?;
            let denominator =
                left.denominator.checked_mul(NonZeroU128::new(right.denominator.get() / common)?)?;
            Some(Exact { numerator, denominator, currency: self.currency })
        };
        sum().ok_or(self.out_of_range())
    }

    /// The difference. Errors: [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn minus(self, other: Exact) -> Result<Exact, MoneyError> {
        let numerator = other.numerator.checked_neg().ok_or(self.out_of_range())?;
        self.plus(Exact { numerator, ..other })
    }

    /// It in minor units, as a fraction in lowest terms: numerator and denominator.
    pub fn fraction(self) -> (i128, NonZeroU128) {
        let lowest = self.reduced();
        (lowest.numerator, lowest.denominator)
    }

    /// How it compares with an amount. Errors: [`MoneyError::CurrencyMismatch`], [`MoneyError::OutOfRange`].
    pub fn cmp_to(self, amount: Money) -> Result<Ordering, MoneyError> {
        let difference = self.plus(Exact::from(amount.negated()))?;
        Ok(difference.numerator.cmp(&0))
    }

    /// The amount, rounded once. Errors: [`MoneyError::OutOfRange`].
    pub fn rounded(self, rounding: Rounding) -> Result<Money, MoneyError> {
        Money::from_wide(rounding.divide(self.numerator, self.denominator), self.currency)
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// `self × by ÷ over`; brought to lowest terms only where it would not fit otherwise.
    fn scaled(self, by: i128, over: NonZeroU128) -> Result<Exact, MoneyError> {
        let multiply = |one: Exact, by: i128, over: NonZeroU128| {
            let numerator = one.numerator.checked_mul(by)?;
            Some(Exact { numerator, denominator: one.denominator.checked_mul(over)?, currency: one.currency })
        };
        multiply(self, by, over)
            .or_else(|| {
                let (one, factor) =
                    (self.reduced(), Exact { numerator: by, denominator: over, ..self }.reduced());
                // Crosswise too, after which a product that does not fit is too large in lowest terms.
                let left = Exact { denominator: factor.denominator, ..one }.reduced();
                let right = Exact { denominator: one.denominator, ..factor }.reduced();
                multiply(Exact { denominator: right.denominator, ..left }, right.numerator, left.denominator)
            })
            .ok_or(self.out_of_range())
    }

    fn reduced(self) -> Exact {
        let common = greatest_common(self.numerator.unsigned_abs(), self.denominator.get());
        let numerator = i128::try_from(common).map(|common| self.numerator / common);
        let denominator = NonZeroU128::new(self.denominator.get() / common);
        match (numerator, denominator) {
            (Ok(numerator), Some(denominator)) => Exact { numerator, denominator, ..self },
            (Ok(_) | Err(_), Some(_) | None) => self,
        }
    }

    fn out_of_range(self) -> MoneyError {
        MoneyError::OutOfRange { currency: self.currency }
    }
}

impl From<Money> for Exact {
    fn from(amount: Money) -> Exact {
        let numerator = amount.minor().into();
        Exact { numerator, denominator: NonZeroU128::MIN, currency: amount.currency() }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Exact) -> bool {
        let (left, right) = (self.reduced(), other.reduced());
        (left.numerator, left.denominator, left.currency)
            == (right.numerator, right.denominator, right.currency)
    }
}

impl Eq for Exact {}

/// Quantities, unit prices and rates have at most 12 decimals.
fn power_of_ten(scale: u32) -> NonZeroU128 {
    NonZeroU128::new(10).map_or(NonZeroU128::MIN, |ten| ten.saturating_pow(scale))
}

/// The greatest number that divides both; the second is never zero.
fn greatest_common(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pounds(text: &str) -> Exact {
        Money::from_major(text, Currency::GBP).unwrap().into()
    }

    fn shown(exact: Exact) -> String {
        exact.rounded(Rounding::HalfUp).unwrap().to_string()
    }

    #[test]
    fn units_percentages_and_parts_are_exact_until_they_are_rounded() {
        let units = Exact::units("1001".parse().unwrap(), "GBP 0.0125".parse().unwrap()).unwrap();
        assert_eq!(shown(units), "GBP 12.51", "12.5125");
        assert_eq!(shown(units.part(1, 2).unwrap()), "GBP 6.26", "6.25625, not half of 12.51");
        assert_eq!(shown(pounds("119.00").percent(Rate::percent("17.5").unwrap()).unwrap()), "GBP 20.83");
        assert_eq!(shown(pounds("30.00").part(12, 31).unwrap()), "GBP 11.61");
        assert_eq!(shown(pounds("-30.00").part(18, 28).unwrap()), "GBP -19.29");
        let yen = Exact::units("2.5".parse().unwrap(), "JPY 3".parse().unwrap()).unwrap();
        assert_eq!(shown(yen), "JPY 8", "7.5");
        assert_eq!(shown(Exact::major("0.005".parse().unwrap(), Currency::GBP).unwrap()), "GBP 0.01");
    }

    #[test]
    fn a_difference_is_told_as_a_fraction_in_lowest_terms() {
        // 30.00 x 18/28 is 19 2/7 pounds, 13500/7 pence; 19.29 is 3/7 of a penny more.
        let exact = pounds("30.00").part(18, 28).unwrap();
        assert_eq!(exact.fraction(), (13500, NonZeroU128::new(7).unwrap()));
        assert_eq!(pounds("19.29").minus(exact).unwrap().fraction(), (3, NonZeroU128::new(7).unwrap()));
        assert!(pounds("1.00").minus(Exact::zero(Currency::EUR)).is_err());
    }

    #[test]
    fn a_share_is_exact_and_has_the_sign_of_both() {
        let gbp = |text: &str| Money::from_major(text, Currency::GBP).unwrap();
        let third = pounds("10.00").share(gbp("1.00"), gbp("3.00")).unwrap();
        assert_eq!(third, pounds("10.00").part(1, 3).unwrap());
        assert_eq!(third, pounds("10.00").share(gbp("-1.00"), gbp("-3.00")).unwrap());
        assert_eq!(shown(pounds("10.00").share(gbp("1.00"), gbp("-3.00")).unwrap()), "GBP -3.33");
        assert_eq!(pounds("10.00").share(gbp("0.00"), gbp("0.00")), Err(MoneyError::NoWeights));
        let largest = Money::new(Money::LIMIT, Currency::GBP).unwrap();
        assert_eq!(Exact::from(largest).share(largest, largest), Ok(largest.into()));
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_what_fits_in_lowest_terms_is_none() {
        let too_much = MoneyError::OutOfRange { currency: Currency::GBP };
        let most: Quantity = "99999999999999999999.99999999".parse().unwrap();
        let largest = Exact::from(Money::new(Money::LIMIT, Currency::GBP).unwrap());
        assert_eq!(largest.times(most).and_then(|exact| exact.rounded(Rounding::Down)), Err(too_much));
        let week = (0..12).try_fold(largest, |exact, _| exact.part(7, 31)?.part(31, 7)).unwrap();
        assert_eq!(week, largest);
        assert_eq!(largest.part(1, 0), Err(MoneyError::NoDays));
        assert!(matches!(
            pounds("1.00").plus(Exact::zero(Currency::EUR)),
            Err(MoneyError::CurrencyMismatch { .. })
        ));
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole_in_any_order(
            minor in -1_000_000_i64..1_000_000,
            of in 1_u32..400,
            days in prop::collection::vec(0_u32..40, 0..8),
        ) {
            let whole = Exact::from(Money::new(minor, Currency::GBP).unwrap());
            let sum = days.iter().try_fold(Exact::zero(Currency::GBP), |sum, days| sum.plus(whole.part(*days, of)?));
            prop_assert_eq!(sum.unwrap(), whole.part(days.iter().sum(), of).unwrap());
        }

        #[test]
        fn comparing_is_comparing_the_fractions(minor in -500_i64..500, other in -500_i64..500, days in 1_u32..31) {
            let part = Exact::from(Money::new(minor, Currency::GBP).unwrap()).part(days, 31).unwrap();
            let expected = (minor * i64::from(days)).cmp(&(other * 31));
            prop_assert_eq!(part.cmp_to(Money::new(other, Currency::GBP).unwrap()), Ok(expected));
        }
    }
}
