//! What customers subscribe to, and how they change it.

use billing_core::kernel::calendar::plus_days;
use billing_core::prelude::*;
use billing_core::subscriptions::AddOnAdded;

use crate::desk::Holding;
use crate::facts::bill::Bill;
use crate::facts::overdue::stage;
use crate::facts::standing;
use crate::firm::Firm;
use crate::form::Dialect;
use crate::form::action::{Action, Bundled, ChangeForm, Policy, Settle, SubscribeForm};
use crate::form::figure::Figure;
use crate::form::given::day_of_month;
use crate::form::plan::PlanForm;
use crate::plans;
use crate::verdict::{Outcome, Refusal, Stop};

/// From when on: a policy, or a day.
type Timing = (Option<Policy>, Option<Date>);

/// A customer subscribes.
pub(crate) fn subscribe(firm: &mut Firm<'_>, customer: usize, form: &SubscribeForm, action: &Action) -> Outcome {
    let plan = plans::form(firm.case, form.plan.as_deref())?;
    let from = form.effective.unwrap_or(firm.desk.today);
    let quantity = quantity(form.quantity, form.seats)?.unwrap_or(1);
    let subscribe = Subscribe {
        quantity,
        anchor_day: anchor(firm, &plan, form.bill_cycle_day)?,
        ..Subscribe::new(firm.customer(customer).id, firm.plan(&plan, PlanKind::Base)?, from)
    };
    start(firm, customer, subscribe, &plan, action.target.clone())?;
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Begins a subscription today, without its bill.
pub(crate) fn begin(
    firm: &mut Firm<'_>,
    customer: usize,
    plan: &PlanForm,
    quantity: u32,
    reference: Option<String>,
) -> Outcome {
    let anchor_day = anchor(firm, plan, None)?;
    let (account, today) = (firm.customer(customer).id, firm.desk.today);
    let code = firm.plan(plan, PlanKind::Base)?;
    start(firm, customer, Subscribe { quantity, anchor_day, ..Subscribe::new(account, code, today) }, plan, reference)
}

fn start(
    firm: &mut Firm<'_>,
    customer: usize,
    subscribe: Subscribe,
    plan: &PlanForm,
    reference: Option<String>,
) -> Outcome {
    let subscription = firm.give(subscribe)?.one::<SubscriptionStarted>()?.subscription;
    let plan = plan.keys.plan.clone();
    let holding = Holding { reference, plan, subscription, add_on: None, pauses: Vec::new() };
    firm.customer_mut(customer).holdings.push(holding);
    if let Some(end) = firm.case.given.keys.end {
        let account = firm.customer(customer).id;
        firm.give(Cancel { account, subscription, when: When::On(end), reason: None })?;
    }
    Ok(())
}

fn quantity(quantity: Option<u32>, seats: Option<u32>) -> Outcome<Option<u32>> {
    match (quantity, seats) {
        (Some(_), Some(_)) => Err(Stop::unsupported("both quantity and seats")),
        (quantity, seats) => Ok(quantity.or(seats)),
    }
}

fn anchor(firm: &Firm<'_>, plan: &PlanForm, asked: Option<u8>) -> Outcome<Option<DayOfMonth>> {
    let given = &firm.case.given;
    match given.keys.alignment.as_deref() {
        Some("1st of month") => Ok(Some(DayOfMonth::FIRST)),
        Some("anniversary") => day_of_month(asked),
        _ => Ok(day_of_month(asked)?.or(day_of_month(plan.keys.bill_cycle_day)?).or(given.anchor_day()?)),
    }
}

/// A customer adds to a subscription; where there is none to add to, it subscribes.
pub(crate) fn add_on(firm: &mut Firm<'_>, customer: usize, form: &SubscribeForm, action: &Action) -> Outcome {
    let Some(base) = firm.customer(customer).holdings.iter().find(|held| held.add_on.is_none()).cloned() else {
        return subscribe(firm, customer, form, action);
    };
    if form.bill_cycle_day.is_some() {
        return Err(Stop::unsupported("add_on with a bill_cycle_day"));
    }
    let plan = plans::form(firm.case, form.plan.as_deref())?;
    let add_on = firm.plan(&plan, PlanKind::AddOn)?;
    let added = firm.give(AddAddOn {
        account: firm.customer(customer).id,
        subscription: base.subscription,
        add_on,
        quantity: quantity(form.quantity, form.seats)?.unwrap_or(1),
        when: When::On(form.effective.unwrap_or(firm.desk.today)),
    })?;
    let component = added.one::<AddOnAdded>()?.add_on.clone();
    let (reference, plan) = (action.target.clone(), plan.keys.plan);
    let holding = Holding { reference, plan, add_on: Some(component), pauses: Vec::new(), ..base };
    firm.customer_mut(customer).holdings.push(holding);
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Several subscriptions with their add-ons, all or none.
pub(crate) fn batch(
    _firm: &mut Firm<'_>,
    _customer: usize,
    _bundles: &[Vec<Bundled>],
    _effective: Option<Date>,
) -> Outcome {
    Err(Stop::unsupported("verb subscribe_batch"))
}

/// A customer changes to another plan.
pub(crate) fn change_plan(firm: &mut Firm<'_>, customer: usize, form: &ChangeForm, action: &Action) -> Outcome {
    may_change(firm, customer)?;
    if form.bill_cycle_day.is_some() {
        return Err(Stop::unsupported("change_plan with a bill_cycle_day"));
    }
    let held = held(firm, customer, action.target.as_deref())?;
    let plan = plans::form(firm.case, form.plan.as_deref())?;
    let code = firm.plan(&plan, PlanKind::Base)?;
    firm.give(ChangePlan {
        account: firm.customer(customer).id,
        subscription: firm.customer(customer).holdings[held].subscription,
        plan: code,
        quantity: quantity(form.quantity, form.seats)?,
        when: when(firm, (form.policy, form.effective))?,
    })?;
    firm.customer_mut(customer).holdings[held].plan = plan.keys.plan;
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Overdue states may forbid changes of plan.
fn may_change(firm: &Firm<'_>, customer: usize) -> Outcome {
    let given = &firm.case.given;
    let unpaid = standing::unpaid(&firm.page(customer)?, firm.customer(customer));
    match stage(&given.keys.overdue_policy, &unpaid, given.currency, firm.desk.today)? {
        Some(stage) if stage.blocks_changes() => Err(Stop::Refused(Refusal {
            code: "scenario.overdue".to_owned(),
            words: "plan changes are blocked: overdue".to_owned(),
        })),
        Some(_) | None => Ok(()),
    }
}

/// A customer cancels: a subscription with its add-ons, or one add-on.
pub(crate) fn cancel(
    firm: &mut Firm<'_>,
    customer: usize,
    timing: Timing,
    settle: Option<Settle>,
    action: &Action,
) -> Outcome {
    let held = held(firm, customer, action.target.as_deref())?;
    let Holding { subscription, add_on, .. } = firm.customer(customer).holdings[held].clone();
    let account = firm.customer(customer).id;
    let today = firm.desk.today;
    // Under this dialect the day of the end is billed.
    let at_once = matches!(timing, (None | Some(Policy::Immediate), None));
    let billed_day = firm.case.dialect == Dialect::Lago && at_once;
    let through = if billed_day { plus_days(today, 1)? } else { today };
    let when = if billed_day { When::On(through) } else { when(firm, timing)? };
    match add_on {
        None => firm.give(Cancel { account, subscription, when, reason: None })?,
        Some(add_on) => firm.give(RemoveAddOn { account, subscription, add_on, when })?,
    };
    if settle.is_some() {
        return Err(Stop::unsupported("cancel with settle"));
    }
    let notes = firm.customer(customer).notes.len();
    let bill = firm.bill_through(customer, through)?;
    if firm.case.dialect == Dialect::Lago {
        let currency = firm.case.given.currency;
        let books = firm.customer_mut(customer);
        // Where there is nothing left to charge the last invoice is there all the same.
        let bill = bill.unwrap_or_else(|| {
            books.bills.push(Bill::empty(today, currency));
            books.bills.len() - 1
        });
        let _ = notes;
        firm.desk.termination = Some((customer, bill));
    }
    firm.look_ahead(customer)
}

/// A cancellation that is still to come is taken back.
pub(crate) fn uncancel(_firm: &mut Firm<'_>, _customer: usize, _action: &Action) -> Outcome {
    Err(Stop::unsupported("verb uncancel"))
}

/// Billing pauses.
pub(crate) fn pause(_firm: &mut Firm<'_>, _customer: usize, _from: Option<Date>, action: &Action) -> Outcome {
    Err(Stop::unsupported(format!("verb {}", action.name)))
}

/// Billing goes on.
pub(crate) fn resume(_firm: &mut Firm<'_>, _customer: usize, _from: Option<Date>, action: &Action) -> Outcome {
    Err(Stop::unsupported(format!("verb {}", action.name)))
}

/// What had been blocked since a day is not blocked any longer: the days between are not billed.
pub(crate) fn unblock(_firm: &mut Firm<'_>, _customer: usize, _since: Date) -> Outcome {
    Err(Stop::unsupported("overdue_policy that blocks billing"))
}

/// The day of the month of a subscription changes: from the next such day on.
pub(crate) fn set_anchor(_firm: &mut Firm<'_>, _customer: usize, _day: u8, _action: &Action) -> Outcome {
    Err(Stop::unsupported("verb set_bill_cycle_day"))
}

/// The day of the month of an account changes, at once.
pub(crate) fn set_account_anchor(_firm: &mut Firm<'_>, _customer: usize, _day: u8) -> Outcome {
    Err(Stop::unsupported("verb set_account_bill_cycle_day"))
}

/// How many.
pub(crate) fn set_quantity(
    firm: &mut Firm<'_>,
    customer: usize,
    quantity: u32,
    timing: Timing,
    action: &Action,
) -> Outcome {
    let held = held(firm, customer, action.target.as_deref())?;
    let Holding { subscription, add_on: component, .. } = firm.customer(customer).holdings[held].clone();
    let (account, when) = (firm.customer(customer).id, when(firm, timing)?);
    firm.give(ChangeQuantity { account, subscription, component, quantity, when })?;
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Another price for one customer.
pub(crate) fn change_price(
    _firm: &mut Firm<'_>,
    _customer: usize,
    _price: &Figure,
    _timing: Timing,
    action: &Action,
) -> Outcome {
    Err(Stop::unsupported(format!("verb {}", action.name)))
}

fn when(firm: &Firm<'_>, (policy, effective): Timing) -> Outcome<When> {
    let today = firm.desk.today;
    Ok(match (effective, policy) {
        (Some(effective), _) => When::On(effective),
        (None, None | Some(Policy::Immediate)) => When::On(today),
        (None, Some(Policy::EndOfTerm)) => When::EndOfPeriod { asked_on: today },
    })
}

/// The place of the subscription or add-on that is meant, among those that are not over.
pub(crate) fn held(firm: &Firm<'_>, customer: usize, target: Option<&str>) -> Outcome<usize> {
    let page = firm.page(customer)?;
    let over = |held: &Holding| {
        let subscription = page.subscriptions.subscription(held.subscription);
        subscription.and_then(|held| held.cancelled_from()).is_some_and(|end| end <= firm.desk.today)
    };
    let all = || firm.customer(customer).holdings.iter().enumerate();
    let live = || all().filter(|(_, held)| !over(held));
    let found = match target {
        None | Some("base" | "first subscription") => {
            live().find(|(_, held)| held.add_on.is_none()).or_else(|| live().next()).or_else(|| all().next())
        }
        Some(name) => live()
            .find(|(_, held)| held.reference.as_deref() == Some(name) || held.plan == name)
            .or_else(|| live().find(|(_, held)| name == "add_on" && held.add_on.is_some())),
    };
    let found = found.map(|(place, _)| place);
    found.ok_or_else(|| Stop::unsupported(format!("a subscription {:?}", target.unwrap_or("at all"))))
}
