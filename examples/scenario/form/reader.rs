//! Reading parts of a case strictly: a key that is not known here makes the case one that can't be told.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::verdict::{Outcome, Stop};

/// An object of the file.
pub(crate) type Object = Map<String, Value>;

/// Reads a value as what it must be; says where it stands if it is not.
pub(crate) fn read<T: DeserializeOwned>(value: Value, place: &str) -> Outcome<T> {
    serde_json::from_value(value).map_err(|why| {
        let why = why.to_string();
        // The first words name the key; what else there is stands in the code.
        let short = why.split_once(", expected").map_or(why.as_str(), |(short, _)| short);
        Stop::Unsupported(format!("{place}: {short}"))
    })
}

/// The object that must stand there.
pub(crate) fn object(value: Value, place: &str) -> Outcome<Object> {
    match value {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Stop::Unsupported(format!("{place}: an object is expected")))
        }
    }
}

/// The list that must stand there; nothing given is an empty one.
pub(crate) fn list(value: Option<Value>, place: &str) -> Outcome<Vec<Value>> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => Ok(list),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Err(Stop::Unsupported(format!("{place}: a list is expected")))
        }
    }
}

/// Takes the named keys out of an object into one of their own.
pub(crate) fn taken(object: &mut Object, keys: &[&str]) -> Object {
    keys.iter().filter_map(|key| object.remove_entry(*key)).collect()
}

/// Takes out what is written for people.
pub(crate) fn without_words(mut object: Object) -> Object {
    object.retain(|key, _| !is_words(key));
    object
}

/// Whether a key holds words for people, which are never read.
pub(crate) fn is_words(key: &str) -> bool {
    matches!(key, "note" | "working" | "rule" | "working_in_words") || key.ends_with("_in_words")
}
