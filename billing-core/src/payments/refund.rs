//! Refunding: paying out what a customer has with us.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{Event, RefundMade};
use super::method::Method;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{AccountId, RefundId};
use crate::kernel::money::Money;
use crate::log::Scope;

/// Pays out money or credit that is not set against any invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// Whose.
    pub account: AccountId,
    /// The payment or the credit note that it is paid out of.
    pub funds: Funds,
    /// How much.
    pub amount: Money,
    /// The day on which it was paid.
    pub on: Date,
    /// How.
    pub method: Method,
}

impl Command for Refund {
    type Department = Payments;
    const NAME: &'static str = "payments.refund";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let (funds, amount) = (self.funds, self.amount);
        if !amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        let left = account.receivables.funds(funds).ok_or(Rejection::UnknownFunds { funds })?.left;
        if amount.currency() != left.currency() {
            return Err(Rejection::OtherCurrency { amount, currency: left.currency() }.into());
        }
        if amount.at_most(left) != Ok(amount) {
            return Err(Rejection::MoreThanIsLeft { amount, funds, left }.into());
        }
        Ok(vec![account.record(Event::RefundMade(RefundMade {
            refund: ctx.mint(RefundId::from_uuid),
            funds,
            amount,
            refunded_on: self.on,
            method: self.method,
        }))])
    }
}
