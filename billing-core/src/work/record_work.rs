//! Somebody did something for a customer that is to be billed.

use serde::{Deserialize, Serialize};

use super::{Rejection, Work, WorkRecorded};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, WorkId};
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::{Code, Label, Reference};
use crate::kernel::unit_price::UnitPrice;
use crate::log::{ActorId, Scope};

/// Records work, to be billed with the next invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordWork {
    /// For whom.
    pub account: AccountId,
    /// What it was, as it is to stand on the invoice.
    pub description: Label,
    /// The day on which it was done.
    pub done_on: Date,
    /// How much of it: hours, days; more than none.
    pub quantity: Quantity,
    /// What one of them costs, in the account's currency.
    pub unit_price: UnitPrice,
    /// What its VAT follows from.
    pub tax_code: Code,
    /// Where it can be looked up: a time sheet, a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Reference>,
    /// Who did it, if not whoever records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_by: Option<ActorId>,
}

impl Command for RecordWork {
    type Department = Work;
    const NAME: &'static str = "work.record_work";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Work> {
        let account = books.account(self.account)?;
        let (catalogue, _) = books.catalogue()?;
        if self.quantity.is_zero() {
            return Err(Rejection::ZeroQuantity.into());
        }
        let (price, kept_in) = (self.unit_price.currency(), account.accounts.currency());
        if price != kept_in {
            return Err(Rejection::Currency { price, account: kept_in }.into());
        }
        if catalogue.tax(&self.tax_code, self.done_on).is_none() {
            return Err(Rejection::UnknownTaxCode(self.tax_code.clone()).into());
        }
        self.unit_price.times(self.quantity, Rounding::HalfUp).map_err(Rejection::from)?;

        Ok(vec![account.record(WorkRecorded {
            work: ctx.mint(WorkId::from_uuid),
            description: self.description.clone(),
            done_on: self.done_on,
            quantity: self.quantity,
            unit_price: self.unit_price,
            tax_code: self.tax_code.clone(),
            evidence: self.evidence.clone(),
            done_by: self.done_by.clone(),
            quote: None,
        })])
    }
}
