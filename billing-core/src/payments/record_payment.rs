//! Recording a payment: money that came in.

use serde::{Deserialize, Serialize};

use super::Payments;
use super::events::{Event, PaymentReceived};
use super::method::{Exchange, Method};
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::exchange::ExchangeRate;
use crate::kernel::ids::{AccountId, InvoiceId, PaymentId};
use crate::kernel::money::Money;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Reference;
use crate::log::Scope;

/// Records money that came in. What it settles follows: first the invoices that it names, then the others in the
/// order of the book's policy; what is more stays with the customer.
///
/// ```
/// use billing_core::payments::{Method, RecordPayment};
/// let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let paid = RecordPayment {
///     reference: Some("INV-0042".parse()?),
///     source: Some("statement 7, line 3".parse()?),
///     rate: Some("0.8612".parse()?),
///     ..RecordPayment::new(account, "EUR 100.00".parse()?, "2026-11-30".parse()?)
/// };
/// assert_eq!(paid.method, Method::BankTransfer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordPayment {
    /// Whose.
    pub account: AccountId,
    /// What was paid, in the currency in which it was paid.
    pub amount: Money,
    /// The day it arrived.
    pub received_on: Date,
    /// How it came.
    pub method: Method,
    /// What the payer wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The bank's or provider's own key of it; the same money is recorded once under it, whoever sends it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Reference>,
    /// Units of the account's currency for one unit paid; only where the currencies differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<ExchangeRate>,
    /// The invoices that the payer named. Others, and those that are settled, are no reason to refuse money.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pays: Vec<InvoiceId>,
}

impl RecordPayment {
    /// A bank transfer in the account's currency, of which nothing more is known.
    pub fn new(account: AccountId, amount: Money, received_on: Date) -> RecordPayment {
        RecordPayment {
            account,
            amount,
            received_on,
            method: Method::BankTransfer,
            reference: None,
            source: None,
            rate: None,
            pays: Vec::new(),
        }
    }
}

impl Command for RecordPayment {
    type Department = Payments;
    const NAME: &'static str = "payments.record_payment";
    const SCOPE: Scope = Scope::Payments;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Payments> {
        let account = books.account(self.account)?;
        let currency = account.accounts.currency();
        if !self.amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount: self.amount }.into());
        }
        let foreign = self.amount.currency() != currency;
        let (amount, exchange) = match self.rate {
            None if foreign => {
                return Err(Rejection::ForeignCurrencyWithoutRate { paid: self.amount, currency }.into());
            }
            Some(_) if !foreign => {
                return Err(Rejection::RateWithoutForeignCurrency { paid: self.amount }.into());
            }
            None => (self.amount, None),
            Some(rate) => {
                let rounding = Rounding::HalfUp;
                let converted = rate.of(self.amount, currency, rounding).map_err(Rejection::OutOfRange)?;
                (converted, Some(Exchange { paid: self.amount, rate, rounding }))
            }
        };
        if !amount.is_positive() {
            return Err(Rejection::AmountNotPositive { amount }.into());
        }
        let known =
            self.source.as_ref().and_then(|source| Some((source, account.payments.sources.get(source)?)));
        if let Some((source, (recorded, on))) = known {
            let same = *recorded == amount && *on == self.received_on;
            let refused = || Rejection::SourceReused { key: source.clone(), recorded: *recorded, on: *on };
            return if same { Ok(vec![]) } else { Err(refused().into()) };
        }
        Ok(vec![account.record(Event::PaymentReceived(PaymentReceived {
            payment: ctx.mint(PaymentId::from_uuid),
            amount,
            received_on: self.received_on,
            method: self.method,
            reference: self.reference.clone(),
            source: self.source.clone(),
            exchange,
            pays: self.pays.clone(),
        }))])
    }
}
