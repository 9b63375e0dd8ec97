//! A price as the catalogue spells it, from the keys of a case.

use billing_core::catalogue::{Limited, Package, Percentage, Price, Tier, Tiers};
use billing_core::prelude::*;

use crate::form::figure::Figure;
use crate::form::price::{PackageForm, PriceForm, TierForm};
use crate::verdict::{Outcome, Stop};

/// How the tiers of a list add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Graduated,
    Volume,
    StairStep,
}

/// The price that a case describes; nothing where it describes none.
pub(crate) fn price(form: &PriceForm, currency: Currency) -> Outcome<Option<Price>> {
    if !form.is_given() {
        return Ok(None);
    }
    let price = unlimited(form, currency)?;
    Ok(Some(match &form.free_units {
        None => price,
        Some(free) => Price::Limited(Box::new(Limited {
            price,
            free: Some(free.quantity()?),
            at_least: None,
            at_most: None,
        })),
    }))
}

fn unlimited(form: &PriceForm, currency: Currency) -> Outcome<Price> {
    if let (Some(size), Some(price)) = (&form.package_size, &form.price_per_package) {
        return package(size, price, currency).map(Price::Package);
    }
    if let Some(PackageForm { size, price }) = &form.package {
        return package(size, price, currency).map(Price::Package);
    }
    if let Some(steps) = &form.capacity_tiers {
        return tiers(steps, Model::StairStep, currency);
    }
    if let Some(tier) = &form.tier {
        return tiers(std::slice::from_ref(tier), Model::Volume, currency);
    }
    if let Some(list) = form.ranges.as_ref().or(form.tiers.as_ref()) {
        return tiers(list, model(form, list)?, currency);
    }
    let flat = form.flat.as_ref().map(|flat| flat.money(currency)).transpose()?;
    if let Some(rate) = &form.rate_percent {
        let flat = flat.unwrap_or(Money::zero(currency));
        return Ok(Price::Percentage(Percentage { rate: rate.percent()?, flat }));
    }
    let each = form.per_unit.as_ref().ok_or_else(|| Stop::unsupported("a package without its price"))?;
    let each = each.unit_price(currency)?;
    match flat {
        None => Ok(Price::Each(each)),
        Some(flat) => one_list(vec![Tier::each(each).plus(flat)], Model::Volume),
    }
}

/// The model by its name; without one, blocks add up tier by tier and units are of one tier.
fn model(form: &PriceForm, list: &[TierForm]) -> Outcome<Model> {
    let names = [&form.model, &form.tier_mode, &form.mode].into_iter().flatten();
    let models = names.map(|name| match name.as_str() {
        "all_tiers" | "graduated" | "graduated_percentage" | "tiered" => Ok(Model::Graduated),
        "top_tier" | "volume" => Ok(Model::Volume),
        "stairstep" | "stair_step" | "capacity" => Ok(Model::StairStep),
        other => Err(Stop::unsupported(format!("price model {other:?}"))),
    });
    let by_blocks = list.len() == 1 || list.iter().any(|tier| tier.block_size.is_some());
    let otherwise = if by_blocks { Model::Graduated } else { Model::Volume };
    Ok(models.collect::<Outcome<Vec<_>>>()?.first().copied().unwrap_or(otherwise))
}

fn tiers(list: &[TierForm], model: Model, currency: Currency) -> Outcome<Price> {
    let mut ends = Quantity::ZERO;
    let mut built = Vec::new();
    for (place, form) in list.iter().enumerate() {
        let next = place.checked_add(1).and_then(|next| list.get(next));
        let up_to = next.map(|next| end(form, next, ends)).transpose()?;
        let tier = tier(form, model, currency)?;
        built.push(match up_to {
            None => tier,
            Some(up_to) => tier.up_to(up_to),
        });
        ends = up_to.unwrap_or(ends);
    }
    one_list(built, model)
}

fn one_list(tiers: Vec<Tier>, model: Model) -> Outcome<Price> {
    let tiers = Tiers::new(tiers).map_err(Stop::unsupported)?;
    Ok(match model {
        Model::Graduated => Price::Graduated(tiers),
        Model::Volume => Price::Volume(tiers),
        Model::StairStep => Price::StairStep(tiers),
    })
}

/// The largest quantity of a tier behind which another follows: named, or so many units or blocks on from the
/// end of the one before.
fn end(form: &TierForm, next: &TierForm, begins: Quantity) -> Outcome<Quantity> {
    if let Some(named) = form.up_to.as_ref().or(form.to.as_ref()) {
        return named.quantity();
    }
    let takes = match (&form.max, &form.max_blocks, &form.block_size) {
        (Some(units), _, _) => units.quantity()?,
        (None, Some(blocks), Some(size)) => times(size.quantity()?, blocks.whole()?)?,
        (None, Some(blocks), None) => blocks.quantity()?,
        (None, None, _) => match &next.from {
            Some(from) => return from.quantity(),
            None => return Err(Stop::unsupported("a tier without its end, and tiers follow it")),
        },
    };
    begins.plus(takes).map_err(Stop::unsupported)
}

/// So many times a quantity.
pub(crate) fn times(quantity: Quantity, count: u32) -> Outcome<Quantity> {
    (0..count).try_fold(Quantity::ZERO, |sum, _| sum.plus(quantity)).map_err(Stop::unsupported)
}

fn tier(form: &TierForm, model: Model, currency: Currency) -> Outcome<Tier> {
    let price = form.price_per_block.as_ref().or(form.per_unit.as_ref()).or(form.price.as_ref());
    let flat = form.flat.as_ref().or(form.flat_fee.as_ref()).map(|flat| flat.money(currency)).transpose()?;
    let at_most = form.cap.as_ref().map(|cap| cap.money(currency)).transpose()?;
    let tier = match (model, &form.rate_percent, &form.block_size, price) {
        (_, Some(rate), _, _) => Tier::each(hundredth(rate, currency)?),
        (Model::StairStep, None, _, Some(price)) => Tier::flat(price.money(currency)?),
        (Model::Graduated | Model::Volume, None, Some(size), Some(price)) => {
            Tier::package(package(size, price, currency)?)
        }
        (Model::Graduated | Model::Volume, None, None, Some(price)) => {
            Tier::each(price.unit_price(currency)?)
        }
        (_, None, _, None) => Tier::default(),
    };
    let flat = match (tier.flat, flat) {
        (Some(step), Some(flat)) => Some(step.plus(flat)?),
        (step, flat) => step.or(flat),
    };
    Ok(Tier { flat, at_most, ..tier })
}

fn package(size: &Figure, price: &Figure, currency: Currency) -> Outcome<Package> {
    Ok(Package { size: size.quantity()?, price: price.money(currency)? })
}

/// The price of one unit of an amount of which a percentage is taken.
fn hundredth(percent: &Figure, currency: Currency) -> Outcome<UnitPrice> {
    let mut rate = percent.percent()?.to_decimal();
    rate.set_scale(rate.scale() + 2).map_err(Stop::unsupported)?;
    UnitPrice::from_major(&rate.to_string(), currency).map_err(Stop::from)
}
