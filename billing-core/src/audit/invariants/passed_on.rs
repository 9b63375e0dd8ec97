//! What parents owe for their children is what these passed on, no more and no less.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::invoicing::{ConsolidatedInvoiceIssued, DebtPassedOn, DebtTakenBack, InvoiceVoided, OpenInvoice};
use crate::kernel::balance::Balance;
use crate::kernel::ids::{AccountId, InvoiceId};
use crate::kernel::money::Money;
use crate::log::StreamId;

/// The consolidated invoices of a book, by the parent's side and by the children's.
#[derive(Debug, Default)]
pub(super) struct PassedOn {
    owed: BTreeMap<(InvoiceId, AccountId), Balance>,
    passed_on: BTreeMap<(InvoiceId, AccountId), Balance>,
    found: Vec<(&'static str, String)>,
}

const NAME: &str = "passed-on-is-owed";

impl PassedOn {
    pub(super) fn add(&mut self, stream: &StreamId, event: &Event) {
        if let Some(issued) = payload::<ConsolidatedInvoiceIssued>(event) {
            let id = issued.invoice;
            self.adds_up(id, "its lines", issued.lines.iter().map(|line| line.amount), issued.total);
            self.adds_up(id, "the parts due", issued.due.iter().map(|part| part.amount), issued.total);
            for line in &issued.lines {
                self.adds_up(id, "the invoices of a line", amounts(&line.invoices), line.amount);
                self.owed.entry((id, line.account)).or_default().add(line.amount);
            }
        }
        if let Some(voided) = payload::<InvoiceVoided>(event) {
            self.owed.retain(|(invoice, _), _| *invoice != voided.invoice);
        }
        let StreamId::Account(child) = stream else { return };
        if let Some(passed) = payload::<DebtPassedOn>(event) {
            let id = passed.consolidated;
            self.adds_up(id, "the invoices passed on", amounts(&passed.invoices), passed.amount);
            self.passed_on.entry((id, *child)).or_default().add(passed.amount);
        }
        if let Some(taken) = payload::<DebtTakenBack>(event) {
            self.passed_on.entry((taken.consolidated, *child)).or_default().subtract(taken.amount);
        }
    }

    fn adds_up(&mut self, id: InvoiceId, what: &str, parts: impl Iterator<Item = Money>, whole: Money) {
        let sum: Balance = parts.collect();
        if sum != [whole].into_iter().collect() {
            self.found
                .push((NAME, format!("{what} of consolidated invoice {id} come to {sum}, not to {whole}")));
        }
    }

    pub(super) fn check(mut self) -> Vec<(&'static str, String)> {
        let keys = self.owed.keys().chain(self.passed_on.keys()).copied();
        for key in std::collections::BTreeSet::from_iter(keys) {
            let (owed, passed_on) = (self.owed.get(&key), self.passed_on.get(&key));
            let (owed, passed_on) =
                (owed.cloned().unwrap_or_default(), passed_on.cloned().unwrap_or_default());
            if owed != passed_on {
                let (id, child) = key;
                let detail = format!(
                    "{owed} is owed on consolidated invoice {id} for {child}, which passed on {passed_on}"
                );
                self.found.push((NAME, detail));
            }
        }
        self.found
    }
}

fn amounts(invoices: &[OpenInvoice]) -> impl Iterator<Item = Money> {
    invoices.iter().map(|invoice| invoice.open)
}
