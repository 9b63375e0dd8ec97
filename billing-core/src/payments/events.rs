//! What payments record: money that came in, where it went, and what went back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::method::{Exchange, Method};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::{CreditId, InvoiceId, PaymentId, ReceiptId, RefundId};
use crate::kernel::money::Money;
use crate::kernel::text::{Note, Reference};

crate::events! {
    "payments" {
        PaymentReceived = "payment_received" 1;
        FundsAllocated = "funds_allocated" 1;
        AllocationReleased = "allocation_released" 1;
        PaymentReturned = "payment_returned" 1;
        RefundMade = "refund_made" 1;
        ReceiptIssued = "receipt_issued" 1;
        CreditGranted = "credit_granted" 1;
        CreditExpired = "credit_expired" 1;
    }
}

/// Money came in. A fact from outside: recorded whatever follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentReceived {
    /// The payment.
    pub payment: PaymentId,
    /// How much, in the account's currency.
    pub amount: Money,
    /// The day it arrived.
    pub received_on: Date,
    /// How it came.
    pub method: Method,
    /// What the payer wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The bank's or provider's own key of it; unique in the book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Reference>,
    /// What was paid in another currency, and at which rate it was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
    /// The invoices that the payer named, to be settled first; empty where none was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pays: Vec<InvoiceId>,
}

/// Money, or credit, was set against an invoice. A link, not a posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundsAllocated {
    /// The payment or the credit note that it comes from.
    pub funds: Funds,
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much of it.
    pub amount: Money,
    /// The date on which it counts.
    pub effective_on: Date,
}

/// What was set against an invoice was taken off it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationReleased {
    /// The payment or the credit note.
    pub funds: Funds,
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much of it.
    pub amount: Money,
    /// The date on which it counts.
    pub effective_on: Date,
}

/// A payment went back: a returned debit, a bounced cheque, a charge-back. All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentReturned {
    /// The payment.
    pub payment: PaymentId,
    /// How much: what had come in.
    pub amount: Money,
    /// The day on which it went.
    pub returned_on: Date,
    /// What the bank said.
    pub reason: Note,
}

/// Money or credit that was not set against anything was paid out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundMade {
    /// The refund.
    pub refund: RefundId,
    /// The payment or the credit note that it is paid out of.
    pub funds: Funds,
    /// How much.
    pub amount: Money,
    /// The day on which it was paid.
    pub refunded_on: Date,
    /// How.
    pub method: Method,
}

/// The customer was given a receipt. Once a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptIssued {
    /// The receipt.
    pub receipt: ReceiptId,
    /// The payment.
    pub payment: PaymentId,
    /// How much it was for.
    pub amount: Money,
    /// The date on it.
    pub issued_on: Date,
}

/// A customer was given credit with no document: a goodwill amount, or what a wallet was filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditGranted {
    /// The credit.
    pub credit: CreditId,
    /// How much.
    pub amount: Money,
    /// The first day on which it counts.
    pub granted_on: Date,
    /// The first day on which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// What is used up first: the lowest. Money and credit notes have 50.
    pub priority: u16,
    /// Why.
    pub reason: Note,
}

/// What was left of a credit is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditExpired {
    /// The credit.
    pub credit: CreditId,
    /// What was left of it.
    pub amount: Money,
    /// From when on.
    pub expired_on: Date,
}

impl fmt::Display for CreditGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CreditGranted { credit, amount, granted_on, expires_on, reason, .. } = self;
        write!(f, "Credit {credit} of {amount} granted from {granted_on} on")?;
        expires_on.iter().try_for_each(|end| write!(f, ", up to {end}"))?;
        write!(f, ": {reason}.")
    }
}

impl fmt::Display for CreditExpired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of credit {} expired on {}.", self.amount, self.credit, self.expired_on)
    }
}

impl fmt::Display for PaymentReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Payment {} received on {}: {} by {}",
            self.payment, self.received_on, self.amount, self.method
        )?;
        if let Some(exchange) = &self.exchange {
            write!(f, " ({} at {})", exchange.paid, exchange.rate)?;
        }
        match &self.reference {
            Some(reference) => write!(f, ", reference {reference}."),
            None => f.write_str("."),
        }
    }
}

impl fmt::Display for FundsAllocated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FundsAllocated { funds, invoice, amount, effective_on } = self;
        write!(f, "{amount} of {funds} set against invoice {invoice} on {effective_on}.")
    }
}

impl fmt::Display for AllocationReleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AllocationReleased { funds, invoice, amount, effective_on } = self;
        write!(f, "{amount} of {funds} taken off invoice {invoice} on {effective_on}.")
    }
}

impl fmt::Display for PaymentReturned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PaymentReturned { payment, amount, returned_on, reason } = self;
        write!(f, "Payment {payment} of {amount} went back on {returned_on}: {reason}.")
    }
}

impl fmt::Display for RefundMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RefundMade { refund, funds, amount, refunded_on, method } = self;
        write!(f, "Refund {refund} made on {refunded_on}: {amount} of {funds} by {method}.")
    }
}

impl fmt::Display for ReceiptIssued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReceiptIssued { receipt, payment, amount, issued_on } = self;
        write!(f, "Receipt {receipt} issued on {issued_on} for payment {payment}: {amount}.")
    }
}
