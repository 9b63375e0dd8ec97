//! Raising a dispute on an invoice, or on a part of it.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{DisputeRaised, Event};
use super::reason::DisputeReason;
use super::rejection::Rejection;
use super::state::Dispute;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, DisputeId, InvoiceId};
use crate::kernel::money::Money;
use crate::kernel::text::Note;
use crate::log::Scope;

/// Records that a customer disputes an invoice. What is not disputed stays chased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaiseDispute {
    /// Whose.
    pub account: AccountId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much of it; all that is open and not disputed yet where no amount is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Why.
    pub reason: DisputeReason,
    /// The day.
    pub on: Date,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

impl Command for RaiseDispute {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.raise_dispute";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let (invoice, state) = (self.invoice, &account.credit_control);
        let currency = account.accounts.currency();
        if let Some(amount) = self.amount.filter(|amount| !amount.is_positive()) {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        if let Some(amount) = self.amount.filter(|amount| amount.currency() != currency) {
            return Err(Rejection::OtherCurrency { amount, currency }.into());
        }
        let open = account.receivables.invoice(invoice).ok_or(Rejection::UnknownInvoice { invoice })?.open;
        let disputed = state.disputed(invoice).unwrap_or(Money::zero(currency));
        let undisputed = open.minus(disputed).ok().filter(|rest| rest.is_positive());
        // Without an amount, asked again: what is disputed is what was meant.
        let amount = self.amount.or(undisputed).unwrap_or(disputed);
        let dispute = Dispute { invoice, amount, reason: self.reason, raised_on: self.on };
        if state.disputes().any(|(_, raised)| *raised == dispute) {
            return Ok(Vec::new());
        }
        let Some(undisputed) = undisputed else {
            return Err(Rejection::NothingToDispute { invoice }.into());
        };
        if amount.at_most(undisputed) != Ok(amount) {
            return Err(Rejection::MoreThanIsUndisputed { amount, invoice, undisputed }.into());
        }
        Ok(vec![account.record(Event::DisputeRaised(DisputeRaised {
            dispute: ctx.mint(DisputeId::from_uuid),
            invoice,
            amount,
            reason: self.reason,
            raised_on: self.on,
            note: self.note.clone(),
        }))])
    }
}
