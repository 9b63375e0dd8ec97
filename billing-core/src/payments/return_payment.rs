//! A payment that went back: a returned debit, a bounced cheque, a charge-back.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{AllocationReleased, Event, PaymentReturned};
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, PaymentId};
use crate::kernel::money::Money;
use crate::kernel::text::Note;
use crate::log::Scope;

/// Records that all of a payment went back. The invoices that it had settled are open again, with the due dates
/// that they have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnPayment {
    /// Whose.
    pub account: AccountId,
    /// The payment.
    pub payment: PaymentId,
    /// The day on which it went.
    pub on: Date,
    /// What the bank said.
    pub reason: Note,
}

impl Command for ReturnPayment {
    type Department = Payments;
    const NAME: &'static str = "payments.return_payment";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let (payment, funds) = (self.payment, Funds::Payment(self.payment));
        let received = account.receivables.funds(funds).ok_or(Rejection::UnknownFunds { funds })?;
        if account.payments.is_returned(payment) {
            return Ok(Vec::new());
        }
        let allocated = account.payments.allocations_of(funds);
        let held = Money::sum(received.total.currency(), allocated.values().copied().chain([received.left]));
        let refunded = held.and_then(|held| received.total.minus(held)).map_err(Rejection::OutOfRange)?;
        if !refunded.is_zero() {
            return Err(Rejection::AlreadyRefunded { payment, refunded }.into());
        }
        let released = allocated.into_iter().map(|(invoice, amount)| {
            Event::AllocationReleased(AllocationReleased { funds, invoice, amount, effective_on: self.on })
        });
        let returned = Event::PaymentReturned(PaymentReturned {
            payment,
            amount: received.total,
            returned_on: self.on,
            reason: self.reason.clone(),
        });
        Ok(released.chain([returned]).map(|event| account.record(event)).collect())
    }
}
