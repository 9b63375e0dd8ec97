//! Sending a reminder: decided at the moment of sending, against the latest state of the account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::CreditControl;
use super::chasing::claims;
use super::events::{Chased, Event, ReminderSent, ReminderSuppressed};
use super::reason::SuppressionReason;
use crate::book::Books;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{AccountId, MessageId};
use crate::log::Scope;

/// Authorises a reminder. It may be handed over only if the answer holds a `ReminderSent`, and only for the
/// invoices and amounts in it: whoever has paid since is not chased. A reminder that does not wait to be sent,
/// because it was sent or nothing is left of it, leaves nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendReminder {
    /// Whose.
    pub account: AccountId,
    /// The reminder.
    pub message: MessageId,
    /// The day.
    pub on: Date,
}

impl Command for SendReminder {
    type Department = CreditControl;
    const NAME: &'static str = "credit_control.send_reminder";
    const SCOPE: Scope = Scope::CreditControl;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<CreditControl> {
        let account = books.account(self.account)?;
        let settings = books.settings()?;
        let state = &account.credit_control;
        let Some(waiting) = state.waiting.get(&self.message) else {
            return Ok(Vec::new());
        };
        let claims = claims(account, settings.policies().disputed);
        let claims: BTreeMap<_, _> = claims.iter().map(|claim| (claim.invoice, claim)).collect();
        let mut events = Vec::new();
        let mut invoices = Vec::new();
        for &Chased { invoice, step, .. } in &waiting.invoices {
            let ask = claims.get(&invoice).map(|claim| claim.ask_on(state, self.on));
            match ask.unwrap_or(Err(SuppressionReason::NothingOpen)) {
                Ok(amount) => invoices.push(Chased { invoice, step, amount }),
                Err(reason) => events.push(Event::ReminderSuppressed(ReminderSuppressed {
                    message: Some(self.message),
                    suppressed_on: self.on,
                    invoice,
                    step,
                    reason,
                })),
            }
        }
        if !invoices.is_empty() {
            let sent = ReminderSent { message: self.message, sent_on: self.on, invoices };
            events.push(Event::ReminderSent(sent));
        }
        Ok(events.into_iter().map(|event| account.record(event)).collect())
    }
}
