//! Who owes what on one account: open invoices on one side, money and credit not yet set against them on the
//! other. A fold over all departments' events, so that no department has to know another's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Event;
use crate::invoicing::Event as Invoicing;
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::kernel::wire::{Row, rows};
use crate::payments::Event as Payments;

/// The open items of an account. `balance = charged - credited - received - passed on + refunded`, and at every moment
/// it is also `open - unapplied`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receivables {
    #[serde(with = "rows")]
    open: BTreeMap<InvoiceId, OpenItem>,
    #[serde(with = "rows")]
    settled: BTreeMap<InvoiceId, OpenItem>,
    #[serde(with = "rows")]
    unapplied: BTreeMap<Funds, OpenFunds>,
    #[serde(with = "rows")]
    used_up: BTreeMap<Funds, OpenFunds>,
    balance: Balance,
}

/// An invoice, and what is still to be paid on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenItem {
    /// The date on it.
    pub issued_on: Date,
    /// The day on which the last part of it is due.
    pub due_on: Date,
    /// What it was for, VAT included.
    pub total: Money,
    /// What is still to be paid.
    pub open: Money,
}

/// A payment or a credit note, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenFunds {
    /// The day on which it arrived or was granted.
    pub since: Date,
    /// How much it was.
    pub total: Money,
    /// How much is not set against any invoice and not paid out.
    pub left: Money,
}

impl Row for OpenItem {
    type Fields = (Date, Date, Money, Money);

    fn fields(&self) -> Self::Fields {
        (self.issued_on, self.due_on, self.total, self.open)
    }

    fn of((issued_on, due_on, total, open): Self::Fields) -> Self {
        OpenItem { issued_on, due_on, total, open }
    }
}

impl Row for OpenFunds {
    type Fields = (Date, Money, Money);

    fn fields(&self) -> Self::Fields {
        (self.since, self.total, self.left)
    }

    fn of((since, total, left): Self::Fields) -> Self {
        OpenFunds { since, total, left }
    }
}

impl Receivables {
    /// Invoices on which something is open, oldest id first.
    pub fn open_items(&self) -> impl Iterator<Item = (InvoiceId, &OpenItem)> {
        self.open.iter().map(|(id, item)| (*id, item))
    }

    /// An invoice, open or settled; `None` where there is none, or where it was voided.
    pub fn invoice(&self, id: InvoiceId) -> Option<&OpenItem> {
        self.open.get(&id).or_else(|| self.settled.get(&id))
    }

    /// Money and credit that is not set against any invoice, oldest id first.
    pub fn unapplied(&self) -> impl Iterator<Item = (Funds, &OpenFunds)> {
        self.unapplied.iter().map(|(id, funds)| (*id, funds))
    }

    /// A payment or a credit note, with what is left of it.
    pub fn funds(&self, id: Funds) -> Option<&OpenFunds> {
        self.unapplied.get(&id).or_else(|| self.used_up.get(&id))
    }

    /// What the customer owes: above zero, or what it has in credit: below.
    pub fn balance(&self) -> &Balance {
        &self.balance
    }

