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
use crate::form::{Case, Convention};
use crate::verdict::{Outcome, Stop};

/// Asks every row.
pub(crate) fn compare(case: &Case, rows: &[ResultForm], checks: &Checks) -> Outcome {
    rows.iter().try_for_each(|row| one(case, row, checks))
}

fn one(case: &Case, row: &ResultForm, checks: &Checks) -> Outcome {
    let given = &case.given;
    let keys = &row.keys;
    if let Some(start) = keys.start {
        return period(given, keys, start, checks);
    }
    if keys.coupon_off.is_some() || keys.coupon_percent.is_some() || keys.coupons.is_some() {
        return coupon(given, keys, checks);
    }
    amount(case, row, checks)
}

/// The first period from a day on.
fn period(given: &Given, keys: &ResultKeys, start: Date, checks: &Checks) -> Outcome {
    only(keys, |keys| ResultKeys { start: None, anchor: None, period: None, to: None, days: None, ..keys })?;
    let words = keys.period.as_deref().or(given.keys.billing_period.as_deref()).unwrap_or("monthly");
    let interval = interval(words)?;
    let words = match &keys.anchor {
        None => given.keys.alignment.as_deref(),
        Some(Anchor::Words(words)) => Some(words.as_str()),
        Some(Anchor::Day(_) | Anchor::Date(_)) => None,
    };
    let cycle = match (&keys.anchor, words) {
        (Some(Anchor::Day(day)), _) => Cycle::anchored(interval, start, DayOfMonth::new(*day)?)?,
        (Some(Anchor::Date(date)), _) => Cycle::starting(*date, interval)?,
        (_, None | Some("anniversary" | "subscription" | "n/a")) => Cycle::starting(start, interval)?,
        (_, Some("1st of month")) => Cycle::anchored(interval, start, DayOfMonth::FIRST)?,
        (_, Some(words)) if words.starts_with("calendar") => Cycle::calendar(interval, start)?,
        (_, Some(other)) => match other.parse() {
            Ok(day) => Cycle::anchored(interval, start, DayOfMonth::new(day)?)?,
            Err(_) => return Err(Stop::unsupported(format!("anchor {other:?}"))),
        },
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
fn amount(case: &Case, row: &ResultForm, checks: &Checks) -> Outcome {
    let (given, keys) = (&case.given, &row.keys);
    only(keys, |keys| ResultKeys {
        units: None,
        base: None,
        already_billed_blocks: None,
        already_billed_units: None,
        previously_billed: None,
        last_part: None,
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
        Some(Units::Of(units)) => of_units(case, row, units.quantity()?)?,
        None => match &keys.base {
            Some(base) => of_units(case, row, base.quantity()?)?,
            None => return Err(Stop::unsupported("a result without its units")),
        },
    };
    let mut lines = vec![asked];
    let mut sum = asked;
    // What is asked for of the whole period is asked for with its last part.
    let minimum = keys.minimum.as_ref().filter(|_| keys.last_part != Some(false));
    let bounds = [minimum, keys.maximum.as_ref()];
    let [least, most] = bounds.map(|bound| bound.map(|bound| bound.money(currency)).transpose());
    let before = match &keys.previously_billed {
        Some(billed) if is_of_a_part(case, keys)? => billed.money(currency)?,
        Some(_) | None => Money::zero(currency),
    };
    let so_far = before.plus(asked)?;
    // The engine's own limits say how much; what they add or take is a line of its own.
    let limited = Price::Limited(Box::new(Limited {
        price: Price::Flat(so_far),
        free: None,
        at_least: least?,
        at_most: most?,
    }));
    let change = cost(&limited, Quantity::ONE)?.minus(so_far)?;
    if !change.is_zero() {
        // No limit takes back what was billed before.
        let change = change.negated().at_most(asked)?.negated();
        lines.push(change);
        sum = asked.plus(change)?;
    }
    let what = |what: &str| match &keys.units {
        Some(Units::Of(units)) => format!("{what} of {units} units"),
        Some(Units::Named(units)) => format!("{what} of {}", listed(units.values())),
        None => what.to_owned(),
    };
    checks.money(what("amount"), keys.amount.as_ref(), sum)?;
    match &keys.lines {
        Some(expected) => {
            // A line of nothing may be written or left out.
            let expected: Vec<_> = expected.iter().filter(|figure| !figure.is_zero()).cloned().collect();
            lines.retain(|line| !line.is_zero());
            checks.amounts(what("lines"), &expected, &lines)
        }
        None => Ok(()),
    }
}

/// Whether the units of a row are those of a part of a period, and not all of the period so far.
fn is_of_a_part(case: &Case, keys: &ResultKeys) -> Outcome<bool> {
    let before = keys.already_billed_units.as_ref().map(|before| before.quantity()).transpose()?;
    let fewer = match (&keys.units, before) {
        (Some(Units::Of(units)), Some(before)) => units.quantity()? < before,
        (Some(Units::Of(_)), None) | (Some(Units::Named(_)) | None, _) => false,
    };
    Ok(case.dialect == Convention::OpenMeter || keys.last_part.is_some() || fewer)
}

fn of_units(case: &Case, row: &ResultForm, units: Quantity) -> Outcome<Money> {
    let (given, keys) = (&case.given, &row.keys);
    let part = is_of_a_part(case, keys)?;
    let form = row.price.clone().or(&given.price);
    let price = price(&form, given.currency)?.ok_or_else(|| Stop::unsupported("a result without a price"))?;
    let cost_of = |units| cost(&price, units);
    let before = keys.already_billed_units.as_ref().map(|before| before.quantity()).transpose()?;
    let mut sum = match before.filter(|_| part) {
        Some(before) => cost_of(before.plus(units).map_err(Stop::unsupported)?)?,
        None => cost_of(units)?,
    };
    if let Some(blocks) = &keys.already_billed_blocks {
        let size =
            form.tiers.as_ref().and_then(|tiers| tiers.first()).and_then(|tier| tier.block_size.as_ref());
        let size = size.ok_or_else(|| Stop::unsupported("billed blocks without the size of one"))?;
        sum = sum.minus(cost_of(times(size.quantity()?, blocks.whole()?)?)?)?;
    }
    if let Some(before) = before {
        sum = sum.minus(cost_of(before)?)?;
    }
    if let Some(billed) = keys.previously_billed.as_ref().filter(|_| !part) {
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
