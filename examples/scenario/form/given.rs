//! What a case begins with: settings, plans, prices, and documents that are there already.

use std::collections::BTreeMap;

use billing_core::kernel::calendar::{Date, DayOfMonth};
use billing_core::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::figure::Figure;
use super::plan::PlanForm;
use super::price::PriceForm;
use super::reader::{list, object, read, without_words};
use crate::verdict::{Outcome, Stop};

/// What is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    pub(crate) keys: GivenKeys,
    pub(crate) plans: Vec<PlanForm>,
    pub(crate) price: PriceForm,
    pub(crate) coupons: Vec<Coupon>,
    pub(crate) currency: Currency,
    pub(crate) zone: Zone,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GivenKeys {
    pub(crate) bill_cycle_day: Option<u8>,
    pub(crate) start: Option<Date>,
    pub(crate) end: Option<Date>,
    pub(crate) billing_period: Option<String>,
    pub(crate) billing_mode: Option<String>,
    pub(crate) alignment: Option<String>,
    pub(crate) proration_mode: Option<String>,
    pub(crate) tax_rate_percent: Option<Figure>,
    pub(crate) payment_retry_every_days: Option<u32>,
    pub(crate) retry_days: Vec<u32>,
    pub(crate) net_payment_days: Option<u16>,
    pub(crate) customer_credit: Option<Figure>,
    pub(crate) subtotal: Option<Figure>,
    pub(crate) invoice_total: Option<Figure>,
    pub(crate) lines: Vec<GivenLine>,
    pub(crate) children: Vec<String>,
    pub(crate) price_old: Option<String>,
    pub(crate) price_new: Option<String>,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) period: Option<GivenPeriod>,
    pub(crate) overdue_policy: Vec<Stage>,
    pub(crate) dunning: Option<Dunning>,
    pub(crate) units: BTreeMap<String, UnitForm>,
}

/// A line of a document that is there already: its amount, or more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum GivenLine {
    Amount(Figure),
    Line(FullLine),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullLine {
    pub(crate) amount: Figure,
    pub(crate) tax_percent: Option<Figure>,
    /// Its name, for people.
    #[serde(rename = "line")]
    pub(crate) _line: Option<Value>,
}

impl GivenLine {
    pub(crate) fn amount(&self) -> &Figure {
        match self {
            GivenLine::Amount(amount) => amount,
            GivenLine::Line(line) => &line.amount,
        }
    }

