//! Credit control: who is reminded of what, promises to pay, disputes, holds. A reminder is decided twice: by the
//! chase, which finds it due, and at the moment of sending, against the latest state of the account.

mod chase;
mod chasing;
mod close_day;
mod events;
mod make_promise;
mod page;
mod place_hold;
mod promise;
mod raise_dispute;
mod reason;
mod rejection;
mod release_hold;
mod resolve_dispute;
mod send_reminder;
mod state;
mod withdraw_promise;

pub use chase::Chase;
pub use close_day::CloseDay;
pub use events::{
    Chased, DisputeRaised, DisputeResolved, Event, HoldPlaced, HoldReleased, PromiseBroken, PromiseKept,
    PromiseMade, PromisePartlyKept, PromiseWithdrawn, ReminderDue, ReminderSent, ReminderSuppressed,
};
pub use make_promise::{MOST_BROKEN, MakePromise};
pub use page::{next_action_on, next_close_on};
pub use place_hold::PlaceHold;
pub use promise::Promise;
pub use raise_dispute::RaiseDispute;
pub use reason::{DisputeOutcome, DisputeReason, HoldReason, SuppressionReason};
pub use rejection::Rejection;
pub use release_hold::ReleaseHold;
pub use resolve_dispute::ResolveDispute;
pub use send_reminder::SendReminder;
pub use state::{Dispute, State, Waiting};
pub use withdraw_promise::WithdrawPromise;

use crate::decision::Department;

/// The department.
#[derive(Debug)]
pub struct CreditControl;

impl Department for CreditControl {
    const NAME: &'static str = "credit_control";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}

#[cfg(test)]
mod tests;
