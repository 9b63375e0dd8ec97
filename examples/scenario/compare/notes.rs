//! Credit notes expected against those that were issued. Some write their amounts below zero, some above: within
//! one note all are written in the same way.

use std::cell::Cell;

use billing_core::kernel::funds::Funds;
use billing_core::prelude::*;

use crate::compare::figures::Checks;
use crate::facts::note::Note;
use crate::firm::Firm;
use crate::form::expect::{NoteForm, OneOrMany};
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// The notes in the order in which they were issued; further ones may be there, but for none.
pub(crate) fn notes(expected: &[NoteForm], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let issued = &firm.customer(0).notes;
    checks.count();
    if expected.len() > issued.len() || expected.is_empty() && !issued.is_empty() {
        return Err(Stop::differs("credit notes", expected.len(), issued.len()));
    }
    expected.iter().zip(issued).try_for_each(|(form, issued)| note(form, Some(issued), firm, checks))
}

/// All that is said of one note; where none was issued it is one of nothing.
pub(crate) fn note(form: &NoteForm, issued: Option<&Note>, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let zero = Money::zero(firm.case.given.currency);
    let sign = Sign { checks, below: Cell::new(None) };
    let amount = |of: fn(&Note) -> Money| issued.map_or(zero, of);
    sign.money("subtotal", form.subtotal.as_ref(), amount(|note| note.subtotal))?;
    sign.money("total", form.total.as_ref(), amount(|note| note.total))?;
    sign.money("refund", form.refund.as_ref(), amount(|note| note.refund))?;
    let credited = issued.filter(|note| !note.void).map(Note::credited).transpose()?.unwrap_or(zero);
    sign.money("account_credit", form.account_credit.as_ref(), credited)?;
    let page = firm.page(0)?;
    let available = match issued {
        Some(Note { id: Some(id), .. }) => {
            page.receivables.funds(Funds::CreditNote(*id)).map_or(zero, |funds| funds.left)
        }
        Some(note @ Note { id: None, void: false, .. }) => note.credited()?,
        Some(Note { id: None, void: true, .. }) | None => zero,
    };
    sign.money("available_credit", form.available_credit.as_ref(), available)?;
    if let Some(expected) = &form.status {
        checks.same("credit note status", Some(expected), &status(expected, issued, available))?;
    }
    let rows = issued.map(|note| note.rows.as_slice()).unwrap_or_default();
    match &form.tax {
        None => {}
        Some(OneOrMany::One(tax)) => sign.money("tax", Some(tax), amount(|note| note.tax))?,
        Some(OneOrMany::Many(taxes)) => {
            same_count("tax lines", taxes.len(), rows.len())?;
            taxes.iter().zip(rows).try_for_each(|(tax, row)| sign.money("tax", Some(tax), row.tax))?;
        }
    }
    let Some(lines) = &form.lines else { return Ok(()) };
    same_count("lines", lines.len(), rows.len())?;
    for (line, row) in lines.iter().zip(rows) {
        sign.money("taxable", line.taxable.as_ref(), row.taxable)?;
        sign.money("tax", line.tax.as_ref(), row.tax)?;
        sign.money("total", line.total.as_ref(), row.taxable.plus(row.tax)?)?;
    }
    Ok(())
}

/// How a note stands, in the word of the two that hold of it that is asked for: whether it is issued, and whether
/// credit is left on it.
fn status(asked: &str, issued: Option<&Note>, available: Money) -> String {
    let used = match available.is_zero() {
        _ if issued.is_some_and(|note| note.void) => "voided",
        true => "consumed",
        false => "available",
    };
    let word = match (issued, asked.to_ascii_lowercase().as_str()) {
        (None, _) => "none",
        (Some(_), "finalized" | "issued" | "committed") => asked,
        (Some(_), _) => used,
    };
    if word.eq_ignore_ascii_case(asked) { asked.to_owned() } else { word.to_owned() }
}

fn same_count(what: &str, expected: usize, got: usize) -> Outcome {
    match expected == got {
        true => Ok(()),
        false => Err(Stop::differs(format!("credit note {what}"), expected, got)),
    }
}

/// Amounts that are all written above zero, or all below.
struct Sign<'a> {
    checks: &'a Checks,
    below: Cell<Option<bool>>,
}

impl Sign<'_> {
    fn money(&self, what: &str, expected: Option<&Figure>, got: Money) -> Outcome {
        let Some(figure) = expected else { return Ok(()) };
        let below = figure.is_negative();
        if !got.is_zero() && self.below.get().is_some_and(|known| known != below) {
            return Err(Stop::differs(format!("credit note {what}"), figure, "an amount of the other sign"));
        }
        if !got.is_zero() {
            self.below.set(Some(below));
        }
        let got = if below { got.negated() } else { got };
        self.checks.money(format!("credit note {what}"), Some(figure), got)
    }
}
