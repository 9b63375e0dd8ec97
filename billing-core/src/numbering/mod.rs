//! Numbering: gap-free numbers by construction. A series is a stream of its own; its first event opens it,
//! and every further one gives the next number to a document, in the commit that issues the document. No
//! command asks for a number and no decision reads one.

mod events;

pub use events::{Event, NumberAssigned, SeriesOpened, number_of};

use serde::{Deserialize, Serialize};

use crate::decision::{self, Department};

/// The department that numbers documents.
#[derive(Debug)]
pub struct Numbering;

/// Nothing: a series has no page, because no decision may depend on a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {}

/// Numbering refuses nothing: it has no commands.
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

impl Department for Numbering {
    const NAME: &'static str = "numbering";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(_state: &mut State, event: &Event) {
        match event {
            Event::SeriesOpened(_) | Event::NumberAssigned(_) => {}
        }
    }
}
