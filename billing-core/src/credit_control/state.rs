//! What credit control keeps of an account: how far each invoice was chased, what waits to be sent, promises,
//! disputes and holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::events::{Chased, Event};
use super::promise::Promise;
use super::reason::{DisputeOutcome, DisputeReason, HoldReason, SuppressionReason};
use crate::kernel::calendar::Date;
use crate::kernel::ids::{DisputeId, InvoiceId, MessageId, PromiseId};
use crate::kernel::money::Money;

/// The page of credit control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub(super) chased: BTreeMap<InvoiceId, Progress>,
    pub(super) waiting: BTreeMap<MessageId, Waiting>,
    pub(super) last_sent_on: Option<Date>,
    pub(super) promises: BTreeMap<PromiseId, Promise>,
    pub(super) withdrawn: BTreeSet<PromiseId>,
    pub(super) broken: u32,
    pub(super) disputes: BTreeMap<DisputeId, Dispute>,
    pub(super) resolved: BTreeMap<DisputeId, DisputeOutcome>,
    pub(super) holds: BTreeMap<HoldReason, Date>,
}

/// How far an invoice was chased. Steps are days past due, as on the ladder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    /// The last step that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sent: Option<u16>,
    /// The step that waits to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<u16>,
    /// The step at which it was held back, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held_back: Option<(u16, BTreeSet<SuppressionReason>)>,
}

impl Progress {
    /// Whether a step is still to be taken: later than what was sent or waits, and not behind a step at which the
    /// invoice was held back.
    pub(super) fn awaits(&self, step: u16) -> bool {
        let held_back = self.held_back.as_ref().map(|(step, _)| *step);
        Some(step) > self.sent && Some(step) > self.due && Some(step) >= held_back
    }

    /// Whether it is on record that the invoice was held back at that step for that reason.
    pub(super) fn noted(&self, step: u16, reason: SuppressionReason) -> bool {
        self.held_back.as_ref().is_some_and(|(held, reasons)| *held == step && reasons.contains(&reason))
    }

    fn hold_back(&mut self, step: u16, reason: SuppressionReason) {
        match &mut self.held_back {
            Some((held, reasons)) if *held == step => {
                reasons.insert(reason);
            }
            Some(_) | None => self.held_back = Some((step, BTreeSet::from([reason]))),
        }
    }
}

/// A reminder that is due and was not sent yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// The day of the chase.
    pub due_on: Date,
    /// What it is about, as it was then.
    pub invoices: Vec<Chased>,
}

/// A dispute that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much of it.
    pub amount: Money,
    /// Why.
    pub reason: DisputeReason,
    /// Since when.
    pub raised_on: Date,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::ReminderDue(due) => {
                for chased in &due.invoices {
                    self.chased.entry(chased.invoice).or_default().due = Some(chased.step);
                }
                let waiting = Waiting { due_on: due.due_on, invoices: due.invoices.clone() };
                self.waiting.insert(due.message, waiting);
            }
            Event::ReminderSent(sent) => {
                for chased in &sent.invoices {
                    let held_back = None;
                    self.chased
                        .insert(chased.invoice, Progress { sent: Some(chased.step), due: None, held_back });
                }
                self.last_sent_on = Some(sent.sent_on);
                self.waiting.remove(&sent.message);
            }
            Event::ReminderSuppressed(held) => {
                let progress = self.chased.entry(held.invoice).or_default();
                progress.hold_back(held.step, held.reason);
                if let Some(message) = held.message {
                    progress.due = None;
                    self.take_out(message, held.invoice);
                }
            }
            Event::PromiseMade(made) => {
                self.promises
                    .retain(|_, promise| promise.kept_on.is_none() || promise.until() >= made.made_on);
                self.promises.insert(made.promise, Promise::of(made));
            }
            Event::PromiseKept(kept) => {
                if let Some(promise) = self.promises.get_mut(&kept.promise) {
                    promise.kept_on = Some(kept.kept_on);
                }
            }
            Event::PromisePartlyKept(kept) => {
                self.promises.remove(&kept.promise);
            }
            Event::PromiseBroken(broken) => {
                self.promises.remove(&broken.promise);
                self.broken = self.broken.saturating_add(1);
            }
            Event::PromiseWithdrawn(withdrawn) => {
                self.promises.remove(&withdrawn.promise);
                self.withdrawn.insert(withdrawn.promise);
            }
            Event::DisputeRaised(raised) => {
                let (invoice, amount, reason, raised_on) =
                    (raised.invoice, raised.amount, raised.reason, raised.raised_on);
                self.disputes.insert(raised.dispute, Dispute { invoice, amount, reason, raised_on });
            }
            Event::DisputeResolved(resolved) => {
                self.disputes.remove(&resolved.dispute);
                self.resolved.insert(resolved.dispute, resolved.outcome);
            }
            Event::HoldPlaced(placed) => {
                self.holds.insert(placed.reason, placed.placed_on);
            }
            Event::HoldReleased(released) => {
                self.holds.remove(&released.reason);
            }
        }
    }

    fn take_out(&mut self, message: MessageId, invoice: InvoiceId) {
        if let Some(waiting) = self.waiting.get_mut(&message) {
            waiting.invoices.retain(|chased| chased.invoice != invoice);
            if waiting.invoices.is_empty() {
                self.waiting.remove(&message);
            }
        }
    }
}
