//! When an invoice is declared void, what was set against it is taken off, and settles others in the order of the
//! book's policy.

use super::setting_off::{in_order, set_off};
use super::{Happened, on_account};
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::invoicing::InvoiceVoided;
use crate::payments::{self, AllocationReleased};

pub(super) fn release_on_void(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(voided), Some(account)) = (payload::<InvoiceVoided>(happened.event), happened.account) else {
        return Vec::new();
    };
    let (invoice, effective_on) = (voided.invoice, voided.voided_on);
    let mut events: Vec<payments::Event> = Vec::new();
    let mut freed = Vec::new();
    for (funds, amount) in account.payments.allocated_to(invoice) {
        events.push(AllocationReleased { funds, invoice, amount, effective_on }.into());
        let mut source = account.receivables.funds(funds).copied();
        source.iter_mut().for_each(|source| source.left = amount);
        freed.extend(source.map(|source| (funds, source)));
    }
    let items = in_order(&account.receivables, happened.settings.policies().allocation);
    events.extend(set_off(freed, items, effective_on).into_iter().map(payments::Event::from));
    on_account(account, events)
}

#[cfg(test)]
mod tests {
    use crate::invoicing::VoidInvoice;
    use crate::policies::given::{customer, date, money, words};

    #[test]
    fn what_had_paid_a_void_invoice_pays_the_next_one() {
        let mut customer = customer();
        customer.is_offered_goods();
        let (wrong, _) = customer.buys(100, "2026-03-01");
        let payment = crate::kernel::funds::Funds::Payment(customer.pays("110.00", "2026-03-02"));
        let (right, _) = customer.buys(90, "2026-03-03");
        assert_eq!(customer.open(right), money("80.00"));
        let (account, on, reason) = (customer.account, date("2026-03-04"), "Wrong name".parse().unwrap());
        let events = customer.does(VoidInvoice { account, invoice: wrong, on, reason });
        assert_eq!(
            words(&events),
            ["invoicing.invoice_voided", "payments.allocation_released", "payments.funds_allocated"]
        );
        assert!(customer.open(right).is_zero());
        customer.look(|account, _| {
            assert_eq!(account.payments.allocations_of(payment), [(right, money("90.00"))].into());
            assert_eq!(account.receivables.funds(payment).unwrap().left, money("20.00"));
        });
    }
}
