//! Setting money or credit against an invoice by hand.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{Event, FundsAllocated};
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::Money;
use crate::log::Scope;

/// Sets what is left of a payment or a credit note against an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocate {
    /// Whose.
    pub account: AccountId,
    /// The payment or the credit note.
    pub funds: Funds,
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much.
    pub amount: Money,
    /// The date on which it counts.
    pub on: Date,
}

impl Command for Allocate {
    type Department = Payments;
    const NAME: &'static str = "payments.allocate";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let (funds, invoice, amount) = (self.funds, self.invoice, self.amount);
        if !amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        let left = account.receivables.funds(funds).ok_or(Rejection::UnknownFunds { funds })?.left;
        let open = account.receivables.invoice(invoice).ok_or(Rejection::UnknownInvoice { invoice })?.open;
        if amount.currency() != left.currency() {
            return Err(Rejection::OtherCurrency { amount, currency: left.currency() }.into());
        }
        if amount.at_most(left) != Ok(amount) {
            return Err(Rejection::MoreThanIsLeft { amount, funds, left }.into());
        }
        if amount.at_most(open) != Ok(amount) {
            return Err(Rejection::MoreThanIsOpen { amount, invoice, open }.into());
        }
        let link = FundsAllocated { funds, invoice, amount, effective_on: self.on };
        Ok(vec![account.record(Event::FundsAllocated(link))])
    }
}
