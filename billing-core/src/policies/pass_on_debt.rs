//! When a child's debt is passed on to its parent, the child's invoices are settled by it; when it is taken back, they
//! are open again, and what the child has unapplied settles them.

use super::setting_off::{set_off, unapplied};
use super::{Happened, on_account};
use crate::book::{Event, OpenItem, payload};
use crate::decision::Fact;
use crate::invoicing::{DebtPassedOn, DebtTakenBack};
use crate::kernel::funds::Funds;
use crate::kernel::ids::InvoiceId;
use crate::payments::{self, AllocationReleased, FundsAllocated};

pub(super) fn pass_on_debt(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(passed), Some(account)) = (payload::<DebtPassedOn>(happened.event), happened.account) else {
        return Vec::new();
    };
    let funds = Funds::Consolidated(passed.consolidated);
    let links = passed.invoices.iter().map(|settled| {
        let (invoice, amount, effective_on) = (settled.invoice, settled.open, passed.passed_on);
        payments::Event::from(FundsAllocated { funds, invoice, amount, effective_on })
    });
    on_account(account, links)
}

pub(super) fn take_back_debt(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(taken), Some(account)) = (payload::<DebtTakenBack>(happened.event), happened.account) else {
        return Vec::new();
    };
    let (funds, effective_on) = (Funds::Consolidated(taken.consolidated), taken.taken_back_on);
    let mut events: Vec<payments::Event> = Vec::new();
    let mut reopened: Vec<(InvoiceId, OpenItem)> = Vec::new();
    for (invoice, amount) in account.payments.allocations_of(funds) {
        events.push(AllocationReleased { funds, invoice, amount, effective_on }.into());
        let item = account.receivables.invoice(invoice).copied();
        let open = item.and_then(|item| Some(OpenItem { open: item.open.plus(amount).ok()?, ..item }));
        reopened.extend(open.map(|item| (invoice, item)));
    }
    reopened.sort_by_key(|(invoice, item)| (item.due_on, *invoice));
    let links = set_off(unapplied(account, effective_on), reopened, effective_on);
    events.extend(links.into_iter().map(payments::Event::from));
    on_account(account, events)
}
