//! The chase of one account: which invoices have reached a new step of the reminder ladder.

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::chasing::{self, claims, free_from, progress, reached};
use super::events::{Chased, Event, ReminderDue, ReminderSuppressed};
use super::reason::SuppressionReason;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, InvoiceId, MessageId};
use crate::log::Scope;
use crate::messages::{CustomerRole, Recipient};
use crate::settings::LadderStep;

/// Makes one reminder due for all invoices of an account that have reached a new step, and records why others are
/// held back. Steps that were skipped are skipped for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chase {
    /// Whose.
    pub account: AccountId,
    /// The day of the chase.
    pub on: Date,
}

impl Command for Chase {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.chase";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let settings = books.settings()?;
        let (state, ladder, on) = (&account.credit_control, settings.ladder(), self.on);
        if free_from(state, ladder).is_some_and(|free| on < free) {
            return Ok(Vec::new());
        }
        let mut facts = Vec::new();
        let mut due: Vec<(Chased, &LadderStep)> = Vec::new();
        for claim in claims(account, settings.policies().disputed) {
            let invoice = claim.invoice;
            let Some(reached) = reached(ladder, claim.due_on, on) else { continue };
            let (step, progress) = (reached.days_overdue, progress(state, invoice));
            if !progress.awaits(step) {
                continue;
            }
            match claim.ask_on(state, on) {
                Ok(amount) => {
                    facts.extend(self.overtaken(state, invoice));
                    due.push((Chased { invoice, step, amount }, reached));
                }
                Err(reason) if progress.noted(step, reason) => {}
                Err(reason) => facts.push(self.suppressed(None, invoice, step, reason)),
            }
        }
        if let Some((_, highest)) = due.iter().max_by_key(|(chased, _)| chased.step) {
            facts.push(Event::ReminderDue(ReminderDue {
                message: ctx.mint(MessageId::from_uuid),
                due_on: on,
                to: Recipient::Customer(CustomerRole::Payments),
                template: highest.template.clone(),
                invoices: due.iter().map(|(chased, _)| chased.clone()).collect(),
            }));
        }
        Ok(facts.into_iter().map(|event| account.record(event)).collect())
    }
}

impl Chase {
    /// The invoice leaves a reminder of an earlier step that nobody has sent.
    fn overtaken(&self, state: &super::State, invoice: InvoiceId) -> Option<Event> {
        let (message, step) = chasing::waiting_for(state, invoice)?;
        Some(self.suppressed(Some(message), invoice, step, SuppressionReason::LaterStepReached))
    }

    fn suppressed(
        &self,
        message: Option<MessageId>,
        invoice: InvoiceId,
        step: u16,
        reason: SuppressionReason,
    ) -> Event {
        Event::ReminderSuppressed(ReminderSuppressed {
            message,
            suppressed_on: self.on,
            invoice,
            step,
            reason,
        })
    }
}
