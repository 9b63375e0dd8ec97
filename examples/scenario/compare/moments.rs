//! States and balances expected against the moments of an account.
//!
//! An entry with a day holds at some moment of it, not before the moment of the entry before; two entries on a day
//! with an action are its first and its last moment. Entries `after` something follow the actions, the last of
//! them the last. An entry with neither holds at the end.

use crate::compare::figures::Checks;
use crate::facts::moment::Moment;
use crate::firm::Firm;
use crate::form::expect::MomentForm;
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// Each entry holds at its moment.
pub(crate) fn moments(key: &str, expected: &[MomentForm], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let lived = &firm.desk.moments;
    let behind_actions: Vec<usize> = (0..lived.len()).filter(|at| lived[*at].action.is_some()).collect();
    let afters = expected.iter().filter(|form| form.after.is_some()).count();
    let first = behind_actions.len().checked_sub(afters);
    let first = first.ok_or_else(|| Stop::differs(key, format!("{afters} actions"), behind_actions.len()))?;
    let mut slots = behind_actions.into_iter().skip(first);
    let mut reached = 0;
    for form in expected {
        let candidates: Vec<usize> = match (&form.after, form.date) {
            (Some(_), _) => slots.next().into_iter().collect(),
            (None, Some(_)) => of_day(form, expected, lived, reached),
            (None, None) => lived.len().checked_sub(1).into_iter().collect(),
        };
        let mut why = Stop::differs(key, format!("a moment {}", place(form)), "none");
        let mut found = None;
        for at in candidates {
            match moment(key, form, &lived[at], checks) {
                Ok(()) => {
                    found = Some(at);
                    break;
                }
                Err(other) => why = other,
            }
        }
        reached = found.ok_or(why)?;
    }
    Ok(())
}

fn of_day(form: &MomentForm, expected: &[MomentForm], lived: &[Moment], reached: usize) -> Vec<usize> {
    let same_day = |at: &usize| Some(lived[*at].on) == form.date;
    let candidates: Vec<usize> = (reached..lived.len()).filter(same_day).collect();
    let twins: Vec<&MomentForm> =
        expected.iter().filter(|other| other.after.is_none() && other.date == form.date).collect();
    match twins.as_slice() {
        [] | [_] => candidates,
        [first, ..] if std::ptr::eq(*first, form) => candidates.into_iter().take(1).collect(),
        [_, ..] => candidates.last().copied().into_iter().collect(),
    }
}

/// A word for how something stands, in the one of several spellings that is used here.
fn usual(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "canceled" | "terminated" | "ended" => "cancelled".to_owned(),
        "success" | "successful" | "paid" => "succeeded".to_owned(),
        "failure" | "payment_failure" => "failed".to_owned(),
        "charged back" | "chargeback" => "charged_back".to_owned(),
        _ => word,
    }
}

fn place(form: &MomentForm) -> String {
    match (&form.after, form.date) {
        (Some(after), _) => format!("after {after}"),
        (None, Some(date)) => format!("on {date}"),
        (None, None) => "at the end".to_owned(),
    }
}

fn moment(key: &str, form: &MomentForm, lived: &Moment, checks: &Checks) -> Outcome {
    let what = |field: &str| format!("{key} {} {field}", place(form));
    let text = |field: &str, expected: &Option<String>, got: Option<&str>| {
        checks.same(what(field), expected.as_ref(), &got.unwrap_or("none").to_owned())
    };
    text("state", &form.state, Some(&lived.state))?;
    let status = |field: &str, expected: &Option<String>, got: Option<&str>| {
        text(field, &expected.as_ref().map(|word| usual(word)), got)
    };
    status("subscription", &form.subscription, lived.base)?;
    status("base", &form.base, lived.base)?;
    status("add_on", &form.add_on, lived.add_on)?;
    checks.number(
        what("bill_cycle_day"),
        form.bill_cycle_day.as_ref(),
        lived.bill_cycle_day.unwrap_or(0).into(),
    )?;
    checks.number(what("unpaid_count"), form.unpaid_count.as_ref(), lived.unpaid_count)?;
    checks.money(what("total_unpaid_balance"), form.total_unpaid_balance.as_ref(), lived.total_unpaid)?;
    checks.same(what("overdue"), form.overdue.as_ref(), &lived.overdue)?;
    checks.money(what("overdue_total"), form.overdue_total.as_ref(), lived.overdue_total)?;
    checks.number(what("payment_requests"), form.payment_requests.as_ref(), lived.requests)?;
    if let Some(expected) = form.due_date_of_first_invoice {
        let got = lived
            .first_due
            .ok_or_else(|| Stop::differs(what("due_date_of_first_invoice"), expected, "no invoice"))?;
        checks.same(what("due_date_of_first_invoice"), Some(&expected), &got)?;
    }
    checks.money(what("account_balance"), form.account_balance.as_ref(), lived.account_balance)?;
    checks.money(what("account_credit"), form.account_credit.as_ref(), lived.account_credit)?;
    checks.money(what("refunded_total"), form.refunded_total.as_ref(), lived.refunded)?;
    if let Some(expected) = &form.payment {
        let (word, amount) = lived.payment.ok_or_else(|| Stop::differs(what("payment"), expected, "none"))?;
        match Figure::parse(expected) {
            Some(figure) => checks.money(what("payment"), Some(&figure), amount)?,
            None => status("payment", &form.payment, Some(word))?,
        }
    }
    if form.invoice_balance.is_none() && form.paid.is_none() {
        return Ok(());
    }
    // The invoice that was last worked with, or else the last one.
    let touched = lived.invoices.iter().find(|(invoice, ..)| Some(*invoice) == lived.touched);
    let (_, open, paid) = touched
        .or(lived.invoices.last())
        .ok_or_else(|| Stop::differs(what("invoice_balance"), "an invoice", "none"))?;
    checks.money(what("invoice_balance"), form.invoice_balance.as_ref(), *open)?;
    checks.money(what("paid"), form.paid.as_ref(), *paid)
}
