//! What other departments, and the billing run, may ask about invoicing.

use super::billing;
use super::coverage::Coverage;
use super::draft::net;
use super::owed;
use super::state::State;
use super::{BillDrafted, Rejection, Sale};
use crate::accounts::AccountKind;
use crate::book::Account;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{InvoiceId, SubscriptionId, WorkId};
use crate::kernel::money::Money;
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Code, Reference};
use crate::settings::Policies;
use crate::usage;

impl State {
    /// Whether a piece of work is billed.
    pub fn has_billed(&self, work: WorkId) -> bool {
        self.billed_work.contains(&work)
    }

    /// The date of the newest invoice.
    pub fn last_issued_on(&self) -> Option<Date> {
        self.last_issued_on
    }

    /// The bill that was drafted and waits to be approved.
    pub fn open_draft(&self) -> Option<&BillDrafted> {
        self.draft.as_deref()
    }

    /// The service days of a component that are billed and were not given back, a period a line, in order of
    /// time.
    pub fn billed_days(
        &self,
        subscription: SubscriptionId,
        component: &Code,
    ) -> impl Iterator<Item = Period> + '_ {
        let coverage = self.coverage.get(&subscription).and_then(|components| components.get(component));
        coverage.into_iter().flat_map(|coverage| coverage.spans()).map(|span| span.period)
    }

    /// The first day of a component that is not paid for, or billed to be: the end of what is billed for money.
    pub fn billed_until(&self, subscription: SubscriptionId, component: &Code) -> Option<Date> {
        let coverage = self.coverage.get(&subscription).and_then(|components| components.get(component))?;
        coverage.spans().iter().filter(|span| !span.free).map(|span| span.period.to()).max()
    }

    /// Whether it is a consolidated invoice, and stands.
    pub fn is_consolidated(&self, invoice: InvoiceId) -> bool {
        self.consolidated.contains_key(&invoice)
    }

    /// A sale that was made elsewhere, by the selling system's number of it.
    pub fn sale(&self, sale: &Reference) -> Option<&Sale> {
        self.sales.get(sale).map(Box::as_ref)
    }

    /// Whether an invoice was declared void.
    pub fn is_void(&self, invoice: InvoiceId) -> bool {
        self.voided.contains(&invoice)
    }
}

/// The first day through which [`BillAccount`](super::BillAccount) has something to bill; `None` where nothing
/// will ever be due as things stand, and for a trial account, which is not billed.
pub fn next_bill_date(account: &Account) -> Option<Date> {
    match account.accounts.kind() {
        AccountKind::Trial => return None,
        AccountKind::Full => {}
    }
    let none = Coverage::default();
    let service = account.subscriptions.components().filter_map(|(subscription, component, intended)| {
        let billed = coverage(account, subscription, component).unwrap_or(&none);
        // A period beyond the calendar is never due.
        billing::first_due(&intended, billed).ok().flatten()
    });
    let work = account.work.items().filter(|(work, _)| !account.invoicing.has_billed(*work));
    let committed = owed::first_due(&account.invoicing, &account.subscriptions);
    service.chain(work.map(|(_, item)| item.done_on)).chain(committed).min()
}

/// Usage that was counted and is not billed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnbilledUsage {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The component.
    pub component: Code,
    /// The days: a period that is over, or one that still runs.
    pub period: Period,
    /// What was counted.
    pub metric: Code,
    /// How much, as far as it is recorded.
    pub quantity: Quantity,
    /// What it comes to so far, before tax.
    pub net: Money,
}

/// What was counted in periods that have begun by a day and are not billed, and what it comes to so far. Where nothing
/// was counted, it says so.
///
/// # Errors
/// [`Rejection::Calendar`] and [`Rejection::Amount`] where a period or an amount can't be told.
pub fn unbilled_usage(
    account: &Account,
    usage: &usage::State,
    policies: &Policies,
    on: Date,
) -> Result<Vec<UnbilledUsage>, Rejection> {
    let none = Coverage::default();
    let mut unbilled = Vec::new();
    for (subscription, component, intended) in account.subscriptions.components() {
        let billed = coverage(account, subscription, component).unwrap_or(&none);
        for service in billing::begun(&intended, billed, on, policies.dialect)? {
            let Some(meter) = service.terms.meter() else { continue };
            let quantity = usage.quantity(subscription, meter, &[service.period]);
            unbilled.push(UnbilledUsage {
                subscription,
                component: component.clone(),
                period: service.period,
                metric: meter.metric.clone(),
                quantity,
                net: net(service.terms.price, quantity, None, None, policies.line_rounding)?,
            });
        }
    }
    Ok(unbilled)
}

pub(super) fn coverage<'a>(
    account: &'a Account,
    subscription: SubscriptionId,
    component: &Code,
) -> Option<&'a Coverage> {
    account.invoicing.coverage.get(&subscription)?.get(component).map(Box::as_ref)
}
