//! Invoices expected against the bills of an account: each expected one takes a bill on which all of it is so.

use billing_core::book::Account;
use billing_core::prelude::*;

use crate::compare::figures::{Checks, listed};
use crate::compare::lines::{Others, lines};
use crate::facts::bill::Bill;
use crate::facts::line::{Kind, ShownLine};
use crate::facts::standing::open;
use crate::form::expect::{InvoiceForm, InvoiceKeys, LinesForm};
use crate::verdict::{Outcome, Stop};

/// Each expected invoice is there; none at all where the list is empty.
pub(crate) fn invoices(
    expected: &[InvoiceForm],
    bills: &[&Bill],
    page: &Account,
    checks: &Checks,
) -> Outcome {
    if expected.is_empty() {
        checks.count();
        let real: Vec<_> = bills.iter().filter(|bill| bill.is_real()).collect();
        return match real.is_empty() {
            true => Ok(()),
            false => Err(Stop::differs("invoices", "none", listed(real.iter().map(|bill| words(bill))))),
        };
    }
    let mut free: Vec<&Bill> = bills.to_vec();
    for form in expected {
        if none_on(form, bills, checks)? {
            continue;
        }
        let mut nearest = None;
        let found = free.iter().position(|bill| match invoice(form, bill, page, checks) {
            Ok(()) => true,
            Err(why) => {
                let same_day = form.keys.invoice_date.is_none_or(|date| date == bill.on);
                if same_day && nearest.is_none() {
                    nearest = Some(why);
                }
                false
            }
        });
        match found {
            Some(found) => {
                free.remove(found);
            }
            None => return Err(missing(form, nearest, bills)),
        }
    }
    Ok(())
}

/// Whether an invoice without a line is expected, of which there is none on its day.
fn none_on(form: &InvoiceForm, bills: &[&Bill], checks: &Checks) -> Outcome<bool> {
    let empty = matches!(&form.lines, Some(LinesForm::These(lines)) if lines.is_empty());
    let Some(on) = form.keys.invoice_date.filter(|_| empty) else { return Ok(false) };
    if bills.iter().any(|bill| bill.on == on) {
        return Ok(false);
    }
    let none = Bill::empty(on, bills.first().map_or(Currency::USD, |bill| bill.total.currency()));
    checks.money("total", form.keys.total.as_ref(), none.total)?;
    checks.money("lines_total", form.keys.lines_total.as_ref(), none.subtotal)?;
    checks.count();
    let said = InvoiceKeys { invoice_date: None, total: None, lines_total: None, ..form.keys.clone() };
    match said == InvoiceKeys::default() {
        true => Ok(true),
        false => Err(Stop::differs("an invoice", on, "none")),
    }
}

fn missing(form: &InvoiceForm, nearest: Option<Stop>, bills: &[&Bill]) -> Stop {
    let of = form.keys.invoice_date.map_or_else(|| "invoice".to_owned(), |date| format!("invoice of {date}"));
    match nearest {
        Some(Stop::Differs(why)) => Stop::Differs(format!("{of}: {why}")),
        Some(other @ (Stop::Unsupported(_) | Stop::Refused(_))) => other,
        None => Stop::differs("an", of, listed(bills.iter().map(|bill| words(bill)))),
    }
}

fn words(bill: &Bill) -> String {
    format!("{} {}", bill.on, bill.total.major())
}

/// All that is said of one invoice.
pub(crate) fn invoice(form: &InvoiceForm, bill: &Bill, page: &Account, checks: &Checks) -> Outcome {
    let keys = &form.keys;
    checks.same("invoice_date", keys.invoice_date.as_ref(), &bill.on)?;
    let shown: Vec<&ShownLine> = bill.lines.iter().collect();
    match &form.lines {
        None => {}
        Some(LinesForm::These(expected)) => lines(expected, &shown, Others::OnlyTrials, checks)?,
        Some(LinesForm::Count(count)) => {
            let real = shown.iter().filter(|line| line.kind != Kind::Trial).count();
            checks.same("lines", Some(count), &real)?;
        }
    }
    if let Some(period) = &keys.period {
        let (from, to) = days(period)?;
        checks.count();
        if !shown.iter().any(|line| line.from == from && line.to == Some(to)) {
            return Err(Stop::differs("period", period, listed(shown)));
        }
    }
    checks.money("lines_total", keys.lines_total.as_ref(), bill.subtotal)?;
    checks.money("subtotal", keys.subtotal.as_ref(), bill.subtotal)?;
    checks.money("fees", keys.fees.as_ref(), bill.subtotal)?;
    checks.money("discount", keys.discount.as_ref(), bill.discount)?;
    checks.money("tax", keys.tax.as_ref(), bill.tax)?;
    checks.money("progressive_credit", keys.progressive_credit.as_ref(), bill.progressive)?;
    checks.money("total", keys.total.as_ref(), bill.total)?;
    checks.money("account_credit_generated", keys.account_credit_generated.as_ref(), bill.generated())?;
    checks.money("account_credit_used", keys.account_credit_used.as_ref(), bill.credit_used)?;
    checks.money("amount_due", keys.amount_due.as_ref(), bill.due()?)?;
    if let Some(expected) = &keys.status {
        status(expected, bill, page, checks)?;
    }
    match keys.unchanged {
        // An invoice never changes once it is issued; a void one is another matter.
        Some(true) => {
            checks.same("unchanged", Some(&false), &bill.invoice.is_some_and(|id| page.invoicing.is_void(id)))
        }
        Some(false) => Err(Stop::differs("unchanged", "a change", "an invoice, which never changes")),
        None => Ok(()),
    }
}

/// Where an invoice stands. One that is paid, or not, is committed too.
pub(crate) fn status(expected: &str, bill: &Bill, page: &Account, checks: &Checks) -> Outcome {
    let void = bill.invoice.is_some_and(|invoice| page.invoicing.is_void(invoice));
    let settled = bill.invoice.is_some() && open(page, bill).is_zero();
    let expected = match expected.to_ascii_lowercase().as_str() {
        "finalized" | "issued" => "committed".to_owned(),
        "voided" => "void".to_owned(),
        other => other.to_owned(),
    };
    let got = match (bill.draft, void) {
        (true, _) => "draft",
        (false, true) => "void",
        (false, false) if settled && expected == "paid" => "paid",
        (false, false) if !settled && expected == "unpaid" => "unpaid",
        (false, false) => "committed",
    };
    checks.same("status", Some(&expected), &got.to_owned())
}

/// The days of `2024-01-01..2024-02-01`.
pub(crate) fn days(period: &str) -> Outcome<(Date, Date)> {
    let read = |date: &str| date.parse::<Date>().map_err(|_| Stop::unsupported(format!("period {period:?}")));
    let (from, to) =
        period.split_once("..").ok_or_else(|| Stop::unsupported(format!("period {period:?}")))?;
    Ok((read(from)?, read(to)?))
}
