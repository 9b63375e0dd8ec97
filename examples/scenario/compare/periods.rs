//! Periods, cycles and parts of them: which days are billed, and what share of a period they are.

use billing_core::kernel::exact::Exact;
use billing_core::prelude::*;
use billing_core::subscriptions::Segment;

use crate::compare::figures::{Checks, listed};
use crate::facts::line::{Kind, ShownLine};
use crate::firm::Firm;
use crate::form::expect::{FeeForm, PeriodForm, TrueUpForm};
use crate::form::figure::Figure;
use crate::verdict::{Outcome, Stop};

/// All lines of the account's bills, in the order of the bills.
fn all_lines<'a>(firm: &'a Firm<'_>) -> impl Iterator<Item = &'a ShownLine> {
    firm.customer(0).bills.iter().flat_map(|bill| &bill.lines)
}

fn recurring<'a>(firm: &'a Firm<'_>) -> impl Iterator<Item = &'a ShownLine> {
    all_lines(firm).filter(|line| line.kind == Kind::Recurring)
}

/// The first fee on the days that are named.
pub(crate) fn fee(form: &FeeForm, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let on_these = |line: &&ShownLine| {
        form.from.is_none_or(|from| from == line.from) && form.to.is_none_or(|to| Some(to) == line.to)
    };
    let found = recurring(firm).find(on_these);
    let found = found.ok_or_else(|| Stop::differs("fee", "one on these days", listed(recurring(firm))))?;
    checks.money("fee", Some(&form.amount), found.amount)
}

/// The first period that is billed in full, and where the next one begins.
pub(crate) fn period(form: &PeriodForm, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let mut lines = recurring(firm);
    let no = |what| Stop::differs(what, "a period", "none");
    let first = lines.next().ok_or_else(|| no("period"))?;
    if let Some(to) = form.to_exclusive {
        checks.same("to_exclusive", Some(&to), &first.to.ok_or_else(|| no("to_exclusive"))?)?;
    }
    match form.next_from {
        None => Ok(()),
        Some(from) => {
            let next = lines.find(|line| line.from > first.from).ok_or_else(|| no("next_from"))?;
            checks.same("next_from", Some(&from), &next.from)
        }
    }
}

/// Days on which a period begins.
pub(crate) fn renewals(expected: &[Date], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    for day in expected {
        checks.count();
        if !recurring(firm).any(|line| line.from == *day) {
            return Err(Stop::differs(
                "renewals_include",
                day,
                listed(recurring(firm).map(|line| line.from)),
            ));
        }
    }
    Ok(())
}

/// The first day from the start on on which a period of the first subscription turns.
pub(crate) fn first_cycle(expected: Date, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let page = firm.page(0)?;
    let held = firm.customer(0).holdings.first();
    let subscription = held.and_then(|held| page.subscriptions.subscription(held.subscription));
    let timeline = subscription.and_then(|subscription| subscription.plan());
    let first = timeline
        .and_then(|timeline| Some((timeline.first_day()?, timeline.terms_on(timeline.first_day()?)?)));
    let (start, terms) =
        first.ok_or_else(|| Stop::differs("first_bill_cycle_date", expected, "no subscription"))?;
    let period = terms.cycle.period_containing(start)?;
    let turn = if period.from() == start { start } else { period.to() };
    checks.same("first_bill_cycle_date", Some(&expected), &turn)
}

/// How many periods were billed, as a sum of parts: `14/31 + 14/28`, `12/31 + 3`.
pub(crate) fn cycles(expected: &str, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let one = Money::from_major("1", firm.case.given.currency)?;
    let mut wanted = Exact::zero(one.currency());
    for term in expected.split('+') {
        wanted = wanted.plus(
            share(term.trim(), one)
                .ok_or_else(|| Stop::unsupported(format!("billed_cycles {expected:?}")))?,
        )?;
    }
    let mut got = Exact::zero(one.currency());
    for line in recurring(firm) {
        got = got.plus(match line.part {
            Some(part) => Exact::from(one).part(part.days, part.of)?,
            None => Exact::from(one),
        })?;
    }
    checks.count();
    let parts = || {
        recurring(firm)
            .map(|line| line.part.map_or("1".to_owned(), |part| format!("{}/{}", part.days, part.of)))
    };
    match wanted == got {
        true => Ok(()),
        false => Err(Stop::differs("billed_cycles", expected, parts().collect::<Vec<_>>().join(" + "))),
    }
}

fn share(term: &str, one: Money) -> Option<Exact> {
    match term.split_once('/') {
        Some((days, of)) => Exact::from(one).part(days.parse().ok()?, of.parse().ok()?).ok(),
        None => Exact::from(one).times(Quantity::from_figure(term).ok()?).ok(),
    }
}

/// What was charged up to a commitment, period by period; nothing where a period has no such line.
pub(crate) fn true_up(expected: &[TrueUpForm], firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let mut free: Vec<&ShownLine> = all_lines(firm).filter(|line| line.kind == Kind::TrueUp).collect();
    if expected.is_empty() {
        checks.same("true_up", Some(&0), &free.len())?;
    }
    for form in expected {
        let (from, to) = super::invoices::days(&form.period)?;
        let place = free.iter().position(|line| line.from == from && line.to == Some(to));
        let got = place.map_or(Money::zero(firm.case.given.currency), |place| free.remove(place).amount);
        checks.money(format!("true_up of {}", form.period), Some(&form.amount), got)?;
    }
    Ok(())
}

/// What the subscriptions come to in a month, on the last day.
pub(crate) fn monthly(expected: &Figure, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let page = firm.page(0)?;
    let currency = firm.case.given.currency;
    let mut sum = Exact::zero(currency);
    for (_, _, timeline) in page.subscriptions.components() {
        let Some(terms) = timeline.terms_on(firm.desk.today) else { continue };
        let months = match terms.cycle.interval() {
            Interval::Months(months) => months.get(),
            Interval::Days(_) | Interval::Weeks(_) => {
                return Err(Stop::unsupported("mrr_after: of days or weeks"));
            }
        };
        let amount = terms.price.for_quantity(Quantity::whole(terms.quantity.into()), Rounding::HalfUp)?;
        sum = sum.plus(Exact::from(amount).part(1, months.into())?)?;
    }
    checks.money("mrr_after", Some(expected), sum.rounded(Rounding::HalfUp)?)
}

/// Whether something else was asked for; a phase of the same plan that ends is no change.
fn changed(pair: &[Segment<'_>]) -> bool {
    let asked = |segment: &Segment<'_>| segment.terms.map(|terms| (terms.plan().clone(), terms.quantity));
    asked(&pair[0]) != asked(&pair[1])
}

/// How many changes are asked for that begin only after the last action.
pub(crate) fn pending(expected: &Figure, firm: &Firm<'_>, checks: &Checks) -> Outcome {
    let page = firm.page(0)?;
    let after = firm.case.actions.iter().map(|action| action.on).max().unwrap_or(firm.desk.today);
    let mut later = 0;
    for (_, component, timeline) in page.subscriptions.components() {
        // A plan and its charges change together.
        if !component.as_str().starts_with("plan.") {
            let changes = timeline.segments().windows(2).filter(|pair| pair[1].from > after && changed(pair));
            later += changes.count();
        }
    }
    checks.number("pending_changes", Some(expected), later)
}
