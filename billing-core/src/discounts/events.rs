//! What discounts record: what was granted to a customer, and that it ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Eligible, Off};
use crate::kernel::calendar::Date;
use crate::kernel::ids::DiscountId;
use crate::kernel::money::Money;
use crate::kernel::text::{Label, Note};
use crate::log::ActorId;

crate::events! {
    "discounts" {
        DiscountGranted = "discount_granted" 1;
        DiscountEnded = "discount_ended" 1;
    }
}

/// A customer pays less than the prices that were agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountGranted {
    /// The discount.
    pub discount: DiscountId,
    /// The words on the invoice.
    pub name: Label,
    /// How much is taken off.
    pub off: Off,
    /// What it is taken off.
    pub on: Eligible,
    /// Its place where several are in force: lower first.
    pub order: u16,
    /// The first day on which it is given: the date of an invoice counts.
    pub from: Date,
    /// The first day on which it is given no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// On how many invoices it is given at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bills: Option<u32>,
    /// How much is given in all at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Money>,
    /// Who approved it, if not whoever granted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<ActorId>,
}

/// A discount is given no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountEnded {
    /// The discount.
    pub discount: DiscountId,
    /// The first day on which it is given no more. What invoices have given already stays.
    pub from: Date,
    /// Why.
    pub reason: Note,
}

impl fmt::Display for DiscountGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DiscountGranted { discount, name, off, on, from, .. } = self;
        write!(f, "Discount {discount} granted from {from}: {name}, {off} off {on}")?;
        self.until.iter().try_for_each(|until| write!(f, ", until {until}"))?;
        self.bills.iter().try_for_each(|bills| write!(f, ", on {bills} invoices at most"))?;
        self.at_most.iter().try_for_each(|most| write!(f, ", {most} in all at most"))?;
        self.approved_by.iter().try_for_each(|by| write!(f, ", approved by {by}"))?;
        f.write_str(".")
    }
}

impl fmt::Display for DiscountEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Discount {} ended from {} on: {}.", self.discount, self.from, self.reason)
    }
}
