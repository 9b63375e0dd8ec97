//! Plans and items of a case, published when they are first used: only then is it known as what.

use billing_core::prelude::*;

use crate::firm::Firm;
use crate::form::Case;
use crate::form::figure::Figure;
use crate::form::interval::interval;
use crate::form::plan::PlanForm;
use crate::verdict::{Outcome, Stop};

/// The plan of a name; without a name the first one.
pub(crate) fn form(case: &Case, name: Option<&str>) -> Outcome<PlanForm> {
    let given = &case.given;
    match name {
        None => match given.plans.first() {
            Some(plan) => Ok(plan.clone()),
            // A case about periods alone names no plan; its price does not matter.
            None if given.keys.billing_period.is_some() => {
                let one = Figure::parse("1.00").ok_or_else(|| Stop::unsupported("a price"))?;
                Ok(PlanForm::named("plan", one))
            }
            None => Err(Stop::unsupported("a subscription without a plan")),
        },
        Some(name) => {
            let known = given.plans.iter().find(|plan| plan.keys.plan == name).cloned();
            known.or_else(|| priced_in_words(name)).ok_or_else(|| Stop::unsupported(format!("plan {name:?}")))
        }
    }
}

/// `other (35.00/month)`.
fn priced_in_words(name: &str) -> Option<PlanForm> {
    let (_, price) = name.strip_suffix("/month)")?.split_once('(')?;
    Some(PlanForm::named(name, Figure::parse(price)?))
}

impl Firm<'_> {
    /// The code of a plan in the catalogue, as which it is used there.
    pub(crate) fn plan(&mut self, form: &PlanForm, kind: PlanKind) -> Outcome<Code> {
        let key = (form.keys.plan.clone(), kind);
        if let Some(code) = self.desk.published.get(&key) {
            return Ok(code.clone());
        }
        let code = Code::parse(&format!("plan-{}", self.desk.published.len()))?;
        let tax_code = self.tax(self.case.given.keys.tax_rate_percent.clone().as_ref())?;
        let plan = published(self.case, form, kind, code.clone(), tax_code)?;
        self.give(plan)?;
        self.desk.published.insert(key, code.clone());
        Ok(code)
    }

    /// The tax code of a percentage.
    pub(crate) fn tax(&mut self, percent: Option<&Figure>) -> Outcome<Code> {
        let rate = percent.map_or(Ok(Rate::ZERO), Figure::percent)?;
        let code = Code::parse(&format!("tax-{}", rate.to_decimal()))?;
        if self.desk.taxes.insert(code.clone()) {
            self.give(SetTaxCode::new(code.clone(), rate, "1950-01-01".parse().map_err(Stop::unsupported)?))?;
        }
        Ok(code)
    }

    /// The code of an item of a price, under a tax code.
    pub(crate) fn item(&mut self, price: Money, tax_code: Code) -> Outcome<Code> {
        let key = (price.to_string(), tax_code);
        if let Some(code) = self.desk.items.get(&key) {
            return Ok(code.clone());
        }
        let code = Code::parse(&format!("item-{}", self.desk.items.len()))?;
        let unit_prices = vec![UnitPrice::try_from(price)?];
        let name = Label::parse("Charge")?;
        self.give(PublishItem { item: code.clone(), name, unit_prices, tax_code: key.1.clone() })?;
        self.desk.items.insert(key, code.clone());
        Ok(code)
    }
}

/// What is published of a plan.
fn published(case: &Case, form: &PlanForm, kind: PlanKind, plan: Code, tax_code: Code) -> Outcome<PublishPlan> {
    let keys = &form.keys;
    let given = &case.given.keys;
    let currency = case.given.currency;
    let no = |key: &str| Err(Stop::unsupported(format!("plan key {key}")));
    if keys.trial_days.is_some() {
        return no("trial_days");
    }
    if !keys.phases.is_empty() {
        return no("phases");
    }
    if keys.fixed_fee.is_some() {
        return no("fixed_fee");
    }
    if keys.term_months.is_some() {
        return no("term_months");
    }
    if !keys.components.is_empty() || !keys.prices.is_empty() || !keys.lines.is_empty() {
        return no("components");
    }
    if form.usage.is_given() || keys.unit.is_some() || !keys.per_unit_by_region.is_empty() {
        return no("usage");
    }
    if !keys.price_versions.is_empty() {
        return no("price_versions");
    }
    if keys.minimum_commitment.is_some() || keys.minimum_per_period.is_some() {
        return no("minimum_commitment");
    }
    if keys.progressive_threshold.is_some() {
        return no("progressive_threshold");
    }
    if keys.max_per_bundle.is_some() {
        return no("max_per_bundle");
    }
    if given.alignment.as_deref().is_some_and(|alignment| alignment != "anniversary" && alignment != "1st of month") {
        return no("alignment");
    }
    let price = keys.price.as_ref().ok_or_else(|| Stop::unsupported("a plan without a price"))?;
    Ok(PublishPlan {
        kind,
        interval: interval(keys.billing_period.as_deref().or(given.billing_period.as_deref()).unwrap_or("monthly"))?,
        timing: timing(keys.billing_mode.as_deref().or(given.billing_mode.as_deref()))?,
        ..PublishPlan::monthly(plan, Label::parse(&keys.plan)?, Price::PerSeat(price.money(currency)?), tax_code)
    })
}

fn timing(mode: Option<&str>) -> Outcome<Timing> {
    match mode {
        None | Some("in_advance") => Ok(Timing::InAdvance),
        Some("in_arrears") => Ok(Timing::InArrears),
        Some(other) => Err(Stop::unsupported(format!("billing mode {other:?}"))),
    }
}
