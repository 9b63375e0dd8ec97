//! What a plan counts, and at which price.

use billing_core::prelude::*;

use crate::form::figure::Figure;
use crate::form::plan::PlanForm;
use crate::form::price::PriceForm;
use crate::plans::slug;
use crate::pure::price::price;
use crate::verdict::{Outcome, Stop};

/// Whether a plan is billed by what is counted.
pub(crate) fn is_metered(form: &PlanForm) -> bool {
    form.usage.is_given()
        || form.keys.unit.is_some()
        || !form.keys.per_unit_by_region.is_empty()
        || counts_money(form)
}

/// A plan of which nothing but the name is given: its usage comes as amounts.
pub(crate) fn counts_money(form: &PlanForm) -> bool {
    let keys = &form.keys;
    let priced = keys.price.is_some()
        || keys.fixed_fee.is_some()
        || !keys.prices.is_empty()
        || !keys.components.is_empty()
        || !keys.lines.is_empty()
        || !keys.phases.is_empty()
        || !keys.price_versions.is_empty();
    !priced && !form.usage.is_given() && keys.per_unit_by_region.is_empty()
}

/// The charges of a plan for what is counted: one, or one a region.
pub(crate) fn charges(form: &PlanForm, currency: Currency, tax_code: &Code) -> Outcome<Vec<Charge>> {
    let mut charges = Vec::new();
    if counts_money(form) {
        let one = Price::Each(UnitPrice::from_major("1", currency)?);
        charges.push(charge(form, None, one, Aggregate::Sum, tax_code)?);
    }
    for (region, each) in &form.keys.per_unit_by_region {
        let each = Price::Each(each.unit_price(currency)?);
        charges.push(charge(form, Some(region), each, Aggregate::Sum, tax_code)?);
    }
    if let Some(price) = price(&by_all_tiers(&form.usage), currency)? {
        // Capacity is paid by its largest reading, what is used up by its sum.
        let aggregate = if form.usage.capacity_tiers.is_some() { Aggregate::Max } else { Aggregate::Sum };
        charges.push(charge(form, None, price, aggregate, tax_code)?);
    }
    Ok(charges)
}

/// Tiers of a plan add up unless they say otherwise.
fn by_all_tiers(form: &PriceForm) -> PriceForm {
    let unsaid = form.tier_mode.is_none() && form.mode.is_none() && form.model.is_none();
    let tier_mode = if unsaid { Some("all_tiers".to_owned()) } else { form.tier_mode.clone() };
    PriceForm { tier_mode, ..form.clone() }
}

fn charge(
    form: &PlanForm,
    region: Option<&str>,
    price: Price,
    aggregate: Aggregate,
    tax_code: &Code,
) -> Outcome<Charge> {
    let metric = metric(form, region)?;
    let threshold = form.keys.progressive_threshold.as_ref();
    let threshold = threshold.map(|threshold| threshold.money(price.currency())).transpose()?;
    Ok(Charge {
        code: metric.clone(),
        name: Label::parse(&form.keys.plan)?,
        prices: vec![price],
        tax_code: tax_code.clone(),
        meter: Some(Meter { threshold, ..Meter::new(metric, aggregate) }),
        commitment: None,
    })
}

/// What is counted for a plan, in a region where its price differs by region.
pub(crate) fn metric(form: &PlanForm, region: Option<&str>) -> Outcome<Code> {
    match (region, form.keys.per_unit_by_region.is_empty()) {
        (None, true) | (Some(_), true) => Ok(Code::parse(&slug(&form.keys.plan))?),
        (Some(region), false) if form.keys.per_unit_by_region.contains_key(region) => {
            Ok(Code::parse(&slug(&format!("{}-{region}", form.keys.plan)))?)
        }
        (Some(region), false) => Err(Stop::unsupported(format!("region {region:?}"))),
        (None, false) => Err(Stop::unsupported("usage without its region")),
    }
}

/// The figures of one reading or of several.
pub(crate) fn figures<'a>(
    units: &'a Option<Figure>,
    amount: &'a Option<Figure>,
    amounts: &'a Option<Vec<Figure>>,
) -> Outcome<Vec<&'a Figure>> {
    let figures: Vec<&Figure> = units.iter().chain(amount).chain(amounts.iter().flatten()).collect();
    match [units.is_some(), amount.is_some(), amounts.is_some()].into_iter().filter(|given| *given).count() {
        1 => Ok(figures),
        _ => Err(Stop::unsupported("record_usage: one of units, amount and amounts is expected")),
    }
}
