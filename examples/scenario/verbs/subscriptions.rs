//! What customers subscribe to, and how they change it.

use billing_core::kernel::calendar::plus_days;
use billing_core::prelude::*;
use billing_core::subscriptions::{
    AddOnAsked, ChangeAnchor, ChangePrice, PauseBilling, ResumeBilling, Uncancel,
};

use super::{add_ons, settling};
use crate::desk::Holding;
use crate::facts::bill::Bill;
use crate::facts::overdue::stage;
use crate::facts::standing;
use crate::firm::Firm;
use crate::form::Convention;
use crate::form::action::{Action, Bundled, ChangeForm, Policy, Settle, SubscribeForm, Verb};
use crate::form::figure::Figure;
use crate::form::given::day_of_month;
use crate::form::plan::PlanForm;
use crate::metered::is_metered;
use crate::plans;
use crate::verdict::{Outcome, Refusal, Stop};

/// From when on: a policy, or a day.
pub(super) type Timing = (Option<Policy>, Option<Date>);

/// A customer subscribes.
pub(crate) fn subscribe(
    firm: &mut Firm<'_>,
    customer: usize,
    form: &SubscribeForm,
    action: &Action,
) -> Outcome {
    let once = firm.customer(customer).holdings.iter().rfind(|held| held.add_on.is_none()).cloned();
    let once = once.filter(|_| form.same_external_id);
    let plan = once.as_ref().map(|once| &once.plan).or(form.plan.as_ref());
    let plan = plans::form(firm.case, plan.map(String::as_str))?;
    let reference = action.reference.clone().or(once.and_then(|once| once.reference));
    let from = form.effective.or(firm.case.given.keys.start).unwrap_or(firm.desk.today);
    let quantity = quantity(form.quantity, form.seats)?.unwrap_or(1);
    let subscribe = Subscribe {
        quantity,
        anchor_day: asked_day(firm, form.bill_cycle_day, from)?,
        ..Subscribe::new(firm.customer(customer).id, firm.plan(&plan, PlanKind::Base)?, from)
    };
    start(firm, customer, subscribe, &plan, reference)?;
    meters(firm, customer, from)?;
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Begins a subscription on a day, without its bill.
pub(crate) fn begin(
    firm: &mut Firm<'_>,
    customer: usize,
    plan: &PlanForm,
    quantity: u32,
    from: Date,
) -> Outcome {
    let account = firm.customer(customer).id;
    let code = firm.plan(plan, PlanKind::Base)?;
    start(firm, customer, Subscribe { quantity, ..Subscribe::new(account, code, from) }, plan, None)
}

/// Plans that only count go with the first subscription, where nobody asks for them.
fn meters(firm: &mut Firm<'_>, customer: usize, from: Date) -> Outcome {
    let case = firm.case;
    let asked = |name: &str| {
        case.actions.iter().any(|action| {
            if let Verb::Subscribe(form) | Verb::AddOn(form) = &action.verb {
                form.plan.as_deref() == Some(name)
            } else if let Verb::SubscribeBatch { bundles, .. } = &action.verb {
                bundles.iter().flatten().any(|one| one.plan() == name)
            } else {
                false
            }
        })
    };
    let held = firm.customer(customer).holdings.clone();
    let [base] = held.as_slice() else { return Ok(()) };
    for plan in case.given.plans.iter().filter(|plan| is_metered(plan) && plan.keys.price.is_none()) {
        if plan.keys.plan != base.plan && !asked(&plan.keys.plan) {
            add_ons::add(firm, customer, base, plan, (1, from), None)?;
        }
    }
    Ok(())
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
    let holding = Holding { reference, plan, subscription, add_on: None, ends: None, pauses: Vec::new() };
    firm.customer_mut(customer).holdings.push(holding);
    if let Some(end) = firm.case.given.keys.end {
        let account = firm.customer(customer).id;
        firm.give(Cancel { account, subscription, when: When::On(end), reason: None })?;
    }
    Ok(())
}

/// The day of the month that is asked for: the one named, or that of the start where anniversaries are billed.
fn asked_day(firm: &Firm<'_>, day: Option<u8>, from: Date) -> Outcome<Option<DayOfMonth>> {
    let named = day_of_month(day)?;
    let anniversary = firm.case.given.keys.alignment.as_deref() == Some("anniversary");
    match named.is_none() && anniversary {
        true => Ok(Some(DayOfMonth::of(from)?)),
        false => Ok(named),
    }
}

pub(super) fn quantity(quantity: Option<u32>, seats: Option<u32>) -> Outcome<Option<u32>> {
    match (quantity, seats) {
        (Some(_), Some(_)) => Err(Stop::unsupported("both quantity and seats")),
        (quantity, seats) => Ok(quantity.or(seats)),
    }
}

/// Subscriptions with their add-ons, each all or nothing.
pub(crate) fn batch(
    firm: &mut Firm<'_>,
    customer: usize,
    bundles: &[Vec<Bundled>],
    effective: Option<Date>,
) -> Outcome {
    let (account, from) = (firm.customer(customer).id, effective.unwrap_or(firm.desk.today));
    // All are asked of a fork first, so that one that is refused keeps the others from beginning.
    let mut fork = firm.fork()?;
    for bundle in bundles {
        bundled(&mut fork, customer, bundle, (account, from))?;
    }
    for bundle in bundles {
        bundled(firm, customer, bundle, (account, from))?;
    }
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

fn bundled(
    firm: &mut Firm<'_>,
    customer: usize,
    bundle: &[Bundled],
    (account, from): (AccountId, Date),
) -> Outcome {
    let (base, others) = bundle.split_first().ok_or_else(|| Stop::unsupported("an empty bundle"))?;
    let plan = plans::form(firm.case, Some(base.plan()))?;
    let code = firm.plan(&plan, PlanKind::Base)?;
    let mut add_ons: Vec<AddOnAsked> = Vec::new();
    let mut names = Vec::new();
    for other in others {
        let form = plans::form(firm.case, Some(other.plan()))?;
        let add_on = firm.plan(&form, PlanKind::AddOn)?;
        let taken = add_ons.iter().filter(|asked| asked.add_on == add_on).count();
        let component = match taken {
            0 => None,
            _ => Some(Code::parse(&format!("{add_on}-{taken}"))?),
        };
        names.push((form.keys.plan, component.clone().unwrap_or_else(|| add_on.clone())));
        add_ons.push(AddOnAsked { add_on, quantity: other.quantity(), component });
    }
    let subscribe = Subscribe { quantity: base.quantity(), add_ons, ..Subscribe::new(account, code, from) };
    start(firm, customer, subscribe, &plan, None)?;
    let holdings = &mut firm.customer_mut(customer).holdings;
    let base = holdings.last().cloned().ok_or_else(|| Stop::unsupported("an empty bundle"))?;
    holdings.extend(names.into_iter().map(|(plan, name)| Holding {
        plan,
        add_on: Some(name),
        ..base.clone()
    }));
    Ok(())
}

/// A customer changes to another plan.
pub(crate) fn change_plan(
    firm: &mut Firm<'_>,
    customer: usize,
    form: &ChangeForm,
    action: &Action,
) -> Outcome {
    may_change(firm, customer)?;
    let held = held(firm, customer, action.target.as_deref())?;
    let plan = plans::form(firm.case, form.plan.as_deref())?;
    if firm.customer(customer).holdings[held].add_on.is_some() {
        if form.quantity.or(form.seats).is_some() || form.bill_cycle_day.is_some() {
            return Err(Stop::unsupported("change_plan: an add-on with more than another plan"));
        }
        add_ons::change(firm, customer, held, &plan, (form.policy, form.effective))?;
        firm.bill(customer)?;
        return firm.look_ahead(customer);
    }
    let code = firm.plan(&plan, PlanKind::Base)?;
    firm.give(ChangePlan {
        account: firm.customer(customer).id,
        subscription: firm.customer(customer).holdings[held].subscription,
        plan: code,
        quantity: quantity(form.quantity, form.seats)?,
        when: when(firm, (form.policy, form.effective))?,
        anchor_day: day_of_month(form.bill_cycle_day)?,
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
    firm.customer_mut(customer).cancelled = Some(held);
    let account = firm.customer(customer).id;
    let today = firm.desk.today;
    let when = when(firm, timing)?;
    // Under this dialect the day of the end is billed: what is given back begins on the next.
    let through = match when {
        When::On(end) if firm.case.dialect == Convention::Lago && end <= today => plus_days(today, 1)?,
        When::On(_) | When::EndOfPeriod { .. } | When::EndOfBilled { .. } => today,
    };
    match (add_on, settle) {
        (None, Some(Settle::Skip)) => settling::serve_what_is_paid(firm, customer, subscription, through)?,
        (None, _) => {
            firm.give(Cancel { account, subscription, when, reason: None })?;
        }
        (Some(_), _) => {
            add_ons::remove(firm, customer, held, when)?;
        }
    }
    let notes = firm.customer(customer).notes.len();
    let bill = firm.bill_through(customer, through)?;
    match (firm.case.dialect == Convention::Lago, settle) {
        (true, settle) => settling::settle(firm, customer, (notes, bill), settle)?,
        (false, None | Some(Settle::Credit | Settle::Skip)) => {}
        (false, Some(Settle::Refund | Settle::Offset)) => {
            return Err(Stop::unsupported("cancel: settle by a refund"));
        }
    }
    firm.desk.termination = bill.map(|bill| (customer, bill));
    if firm.case.dialect == Convention::Lago {
        let currency = firm.case.given.currency;
        let books = firm.customer_mut(customer);
        // Where there is nothing left to charge the last invoice is there all the same.
        let bill = bill.unwrap_or_else(|| {
            books.bills.push(Bill::empty(today, currency));
            books.bills.len() - 1
        });
        firm.desk.termination = Some((customer, bill));
    }
    firm.look_ahead(customer)
}

/// A cancellation that is still to come is taken back.
pub(crate) fn uncancel(firm: &mut Firm<'_>, customer: usize, action: &Action) -> Outcome {
    let held = match (firm.customer(customer).cancelled, action.target.as_deref()) {
        (Some(cancelled), None) => cancelled,
        (_, target) => held(firm, customer, target)?,
    };
    let Holding { subscription, add_on, .. } = firm.customer(customer).holdings[held].clone();
    let account = firm.customer(customer).id;
    match add_on {
        None => {
            firm.give(Uncancel { account, subscription })?;
        }
        Some(_) => add_ons::keep(firm, customer, held)?,
    }
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Billing pauses.
pub(crate) fn pause(firm: &mut Firm<'_>, customer: usize, from: Option<Date>, action: &Action) -> Outcome {
    let from = from.unwrap_or(firm.desk.today);
    let subscription = whole(firm, customer, action)?;
    let account = firm.customer(customer).id;
    firm.give(PauseBilling { account, subscription, from, until: None })?;
    let family = firm.customer_mut(customer).holdings.iter_mut();
    family.filter(|held| held.subscription == subscription).for_each(|held| held.pauses.push((from, None)));
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Billing goes on.
pub(crate) fn resume(firm: &mut Firm<'_>, customer: usize, from: Option<Date>, action: &Action) -> Outcome {
    let from = from.unwrap_or(firm.desk.today);
    let subscription = whole(firm, customer, action)?;
    let account = firm.customer(customer).id;
    firm.give(ResumeBilling { account, subscription, from })?;
    for held in &mut firm.customer_mut(customer).holdings {
        if held.subscription == subscription {
            let open = held.pauses.iter_mut().filter(|(_, until)| until.is_none_or(|until| from < until));
            open.for_each(|(_, until)| *until = Some(from));
        }
    }
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// What had been blocked since a day is not blocked any longer: the days between are not billed.
pub(crate) fn unblock(firm: &mut Firm<'_>, customer: usize, since: Date) -> Outcome {
    let (account, today) = (firm.customer(customer).id, firm.desk.today);
    if since == today {
        return Ok(());
    }
    let page = firm.page(customer)?;
    for (subscription, held) in page.subscriptions.subscriptions() {
        let from = held.started_on().map_or(since, |start| start.max(since));
        let over = held.cancelled_from().is_some_and(|end| end <= from);
        if from < today && !over {
            firm.give(PauseBilling { account, subscription, from, until: Some(today) })?;
        }
    }
    Ok(())
}

/// The subscription that an action is about with all that it has.
fn whole(firm: &Firm<'_>, customer: usize, action: &Action) -> Outcome<SubscriptionId> {
    let held = &firm.customer(customer).holdings[held(firm, customer, action.target.as_deref())?];
    match held.add_on.is_some() && action.target.is_some() {
        false => Ok(held.subscription),
        true => Err(Stop::unsupported(format!("{}: an add-on alone", action.name))),
    }
}

/// The day of the month of a subscription changes, or of all of them: from the next such day on.
pub(crate) fn set_anchor(firm: &mut Firm<'_>, customer: usize, day: u8, action: &Action) -> Outcome {
    let (account, asked_on) = (firm.customer(customer).id, firm.desk.today);
    let day = DayOfMonth::new(day)?;
    let page = firm.page(customer)?;
    let named = action.target.is_some().then(|| whole(firm, customer, action)).transpose()?;
    for (subscription, held) in page.subscriptions.subscriptions() {
        let over = held.cancelled_from().is_some_and(|end| end <= asked_on);
        if !over && named.is_none_or(|named| named == subscription) {
            firm.give(ChangeAnchor { account, subscription, day, asked_on })?;
        }
    }
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// The day of the month of an account changes, at once.
pub(crate) fn set_account_anchor(firm: &mut Firm<'_>, customer: usize, day: u8) -> Outcome {
    let (account, on) = (firm.customer(customer).id, firm.desk.today);
    firm.give(GiveAnchorDay { account, day: DayOfMonth::new(day)?, on })?;
    firm.bill(customer)?;
    firm.look_ahead(customer)
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
    let Holding { subscription, add_on, plan, .. } = firm.customer(customer).holdings[held].clone();
    let (account, when) = (firm.customer(customer).id, when(firm, timing)?);
    let plan = plans::form(firm.case, Some(&plan))?;
    let components = match add_on {
        Some(add_on) => vec![Some(add_on)],
        None => counted(&plan)?,
    };
    for component in components {
        firm.give(ChangeQuantity { account, subscription, component, quantity, when })?;
    }
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

/// Which components of a plan are had by the piece; without a name, the plan itself.
fn counted(plan: &PlanForm) -> Outcome<Vec<Option<Code>>> {
    let mut counted = Vec::new();
    for (place, name) in plan.keys.components.keys().enumerate() {
        if plans::is_counted(name) {
            let own = place == 0 && plan.keys.price.is_none();
            let component =
                if own { None } else { Some(Code::parse(&format!("plan.{}", plans::slug(name)))?) };
            counted.push(component);
        }
    }
    match plan.keys.components.is_empty() {
        true => Ok(vec![None]),
        false => Ok(counted),
    }
}

/// Another price for one customer.
pub(crate) fn change_price(
    firm: &mut Firm<'_>,
    customer: usize,
    price: &Figure,
    timing: Timing,
    action: &Action,
) -> Outcome {
    let held = held(firm, customer, action.target.as_deref())?;
    let Holding { subscription, add_on: component, .. } = firm.customer(customer).holdings[held].clone();
    let (account, when) = (firm.customer(customer).id, when(firm, timing)?);
    let price = Price::PerSeat(price.money(firm.case.given.currency)?);
    firm.give(ChangePrice { account, subscription, component, price, when })?;
    firm.bill(customer)?;
    firm.look_ahead(customer)
}

pub(super) fn when(firm: &Firm<'_>, (policy, effective): Timing) -> Outcome<When> {
    let today = firm.desk.today;
    Ok(match (effective, policy) {
        (Some(effective), _) => When::On(effective),
        (None, None | Some(Policy::Immediate)) => When::On(today),
        (None, Some(Policy::EndOfTerm)) => When::EndOfBilled { asked_on: today },
    })
}

/// The place of the subscription or add-on that is meant, among those that are not over.
pub(crate) fn held(firm: &Firm<'_>, customer: usize, target: Option<&str>) -> Outcome<usize> {
    let page = firm.page(customer)?;
    let over = |held: &Holding| {
        let subscription = page.subscriptions.subscription(held.subscription);
        let end = subscription.and_then(|subscription| subscription.cancelled_from());
        end.into_iter().chain(held.ends).any(|end| end <= firm.desk.today)
    };
    let all = || firm.customer(customer).holdings.iter().enumerate();
    let live = || all().filter(|(_, held)| !over(held));
    let found = match target {
        None | Some("base" | "first subscription") => {
            live().find(|(_, held)| held.add_on.is_none()).or_else(|| live().next()).or_else(|| all().next())
        }
        Some(name) => {
            let called = |held: &Holding| held.reference.as_deref() == Some(name) || held.plan == name;
            let add_on = |held: &Holding| name == "add_on" && held.add_on.is_some();
            let found =
                live().find(|(_, held)| called(held)).or_else(|| live().find(|(_, held)| add_on(held)));
            // What is over is asked for all the same where nothing else is meant: the book says no.
            found.or_else(|| all().rfind(|(_, held)| called(held) || add_on(held)))
        }
    };
    let found = found.map(|(place, _)| place);
    found.ok_or_else(|| Stop::unsupported(format!("a subscription {:?}", target.unwrap_or("at all"))))
}
