//! A credit note, with the tax of each of its lines.

use billing_core::invoicing::{CreditNoteIssued, LineRef, Subject};
use billing_core::kernel::funds::Funds;
use billing_core::kernel::ids::{CreditNoteId, InvoiceId};
use billing_core::kernel::proration::prorate;
use billing_core::prelude::*;

use super::bill::Bill;
use crate::pure::discount::taxes;
use crate::verdict::{Outcome, Stop};

/// A credit note; its amounts are positive.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// Its id in the book; none where it is what the voiding of an invoice came to.
    pub(crate) id: Option<CreditNoteId>,
    /// The invoice that it corrects, if one.
    pub(crate) invoice: Option<InvoiceId>,
    pub(crate) subtotal: Money,
    pub(crate) tax: Money,
    pub(crate) total: Money,
    pub(crate) refund: Money,
    pub(crate) rows: Vec<NoteRow>,
    /// Whether it is for time that was billed and not used.
    pub(crate) gives_time_back: bool,
    /// Whether it gives nothing: the part of a void invoice that nobody gets.
    pub(crate) void: bool,
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
            id: Some(note.credit_note),
            invoice: note.invoice,
            subtotal: note.net.negated(),
            tax: note.tax.negated(),
            total: note.credit,
            refund: Money::zero(note.credit.currency()),
            rows: rows.collect(),
            gives_time_back: note.lines.iter().any(|line| matches!(line.subject, Subject::Unused { .. })),
            void: false,
        })
    }

    /// What the voiding of an invoice gave back of a part of it, by what was refunded.
    pub(crate) fn of_void(bill: &Bill, total: Money, refund: Money, void: bool) -> Outcome<Note> {
        let share = |money: Money| u32::try_from(money.minor()).map_err(Stop::unsupported);
        let net = bill.total.minus(bill.tax)?;
        let subtotal = prorate(net, share(total)?, share(bill.total)?, Rounding::HalfUp)?;
        Ok(Note {
            id: None,
            invoice: bill.invoice,
            subtotal,
            tax: total.minus(subtotal)?,
            total,
            refund,
            rows: Vec::new(),
            gives_time_back: false,
            void,
        })
    }

    /// What it is among the account's funds.
    pub(crate) fn funds(&self) -> Outcome<Funds> {
        self.id.map(Funds::CreditNote).ok_or_else(|| Stop::unsupported("the credit of a void invoice"))
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
