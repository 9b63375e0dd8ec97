//! Unused time that is paid back: as much as was paid of it beyond what was used.

use billing_core::invoicing::LineRef;
use billing_core::kernel::document::DocumentId;
use billing_core::kernel::funds::Funds;
use billing_core::kernel::split::split;
use billing_core::prelude::*;

use crate::facts::bill::Bill;
use crate::facts::standing::paid;
use crate::firm::Firm;
use crate::verdict::{Outcome, Stop};

/// Pays back what the customer's credit notes from a place on allow; the rest stays credit.
pub(crate) fn refund(firm: &mut Firm<'_>, customer: usize, from: usize) -> Outcome {
    for place in from..firm.customer(customer).notes.len() {
        let note = firm.customer(customer).notes[place].clone();
        let mut allowed = Money::zero(note.total.currency());
        for row in &note.rows {
            let line = row.line.ok_or_else(|| Stop::unsupported("a refund of a line that is not known"))?;
            allowed = allowed.plus(beyond_use(firm, customer, line, row.taxable)?)?;
        }
        let (account, on, funds) = (firm.customer(customer).id, firm.desk.today, Funds::CreditNote(note.id));
        let page = firm.page(customer)?;
        let left = page.receivables.funds(funds).map_or(Money::zero(allowed.currency()), |funds| funds.left);
        let amount = allowed.at_most(note.total)?.at_most(left)?;
        if amount.is_positive() {
            firm.give(Refund { account, funds, amount, on, method: Method::Other })?;
            firm.customer_mut(customer).notes[place].refund = amount;
        }
    }
    Ok(())
}

/// The share of a line in what was paid on its invoice, less what was used of it; never below zero.
fn beyond_use(firm: &Firm<'_>, customer: usize, line: LineRef, unused: Money) -> Outcome<Money> {
    let no = || Stop::unsupported("a refund of a line that is not known");
    let bills = &firm.customer(customer).bills;
    let bill: &Bill = bills.iter().find(|bill| bill.invoice == Some(line.invoice)).ok_or_else(no)?;
    let of_invoice = DocumentId::Invoice(line.invoice);
    let place = bill.lines.iter().position(|shown| shown.document == Some((of_invoice, line.line)));
    let place = place.ok_or_else(no)?;
    let mut grosses = Vec::new();
    for shown in &bill.lines {
        let net = shown.amount.minus(shown.discount)?;
        let gross = net.plus(shown.rate.of(net, Rounding::HalfUp)?)?;
        grosses.push(u64::try_from(gross.minor()).unwrap_or(0));
    }
    let received = paid(&firm.page(customer)?, line.invoice, firm.case.given.currency)?;
    let share = *split(received, &grosses)?.get(place).ok_or_else(no)?;
    let shown = &bill.lines[place];
    let used = shown.amount.minus(shown.discount)?.minus(unused)?;
    let beyond = share.minus(used.plus(shown.rate.of(used, Rounding::HalfUp)?)?)?;
    Ok(if beyond.is_negative() { Money::zero(beyond.currency()) } else { beyond })
}
