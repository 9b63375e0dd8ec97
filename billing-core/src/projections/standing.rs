//! How each account stands besides its money: reference, last payment, promises, hold, reminder to be sent.

use serde::{Deserialize, Serialize};

use super::Rows;
use crate::accounts::{Event as Accounts, Parents};
use crate::book::Event;
use crate::credit_control::{Event as CreditControl, HoldReason};
use crate::kernel::calendar::{Date, plus_days};
use crate::kernel::ids::{AccountId, MessageId, PromiseId};
use crate::kernel::money::Money;
use crate::kernel::text::Reference;
use crate::payments::Event as Payments;

/// The row `standing/ACCOUNT`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Standing {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_payment: Option<LastPayment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promises: Vec<Promised>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holds: Vec<Hold>,
    /// Reminders that are due and neither sent nor held back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reminders: Vec<MessageId>,
    /// Who pays its invoices, by their dates.
    #[serde(skip_serializing_if = "Parents::is_empty")]
    pub(super) parents: Parents,
}

/// The latest payment of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastPayment {
    /// The day on which it came.
    pub on: Date,
    /// How much it was.
    pub amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promised {
    promise: PromiseId,
    pub(super) amount: Money,
    made_on: Date,
    pub(super) pay_by: Date,
    /// Its last day of patience.
    until: Date,
    /// Set while it counts as kept: a payment that goes back can still break it.
    #[serde(default)]
    kept: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_on: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Hold {
    reason: HoldReason,
    placed_on: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    released_on: Option<Date>,
}

impl Standing {
    /// The promises that ran at the close of a day.
    pub(super) fn promises_on(&self, day: Date) -> impl Iterator<Item = &Promised> {
        self.promises.iter().filter(move |promise| runs(promise.made_on, promise.ended_on, day))
    }

    /// Why the account was on hold at the close of a day, if it was.
    pub(super) fn hold_on(&self, day: Date) -> Option<HoldReason> {
        let running = self.holds.iter().rfind(|hold| runs(hold.placed_on, hold.released_on, day));
        running.map(|hold| hold.reason)
    }

    /// The reminder that is next to be sent.
    pub(super) fn reminder(&self) -> Option<MessageId> {
        self.reminders.first().copied()
    }

    fn drop_reminder(&mut self, message: MessageId) {
        self.reminders.retain(|due| *due != message);
    }
}

fn runs(from: Date, until: Option<Date>, day: Date) -> bool {
    from <= day && until.is_none_or(|until| day < until)
}

/// What the key of an account's row begins with.
pub(super) const PREFIX: &str = "standing/";
/// What the keys `close/LAST_DAY/ACCOUNT/PROMISE` begin with: promises that wait for a verdict.
pub(super) const CLOSE: &str = "close/";

pub(super) fn watch(account: AccountId, event: &Event, rows: &mut Rows<'_>) {
    let mut update =
        |change: &dyn Fn(&mut Standing)| rows.update(&format!("{PREFIX}{account}"), |row| change(row));
    match event {
        Event::Accounts(event) => match event {
            Accounts::AccountRegistered(registered) => {
                update(&|row| row.reference = Some(registered.reference.clone()));
            }
            Accounts::ParentAssigned(assigned) => update(&|row| row.parents.assign(assigned)),
            Accounts::DetailsChanged(_)
            | Accounts::ChildAssigned(_)
            | Accounts::ChildLeft(_)
            | Accounts::ContactAdded(_)
            | Accounts::ContactChanged(_)
            | Accounts::ContactRemoved(_)
            | Accounts::TermsChanged(_)
            | Accounts::PurchaseOrderRequirementSet(_)
            | Accounts::PurchaseOrderGiven(_)
            | Accounts::OwnerAssigned(_)
            | Accounts::AnchorDayGiven(_)
            | Accounts::ConvertedToFull(_) => {}
        },
        Event::Payments(event) => match event {
            Payments::PaymentReceived(paid) => update(&|row| {
                let payment = LastPayment { on: paid.received_on, amount: paid.amount };
                row.last_payment = row.last_payment.filter(|last| last.on > payment.on).or(Some(payment));
            }),
            Payments::AllocationReleased(_) => reopen_kept_promises(account, rows),
            Payments::FundsAllocated(_)
            | Payments::PaymentReturned(_)
            | Payments::RefundMade(_)
            | Payments::ReceiptIssued(_)
            | Payments::CreditGranted(_)
            | Payments::CreditExpired(_) => {}
        },
        Event::CreditControl(event) => match event {
            CreditControl::ReminderDue(due) => update(&|row| row.reminders.push(due.message)),
            CreditControl::ReminderSent(sent) => update(&|row| row.drop_reminder(sent.message)),
            CreditControl::ReminderSuppressed(suppressed) => {
                if let Some(message) = suppressed.message {
                    update(&|row| row.drop_reminder(message));
                }
            }
            CreditControl::PromiseMade(made) => {
                // A day beyond the calendar is never over; the day named here is then too early, never too late.
                let until = plus_days(made.pay_by, made.grace_days.into()).unwrap_or(made.pay_by);
                let promised = Promised {
                    promise: made.promise,
                    amount: made.amount,
                    made_on: made.made_on,
                    pay_by: made.pay_by,
                    until,
                    kept: false,
                    ended_on: None,
                };
                update(&|row| row.promises.push(promised));
                rows.put(close_key(account, &promised), &());
            }
            CreditControl::PromiseKept(kept) => end(account, kept.promise, kept.kept_on, true, rows),
            CreditControl::PromisePartlyKept(partly) => {
                end(account, partly.promise, partly.noted_on, false, rows)
            }
            CreditControl::PromiseBroken(broken) => {
                end(account, broken.promise, broken.broken_on, false, rows)
            }
            CreditControl::PromiseWithdrawn(withdrawn) => {
                end(account, withdrawn.promise, withdrawn.withdrawn_on, false, rows);
            }
            CreditControl::HoldPlaced(placed) => update(&|row| {
                let (reason, placed_on) = (placed.reason, placed.placed_on);
                row.holds.push(Hold { reason, placed_on, released_on: None });
            }),
            CreditControl::HoldReleased(released) => update(&|row| {
                let running = row
                    .holds
                    .iter_mut()
                    .filter(|hold| hold.reason == released.reason && hold.released_on.is_none());
                running.for_each(|hold| hold.released_on = Some(released.released_on));
            }),
            CreditControl::DisputeRaised(_) | CreditControl::DisputeResolved(_) => {}
        },
        Event::Settings(_)
        | Event::Catalogue(_)
        | Event::Numbering(_)
        | Event::Tasks(_)
        | Event::Messages(_)
        | Event::Subscriptions(_)
        | Event::Usage(_)
        | Event::Work(_)
        | Event::Quotes(_)
        | Event::Discounts(_)
        | Event::Invoicing(_) => {}
    }
}

fn end(account: AccountId, promise: PromiseId, on: Date, kept: bool, rows: &mut Rows<'_>) {
    let key = format!("{PREFIX}{account}");
    let mut row: Standing = rows.get(&key).unwrap_or_default();
    for promised in row.promises.iter_mut().filter(|promised| promised.promise == promise) {
        (promised.kept, promised.ended_on) = (kept, Some(on));
        rows.remove(&close_key(account, promised));
    }
    rows.put(key, &row);
}

fn reopen_kept_promises(account: AccountId, rows: &mut Rows<'_>) {
    let row: Standing = rows.get(&format!("{PREFIX}{account}")).unwrap_or_default();
    for promised in row.promises.iter().filter(|promised| promised.kept) {
        rows.put(close_key(account, promised), &());
    }
}

fn close_key(account: AccountId, promised: &Promised) -> String {
    format!("{CLOSE}{}/{account}/{}", promised.until, promised.promise)
}
