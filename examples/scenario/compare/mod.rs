//! What is expected against what is so.

mod balances;
pub(crate) mod figures;
mod invoices;
mod lines;
mod moments;
mod notes;
mod periods;
mod refusals;
mod totals;

use billing_core::prelude::*;
use figures::{Checks, listed};
use lines::Others;

use crate::day::live;
use crate::facts::bill::Bill;
use crate::facts::line::Kind;
use crate::firm::Firm;
use crate::form::Case;
use crate::form::expect::{Expectation, FeeForm};
use crate::form::figure::Figure;
use crate::pure;
use crate::pure::change::Amounts;
use crate::verdict::{Outcome, Stop};

/// Lives a case and compares all that it expects.
pub(crate) fn case(case: &Case) -> Outcome {
    let checks = Checks::default();
    if let Some(amounts) = pure::change::amounts(case)? {
        case.expect.iter().try_for_each(|(key, expectation)| change(key, expectation, amounts, &checks))?;
    } else if let [(_, Expectation::Results(rows))] = case.expect.as_slice()
        && case.actions.is_empty()
    {
        pure::results::compare(case, rows, &checks)?;
    } else {
        let firm = live(case)?;
        case.expect.iter().try_for_each(|(key, expectation)| compare(key, expectation, &firm, &checks))?;
    }
    match checks.none() {
        true => Err(Stop::unsupported("nothing of it could be compared")),
        false => Ok(()),
    }
}

/// What a change given in words comes to.
fn change(key: &str, expectation: &Expectation, amounts: Amounts, checks: &Checks) -> Outcome {
    let optional = |expected: &Option<Figure>, got: Option<Money>| match (expected, got) {
        (Some(figure), Some(got)) => checks.money(key, Some(figure), got),
        (None, None) => {
            checks.count();
            Ok(())
        }
        (Some(figure), None) => Err(Stop::differs(key, figure, "none")),
        (None, Some(got)) => Err(Stop::differs(key, "none", got.major())),
    };
    if let Expectation::Credit(expected) = expectation {
        optional(expected, amounts.credit)
    } else if let Expectation::Charge(expected) = expectation {
        optional(expected, amounts.charge)
    } else if let Expectation::Net(expected) = expectation {
        optional(expected, Some(amounts.net))
    } else if let Expectation::Total(expected) = expectation {
        checks.money(key, Some(expected), amounts.net)
    } else {
        Err(Stop::unsupported(format!("expectation {key} of a change in words")))
    }
}

