//! Retiring a field of the seller's own.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::events::CustomFieldRetired;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact, Stop};
use crate::kernel::defined_fields::FieldOwner;
use crate::kernel::text::Code;
use crate::log::{Scope, StreamId};

/// Retire a field: nobody gives it a value any more. Values that are on record stay. It can be defined again, as what it
/// was.
///
/// ```
/// use billing_core::prelude::*;
/// let retire = RetireCustomField { on: FieldOwner::Account, name: "depot".parse()? };
/// # let _ = retire;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetireCustomField {
    /// What carries it.
    pub on: FieldOwner,
    /// Its name.
    pub name: Code,
}

impl Command for RetireCustomField {
    type Department = Settings;
    const NAME: &'static str = "settings.retire_custom_field";
    const SCOPE: Scope = Scope::Settings;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Settings> {
        let settings = books.settings_to_change()?;
        if !settings.is_open() {
            return Err(Stop::Absent(StreamId::Book));
        }
        let (on, name, fields) = (self.on, self.name.clone(), settings.custom_fields(self.on));
        if fields.get(&self.name).is_some() {
            return Ok(vec![Fact::on(StreamId::Book, CustomFieldRetired { on, name })]);
        }
        match fields.ever_defined(&self.name) {
            Some(_) => Ok(vec![]),
            None => Err(Rejection::NoSuchField { on, name }.into()),
        }
    }
}
