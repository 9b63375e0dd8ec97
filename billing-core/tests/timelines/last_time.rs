//! The law of a run with review: who is billed without being looked at gets the last invoice again, but for its period,
//! its dates and its number. Told from the documents alone, so that it is no second reading of the decision.

use std::collections::BTreeMap;

use billing_core::book::Account;
use billing_core::invoicing::{Line, Subject};
use billing_core::kernel::ids::SubscriptionId;
use billing_core::prelude::*;

type Component<'a> = (SubscriptionId, &'a Code);

/// The service lines of an invoice, component by component, in order of time.
fn services(invoice: &InvoiceIssued) -> BTreeMap<Component<'_>, Vec<(Period, &Line)>> {
    let mut services: BTreeMap<Component<'_>, Vec<(Period, &Line)>> = BTreeMap::new();
    for line in &invoice.lines {
        if let Subject::Service { subscription, component, period, .. } = &line.subject {
            services.entry((*subscription, component)).or_default().push((*period, line));
        }
    }
    services.values_mut().for_each(|lines| lines.sort_by_key(|(period, _)| *period));
    services
}

/// The line as it would be for the days of another one, and for what was counted on them.
fn for_the_days_of(line: &Line, of: &Line) -> Line {
    let mut same = line.clone();
    if let (
        Subject::Service { period, phase, committed, meter, .. },
        Subject::Service { period: then, phase: of_phase, committed: of_committed, .. },
    ) = (&mut same.subject, &of.subject)
    {
        (*period, *phase, *committed) = (*then, *of_phase, *of_committed);
        if meter.is_some() {
            (same.quantity, same.net) = (of.quantity, of.net);
            let which = |line: &Line| line.discounts.iter().map(|off| off.discount).collect::<Vec<_>>();
            if which(line) == which(of) {
                same.discounts = of.discounts.clone();
            }
        }
    }
    same
}

/// Whether an invoice through a day is the last one again. `standing` are those issued before and not voided, oldest
/// first.
pub(crate) fn is_again(
    page: &Account,
    standing: &[&InvoiceIssued],
    now: &InvoiceIssued,
    through: Date,
) -> Result<(), String> {
    let last = standing.iter().rfind(|invoice| !services(invoice).is_empty()).ok_or("there was no bill")?;
    let header = |invoice: &InvoiceIssued| {
        let InvoiceIssued { terms, purchase_order, line_rounding, tax_rounding, dialect, .. } =
            invoice.clone();
        (terms, purchase_order, line_rounding, tax_rounding, dialect)
    };
    if header(now) != header(last) {
        return Err(format!("{:?} after {:?}", header(now), header(last)));
    }
    let lines = services(now);
    if lines.values().map(Vec::len).sum::<usize>() != now.lines.len() {
        return Err("something stands beside the periods".to_owned());
    }
    for (component, lines) in &lines {
        // Where an older invoice was declared void and its days were billed again, the newest one is not the one before.
        let (subscription, code) = *component;
        let newest = page.invoicing.billed_days(subscription, code).map(|days| days.last_day()).max();
        let before = standing
            .iter()
            .rev()
            .filter_map(|invoice| services(invoice).remove(component))
            .find(|lines| newest.is_none_or(|day| lines.iter().any(|(period, _)| period.contains(day))));
        let before = before.ok_or_else(|| format!("{component:?} is new"))?;
        let mut from = before.last().map(|(period, _)| period.to());
        if lines.len() != before.len() {
            return Err(format!("{component:?} has {} lines after {}", lines.len(), before.len()));
        }
        for ((period, line), (_, then)) in lines.iter().zip(before) {
            if from.replace(period.to()) != Some(period.from()) {
                return Err(format!("{component:?}: {period} does not follow"));
            }
            let same = for_the_days_of(line, then);
            if same != *then {
                return Err(format!("{component:?}: {same:?} after {then:?}"));
            }
        }
    }
    for (component, before) in services(last).iter().filter(|(component, _)| !lines.contains_key(component)) {
        let end = before.last().map_or(Date::MAX, |(period, _)| period.to());
        let timeline =
            page.subscriptions.subscription(component.0).and_then(|one| one.component(component.1));
        if end <= through && timeline.is_none_or(|timeline| timeline.terms_on(end).is_none()) {
            return Err(format!("{component:?} is missing"));
        }
    }
    Ok(())
}

/// Whether the newest invoice for service days was declared void since: there is no last bill then, and what is billed is
/// looked at, also where it is an older one again.
pub(crate) fn was_void(page: &Account, issued: &[InvoiceIssued]) -> bool {
    let newest = issued.iter().rfind(|invoice| !services(invoice).is_empty());
    newest.is_some_and(|invoice| page.invoicing.is_void(invoice.invoice))
}

/// Whether days that the last invoice of a component billed were given back since: no invoice shows it.
pub(crate) fn gave_back(page: &Account, standing: &[&InvoiceIssued]) -> bool {
    standing.iter().flat_map(|invoice| services(invoice)).any(|((subscription, component), lines)| {
        lines.into_iter().any(|(period, _)| {
            let mut billed = page.invoicing.billed_days(subscription, component);
            !billed.any(|days| days.from() <= period.from() && period.to() <= days.to())
        })
    })
}
