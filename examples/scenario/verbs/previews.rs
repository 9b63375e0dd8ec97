//! What would be issued: done in a fork of the book, and seen there.

use billing_core::kernel::calendar::Date;

use super::subscriptions;
use crate::desk::Preview;
use crate::firm::Firm;
use crate::form::action::{Action, ChangeForm};
use crate::verdict::Outcome;

/// What would be issued on a later day, earlier runs having happened.
pub(crate) fn invoice(firm: &mut Firm<'_>, customer: usize, target: Option<Date>) -> Outcome {
    let today = firm.desk.today;
    let target = target.unwrap_or(today);
    let mut fork = firm.fork()?;
    let before = fork.customer(customer).bills.len();
    for day in today.iter_days().skip(1).take_while(|day| *day <= target) {
        fork.wake(day)?;
        fork.fall_due()?;
    }
    note(firm, &fork, customer, before, target)
}

/// What a change of plan would bring.
pub(crate) fn change(firm: &mut Firm<'_>, customer: usize, form: &ChangeForm, action: &Action) -> Outcome {
    let mut fork = firm.fork()?;
    let before = fork.customer(customer).bills.len();
    subscriptions::change_plan(&mut fork, customer, form, action)?;
    let target = firm.desk.today;
    note(firm, &fork, customer, before, target)
}

fn note(firm: &mut Firm<'_>, fork: &Firm<'_>, customer: usize, before: usize, target: Date) -> Outcome {
    let bills = fork.customer(customer).bills.iter().skip(before);
    let bills = bills.filter(|bill| bill.on == target).cloned().collect();
    firm.desk.previews.push(Preview { target, bills });
    Ok(())
}
