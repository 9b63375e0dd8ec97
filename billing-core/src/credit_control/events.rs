//! What credit control records: reminders, promises, disputes, holds.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::reason::{DisputeOutcome, DisputeReason, HoldReason, SuppressionReason};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{DisputeId, InvoiceId, MessageId, PromiseId};
use crate::kernel::money::Money;
use crate::kernel::text::{Code, Note};
use crate::messages::Recipient;

crate::events! {
    "credit_control" {
        ReminderDue = "reminder_due" 1;
        ReminderSent = "reminder_sent" 1;
        ReminderSuppressed = "reminder_suppressed" 1;
        PromiseMade = "promise_made" 1;
        PromiseKept = "promise_kept" 1;
        PromisePartlyKept = "promise_partly_kept" 1;
        PromiseBroken = "promise_broken" 1;
        PromiseWithdrawn = "promise_withdrawn" 1;
        DisputeRaised = "dispute_raised" 1;
        DisputeResolved = "dispute_resolved" 1;
        HoldPlaced = "hold_placed" 1;
        HoldReleased = "hold_released" 1;
    }
}

/// A reminder is due to be sent. Not sent yet: whoever hands it over asks first, with `SendReminder`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderDue {
    /// The message, and the mailer's key against sending it twice.
    pub message: MessageId,
    /// The day of the chase.
    pub due_on: Date,
    /// To whom.
    pub to: Recipient,
    /// The wording that the ladder names.
    pub template: Code,
    /// What it is about: each invoice with the step that it has reached.
    pub invoices: Vec<Chased>,
}

/// One invoice in a reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chased {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The ladder's step: days past due.
    pub step: u16,
    /// What is asked for: open, less what is disputed, less what the account holds unapplied.
    pub amount: Money,
}

/// A reminder was authorised at the moment of sending, and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderSent {
    /// The message.
    pub message: MessageId,
    /// The day.
    pub sent_on: Date,
    /// What was asked for then, invoice by invoice.
    pub invoices: Vec<Chased>,
}

/// An invoice was not chased, and why. Once an invoice, step and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderSuppressed {
    /// The message that was due, where one was; none where the chase itself held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The day.
    pub suppressed_on: Date,
    /// The invoice.
    pub invoice: InvoiceId,
    /// The ladder's step.
    pub step: u16,
    /// Why.
    pub reason: SuppressionReason,
}

/// A customer promised to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseMade {
    /// The promise.
    pub promise: PromiseId,
    /// How much.
    pub amount: Money,
    /// For which invoices.
    pub invoices: Vec<InvoiceId>,
    /// The day on which it was made; money that came before never counts.
    pub made_on: Date,
    /// The day by which it is to be kept.
    pub pay_by: Date,
    /// Days of patience after that.
    pub grace_days: u16,
    /// What had been set against these invoices with the date of that day, or a later one, before the promise
    /// was made. It does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_before: Option<Money>,
}

/// A promise was kept in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseKept {
    /// The promise.
    pub promise: PromiseId,
    /// The day.
    pub kept_on: Date,
}

/// The days of a promise are over and a part of it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromisePartlyKept {
    /// The promise.
    pub promise: PromiseId,
    /// The day on which that was established.
    pub noted_on: Date,
    /// What was paid of it.
    pub paid: Money,
}

/// The days of a promise are over and nothing of it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseBroken {
    /// The promise.
    pub promise: PromiseId,
    /// The day on which that was established.
    pub broken_on: Date,
}

/// A promise no longer counts: the customer took it back, or made another in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseWithdrawn {
    /// The promise.
    pub promise: PromiseId,
    /// The day.
    pub withdrawn_on: Date,
    /// The promise made in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<PromiseId>,
}

/// A customer disputes an invoice, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeRaised {
    /// The dispute.
    pub dispute: DisputeId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much of it.
    pub amount: Money,
    /// Why.
    pub reason: DisputeReason,
    /// The day.
    pub raised_on: Date,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// A dispute came to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeResolved {
    /// The dispute.
    pub dispute: DisputeId,
    /// How.
    pub outcome: DisputeOutcome,
    /// The day.
    pub resolved_on: Date,
}

/// The customer gets no more credit until the hold is released. An account can be on hold for several reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldPlaced {
    /// Why.
    pub reason: HoldReason,
    /// The day.
    pub placed_on: Date,
}

/// A hold for one reason ended; without any, the customer gets credit again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldReleased {
    /// The reason for which it had been placed.
    pub reason: HoldReason,
    /// The day.
    pub released_on: Date,
}

impl fmt::Display for ReminderDue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReminderDue { message, due_on, to, template, invoices } = self;
        write!(
            f,
            "Reminder {message} ({template}) to {to} due on {due_on} for {} invoice(s).",
            invoices.len()
        )
    }
}

impl fmt::Display for ReminderSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reminder {} sent on {} for", self.message, self.sent_on)?;
        for (index, chased) in self.invoices.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma} {} on invoice {} (step {})", chased.amount, chased.invoice, chased.step)?;
        }
        f.write_str(".")
    }
}

impl fmt::Display for ReminderSuppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReminderSuppressed { suppressed_on, invoice, step, reason, .. } = self;
        write!(f, "Invoice {invoice} not chased on {suppressed_on} at step {step}: {reason}.")
    }
}

impl fmt::Display for PromiseMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Promise {} made on {} to pay {} by {}",
            self.promise, self.made_on, self.amount, self.pay_by
        )?;
        write!(f, " on {} invoice(s).", self.invoices.len())
    }
}

impl fmt::Display for PromiseKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Promise {} kept on {}.", self.promise, self.kept_on)
    }
}

impl fmt::Display for PromisePartlyKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Promise {} kept in part, {} paid, noted on {}.", self.promise, self.paid, self.noted_on)
    }
}

impl fmt::Display for PromiseBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Promise {} broken, noted on {}.", self.promise, self.broken_on)
    }
}

impl fmt::Display for PromiseWithdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Promise {} withdrawn on {}", self.promise, self.withdrawn_on)?;
        match &self.replaced_by {
            Some(promise) => write!(f, ", promise {promise} made in its place."),
            None => f.write_str("."),
        }
    }
}

impl fmt::Display for DisputeRaised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DisputeRaised { dispute, invoice, amount, reason, raised_on, .. } = self;
        write!(f, "Dispute {dispute} raised on {raised_on}: {amount} of invoice {invoice}, {reason}.")
    }
}

impl fmt::Display for DisputeResolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dispute {} ended on {}: {}.", self.dispute, self.resolved_on, self.outcome)
    }
}

impl fmt::Display for HoldPlaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account put on hold on {} for {}.", self.placed_on, self.reason)
    }
}

impl fmt::Display for HoldReleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account released on {} from the hold for {}.", self.released_on, self.reason)
    }
}
