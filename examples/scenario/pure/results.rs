//! Rows of `results`: a price, a period or a discount, asked once each.

use billing_core::catalogue::{Limited, Package, Price};
use billing_core::kernel::calendar::Cycle;
use billing_core::prelude::*;

use super::discount;
use super::price::{price, times};
use crate::compare::figures::{Checks, listed};
use crate::form::given::{Coupon, Given, Off, UnitForm};
use crate::form::interval::interval;
use crate::form::pure::{Anchor, ResultForm, ResultKeys, Units};
use crate::form::reader::list;
use crate::verdict::{Outcome, Stop};

/// Asks every row.
pub(crate) fn compare(given: &Given, rows: &[ResultForm], checks: &Checks) -> Outcome {
    rows.iter().try_for_each(|row| one(given, row, checks))
}

fn one(given: &Given, row: &ResultForm, checks: &Checks) -> Outcome {
    let keys = &row.keys;
    if let Some(start) = keys.start {
        return period(given, keys, start, checks);
    }
    if keys.coupon_off.is_some() || keys.coupon_percent.is_some() || keys.coupons.is_some() {
        return coupon(given, keys, checks);
    }
    amount(given, row, checks)
}

/// The first period from a day on.
fn period(given: &Given, keys: &ResultKeys, start: Date, checks: &Checks) -> Outcome {
    only(keys, |keys| ResultKeys { start: None, anchor: None, period: None, to: None, days: None, ..keys })?;
    let words = keys.period.as_deref().or(given.keys.billing_period.as_deref()).unwrap_or("monthly");
    let interval = interval(words)?;
    let cycle = match keys.anchor {
        None => Cycle::starting(start, interval)?,
        Some(Anchor::Day(day)) => Cycle::anchored(interval, start, DayOfMonth::new(day)?)?,
        Some(Anchor::Date(date)) => Cycle::starting(date, interval)?,
    };
    let period = Period::new(start, cycle.next_boundary_after(start)?)?;
    checks.same("to", keys.to.as_ref(), &period.to())?;
    checks.same(
        "days",
        keys.days.as_ref().map(|days| days.whole::<u32>()).transpose()?.as_ref(),
        &period.days(),
    )
}

/// A discount on an amount.
fn coupon(given: &Given, keys: &ResultKeys, checks: &Checks) -> Outcome {
    only(keys, |keys| ResultKeys {
        base: None,
        coupon_off: None,
        coupon_percent: None,
        coupons: None,
        already_used: None,
        amount: None,
        discount: None,
        taxable: None,
        ..keys
    })?;
    let base = keys.base.as_ref().ok_or_else(|| Stop::unsupported("a coupon without its base"))?;
    let base = base.money(given.currency)?;
    let mut coupons: Vec<Coupon> =
        list(keys.coupons.clone(), "coupons")?.into_iter().map(Coupon::read).collect::<Outcome<_>>()?;
    coupons.sort_by_key(|coupon| coupon.order);
    let single = keys.coupon_off.clone().map(Off::Amount).into_iter();
    let single = single.chain(keys.coupon_percent.clone().map(Off::Percent));
    coupons.extend(single.map(|off| Coupon { order: 0, off, lines: None }));
    let used = keys.already_used.as_ref().map(|used| used.money(given.currency)).transpose()?;
    let off = discount::on_lines(&[base], &coupons, used)?;
    let off = off.first().copied().unwrap_or(Money::zero(given.currency));
    checks.money("amount", keys.amount.as_ref(), off)?;
    checks.money("discount", keys.discount.as_ref(), off)?;
    checks.money("taxable", keys.taxable.as_ref(), base.minus(off)?)
}

