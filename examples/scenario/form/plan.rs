//! A plan as a case describes it.

use std::collections::BTreeMap;

use billing_core::kernel::calendar::Date;
use serde::Deserialize;
use serde_json::Value;

use super::figure::Figure;
use super::price::PriceForm;
use super::reader::{object, read, without_words};
use crate::verdict::Outcome;

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlanForm {
    pub(crate) keys: PlanKeys,
    /// The price of its usage.
    pub(crate) usage: PriceForm,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PlanKeys {
    pub(crate) plan: String,
    pub(crate) price: Option<Figure>,
    pub(crate) prices: Vec<Figure>,
    pub(crate) fixed_fee: Option<Figure>,
    pub(crate) per_unit_by_region: BTreeMap<String, Figure>,
    pub(crate) components: BTreeMap<String, Figure>,
    pub(crate) lines: Vec<PlanLine>,
    pub(crate) billing_period: Option<String>,
    pub(crate) billing_mode: Option<String>,
    pub(crate) trial_days: Option<u16>,
    pub(crate) trial_price: Option<Figure>,
    pub(crate) term_months: Option<u16>,
    pub(crate) phases: Vec<PhaseForm>,
    pub(crate) price_versions: Vec<PriceVersion>,
    pub(crate) max_per_bundle: Option<u32>,
    pub(crate) unit: Option<String>,
    pub(crate) minimum_per_period: Option<Figure>,
    pub(crate) minimum_commitment: Option<Figure>,
    pub(crate) progressive_threshold: Option<Figure>,
    pub(crate) alignment: Option<String>,
    pub(crate) bill_cycle_day: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanLine {
    pub(crate) line: String,
    pub(crate) amount: Figure,
    pub(crate) tax_percent: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhaseForm {
    pub(crate) price: Figure,
    pub(crate) months: Option<u16>,
    pub(crate) days: Option<u16>,
    pub(crate) from: Option<Date>,
    pub(crate) bill_cycle_day: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceVersion {
    pub(crate) price: Figure,
    pub(crate) effective: Date,
    pub(crate) effective_for_existing_subscriptions: Option<Date>,
}

impl PlanForm {
    pub(crate) fn read(value: Value) -> Outcome<PlanForm> {
        let mut plan = without_words(object(value, "plan")?);
        let usage = PriceForm::taken(&mut plan, "plan")?;
        let keys: PlanKeys = read(plan.into(), "plan")?;
        Ok(PlanForm { keys, usage })
    }

    /// A plan of which only the name and the price of a month are known.
    pub(crate) fn named(name: &str, price: Figure) -> PlanForm {
        let keys = PlanKeys { plan: name.to_owned(), price: Some(price), ..PlanKeys::default() };
        PlanForm { keys, usage: PriceForm::default() }
    }
}
