//! Taking down a customer's promise to pay.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::events::{Event, PromiseMade, PromiseWithdrawn};
use super::promise::set_against;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::balance::{Balance, Sum};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, InvoiceId, PromiseId};
use crate::kernel::money::Money;
use crate::log::Scope;

/// After so many broken promises no other is taken: the next one would only put off the chase.
pub const MOST_BROKEN: u32 = 3;

/// Takes down a promise. It takes the place of every running promise on any of the same invoices.
///
/// ```
/// use billing_core::credit_control::MakePromise;
/// let promise = MakePromise {
///     account: "acc_0123456789abcdef0123456789abcdef".parse()?,
///     amount: "GBP 119.00".parse()?,
///     invoices: vec![],
///     made_on: "2026-11-30".parse()?,
///     pay_by: "2026-12-07".parse()?,
///     grace_days: Some(2),
/// };
/// # let _ = promise;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakePromise {
    /// Whose.
    pub account: AccountId,
    /// How much will be paid.
    pub amount: Money,
    /// On which invoices; on all open ones where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<InvoiceId>,
    /// The day on which it was made.
    pub made_on: Date,
    /// The day by which it is to be kept.
    pub pay_by: Date,
    /// Days of patience after that; those of the book's policy where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_days: Option<u16>,
}

impl Command for MakePromise {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.make_promise";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let settings = books.settings()?;
        let (amount, currency) = (self.amount, account.accounts.currency());
        if !amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        if amount.currency() != currency {
            return Err(Rejection::OtherCurrency { amount, currency }.into());
        }
        let unknown = |invoice: &&InvoiceId| account.receivables.invoice(**invoice).is_none();
        if let Some(invoice) = self.invoices.iter().find(unknown) {
            return Err(Rejection::UnknownInvoice { invoice: *invoice }.into());
        }
        let named = |invoice: &InvoiceId| self.invoices.is_empty() || self.invoices.contains(invoice);
        let mut open = Balance::default();
        let mut invoices = Vec::new();
        for (invoice, item) in account.receivables.open_items().filter(|(invoice, _)| named(invoice)) {
            open.add(item.open);
            invoices.push(invoice);
        }
        let open = open.of(currency);
        if open.is_zero() {
            return Err(Rejection::NothingOpen.into());
        }
        if Sum::from(amount).minor() > open.minor() {
            return Err(Rejection::MoreThanIsOpen { amount, open }.into());
        }
        let (made_on, pay_by) = (self.made_on, self.pay_by);
        if pay_by < made_on {
            return Err(Rejection::PayByBeforeMade { made_on, pay_by }.into());
        }
        let broken = account.credit_control.broken_promises();
        if broken >= MOST_BROKEN {
            return Err(Rejection::TooManyBroken { broken }.into());
        }
        let grace_days = self.grace_days.unwrap_or(settings.policies().promise_grace_days);
        let mut replaced = Vec::new();
        for (id, promise) in
            account.credit_control.promises().filter(|(_, promise)| promise.kept_on.is_none())
        {
            if (promise.amount, promise.made_on, promise.pay_by, promise.grace_days)
                == (amount, made_on, pay_by, grace_days)
                && promise.invoices == invoices
            {
                return Ok(Vec::new());
            }
            if promise.invoices.iter().any(|invoice| invoices.contains(invoice)) {
                replaced.push(id);
            }
        }
        let promise = ctx.mint(PromiseId::from_uuid);
        let before = set_against(&account.payments, &invoices, made_on..=Date::MAX, amount);
        let paid_before = before.to_money().ok().filter(|before| !before.is_zero());
        let withdrawn = replaced.into_iter().map(|replaced| {
            let replaced_by = Some(promise);
            Event::PromiseWithdrawn(PromiseWithdrawn {
                promise: replaced,
                withdrawn_on: made_on,
                replaced_by,
            })
        });
        let made = Event::PromiseMade(PromiseMade {
            promise,
            amount,
            invoices,
            made_on,
            pay_by,
            grace_days,
            paid_before,
        });
        Ok(withdrawn.chain([made]).map(|event| account.record(event)).collect())
    }
}
