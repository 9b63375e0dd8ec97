//! When money comes in, it settles invoices: first those that the payer named, then the others in the order of the
//! book's policy. What is more stays with the customer.

use super::setting_off::{named_first, set_off};
use super::{Happened, on_account};
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::kernel::funds::Funds;
use crate::payments::{self, PaymentReceived};

pub(super) fn settle_on_receipt(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(paid), Some(account)) = (payload::<PaymentReceived>(happened.event), happened.account) else {
        return Vec::new();
    };
    let funds = Funds::Payment(paid.payment);
    let source = account.receivables.funds(funds).map(|source| (funds, *source));
    let items = named_first(&account.receivables, &paid.pays, happened.settings.policies().allocation);
    on_account(account, set_off(source, items, paid.received_on).into_iter().map(payments::Event::from))
}

#[cfg(test)]
mod tests {
    use crate::book::payload;
    use crate::invoicing::{BringForward, InvoiceBroughtForward};
    use crate::policies::given::{customer, customer_under, date, money};
    use crate::settings::{AllocationOrder, Policies};

    #[test]
    fn the_longest_due_is_paid_first_and_the_rest_stays_with_the_customer() {
        let mut customer = customer();
        let (later, earlier) = (customer.owes("60.00", "2026-03-02"), customer.owes("50.00", "2026-03-01"));
        customer.pays("70.00", "2026-03-05");
        assert_eq!((customer.open(earlier), customer.open(later)), (money("0.00"), money("40.00")));
        let payment = customer.pays("100.00", "2026-03-06");
        let left = customer.look(|account, _| {
            account.receivables.funds(crate::kernel::funds::Funds::Payment(payment)).unwrap().left
        });
        assert_eq!((customer.open(later), left), (money("0.00"), money("60.00")));
    }

    #[test]
    fn named_invoices_come_first_and_unknown_ones_are_no_matter() {
        let mut customer = customer();
        let (first, second) = (customer.owes("60.00", "2026-03-01"), customer.owes("50.00", "2026-03-02"));
        let mut payment = customer.payment("70.00", "2026-03-05");
        payment.pays = vec!["inv_00000000000000000000000000000001".parse().unwrap(), second, second];
        customer.does(payment);
        assert_eq!((customer.open(first), customer.open(second)), (money("40.00"), money("0.00")));
    }

    #[test]
    fn a_book_can_pay_the_first_issued_first() {
        let allocation = AllocationOrder::OldestIssuedFirst;
        let mut customer = customer_under(Policies { allocation, ..Policies::default() });
        let mut owes = |reference: &str, issued_on: &str, due_on: &str| {
            let (account, reference, open) = (customer.account, reference.parse().unwrap(), money("50.00"));
            let (issued_on, due_on) = (date(issued_on), date(due_on));
            let events = customer.does(BringForward { account, reference, issued_on, due_on, open });
            payload::<InvoiceBroughtForward>(&events[0]).unwrap().invoice
        };
        let due_first = owes("A", "2026-02-10", "2026-02-15");
        let issued_first = owes("B", "2026-02-01", "2026-03-03");
        customer.pays("70.00", "2026-03-12");
        assert_eq!((customer.open(issued_first), customer.open(due_first)), (money("0.00"), money("30.00")));
    }
}
