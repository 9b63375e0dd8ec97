//! What other departments may ask about credit control.

use super::chasing;
use super::promise::Promise;
use super::reason::HoldReason;
use super::state::{Dispute, State, Waiting};
use crate::book::Account;
use crate::kernel::balance::Balance;
use crate::kernel::calendar::Date;
use crate::kernel::ids::{DisputeId, InvoiceId, MessageId, PromiseId};
use crate::kernel::money::Money;
use crate::settings;

impl State {
    /// Whether the account gets no more credit.
    pub fn on_hold(&self) -> bool {
        !self.holds.is_empty()
    }

    /// Why the account gets no more credit, and since when.
    pub fn holds(&self) -> impl Iterator<Item = (HoldReason, Date)> {
        self.holds.iter().map(|(reason, since)| (*reason, *since))
    }

    /// Disputes that have not ended, oldest id first.
    pub fn disputes(&self) -> impl Iterator<Item = (DisputeId, &Dispute)> {
        self.disputes.iter().map(|(id, dispute)| (*id, dispute))
    }

    /// How much of an invoice is disputed; `None` where nothing is. It can be more than is still open.
    pub fn disputed(&self, invoice: InvoiceId) -> Option<Money> {
        let amounts =
            self.disputes.values().filter(|dispute| dispute.invoice == invoice).map(|dispute| dispute.amount);
        // At most the invoice itself, so that no sum leaves the range of money.
        amounts.reduce(|sum, amount| sum.plus(amount).unwrap_or(sum))
    }

    /// How much is disputed on the account.
    pub fn disputed_total(&self) -> Balance {
        let mut total = Balance::default();
        self.disputes.values().for_each(|dispute| total.add(dispute.amount));
        total
    }

    /// Promises whose days are not over or that were not yet found kept or broken, and kept ones that a returned
    /// payment can still break; oldest id first.
    pub fn promises(&self) -> impl Iterator<Item = (PromiseId, &Promise)> {
        self.promises.iter().map(|(id, promise)| (*id, promise))
    }

    /// The promise for which the customer is being waited for, on that invoice and day.
    pub fn running_promise(&self, invoice: InvoiceId, on: Date) -> Option<(PromiseId, &Promise)> {
        self.promises().find(|(_, promise)| promise.is_running(on) && promise.invoices.contains(&invoice))
    }

    /// How many promises were broken.
    pub fn broken_promises(&self) -> u32 {
        self.broken
    }

    /// The last step of the ladder, in days past due, at which a reminder of the invoice was sent.
    pub fn last_step(&self, invoice: InvoiceId) -> Option<u16> {
        self.chased.get(&invoice).and_then(|progress| progress.sent)
    }

    /// Reminders that are due and wait to be sent, oldest id first.
    pub fn waiting(&self) -> impl Iterator<Item = (MessageId, &Waiting)> {
        self.waiting.iter().map(|(id, waiting)| (*id, waiting))
    }
}

/// The earliest day, `from` or later, on which a chase of the account would record something. `None` where nothing
/// would be recorded until something else happens on the account.
pub fn next_action_on(account: &Account, settings: &settings::State, from: Date) -> Option<Date> {
    chasing::next_action_on(account, settings, from)
}

/// The earliest day on which the close of a day would record something: the day after the last one of a promise
/// that is not kept.
pub fn next_close_on(account: &Account) -> Option<Date> {
    let unkept = |promise: &Promise| promise.kept_on.is_none() || !promise.is_paid(&account.payments);
    let promises = account.credit_control.promises().map(|(_, promise)| promise);
    promises.filter(|promise| unkept(promise)).filter_map(|promise| promise.until().succ_opt()).min()
}
