//! What a selling system says of a sale: what was sold, and what was paid for it at once.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::calendar::Date;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Label, Reference};
use crate::kernel::unit_price::UnitPrice;
use crate::payments::Method;

/// An item of the catalogue that was sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaleLine {
    /// The item.
    pub item: Code,
    /// How many, more than none.
    pub quantity: Quantity,
    /// What one of them was sold for, before VAT, in the account's currency; without it, the item's price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
    /// The words on the invoice; without them, the item's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
}

impl SaleLine {
    /// An item under its own name, at its own price.
    pub fn new(item: Code, quantity: Quantity) -> SaleLine {
        SaleLine { item, quantity, unit_price: None, text: None }
    }
}

/// Money that came in with a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SalePayment {
    /// How much, in the account's currency; more than nothing.
    pub amount: Money,
    /// The day it arrived.
    pub received_on: Date,
    /// How it came.
    pub method: Method,
    /// What the payer wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The bank's or provider's own key of it, under which the same money is recorded once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Reference>,
}

impl SalePayment {
    /// Money of which nothing more is known.
    pub fn new(amount: Money, received_on: Date, method: Method) -> SalePayment {
        SalePayment { amount, received_on, method, reference: None, source: None }
    }
}

/// A sale that was recorded, so that it is known when it is told again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale {
    /// The day on which it was made.
    pub sold_on: Date,
    /// What was sold.
    pub lines: Vec<SaleLine>,
    /// What was paid at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<SalePayment>,
    /// The invoice that was issued for it.
    pub invoice: InvoiceId,
}

impl fmt::Display for SaleLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.quantity, self.item)?;
        self.unit_price.iter().try_for_each(|price| write!(f, " at {price}"))
    }
}
