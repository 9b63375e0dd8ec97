//! Setting the reminder ladder.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::events::LadderSet;
use super::ladder::Ladder;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact, Stop};
use crate::log::{Scope, StreamId};

/// Remind late payers by this ladder from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetLadder {
    /// The ladder.
    pub ladder: Ladder,
}

impl Command for SetLadder {
    type Department = Settings;
    const NAME: &'static str = "settings.set_ladder";
    const SCOPE: Scope = Scope::Settings;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Settings> {
        let settings = books.settings_to_change()?;
        if !settings.is_open() {
            return Err(Stop::Absent(StreamId::Book));
        }
        if *settings.ladder() == self.ladder {
            return Ok(vec![]);
        }
        Ok(vec![Fact::on(StreamId::Book, LadderSet { ladder: self.ladder.clone() })])
    }
}
