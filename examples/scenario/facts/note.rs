//! A credit note, with the tax of each of its lines.

use billing_core::invoicing::{CreditNoteIssued, LineRef, Subject};
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
    /// Whether it is for time that was billed and not used.
    pub(crate) gives_time_back: bool,
}

/// One line of it.
#[derive(Debug, Clone)]
pub(crate) struct NoteRow {
    /// The line that it gives back, or a part of it.
    pub(crate) line: Option<LineRef>,
    pub(crate) taxable: Money,
    pub(crate) tax: Money,
}

impl Note {
    pub(crate) fn of(note: &CreditNoteIssued) -> Outcome<Note> {
        let nets: Vec<(Money, Rate)> = note.lines.iter().map(|line| (line.net, line.rate)).collect();
        let rows = note.lines.iter().zip(taxes(&nets)?);
        let rows = rows.map(|(line, tax)| NoteRow {
            line: credited(&line.subject),
            taxable: line.net.negated(),
            tax: tax.negated(),
        });
        Ok(Note {
            id: note.credit_note,
            invoice: note.invoice,
            subtotal: note.net.negated(),
            tax: note.tax.negated(),
            total: note.credit,
            refund: Money::zero(note.credit.currency()),
            rows: rows.collect(),
            gives_time_back: note.lines.iter().any(|line| matches!(line.subject, Subject::Unused { .. })),
        })
    }

    /// What of it was left to the customer.
    pub(crate) fn credited(&self) -> Outcome<Money> {
        Ok(self.total.minus(self.refund)?)
    }
}

fn credited(subject: &Subject) -> Option<LineRef> {
    match subject {
        Subject::Unused { line, .. }
        | Subject::TrueUpTakenBack { line, .. }
        | Subject::Correction { line } => Some(*line),
        Subject::Service { .. }
        | Subject::LateUsage { .. }
        | Subject::InterimUsage { .. }
        | Subject::TrueUp { .. }
        | Subject::Fee { .. }
        | Subject::Work { .. }
        | Subject::Item { .. } => None,
    }
}
