//! Messages: who is to be written to, and about what. The host reads these events in order, fills in its
//! templates and sends; nothing here sends anything. No command: messages follow from what other departments
//! record.

mod events;
mod recipient;

pub use events::{Event, MessageRequested};
pub use recipient::{CustomerRole, Recipient, about};

use serde::{Deserialize, Serialize};

use crate::decision::{self, Department};

/// The department that asks for messages.
#[derive(Debug)]
pub struct Messages;

/// How many messages were requested; no decision needs more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    requested: u64,
}

impl State {
    /// How many messages were requested.
    pub fn requested(&self) -> u64 {
        self.requested
    }
}

/// Messages refuse nothing: there are no commands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match *self {}
    }

    fn advice(&self) -> &'static str {
        match *self {}
    }
}

impl Department for Messages {
    const NAME: &'static str = "messages";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        match event {
            Event::MessageRequested(_) => state.requested = state.requested.saturating_add(1),
        }
    }
}
