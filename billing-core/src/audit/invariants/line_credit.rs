//! What is given back of a line, on later bills and by credit notes, is never more than the line.

use std::collections::BTreeMap;

use crate::book::{Event, payload};
use crate::invoicing::{CreditNoteIssued, InvoiceIssued, InvoiceVoided, Line, LineRef, Subject};
use crate::kernel::balance::Balance;
use crate::kernel::ids::InvoiceId;
use crate::kernel::money::Money;

/// What is left of each line of the invoices that stand.
#[derive(Debug, Default)]
pub(super) struct Lines {
    left: BTreeMap<LineRef, Balance>,
    /// What each invoice has given back of earlier lines: it is not given back if the invoice is voided.
    given_back: BTreeMap<InvoiceId, Vec<(LineRef, Money)>>,
}

impl Lines {
    pub(super) fn add(&mut self, event: &Event, found: &mut Vec<(&'static str, String)>) {
        if let Some(issued) = payload::<InvoiceIssued>(event) {
            for (number, line) in (1..).zip(&issued.lines) {
                let at = LineRef { invoice: issued.invoice, line: number };
                self.left.insert(at, [line.net].into_iter().collect());
            }
            let taken = taken(&issued.lines);
            self.take(&taken, found);
            self.given_back.insert(issued.invoice, taken);
        }
        if let Some(note) = payload::<CreditNoteIssued>(event) {
            self.take(&taken(&note.lines), found);
        }
        if let Some(voided) = payload::<InvoiceVoided>(event) {
            self.left.retain(|at, _| at.invoice != voided.invoice);
            for (at, net) in self.given_back.remove(&voided.invoice).unwrap_or_default() {
                if let Some(left) = self.left.get_mut(&at) {
                    left.subtract(net);
                }
            }
        }
    }

    /// Takes amounts below zero off earlier lines.
    fn take(&mut self, taken: &[(LineRef, Money)], found: &mut Vec<(&'static str, String)>) {
        for (at, net) in taken {
            let LineRef { invoice, line } = at;
            let Some(left) = self.left.get_mut(at) else {
                found.push((
                    "credit-within-line",
                    format!("{net} is taken off line {line} of {invoice}, which is not there"),
                ));
                continue;
            };
            left.add(*net);
            if left.iter().any(|sum| sum.is_negative()) {
                found.push(("credit-within-line", format!("line {line} of {invoice} has {left} left")));
            }
        }
    }
}

fn taken(lines: &[Line]) -> Vec<(LineRef, Money)> {
    let of = |line: &Line| match &line.subject {
        Subject::Unused { line: at, .. } | Subject::Correction { line: at } => Some((*at, line.net)),
        Subject::LateUsage { line: at, .. } if line.gives_back() => Some((*at, line.net)),
        Subject::InterimUsage { line: Some(at), .. } => Some((*at, line.net)),
        Subject::TrueUpTakenBack { line: at, .. } => Some((*at, line.net)),
        Subject::LateUsage { .. } | Subject::InterimUsage { .. } | Subject::TrueUp { .. } => None,
        Subject::Service { .. } | Subject::Fee { .. } | Subject::Work { .. } | Subject::Item { .. } => None,
    };
    lines.iter().filter_map(of).collect()
}
