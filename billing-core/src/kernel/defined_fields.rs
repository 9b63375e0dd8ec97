//! What a seller defined about fields of its own, and whether the values that are given fit.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::custom_fields::{CustomFields, CustomValue};
use super::text::{Code, Label};

/// What carries fields: on the wire `"account"`, `"subscription"`, `"plan"` (add-ons too) or `"item"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOwner {
    /// A customer.
    Account,
    /// What a customer subscribed to.
    Subscription,
    /// A plan or an add-on; each version has its own values.
    Plan,
    /// Something that is sold once; each version has its own values.
    Item,
}

/// What a field holds. On the wire `"text"`, `"number"`, `"date"`, `"flag"` or `{"one_of":["north","south"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A whole number.
    Number,
    /// A civil date.
    Date,
    /// Yes or no.
    Flag,
    /// One of these texts.
    OneOf(Vec<Label>),
}

/// What is known of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDefinition {
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be there wherever fields are given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it is about a person: then it is sealed, and erased with the person's key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
}

/// Why the value of a field was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nobody defined it, and others are defined.
    #[error("no field {name} is defined for {on}")]
    Undefined {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
    /// It is not used any more.
    #[error("the field {name} of {on} was retired")]
    Retired {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
    /// Personal data is never kept in clear.
    #[error("the field {name} of {on} is personal, and its value is not sealed")]
    InClear {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
    /// The value is of another kind.
    #[error("the field {name} of {on} holds {kind}, and something else is given")]
    OtherKind {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
        /// What it holds.
        kind: FieldKind,
    },
    /// A required field is left out.
    #[error("the field {name} of {on} is required and is left out")]
    Missing {
        /// What carries it.
        on: FieldOwner,
        /// The field.
        name: Code,
    },
}

impl fmt::Display for FieldOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldOwner::Account => "accounts",
            FieldOwner::Subscription => "subscriptions",
            FieldOwner::Plan => "plans",
            FieldOwner::Item => "items",
        })
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldKind::Text => "a text",
            FieldKind::Number => "a number",
            FieldKind::Date => "a date",
            FieldKind::Flag => "yes or no",
            FieldKind::OneOf(options) => {
                let options: Vec<&str> = options.iter().map(Label::as_str).collect();
                return write!(f, "one of {}", options.join(", "));
            }
        })
    }
}

impl FieldKind {
    /// Whether every value of another kind is one of this kind too.
    pub fn takes_all_of(&self, other: &FieldKind) -> bool {
        match (self, other) {
            (FieldKind::OneOf(now), FieldKind::OneOf(was)) => was.iter().all(|option| now.contains(option)),
            (now, was) => now == was,
        }
    }

    /// Whether it is the same kind, whatever its options.
    pub fn is_like(&self, other: &FieldKind) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    fn takes(&self, value: &CustomValue) -> bool {
        match (self, value) {
            (FieldKind::Text, CustomValue::Text(_))
            | (FieldKind::Number, CustomValue::Number(_))
            | (FieldKind::Date, CustomValue::Date(_))
            | (FieldKind::Flag, CustomValue::Flag(_)) => true,
            (FieldKind::OneOf(options), CustomValue::Text(text)) => options.contains(text),
            (
                FieldKind::Text | FieldKind::Number | FieldKind::Date | FieldKind::Flag | FieldKind::OneOf(_),
                CustomValue::Text(_)
                | CustomValue::Number(_)
                | CustomValue::Date(_)
                | CustomValue::Flag(_)
                | CustomValue::Sealed(_),
            ) => false,
        }
    }
}

/// All fields that were ever defined for something. A name that was retired keeps what it meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DefinedFields(BTreeMap<Code, Defined>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defined {
    definition: FieldDefinition,
    retired: bool,
}

impl DefinedFields {
    /// None at all: any field is taken.
    pub const NONE: DefinedFields = DefinedFields(BTreeMap::new());

    /// Defines a field, or what it is from now on.
    pub fn define(&mut self, name: Code, definition: FieldDefinition) {
        self.0.insert(name, Defined { definition, retired: false });
    }

    /// A field is not used any more.
    pub fn retire(&mut self, name: &Code) {
        if let Some(defined) = self.0.get_mut(name) {
            defined.retired = true;
        }
    }

    /// What is known of a field, retired or not.
    pub fn ever_defined(&self, name: &Code) -> Option<&FieldDefinition> {
        self.0.get(name).map(|defined| &defined.definition)
    }

    /// What is known of a field that is in use.
    pub fn get(&self, name: &Code) -> Option<&FieldDefinition> {
        self.0.get(name).filter(|defined| !defined.retired).map(|defined| &defined.definition)
    }

