//! Sums over the account's documents.

use billing_core::prelude::*;

use crate::compare::figures::{Checks, listed};
use crate::compare::invoices;
use crate::desk::Adjustment;
use crate::facts::bill::Bill;
use crate::facts::line::{Kind, ShownLine};
use crate::facts::standing::{balance, open, paid};
use crate::firm::Firm;
use crate::form::expect::{
    AdjustmentForm, AttemptForm, OneOrMany, OneOrNamed, ParentForm, PreviewForm, TerminationForm,
};
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

use super::lines::{Others, lines};

/// The bills that a question without a name is about: those of the last run that was asked for, or all.
pub(crate) fn asked<'a>(firm: &'a Firm<'_>) -> Vec<&'a Bill> {
    match &firm.desk.last_run {
        Some(run) => run.iter().map(|(customer, bill)| &firm.customer(*customer).bills[*bill]).collect(),
        None => firm.customer(0).real_bills().collect(),
    }
}

/// The lines of some bills.
pub(crate) fn lines_of<'a>(bills: &[&'a Bill]) -> Vec<&'a ShownLine> {
    bills.iter().flat_map(|bill| &bill.lines).collect()
}

/// The sum of some amounts.
pub(crate) fn sum(firm: &Firm<'_>, amounts: impl IntoIterator<Item = Money>) -> Outcome<Money> {
    Ok(Money::sum(firm.case.given.currency, amounts)?)
}

/// The last bill with an amount.
pub(crate) fn last<'a>(firm: &'a Firm<'_>) -> Outcome<&'a Bill> {
    firm.customer(0).real_bills().last().ok_or_else(|| Stop::differs("an invoice", "one", "none"))
}

/// What lines of a kind come to over all accounts.
pub(crate) fn of_kind(firm: &Firm<'_>, kind: Kind) -> Outcome<Money> {
    let bills = firm.desk.customers.iter().flat_map(|books| &books.bills);
    sum(firm, bills.flat_map(|bill| bill.of_kind(kind)).map(|line| line.amount))
}

/// What was given back for time that was not used, on bills and on credit notes of their own.
pub(crate) fn unused(firm: &Firm<'_>) -> Outcome<Money> {
    let notes = firm.desk.customers.iter().flat_map(|books| &books.notes).filter(|note| note.gives_time_back);
    sum(firm, notes.map(|note| note.subtotal.negated()).chain([of_kind(firm, Kind::UnusedTimeCredit)?]))
}

/// `5.00 (Sep) + 5.00 x 14/31 (10-01..10-15) + 10.00`: one term a line of the last run.
pub(crate) fn hint(words: &str, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let no = || Stop::unsupported(format!("lines_hint {words:?}"));
    let mut wanted = Vec::new();
    for term in words.split(" + ") {
        let term = term.split_once('(').map_or(term, |(term, _)| term).trim();
        let (price, part) = term.split_once(" x ").map_or((term, None), |(price, part)| (price, Some(part)));
        let price = Figure::parse(price).ok_or_else(no)?.money(firm.case.given.currency)?;
        wanted.push(match part.map(|part| part.split_once('/').ok_or_else(no)).transpose()? {
            None => price,
            Some((days, of)) => {
                let (days, of) = (days.parse().map_err(|_| no())?, of.parse().map_err(|_| no())?);
                billing_core::kernel::proration::prorate(price, days, of, Rounding::HalfUp)?
            }
        });
    }
    let mut got: Vec<Money> = lines_of(&asked(firm)).iter().map(|line| line.amount).collect();
    wanted.sort_by_key(|amount| amount.minor());
    got.sort_by_key(|amount| amount.minor());
    checks.count();
    match wanted == got {
        true => Ok(()),
        false => Err(Stop::differs("lines_hint", words, listed(got.iter().map(|got| got.major())))),
    }
}

/// The tax of each line of the last bill by itself: what they come to need not be the tax of the bill, which is
/// rounded once.
pub(crate) fn line_taxes(firm: &Firm<'_>) -> Outcome<Vec<Money>> {
    let lines = last(firm)?.lines.iter();
    lines.map(|line| Ok(line.rate.of(line.amount.minus(line.discount)?, Rounding::HalfUp)?)).collect()
}

/// What was taken off invoices: each one expected is there; none at all where the list is empty.
pub(crate) fn adjustments(expected: &[AdjustmentForm], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let mut free: Vec<&Adjustment> = firm.customer(0).adjustments.iter().collect();
    if expected.is_empty() {
        checks.same("adjustments", Some(&0), &free.len())?;
    }
    for form in expected {
        checks.count();
        let found = free.iter().position(|made| {
            form.invoice.is_none_or(|invoice| invoice == made.invoice)
                && form.kind.as_ref().is_none_or(|kind| kind == made.kind)
                && form.amount.money(made.amount.currency()) == Ok(made.amount)
        });
        let all =
            || free.iter().map(|made| format!("{} {} {}", made.invoice, made.kind, made.amount.major()));
        match found {
            Some(found) => {
                free.remove(found);
            }
            None => {
                return Err(Stop::differs("adjustment", &form.amount, listed(all())));
            }
        }
    }
    Ok(())
}

/// The bill with which a subscription ended.
pub(crate) fn termination<'a>(firm: &'a Firm<'_>) -> Outcome<&'a Bill> {
    let place = firm.desk.termination.ok_or_else(|| Stop::differs("termination_invoice", "one", "none"))?;
    Ok(&firm.customer(place.0).bills[place.1])
}

