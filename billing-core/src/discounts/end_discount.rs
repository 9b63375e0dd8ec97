//! A discount is given no more.

use serde::{Deserialize, Serialize};

use super::{DiscountEnded, Discounts, Rejection};
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DiscountId};
use crate::kernel::text::Note;
use crate::log::Scope;

/// Ends a discount earlier than it was to end. What invoices have given already stays given; where it would have
/// been over by then, there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndDiscount {
    /// Whose.
    pub account: AccountId,
    /// Which discount.
    pub discount: DiscountId,
    /// The first day on which it is given no more; its own first day withdraws it altogether.
    pub from: Date,
    /// Why.
    pub reason: Note,
}

impl Command for EndDiscount {
    type Department = Discounts;
    const NAME: &'static str = "discounts.end_discount";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Discounts> {
        let account = books.account(self.account)?;
        let Some(discount) = account.discounts.discount(self.discount) else {
            return Err(Rejection::UnknownDiscount(self.discount).into());
        };
        if discount.until.is_some_and(|until| until <= self.from) {
            return Ok(vec![]);
        }
        if self.from < discount.from {
            return Err(Rejection::EndsBeforeItBegins { from: discount.from, until: self.from }.into());
        }
        Ok(vec![account.record(DiscountEnded {
            discount: self.discount,
            from: self.from,
            reason: self.reason.clone(),
        })])
    }
}
