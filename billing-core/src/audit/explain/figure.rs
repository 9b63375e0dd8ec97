//! An exact figure in words: as a decimal where it ends, else as a fraction.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::kernel::exact::Exact;

/// Decimals of a minor unit that are shown where a figure does not end.
const SHOWN: usize = 6;
/// Decimals after which a figure is told as a fraction though it ends.
const LONGEST: usize = 15;

/// An exact amount that can be read: `GBP 12.5125`, or `GBP 19.28571428… (135/7)` where its decimals do not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure(pub Exact);

impl Figure {
    /// The amount in minor units as a fraction in lowest terms, `13500/7`; a whole number has no denominator.
    pub fn minor_units(&self) -> String {
        let (numerator, denominator) = self.0.fraction();
        match denominator.get() {
            1 => numerator.to_string(),
            denominator => format!("{numerator}/{denominator}"),
        }
    }

    /// The digits in major units, and whether they end there.
    fn digits(&self) -> (String, bool) {
        let (numerator, denominator) = self.0.fraction();
        let (magnitude, denominator) = (numerator.unsigned_abs(), denominator.get());
        let decimals = usize::from(self.0.currency().decimals());
        let (mut whole, mut rest) = ((magnitude / denominator).to_string(), magnitude % denominator);
        whole = format!("{whole:0>width$}", width = decimals + 1);
        let mut fraction = whole.split_off(whole.len() - decimals);
        let mut more = String::new();
        while rest != 0 && more.len() < LONGEST {
            // A rest that ten times does not fit is cut off here, and told by the fraction.
            let Some(ten) = rest.checked_mul(10) else { break };
            more.push_str(&(ten / denominator).to_string());
            rest = ten % denominator;
        }
        let ends = rest == 0;
        if !ends {
            more.truncate(SHOWN);
        }
        fraction.push_str(&more);
        let sign = if numerator < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        (format!("{sign}{whole}{point}{fraction}"), ends)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, ends) = self.digits();
        write!(f, "{} {digits}", self.0.currency())?;
        if !ends {
            let unit = if self.0.currency().decimals() == 0 { "" } else { " minor units" };
            write!(f, "… ({}{unit})", self.minor_units())?;
        }
        Ok(())
    }
}

/// As data it is never cut off: `{"currency":"GBP","minor_units":"13500/7"}`.
impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut figure = serializer.serialize_struct("Figure", 2)?;
        figure.serialize_field("currency", &self.0.currency())?;
        figure.serialize_field("minor_units", &self.minor_units())?;
        figure.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::Money;

    #[test]
    fn a_figure_is_told_to_its_end_or_as_a_fraction() {
        let exact = |text: &str| Exact::from(Money::parse(text).unwrap());
        let shown = |exact: Exact| Figure(exact).to_string();
        assert_eq!(shown(exact("GBP 30.00")), "GBP 30.00");
        assert_eq!(shown(exact("GBP -0.05").part(1, 4).unwrap()), "GBP -0.0125");
        // 135/7 is 19.285714285714…, in pence 13500/7.
        let part = exact("GBP 30.00").part(18, 28).unwrap();
        assert_eq!(shown(part), "GBP 19.28571428… (13500/7 minor units)");
        assert_eq!(shown(exact("JPY 10").part(1, 3).unwrap()), "JPY 3.333333… (10/3)");
        assert_eq!(shown(exact("JPY 10")), "JPY 10");
        let data = serde_json::to_string(&Figure(part)).unwrap();
        assert_eq!(data, r#"{"currency":"GBP","minor_units":"13500/7"}"#);
    }
}
