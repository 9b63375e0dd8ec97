//! A promise to pay: what counts towards it, and until when.

use std::ops::RangeInclusive;

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::events::PromiseMade;
use crate::kernel::balance::Sum;
use crate::kernel::calendar::Date;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::payments;

/// A promise whose days are not over, or that was kept before they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// How much was promised.
    pub amount: Money,
    /// On which invoices.
    pub invoices: Vec<InvoiceId>,
    /// The day on which it was made.
    pub made_on: Date,
    /// The day by which it is to be kept.
    pub pay_by: Date,
    /// Days of patience after that.
    pub grace_days: u16,
    /// What had been set against the invoices from that day on before it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_before: Option<Money>,
    /// The day on which it was kept, if it was. It can still be broken, by a payment that goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_on: Option<Date>,
}

impl Promise {
    pub(super) fn of(made: &PromiseMade) -> Promise {
        Promise {
            amount: made.amount,
            invoices: made.invoices.clone(),
            made_on: made.made_on,
            pay_by: made.pay_by,
            grace_days: made.grace_days,
            paid_before: made.paid_before,
            kept_on: None,
        }
    }

    /// The last day that counts.
    pub fn until(&self) -> Date {
        self.pay_by.checked_add_days(Days::new(self.grace_days.into())).unwrap_or(Date::MAX)
    }

    /// Whether the customer is being waited for on that day.
    pub fn is_running(&self, on: Date) -> bool {
        self.kept_on.is_none() && on <= self.until()
    }

    /// What was set against its invoices since it was made and up to its last day, less what was taken off again
    /// in those days.
    pub fn paid(&self, payments: &payments::State) -> Sum {
        let set = set_against(payments, &self.invoices, self.made_on..=self.until(), self.amount);
        match self.paid_before.map(|before| set.minus(before)) {
            Some(Ok(paid)) => paid,
            Some(Err(_)) | None => set,
        }
    }

    /// Whether all of it was paid.
    pub fn is_paid(&self, payments: &payments::State) -> bool {
        self.paid(payments).minor() >= Sum::from(self.amount).minor()
    }
}

/// What was set against invoices on some days, in the currency of `like`.
pub(super) fn set_against(
    payments: &payments::State,
    invoices: &[InvoiceId],
    days: RangeInclusive<Date>,
    like: Money,
) -> Sum {
    let mut sum = crate::kernel::balance::Balance::default();
    invoices.iter().for_each(|invoice| sum.add_balance(&payments.allocated_within(*invoice, days.clone())));
    sum.of(like.currency())
}
