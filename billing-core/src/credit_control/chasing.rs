//! What may be asked for on each invoice, and which step of the ladder it has reached: pure, for the chase, for
//! the moment of sending, and for the day of the next action.

use chrono::Days;

use super::reason::SuppressionReason;
use super::state::{Progress, State};
use crate::book::Account;
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{InvoiceId, MessageId};
use crate::kernel::money::Money;
use crate::settings::{self, Disputed, Ladder, LadderStep};

/// An open invoice, and what may be asked for on it while no promise is running.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    pub(super) invoice: InvoiceId,
    pub(super) due_on: Date,
    ask: Result<Money, SuppressionReason>,
}

impl Claim {
    /// What may be asked for on that day, or why nothing.
    pub(super) fn ask_on(&self, state: &State, on: Date) -> Result<Money, SuppressionReason> {
        match state.running_promise(self.invoice, on) {
            Some(_) => Err(SuppressionReason::PromiseRunning),
            None => self.ask,
        }
    }
}

/// All open invoices, the oldest due first, which is also the order in which unapplied money covers them.
pub(super) fn claims(account: &Account, policy: Disputed) -> Vec<Claim> {
    let mut items: Vec<_> = account.receivables.open_items().collect();
    items.sort_by_key(|(invoice, item)| (item.due_on, *invoice));
    let mut unapplied = Balance::default();
    account.receivables.unapplied().for_each(|(_, funds)| unapplied.add(funds.left));
    let mut claims = Vec::with_capacity(items.len());
    for (invoice, item) in items {
        let undisputed = match policy {
            Disputed::Chase => item.open,
            Disputed::Pause => less(item.open, account.credit_control.disputed(invoice)),
        };
        let cover =
            unapplied.of(item.open.currency()).to_money().and_then(|left| left.at_most(undisputed)).ok();
        let asked = less(undisputed, cover);
        cover.iter().for_each(|cover| unapplied.subtract(*cover));
        let ask = match (undisputed.is_positive(), asked.is_positive()) {
            _ if account.accounts.parent(item.issued_on).is_some() => Err(SuppressionReason::ParentPays),
            (_, true) => Ok(asked),
            (true, false) => Err(SuppressionReason::CoveredByUnapplied),
            (false, false) => Err(SuppressionReason::Disputed),
        };
        claims.push(Claim { invoice, due_on: item.due_on, ask });
    }
    claims
}

/// An amount less another, but not below zero.
fn less(amount: Money, by: Option<Money>) -> Money {
    let by = by.and_then(|by| by.at_most(amount).ok());
    by.and_then(|by| amount.minus(by).ok()).unwrap_or(amount)
}

/// The step that an invoice has reached: the highest one that is not later than the day. Due today is not overdue.
pub(super) fn reached(ladder: &Ladder, due_on: Date, on: Date) -> Option<&LadderStep> {
    ladder.steps().iter().rev().find(|step| day_of(due_on, step).is_some_and(|day| day <= on))
}

fn day_of(due_on: Date, step: &LadderStep) -> Option<Date> {
    due_on.checked_add_days(Days::new(step.days_overdue.into()))
}

/// The first day on which the customer may get another reminder, where one was sent or is about to be.
pub(super) fn free_from(state: &State, ladder: &Ladder) -> Option<Date> {
    if ladder.min_days_between() == 0 {
        return None;
    }
    let last = state.waiting.values().map(|waiting| waiting.due_on).chain(state.last_sent_on).max()?;
    last.checked_add_days(Days::new(ladder.min_days_between().into()))
}

/// The progress of each invoice; one that was never chased has made none.
pub(super) fn progress(state: &State, invoice: InvoiceId) -> &Progress {
    static NONE: Progress = Progress { sent: None, due: None, held_back: None };
    state.chased.get(&invoice).unwrap_or(&NONE)
}

/// The earliest day, `from` or later, on which a chase would record something.
pub(super) fn next_action_on(account: &Account, settings: &settings::State, from: Date) -> Option<Date> {
    let (state, ladder) = (&account.credit_control, settings.ladder());
    let from = free_from(state, ladder).map_or(from, |free| from.max(free));
    let claims = claims(account, settings.policies().disputed);
    // What a chase finds changes only when a step is reached and when a promise is over.
    let days = claims.iter().filter_map(|claim| {
        let steps = ladder.steps().iter().filter_map(|step| day_of(claim.due_on, step));
        let running = state.running_promise(claim.invoice, from);
        steps
            .chain(running.and_then(|(_, promise)| promise.until().succ_opt()))
            .map(|day| day.max(from))
            .filter(|day| would_record(state, ladder, claim, *day))
            .min()
    });
    days.min()
}

/// Whether a chase on that day would record something about an invoice.
fn would_record(state: &State, ladder: &Ladder, claim: &Claim, on: Date) -> bool {
    let Some(step) = reached(ladder, claim.due_on, on).map(|step| step.days_overdue) else {
        return false;
    };
    let progress = progress(state, claim.invoice);
    let noted = |reason| progress.noted(step, reason);
    progress.awaits(step) && claim.ask_on(state, on).map_or_else(|reason| !noted(reason), |_| true)
}

/// The reminder in which an invoice waits to be sent, and at which step.
pub(super) fn waiting_for(state: &State, invoice: InvoiceId) -> Option<(MessageId, u16)> {
    state.waiting.iter().find_map(|(message, waiting)| {
        let chased = waiting.invoices.iter().find(|chased| chased.invoice == invoice)?;
        Some((*message, chased.step))
    })
}
