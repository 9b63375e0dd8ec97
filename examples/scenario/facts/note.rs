//! A credit note, with the tax of each of its lines.

use billing_core::invoicing::CreditNoteIssued;
use billing_core::kernel::ids::{CreditNoteId, InvoiceId};
use billing_core::prelude::*;

use crate::pure::discount::taxes;
use crate::verdict::Outcome;

/// A credit note; its amounts are positive.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) id: CreditNoteId,
    /// The invoice that it corrects, if one.
    pub(crate) invoice: Option<InvoiceId>,
    pub(crate) subtotal: Money,
    pub(crate) tax: Money,
    pub(crate) total: Money,
    pub(crate) refund: Money,
    pub(crate) rows: Vec<NoteRow>,
}

/// One line of it.
#[derive(Debug, Clone)]
pub(crate) struct NoteRow {
    pub(crate) taxable: Money,
    pub(crate) tax: Money,
}

impl Note {
    pub(crate) fn of(note: &CreditNoteIssued) -> Outcome<Note> {
        let nets: Vec<(Money, Rate)> = note.lines.iter().map(|line| (line.net, line.rate)).collect();
        let rows = note.lines.iter().zip(taxes(&nets)?);
        let rows = rows.map(|(line, tax)| NoteRow { taxable: line.net.negated(), tax: tax.negated() });
        Ok(Note {
            id: note.credit_note,
            invoice: note.invoice,
            subtotal: note.net.negated(),
            tax: note.tax.negated(),
            total: note.credit,
            refund: Money::zero(note.credit.currency()),
            rows: rows.collect(),
        })
    }

    /// What of it was left to the customer.
    pub(crate) fn credited(&self) -> Outcome<Money> {
        Ok(self.total.minus(self.refund)?)
    }
}
