//! What is done in a case: one file a family of verbs.

pub(crate) mod add_ons;
pub(crate) mod documents;
pub(crate) mod dunning;
pub(crate) mod payments;
pub(crate) mod previews;
mod settling;
pub(crate) mod subscriptions;
pub(crate) mod usage;

use crate::firm::Firm;
use crate::form::action::{Action, Verb};
use crate::form::expect::Expectation;
use crate::plans::UNKNOWN_PLAN;
use crate::verdict::{Outcome, Stop};

/// Does what an action says. A refusal is what some cases are about.
pub(crate) fn perform(firm: &mut Firm<'_>, action: &Action) -> Outcome {
    let expects_error = |expectation: &Expectation| matches!(expectation, Expectation::Error(_));
    let anywhere = firm.case.expect.iter().any(|(_, expectation)| expects_error(expectation));
    match (done(firm, action), action.refused) {
        (Ok(()), false) => Ok(()),
        (Ok(()), true) => {
            Err(Stop::differs(format!("{} on {}", action.name, action.on), "a refusal", "it done"))
        }
        (Err(Stop::Refused(refusal)), refused) if refused || anywhere => {
            firm.desk.refusal = Some(refusal);
            Ok(())
        }
        (Err(Stop::Refused(refusal)), _) if refusal.code == UNKNOWN_PLAN => {
            Err(Stop::Unsupported(refusal.words))
        }
        (Err(Stop::Refused(refusal)), _) => Err(Stop::differs(
            format!("{} on {}", action.name, action.on),
            "it done",
            format!("refused: {}", refusal.words),
        )),
        (Err(stop), _) => Err(stop),
    }
}

fn done(firm: &mut Firm<'_>, action: &Action) -> Outcome {
    let customer = account_of(firm, action)?;
    match &action.verb {
        Verb::Subscribe(form) => subscriptions::subscribe(firm, customer, form, action),
        Verb::AddOn(form) => add_ons::add_on(firm, customer, form, action),
        Verb::SubscribeBatch { bundles, effective } => {
            subscriptions::batch(firm, customer, bundles, *effective)
        }
        Verb::ChangePlan(form) | Verb::ScheduleChange(form) => {
            subscriptions::change_plan(firm, customer, form, action)
        }
        Verb::Cancel { policy, effective, settle } => {
            subscriptions::cancel(firm, customer, (*policy, *effective), *settle, action)
        }
        Verb::ScheduleCancel { policy, effective } => {
            subscriptions::cancel(firm, customer, (*policy, *effective), None, action)
        }
        Verb::Uncancel {} => subscriptions::uncancel(firm, customer, action),
        Verb::PauseBilling { effective } | Verb::SchedulePause { effective } => {
            subscriptions::pause(firm, customer, *effective, action)
        }
        Verb::ResumeBilling { effective } | Verb::ScheduleResume { effective } => {
            subscriptions::resume(firm, customer, *effective, action)
        }
        Verb::SetBillCycleDay { day } => subscriptions::set_anchor(firm, customer, *day, action),
        Verb::SetAccountBillCycleDay { day } => subscriptions::set_account_anchor(firm, customer, *day),
        Verb::SetQuantity { quantity, effective, policy } => {
            subscriptions::set_quantity(firm, customer, *quantity, (*policy, *effective), action)
        }
        Verb::OverridePrice { price, policy, effective } | Verb::ChangePrice { price, policy, effective } => {
            subscriptions::change_price(firm, customer, price, (*policy, *effective), action)
        }
        Verb::AddOneOffCharge { amount, status } | Verb::OneOffInvoice { amount, status } => {
            documents::one_off(firm, customer, amount, status.as_deref())
        }
        Verb::IssueInvoice { invoice } => documents::issue_draft(firm, customer, *invoice),
        Verb::Invoice(form) => documents::invoice(firm, customer, form),
        Verb::VoidInvoice { invoice, credit, refund } => {
            documents::void(firm, customer, *invoice, credit.as_ref(), refund.as_ref())
        }
        Verb::AdjustLine { invoice, line, amount } => {
            documents::adjust_line(firm, customer, *invoice, *line, amount, action)
        }
        Verb::CreditNote { lines, kind, invoice } => {
            documents::credit_note(firm, customer, lines.as_deref(), *kind, *invoice)
        }
        Verb::AddAccountCredit { amount } => documents::grant_credit(firm, customer, amount),
        Verb::WalletTopUp { credits } => documents::top_up(firm, customer, credits),
        Verb::RecordUsage(form) => usage::record(firm, customer, form, action),
        Verb::RunBilling { first_run: _ } => run_billing(firm),
        Verb::PreviewInvoice { target_date } => previews::invoice(firm, customer, *target_date),
        Verb::PreviewChange(form) => previews::change(firm, customer, form, action),
        Verb::PayInFull { invoice: None } => payments::pay_open(firm, customer),
        Verb::PayInFull { invoice: Some(invoice) } => payments::pay_one(firm, customer, *invoice),
        Verb::PayAllUnpaid {} => payments::pay_all(firm),
        Verb::RecordPayment(form) => payments::record(firm, customer, form),
        Verb::PaymentAttempt { outcome, amount, invoice } => {
            payments::attempt(firm, customer, *outcome, amount.as_ref(), *invoice)
        }
        Verb::PaymentsFailFromNow {} => payments::fail(firm),
        Verb::PaymentConfirmed {} => payments::confirm(firm, customer),
        Verb::CorrectPayment { outcome } => payments::correct(firm, customer, *outcome),
        Verb::Refund { amount, adjust_invoice, invoice } => payments::refund(
            firm,
            customer,
            amount.as_ref(),
            *invoice,
            adjust_invoice.then_some("refund_adjustment"),
        ),
        Verb::RefundWithLineAdjustment { amount, invoice } => {
            payments::refund(firm, customer, Some(amount), *invoice, Some("line_adjustment"))
        }
        Verb::RecordChargeback(form) => payments::charge_back(firm, customer, form),
        Verb::ReverseChargeback(form) => payments::reverse(firm, customer, form),
        Verb::OverdueInvoice { currency, amount } => dunning::owe(firm, currency, amount),
        Verb::RunDunning {} => dunning::run(firm),
        Verb::AdvanceClock {} => Ok(()),
    }
}

/// Which of the accounts an action is about.
fn account_of(firm: &Firm<'_>, action: &Action) -> Outcome<usize> {
    match &action.child {
        None => Ok(0),
        Some(child) => {
            let place = firm.desk.customers.iter().position(|books| books.name.as_ref() == Some(child));
            place.ok_or_else(|| Stop::unsupported(format!("child {child:?}")))
        }
    }
}

/// A run that is asked for: also what had been held back.
fn run_billing(firm: &mut Firm<'_>) -> Outcome {
    firm.desk.running = true;
    let mut bills = Vec::new();
    for customer in 0..firm.desk.customers.len() {
        firm.customer_mut(customer).not_before = None;
        bills.extend(firm.bill(customer)?.map(|bill| (customer, bill)));
    }
    firm.desk.last_run = Some(bills);
    Ok(())
}
