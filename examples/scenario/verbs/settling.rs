//! Unused time that is given back at the end of a subscription: kept as credit, or paid back as far as it was paid
//! and not used.

use billing_core::book::Account;
use billing_core::invoicing::LineRef;
use billing_core::kernel::document::DocumentId;
use billing_core::kernel::funds::Funds;
use billing_core::kernel::ids::SubscriptionId;
use billing_core::kernel::split::split;
use billing_core::prelude::*;

use crate::facts::bill::Bill;
use crate::facts::note::Note;
use crate::facts::standing::{open, paid};
use crate::firm::Firm;
use crate::form::action::Settle;
use crate::metered::is_metered;
use crate::plans;
use crate::verdict::{Outcome, Stop};

/// What becomes of what the customer's credit notes from a place on give back, beside the bill of the end.
///
/// It is the customer's credit, which the last bill has first and no older one; a refund pays back of it what is
/// beyond use; an offset leaves it on the invoice that it corrects.
pub(crate) fn settle(
    firm: &mut Firm<'_>,
    customer: usize,
    (from, bill): (usize, Option<usize>),
    settle: Option<Settle>,
) -> Outcome {
    if settle == Some(Settle::Offset) {
        return Ok(());
    }
    for place in from..firm.customer(customer).notes.len() {
        let note = firm.customer(customer).notes[place].clone();
        take_back(firm, customer, &note)?;
        if settle == Some(Settle::Refund) {
            let refunded = refund(firm, customer, &note)?;
            firm.customer_mut(customer).notes[place].refund = refunded;
        }
        if let Some(bill) = bill {
            set_against(firm, customer, &note, bill)?;
        }
    }
    Ok(())
}

/// Takes a credit note off the invoices that it settled.
fn take_back(firm: &Firm<'_>, customer: usize, note: &Note) -> Outcome {
    let (account, on, funds) = (firm.customer(customer).id, firm.desk.today, note.funds()?);
    let page = firm.page(customer)?;
    for invoice in firm.customer(customer).bills.iter().filter_map(|bill| bill.invoice) {
        if let Some(amount) = page.payments.allocated_to(invoice).get(&funds).copied() {
            firm.give(ReleaseAllocation { account, funds, invoice, amount, on })?;
        }
    }
    Ok(())
}

/// Sets what is left of a credit note against a bill.
fn set_against(firm: &mut Firm<'_>, customer: usize, note: &Note, place: usize) -> Outcome {
    let (account, on, funds) = (firm.customer(customer).id, firm.desk.today, note.funds()?);
    let bill = firm.customer(customer).bills[place].clone();
    let Some(invoice) = bill.invoice else { return Ok(()) };
    let page = firm.page(customer)?;
    let amount = left(&page, funds, note)?.at_most(open(&page, &bill))?;
    if amount.is_positive() {
        firm.give(Allocate { account, funds, invoice, amount, on })?;
    }
    let page = firm.page(customer)?;
    let credits = page.payments.allocated_to(invoice).into_iter();
    let credits = credits.filter(|(funds, _)| !matches!(funds, Funds::Payment(_))).map(|(_, amount)| amount);
    firm.customer_mut(customer).bills[place].credit_used = Money::sum(amount.currency(), credits)?;
    Ok(())
}

/// Pays back of a credit note what is beyond use.
fn refund(firm: &Firm<'_>, customer: usize, note: &Note) -> Outcome<Money> {
    let mut allowed = Money::zero(note.total.currency());
    for row in &note.rows {
        let line = row.line.ok_or_else(|| Stop::unsupported("a refund of a line that is not known"))?;
        allowed = allowed.plus(beyond_use(firm, customer, line, row.taxable)?)?;
    }
    let (account, on, funds) = (firm.customer(customer).id, firm.desk.today, note.funds()?);
    let amount = allowed.at_most(left(&firm.page(customer)?, funds, note)?)?;
    if amount.is_positive() {
        firm.give(Refund { account, funds, amount, on, method: Method::Other })?;
    }
    Ok(amount)
}

fn left(page: &Account, funds: Funds, note: &Note) -> Outcome<Money> {
    Ok(page.receivables.funds(funds).map_or(Money::zero(note.total.currency()), |funds| funds.left))
}

/// A subscription ends with what is paid for, of which nothing is given back; what it counts ends now.
pub(crate) fn serve_what_is_paid(
    firm: &Firm<'_>,
    customer: usize,
    subscription: SubscriptionId,
    end: Date,
) -> Outcome {
    let (account, asked_on) = (firm.customer(customer).id, firm.desk.today);
    for held in firm.customer(customer).holdings.iter().filter(|held| held.subscription == subscription) {
        if let Some(add_on) = held.add_on.clone().filter(|_| counts(firm, &held.plan)) {
            firm.give(RemoveAddOn { account, subscription, add_on, when: When::On(end) })?;
        }
    }
    firm.give(Cancel { account, subscription, when: When::EndOfBilled { asked_on }, reason: None })?;
    Ok(())
}

fn counts(firm: &Firm<'_>, plan: &str) -> bool {
    plans::form(firm.case, Some(plan)).is_ok_and(|plan| is_metered(&plan))
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