pub(crate) fn termination_invoice(form: &TerminationForm, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let bill = termination(firm)?;
    checks.money("credit_note_applied", form.credit_note_applied.as_ref(), bill.credit_used)?;
    let mut form = form.clone();
    // Beside what was applied the total may be written as what is left after it.
    let total = form.invoice.keys.total.take_if(|_| form.credit_note_applied.is_some());
    if let Some(total) = total {
        let left = bill.due()?;
        let got = if total.money(left.currency()) == Ok(left) { left } else { bill.total };
        checks.money("total", Some(&total), got)?;
    }
    invoices::invoice(&form.invoice, bill, &firm.page(0)?, checks)
}

/// The consolidated invoice of the account of the case.
pub(crate) fn parent(form: &ParentForm, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let currency = firm.case.given.currency;
    let issued =
        firm.desk.consolidated.iter().rfind(|issued| form.date.is_none_or(|on| on == issued.issued_on));
    let issued = issued.ok_or_else(|| Stop::differs("parent_invoice", "one", "none"))?;
    if let Some(expected) = &form.lines {
        checks.count();
        let mut wanted: Vec<(String, String)> = Vec::new();
        for line in expected {
            wanted.push((line.child.clone(), line.amount.money(currency)?.major()));
        }
        let name = |account| firm.desk.customers.iter().find(|child| child.id == account)?.name.clone();
        let lines = issued.lines.iter().map(|line| (name(line.account), line.amount.major()));
        let mut lines: Vec<(String, String)> =
            lines.map(|(child, amount)| (child.unwrap_or_default(), amount)).collect();
        wanted.sort();
        lines.sort();
        if wanted != lines {
            let words = |all: &[(String, String)]| {
                listed(all.iter().map(|(child, amount)| format!("{child} {amount}")))
            };
            return Err(Stop::differs("parent_invoice lines", words(&wanted), words(&lines)));
        }
    }
    let paid = paid(&firm.page(0)?, issued.invoice, currency)?;
    checks.money("parent_invoice paid", form.paid.as_ref(), paid)?;
    checks.money("parent_invoice total", form.total.as_ref(), issued.total)
}

/// What the children owe: of each the same, or one by one.
pub(crate) fn children_balance(expected: &OneOrNamed, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let check = |child: &str, figure: &Figure| {
        let place = firm.desk.customers.iter().position(|books| books.name.as_deref() == Some(child));
        let place = place.ok_or_else(|| Stop::differs("children_balance", child, "no such child"))?;
        let owes = balance(&firm.page(place)?, firm.case.given.currency)?;
        checks.money(format!("children_balance of {child}"), Some(figure), owes)
    };
    match expected {
        OneOrNamed::One(figure) => {
            let mut children = firm.desk.customers.iter().filter_map(|books| books.name.as_deref());
            children.try_for_each(|child| check(child, figure))
        }
        OneOrNamed::Named(each) => each.iter().try_for_each(|(child, figure)| check(child, figure)),
    }
}

pub(crate) fn previews(expected: &[PreviewForm], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let shown = &firm.desk.previews;
    checks.same("previews", Some(&expected.len()), &shown.len())?;
    for (form, preview) in expected.iter().zip(shown) {
        checks.same("target_date", form.target_date.as_ref(), &preview.target)?;
        let bills: Vec<&Bill> = preview.bills.iter().collect();
        let got = lines_of(&bills);
        if let Some(expected) = &form.lines {
            lines(expected, &got, Others::OnlyTrials, checks)?;
        }
        if let Some(expected) = &form.lines_include {
            lines(expected, &got, Others::Any, checks)?;
        }
        checks.money(
            "preview total",
            form.total.as_ref(),
            sum(firm, bills.iter().map(|bill| bill.total))?,
        )?;
    }
    Ok(())
}

/// Each run of a dunning campaign.
pub(crate) fn attempts(expected: &[AttemptForm], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    for form in expected {
        let run = firm.desk.dunning.runs.iter().find(|run| run.on == form.date);
        let run = run.ok_or_else(|| Stop::differs("attempts", form.date, "no run"))?;
        for (code, figure) in &form.counts {
            let currency =
                Currency::parse(code).map_err(|_| Stop::unsupported(format!("attempts: {code}")))?;
            let got = run.attempts.get(&currency).copied().unwrap_or(0);
            checks.number(
                format!("attempts on {} in {code}", form.date),
                Some(figure),
                usize::try_from(got).unwrap_or(0),
            )?;
        }
        let got = if run.finished { "campaign_finished exactly once" } else { "none" };
        checks.same("event", form.event.as_ref(), &got.to_owned())?;
    }
    Ok(())
}

/// How many invoices that were issued are not paid.
pub(crate) fn unpaid(expected: &Figure, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let page = firm.page(0)?;
    let open = firm.customer(0).bills.iter().filter(|bill| open(&page, bill).is_positive());
    checks.number("unpaid_committed_invoices", Some(expected), open.count())
}

/// What credit notes come to, one by one or together.
pub(crate) fn notes_total(expected: &OneOrMany, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let got: Vec<Money> = firm.customer(0).notes.iter().map(|note| note.total).collect();
    match expected {
        OneOrMany::One(figure) => checks.money("credit_notes_incl_tax", Some(figure), sum(firm, got)?),
        OneOrMany::Many(figures) => checks.amounts("credit_notes_incl_tax", figures, &got),
    }
}
