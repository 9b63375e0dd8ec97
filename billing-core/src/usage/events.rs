//! What usage records: readings, each under a key of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::calendar::Date;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Reference};

crate::events! {
    "usage" {
        UsageRecorded = "usage_recorded" 1;
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
