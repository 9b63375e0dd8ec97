//! Each sale that was made elsewhere has one invoice, which names it, and what was paid for it came in.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::invoicing::{InvoiceIssued, SaleRecorded};
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;
use crate::kernel::text::Reference;
use crate::payments::PaymentReceived;

/// The sales of one account, the invoices that name one, and the payments that name an invoice.
#[derive(Debug, Default)]
pub(super) struct Sales {
    sold: Vec<(Reference, InvoiceId, Option<Money>)>,
    invoiced: BTreeMap<Reference, Vec<InvoiceId>>,
    paid: Vec<(InvoiceId, Money)>,
}

impl Sales {
    pub(super) fn add(&mut self, event: &Event) {
        if let Some(sold) = payload::<SaleRecorded>(event) {
            let paid = sold.payment.as_ref().map(|paid| paid.amount);
            self.sold.push((sold.sale.clone(), sold.invoice, paid));
        }
        if let Some(issued) = payload::<InvoiceIssued>(event)
            && let Some(sale) = &issued.sale
        {
            self.invoiced.entry(sale.clone()).or_default().push(issued.invoice);
        }
        if let Some(paid) = payload::<PaymentReceived>(event) {
            self.paid.extend(paid.pays.iter().map(|invoice| (*invoice, paid.amount)));
        }
    }

    /// Invoice and payment follow in the same commit, so they are looked for when a commit is whole.
    pub(super) fn check(&self, found: &mut Vec<(&'static str, String)>) {
        let mut told: BTreeMap<&Reference, Vec<InvoiceId>> = BTreeMap::new();
        for (sale, invoice, paid) in &self.sold {
            told.entry(sale).or_default().push(*invoice);
            if let Some(paid) = paid.filter(|paid| !self.paid.contains(&(*invoice, *paid))) {
                found.push(("sale-paid", format!("sale {sale}: {paid} was paid, and never came in")));
            }
        }
        for (sale, invoices) in self.invoiced.iter().chain(told.iter().map(|(sale, told)| (*sale, told))) {
            if invoices.len() != 1 || told.get(sale) != self.invoiced.get(sale) {
                let invoices: Vec<String> = invoices.iter().map(InvoiceId::to_string).collect();
                found.push(("sale-invoiced-once", format!("sale {sale} has {}", invoices.join(", "))));
            }
        }
    }
}
