//! Plans and items of a case, published when they are first used: only then is it known as what.

use billing_core::prelude::*;

use crate::firm::Firm;
use crate::form::Case;
use crate::form::figure::Figure;
use crate::form::given::day_of_month;
use crate::form::interval::{interval, months};
use crate::form::plan::PlanForm;
use crate::metered;
use crate::phases;
use crate::verdict::{Outcome, Refusal, Stop};
use crate::versions;

/// A plan that a case does not describe can't be subscribed to: where no refusal is expected, the case can't be told.
pub(crate) const UNKNOWN_PLAN: &str = "subscriptions.unknown_plan";

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
            known.or_else(|| priced_in_words(name)).ok_or_else(|| {
                let words = format!("there is no plan {name:?}");
                Stop::Refused(Refusal { code: UNKNOWN_PLAN.to_owned(), words })
            })
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
        let key = (form.keys.plan.clone(), kind, form.keys.bill_cycle_day);
        if let Some(code) = self.desk.published.get(&key) {
            return Ok(code.clone());
        }
        let code = Code::parse(&format!("plan-{}", self.desk.published.len()))?;
        let tax_code = self.tax(self.case.given.keys.tax_rate_percent.clone().as_ref())?;
        let plan = published(self, form, kind, code.clone(), tax_code)?;
        self.give(plan)?;
        self.desk.published.insert(key, code.clone());
        Ok(code)
    }

    /// Publishes a plan once more, as it is by now.
    pub(crate) fn publish_again(&mut self, form: &PlanForm, kind: PlanKind, code: Code) -> Outcome {
        let tax_code = self.tax(self.case.given.keys.tax_rate_percent.clone().as_ref())?;
        let plan = published(self, form, kind, code, tax_code)?;
        self.give(plan)?;
        Ok(())
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

    /// The code of an item of a price, under a tax code; of the line of this number alone, where one is given.
    pub(crate) fn item(&mut self, price: Money, tax_code: Code, line: Option<usize>) -> Outcome<Code> {
        let key = (format!("{price} {line:?}"), tax_code);
        if let Some(code) = self.desk.items.get(&key) {
            return Ok(code.clone());
        }
        let code = Code::parse(&format!("item-{}", self.desk.items.len()))?;
        let unit_prices = vec![UnitPrice::try_from(price)?];
        let name = Label::parse("Charge")?;
        self.give(PublishItem {
            item: code.clone(),
            name,
            unit_prices,
            tax_code: key.1.clone(),
            custom_fields: Default::default(),
        })?;
        self.desk.items.insert(key, code.clone());
        Ok(code)
    }
}

/// What is published of a plan.
fn published(
    firm: &mut Firm<'_>,
    form: &PlanForm,
    kind: PlanKind,
    plan: Code,
    tax_code: Code,
) -> Outcome<PublishPlan> {
    let keys = &form.keys;
    let given = &firm.case.given.keys;
    let currency = firm.case.given.currency;
    let no = |key: &str| Err(Stop::unsupported(format!("plan key {key}")));
    let minimum = keys.minimum_commitment.as_ref().or(keys.minimum_per_period.as_ref());
    let minimum = minimum.map(|minimum| minimum.money(currency)).transpose()?;
    if keys.progressive_threshold.is_some() && !metered::is_metered(form) {
        return no("progressive_threshold");
    }
    let mode = keys.billing_mode.as_deref().or(given.billing_mode.as_deref());
    let (timing, period) = timing(mode)?;
    let words = keys.billing_period.as_deref().or(period).or(given.billing_period.as_deref());
    let words = words.unwrap_or("monthly");
    let mut charges = charges(firm, form, &tax_code)?.into_iter();
    let phased = phases::phases(form, currency)?;
    let first = match (charges.next(), &phased.price) {
        (Some(first), None) => first,
        (None, Some(price)) => Charge {
            code: plan.clone(),
            name: Label::parse(&keys.plan)?,
            prices: vec![price.clone()],
            tax_code,
            meter: None,
            commitment: None,
        },
        (Some(first), Some(price)) if keys.components.is_empty() && keys.lines.is_empty() => {
            Charge { prices: vec![price.clone()], ..first }
        }
        (Some(_), Some(_)) => return no("phases beside components"),
        (None, None) => return Err(Stop::unsupported("a plan without a price")),
    };
    let (name_of_minimum, own) = (Label::parse("Minimum commitment")?, first.tax_code.clone());
    Ok(PublishPlan {
        plan,
        name: Label::parse(&keys.plan)?,
        kind,
        interval: interval(words)?,
        timing,
        prices: first.prices,
        tax_code: first.tax_code,
        phases: phased.phases,
        set_up: keys.fixed_fee.iter().map(|fee| fee.money(currency)).collect::<Outcome<_>>()?,
        term: match keys.term_months {
            Some(term) => Some(months(term).ok_or_else(|| Stop::unsupported("a term of no months"))?),
            None => phased.term,
        },
        alignment: match phased.anchor_day {
            Some(day) => Alignment::Day(day),
            None => alignment(form, firm.case)?,
        },
        at_most: keys.max_per_bundle,
        meter: first.meter,
        charges: charges.collect(),
        effective_from: None,
        existing: versions::existing(form, firm.desk.today),
        commitment: minimum.map(|minimum| Commitment {
            name: name_of_minimum,
            minimums: vec![minimum],
            tax_code: own,
        }),
        custom_fields: CustomFields::default(),
    })
}

