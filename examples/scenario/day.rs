//! The days of a case: what falls due is billed first, then what people do, each with its own bill.

use std::collections::BTreeSet;

use billing_core::kernel::calendar::plus_days;
use billing_core::prelude::*;

use crate::desk::Payers;
use crate::facts::overdue::stage;
use crate::facts::standing;
use crate::firm::Firm;
use crate::form::Case;
use crate::form::expect::{Expectation, ParentForm};
use crate::verbs;
use crate::verdict::{Outcome, Stop};
use crate::versions;

/// Lives a case to its last day.
pub(crate) fn live(case: &Case) -> Outcome<Firm<'_>> {
    let days: Vec<Date> = case.actions.iter().map(|action| action.on).collect();
    let first = days.iter().min().copied();
    let first =
        first.or(case.last_day).map_or_else(|| "2024-01-01".parse().map_err(Stop::unsupported), Ok)?;
    let last = case.last_day.unwrap_or(first).max(first);
    let mut firm = Firm::open(case, first)?;
    verbs::documents::given(&mut firm)?;
    let noted = noted_days(case, last);
    for today in first.iter_days().take_while(|day| *day <= last) {
        firm.wake(today)?;
        versions::take_effect(&mut firm)?;
        firm.fall_due()?;
        firm.try_again()?;
        firm.block_or_clear()?;
        let acted = days.contains(&today);
        if acted || noted.contains(&today) {
            let moment = firm.moment(None)?;
            firm.desk.moments.push(moment);
        }
        for action in case.actions.iter().filter(|action| action.on == today) {
            verbs::perform(&mut firm, action)?;
            firm.block_or_clear()?;
            let moment = firm.moment(Some(&action.name))?;
            firm.desk.moments.push(moment);
        }
        // A parent gets its document each evening, or, where the case does not say when, on the last one.
        if today == last || parent_invoice(case).is_some_and(|form| form.date.is_some()) {
            firm.consolidate()?;
        }
    }
    Ok(firm)
}

/// What the case expects of the document of a parent.
fn parent_invoice(case: &Case) -> Option<&ParentForm> {
    case.expect.iter().find_map(|(_, expectation)| {
        let Expectation::ParentInvoice(form) = expectation else { return None };
        Some(form)
    })
}

/// The days on which expectations look at the account, and the last one.
fn noted_days(case: &Case, last: Date) -> BTreeSet<Date> {
    let mut days = BTreeSet::from([last]);
    for (_, expectation) in &case.expect {
        if let Expectation::Moments(moments) = expectation {
            days.extend(moments.iter().filter_map(|moment| moment.date));
        }
        if let Expectation::Balances(balances) = expectation {
            days.extend(balances.keys().filter_map(|key| key.rsplit_once('_')?.1.parse::<Date>().ok()));
        }
    }
    days
}

impl Firm<'_> {
    /// Bills each customer for whom something is due today.
    pub(crate) fn fall_due(&mut self) -> Outcome {
        for customer in 0..self.desk.customers.len() {
            if self.customer(customer).next_bill.is_some_and(|day| day <= self.desk.today) {
                self.bill(customer)?;
            }
        }
        Ok(())
    }

    /// Gives the parent what its children owe. It pays at once where the case asks what it paid.
    fn consolidate(&mut self) -> Outcome {
        if self.desk.customers.len() < 2 {
            return Ok(());
        }
        let (account, issue_on) = (self.customer(0).id, self.desk.today);
        let done = self.give(ConsolidateInvoices { account, issue_on })?;
        let Some(issued) = done.first::<ConsolidatedInvoiceIssued>() else { return Ok(()) };
        if parent_invoice(self.case).is_some_and(|form| form.paid.is_some()) {
            self.pay(0, issued.invoice, issued.total)?;
        }
        self.desk.consolidated.push(issued.clone());
        Ok(())
    }

    /// Tries again to collect what could not be collected before.
    fn try_again(&mut self) -> Outcome {
        if self.desk.payers != Payers::Failing {
            return Ok(());
        }
        let keys = &self.case.given.keys;
        let today = self.desk.today;
        for customer in 0..self.desk.customers.len() {
            let page = self.page(customer)?;
            let books = self.customer_mut(customer);
            let open: Vec<_> =
                books.bills.iter().filter(|bill| standing::open(&page, bill).is_positive()).collect();
            let invoices: Vec<InvoiceId> = open.iter().filter_map(|bill| bill.invoice).collect();
            for invoice in invoices {
                let Some(tried) = books.attempts.get_mut(&invoice) else { continue };
                let waits = match keys.retry_days.is_empty() {
                    true => keys.payment_retry_every_days,
                    false => keys.retry_days.get(tried.len().saturating_sub(1)).copied(),
                };
                let (Some(last), Some(days)) = (tried.last(), waits.filter(|days| *days > 0)) else {
                    continue;
                };
                if plus_days(*last, days.into())? == today {
                    tried.push(today);
                }
            }
        }
        Ok(())
    }

    /// While an overdue state blocks billing nothing is billed; when it clears, the blocked days are given back
    /// and billing goes on.
    pub(crate) fn block_or_clear(&mut self) -> Outcome {
        let policy = &self.case.given.keys.overdue_policy;
        if policy.is_empty() {
            return Ok(());
        }
        let (today, currency) = (self.desk.today, self.case.given.currency);
        let unpaid = standing::unpaid(&self.page(0)?, self.customer(0));
        let blocks = stage(policy, &unpaid, currency, today)?.is_some_and(|stage| stage.blocks_billing());
        for customer in 0..self.desk.customers.len() {
            match (blocks, self.customer(customer).blocked) {
                (true, None) => self.customer_mut(customer).blocked = Some(today),
                (false, Some(since)) => {
                    self.customer_mut(customer).blocked = None;
                    verbs::subscriptions::unblock(self, customer, since)?;
                    self.bill(customer)?;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        Ok(())
    }
}
