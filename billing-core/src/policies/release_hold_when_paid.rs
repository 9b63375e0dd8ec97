//! When a customer that was put on hold for not paying has nothing overdue any more, the hold ends. Holds for
//! another reason are ended by people.

use super::{Happened, on_account};
use crate::book::Event;
use crate::credit_control::{self, HoldReason, HoldReleased};
use crate::decision::Fact;
use crate::invoicing;
use crate::kernel::calendar::Date;
use crate::payments;

pub(super) fn release_hold_when_paid(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(released_on), Some(account)) = (settled_on(happened.event), happened.account) else {
        return Vec::new();
    };
    if account.receivables.open_items().any(|(_, item)| item.due_on < released_on) {
        return Vec::new();
    }
    let ended = account
        .credit_control
        .holds()
        .filter(|(reason, _)| ends_with_payment(*reason))
        .map(|(reason, _)| credit_control::Event::from(HoldReleased { reason, released_on }));
    on_account(account, ended)
}

fn ends_with_payment(reason: HoldReason) -> bool {
    match reason {
        HoldReason::Arrears | HoldReason::BrokenPromise => true,
        HoldReason::ReturnedPayment | HoldReason::Manual => false,
    }
}

/// The date of an event after which less may be owed.
fn settled_on(event: &Event) -> Option<Date> {
    match event {
        Event::Payments(payments::Event::FundsAllocated(link)) => Some(link.effective_on),
        Event::Invoicing(invoicing::Event::InvoiceVoided(voided)) => Some(voided.voided_on),
        Event::Payments(
            payments::Event::PaymentReceived(_)
            | payments::Event::AllocationReleased(_)
            | payments::Event::PaymentReturned(_)
            | payments::Event::CreditGranted(_)
            | payments::Event::CreditExpired(_)
            | payments::Event::RefundMade(_)
            | payments::Event::ReceiptIssued(_),
        )
        | Event::Invoicing(
            invoicing::Event::InvoiceIssued(_)
            | invoicing::Event::InvoiceBroughtForward(_)
            | invoicing::Event::CreditNoteIssued(_)
            | invoicing::Event::ConsolidatedInvoiceIssued(_)
            | invoicing::Event::DebtPassedOn(_)
            | invoicing::Event::DebtTakenBack(_)
            | invoicing::Event::BillDrafted(_)
            | invoicing::Event::DraftApproved(_)
            | invoicing::Event::DraftWithdrawn(_)
            | invoicing::Event::SaleRecorded(_),
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
    use crate::credit_control::HoldReason;
    use crate::policies::given::customer;

    #[test]
    fn a_hold_for_arrears_ends_when_nothing_is_overdue_any_more() {
        let mut customer = customer();
        customer.owes("50.00", "2026-03-01");
        customer.owes("60.00", "2026-03-02");
        customer.owes("70.00", "2026-03-10");
        customer.is_held_for(HoldReason::Arrears, "2026-03-05");
        customer.is_held_for(HoldReason::BrokenPromise, "2026-03-05");
        customer.is_held_for(HoldReason::Manual, "2026-03-05");
        customer.pays("50.00", "2026-03-09");
        let holds = |customer: &crate::policies::given::Customer| -> Vec<_> {
            customer.look(|account, _| account.credit_control.holds().map(|(reason, _)| reason).collect())
        };
        assert_eq!(holds(&customer), [HoldReason::Arrears, HoldReason::BrokenPromise, HoldReason::Manual]);
        // What is due today is not overdue.
        customer.pays("60.00", "2026-03-10");
        assert_eq!(holds(&customer), [HoldReason::Manual]);
    }
}