fn compare(key: &str, expectation: &Expectation, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let books = firm.customer(0);
    let bills: Vec<&Bill> = books.bills.iter().collect();
    let money = |figure: &Figure, got: Money| checks.money(key, Some(figure), got);
    let first = || books.real_bills().next().ok_or_else(|| Stop::differs(key, "an invoice", "none"));
    match expectation {
        Expectation::Invoices(expected) => invoices::invoices(expected, &bills, &firm.page(0)?, checks),
        Expectation::Invoice(expected) => invoices::invoice(expected, first()?, &firm.page(0)?, checks),
        Expectation::InvoiceOn(on, expected) => {
            let empty = Bill::empty(*on, firm.case.given.currency);
            let on_day: Vec<&Bill> = books.real_bills().filter(|bill| bill.on == *on).collect();
            match on_day.as_slice() {
                [] => invoices::invoice(expected, &empty, &firm.page(0)?, checks),
                some => invoices::invoices(std::slice::from_ref(expected), some, &firm.page(0)?, checks),
            }
        }
        Expectation::InvoiceSubtotals(expected) => {
            let got: Vec<Money> = books.real_bills().map(|bill| bill.subtotal).collect();
            checks.amounts(key, expected, &got)
        }
        Expectation::InvoiceTax(expected) => money(expected, totals::last(firm)?.tax),
        Expectation::InvoiceTotal(expected) => money(expected, totals::last(firm)?.total),
        Expectation::FirstInvoiceTotal(expected) => money(expected, first()?.total),
        Expectation::InvoiceStatus(expected) => {
            invoices::status(expected, totals::last(firm)?, &firm.page(0)?, checks)
        }
        Expectation::TerminationInvoice(expected) => totals::termination_invoice(expected, firm, checks),
        Expectation::TerminationInvoiceTotal(expected) => money(expected, totals::termination(firm)?.total),
        Expectation::TerminationInvoiceAmountDue(expected) => {
            money(expected, totals::termination(firm)?.due()?)
        }
        Expectation::ParentInvoice(expected) => totals::parent(expected, firm, checks),
        Expectation::Previews(expected) => totals::previews(expected, firm, checks),
        Expectation::CreditNote(expected) => notes::note(expected, books.notes.last(), firm, checks),
        Expectation::CreditNotes(expected) => notes::notes(expected, firm, checks),
        Expectation::CreditNotesInclTax(expected) => totals::notes_total(expected, firm, checks),
        Expectation::CreditNoteForUnusedAdvance(expected) => {
            money(expected, totals::sum(firm, books.notes.iter().map(|note| note.total))?)
        }
        Expectation::Adjustments(expected) => totals::adjustments(expected, firm, checks),
        Expectation::AdjustmentLines(expected) => {
            checks.same(key, Some(&expected.len()), &books.adjustments.len())?;
            totals::adjustments(expected, firm, checks)
        }
        Expectation::AdjustmentTotal(expected) => {
            money(expected, totals::sum(firm, books.adjustments.iter().map(|made| made.amount))?)
        }
        Expectation::Balances(expected) => balances::balances(expected, firm, checks),
        Expectation::Moments(expected) => moments::moments(key, expected, firm, checks),
        Expectation::ChildrenBalance(expected) => totals::children_balance(expected, firm, checks),
        Expectation::PaymentAttempts(expected) => {
            for (on, days) in expected {
                let bill = books.real_bills().find(|bill| bill.on == *on).and_then(|bill| bill.invoice);
                let tried = bill.and_then(|invoice| books.attempts.get(&invoice)).map(Vec::as_slice);
                checks.same(
                    format!("{key} of {on}"),
                    Some(&listed(days)),
                    &listed(tried.unwrap_or_default()),
                )?;
            }
            Ok(())
        }
        Expectation::Attempts(expected) => totals::attempts(expected, firm, checks),
        Expectation::PaymentRequestsTotal(expected) => {
            checks.number(key, Some(expected), firm.desk.dunning.requests)
        }
        Expectation::UnpaidCommittedInvoices(expected) => totals::unpaid(expected, firm, checks),
        Expectation::UnusedTimeCredit(expected) => money(expected, totals::unused(firm)?),
        Expectation::Fee(expected) => periods::fee(expected, firm, checks),
        Expectation::Lines(expected) => {
            lines::lines(expected, &totals::lines_of(&totals::asked(firm)), Others::OnlyTrials, checks)
        }
        Expectation::LinesHint(words) => totals::hint(words, firm, checks),
        Expectation::LineDiscounts(expected) => {
            let got: Vec<Money> = totals::last(firm)?.lines.iter().map(|line| line.discount).collect();
            checks.amounts(key, expected, &got)
        }
        Expectation::LineTaxes(expected) => checks.amounts(key, expected, &totals::line_taxes(firm)?),
        Expectation::SumOfLineTaxes(expected) => {
            money(expected, totals::sum(firm, totals::line_taxes(firm)?)?)
        }
        Expectation::FeesTotal(expected) => {
            money(expected, totals::sum(firm, books.real_bills().map(|bill| bill.subtotal))?)
        }
        Expectation::DiscountTotal(expected) => money(expected, totals::last(firm)?.discount),
        Expectation::TrueUp(expected) => periods::true_up(expected, firm, checks),
        Expectation::TotalUsageBilled(expected) => money(expected, totals::of_kind(firm, Kind::Usage)?),
        Expectation::RenewalsInclude(expected) => periods::renewals(expected, firm, checks),
        Expectation::FirstBillCycleDate(expected) => periods::first_cycle(*expected, firm, checks),
        Expectation::BilledCycles(expected) => periods::cycles(expected, firm, checks),
        Expectation::Period(expected) => periods::period(expected, firm, checks),
        Expectation::MrrAfter(expected) => periods::monthly(expected, firm, checks),
        Expectation::PendingChanges(expected) => periods::pending(expected, firm, checks),
        Expectation::CreditsGranted(expected) => {
            money(expected, firm.desk.credits_granted.unwrap_or(Money::zero(firm.case.given.currency)))
        }
        Expectation::Total(expected) => {
            money(expected, totals::sum(firm, totals::asked(firm).iter().map(|bill| bill.total))?)
        }
        Expectation::WithTrial(days, expected) => with_trial(*days, expected, firm.case, checks),
        Expectation::Error(expected) => refusals::refusal(expected, firm, checks),
        Expectation::Results(rows) => pure::results::compare(firm.case, rows, checks),
        Expectation::Net(_) | Expectation::Credit(_) | Expectation::Charge(_) => Err(Stop::unsupported(key)),
    }
}

/// The fee that a case expects, once more with a trial before it: other days are billed up to the same end. Without
/// one it is the first invoice.
fn with_trial(days: u16, expected: &Figure, case: &Case, checks: &Checks) -> Outcome {
    let fee = case
        .expect
        .iter()
        .find_map(|(_, expectation)| if let Expectation::Fee(fee) = expectation { Some(fee) } else { None });
    let mut tried = case.clone();
    tried.given.plans.iter_mut().for_each(|plan| plan.keys.trial_days = Some(days));
    let Some(fee) = fee else {
        let firm = live(&tried)?;
        let first = firm.customer(0).real_bills().next();
        let zero = Money::zero(case.given.currency);
        return checks.money("a trial", Some(expected), first.map_or(zero, |bill| bill.total));
    };
    let wanted = FeeForm { from: None, to: fee.to, amount: expected.clone() };
    periods::fee(&wanted, &live(&tried)?, checks)
}
