//! What is open on an account, read from its page.

use billing_core::book::Account;
use billing_core::kernel::funds::Funds;
use billing_core::kernel::ids::InvoiceId;
use billing_core::prelude::*;

use super::overdue::Unpaid;
use crate::desk::Customer;
use crate::facts::bill::Bill;
use crate::verdict::Outcome;

/// What is still to be paid on a bill; nothing on one that is void, or gives back.
pub(crate) fn open(account: &Account, bill: &Bill) -> Money {
    let none = Money::zero(bill.total.currency());
    let item = bill.invoice.and_then(|invoice| account.receivables.invoice(invoice));
    item.filter(|_| !bill.total.is_negative()).map_or(none, |item| item.open)
}

/// What money settled of an invoice.
pub(crate) fn paid(account: &Account, invoice: InvoiceId, currency: Currency) -> Outcome<Money> {
    let links = account.payments.allocated_to(invoice).into_iter();
    let money = links.filter(|(funds, _)| matches!(funds, Funds::Payment(_))).map(|(_, amount)| amount);
    Ok(Money::sum(currency, money)?)
}

/// What the account owes; below zero what it has in credit.
pub(crate) fn balance(account: &Account, currency: Currency) -> Outcome<Money> {
    Ok(account.receivables.balance().of(currency).to_money()?)
}

/// What the account has in credit.
pub(crate) fn credit(account: &Account, currency: Currency) -> Outcome<Money> {
    Ok(Money::sum(currency, account.receivables.unapplied().map(|(_, funds)| funds.left))?)
}

/// The bills on which something is open, oldest first.
pub(crate) fn unpaid(account: &Account, customer: &Customer) -> Vec<Unpaid> {
    let open = customer.bills.iter().map(|bill| Unpaid { since: bill.on, open: open(account, bill) });
    open.filter(|unpaid| unpaid.open.is_positive()).collect()
}
