//! When money settles invoices that were promised to be paid, and all that was promised has come, the promise is
//! kept.

use super::{Happened, on_account};
use crate::book::{Event, payload};
use crate::credit_control::{self, PromiseKept};
use crate::decision::Fact;
use crate::payments::FundsAllocated;

pub(super) fn keep_promise(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(link), Some(account)) = (payload::<FundsAllocated>(happened.event), happened.account) else {
        return Vec::new();
    };
    let kept = account
        .credit_control
        .promises()
        .filter(|(_, promise)| promise.kept_on.is_none() && promise.invoices.contains(&link.invoice))
        .filter(|(_, promise)| promise.is_paid(&account.payments))
        .map(|(promise, _)| credit_control::Event::from(PromiseKept { promise, kept_on: link.effective_on }));
    on_account(account, kept)
}

#[cfg(test)]
mod tests {
    use crate::policies::given::{customer, words};

    const KEPT: &str = "credit_control.promise_kept";

    #[test]
    fn a_promise_is_kept_with_the_last_penny_and_once() {
        let mut customer = customer();
        customer.owes("100.00", "2026-03-01");
        customer.promises("80.00", "2026-03-05", "2026-03-10");
        let kept = |events: &[_]| words(events).iter().filter(|word| **word == KEPT).count();
        assert_eq!(kept(&customer.does(customer.payment("79.99", "2026-03-06"))), 0);
        assert_eq!(kept(&customer.does(customer.payment("0.01", "2026-03-07"))), 1);
        assert_eq!(kept(&customer.does(customer.payment("20.00", "2026-03-08"))), 0);
    }

    #[test]
    fn money_of_before_the_promise_or_after_its_last_day_keeps_nothing() {
        let mut customer = customer();
        customer.owes("100.00", "2026-03-01");
        customer.promises("50.00", "2026-03-05", "2026-03-10");
        for day in ["2026-03-04", "2026-03-11"] {
            let events = customer.does(customer.payment("50.00", day));
            assert!(!words(&events).contains(&KEPT), "{day}");
        }
    }
}
