//! A document adds up: lines to net, VAT by category to VAT, both to gross, the parts due to gross.

use crate::book::{Event, payload};
use crate::invoicing::{CreditNoteIssued, InvoiceIssued, Line, TaxTotal};
use crate::kernel::balance::Balance;
use crate::kernel::money::Money;

type Found = Vec<(&'static str, String)>;

pub(super) fn check(event: &Event, found: &mut Found) {
    if let Some(issued) = payload::<InvoiceIssued>(event) {
        let InvoiceIssued { invoice, lines, taxes, net, tax, gross, due, .. } = issued;
        adds_up(&format!("invoice {invoice}"), lines, taxes, [*net, *tax, *gross], found);
        let parts: Balance = due.iter().map(|part| part.amount).collect();
        if parts != of(*gross) {
            found.push((
                "document-due",
                format!("invoice {invoice} is for {gross}, its parts due are {parts}"),
            ));
        }
    }
    if let Some(note) = payload::<CreditNoteIssued>(event) {
        let CreditNoteIssued { credit_note, lines, taxes, net, tax, credit, .. } = note;
        adds_up(&format!("credit note {credit_note}"), lines, taxes, [*net, *tax, credit.negated()], found);
    }
}

fn adds_up(document: &str, lines: &[Line], taxes: &[TaxTotal], sums: [Money; 3], found: &mut Found) {
    let [net, tax, gross] = sums;
    let of_lines: Balance = lines.iter().map(|line| line.net).collect();
    if of_lines != of(net) {
        found.push(("document-net", format!("{document} says {net} net, its lines come to {of_lines}")));
    }
    let of_taxes: Balance = taxes.iter().map(|tax| tax.tax).collect();
    if of_taxes != of(tax) {
        found.push(("document-tax", format!("{document} says {tax} VAT, its categories come to {of_taxes}")));
    }
    let both: Balance = [net, tax].into_iter().collect();
    if both != of(gross) {
        found.push(("document-gross", format!("{document} says {gross} gross, net and VAT come to {both}")));
    }
}

fn of(amount: Money) -> Balance {
    [amount].into_iter().collect()
}
