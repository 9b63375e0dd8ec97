//! Prices that change by date: from one day on for who subscribes, from another for those who have subscribed.

use billing_core::prelude::*;
use billing_core::subscriptions::ChangePrice;

use crate::firm::Firm;
use crate::form::figure::Figure;
use crate::form::plan::PlanForm;
use crate::verdict::Outcome;

/// The price for those who subscribe on a day; none where no version counts by then.
pub(crate) fn newest(form: &PlanForm, on: Date) -> Option<&Figure> {
    let versions = form.keys.price_versions.iter().filter(|version| version.effective <= on);
    versions.max_by_key(|version| version.effective).map(|version| &version.price)
}

/// Brings prices that change today into the catalogue, and to those who have subscribed.
pub(crate) fn take_effect(firm: &mut Firm<'_>) -> Outcome {
    let today = firm.desk.today;
    let case = firm.case;
    let versioned = case.given.plans.iter().filter(|form| !form.keys.price_versions.is_empty());
    for form in versioned {
        let published = firm.desk.published.iter();
        let published: Vec<(PlanKind, Code)> = published
            .filter(|((name, _), _)| *name == form.keys.plan)
            .map(|((_, kind), code)| (*kind, code.clone()))
            .collect();
        for version in &form.keys.price_versions {
            if version.effective == today {
                for (kind, code) in &published {
                    firm.publish_again(form, *kind, code.clone())?;
                }
            }
            if version.effective_for_existing_subscriptions == Some(today) {
                let price = Price::PerSeat(version.price.money(case.given.currency)?);
                (0..firm.desk.customers.len())
                    .try_for_each(|customer| agree(firm, customer, form, &price))?;
            }
        }
    }
    Ok(())
}

/// The price counts from today on for whoever has the plan.
fn agree(firm: &mut Firm<'_>, customer: usize, form: &PlanForm, price: &Price) -> Outcome {
    let (account, today) = (firm.customer(customer).id, firm.desk.today);
    let page = firm.page(customer)?;
    for held in firm.customer(customer).holdings.iter().filter(|held| held.plan == form.keys.plan) {
        let subscription = page.subscriptions.subscription(held.subscription);
        let over = subscription.and_then(|held| held.cancelled_from()).is_some_and(|end| end <= today);
        if !over {
            let (subscription, component) = (held.subscription, held.add_on.clone());
            let (price, when) = (price.clone(), When::On(today));
            firm.give(ChangePrice { account, subscription, component, price, when })?;
        }
    }
    firm.look_ahead(customer)
}
