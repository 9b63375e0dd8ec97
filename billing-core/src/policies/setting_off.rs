//! Setting money and credit against open invoices, in a given order: pure, for every policy that does it.

use crate::book::{Account, OpenFunds, OpenItem, Receivables};
use crate::kernel::calendar::Date;
use crate::kernel::funds::Funds;
use crate::kernel::ids::InvoiceId;
use crate::payments::FundsAllocated;
use crate::settings::AllocationOrder;

/// Each of `funds` in turn is set against `items` in turn, until one side is used up. An item may be named twice.
///
/// What is set off counts from `on`, or from the day on which both the money and the invoice were there, where
/// that is later.
pub(super) fn set_off(
    funds: impl IntoIterator<Item = (Funds, OpenFunds)>,
    mut items: Vec<(InvoiceId, OpenItem)>,
    on: Date,
) -> Vec<FundsAllocated> {
    let mut links: Vec<FundsAllocated> = Vec::new();
    for (funds, mut source) in funds {
        for (invoice, item) in &mut items {
            // Two currencies on one account have nothing to be set off.
            let Ok(amount) = source.left.at_most(item.open) else { continue };
            let (Ok(left), Ok(open)) = (source.left.minus(amount), item.open.minus(amount)) else { continue };
            if amount.is_positive() {
                (source.left, item.open) = (left, open);
                let effective_on = on.max(source.since).max(item.issued_on);
                links.push(FundsAllocated { funds, invoice: *invoice, amount, effective_on });
            }
        }
    }
    links
}

/// What a customer has unapplied and can settle an invoice of a day with: by priority, then what came first.
pub(super) fn unapplied(account: &Account, on: Date) -> Vec<(Funds, OpenFunds)> {
    let usable = account.receivables.unapplied().filter(|(funds, _)| account.payments.counts_on(*funds, on));
    let mut unapplied: Vec<_> = usable.map(|(funds, source)| (funds, *source)).collect();
    unapplied.sort_by_key(|(funds, source)| (account.payments.priority(*funds), source.since, *funds));
    unapplied
}

/// All open invoices in the order of the policy; of two that are equal in it, the older id first.
pub(super) fn in_order(receivables: &Receivables, order: AllocationOrder) -> Vec<(InvoiceId, OpenItem)> {
    let mut items: Vec<_> = receivables.open_items().map(|(invoice, item)| (invoice, *item)).collect();
    items.sort_by_key(|(invoice, item)| match order {
        AllocationOrder::OldestDueFirst => (item.due_on, *invoice),
        AllocationOrder::OldestIssuedFirst => (item.issued_on, *invoice),
    });
    items
}

/// All open invoices: first those that are named, in the order in which they are named, then the others by policy.
pub(super) fn named_first(
    receivables: &Receivables,
    named: &[InvoiceId],
    order: AllocationOrder,
) -> Vec<(InvoiceId, OpenItem)> {
    let mut items = in_order(receivables, order);
    let place = |invoice: &InvoiceId| named.iter().position(|name| name == invoice).unwrap_or(named.len());
    // A stable sort: the others keep the order of the policy.
    items.sort_by_key(|(invoice, _)| place(invoice));
    items
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::ids::PaymentId;
    use crate::policies::given::{date, money};

    fn source(number: u128, since: &str, left: &str) -> (Funds, OpenFunds) {
        let (total, left) = (money(left), money(left));
        (
            Funds::Payment(PaymentId::from_uuid(Uuid::from_u128(number))),
            OpenFunds { since: date(since), total, left },
        )
    }

    fn item(number: u128, issued_on: &str, open: &str) -> (InvoiceId, OpenItem) {
        let issued_on = date(issued_on);
        let item = OpenItem { issued_on, due_on: issued_on, total: money(open), open: money(open) };
        (InvoiceId::from_uuid(Uuid::from_u128(number)), item)
    }

    #[test]
    fn each_goes_to_the_first_that_is_open_and_counts_when_both_were_there() {
        let sources = [source(1, "2026-03-01", "50.00"), source(2, "2026-03-20", "70.00")];
        let items = vec![item(7, "2026-03-05", "60.00"), item(8, "2026-03-10", "100.00")];
        let links = set_off(sources, items, date("2026-03-07"));
        let said: Vec<_> = links.iter().map(|link| (link.amount, link.effective_on)).collect();
        assert_eq!(
            said,
            [
                (money("50.00"), date("2026-03-07")),
                (money("10.00"), date("2026-03-20")),
                (money("60.00"), date("2026-03-20")),
            ]
        );
    }

    #[test]
    fn other_currencies_and_nothing_are_left_alone() {
        let items = || vec![item(7, "2026-03-05", "60.00")];
        assert_eq!(set_off([source(1, "2026-03-01", "EUR 50.00")], items(), date("2026-03-07")), []);
        assert_eq!(set_off([source(1, "2026-03-01", "0.00")], items(), date("2026-03-07")), []);
        assert_eq!(set_off([], items(), date("2026-03-07")), []);
    }

    proptest! {
        // Never more than is left or open, and at the end one side is used up: the sum is the smaller of the two.
        #[test]
        fn the_smaller_side_is_used_up(
            left in proptest::collection::vec(0_u32..500, 0..6),
            open in proptest::collection::vec(0_u32..500, 0..6),
        ) {
            let numbered = |amounts: &[u32]| -> Vec<(u128, String)> {
                amounts.iter().zip(1..).map(|(amount, number)| (number, format!("{amount}.00"))).collect()
            };
            let sources = numbered(&left).into_iter().map(|(number, left)| source(number, "2026-03-01", &left));
            let items = numbered(&open).into_iter().map(|(number, open)| item(number, "2026-03-01", &open)).collect();
            let links = set_off(sources, items, date("2026-03-02"));
            let mut of: BTreeMap<String, i64> = BTreeMap::new();
            for link in &links {
                prop_assert!(link.amount.is_positive());
                *of.entry(link.funds.to_string()).or_default() += link.amount.minor();
                *of.entry(link.invoice.to_string()).or_default() += link.amount.minor();
            }
            for (number, amount) in (1..).zip(&left) {
                let (funds, _) = source(number, "2026-03-01", "0.00");
                prop_assert!(of.get(&funds.to_string()).copied().unwrap_or(0) <= i64::from(*amount) * 100);
            }
            for (number, amount) in (1..).zip(&open) {
                let (invoice, _) = item(number, "2026-03-01", "0.00");
                prop_assert!(of.get(&invoice.to_string()).copied().unwrap_or(0) <= i64::from(*amount) * 100);
            }
            let set: i64 = links.iter().map(|link| link.amount.minor()).sum();
            let smaller = left.iter().sum::<u32>().min(open.iter().sum());
            prop_assert_eq!(set, i64::from(smaller) * 100);
        }
    }
}