/// What a quantity costs.
fn amount(given: &Given, row: &ResultForm, checks: &Checks) -> Outcome {
    let keys = &row.keys;
    only(keys, |keys| ResultKeys {
        units: None,
        base: None,
        already_billed_blocks: None,
        already_billed_units: None,
        previously_billed: None,
        minimum: None,
        maximum: None,
        amount: None,
        lines: None,
        ..keys
    })?;
    let currency = given.currency;
    let asked = match &keys.units {
        Some(Units::Named(counts)) => {
            let each = counts.iter().map(|(name, count)| {
                let unit = given.keys.units.get(name);
                let unit = unit.ok_or_else(|| Stop::unsupported(format!("unit {name:?}")))?;
                cost(&unit_price(unit, currency)?, count.quantity()?)
            });
            Money::sum(currency, each.collect::<Outcome<Vec<_>>>()?)?
        }
        Some(Units::Of(units)) => of_units(given, row, units.quantity()?)?,
        None => match &keys.base {
            Some(base) => of_units(given, row, base.quantity()?)?,
            None => return Err(Stop::unsupported("a result without its units")),
        },
    };
    let mut lines = vec![asked];
    let mut sum = asked;
    let bounds = [keys.minimum.as_ref(), keys.maximum.as_ref()];
    let [least, most] = bounds.map(|bound| bound.map(|bound| bound.money(currency)).transpose());
    // The engine's own limits say how much; what they add or take is a line of its own.
    let limited = Price::Limited(Box::new(Limited {
        price: Price::Flat(asked),
        free: None,
        at_least: least?,
        at_most: most?,
    }));
    let within = cost(&limited, Quantity::ONE)?;
    if within != asked {
        lines.push(within.minus(asked)?);
        sum = within;
    }
    let what = |what: &str| match &keys.units {
        Some(Units::Of(units)) => format!("{what} of {units} units"),
        Some(Units::Named(units)) => format!("{what} of {}", listed(units.values())),
        None => what.to_owned(),
    };
    checks.money(what("amount"), keys.amount.as_ref(), sum)?;
    match &keys.lines {
        Some(expected) => checks.amounts(what("lines"), expected, &lines),
        None => Ok(()),
    }
}

fn of_units(given: &Given, row: &ResultForm, units: Quantity) -> Outcome<Money> {
    let keys = &row.keys;
    let form = row.price.clone().or(&given.price);
    let price = price(&form, given.currency)?.ok_or_else(|| Stop::unsupported("a result without a price"))?;
    let cost_of = |units| cost(&price, units);
    let mut sum = cost_of(units)?;
    if let Some(blocks) = &keys.already_billed_blocks {
        let size =
            form.tiers.as_ref().and_then(|tiers| tiers.first()).and_then(|tier| tier.block_size.as_ref());
        let size = size.ok_or_else(|| Stop::unsupported("billed blocks without the size of one"))?;
        sum = sum.minus(cost_of(times(size.quantity()?, blocks.whole()?)?)?)?;
    }
    if let Some(billed) = &keys.already_billed_units {
        sum = sum.minus(cost_of(billed.quantity()?)?)?;
    }
    if let Some(billed) = &keys.previously_billed {
        sum = sum.minus(billed.money(given.currency)?)?;
    }
    Ok(sum)
}

fn unit_price(unit: &UnitForm, currency: Currency) -> Outcome<Price> {
    Ok(match &unit.block_size {
        Some(size) => Price::Package(Package { size: size.quantity()?, price: unit.price.money(currency)? }),
        None => Price::Each(unit.price.unit_price(currency)?),
    })
}

fn cost(price: &Price, quantity: Quantity) -> Outcome<Money> {
    Ok(price.for_quantity(quantity, Rounding::HalfUp)?)
}

/// Refuses a row with keys that say nothing in its kind: `without` blanks those that do.
fn only(keys: &ResultKeys, without: impl Fn(ResultKeys) -> ResultKeys) -> Outcome {
    match without(keys.clone()) == ResultKeys::default() {
        true => Ok(()),
        false => Err(Stop::unsupported("a result that mixes prices, periods and coupons")),
    }
}
