//! The answer to a command.

use crate::book::{Event, OfBook, payload};
use crate::error::{Error, Kind};
use crate::log::{Head, Payload, Recorded};

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What was recorded, in log order; nothing if there was nothing to do.
    pub events: Vec<Recorded<Event>>,
    /// The head behind the last of these lines: keep it outside the store to see later that nothing was taken
    /// away. `None` if nothing was recorded.
    pub head: Option<Head>,
    /// Whether the command had been recorded before; then this is the answer it got then.
    pub repeated: bool,
}

impl Done {
    pub(crate) fn nothing() -> Self {
        Done { events: Vec::new(), head: None, repeated: false }
    }

    /// Whether the command had nothing left to do.
    pub fn is_nothing(&self) -> bool {
        self.events.is_empty()
    }

    /// The facts of one kind, in log order.
    pub fn all<P: Payload<Event: OfBook>>(&self) -> impl Iterator<Item = &P> {
        self.events.iter().filter_map(|recorded| payload(&recorded.event))
    }

    /// The first fact of one kind.
    pub fn first<P: Payload<Event: OfBook>>(&self) -> Option<&P> {
        self.all().next()
    }

    /// The first fact of a kind that must be there: `done.one::<AccountRegistered>()?.account`.
    ///
    /// # Errors
    /// If the command recorded none; as a command that had nothing to do.
    pub fn one<P: Payload<Event: OfBook>>(&self) -> Result<&P, Error> {
        self.first().ok_or_else(|| Kind::NotInAnswer(P::WORD).into())
    }
}
