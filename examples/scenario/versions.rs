//! Prices that change by date: from one day on for who subscribes, from another for those who have subscribed.

use billing_core::prelude::*;

use crate::firm::Firm;
use crate::form::figure::Figure;
use crate::form::plan::{PlanForm, PriceVersion};
use crate::verdict::Outcome;

/// The price for those who subscribe on a day; none where no version counts by then.
pub(crate) fn newest(form: &PlanForm, on: Date) -> Option<&Figure> {
    version(form, on).map(|version| &version.price)
}

/// What becomes of those who subscribed to an earlier version than that of a day.
pub(crate) fn existing(form: &PlanForm, on: Date) -> Existing {
    let moves = version(form, on).and_then(|version| version.effective_for_existing_subscriptions);
    moves.map_or(Existing::Grandfathered, Existing::MigrateFrom)
}

fn version(form: &PlanForm, on: Date) -> Option<&PriceVersion> {
    let versions = form.keys.price_versions.iter().filter(|version| version.effective <= on);
    versions.max_by_key(|version| version.effective)
}

/// Brings prices that change today into the catalogue, and to those who have subscribed.
pub(crate) fn take_effect(firm: &mut Firm<'_>) -> Outcome {
    let today = firm.desk.today;
    let case = firm.case;
    let versioned = case.given.plans.iter().filter(|form| !form.keys.price_versions.is_empty());
    for form in versioned {
        let published = firm.desk.published.iter();
        let published: Vec<(PlanKind, Code)> = published
            .filter(|((name, ..), _)| *name == form.keys.plan)
            .map(|((_, kind, _), code)| (*kind, code.clone()))
            .collect();
        for version in &form.keys.price_versions {
            if version.effective == today {
                for (kind, code) in &published {
                    firm.publish_again(form, *kind, code.clone())?;
                }
            }
            if version.effective_for_existing_subscriptions == Some(today) {
                for customer in 0..firm.desk.customers.len() {
                    let account = firm.customer(customer).id;
                    firm.give(MigrateAccount { account, through: today })?;
                    firm.look_ahead(customer)?;
                }
            }
        }
    }
    Ok(())
}
