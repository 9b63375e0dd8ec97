//! What customers have beside the plan of a subscription: how they add to it, change it and give it up.

use billing_core::prelude::*;
use billing_core::subscriptions::{AddOnAdded, AddOnRemoved};

use super::subscriptions::{self, Timing, held, when};
use crate::desk::Holding;
use crate::firm::Firm;
use crate::form::action::{Action, SubscribeForm};
use crate::form::plan::{PlanForm, PlanKeys};
use crate::plans;
use crate::verdict::{Outcome, Stop};

/// A customer adds to a subscription; where there is none to add to, it subscribes.
pub(crate) fn add_on(firm: &mut Firm<'_>, customer: usize, form: &SubscribeForm, action: &Action) -> Outcome {
    if firm.customer(customer).holdings.is_empty() {
        return subscriptions::subscribe(firm, customer, form, action);
    }
    let base = held(firm, customer, action.target.as_deref())?;
    let base = firm.customer(customer).holdings[base].clone();
    let plan = on_day(plans::form(firm.case, form.plan.as_deref())?, form.bill_cycle_day);
    let from = form.effective.unwrap_or(firm.desk.today);
    let quantity = subscriptions::quantity(form.quantity, form.seats)?.unwrap_or(1);
    add(firm, customer, &base, &plan, (quantity, from), action.reference.clone())?;
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// The plan as it is for who asks for a day of the month of its own.
fn on_day(plan: PlanForm, day: Option<u8>) -> PlanForm {
    let keys = PlanKeys { bill_cycle_day: day.or(plan.keys.bill_cycle_day), ..plan.keys };
    PlanForm { keys, ..plan }
}

/// Adds so many of an add-on from a day on.
pub(super) fn add(
    firm: &mut Firm<'_>,
    customer: usize,
    base: &Holding,
    plan: &PlanForm,
    (quantity, from): (u32, Date),
    reference: Option<String>,
) -> Outcome {
    let add_on = firm.plan(plan, PlanKind::AddOn)?;
    let added = firm.give(AddAddOn {
        account: firm.customer(customer).id,
        subscription: base.subscription,
        component: another_name(firm, customer, base, &add_on)?,
        add_on,
        quantity,
        when: When::On(from),
    })?;
    let component = added.one::<AddOnAdded>()?.agreed.component.clone();
    let plan = plan.keys.plan.clone();
    let holding = Holding {
        reference,
        plan,
        subscription: base.subscription,
        add_on: Some(component),
        ends: None,
        pauses: Vec::new(),
    };
    firm.customer_mut(customer).holdings.push(holding);
    Ok(())
}

/// A name of its own for an add-on that the subscription has already.
fn another_name(firm: &Firm<'_>, customer: usize, base: &Holding, add_on: &Code) -> Outcome<Option<Code>> {
    let held = firm.customer(customer).holdings.iter().filter(|held| held.subscription == base.subscription);
    let names: Vec<&Code> = held.filter_map(|held| held.add_on.as_ref()).collect();
    match names.contains(&add_on) {
        true => Ok(Some(Code::parse(&format!("{add_on}-{}", names.len()))?)),
        false => Ok(None),
    }
}

/// Ends an add-on, without its bill.
pub(super) fn remove(firm: &mut Firm<'_>, customer: usize, place: usize, when: When) -> Outcome<Date> {
    let Holding { subscription, add_on, .. } = firm.customer(customer).holdings[place].clone();
    let add_on = add_on.ok_or_else(|| Stop::unsupported("a plan that is ended as an add-on"))?;
    let account = firm.customer(customer).id;
    let end = firm.give(RemoveAddOn { account, subscription, add_on, when })?.one::<AddOnRemoved>()?.from;
    firm.customer_mut(customer).holdings[place].ends = Some(end);
    Ok(end)
}

/// Another add-on takes the place of one, in the same number.
pub(super) fn change(
    firm: &mut Firm<'_>,
    customer: usize,
    place: usize,
    plan: &PlanForm,
    timing: Timing,
) -> Outcome {
    let when = when(firm, timing)?;
    let held = firm.customer(customer).holdings[place].clone();
    let quantity = had(firm, customer, &held)?;
    let from = remove(firm, customer, place, when)?;
    add(firm, customer, &held, plan, (quantity, from), held.reference.clone())
}

/// The end of an add-on that was asked for is taken back: it is had again from that day on.
pub(super) fn keep(firm: &mut Firm<'_>, customer: usize, place: usize) -> Outcome {
    let held = firm.customer(customer).holdings[place].clone();
    let end = held.ends.ok_or_else(|| Stop::unsupported("uncancel: an add-on that does not end"))?;
    let plan = plans::form(firm.case, Some(&held.plan))?;
    let keys = &plan.keys;
    let begins = keys.trial_days.is_some() || !keys.phases.is_empty() || keys.fixed_fee.is_some();
    if begins || keys.term_months.is_some() {
        return Err(Stop::unsupported("uncancel: an add-on of which the beginning matters"));
    }
    let quantity = had(firm, customer, &held)?;
    let add_on = firm.plan(&plan, PlanKind::AddOn)?;
    firm.give(AddAddOn {
        account: firm.customer(customer).id,
        subscription: held.subscription,
        component: held.add_on,
        add_on,
        quantity,
        when: When::On(end),
    })?;
    firm.customer_mut(customer).holdings[place].ends = None;
    Ok(())
}

/// How many of an add-on are had now.
fn had(firm: &Firm<'_>, customer: usize, held: &Holding) -> Outcome<u32> {
    let page = firm.page(customer)?;
    let subscription = page.subscriptions.subscription(held.subscription);
    let timeline = held.add_on.as_ref().and_then(|add_on| subscription?.component(add_on));
    let terms = timeline.and_then(|timeline| timeline.terms_on(firm.desk.today));
    Ok(terms.map_or(1, |terms| terms.quantity))
}
