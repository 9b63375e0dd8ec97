//! Fields of the seller's own, carried beside ours and never computed with.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::calendar::Date;
use super::sealed::Sealed;
use super::text::{Code, Label};

/// Why a custom field was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustomFieldError {
    /// More than [`CustomFields::LIMIT`] fields.
    #[error("there is room for 50 custom fields: take one out before you add {0}")]
    TooMany(Code),
    /// A field named twice.
    #[error("the custom field {0} is given twice: leave one out")]
    Twice(Code),
}

/// What a custom field holds. On the wire `{"text":"north"}`, `{"number":3}`, `{"date":"2026-11-30"}`,
/// `{"flag":true}`, `{"sealed":"plain:Ada"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomValue {
    /// A line of text.
    Text(Label),
    /// A whole number; what has decimals is kept as text, since nothing is computed from it.
    Number(i64),
    /// A civil date.
    Date(Date),
    /// Yes or no.
    Flag(bool),
    /// Personal data, that nobody here can read.
    Sealed(Sealed),
}

/// Up to 50 named values.
///
/// ```
/// use billing_core::kernel::custom_fields::{CustomFields, CustomValue};
/// use billing_core::kernel::text::Code;
/// let mut fields = CustomFields::default();
/// fields.insert(Code::parse("depot").unwrap(), CustomValue::Number(3)).unwrap();
/// assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"depot":{"number":3}}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CustomFields(BTreeMap<Code, CustomValue>);

impl CustomFields {
    /// The most fields there may be.
    pub const LIMIT: usize = 50;

    /// Adds a field.
    ///
    /// # Errors
    /// [`CustomFieldError`] when it is there already or there is no room; nothing is changed.
    pub fn insert(&mut self, name: Code, value: CustomValue) -> Result<(), CustomFieldError> {
        if self.0.contains_key(&name) {
            return Err(CustomFieldError::Twice(name));
        }
        if self.0.len() >= Self::LIMIT {
            return Err(CustomFieldError::TooMany(name));
        }
        self.0.insert(name, value);
        Ok(())
    }

    /// The value of a field.
    pub fn get(&self, name: &Code) -> Option<&CustomValue> {
        self.0.get(name)
    }

    /// The fields in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&Code, &CustomValue)> {
        self.0.iter()
    }

    /// Whether there is no field; an empty set is left out of a record.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = CustomFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("custom fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<CustomFields, A::Error> {
                // A plain map would keep the last of two fields with the same name and say nothing.
                let mut fields = CustomFields::default();
                while let Some((name, value)) = entries.next_entry()? {
                    fields.insert(name, value).map_err(A::Error::custom)?;
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    #[test]
    fn fields_survive_the_wire_in_order_of_their_names() {
        let mut fields = CustomFields::default();
        fields.insert(code("vip"), CustomValue::Flag(true)).unwrap();
        fields.insert(code("area"), CustomValue::Text(Label::parse("north").unwrap())).unwrap();
        fields.insert(code("since"), CustomValue::Date("2026-11-30".parse().unwrap())).unwrap();
        let wire = r#"{"area":{"text":"north"},"since":{"date":"2026-11-30"},"vip":{"flag":true}}"#;
        assert_eq!(serde_json::to_string(&fields).unwrap(), wire);
        assert_eq!(serde_json::from_str::<CustomFields>(wire).unwrap(), fields);
        assert_eq!(fields.get(&code("vip")), Some(&CustomValue::Flag(true)));
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        let wrong = serde_json::from_str::<CustomFields>(r#"{"a":{"number":1},"a":{"number":2}}"#);
        assert!(
            wrong.unwrap_err().to_string().starts_with("the custom field a is given twice: leave one out")
        );
    }

    #[test]
    fn the_fifty_first_field_is_refused() {
        let mut fields = CustomFields::default();
        for n in 0..50 {
            fields.insert(code(&format!("f{n}")), CustomValue::Number(n)).unwrap();
        }
        assert_eq!(
            fields.insert(code("more"), CustomValue::Number(0)).unwrap_err().to_string(),
            "there is room for 50 custom fields: take one out before you add more"
        );
        assert_eq!(fields.iter().count(), 50);
    }
}
