//! Takes the discounts in force off the lines of a bill, before tax.

use super::line::{Line, LineDiscount};
use super::state::Given;
use crate::book::Account;
use crate::discounts::{Discount, Off};
use crate::kernel::calendar::Date;
use crate::kernel::ids::DiscountId;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::rounding::Rounding;
use crate::kernel::split::split;

/// Takes off all that the account's discounts give on an invoice of that date.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a sum can't be written.
pub(super) fn take_discounts(
    account: &Account,
    issue_on: Date,
    rounding: Rounding,
    lines: &mut [Line],
) -> Result<(), MoneyError> {
    for (id, discount) in account.discounts.in_force_on(issue_on) {
        take(*id, discount, account.invoicing.given(*id), rounding, lines)?;
    }
    Ok(())
}

/// Takes one discount off what those before it have left of the lines that charge something it is given on: the
/// percentage of their sum, rounded once, or its amount as far as they go, within what it may still give; spread over
/// them by the largest remainder, so that no line falls below zero.
pub(super) fn take(
    id: DiscountId,
    discount: &Discount,
    given: Option<Given>,
    rounding: Rounding,
    lines: &mut [Line],
) -> Result<(), MoneyError> {
    let invoices = given.map_or(0, |given| given.invoices);
    if discount.bills.is_some_and(|most| most <= invoices) {
        return Ok(());
    }
    let Some(currency) = lines.first().map(|line| line.net.currency()) else { return Ok(()) };
    let eligible = |line: &Line| line.takes_discounts() && discount.on.takes(line.sold());
    // The weight of a line is what it charges; one that gives back, or is not eligible, has none.
    let weights: Vec<u64> = lines
        .iter()
        .map(|line| if eligible(line) { u64::try_from(line.net.minor()).unwrap_or(0) } else { 0 })
        .collect();
    let charged = lines.iter().zip(&weights).filter(|(_, weight)| **weight > 0).map(|(line, _)| line.net);
    let charged = Money::sum(currency, charged)?;
    let mut off = match discount.off {
        Off::Percent(rate) => rate.of(charged, rounding)?,
        Off::Amount(amount) => amount.at_most(charged)?,
    };
    if let Some(most) = discount.at_most {
        off = off.at_most(given.map_or(Ok(most), |given| most.minus(given.amount))?)?;
    }
    if !off.is_positive() {
        return Ok(());
    }
    for (line, part) in lines.iter_mut().zip(split(off, &weights)?) {
        if part.is_positive() {
            line.net = line.net.minus(part)?;
            line.discounts.push(LineDiscount {
                discount: id,
                name: discount.name.clone(),
                off: discount.off,
                amount: part,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::discounts::Eligible;
    use crate::invoicing::document::{line_taxes, totals};
    use crate::invoicing::given::{code, date, line_of, pounds};
    use crate::kernel::currency::Currency;
    use crate::kernel::rate::Rate;

    const ITEMS: [&str; 3] = ["a", "b", "c"];

    fn discount(off: Off, on: Eligible) -> Discount {
        Discount {
            name: "Offer".parse().unwrap(),
            off,
            on,
            order: 0,
            from: date("2026-01-01"),
            until: None,
            bills: None,
            at_most: None,
        }
    }

    fn percent(rate: u32) -> Off {
        Off::Percent(Rate::percent(&rate.to_string()).unwrap())
    }

    fn only(items: &[&str]) -> Eligible {
        Eligible::Only(items.iter().map(|item| code(item)).collect())
    }

    fn id(number: u128) -> DiscountId {
        DiscountId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn lines(minors: &[i64], currency: Currency) -> Vec<Line> {
        let nets = minors.iter().map(|minor| Money::new(*minor, currency).unwrap());
        nets.zip(ITEMS).map(|(net, item)| line_of(item, net)).collect()
    }

    /// The lines after discounts, each with its number as its id.
    fn after(discounts: &[(u128, &Discount)], rounding: Rounding, mut lines: Vec<Line>) -> Vec<Line> {
        for (number, discount) in discounts {
            take(id(*number), discount, None, rounding, &mut lines).unwrap();
        }
        lines
    }

    fn nets(lines: &[Line]) -> Vec<i64> {
        lines.iter().map(|line| line.net.minor()).collect()
    }

    fn given_by(number: u128, lines: &[Line]) -> i64 {
        let all = lines.iter().flat_map(|line| &line.discounts);
        all.filter(|discount| discount.discount == id(number)).map(|discount| discount.amount.minor()).sum()
    }

    #[test]
    fn a_percentage_then_an_amount_then_vat_line_by_line() {
        // 10% of 30.05 is 3.005, half up 3.01: 1.00, 2.00 and the penny to the line with the largest remainder. Then
        // 5.00 off the 9.00 that are left of the first line. VAT is 20% of 22.04, 4.408.
        let (tenth, five) = (
            discount(percent(10), Eligible::Everything),
            discount(Off::Amount(pounds("5.00")), only(&["a"])),
        );
        let lines =
            after(&[(1, &tenth), (2, &five)], Rounding::HalfUp, lines(&[1000, 2000, 5], Currency::GBP));
        assert_eq!(nets(&lines), [400, 1800, 4]);
        assert_eq!((given_by(1, &lines), given_by(2, &lines)), (301, 500));
        let totals = totals(Currency::GBP, &lines, Rounding::HalfUp).unwrap();
        assert_eq!((totals.tax, totals.gross), (pounds("4.41"), pounds("26.45")));
        let taxes: Vec<i64> =
            line_taxes(&lines, &totals.taxes).unwrap().into_iter().map(Money::minor).collect();
        assert_eq!(taxes, [80, 360, 1]);
    }

    #[test]
    fn what_was_given_already_counts() {
        let off = |given, discount: &Discount| {
            let mut lines = lines(&[700, 300], Currency::GBP);
            take(id(1), discount, given, Rounding::HalfUp, &mut lines).unwrap();
            given_by(1, &lines)
        };
        let given = |invoices, amount| Some(Given { invoices, amount: pounds(amount) });
        let half = discount(percent(50), Eligible::Everything);
        let limited = Discount { bills: Some(2), at_most: Some(pounds("8.00")), ..half.clone() };
        assert_eq!(off(given(99, "900.00"), &half), 500);
        assert_eq!(off(None, &limited), 500);
        assert_eq!(off(given(1, "5.00"), &limited), 300, "3.00 are left of 8.00");
        assert_eq!(off(given(1, "8.00"), &limited), 0);
        assert_eq!(off(given(2, "1.00"), &limited), 0, "it was on two invoices");
    }

    /// One discount by counting pennies: what it takes in all, then one penny at a time to the largest remainder.
    fn by_pennies(lines: &[i64], off: (bool, i64), eligible: &[bool]) -> Vec<i64> {
        let weights: Vec<i64> =
            lines.iter().zip(eligible).map(|(net, is)| if *is { (*net).max(0) } else { 0 }).collect();
        let sum: i64 = weights.iter().sum();
        let in_all = match off {
            (true, percent) => (sum * percent + 50) / 100,
            (false, amount) => amount.min(sum),
        };
        let mut left: Vec<i64> = lines.to_vec();
        if in_all == 0 {
            return left;
        }
        let mut remainders: Vec<Option<i64>> =
            weights.iter().map(|weight| Some(in_all * weight % sum)).collect();
        let mut rest = in_all;
        for (left, weight) in left.iter_mut().zip(&weights) {
            *left -= in_all * weight / sum;
            rest -= in_all * weight / sum;
        }
        for _ in 0..rest {
            let most = remainders.iter().copied().max().unwrap();
            let at = remainders.iter().position(|remainder| *remainder == most).unwrap();
            left[at] -= 1;
            remainders[at] = None;
        }
        left
    }

    #[test]
    fn every_small_pair_of_discounts_is_what_counting_pennies_gives() {
        let offs = [(true, 1), (true, 33), (true, 50), (true, 100), (false, 1), (false, 4), (false, 9)];
        let masks = [[true, true, true], [true, false, true], [false, true, false]];
        let amounts = [-3, 0, 1, 2, 5, 7];
        let pairs: Vec<_> = offs.iter().flat_map(|off| masks.map(|mask| (*off, mask))).collect();
        let given = |((is_percent, figure), mask): ((bool, i64), [bool; 3])| {
            let items: Vec<&str> =
                ITEMS.into_iter().zip(mask).filter(|(_, is)| *is).map(|(item, _)| item).collect();
            let on = if mask == [true; 3] { Eligible::Everything } else { only(&items) };
            let off = match is_percent {
                true => percent(u32::try_from(figure).unwrap()),
                false => Off::Amount(Money::new(figure, Currency::GBP).unwrap()),
            };
            discount(off, on)
        };
        for minors in amounts.iter().flat_map(|a| amounts.iter().map(move |b| [*a, *b, 3])) {
            for first in pairs.iter().copied() {
                let half_way = by_pennies(&minors, first.0, &first.1);
                for second in pairs.iter().copied() {
                    let expected = by_pennies(&half_way, second.0, &second.1);
                    let (one, two) = (given(first), given(second));
                    let found =
                        after(&[(1, &one), (2, &two)], Rounding::HalfUp, lines(&minors, Currency::GBP));
                    assert_eq!(nets(&found), expected, "{minors:?} less {first:?} and {second:?}");
                }
            }
        }
    }

    fn rounding() -> impl Strategy<Value = Rounding> {
        prop_oneof![
            Just(Rounding::HalfUp),
            Just(Rounding::HalfEven),
            Just(Rounding::Down),
            Just(Rounding::Up)
        ]
    }

    fn currency() -> impl Strategy<Value = Currency> {
        prop_oneof![Just(Currency::GBP), Just(Currency::JPY), Just(Currency::parse("KWD").unwrap())]
    }

    proptest! {
        #[test]
        fn no_penny_is_lost_and_no_line_falls_below_zero(
            minors in prop::collection::vec(-100_000_i64..1_000_000, 1..4),
            rates in prop::collection::vec(1..=100_u32, 1..4),
            amount in 1..2_000_000_i64,
            (rounding, currency) in (rounding(), currency()),
        ) {
            let mut discounts: Vec<Discount> =
                rates.iter().map(|rate| discount(percent(*rate), Eligible::Everything)).collect();
            discounts.push(discount(Off::Amount(Money::new(amount, currency).unwrap()), only(&["a", "c"])));
            let before = lines(&minors, currency);
            let mut now = before.clone();
            for (number, discount) in (1..).zip(&discounts) {
                let charged: i64 = nets(&now).into_iter().zip(ITEMS)
                    .filter(|(net, item)| *net > 0 && discount.on.takes(Some(&code(item)))).map(|(net, _)| net).sum();
                let charged = Money::new(charged, currency).unwrap();
                let most = match discount.off {
                    Off::Percent(rate) => rate.of(charged, rounding).unwrap(),
                    Off::Amount(amount) => amount.at_most(charged).unwrap(),
                };
                now = after(&[(number, discount)], rounding, now);
                prop_assert_eq!(given_by(number, &now), most.minor());
            }
            for (before, now) in before.iter().zip(&now) {
                prop_assert_eq!(now.before_discounts(), Ok(before.net));
                prop_assert_eq!(now.net.is_negative(), before.gives_back());
                prop_assert!(now == before || !before.gives_back());
            }
        }

        #[test]
        fn percentages_on_different_lines_come_to_the_same_in_any_order(
            minors in prop::collection::vec(0..1_000_000_i64, 3),
            rates in (1..=100_u32, 1..=100_u32),
            rounding in rounding(),
        ) {
            let (one, two) = (discount(percent(rates.0), only(&["a", "c"])), discount(percent(rates.1), only(&["b"])));
            let lines = || lines(&minors, Currency::GBP);
            let there = after(&[(1, &one), (2, &two)], rounding, lines());
            prop_assert_eq!(there, after(&[(2, &two), (1, &one)], rounding, lines()));
        }
    }
}
