//! Which facts are a change of what the next bill may be: what the views of the billing run call changed.

use crate::accounts::Event as Accounts;
use crate::book::Event;
use crate::discounts::Event as Discounts;
use crate::invoicing::{Event as Invoicing, Line, Subject};
use crate::work::Event as Work;

/// Whether somebody asked for something that the next bill may show. Whether it does is for the bill to say: see
/// [`Change`](crate::invoicing::Change).
pub(super) fn may_change_the_bill(event: &Event) -> bool {
    match event {
        Event::Subscriptions(_) => true,
        Event::Discounts(Discounts::DiscountGranted(_) | Discounts::DiscountEnded(_)) => true,
        Event::Work(event) => match event {
            Work::WorkRecorded(_) | Work::WorkWrittenOff(_) => true,
            Work::LateWorkNoted(_) => false,
        },
        Event::Accounts(event) => match event {
            Accounts::DetailsChanged(_)
            | Accounts::TermsChanged(_)
            | Accounts::PurchaseOrderRequirementSet(_)
            | Accounts::PurchaseOrderGiven(_)
            | Accounts::ConvertedToFull(_) => true,
            // A contact stands on no document, nor does who pays; what follows an account's day is told by each subscription.
            Accounts::AccountRegistered(_)
            | Accounts::ContactAdded(_)
            | Accounts::ContactChanged(_)
            | Accounts::ContactRemoved(_)
            | Accounts::AnchorDayGiven(_)
            | Accounts::OwnerAssigned(_)
            | Accounts::ParentAssigned(_)
            | Accounts::ChildAssigned(_)
            | Accounts::ChildLeft(_) => false,
        },
        Event::Invoicing(event) => match event {
            Invoicing::InvoiceVoided(_) => true,
            // By hand: what a bill gives back stands on a note of no one invoice.
            Invoicing::CreditNoteIssued(note) => note.invoice.is_some(),
            Invoicing::InvoiceIssued(_)
            | Invoicing::InvoiceBroughtForward(_)
            | Invoicing::BillDrafted(_)
            | Invoicing::DraftApproved(_)
            | Invoicing::DraftWithdrawn(_)
            | Invoicing::ConsolidatedInvoiceIssued(_)
            | Invoicing::DebtPassedOn(_)
            | Invoicing::DebtTakenBack(_)
            | Invoicing::SaleRecorded(_) => false,
        },
        // What is accepted of a quote is recorded as work.
        Event::Quotes(_)
        | Event::Settings(_)
        | Event::Catalogue(_)
        | Event::Numbering(_)
        | Event::Tasks(_)
        | Event::Messages(_)
        | Event::Usage(_)
        | Event::Payments(_)
        | Event::CreditControl(_) => false,
    }
}

/// Whether a document settles what the customer asked for: it charges service days, or gives some back.
pub(super) fn bills_subscriptions(lines: &[Line]) -> bool {
    lines.iter().any(|line| match &line.subject {
        Subject::Service { .. } | Subject::Unused { .. } => true,
        Subject::Fee { .. }
        | Subject::TrueUp { .. }
        | Subject::TrueUpTakenBack { .. }
        | Subject::LateUsage { .. }
        | Subject::InterimUsage { .. }
        | Subject::Work { .. }
        | Subject::Item { .. }
        | Subject::Correction { .. } => false,
    })
}
