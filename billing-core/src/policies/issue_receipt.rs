//! When money comes in, the customer gets a receipt, once.

use super::{Happened, on_account};
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::kernel::ids::ReceiptId;
use crate::payments::{self, PaymentReceived, ReceiptIssued};

pub(super) fn issue_receipt(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(paid), Some(account)) = (payload::<PaymentReceived>(happened.event), happened.account) else {
        return Vec::new();
    };
    let receipt = happened.ctx.mint(ReceiptId::from_uuid);
    let &PaymentReceived { payment, amount, received_on: issued_on, .. } = paid;
    on_account(account, [payments::Event::from(ReceiptIssued { receipt, payment, amount, issued_on })])
}

#[cfg(test)]
mod tests {
    use crate::book::payload;
    use crate::payments::ReceiptIssued;
    use crate::policies::given::{customer, money};

    #[test]
    fn a_payment_gets_one_receipt_for_what_was_taken_in_even_if_it_settles_nothing() {
        let mut customer = customer();
        let mut payment = customer.payment("EUR 10.00", "2026-03-05");
        payment.rate = Some("0.85".parse().unwrap());
        let events = customer.does(payment);
        let receipts: Vec<_> = events.iter().filter_map(|event| payload::<ReceiptIssued>(event)).collect();
        assert_eq!(receipts.len(), 1);
        assert_eq!(receipts[0].amount, money("8.50"));
        assert_eq!(receipts[0].issued_on.to_string(), "2026-03-05");
    }
}
