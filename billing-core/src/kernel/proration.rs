//! Proration: the part of an amount that falls on some days of a full period.

use std::num::NonZeroU128;

use super::money::{Money, MoneyError};
use super::rounding::Rounding;

/// `amount × days ÷ of_days`: multiplied first, divided last, rounded once.
///
/// `of_days` is the length of the full, anchored period that contains the days, so that the parts of
/// one period share one denominator. `days` may be more than that, as in a long first period.
/// Credits are prorated as the charges that they take back.
///
/// Errors: [`MoneyError::NoDays`] when `of_days` is 0, [`MoneyError::OutOfRange`].
///
/// ```
/// use billing_core::kernel::{money::Money, proration::prorate, rounding::Rounding};
/// // GBP 30.00 a month from 20 January: 12 of 31 days.
/// let january = prorate(Money::parse("GBP 30.00")?, 12, 31, Rounding::HalfUp)?;
/// assert_eq!(january, Money::parse("GBP 11.61")?);
/// # Ok::<(), billing_core::kernel::money::MoneyError>(())
/// ```
pub fn prorate(amount: Money, days: u32, of_days: u32, rounding: Rounding) -> Result<Money, MoneyError> {
    let of_days = NonZeroU128::new(u128::from(of_days)).ok_or(MoneyError::NoDays)?;
    let product = i128::from(amount.minor()) * i128::from(days);
    Money::from_wide(rounding.divide(product, of_days), amount.currency())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::currency::Currency;

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    fn yen(minor: i64) -> Money {
        Money::new(minor, Currency::JPY).unwrap()
    }

    fn half_up(amount: &str, days: u32, of_days: u32) -> String {
        prorate(money(amount), days, of_days, Rounding::HalfUp).unwrap().to_string()
    }

    #[test]
    fn a_month_begun_late() {
        assert_eq!(half_up("GBP 30.00", 12, 31), "GBP 11.61");
        assert_eq!(half_up("GBP 100.00", 16, 31), "GBP 51.61");
    }

    #[test]
    fn an_upgrade_in_february_credits_and_charges_18_of_28_days() {
        assert_eq!(half_up("GBP 50.00", 18, 28), "GBP 32.14");
        assert_eq!(half_up("GBP -30.00", 18, 28), "GBP -19.29");
        assert_eq!(half_up("GBP 20.00", 18, 28), "GBP 12.86");
    }

    #[test]
    fn three_more_licences_for_21_of_30_days() {
        assert_eq!(half_up("GBP 37.50", 21, 30), "GBP 26.25");
    }

    #[test]
    fn a_leap_year_cancelled_after_60_days() {
        assert_eq!(half_up("GBP 1200.00", 60, 366), "GBP 196.72");
        assert_eq!(half_up("GBP 1200.00", 306, 366), "GBP 1003.28");
    }

    #[test]
    fn other_currencies_and_other_days() {
        assert_eq!(half_up("JPY 1000", 1, 30), "JPY 33");
        assert_eq!(half_up("KWD 1.000", 2, 3), "KWD 0.667");
        assert_eq!(half_up("EUR 30.00", 45, 30), "EUR 45.00");
        assert_eq!(half_up("EUR 30.00", 0, 30), "EUR 0.00");
        assert_eq!(half_up("EUR 0.00", 7, 30), "EUR 0.00");
    }

    #[test]
    fn a_period_without_days_is_refused() {
        let error = prorate(money("GBP 1.00"), 1, 0, Rounding::HalfUp).unwrap_err();
        assert_eq!(error, MoneyError::NoDays);
        assert_eq!(
            error.to_string(),
            "an amount cannot be shared out over 0 days: give the days of the full period"
        );
    }

    #[test]
    fn the_largest_amounts_are_exact_or_refused() {
        let most = yen(Money::LIMIT);
        assert_eq!(prorate(most, u32::MAX, u32::MAX, Rounding::Up), Ok(most));
        assert_eq!(prorate(most, 1, 3, Rounding::HalfUp), Ok(yen(333_333_333_333_333_333)));
        let too_much = Err(MoneyError::OutOfRange { currency: Currency::JPY });
        assert_eq!(prorate(most, 31, 30, Rounding::HalfUp), too_much);
        assert_eq!(prorate(most, u32::MAX, 1, Rounding::HalfUp), too_much);
    }

    // Half up: the part is the one whole number p with -1 < 2(p - exact) <= 1 above zero, mirrored below.
    #[test]
    fn every_small_proration_is_the_nearest_whole_number() {
        for minor in 0..=40_i64 {
            for of_days in 1..=31_u32 {
                for days in 0..=40_u32 {
                    let part = prorate(yen(minor), days, of_days, Rounding::HalfUp).unwrap();
                    let twice_off = 2 * (part.minor() * i64::from(of_days) - minor * i64::from(days));
                    let context = format!("{minor} x {days}/{of_days} gave {part}");
                    assert!(-i64::from(of_days) < twice_off && twice_off <= i64::from(of_days), "{context}");
                    let refund = prorate(yen(-minor), days, of_days, Rounding::HalfUp).unwrap();
                    assert_eq!(refund, part.negated(), "{context}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_full_period_costs_the_full_amount(minor in -Money::LIMIT..=Money::LIMIT, days in 1_u32..) {
            prop_assert_eq!(prorate(yen(minor), days, days, Rounding::HalfUp), Ok(yen(minor)));
        }

        #[test]
        fn more_days_never_cost_less(minor in 0..=Money::LIMIT, of_days in 1_u32..400, days in 0_u32..399) {
            let days = days % of_days;
            let part = |days| prorate(yen(minor), days, of_days, Rounding::HalfEven).unwrap().minor();
            prop_assert!(part(days) <= part(days + 1));
        }
    }
}
