//! Splitting: an amount cut into parts without losing or inventing a cent.

use std::cmp::Reverse;

use super::money::{Money, MoneyError};

/// Splits an amount in proportion to weights, by the largest remainder, ties in the order given.
///
/// The parts come back in the order of the weights and always add up to the whole; a weight of zero
/// takes nothing. Below zero the parts mirror those of the same amount above zero.
///
/// Errors: [`MoneyError::NoWeights`] when there is no weight above zero.
///
/// ```
/// use billing_core::kernel::{money::Money, split::split};
/// // A discount of GBP 10.00 over three equal lines.
/// let parts = split(Money::parse("GBP -10.00")?, &[1, 1, 1])?;
/// let written: Vec<String> = parts.iter().map(|part| part.major()).collect();
/// assert_eq!(written, ["-3.34", "-3.33", "-3.33"]);
/// # Ok::<(), billing_core::kernel::money::MoneyError>(())
/// ```
pub fn split(total: Money, weights: &[u64]) -> Result<Vec<Money>, MoneyError> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return Err(MoneyError::NoWeights);
    }
    let magnitude = u128::from(total.minor().unsigned_abs());
    let shares: Vec<u128> = weights.iter().map(|weight| magnitude * u128::from(*weight)).collect();
    let mut parts: Vec<u128> = shares.iter().map(|share| share / sum).collect();

    // What the divisions left over is less than one unit a part: the largest remainders get one each,
    // and as only parts with a remainder left anything, a weight of zero is never reached.
    let left_over = magnitude - parts.iter().sum::<u128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|part| Reverse(shares[*part] % sum));
    for (_, part) in (0..left_over).zip(order) {
        parts[part] += 1;
    }

    parts
        .into_iter()
        .map(|part| {
            let minor =
                i128::try_from(part).map_err(|_| MoneyError::OutOfRange { currency: total.currency() })?;
            Money::from_wide(if total.is_negative() { -minor } else { minor }, total.currency())
        })
        .collect()
}

