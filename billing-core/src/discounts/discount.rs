//! What a discount is: how much off what, from when to when, how often, and how much in all.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::events::DiscountGranted;
use crate::kernel::calendar::Date;
use crate::kernel::money::Money;
use crate::kernel::rate::Rate;
use crate::kernel::text::{Code, Label};

/// How much is taken off: `{"percent":"10%"}` or `{"amount":"GBP 5.00"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Off {
    /// A percentage of what is eligible on an invoice; above 0 and not above 100.
    Percent(Rate),
    /// So much of each invoice, as far as there is so much on it; above zero.
    Amount(Money),
}

impl fmt::Display for Off {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Off::Percent(rate) => write!(f, "{rate}"),
            Off::Amount(amount) => write!(f, "{amount}"),
        }
    }
}

/// What it is taken off: `"everything"` or `{"only":["chat","training"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Eligible {
    /// All that an invoice charges, but for usage that is billed before its period is over.
    Everything,
    /// Only these plans, add-ons and items: service days, usage and set-up.
    Only(Vec<Code>),
}

impl Eligible {
    /// Whether a plan, an add-on or an item is among it; `None` stands for what has no code, such as work.
    pub fn takes(&self, code: Option<&Code>) -> bool {
        match self {
            Eligible::Everything => true,
            Eligible::Only(codes) => code.is_some_and(|code| codes.contains(code)),
        }
    }
}

impl fmt::Display for Eligible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Eligible::Everything => f.write_str("everything"),
            Eligible::Only(codes) => {
                let codes: Vec<&str> = codes.iter().map(Code::as_str).collect();
                f.write_str(&codes.join(", "))
            }
        }
    }
}

/// A discount as it counts for the next invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// The words on the invoice.
    pub name: Label,
    /// How much is taken off.
    pub off: Off,
    /// What it is taken off.
    pub on: Eligible,
    /// Its place where several are in force: lower first, each on what those before it have left.
    pub order: u16,
    /// The first day on which it is given.
    pub from: Date,
    /// The first day on which it is given no more, whether it was granted so or ended so.
    pub until: Option<Date>,
    /// On how many invoices it is given at most.
    pub bills: Option<u32>,
    /// How much is given in all at most.
    pub at_most: Option<Money>,
}

impl From<&DiscountGranted> for Discount {
    fn from(granted: &DiscountGranted) -> Discount {
        Discount {
            name: granted.name.clone(),
            off: granted.off,
            on: granted.on.clone(),
            order: granted.order,
            from: granted.from,
            until: granted.until,
            bills: granted.bills,
            at_most: granted.at_most,
        }
    }
}

impl Discount {
    /// Whether it is given on a day, as far as days go.
    pub fn is_in_force_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}
