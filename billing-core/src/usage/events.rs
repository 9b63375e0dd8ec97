//! What usage records: readings, each under a key of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Note, Reference};

crate::events! {
    "usage" {
        UsageRecorded = "usage_recorded" 1;
        UsageRestated = "usage_restated" 1;
    }
}

/// Something was counted, in one record or in many that came together. Every record counts once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageRecorded {
    /// The records, in the order in which they were given; at least one.
    pub records: Vec<UsageRecord>,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageRecord {
    /// The host's name for it, unique among the records of the account: given again under it, the record counts once.
    pub key: Reference,
    /// The subscription that was used.
    pub subscription: SubscriptionId,
    /// What was counted: the metric of a meter.
    pub metric: Code,
    /// The day on which it was used.
    pub on: Date,
    /// How much: so many more where readings are added up, else the level that was read.
    pub quantity: Quantity,
    /// Whose use it was, where different names are counted: a user, a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Reference>,
}

/// All that was counted on a day was told anew, in place of what had been recorded for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageRestated {
    /// The subscription that was used.
    pub subscription: SubscriptionId,
    /// What was counted.
    pub metric: Code,
    /// The day.
    pub on: Date,
    /// The readings of the day; none where nothing was counted.
    pub readings: Vec<Reading>,
    /// Why.
    pub reason: Note,
}

/// A reading of a day that is told anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The host's name for it, as that of a [`UsageRecord`].
    pub key: Reference,
    /// How much.
    pub quantity: Quantity,
    /// Whose use it was, where different names are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Reference>,
}

impl UsageRestated {
    /// Its readings as records.
    pub(super) fn records(&self) -> impl Iterator<Item = UsageRecord> {
        self.readings.iter().map(|Reading { key, quantity, name }| UsageRecord {
            key: key.clone(),
            subscription: self.subscription,
            metric: self.metric.clone(),
            on: self.on,
            quantity: *quantity,
            name: name.clone(),
        })
    }
}

impl fmt::Display for UsageRestated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UsageRestated { subscription, metric, on, readings, reason } = self;
        write!(f, "Usage of {subscription} on {on} told anew: ")?;
        match readings.as_slice() {
            [] => write!(f, "no {metric}")?,
            [one] => write!(f, "{} {metric}", one.quantity)?,
            all => write!(f, "{metric} in {} readings", all.len())?,
        }
        write!(f, ". {reason}.")
    }
}

impl fmt::Display for UsageRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.records.as_slice() {
            [UsageRecord { key, subscription, metric, on, quantity, name }] => {
                write!(f, "Usage {key} of {subscription} on {on}: {quantity} {metric}")?;
                name.iter().try_for_each(|name| write!(f, ", {name}"))?;
                f.write_str(".")
            }
            records => {
                let days = || records.iter().map(|record| record.on);
                write!(f, "Usage in {} records", records.len())?;
                if let (Some(first), Some(last)) = (days().min(), days().max()) {
                    write!(f, ", from {first} to {last}")?;
                }
                f.write_str(".")
            }
        }
    }
}
