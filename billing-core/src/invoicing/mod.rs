//! Invoicing: what the customer was billed, and what is to be billed next.
//!
//! Documents never change once they are issued: an error is corrected by a credit note, or the whole invoice is
//! declared void. What is to be billed is never stored: it is the difference between what the customer asked
//! for (subscriptions, work) and what was billed already, worked out anew each time, so a change that comes
//! late and a run that is repeated both give the right bill.

mod approve_draft;
mod bill;
mod bill_account;
mod bill_or_draft;
mod bill_usage;
mod billing;
mod bring_forward;
mod changes;
mod commitments;
mod consolidate_invoices;
mod coverage;
mod credit_invoice;
mod discounting;
mod document;
mod draft;
mod draft_bill;
mod events;
#[cfg(test)]
pub(crate) mod given;
mod issue_invoice;
mod line;
mod metered;
mod owed;
mod page;
mod proration;
mod record_sale;
mod rejection;
mod sale;
mod state;
#[cfg(test)]
mod tests;
mod true_up;
mod void_invoice;
mod withdraw_draft;

pub use approve_draft::ApproveDraft;
pub use bill::Bill;
pub use bill_account::BillAccount;
pub use bill_or_draft::BillOrDraft;
pub use bill_usage::BillUsage;
pub use bring_forward::BringForward;
pub use changes::{Change, changes};
pub use commitments::Commitments;
pub use consolidate_invoices::ConsolidateInvoices;
pub use credit_invoice::{CreditInvoice, CreditLine, What};
pub use document::line_taxes;
pub use draft_bill::DraftBill;
pub use events::{
    BillDrafted, ChildLine, ConsolidatedInvoiceIssued, CreditNoteIssued, DebtPassedOn, DebtTakenBack,
    DraftApproved, DraftWithdrawn, Event, InvoiceBroughtForward, InvoiceIssued, InvoiceVoided, OpenInvoice,
    SaleRecorded,
};
pub use issue_invoice::{IssueInvoice, ItemLine};
pub use line::{Line, LineDiscount, LineRef, Part, Seconds, Share, Subject, TaxTotal};
pub use page::{UnbilledUsage, next_bill_date, unbilled_usage};
pub use record_sale::RecordSale;
pub use rejection::Rejection;
pub use sale::{Sale, SaleLine, SalePayment};
pub use state::State;
pub use void_invoice::VoidInvoice;
pub use withdraw_draft::WithdrawDraft;

use crate::decision::{Claim, Department};

/// The department that keeps what customers were billed.
#[derive(Debug)]
pub struct Invoicing;

impl Department for Invoicing {
    const NAME: &'static str = "invoicing";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }

    fn claims(event: &Event) -> Vec<Claim> {
        match event {
            Event::SaleRecorded(sold) => vec![Claim { space: "sale.reference", key: sold.sale.clone() }],
            Event::InvoiceIssued(_)
            | Event::InvoiceBroughtForward(_)
            | Event::CreditNoteIssued(_)
            | Event::InvoiceVoided(_)
            | Event::BillDrafted(_)
            | Event::DraftApproved(_)
            | Event::DraftWithdrawn(_)
            | Event::ConsolidatedInvoiceIssued(_)
            | Event::DebtPassedOn(_)
            | Event::DebtTakenBack(_) => vec![],
        }
    }
}
