//! When a document is issued, the customer's billing contact gets it.

use super::Happened;
use super::letter::letter;
use super::number_documents::issued;
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::invoicing::ConsolidatedInvoiceIssued;
use crate::kernel::document::DocumentKind;
use crate::messages::{CustomerRole, Recipient};

pub(super) fn deliver_documents(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(document), Some(account)) = (issued(happened.event), happened.account) else {
        return Vec::new();
    };
    let kind = match document.kind() {
        DocumentKind::Invoice if payload::<ConsolidatedInvoiceIssued>(happened.event).is_some() => {
            "consolidated_invoice_issued"
        }
        DocumentKind::Invoice => "invoice_issued",
        DocumentKind::CreditNote => "credit_note_issued",
        DocumentKind::Receipt => "receipt",
    };
    letter(happened, account, Recipient::Customer(CustomerRole::Billing), kind, [document], None)
}

#[cfg(test)]
mod tests {
    use crate::policies::given::customer;

    #[test]
    fn documents_go_to_the_billing_contact() {
        let mut customer = customer();
        customer.is_offered_goods();
        let (invoice, events) = customer.buys(100, "2026-03-01");
        let said = events[2].to_string();
        let end = format!("(invoice_issued) requested to the customer's billing contact about {invoice}.");
        assert!(said.ends_with(&end), "{said}");
        let events = customer.does(customer.payment("100.00", "2026-03-02"));
        let said = events.last().unwrap().to_string();
        assert!(said.contains("(receipt) requested to the customer's billing contact about rct_"), "{said}");
    }
}