    pub(crate) fn tax_percent(&self) -> Option<&Figure> {
        match self {
            GivenLine::Amount(_) => None,
            GivenLine::Line(line) => line.tax_percent.as_ref(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenPeriod {
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
    pub(crate) last_day: Option<Date>,
}

impl GivenPeriod {
    /// Its days.
    pub(crate) fn days(&self) -> Outcome<Period> {
        let to = match (self.to, self.last_day) {
            (Some(to), None) => Some(to),
            (None, Some(last)) => last.succ_opt(),
            (Some(_), Some(_)) | (None, None) => None,
        };
        let to = to.ok_or_else(|| Stop::unsupported("period: one of to and last_day is expected"))?;
        Ok(Period::new(self.from, to)?)
    }
}

/// One stage of an overdue policy: it holds when all its conditions do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stage {
    pub(crate) state: String,
    pub(crate) days_since_earliest_unpaid: Option<i64>,
    pub(crate) unpaid_count: Option<usize>,
    pub(crate) unpaid_balance: Option<Figure>,
    #[serde(default)]
    pub(crate) blocks: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dunning {
    pub(crate) max_attempts: u32,
    pub(crate) days_between_attempts: i64,
    pub(crate) threshold: Option<Figure>,
    pub(crate) thresholds: Option<BTreeMap<String, Figure>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitForm {
    pub(crate) block_size: Option<Figure>,
    pub(crate) price: Figure,
}

/// A discount: an amount or a percentage, on some lines or on all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coupon {
    pub(crate) order: i64,
    pub(crate) off: Off,
    /// The lines, by number from 1 or by name; none means all.
    pub(crate) lines: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Off {
    Amount(Figure),
    Percent(Figure),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CouponKeys {
    #[serde(default)]
    order: i64,
    off: Option<Figure>,
    percent: Option<Figure>,
    eligible: Option<Value>,
}

impl Given {
    pub(crate) fn read(value: Value) -> Outcome<Given> {
        let mut given = without_words(object(value, "given")?);
        let plans = list(given.remove("plans"), "plans")?;
        let coupons = list(given.remove("coupons"), "coupons")?;
        let mut coupons: Vec<Coupon> = coupons.into_iter().map(Coupon::read).collect::<Outcome<_>>()?;
        coupons.extend(given.remove("coupon").map(Coupon::read).transpose()?);
        coupons.sort_by_key(|coupon| coupon.order);
        let currency = given.remove("currency").map_or(Ok(Currency::USD), currency)?;
        let zone = given.remove("timezone").map_or(Ok(Zone::UTC), zone)?;
        let price = PriceForm::taken(&mut given, "given")?;
        let keys: GivenKeys = read(given.into(), "given")?;
        let plans = plans.into_iter().map(PlanForm::read).collect::<Outcome<_>>()?;
        Ok(Given { keys, plans, price, coupons, currency, zone })
    }

    /// The day of the month on which the account is billed; 0 and nothing are the same.
    pub(crate) fn anchor_day(&self) -> Outcome<Option<DayOfMonth>> {
        day_of_month(self.keys.bill_cycle_day)
    }
}

/// A day of the month; 0 stands for none.
pub(crate) fn day_of_month(day: Option<u8>) -> Outcome<Option<DayOfMonth>> {
    Ok(day.filter(|day| *day != 0).map(DayOfMonth::new).transpose()?)
}

/// A currency; where a case says in words that it does not matter, any of two decimals.
fn currency(value: Value) -> Outcome<Currency> {
    let text: String = read(value, "currency")?;
    match Currency::parse(&text) {
        Ok(currency) => Ok(currency),
        Err(_) if text == "n/a" || text.contains(' ') || text.contains('+') => Ok(Currency::USD),
        Err(why) => Err(Stop::unsupported(format!("currency {text:?}: {why}"))),
    }
}

fn zone(value: Value) -> Outcome<Zone> {
    let text: String = read(value, "timezone")?;
    match Zone::parse(&text) {
        Ok(zone) => Ok(zone),
        Err(_) if text.starts_with("n/a") => Ok(Zone::UTC),
        Err(why) => Err(Stop::unsupported(format!("timezone {text:?}: {why}"))),
    }
}

impl Coupon {
    pub(crate) fn read(value: Value) -> Outcome<Coupon> {
        let text = match value {
            Value::String(text) => text,
            other
            @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                let keys: CouponKeys = read(without_words(object(other, "coupon")?).into(), "coupon")?;
                return keys.coupon();
            }
        };
        let no = || Stop::unsupported(format!("coupon {text:?}"));
        let off = match text.strip_suffix('%') {
            Some(percent) => Off::Percent(Figure::parse(percent).ok_or_else(no)?),
            None => Off::Amount(Figure::parse(&text).ok_or_else(no)?),
        };
        Ok(Coupon { order: 0, off, lines: None })
    }
}

impl CouponKeys {
    fn coupon(self) -> Outcome<Coupon> {
        let off = match (self.off, self.percent) {
            (Some(off), None) => Off::Amount(off),
            (None, Some(percent)) => Off::Percent(percent),
            (Some(_), Some(_)) | (None, None) => {
                return Err(Stop::unsupported("coupon: one of off and percent is expected"));
            }
        };
        let lines = match self.eligible {
            None => None,
            Some(Value::String(text)) if text == "all" => None,
            Some(Value::Array(lines)) => Some(lines.into_iter().map(line_name).collect::<Outcome<_>>()?),
            Some(other) => return Err(Stop::unsupported(format!("coupon: eligible {other}"))),
        };
        Ok(Coupon { order: self.order, off, lines })
    }
}

fn line_name(value: Value) -> Outcome<String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Stop::unsupported(format!("coupon: line {other}")))
        }
    }
}
