//! Usage: what was counted of a customer's use: calls, gigabytes, users. What of it is billed, and at which price,
//! follows from the meters of what the customer subscribed to.
//!
//! Each account has a stream of its own for it, so that a busy meter does not lengthen what is known of the customer.
//! A record bears a key of the host's choice and counts once, however often it is given.

mod events;
mod mark;
mod page;
mod record_usage;
mod rejection;
mod restate_usage;
mod state;
#[cfg(test)]
mod tests;

pub use events::{Event, Reading, UsageRecord, UsageRecorded, UsageRestated};
pub use record_usage::RecordUsage;
pub use rejection::Rejection;
pub use restate_usage::RestateUsage;
pub use state::State;

use crate::decision::Department;

/// The department that keeps what was counted.
#[derive(Debug)]
pub struct Usage;

impl Department for Usage {
    const NAME: &'static str = "usage";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}
