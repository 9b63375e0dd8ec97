//! What is offered in a quote: an item of the catalogue, or something of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Rejection;
use crate::catalogue;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Code, Label};
use crate::kernel::unit_price::UnitPrice;

/// What somebody offers: `{"item":{"item":"training","quantity":"2"}}` or
/// `{"own":{"text":"Bespoke report","quantity":"1","unit_price":"GBP 400.00","tax_code":"standard"}}`.
///
/// ```
/// use billing_core::quotes::Offered;
/// let training = Offered::item("training".parse()?, "2".parse()?);
/// assert_eq!(serde_json::to_string(&training)?, r#"{"item":{"item":"training","quantity":"2"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Offered {
    /// An item of the catalogue, at its price of the day of the quote or at one of its own.
    Item {
        /// The item.
        item: Code,
        /// How many, more than none.
        quantity: Quantity,
        /// What one of them costs, in the account's currency; without it, the item's price.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit_price: Option<UnitPrice>,
        /// The words on the quote and the invoice; without them, the item's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Label>,
    },
    /// Something that is not in the catalogue.
    Own(QuoteLine),
}

/// A line of a quote, as it will stand on the invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteLine {
    /// The words.
    pub text: Label,
    /// How many, more than none.
    pub quantity: Quantity,
    /// What one of them costs, in the account's currency.
    pub unit_price: UnitPrice,
    /// What its VAT follows from.
    pub tax_code: Code,
}

impl Offered {
    /// An item of the catalogue under its own name, at its own price.
    pub fn item(item: Code, quantity: Quantity) -> Offered {
        Offered::Item { item, quantity, unit_price: None, text: None }
    }

    /// The line that it comes to.
    pub(super) fn line(
        &self,
        catalogue: &catalogue::State,
        currency: Currency,
        on: Date,
    ) -> Result<QuoteLine, Rejection> {
        let line = match self {
            Offered::Own(line) => line.clone(),
            Offered::Item { item, quantity, unit_price, text } => {
                let Some(sold) = catalogue.item(item) else {
                    return Err(Rejection::NotSold(item.clone()));
                };
                let Some(unit_price) = unit_price.or_else(|| sold.unit_price_in(currency)) else {
                    return Err(Rejection::NoPrice { item: item.clone(), currency });
                };
                QuoteLine {
                    text: text.clone().unwrap_or_else(|| sold.name.clone()),
                    quantity: *quantity,
                    unit_price,
                    tax_code: sold.tax_code.clone(),
                }
            }
        };
        if line.quantity.is_zero() {
            return Err(Rejection::ZeroQuantity(line.text));
        }
        if line.unit_price.currency() != currency {
            return Err(Rejection::Currency { price: line.unit_price.currency(), account: currency });
        }
        if catalogue.tax(&line.tax_code, on).is_none() {
            return Err(Rejection::UnknownTaxCode(line.tax_code));
        }
        Ok(line)
    }
}

/// What lines come to, each rounded once.
pub(super) fn net(lines: &[QuoteLine], currency: Currency, rounding: Rounding) -> Result<Money, Rejection> {
    let amount = |line: &QuoteLine| line.unit_price.times(line.quantity, rounding);
    let amounts = lines.iter().map(amount).collect::<Result<Vec<Money>, _>>()?;
    Ok(Money::sum(currency, amounts)?)
}

impl fmt::Display for QuoteLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} at {}", self.text, self.quantity, self.unit_price)
    }
}
