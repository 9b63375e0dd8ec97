//! Usage, as it is counted.

use billing_core::kernel::calendar::Cycle;
use billing_core::prelude::*;

use super::subscriptions;
use crate::desk::Holding;
use crate::firm::Firm;
use crate::form::action::{Action, UsageForm};
use crate::metered::{counts_money, figures, is_metered, metric};
use crate::plans;
use crate::verdict::{Outcome, Stop};

/// Records usage of a metered plan.
pub(crate) fn record(firm: &mut Firm<'_>, customer: usize, form: &UsageForm, action: &Action) -> Outcome {
    let held = match counted(firm, customer, form, action)? {
        Some(held) => held,
        None => begin(firm, customer)?,
    };
    let plan = plans::form(firm.case, Some(&held.plan))?;
    if counts_money(&plan) && form.units.is_some() {
        return Err(Stop::unsupported(format!("units of plan {:?}, which has no price", held.plan)));
    }
    let metric = metric(&plan, form.region.as_deref())?;
    let on = form.event_date.unwrap_or(firm.desk.today);
    let mut records = Vec::new();
    for figure in figures(&form.units, &form.amount, &form.amounts)? {
        firm.desk.readings = firm.desk.readings.saturating_add(1);
        records.push(UsageRecord {
            key: Reference::parse(&format!("R-{}", firm.desk.readings))?,
            subscription: held.subscription,
            metric: metric.clone(),
            on,
            quantity: figure.quantity()?,
            name: None,
        });
    }
    let (account, on) = (firm.customer(customer).id, firm.desk.today);
    firm.give(RecordUsage { account, records })?;
    if firm.desk.running && firm.customer(customer).blocked.is_none() {
        firm.bill_by(customer, BillUsage { account, on })?;
    }
    firm.look_ahead(customer)
}

/// The metered plan that is meant: by name or ref, or the first that the customer has or had.
fn counted(firm: &Firm<'_>, customer: usize, form: &UsageForm, action: &Action) -> Outcome<Option<Holding>> {
    let name = form.plan.as_ref().or(action.target.as_ref());
    for held in &firm.customer(customer).holdings {
        let meant = name.is_none_or(|name| *name == held.plan || Some(name) == held.reference.as_ref());
        if meant && is_metered(&plans::form(firm.case, Some(&held.plan))?) {
            return Ok(Some(held.clone()));
        }
    }
    match name {
        Some(name) => Err(Stop::unsupported(format!("record_usage: {name:?}"))),
        None => Ok(None),
    }
}

/// Where nobody has subscribed to what is counted, the customer has it since its period began.
fn begin(firm: &mut Firm<'_>, customer: usize) -> Outcome<Holding> {
    let plan = firm.case.given.plans.iter().find(|plan| is_metered(plan)).cloned();
    let plan = plan.ok_or_else(|| Stop::unsupported("usage without a plan that counts it"))?;
    let day = firm.case.given.anchor_day()?.unwrap_or(DayOfMonth::FIRST);
    let period =
        Cycle::anchored(Interval::MONTHLY, firm.desk.today, day)?.period_containing(firm.desk.today)?;
    subscriptions::begin(firm, customer, &plan, 1, period.from())?;
    let held = firm.customer(customer).holdings.last().cloned();
    held.ok_or_else(|| Stop::unsupported("usage without a subscription"))
}
