//! Taking off an invoice what was set against it.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{AllocationReleased, Event};
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::Money;
use crate::log::Scope;

/// Takes money or credit off an invoice again. It stays with the customer until it is set against another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseAllocation {
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

impl Command for ReleaseAllocation {
    type Department = Payments;
    const NAME: &'static str = "payments.release_allocation";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let (funds, invoice, amount) = (self.funds, self.invoice, self.amount);
        if !amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        let currency =
            account.receivables.funds(funds).ok_or(Rejection::UnknownFunds { funds })?.left.currency();
        account.receivables.invoice(invoice).ok_or(Rejection::UnknownInvoice { invoice })?;
        if amount.currency() != currency {
            return Err(Rejection::OtherCurrency { amount, currency }.into());
        }
        let allocated = account.payments.allocated_to(invoice).get(&funds).copied();
        let allocated = allocated.unwrap_or(Money::zero(currency));
        if amount.at_most(allocated) != Ok(amount) {
            return Err(Rejection::MoreThanIsAllocated { amount, funds, invoice, allocated }.into());
        }
        if let Funds::Consolidated(consolidated) = funds {
            return Err(Rejection::PassedOn { invoice, consolidated }.into());
        }
        let link = AllocationReleased { funds, invoice, amount, effective_on: self.on };
        Ok(vec![account.record(Event::AllocationReleased(link))])
    }
}
