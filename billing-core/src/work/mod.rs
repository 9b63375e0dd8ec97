//! Work: what was done for a customer and is to be billed by the piece: hours, days, visits.
//!
//! Work is recorded when it is done, so that none is forgotten. What is neither billed nor written off is
//! unbilled; whether it was billed is asked of invoicing. What waits too long is noted, once a piece, and told.

mod events;
mod note_late_work;
mod page;
mod record_work;
mod rejection;
mod state;
#[cfg(test)]
mod tests;
mod write_off_work;

pub use events::{Event, LateWorkNoted, WorkRecorded, WorkWrittenOff};
pub use note_late_work::NoteLateWork;
pub use page::WorkItem;
pub use record_work::RecordWork;
pub use rejection::Rejection;
pub use state::State;
pub use write_off_work::WriteOffWork;

use crate::decision::Department;

/// The department that keeps what was done for customers.
#[derive(Debug)]
pub struct Work;

impl Department for Work {
    const NAME: &'static str = "work";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}
