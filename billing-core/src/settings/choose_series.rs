//! Choosing another number series.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::events::SeriesChosen;
use super::numbered::{unused, usable};
use super::series::SeriesChoice;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact, Stop};
use crate::log::{Scope, StreamId};

/// Number documents of a kind in a new series from now on: for a new year, say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChooseSeries {
    /// The series and how it begins.
    pub series: SeriesChoice,
}

impl Command for ChooseSeries {
    type Department = Settings;
    const NAME: &'static str = "settings.choose_series";
    const SCOPE: Scope = Scope::Settings;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Settings> {
        let settings = books.settings_to_change()?;
        if !settings.is_open() {
            return Err(Stop::Absent(StreamId::Book));
        }
        if *settings.series_choice(self.series.documents) == self.series {
            return Ok(vec![]);
        }
        usable(&self.series)?;
        unused(settings, &self.series)?;
        Ok(vec![Fact::on(StreamId::Book, SeriesChosen { series: self.series.clone() })])
    }
}
