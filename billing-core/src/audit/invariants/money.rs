//! Who owes what, added up from the events alone: the control account, each invoice, each payment and credit note.

use std::collections::BTreeMap;

use crate::book::{Event, Receivables};
use crate::invoicing::Event as Invoicing;
use crate::kernel::balance::Balance;
use crate::kernel::funds::Funds;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::payments::Event as Payments;

/// The sums of one account.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    owed: Balance,
    charged: BTreeMap<InvoiceId, Money>,
    open: BTreeMap<InvoiceId, Balance>,
    left: BTreeMap<Funds, Balance>,
}

impl Ledger {
    pub(super) fn add(&mut self, event: &Event) {
        match event {
            Event::Invoicing(Invoicing::InvoiceIssued(issued)) => self.charge(issued.invoice, issued.gross),
            Event::Invoicing(Invoicing::InvoiceBroughtForward(brought)) => {
                self.charge(brought.invoice, brought.open)
            }
            Event::Invoicing(Invoicing::CreditNoteIssued(note)) => {
                self.receive(Funds::CreditNote(note.credit_note), note.credit);
            }
            Event::Invoicing(Invoicing::ConsolidatedInvoiceIssued(issued)) => {
                self.charge(issued.invoice, issued.total)
            }
            Event::Invoicing(Invoicing::DebtPassedOn(passed)) => {
                self.receive(Funds::Consolidated(passed.consolidated), passed.amount);
            }
            Event::Invoicing(Invoicing::DebtTakenBack(taken)) => {
                self.pay_out(Funds::Consolidated(taken.consolidated), taken.amount);
            }
            Event::Invoicing(Invoicing::InvoiceVoided(voided)) => {
                // What was set against it comes off with the releases that follow in the same commit.
                if let Some(charged) = self.charged.remove(&voided.invoice) {
                    self.owed.subtract(charged);
                }
            }
            Event::Payments(Payments::PaymentReceived(paid)) => {
                self.receive(Funds::Payment(paid.payment), paid.amount)
            }
            Event::Payments(Payments::FundsAllocated(link)) => {
                self.set_against(link.funds, link.invoice, link.amount)
            }
            Event::Payments(Payments::AllocationReleased(link)) => {
                self.set_against(link.funds, link.invoice, link.amount.negated());
            }
            Event::Payments(Payments::PaymentReturned(returned)) => {
                self.pay_out(Funds::Payment(returned.payment), returned.amount);
            }
            Event::Payments(Payments::RefundMade(refund)) => self.pay_out(refund.funds, refund.amount),
            Event::Payments(Payments::CreditGranted(granted)) => {
                self.receive(Funds::Credit(granted.credit), granted.amount);
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

    fn charge(&mut self, invoice: InvoiceId, total: Money) {
        self.owed.add(total);
        self.charged.insert(invoice, total);
        self.open.entry(invoice).or_default().add(total);
    }

    fn receive(&mut self, funds: Funds, amount: Money) {
        self.owed.subtract(amount);
        self.left.entry(funds).or_default().add(amount);
    }

    fn pay_out(&mut self, funds: Funds, amount: Money) {
        self.owed.add(amount);
        self.left.entry(funds).or_default().subtract(amount);
    }

    fn set_against(&mut self, funds: Funds, invoice: InvoiceId, amount: Money) {
        self.open.entry(invoice).or_default().subtract(amount);
        self.left.entry(funds).or_default().subtract(amount);
    }

    /// Holds the sums against the page.
    pub(super) fn check(&self, page: &Receivables, found: &mut Vec<(&'static str, String)>) {
        let mut unless = |holds: bool, name, detail: &dyn Fn() -> String| {
            if !holds {
                found.push((name, detail()));
            }
        };
        let (owed, says) = (&self.owed, page.balance());
        unless(says == owed, "control-account", &|| {
            format!("the events come to {owed}, the page says {says}")
        });
        for (funds, left) in &self.left {
            let says: Balance = page.funds(*funds).iter().map(|funds| funds.left).collect();
            unless(!negative(left), "allocations-within-funds", &|| format!("{funds} has {left} left"));
            unless(says == *left, "funds-left", &|| format!("{funds} has {left} left, the page says {says}"));
        }
        // An invoice that was voided is on no page; what had been set against it is checked with its funds.
        for (invoice, open) in self.open.iter().filter(|(invoice, _)| self.charged.contains_key(invoice)) {
            let says: Balance = page.invoice(*invoice).iter().map(|item| item.open).collect();
            unless(!negative(open), "allocations-within-invoice", &|| format!("{invoice} has {open} open"));
            unless(says == *open, "invoice-open", &|| {
                format!("{invoice} has {open} open, the page says {says}")
            });
        }
    }
}

fn negative(balance: &Balance) -> bool {
    balance.iter().any(|sum| sum.is_negative())
}
