//! One row of `results`: what a pure function is asked, and what it must answer.

use std::collections::BTreeMap;

use billing_core::kernel::calendar::Date;
use serde::Deserialize;
use serde_json::Value;

use super::figure::Figure;
use super::price::PriceForm;
use super::reader::{Object, object, read, taken, without_words};
use crate::verdict::Outcome;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResultForm {
    pub(crate) keys: ResultKeys,
    /// A price of its own, in place of the given one.
    pub(crate) price: PriceForm,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ResultKeys {
    #[serde(alias = "minutes", alias = "hours", alias = "seconds", alias = "events", alias = "calls")]
    pub(crate) units: Option<Units>,
    pub(crate) base: Option<Figure>,
    pub(crate) start: Option<Date>,
    pub(crate) anchor: Option<Anchor>,
    pub(crate) period: Option<String>,
    pub(crate) already_billed_blocks: Option<Figure>,
    pub(crate) already_billed_units: Option<Figure>,
    pub(crate) previously_billed: Option<Figure>,
    /// Whether the part of a period that is asked for is the last one of it.
    pub(crate) last_part: Option<bool>,
    pub(crate) minimum: Option<Figure>,
    pub(crate) maximum: Option<Figure>,
    pub(crate) coupon_off: Option<Figure>,
    pub(crate) coupon_percent: Option<Figure>,
    pub(crate) coupons: Option<Value>,
    pub(crate) already_used: Option<Figure>,
    pub(crate) amount: Option<Figure>,
    pub(crate) discount: Option<Figure>,
    pub(crate) taxable: Option<Figure>,
    pub(crate) to: Option<Date>,
    pub(crate) days: Option<Figure>,
    pub(crate) lines: Option<Vec<Figure>>,
}

/// How many, of one unit or of several.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Units {
    Of(Figure),
    Named(BTreeMap<String, Figure>),
}

/// The day of the month on which periods turn, or a date on it, or the calendar's own periods.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Anchor {
    Date(Date),
    Day(u8),
    Words(String),
}

impl ResultForm {
    /// `units` are names that stand for a count of units of their own.
    pub(crate) fn read(value: Value, units: &[&str]) -> Outcome<ResultForm> {
        let mut row: Object = without_words(object(value, "result")?);
        let price = PriceForm::taken(&mut row, "result")?;
        let counts = taken(&mut row, units);
        let mut keys: ResultKeys = read(row.into(), "result")?;
        if !counts.is_empty() {
            keys.units = Some(Units::Named(read(counts.into(), "result")?));
        }
        Ok(ResultForm { keys, price })
    }
}
