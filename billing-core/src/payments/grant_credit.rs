//! Giving a customer credit, without a document.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{CreditGranted, Event};
use super::rejection::Rejection;
use super::state::USUAL_PRIORITY;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, CreditId};
use crate::kernel::money::Money;
use crate::kernel::text::Note;
use crate::log::Scope;

/// Gives a customer credit: a goodwill amount, or what it filled a wallet with. It settles open invoices at once, the
/// oldest first, and later ones as they are issued. No VAT goes back: to take something off an invoice, credit that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantCredit {
    /// To whom.
    pub account: AccountId,
    /// How much.
    pub amount: Money,
    /// The first day on which it counts.
    pub on: Date,
    /// The first day on which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// What is used up first: the lowest. Money, credit notes and credit without one have 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u16>,
    /// Why.
    pub reason: Note,
}

impl Command for GrantCredit {
    type Department = Payments;
    const NAME: &'static str = "payments.grant_credit";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let (amount, currency) = (self.amount, account.accounts.currency());
        if !amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        if amount.currency() != currency {
            return Err(Rejection::OtherCurrency { amount, currency }.into());
        }
        if let Some(expires_on) = self.expires_on.filter(|end| *end <= self.on) {
            return Err(Rejection::ExpiresAtOnce { on: self.on, expires_on }.into());
        }
        Ok(vec![account.record(Event::CreditGranted(CreditGranted {
            credit: ctx.mint(CreditId::from_uuid),
            amount,
            granted_on: self.on,
            expires_on: self.expires_on,
            priority: self.priority.unwrap_or(USUAL_PRIORITY),
            reason: self.reason.clone(),
        }))])
    }
}
