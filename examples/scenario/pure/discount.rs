//! Discounts on the lines of a document, and tax line by line, by the kernel's own percentages and splitting.

use billing_core::kernel::split::split;
use billing_core::prelude::*;

use crate::form::given::{Coupon, Off};
use crate::verdict::{Outcome, Stop};

/// What each line gets off: each coupon in its order, on what is left of the lines that it is for.
///
/// `used` is what was taken of fixed amounts before.
pub(crate) fn on_lines(lines: &[Money], coupons: &[Coupon], used: Option<Money>) -> Outcome<Vec<Money>> {
    let Some(currency) = lines.first().map(|line| line.currency()) else { return Ok(Vec::new()) };
    let mut left = lines.to_vec();
    for coupon in coupons {
        let weights: Vec<Money> = (1_usize..)
            .zip(&left)
            .map(|(number, left)| match is_for(coupon, number) && left.is_positive() {
                true => *left,
                false => Money::zero(currency),
            })
            .collect();
        let base = Money::sum(currency, weights.iter().copied())?;
        if base.is_zero() {
            continue;
        }
        let off = match &coupon.off {
            Off::Percent(percent) => percent.percent()?.of(base, Rounding::HalfUp)?,
            Off::Amount(amount) => {
                let amount = amount.money(currency)?;
                used.map_or(Ok(amount), |used| amount.minus(used))?.at_most(base)?
            }
        };
        for (left, part) in left.iter_mut().zip(split(off, &weighed(&weights)?)?) {
            *left = left.minus(part)?;
        }
    }
    Ok(lines.iter().zip(left).map(|(line, left)| line.minus(left)).collect::<Result<_, _>>()?)
}

fn is_for(coupon: &Coupon, number: usize) -> bool {
    coupon.lines.as_ref().is_none_or(|lines| lines.iter().any(|line| *line == number.to_string()))
}

/// The tax of each line, where the tax of all of them is reckoned once at each rate and then spread over them.
pub(crate) fn taxes(lines: &[(Money, Rate)]) -> Outcome<Vec<Money>> {
    let mut taxes = Vec::new();
    for (place, (net, rate)) in lines.iter().enumerate() {
        let currency = net.currency();
        let same: Vec<(usize, Money)> =
            (0..).zip(lines).filter(|(_, line)| line.1 == *rate).map(|(at, line)| (at, line.0)).collect();
        let base = Money::sum(currency, same.iter().map(|(_, net)| *net))?;
        let tax = rate.of(base, Rounding::HalfUp)?;
        let nets: Vec<Money> = same.iter().map(|(_, net)| net.abs()).collect();
        let parts = if tax.is_zero() { vec![tax; nets.len()] } else { split(tax, &weighed(&nets)?)? };
        let mine = same.iter().zip(parts).find(|((at, _), _)| *at == place);
        taxes.push(mine.map_or(Money::zero(currency), |(_, part)| part));
    }
    Ok(taxes)
}

fn weighed(amounts: &[Money]) -> Outcome<Vec<u64>> {
    let weights = amounts.iter().map(|amount| u64::try_from(amount.minor()).map_err(Stop::unsupported));
    weights.collect()
}
