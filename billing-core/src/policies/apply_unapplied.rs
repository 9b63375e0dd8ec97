//! When something new is open, or new credit is granted, the two sides meet: a new invoice takes what the customer
//! has unapplied, by priority, then the oldest first; a credit note goes to the invoice that it corrects or came with, then to the
//! others in the order of the book's policy.

use super::setting_off::{named_first, set_off, unapplied};
use super::{Happened, on_account};
use crate::book::{Account, Event, payload};
use crate::decision::Fact;
use crate::invoicing;
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::InvoiceId;
use crate::payments::{self, CreditGranted, FundsAllocated};

pub(super) fn apply_unapplied(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let Some(account) = happened.account else { return Vec::new() };
    let settles = |funds: Funds, first: Option<InvoiceId>, on: Date| {
        let source = account.receivables.funds(funds).map(|source| (funds, *source));
        let order = happened.settings.policies().allocation;
        set_off(source, named_first(&account.receivables, first.as_slice(), order), on)
    };
    if let Some(granted) = payload::<CreditGranted>(happened.event) {
        let links = settles(Funds::Credit(granted.credit), None, granted.granted_on);
        return on_account(account, links.into_iter().map(payments::Event::from));
    }
    let Event::Invoicing(event) = happened.event else { return Vec::new() };
    let links = match event {
        invoicing::Event::InvoiceIssued(issued) => take_unapplied(account, issued.invoice, issued.issued_on),
        invoicing::Event::InvoiceBroughtForward(brought) => {
            take_unapplied(account, brought.invoice, brought.issued_on)
        }
        invoicing::Event::ConsolidatedInvoiceIssued(issued) => {
            take_unapplied(account, issued.invoice, issued.issued_on)
        }
        invoicing::Event::CreditNoteIssued(note) => {
            settles(Funds::CreditNote(note.credit_note), note.invoice.or(note.beside), note.issued_on)
        }
        // What is passed on, or taken back, is set against the child's invoices by a policy of its own.
        invoicing::Event::DebtPassedOn(_)
        | invoicing::Event::DebtTakenBack(_)
        | invoicing::Event::InvoiceVoided(_)
        | invoicing::Event::BillDrafted(_)
        | invoicing::Event::DraftApproved(_)
        | invoicing::Event::DraftWithdrawn(_)
        | invoicing::Event::SaleRecorded(_) => Vec::new(),
    };
    on_account(account, links.into_iter().map(payments::Event::from))
}

fn take_unapplied(account: &Account, invoice: InvoiceId, issued_on: Date) -> Vec<FundsAllocated> {
    let item = account.receivables.invoice(invoice).map(|item| (invoice, *item));
    set_off(unapplied(account, issued_on), item.into_iter().collect(), issued_on)
}

#[cfg(test)]
mod tests {
    use crate::invoicing::{CreditInvoice, CreditLine, What};
    use crate::kernel::funds::Funds;
    use crate::policies::given::{customer, date, money};

    #[test]
    fn a_new_invoice_takes_what_came_first() {
        let mut customer = customer();
        customer.is_offered_goods();
        let newer = Funds::Payment(customer.pays("80.00", "2026-03-02"));
        let older = Funds::Payment(customer.pays("30.00", "2026-03-01"));
        let (invoice, _) = customer.buys(100, "2026-03-05");
        customer.look(|account, _| {
            let set = account.payments.allocated_to(invoice);
            assert_eq!(set, [(older, money("30.00")), (newer, money("70.00"))].into());
            assert_eq!(account.receivables.funds(newer).unwrap().left, money("10.00"));
        });
        let brought = customer.owes("25.00", "2026-03-10");
        assert_eq!(customer.open(brought), money("15.00"));
    }

    #[test]
    fn a_credit_note_goes_to_its_invoice_then_to_the_longest_due() {
        let mut customer = customer();
        customer.is_offered_goods();
        let old = customer.owes("50.00", "2026-03-01");
        let (invoice, _) = customer.buys(100, "2026-03-05");
        let mut payment = customer.payment("70.00", "2026-03-06");
        payment.pays = vec![invoice];
        customer.does(payment);
        let lines = vec![CreditLine { line: 1, amount: money("60.00") }];
        customer.does(CreditInvoice {
            account: customer.account,
            invoice,
            what: What::Lines(lines),
            reason: "Rusty".parse().unwrap(),
            on: date("2026-03-07"),
        });
        // 30.00 were open on the invoice that it corrects; the other 30.00 come off the 50.00.
        assert_eq!((customer.open(invoice), customer.open(old)), (money("0.00"), money("20.00")));
    }
}