/// Splits an amount into `parts` that differ by one minor unit at most, the larger ones first.
///
/// Errors: [`MoneyError::NoWeights`] when `parts` is 0.
///
/// ```
/// use billing_core::kernel::{money::Money, split::split_evenly};
/// let instalments = split_evenly(Money::parse("EUR 100.00")?, 3)?;
/// assert_eq!(instalments[0], Money::parse("EUR 33.34")?);
/// assert_eq!(instalments[2], Money::parse("EUR 33.33")?);
/// # Ok::<(), billing_core::kernel::money::MoneyError>(())
/// ```
pub fn split_evenly(total: Money, parts: usize) -> Result<Vec<Money>, MoneyError> {
    split(total, &vec![1; parts])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::currency::Currency;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, Currency::GBP).unwrap()
    }

    fn minors(parts: Result<Vec<Money>, MoneyError>) -> Vec<i64> {
        parts.unwrap().into_iter().map(Money::minor).collect()
    }

    /// Says which rule of the largest remainder the parts break, if any; it reads the rules off the
    /// result and does no splitting of its own.
    fn broken_rule(total: i64, weights: &[u64], parts: &[i64]) -> Option<&'static str> {
        let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        let sign = if total < 0 { -1 } else { 1 };
        // By how much each part is above its exact share, in units of 1/sum.
        let above = |at: usize| {
            i128::from(sign * parts[at]) * sum - i128::from(sign * total) * i128::from(weights[at])
        };
        let all = || 0..parts.len();
        if parts.len() != weights.len() {
            return Some("one part for each weight");
        }
        if parts.iter().map(|part| i128::from(*part)).sum::<i128>() != i128::from(total) {
            return Some("the parts add up to the whole");
        }
        if all().any(|at| above(at).abs() >= sum) {
            return Some("each part is within one unit of its exact share");
        }
        if all().any(|at| weights[at] == 0 && parts[at] != 0) {
            return Some("a weight of zero takes nothing");
        }
        // A part was rounded up if it is above its share; its remainder was then `sum - above`.
        let remainder = |at: usize| if above(at) > 0 { sum - above(at) } else { -above(at) };
        let outranks =
            |a: usize, b: usize| remainder(a) > remainder(b) || (remainder(a) == remainder(b) && a < b);
        if all().any(|up| above(up) > 0 && all().any(|down| above(down) <= 0 && outranks(down, up))) {
            return Some("the largest remainders are served first, ties in order");
        }
        None
    }

    #[test]
    fn a_cent_left_over_goes_to_the_largest_remainder() {
        // Exact shares 1.428…, 2.857…, 5.714…: floors 1, 2, 5 leave 2 units.
        assert_eq!(minors(split(gbp(10), &[1, 2, 4])), [1, 3, 6]);
        assert_eq!(minors(split(gbp(-10), &[1, 2, 4])), [-1, -3, -6]);
        // Equal remainders: the first in order.
        assert_eq!(minors(split(gbp(100), &[1, 1, 1])), [34, 33, 33]);
        assert_eq!(minors(split(gbp(2), &[0, 1, 0, 1, 1])), [0, 1, 0, 1, 0]);
        assert_eq!(minors(split(gbp(0), &[3, 4])), [0, 0]);
    }

    #[test]
    fn even_parts() {
        assert_eq!(minors(split_evenly(gbp(10_000), 3)), [3_334, 3_333, 3_333]);
        assert_eq!(minors(split_evenly(gbp(2), 4)), [1, 1, 0, 0]);
        assert_eq!(minors(split_evenly(gbp(-5), 2)), [-3, -2]);
        assert_eq!(minors(split_evenly(gbp(7), 1)), [7]);
    }

    #[test]
    fn nobody_to_split_among_is_refused() {
        for weights in [&[][..], &[0][..], &[0, 0][..]] {
            assert_eq!(split(gbp(10), weights), Err(MoneyError::NoWeights));
        }
        assert_eq!(split_evenly(gbp(10), 0), Err(MoneyError::NoWeights));
        assert_eq!(
            MoneyError::NoWeights.to_string(),
            "an amount cannot be split among nobody: give at least one weight above zero"
        );
    }

    #[test]
    fn every_small_split_keeps_the_rules() {
        let weights: Vec<u64> = (0..=6).collect();
        for total in -25..=25 {
            for (a, b, c) in weights
                .iter()
                .flat_map(|a| weights.iter().flat_map(move |b| (0..=6).map(move |c| (*a, *b, c))))
            {
                if a + b + c > 0 {
                    let parts = minors(split(gbp(total), &[a, b, c]));
                    assert_eq!(
                        broken_rule(total, &[a, b, c], &parts),
                        None,
                        "{total} by {a}:{b}:{c} gave {parts:?}"
                    );
                }
            }
        }
    }

    // The check above would not be worth much if it let wrong splits pass.
    #[test]
    fn the_check_sees_wrong_splits() {
        let weights = [1, 2, 4];
        assert_eq!(broken_rule(10, &weights, &[1, 3, 6]), None);
        let floors_only = [1, 2, 5];
        assert_eq!(broken_rule(10, &weights, &floors_only), Some("the parts add up to the whole"));
        let rest_to_the_last = [1, 2, 7];
        assert_eq!(
            broken_rule(10, &weights, &rest_to_the_last),
            Some("each part is within one unit of its exact share")
        );
        let rest_to_the_first = [2, 3, 5];
        assert_eq!(
            broken_rule(10, &weights, &rest_to_the_first),
            Some("the largest remainders are served first, ties in order")
        );
        let tie_to_the_last = [33, 33, 34];
        assert_eq!(
            broken_rule(100, &[1, 1, 1], &tie_to_the_last),
            Some("the largest remainders are served first, ties in order")
        );
        assert_eq!(broken_rule(1, &[0, 7], &[1, 0]), Some("each part is within one unit of its exact share"));
        assert_eq!(broken_rule(1, &[1, 1], &[1]), Some("one part for each weight"));
    }

    #[test]
    fn the_largest_amount_and_weights_do_not_overflow() {
        let parts = minors(split(gbp(-Money::LIMIT), &[u64::MAX, u64::MAX, 1]));
        assert_eq!(broken_rule(-Money::LIMIT, &[u64::MAX, u64::MAX, 1], &parts), None);
    }

    proptest! {
        #[test]
        fn every_split_keeps_the_rules(
            total in -Money::LIMIT..=Money::LIMIT,
            weights in prop::collection::vec(prop_oneof![Just(0), 0_u64..5, 0_u64..1_000_000_000], 1..20),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let parts = minors(split(gbp(total), &weights));
            prop_assert_eq!(broken_rule(total, &weights, &parts), None);
        }

        #[test]
        fn even_parts_differ_by_one_at_most(total in -Money::LIMIT..=Money::LIMIT, count in 1_usize..50) {
            let parts = minors(split_evenly(gbp(total), count));
            let (least, most) = (parts.iter().min().unwrap(), parts.iter().max().unwrap());
            prop_assert!(most - least <= 1);
            prop_assert_eq!(broken_rule(total, &vec![1; count], &parts), None);
        }
    }
}
