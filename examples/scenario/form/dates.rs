//! Which days a case names: time ends with the last of them. The service days of lines are no moments.

use billing_core::kernel::calendar::{Date, plus_days};
use serde_json::Value;

use super::reader::is_words;
use crate::verdict::Outcome;

/// The last day that actions or expectations name; none where they name no day at all.
pub(crate) fn last_day(actions: Option<&Value>, expect: Option<&Value>) -> Outcome<Option<Date>> {
    let mut days = Vec::new();
    actions.into_iter().for_each(|actions| named(actions, &mut days));
    if let Some(Value::Object(expect)) = expect {
        for (key, value) in expect {
            days.extend(in_text(key));
            match (key.as_str(), value) {
                // A period is seen when the next one has begun.
                ("period", Value::Object(period)) => {
                    for date in period.values().filter_map(Value::as_str).flat_map(in_text) {
                        days.push(plus_days(date, 1)?);
                    }
                }
                ("lines", _) => {}
                _ => named(value, &mut days),
            }
            if key == "true_up" {
                let periods =
                    value.as_array().into_iter().flatten().filter_map(|row| row.get("period")?.as_str());
                days.extend(periods.flat_map(in_text));
            }
        }
    }
    Ok(days.into_iter().max())
}

fn named(value: &Value, days: &mut Vec<Date>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => days.extend(text.get(..10).and_then(|day| day.parse::<Date>().ok())),
        Value::Array(values) => values.iter().for_each(|value| named(value, days)),
        Value::Object(values) => {
            for (key, value) in values {
                days.extend(in_text(key));
                if !is_words(key) && !matches!(key.as_str(), "lines" | "lines_include" | "period") {
                    named(value, days);
                }
            }
        }
    }
}

/// Dates inside a text: of a key, or of a period as `2024-01-01..2024-02-01`.
fn in_text(text: &str) -> impl Iterator<Item = Date> + '_ {
    text.split(['_', '.']).filter_map(|part| part.parse().ok())
}