    /// The fields in use, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&Code, &FieldDefinition)> {
        let used = self.0.iter().filter(|(_, defined)| !defined.retired);
        used.map(|(name, defined)| (name, &defined.definition))
    }

    /// Whether values may be given. One that stays as it was is not looked at, so that what was recorded before a
    /// definition, or of a retired field, can be given along; without any definition, all are taken.
    ///
    /// # Errors
    /// [`FieldError`] names the first field, by name, that does not fit, or else the first that is left out.
    pub fn check(&self, on: FieldOwner, given: &CustomFields, had: &CustomFields) -> Result<(), FieldError> {
        if self.0.is_empty() {
            return Ok(());
        }
        for (name, value) in given.iter().filter(|(name, value)| had.get(name) != Some(value)) {
            let known = || name.clone();
            let Some(Defined { definition, retired }) = self.0.get(name) else {
                return Err(FieldError::Undefined { on, name: known() });
            };
            let sealed = match value {
                CustomValue::Sealed(_) => true,
                CustomValue::Text(_)
                | CustomValue::Number(_)
                | CustomValue::Date(_)
                | CustomValue::Flag(_) => false,
            };
            match (retired, definition.personal, sealed) {
                (true, _, _) => return Err(FieldError::Retired { on, name: known() }),
                (false, true, true) => {}
                (false, true, false) => return Err(FieldError::InClear { on, name: known() }),
                (false, false, _) if definition.kind.takes(value) => {}
                (false, false, _) => {
                    let kind = definition.kind.clone();
                    return Err(FieldError::OtherKind { on, name: known(), kind });
                }
            }
        }
        let missing = self.iter().find(|(name, definition)| definition.required && given.get(name).is_none());
        missing.map_or(Ok(()), |(name, _)| Err(FieldError::Missing { on, name: name.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::sealed::Sealed;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    fn text(text: &str) -> CustomValue {
        CustomValue::Text(text.parse().unwrap())
    }

    fn fields(values: &[(&str, CustomValue)]) -> CustomFields {
        let mut fields = CustomFields::default();
        values.iter().for_each(|(name, value)| fields.insert(code(name), value.clone()).unwrap());
        fields
    }

    fn kinds() -> Vec<FieldKind> {
        let options = vec!["north".parse().unwrap(), "south".parse().unwrap()];
        vec![FieldKind::Text, FieldKind::Number, FieldKind::Date, FieldKind::Flag, FieldKind::OneOf(options)]
    }

    fn values() -> Vec<CustomValue> {
        vec![
            text("north"),
            CustomValue::Number(3),
            CustomValue::Date("2026-11-30".parse().unwrap()),
            CustomValue::Flag(true),
            CustomValue::Sealed(Sealed::marked("Ada").unwrap()),
        ]
    }

    fn defined(kind: FieldKind, required: bool, personal: bool) -> DefinedFields {
        let mut defined = DefinedFields::default();
        defined.define(code("area"), FieldDefinition { kind, required, personal });
        defined
    }

    fn check(defined: &DefinedFields, given: &[(&str, CustomValue)]) -> Result<(), String> {
        let had = CustomFields::default();
        defined.check(FieldOwner::Account, &fields(given), &had).map_err(|why| why.to_string())
    }

    #[test]
    fn every_kind_takes_its_own_values_and_no_others() {
        for (at, kind) in kinds().into_iter().enumerate() {
            for (which, value) in values().into_iter().enumerate() {
                // A text that is among the options is one of them.
                let fits = at == which && at < 4 || at == 4 && which == 0;
                let result = check(&defined(kind.clone(), false, false), &[("area", value)]);
                assert_eq!(result.is_ok(), fits, "{kind} {which}: {result:?}");
            }
        }
        let options = defined(kinds().remove(4), false, false);
        assert_eq!(
            check(&options, &[("area", text("east"))]),
            Err("the field area of accounts holds one of north, south, and something else is given"
                .to_owned())
        );
    }

    #[test]
    fn personal_fields_are_sealed() {
        let personal = defined(FieldKind::Text, false, true);
        assert_eq!(
            check(&personal, &[("area", text("Ada"))]),
            Err("the field area of accounts is personal, and its value is not sealed".to_owned())
        );
        assert_eq!(check(&personal, &[("area", values().remove(4))]), Ok(()));
    }

    #[test]
    fn nothing_defined_takes_all_and_something_defined_only_that() {
        assert_eq!(check(&DefinedFields::default(), &[("area", text("north"))]), Ok(()));
        let required = defined(FieldKind::Text, true, false);
        assert_eq!(
            check(&required, &[("depot", text("north"))]),
            Err("no field depot is defined for accounts".to_owned())
        );
        assert_eq!(
            check(&required, &[]),
            Err("the field area of accounts is required and is left out".to_owned())
        );
    }

    #[test]
    fn what_stays_as_it_was_is_not_looked_at() {
        let mut defined = defined(FieldKind::Number, true, false);
        let before = fields(&[("area", text("north")), ("old", text("x"))]);
        let given = |values: &[(&str, CustomValue)]| {
            defined.check(FieldOwner::Account, &fields(values), &before).map_err(|why| why.to_string())
        };
        assert_eq!(given(&[("area", text("north")), ("old", text("x"))]), Ok(()));
        assert!(given(&[("area", text("south")), ("old", text("x"))]).unwrap_err().contains("a number"));
        assert!(given(&[("area", CustomValue::Number(1)), ("old", text("y"))]).is_err());
        defined.retire(&code("area"));
        assert_eq!(check(&defined, &[]), Ok(()), "not asked for any more");
        assert_eq!(
            check(&defined, &[("area", CustomValue::Number(1))]),
            Err("the field area of accounts was retired".to_owned())
        );
    }

    #[test]
    fn kinds_and_owners_are_said_in_words() {
        let said: Vec<String> = kinds().iter().map(ToString::to_string).collect();
        assert_eq!(said, ["a text", "a number", "a date", "yes or no", "one of north, south"]);
        let owners = [FieldOwner::Account, FieldOwner::Subscription, FieldOwner::Plan, FieldOwner::Item];
        assert_eq!(owners.map(|on| on.to_string()), ["accounts", "subscriptions", "plans", "items"]);
        assert_eq!(serde_json::to_string(&kinds()[4]).unwrap(), r#"{"one_of":["north","south"]}"#);
    }
}
