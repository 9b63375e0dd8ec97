//! When a document is issued, it gets the next number of the series chosen for its kind.

use super::Happened;
use crate::book::Event;
use crate::decision::Fact;
use crate::invoicing;
use crate::kernel::document::DocumentId;
use crate::log::StreamId;
use crate::numbering::{self, NumberAssigned};
use crate::payments;

pub(super) fn number_documents(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let Some(document) = issued(happened.event) else { return Vec::new() };
    let series = StreamId::Series(happened.settings.series(document.kind()).clone());
    vec![Fact::on(series, numbering::Event::from(NumberAssigned { document }))]
}

/// The document that an event issues, if it issues one. A debt brought forward bears a number of its own.
pub(super) fn issued(event: &Event) -> Option<DocumentId> {
    match event {
        Event::Invoicing(invoicing::Event::InvoiceIssued(issued)) => {
            Some(DocumentId::Invoice(issued.invoice))
        }
        Event::Invoicing(invoicing::Event::ConsolidatedInvoiceIssued(issued)) => {
            Some(DocumentId::Invoice(issued.invoice))
        }
        Event::Invoicing(invoicing::Event::CreditNoteIssued(note)) => {
            Some(DocumentId::CreditNote(note.credit_note))
        }
        Event::Payments(payments::Event::ReceiptIssued(receipt)) => {
            Some(DocumentId::Receipt(receipt.receipt))
        }
        Event::Invoicing(
            invoicing::Event::InvoiceBroughtForward(_)
            | invoicing::Event::InvoiceVoided(_)
            | invoicing::Event::DebtPassedOn(_)
            | invoicing::Event::DebtTakenBack(_)
            | invoicing::Event::BillDrafted(_)
            | invoicing::Event::DraftApproved(_)
            | invoicing::Event::DraftWithdrawn(_)
            | invoicing::Event::SaleRecorded(_),
        )
        | Event::Payments(
            payments::Event::PaymentReceived(_)
            | payments::Event::FundsAllocated(_)
            | payments::Event::AllocationReleased(_)
            | payments::Event::PaymentReturned(_)
            | payments::Event::RefundMade(_)
            | payments::Event::CreditGranted(_)
            | payments::Event::CreditExpired(_),
        )
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
        | Event::CreditControl(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::policies::given::{customer, words};

    #[test]
    fn an_invoice_costs_three_lines_and_its_number_is_on_the_series() {
        let mut customer = customer();
        customer.is_offered_goods();
        let (_, events) = customer.buys(100, "2026-03-01");
        assert_eq!(
            words(&events),
            ["invoicing.invoice_issued", "numbering.number_assigned", "messages.message_requested"]
        );
        let history = customer.scenario.history();
        assert_eq!(history[history.len() - 2].stream.to_string(), "series/invoices");
    }

    #[test]
    fn a_receipt_is_numbered_in_its_own_series_and_a_debt_brought_forward_in_none() {
        let mut customer = customer();
        customer.owes("100.00", "2026-03-01");
        assert_eq!(
            customer.scenario.history().last().unwrap().event.event_type(),
            "invoicing.invoice_brought_forward"
        );
        customer.pays("100.00", "2026-03-01");
        let numbered = customer
            .scenario
            .history()
            .iter()
            .rev()
            .find(|fact| fact.stream.to_string().starts_with("series"));
        assert_eq!(numbered.unwrap().stream.to_string(), "series/receipts");
    }
}
