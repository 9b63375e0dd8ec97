//! Defining a field of the seller's own.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::events::CustomFieldDefined;
use super::rejection::Rejection;
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact, Stop};
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::defined_fields::{FieldDefinition, FieldKind, FieldOwner};
use crate::kernel::text::Code;
use crate::log::{Scope, StreamId};

/// Define a field that accounts, subscriptions, plans or items carry, or relax one that is defined: require it no more,
/// or add options. What it holds, and whether it is personal, stays for good, also when it was retired: values of it are
/// on record.
///
/// From the first definition on, whatever is not defined is refused there; values that were recorded before stay, and
/// can be given along unchanged.
///
/// ```
/// use billing_core::prelude::*;
/// let depot = DefineCustomField {
///     on: FieldOwner::Account,
///     name: "depot".parse()?,
///     definition: FieldDefinition {
///         kind: FieldKind::OneOf(vec!["north".parse()?, "south".parse()?]),
///         required: true,
///         personal: false,
///     },
/// };
/// # let _ = depot;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefineCustomField {
    /// What carries it.
    pub on: FieldOwner,
    /// Its name.
    pub name: Code,
    /// What it holds, whether it must be there, and whether it is about a person: a text, given sealed.
    pub definition: FieldDefinition,
}

impl Command for DefineCustomField {
    type Department = Settings;
    const NAME: &'static str = "settings.define_custom_field";
    const SCOPE: Scope = Scope::Settings;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Settings> {
        let settings = books.settings_to_change()?;
        if !settings.is_open() {
            return Err(Stop::Absent(StreamId::Book));
        }
        let (on, name, now) = (self.on, self.name.clone(), &self.definition);
        if now.kind == FieldKind::OneOf(Vec::new()) {
            return Err(Rejection::NoOptions { on, name }.into());
        }
        if now.personal && now.kind != FieldKind::Text {
            return Err(Rejection::PersonalNotText { on, name }.into());
        }
        let fields = settings.custom_fields(on);
        if fields.get(&self.name) == Some(now) {
            return Ok(vec![]);
        }
        if let Some(was) = fields.ever_defined(&self.name) {
            if !now.kind.is_like(&was.kind) {
                let (was, now) = (was.kind.clone(), now.kind.clone());
                return Err(Rejection::FieldKindChanged { on, name, was, now }.into());
            }
            let is_in_use = fields.get(&self.name).is_some();
            let stricter = is_in_use && now.required && !was.required;
            if stricter || now.personal != was.personal || !now.kind.takes_all_of(&was.kind) {
                return Err(Rejection::FieldTightened { on, name }.into());
            }
        } else if fields.iter().count() >= CustomFields::LIMIT {
            return Err(Rejection::TooManyFields { on }.into());
        }
        let defined = CustomFieldDefined { on, name, definition: self.definition.clone() };
        Ok(vec![Fact::on(StreamId::Book, defined)])
    }
}
