//! A bill: the documents that one command brings, seen as one.

use billing_core::engine::Done;
use billing_core::invoicing::{CreditNoteIssued, InvoiceIssued};
use billing_core::kernel::document::DocumentId;
use billing_core::kernel::funds::Funds;
use billing_core::kernel::ids::InvoiceId;
use billing_core::payments::FundsAllocated;
use billing_core::prelude::*;

use super::line::{Kind, ShownLine, shown};
use crate::verdict::Outcome;

/// A bill.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub(crate) on: Date,
    /// What is owed on it is owed on this document; none where it only gives back.
    pub(crate) invoice: Option<InvoiceId>,
    pub(crate) lines: Vec<ShownLine>,
    pub(crate) subtotal: Money,
    pub(crate) discount: Money,
    pub(crate) tax: Money,
    /// What was billed of it before.
    pub(crate) progressive: Money,
    pub(crate) total: Money,
    /// What earlier credit settled of it when it was issued.
    pub(crate) credit_used: Money,
    /// Not issued yet.
    pub(crate) draft: bool,
}

impl Bill {
    /// The bill that a command brought; nothing where it brought no document.
    pub(crate) fn of(done: &Done, apart: bool, currency: Currency) -> Outcome<Option<Bill>> {
        let invoices: Vec<&InvoiceIssued> = done.all().collect();
        let notes: Vec<&CreditNoteIssued> = if apart { Vec::new() } else { done.all().collect() };
        let on = invoices.iter().map(|invoice| invoice.issued_on);
        let Some(on) = on.chain(notes.iter().map(|note| note.issued_on)).next() else { return Ok(None) };
        let mut lines = Vec::new();
        for invoice in &invoices {
            let document = DocumentId::Invoice(invoice.invoice);
            for (number, line) in (1..).zip(&invoice.lines) {
                lines.push(shown(line, number, document, on)?);
            }
        }
        for note in &notes {
            let document = DocumentId::CreditNote(note.credit_note);
            for (number, line) in (1..).zip(&note.lines) {
                lines.push(shown(line, number, document, on)?);
            }
        }
        let sum = |amounts: &mut dyn Iterator<Item = Money>| Money::sum(currency, amounts);
        // What was billed before is no line of the bill but stands under its sum.
        let before: Vec<ShownLine>;
        (before, lines) = lines.into_iter().partition(|line| line.kind == Kind::BilledBefore);
        let invoice = invoices.first().map(|invoice| invoice.invoice);
        let own: Vec<Funds> = notes.iter().map(|note| Funds::CreditNote(note.credit_note)).collect();
        let earlier = done.all::<FundsAllocated>().filter(|link| Some(link.invoice) == invoice);
        let mut earlier = earlier.filter(|link| !own.contains(&link.funds)).map(|link| link.amount);
        let totals = invoices.iter().map(|invoice| invoice.gross);
        let total = sum(&mut totals.chain(notes.iter().map(|note| note.credit.negated())))?;
        let taxes = invoices.iter().map(|invoice| invoice.tax).chain(notes.iter().map(|note| note.tax));
        Ok(Some(Bill {
            on,
            invoice,
            subtotal: sum(&mut lines.iter().map(|line| line.amount))?,
            discount: sum(&mut lines.iter().map(|line| line.discount))?,
            tax: sum(&mut { taxes })?,
            progressive: sum(&mut before.iter().map(|line| line.amount.negated()))?,
            total,
            credit_used: sum(&mut earlier)?,
            lines,
            draft: false,
        }))
    }

    /// A bill of a day on which nothing stands.
    pub(crate) fn empty(on: Date, currency: Currency) -> Bill {
        let zero = Money::zero(currency);
        Bill {
            on,
            invoice: None,
            lines: Vec::new(),
            subtotal: zero,
            discount: zero,
            tax: zero,
            progressive: zero,
            total: zero,
            credit_used: zero,
            draft: false,
        }
    }

    /// Whether it has an amount; the bill of a free trial has none.
    pub(crate) fn is_real(&self) -> bool {
        !self.total.is_zero() || !self.subtotal.is_zero()
    }

    /// What it leaves to the customer as credit.
    pub(crate) fn generated(&self) -> Money {
        if self.total.is_negative() { self.total.abs() } else { Money::zero(self.total.currency()) }
    }

    /// What was to be paid when it was issued.
    pub(crate) fn due(&self) -> Outcome<Money> {
        let due = self.total.minus(self.credit_used)?;
        Ok(if due.is_negative() { Money::zero(due.currency()) } else { due })
    }

    /// Its lines of a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &ShownLine> {
        self.lines.iter().filter(move |line| line.kind == kind)
    }
}
