//! A minimum commitment: what the charges of a period come to at least.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::currency::Currency;
use crate::kernel::money::Money;
use crate::kernel::text::{Code, Label};

/// What the customer agrees to spend in a whole period, before discounts and tax. What the period's charges come to
/// below it is charged when the period is over, on a line of its own: the true-up. A part of a period has its part of
/// it.
///
/// Agreed on by a plan, it counts the plan, its charges and the add-ons beside it; by a charge, that charge alone; by an
/// add-on, that add-on. What is charged once does not count. A trial has none.
///
/// ```
/// use billing_core::catalogue::{Commitment, Price, PublishPlan};
/// let calls = Price::Each("GBP 0.02".parse()?);
/// let plan = PublishPlan {
///     commitment: Some(Commitment {
///         name: "Minimum spend".parse()?,
///         minimums: vec!["GBP 100.00".parse()?],
///         tax_code: "standard".parse()?,
///     }),
///     ..PublishPlan::monthly("calls".parse()?, "Calls".parse()?, calls, "standard".parse()?)
/// };
/// # let _ = plan;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// The words of the true-up on documents.
    pub name: Label,
    /// One amount a currency, in order of currencies.
    pub minimums: Vec<Money>,
    /// The tax code of the true-up.
    pub tax_code: Code,
}

impl Commitment {
    /// The minimum in a currency.
    pub fn minimum_in(&self, currency: Currency) -> Option<Money> {
        self.minimums.iter().copied().find(|minimum| minimum.currency() == currency)
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("at least ")?;
        for (at, minimum) in self.minimums.iter().enumerate() {
            write!(f, "{}{minimum}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(" a period")
    }
}