/// What a plan charges, each on a line of its own; the first of them is its own price.
fn charges(firm: &mut Firm<'_>, form: &PlanForm, tax_code: &Code) -> Outcome<Vec<Charge>> {
    let keys = &form.keys;
    let currency = firm.case.given.currency;
    let charge = |code: &str, name: &str, price: Price, tax_code: Code| {
        Ok::<_, Stop>(Charge {
            code: Code::parse(code)?,
            name: Label::parse(name)?,
            prices: vec![price],
            tax_code,
            meter: None,
            commitment: None,
        })
    };
    let mut charges = Vec::new();
    if let Some(price) = versions::newest(form, firm.desk.today).or(keys.price.as_ref()) {
        charges.push(charge("own", &keys.plan, Price::PerSeat(price.money(currency)?), tax_code.clone())?);
    }
    for (name, price) in &keys.components {
        let price = price.money(currency)?;
        let price = if is_counted(name) { Price::PerSeat(price) } else { Price::Flat(price) };
        charges.push(charge(&slug(name), name, price, tax_code.clone())?);
    }
    for (number, price) in (1..).zip(&keys.prices) {
        let price = Price::Flat(price.money(currency)?);
        charges.push(charge(
            &format!("price-{number}"),
            &format!("Price {number}"),
            price,
            tax_code.clone(),
        )?);
    }
    for (number, line) in (1..).zip(&keys.lines) {
        let tax_code = match &line.tax_percent {
            Some(percent) => firm.tax(Some(percent))?,
            None => tax_code.clone(),
        };
        let price = Price::Flat(line.amount.money(currency)?);
        charges.push(charge(&format!("line-{number}"), &line.line, price, tax_code)?);
    }
    charges.extend(metered::charges(form, currency, tax_code)?);
    Ok(charges)
}

/// Whether a component is had by the piece.
pub(crate) fn is_counted(name: &str) -> bool {
    ["seat", "user", "license", "licence", "unit"].iter().any(|counted| name.starts_with(counted))
}

/// A name as a code: what can't stand in one is a hyphen.
pub(crate) fn slug(name: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '-' };
    format!("c{}", name.chars().map(sign).collect::<String>())
}

/// Where periods begin.
fn alignment(form: &PlanForm, case: &Case) -> Outcome<Alignment> {
    if let Some(day) = day_of_month(form.keys.bill_cycle_day)? {
        return Ok(Alignment::Day(day));
    }
    match form.keys.alignment.as_deref().or(case.given.keys.alignment.as_deref()) {
        None | Some("account" | "n/a") => Ok(Alignment::Account),
        Some("subscription" | "anniversary") => Ok(Alignment::Subscription),
        Some("1st of month") => Ok(Alignment::Day(DayOfMonth::FIRST)),
        Some(words) if words.starts_with("calendar") => Ok(Alignment::Calendar),
        Some(other) => Err(Stop::unsupported(format!("alignment {other:?}"))),
    }
}

/// When a period is billed, and how long it is where the mode says so: `usage in arrears, monthly`.
fn timing(mode: Option<&str>) -> Outcome<(Timing, Option<&str>)> {
    match mode {
        None | Some("in_advance") => Ok((Timing::InAdvance, None)),
        Some("in_arrears" | "usage in arrears" | "usage_in_arrears") => Ok((Timing::InArrears, None)),
        Some(other) => match other.strip_prefix("usage in arrears, ") {
            Some(period) => Ok((Timing::InArrears, Some(period))),
            None => Err(Stop::unsupported(format!("billing mode {other:?}"))),
        },
    }
}