    /// Brings it up to date. Believes every event: amounts were checked when they were decided.
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Invoicing(Invoicing::InvoiceIssued(issued)) => {
                let due_on = issued.due.iter().map(|due| due.date).max().unwrap_or(issued.issued_on);
                self.charge(issued.invoice, issued.issued_on, due_on, issued.gross);
            }
            Event::Invoicing(Invoicing::InvoiceBroughtForward(brought)) => {
                self.charge(brought.invoice, brought.issued_on, brought.due_on, brought.open);
            }
            Event::Invoicing(Invoicing::CreditNoteIssued(note)) => {
                self.receive(Funds::CreditNote(note.credit_note), note.issued_on, note.credit);
            }
            Event::Invoicing(Invoicing::ConsolidatedInvoiceIssued(issued)) => {
                let due_on = issued.due.iter().map(|due| due.date).max().unwrap_or(issued.issued_on);
                self.charge(issued.invoice, issued.issued_on, due_on, issued.total);
            }
            Event::Invoicing(Invoicing::DebtPassedOn(passed)) => {
                self.receive(Funds::Consolidated(passed.consolidated), passed.passed_on, passed.amount);
            }
            Event::Invoicing(Invoicing::DebtTakenBack(taken)) => {
                self.pay_out(Funds::Consolidated(taken.consolidated), taken.amount);
            }
            Event::Invoicing(Invoicing::InvoiceVoided(voided)) => {
                if let Some(item) =
                    self.open.remove(&voided.invoice).or_else(|| self.settled.remove(&voided.invoice))
                {
                    self.balance.subtract(item.total);
                }
            }
            Event::Payments(Payments::PaymentReceived(paid)) => {
                self.receive(Funds::Payment(paid.payment), paid.received_on, paid.amount);
            }
            Event::Payments(Payments::FundsAllocated(link)) => {
                self.shift(link.funds, link.invoice, link.amount.negated());
            }
            Event::Payments(Payments::AllocationReleased(link)) => {
                self.shift(link.funds, link.invoice, link.amount)
            }
            Event::Payments(Payments::PaymentReturned(returned)) => {
                self.pay_out(Funds::Payment(returned.payment), returned.amount);
            }
            Event::Payments(Payments::RefundMade(refund)) => self.pay_out(refund.funds, refund.amount),
            Event::Payments(Payments::CreditGranted(granted)) => {
                self.receive(Funds::Credit(granted.credit), granted.granted_on, granted.amount);
            }
            Event::Payments(Payments::CreditExpired(expired)) => {
                self.pay_out(Funds::Credit(expired.credit), expired.amount);
            }
            Event::Invoicing(
                Invoicing::BillDrafted(_)
                | Invoicing::DraftApproved(_)
                | Invoicing::DraftWithdrawn(_)
                | Invoicing::SaleRecorded(_),
            )
            | Event::Payments(Payments::ReceiptIssued(_))
            | Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Accounts(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            | Event::Subscriptions(_)
            | Event::Usage(_)
            | Event::Work(_)
            | Event::Quotes(_)
            | Event::Discounts(_)
            | Event::CreditControl(_) => {}
        }
    }

    fn charge(&mut self, invoice: InvoiceId, issued_on: Date, due_on: Date, total: Money) {
        self.balance.add(total);
        self.put_item(invoice, OpenItem { issued_on, due_on, total, open: total });
    }

    fn receive(&mut self, id: Funds, since: Date, total: Money) {
        self.balance.subtract(total);
        self.put_funds(id, OpenFunds { since, total, left: total });
    }

    fn pay_out(&mut self, id: Funds, amount: Money) {
        self.balance.add(amount);
        if let Some(mut funds) = self.take_funds(id) {
            funds.left = moved(funds.left, amount.negated());
            self.put_funds(id, funds);
        }
    }

    /// Moves `amount` on both sides: negative sets funds against the invoice, positive takes them off again.
    fn shift(&mut self, id: Funds, invoice: InvoiceId, amount: Money) {
        if let Some(mut item) = self.open.remove(&invoice).or_else(|| self.settled.remove(&invoice)) {
            item.open = moved(item.open, amount);
            self.put_item(invoice, item);
        }
        if let Some(mut funds) = self.take_funds(id) {
            funds.left = moved(funds.left, amount);
            self.put_funds(id, funds);
        }
    }

    fn put_item(&mut self, invoice: InvoiceId, item: OpenItem) {
        let side = if item.open.is_zero() { &mut self.settled } else { &mut self.open };
        side.insert(invoice, item);
    }

    fn take_funds(&mut self, id: Funds) -> Option<OpenFunds> {
        self.unapplied.remove(&id).or_else(|| self.used_up.remove(&id))
    }

    fn put_funds(&mut self, id: Funds, funds: OpenFunds) {
        let side = if funds.left.is_zero() { &mut self.used_up } else { &mut self.unapplied };
        side.insert(id, funds);
    }
}

/// A sum that was checked when the event was decided; a log that breaks it is found by the named invariants,
/// not by the fold, which leaves the amount as it was.
fn moved(amount: Money, by: Money) -> Money {
    amount.plus(by).unwrap_or(amount)
}
