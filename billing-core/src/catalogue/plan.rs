//! What can be sold: plans and add-ons by the period, items once.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::commitment::Commitment;
use super::phase::{Alignment, Charge, Meter, Phase};
use super::price::Price;
use crate::kernel::calendar::{Date, Interval};
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::money::Money;
use crate::kernel::text::{Code, Label};
use crate::kernel::unit_price::UnitPrice;

/// One version of a plan or an add-on. A version never changes; who subscribed to it keeps it, unless a later one
/// moves existing subscribers to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its code.
    #[serde(rename = "plan")]
    pub code: Code,
    /// Its version, from 1.
    pub version: u32,
    /// Its name as it stands on documents.
    pub name: Label,
    /// Whether it stands alone.
    pub kind: PlanKind,
    /// How long a period is.
    pub interval: Interval,
    /// When a period is billed.
    pub timing: Timing,
    /// One price a currency, in order of currencies; it counts after the last phase.
    pub prices: Vec<Price>,
    /// Its tax code.
    pub tax_code: Code,
    /// What comes before its prices count: trials, introductory prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// Charged once, on the first day that is not a trial; one amount a currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_up: Vec<Money>,
    /// How long it is served after the trial; without it, until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Interval>,
    /// Where its periods begin.
    #[serde(default, skip_serializing_if = "Alignment::is_account")]
    pub alignment: Alignment,
    /// How many of an add-on a subscription may have at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// What is counted to bill it; without it, what was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<Meter>,
    /// What is charged beside it, on lines of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// The first day that an agreement on it may count from; without it, any day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// What becomes of those who agreed on an earlier version.
    #[serde(default, skip_serializing_if = "Existing::is_grandfathered")]
    pub existing: Existing,
    /// What its customers agree to spend in a whole period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Commitment>,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
}

impl Plan {
    /// Its price in a currency.
    pub fn price_in(&self, currency: Currency) -> Option<&Price> {
        price_in(&self.prices, currency)
    }

    /// What is charged once in a currency, if it has a set-up fee.
    pub fn set_up_in(&self, currency: Currency) -> Option<Money> {
        self.set_up.iter().copied().find(|amount| amount.currency() == currency)
    }
}

pub(super) fn price_in(prices: &[Price], currency: Currency) -> Option<&Price> {
    prices.iter().find(|price| price.currency() == currency)
}

/// Whether a plan stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// It can be subscribed to.
    Base,
    /// It can be added to a subscription.
    AddOn,
}

impl fmt::Display for PlanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PlanKind::Base => "plan",
            PlanKind::AddOn => "add-on",
        })
    }
}

/// What becomes of those who agreed on an earlier version of a plan. On the wire `"grandfathered"`,
/// `{"migrate_from":"2027-01-01"}` or `{"migrate_at_renewal_from":"2027-01-01"}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// They keep what they agreed on.
    #[default]
    Grandfathered,
    /// This version counts for them from that day on; a period that is running by then is billed in two parts.
    MigrateFrom(Date),
    /// This version counts for them from the first period on that begins on that day or a later one.
    MigrateAtRenewalFrom(Date),
}

impl Existing {
    /// Whether they keep what they agreed on.
    pub fn is_grandfathered(&self) -> bool {
        *self == Existing::Grandfathered
    }

    /// The first day on which anybody may be moved.
    pub fn first_day(self) -> Option<Date> {
        match self {
            Existing::Grandfathered => None,
            Existing::MigrateFrom(date) | Existing::MigrateAtRenewalFrom(date) => Some(date),
        }
    }
}

impl fmt::Display for Existing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Existing::Grandfathered => f.write_str("existing subscribers keep theirs"),
            Existing::MigrateFrom(date) => write!(f, "existing subscribers move to it from {date} on"),
            Existing::MigrateAtRenewalFrom(date) => {
                write!(f, "existing subscribers move to it with the first period from {date} on")
            }
        }
    }
}

/// When a period is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// On its first day.
    InAdvance,
    /// When it is over.
    InArrears,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Timing::InAdvance => "in advance",
            Timing::InArrears => "in arrears",
        })
    }
}

/// One version of something that is sold once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its code.
    #[serde(rename = "item")]
    pub code: Code,
    /// Its version, from 1.
    pub version: u32,
    /// Its name as it stands on documents.
    pub name: Label,
    /// One unit price a currency, in order of currencies.
    pub unit_prices: Vec<UnitPrice>,
    /// Its tax code.
    pub tax_code: Code,
    /// The seller's own fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
}

impl Item {
    /// Its unit price in a currency.
    pub fn unit_price_in(&self, currency: Currency) -> Option<UnitPrice> {
        self.unit_prices.iter().copied().find(|price| price.currency() == currency)
    }
}
