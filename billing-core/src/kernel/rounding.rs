//! Rounding, always by name and always once, in integers.

use std::fmt;
use std::num::NonZeroU128;

use serde::{Deserialize, Serialize};

/// How an exact result is brought to a whole number of units.
///
/// The default, half up, is the one of invoices and of VAT by category (EN 16931, BR-CO-17); an amount
/// and its refund round alike, because every way treats both signs alike.
///
/// ```
/// use std::num::NonZeroU128;
/// use billing_core::kernel::rounding::Rounding;
/// let two = NonZeroU128::new(2).unwrap();
/// assert_eq!(Rounding::HalfUp.divide(5, two), 3);
/// assert_eq!(Rounding::HalfEven.divide(5, two), 2);
/// assert_eq!(Rounding::HalfUp.divide(-5, two), -3);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest unit, a half away from zero, below zero as well.
    #[default]
    HalfUp,
    /// To the nearest unit, a half to the even one.
    HalfEven,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

impl Rounding {
    /// `numerator / denominator` in whole units. Total: no pair of arguments overflows.
    pub fn divide(self, numerator: i128, denominator: NonZeroU128) -> i128 {
        let magnitude = numerator.unsigned_abs();
        let (whole, rest) = (magnitude / denominator, magnitude % denominator);
        // Compared without doubling, which could overflow.
        let half = rest.cmp(&(denominator.get() - rest));
        let up = match self {
            Rounding::HalfUp => half.is_ge(),
            Rounding::HalfEven => half.is_gt() || (half.is_eq() && whole % 2 == 1),
            Rounding::Down => false,
            Rounding::Up => rest > 0,
        };
        let whole = whole + u128::from(up && rest > 0);
        // No result is larger than the numerator, so it keeps inside 128 bits on its side of zero.
        match numerator < 0 {
            true => 0_i128.strict_sub_unsigned(whole),
            false => 0_i128.strict_add_unsigned(whole),
        }
    }

    /// The decimal `mantissa / 10^scale`, in units of `10^-decimals`: 1.005 to 2 decimals is
    /// `at_decimals(1005, 3, 2)`, 101 half up. `None` when the result cannot be held in 128 bits.
    pub fn at_decimals(self, mantissa: i128, scale: u32, decimals: u32) -> Option<i128> {
        let power = 10_u128.checked_pow(scale.abs_diff(decimals))?;
        match scale > decimals {
            true => Some(self.divide(mantissa, NonZeroU128::new(power)?)),
            false => mantissa.checked_mul(i128::try_from(power).ok()?),
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rounding::HalfUp => "to the nearest, half up",
            Rounding::HalfEven => "to the nearest, half to even",
            Rounding::Down => "down, towards zero",
            Rounding::Up => "up, away from zero",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAYS: [Rounding; 4] = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up];

    fn divide(way: Rounding, numerator: i128, denominator: u128) -> i128 {
        way.divide(numerator, NonZeroU128::new(denominator).unwrap())
    }

    /// Looks through all whole numbers near zero for the one that the name of the way asks for.
    fn chosen(way: Rounding, numerator: i128, denominator: i128) -> i128 {
        let off = |whole: i128| (numerator - whole * denominator).abs();
        let side = |whole: i128| whole * numerator >= 0;
        let least_off = (-60..=60).map(off).min().unwrap();
        let nearest: Vec<i128> = (-60..=60).filter(|whole| off(*whole) == least_off).collect();
        let mut by_size: Vec<i128> = (-60..=60).filter(|whole| side(*whole)).collect();
        by_size.sort_by_key(|whole| whole.abs());
        let reach = |whole: i128| (whole * denominator).abs();
        match way {
            Rounding::HalfUp => *nearest.iter().max_by_key(|whole| whole.abs()).unwrap(),
            Rounding::HalfEven if nearest.len() == 2 => {
                *nearest.iter().find(|whole| *whole % 2 == 0).unwrap()
            }
            Rounding::HalfEven => nearest[0],
            Rounding::Down => *by_size.iter().rfind(|whole| reach(**whole) <= numerator.abs()).unwrap(),
            Rounding::Up => *by_size.iter().find(|whole| reach(**whole) >= numerator.abs()).unwrap(),
        }
    }

    #[test]
    fn every_small_fraction_is_rounded_as_its_name_says() {
        for way in WAYS {
            for denominator in 1..=24_u8 {
                for numerator in -50..=50 {
                    assert_eq!(
                        divide(way, numerator, u128::from(denominator)),
                        chosen(way, numerator, i128::from(denominator)),
                        "{numerator}/{denominator} {way}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_ways_differ_where_they_should() {
        let halves = [-5, -3, -1, 1, 3, 5];
        let rounded = |way| halves.map(|numerator| divide(way, numerator, 2));
        assert_eq!(rounded(Rounding::HalfUp), [-3, -2, -1, 1, 2, 3]);
        assert_eq!(rounded(Rounding::HalfEven), [-2, -2, 0, 0, 2, 2]);
        assert_eq!(rounded(Rounding::Down), [-2, -1, 0, 0, 1, 2]);
        assert_eq!(rounded(Rounding::Up), [-3, -2, -1, 1, 2, 3]);
        let thirds = |way| [-4, -2, -1, 1, 2, 4].map(|numerator| divide(way, numerator, 3));
        assert_eq!(thirds(Rounding::HalfUp), [-1, -1, 0, 0, 1, 1]);
        assert_eq!(thirds(Rounding::Up), [-2, -1, -1, 1, 1, 2]);
    }

    #[test]
    fn the_widest_numbers_do_not_overflow() {
        for way in WAYS {
            assert_eq!(divide(way, i128::MIN, 1), i128::MIN);
            assert_eq!(divide(way, i128::MAX, 1), i128::MAX);
            assert_eq!(divide(way, 0, u128::MAX), 0);
        }
        // 2^127 over 2^128 - 1 is a hair more than a half.
        assert_eq!(divide(Rounding::HalfUp, i128::MIN, u128::MAX), -1);
        assert_eq!(divide(Rounding::HalfUp, i128::MAX, u128::MAX), 0);
        assert_eq!(divide(Rounding::Up, 1, u128::MAX), 1);
    }

    #[test]
    fn decimals_are_dropped_once_and_added_exactly() {
        assert_eq!(Rounding::HalfUp.at_decimals(1_005, 3, 2), Some(101));
        assert_eq!(Rounding::HalfEven.at_decimals(1_005, 3, 2), Some(100));
        assert_eq!(Rounding::HalfUp.at_decimals(-1_005, 3, 2), Some(-101));
        assert_eq!(Rounding::HalfUp.at_decimals(7, 0, 3), Some(7_000));
        assert_eq!(Rounding::HalfUp.at_decimals(7, 2, 2), Some(7));
        assert_eq!(Rounding::HalfUp.at_decimals(i128::MAX, 0, 1), None);
        assert_eq!(Rounding::HalfUp.at_decimals(1, 0, 39), None);
    }

    #[test]
    fn the_wire_form_and_the_words() {
        let wire: Vec<_> = WAYS.iter().map(|way| serde_json::to_string(way).unwrap()).collect();
        assert_eq!(wire, [r#""half_up""#, r#""half_even""#, r#""down""#, r#""up""#]);
        assert_eq!(Rounding::default(), Rounding::HalfUp);
        let words = WAYS.map(|way| way.to_string());
        assert_eq!(words[..2], ["to the nearest, half up", "to the nearest, half to even"]);
        assert_eq!(words[2..], ["down, towards zero", "up, away from zero"]);
    }
}
