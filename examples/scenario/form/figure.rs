//! Figures of the file: decimal strings, read as the amount, the quantity or the rate that they stand for.

use std::fmt;

use billing_core::prelude::*;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::verdict::{Outcome, Stop};

/// A decimal figure without its unit, as `12.50`, `-3` or `50 (minimum gap)`: words in brackets are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure(String);

impl Figure {
    /// Reads a figure; nothing where it is none.
    pub(crate) fn parse(text: &str) -> Option<Figure> {
        let text = text.trim();
        let (figure, words) = text.find(' ').map_or((text, ""), |at| text.split_at(at));
        let words = words.trim();
        let spoken = words.is_empty() || words.starts_with('(') && words.ends_with(')');
        let digits = figure.strip_prefix('-').unwrap_or(figure);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (spoken && all_digits(whole) && all_digits(part)).then(|| Figure(shortest(figure)))
    }

    /// As an amount of a currency.
    pub(crate) fn money(&self, currency: Currency) -> Outcome<Money> {
        Money::from_major(&self.0, currency).map_err(|why| self.no(why))
    }

    /// As a number of units.
    pub(crate) fn quantity(&self) -> Outcome<Quantity> {
        Quantity::from_figure(&self.0).map_err(|why| self.no(why))
    }

    /// As the price of a unit.
    pub(crate) fn unit_price(&self, currency: Currency) -> Outcome<UnitPrice> {
        UnitPrice::from_major(&self.0, currency).map_err(|why| self.no(why))
    }

    /// As a percentage.
    pub(crate) fn percent(&self) -> Outcome<Rate> {
        Rate::percent(&self.0).map_err(|why| self.no(why))
    }

    /// As a whole number.
    pub(crate) fn whole<N: TryFrom<i64>>(&self) -> Outcome<N> {
        let number = self.0.parse::<i64>().ok().and_then(|number| N::try_from(number).ok());
        number.ok_or_else(|| Stop::unsupported(format!("{self} is no whole number that fits")))
    }

    /// Whether it stands for nothing.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'))
    }

    /// Whether it stands below zero.
    pub(crate) fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }

    fn no(&self, why: impl fmt::Display) -> Stop {
        Stop::Unsupported(format!("{self}: {why}"))
    }
}

/// Without zeros at the end of its decimals: `1.000` is an amount of a currency with two of them.
fn shortest(figure: &str) -> String {
    match figure.contains('.') {
        true => figure.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => figure.to_owned(),
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(de::Error::custom(format!("{other} is no figure")));
            }
        };
        Figure::parse(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is no figure")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_a_decimal_with_words_in_brackets() {
        let read = |text| Figure::parse(text).map(|figure| figure.to_string());
        assert_eq!(read("12.50"), Some("12.5".to_owned()));
        assert_eq!(read("-25 (maximum)"), Some("-25".to_owned()));
        assert_eq!(read("100"), Some("100".to_owned()));
        for text in ["", "x", "1.", ".5", "1e3", "10 EUR", "1 000", "--1", "+1"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
