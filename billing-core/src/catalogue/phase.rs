//! What a plan may have beside its price: phases before it, charges beside it, a meter, and where its periods begin.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::commitment::Commitment;
use super::plan::price_in;
use super::price::Price;
use crate::kernel::calendar::{DayOfMonth, Interval};
use crate::kernel::currency::Currency;
use crate::kernel::money::Money;
use crate::kernel::text::{Code, Label};

/// A time at the beginning of a plan in which another price counts. Phases follow one another from the first day
/// of the subscription on; the plan's own price comes after the last of them. Who changes to the plan later joins
/// in the phase that is running by then: a trial does not begin again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// A trial, or an introductory price.
    pub kind: PhaseKind,
    /// How long it lasts.
    pub lasts: Interval,
    /// One price a currency. A trial may have none: then it is free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// The day of the month on which its periods begin, if it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_day: Option<DayOfMonth>,
}

impl Phase {
    /// Its price in a currency; `None` where it has none in it.
    pub fn price_in(&self, currency: Currency) -> Option<&Price> {
        price_in(&self.prices, currency)
    }
}

/// What a stage of an agreement is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseKind {
    /// The customer tries it: one line for the whole trial, on its first day.
    Trial,
    /// A price for the beginning.
    Introductory,
    /// The plan's own price.
    #[default]
    Standing,
}

impl PhaseKind {
    /// Whether it is the plan's own price, which is not said.
    pub(crate) fn is_standing(&self) -> bool {
        *self == PhaseKind::Standing
    }
}

impl fmt::Display for PhaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PhaseKind::Trial => "trial",
            PhaseKind::Introductory => "introductory price",
            PhaseKind::Standing => "standing price",
        })
    }
}

/// Where the periods of a plan begin. Periods of days and weeks are counted from the first day that is not a
/// trial, but for calendar weeks, which begin on Mondays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// On the account's day of the month, so that all its subscriptions are on one invoice. Where the account has
    /// none, on that of the first day that it pays for.
    #[default]
    Account,
    /// On the day of the month on which the subscription's first paid day falls.
    Subscription,
    /// With the calendar: the first of a month, of a quarter, of a year; for weeks, on Monday.
    Calendar,
    /// On this day of the month.
    Day(DayOfMonth),
}

impl Alignment {
    /// Whether it is the one that is not said.
    pub(crate) fn is_account(&self) -> bool {
        *self == Alignment::Account
    }
}

impl fmt::Display for Alignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Alignment::Account => f.write_str("on the account's day"),
            Alignment::Subscription => f.write_str("on the subscription's day"),
            Alignment::Calendar => f.write_str("with the calendar"),
            Alignment::Day(day) => write!(f, "on day {} of the month", day.get()),
        }
    }
}

/// Something that a plan charges beside its own price, on a line of its own: seats beside a platform fee. A
/// component of the subscription, named `plan.` and its code, that comes and goes with the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// Its code.
    #[serde(rename = "charge")]
    pub code: Code,
    /// Its name as it stands on documents.
    pub name: Label,
    /// One price a currency, in order of currencies.
    pub prices: Vec<Price>,
    /// Its tax code.
    pub tax_code: Code,
    /// What is counted to bill it; without it, what was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// What its customers agree to spend on it in a whole period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Commitment>,
}

impl Charge {
    /// Its price in a currency.
    pub fn price_in(&self, currency: Currency) -> Option<&Price> {
        price_in(&self.prices, currency)
    }
}

/// What is counted, and how readings of a period become one quantity. What is metered is billed in arrears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    /// What is counted.
    pub metric: Code,
    /// How readings become one quantity.
    #[serde(default)]
    pub aggregate: Aggregate,
    /// What the usage of a running period must be worth to be billed before the period is over, once a period; it
    /// counts for customers who pay in its currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Money>,
}

impl Meter {
    /// A meter that is billed when its period is over.
    pub fn new(metric: Code, aggregate: Aggregate) -> Meter {
        Meter { metric, aggregate, threshold: None }
    }
}

/// How the readings of a period become one quantity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// They are added up: what is used up.
    #[default]
    Sum,
    /// The largest counts: capacity.
    Max,
    /// The last counts: a level.
    Last,
    /// How many different names were read: users, devices.
    Unique,
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Aggregate::Sum => "sum",
            Aggregate::Max => "largest reading",
            Aggregate::Last => "last reading",
            Aggregate::Unique => "number of different names",
        })
    }
}
