//! Choosing policies.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::events::PoliciesChosen;
use super::policy::Policies;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact, Stop};
use crate::log::{Scope, StreamId};

/// Decide by these policies from now on; what was decided before stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoosePolicies {
    /// All policies, the unchanged ones too.
    pub policies: Policies,
}

impl Command for ChoosePolicies {
    type Department = Settings;
    const NAME: &'static str = "settings.choose_policies";
    const SCOPE: Scope = Scope::Settings;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Settings> {
        let settings = books.settings_to_change()?;
        if !settings.is_open() {
            return Err(Stop::Absent(StreamId::Book));
        }
        if *settings.policies() == self.policies {
            return Ok(vec![]);
        }
        Ok(vec![Fact::on(StreamId::Book, PoliciesChosen { policies: self.policies })])
    }
}
