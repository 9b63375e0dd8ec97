//! How an account stood at a moment: after the bills of a day, or after an action.

use billing_core::book::Account;
use billing_core::kernel::calendar::plus_days;
use billing_core::kernel::ids::InvoiceId;
use billing_core::prelude::*;

use super::overdue::{CLEAR, stage};
use super::standing::{balance, credit, open, paid, unpaid};
use crate::desk::{Customer, Holding, PaymentMade};
use crate::form::given::Given;
use crate::verdict::Outcome;

/// A moment of the account of a case.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) on: Date,
    /// The verb of the action that it is the moment behind, if of one.
    pub(crate) action: Option<String>,
    pub(crate) state: String,
    pub(crate) base: Option<&'static str>,
    pub(crate) add_on: Option<&'static str>,
    pub(crate) bill_cycle_day: Option<u8>,
    pub(crate) unpaid_count: usize,
    pub(crate) total_unpaid: Money,
    pub(crate) overdue: bool,
    pub(crate) overdue_total: Money,
    pub(crate) first_due: Option<Date>,
    /// Each invoice: what is open on it, and what was paid.
    pub(crate) invoices: Vec<(InvoiceId, Money, Money)>,
    pub(crate) touched: Option<InvoiceId>,
    pub(crate) account_balance: Money,
    pub(crate) account_credit: Money,
    pub(crate) refunded: Money,
    /// Requests of a dunning campaign so far.
    pub(crate) requests: usize,
    /// The last payment: how it stands, and what of it arrived.
    pub(crate) payment: Option<(&'static str, Money)>,
}

/// How it stands now.
pub(crate) fn now(
    given: &Given,
    customer: &Customer,
    account: &Account,
    (on, action): (Date, Option<String>),
    requests: usize,
) -> Outcome<Moment> {
    let currency = given.currency;
    let unpaid = unpaid(account, customer);
    let state = stage(&given.keys.overdue_policy, &unpaid, currency, on)?;
    // Without a term of payment whatever is unpaid is overdue.
    let term = given.keys.net_payment_days;
    let is_over = |since| {
        term.map_or(Ok(true), |days| Ok::<_, crate::verdict::Stop>(plus_days(since, days.into())? < on))
    };
    let mut overdue = Vec::new();
    for unpaid in &unpaid {
        if is_over(unpaid.since)? {
            overdue.push(unpaid.open);
        }
    }
    let first = customer.real_bills().next().map(|bill| plus_days(bill.on, term.unwrap_or(0).into()));
    let mut invoices = Vec::new();
    for bill in customer.real_bills() {
        if let Some(invoice) = bill.invoice {
            invoices.push((invoice, open(account, bill), paid(account, invoice, currency)?));
        }
    }
    let base = customer.holdings.iter().find(|holding| holding.add_on.is_none());
    let add_on = customer.holdings.iter().rev().find(|holding| holding.add_on.is_some());
    let status = |holding: &Holding| standing(account, customer, holding, on);
    Ok(Moment {
        on,
        action,
        state: state.map_or(CLEAR, |stage| &stage.state).to_owned(),
        base: base.map(status),
        add_on: add_on.map(status),
        bill_cycle_day: base.and_then(|base| anchor_day(account, base, on)),
        unpaid_count: unpaid.len(),
        total_unpaid: Money::sum(currency, unpaid.iter().map(|unpaid| unpaid.open))?,
        overdue: !overdue.is_empty(),
        overdue_total: Money::sum(currency, overdue)?,
        first_due: first.transpose()?,
        invoices,
        touched: customer.touched,
        account_balance: balance(account, currency)?,
        account_credit: credit(account, currency)?,
        refunded: customer.refunded,
        requests,
        payment: customer.payments.last().map(payment),
    })
}

/// How a payment stands, and what of it arrived.
fn payment(made: &PaymentMade) -> (&'static str, Money) {
    let nothing = Money::zero(made.amount.currency());
    match (made.payment, made.charged_back, made.pending) {
        (_, Some(_), _) => ("charged_back", nothing),
        (_, None, true) => ("pending", nothing),
        (Some(_), None, false) => ("succeeded", made.amount),
        (None, None, false) => ("failed", nothing),
    }
}

/// Whether a component is served: by what was asked for, and by what holds it back.
fn standing(account: &Account, customer: &Customer, holding: &Holding, on: Date) -> &'static str {
    let Some(subscription) = account.subscriptions.subscription(holding.subscription) else { return "none" };
    let plan = "plan".parse().ok();
    let component = holding.add_on.as_ref().or(plan.as_ref());
    let Some(timeline) = component.and_then(|component| subscription.component(component)) else {
        return "none";
    };
    let paused =
        holding.pauses.iter().any(|(from, until)| *from <= on && until.is_none_or(|until| on < until));
    let end = [subscription.cancelled_from(), holding.ends].into_iter().flatten().min();
    if end.is_some_and(|end| end <= on) {
        return "cancelled";
    }
    if timeline.first_day().is_none_or(|first| on < first) {
        return "pending";
    }
    match timeline.terms_on(on) {
        _ if customer.blocked.is_some() => "blocked",
        _ if paused => "paused",
        Some(_) => "active",
        None => "expired",
    }
}

/// The day of the month on which the periods of a subscription begin.
pub(crate) fn anchor_day(account: &Account, holding: &Holding, on: Date) -> Option<u8> {
    let timeline = account.subscriptions.subscription(holding.subscription)?.plan()?;
    let terms = timeline.terms_on(on).or_else(|| timeline.terms_on(timeline.first_day()?))?;
    Some(terms.cycle.anchor_day().get())
}
