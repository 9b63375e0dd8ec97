//! What a period costs, and what that is by the month.

use billing_core::book::{Account, payload};
use billing_core::engine::plan::PlannedEvent;
use billing_core::kernel::exact::Exact;
use billing_core::prelude::*;
use billing_core::subscriptions::{Terms, Timeline};
use billing_examples::program::Outcome;

/// What a subscription's plan with its charges, or one of its add-ons, costs for a whole period from a day on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) quantity: u32,
    /// `None` where it is counted.
    pub(crate) amount: Option<Money>,
    interval: Interval,
}

impl Cost {
    /// `None` where nothing is served from that day on.
    pub(crate) fn of(account: &Account, id: SubscriptionId, head: &Code, day: Date) -> Outcome<Option<Cost>> {
        let Some(subscription) = account.subscriptions.subscription(id) else { return Ok(None) };
        let charges = format!("{head}.");
        let mut cost: Option<Cost> = None;
        for (component, timeline) in subscription.timelines() {
            if component != head && !component.as_str().starts_with(&charges) {
                continue;
            }
            let Some(terms) = served_from(&timeline, day) else { continue };
            let amount = match terms.meter() {
                Some(_) => None,
                None => {
                    Some(terms.price.for_quantity(Quantity::whole(terms.quantity.into()), Rounding::HalfUp)?)
                }
            };
            cost = Some(match cost {
                None => Cost { quantity: terms.quantity, amount, interval: terms.cycle.interval() },
                Some(cost) => Cost { amount: sum(cost.amount, amount)?, ..cost },
            });
        }
        Ok(cost)
    }

    /// The amount by the month: of a year's twelfth, where periods are days or weeks.
    pub(crate) fn monthly(&self) -> Outcome<Option<Money>> {
        let Some(amount) = self.amount else { return Ok(None) };
        let (parts, of) = match self.interval {
            Interval::Months(months) => (1, u32::from(months.get())),
            Interval::Weeks(weeks) => (52, 12 * u32::from(weeks.get())),
            Interval::Days(days) => (365, 12 * u32::from(days.get())),
        };
        Ok(Some(Exact::from(amount).part(parts, of)?.rounded(Rounding::HalfUp)?))
    }
}

fn sum(one: Option<Money>, other: Option<Money>) -> Outcome<Option<Money>> {
    Ok(match (one, other) {
        (Some(one), Some(other)) => Some(one.plus(other)?),
        (one, other) => one.or(other),
    })
}

/// The terms of a day, or of the first day behind it that is served.
fn served_from<'a>(timeline: &Timeline<'a>, day: Date) -> Option<Terms<'a>> {
    let later = timeline.segments().iter().filter(|segment| day < segment.from);
    timeline.terms_on(day).or_else(|| later.filter_map(|segment| segment.terms).next())
}

/// What documents come to before VAT.
pub(crate) fn net(planned: &[PlannedEvent], currency: Currency) -> Outcome<Money> {
    let invoices = planned.iter().filter_map(|event| payload::<InvoiceIssued>(&event.event));
    let notes = planned.iter().filter_map(|event| payload::<CreditNoteIssued>(&event.event));
    let lines = invoices.flat_map(|invoice| &invoice.lines).chain(notes.flat_map(|note| &note.lines));
    Ok(Money::sum(currency, lines.map(|line| line.net))?)
}
