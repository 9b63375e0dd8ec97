//! What a change of price means, customer by customer: figures for tables and for JSON.

use billing_core::kernel::calendar::Date;
use billing_core::kernel::currency::Currency;
use billing_core::kernel::money::Money;
use billing_core::log::Head;
use serde::Serialize;

/// Everything that is said about a change.
#[derive(Debug, Serialize)]
pub(crate) struct Sheet {
    /// The plan, its new version, and what that says, in a sentence.
    pub(crate) plan: String,
    pub(crate) version: u32,
    pub(crate) published: String,
    pub(crate) from: Date,
    /// Up to when it is billed.
    pub(crate) through: Date,
    /// How many customers were looked at, and how many of them don't have the plan.
    pub(crate) customers: usize,
    pub(crate) without_the_plan: usize,
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) bills: Vec<Bill>,
    pub(crate) totals: Vec<Total>,
    pub(crate) refused: Vec<Refused>,
    /// What came of it, if it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) made: Option<Made>,
}

/// An agreement on the plan that counts on the first day of the new price, or later.
#[derive(Debug, Serialize)]
pub(crate) struct Agreement {
    pub(crate) customer: String,
    pub(crate) name: String,
    pub(crate) subscription: String,
    /// How many, on the day that is looked at: that of the move, or the first of the new price.
    pub(crate) quantity: u32,
    pub(crate) version: u32,
    pub(crate) currency: Currency,
    /// What a whole period costs before VAT and discounts; not known ahead where it is counted.
    pub(crate) now: Option<Money>,
    pub(crate) then: Option<Money>,
    pub(crate) difference: Option<Money>,
    /// The difference by the month.
    pub(crate) monthly: Option<Money>,
    /// The first day on which the new price counts for it, and in words why it does or does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moves_on: Option<Date>,
    pub(crate) fate: String,
}

/// What a customer is billed through the last day, before VAT: without the change and with it.
#[derive(Debug, Serialize)]
pub(crate) struct Bill {
    pub(crate) customer: String,
    pub(crate) name: String,
    pub(crate) now: Money,
    pub(crate) then: Money,
    pub(crate) difference: Money,
}

/// The sums in one currency.
#[derive(Debug, Serialize)]
pub(crate) struct Total {
    pub(crate) currency: Currency,
    pub(crate) agreements: usize,
    pub(crate) moved: usize,
    /// What the new price adds to a month's recurring revenue.
    pub(crate) monthly: Money,
    pub(crate) billed_now: Money,
    pub(crate) billed_then: Money,
    pub(crate) difference: Money,
}

/// What could not be done for a customer, and why.
#[derive(Debug, Serialize)]
pub(crate) struct Refused {
    pub(crate) customer: String,
    pub(crate) what: &'static str,
    pub(crate) why: String,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    pub(crate) moved: usize,
    pub(crate) billed: usize,
    /// Customers whose records were held against what was foreseen, and those where they differ, with the first
    /// difference.
    pub(crate) compared: usize,
    pub(crate) differing: Vec<String>,
    pub(crate) head: Head,
}
