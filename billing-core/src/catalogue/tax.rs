//! VAT: the categories of UNCL5305, and the rate of a tax code from a date on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::rate::Rate;

/// The category of VAT as it stands on electronic invoices (UNCL5305, used by EN 16931).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaxCategory {
    /// `S`: a rate above zero, the reduced ones too.
    #[serde(rename = "S")]
    Standard,
    /// `Z`: taxed at zero.
    #[serde(rename = "Z")]
    Zero,
    /// `E`: exempt.
    #[serde(rename = "E")]
    Exempt,
    /// `AE`: the customer accounts for the VAT.
    #[serde(rename = "AE")]
    ReverseCharge,
    /// `O`: outside the scope of VAT.
    #[serde(rename = "O")]
    OutsideScope,
}

impl TaxCategory {
    /// Whether a rate fits: above zero for `S` (EN 16931, BR-S-05), zero for all others (BR-Z-05, BR-E-05,
    /// BR-AE-05; `O` has none, BR-O-05).
    pub fn takes(self, rate: Rate) -> bool {
        match self {
            TaxCategory::Standard => !rate.is_zero(),
            TaxCategory::Zero
            | TaxCategory::Exempt
            | TaxCategory::ReverseCharge
            | TaxCategory::OutsideScope => rate.is_zero(),
        }
    }
}

impl fmt::Display for TaxCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TaxCategory::Standard => "standard rated",
            TaxCategory::Zero => "zero rated",
            TaxCategory::Exempt => "exempt",
            TaxCategory::ReverseCharge => "reverse charge",
            TaxCategory::OutsideScope => "outside the scope of VAT",
        })
    }
}

/// What a tax code means on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// The category.
    pub category: TaxCategory,
    /// The rate.
    pub rate: Rate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_stand_as_their_codes_on_the_wire() {
        for (category, wire) in [
            (TaxCategory::Standard, "\"S\""),
            (TaxCategory::Zero, "\"Z\""),
            (TaxCategory::Exempt, "\"E\""),
            (TaxCategory::ReverseCharge, "\"AE\""),
            (TaxCategory::OutsideScope, "\"O\""),
        ] {
            assert_eq!(serde_json::to_string(&category).unwrap(), wire);
        }
    }

    #[test]
    fn only_standard_has_a_rate() {
        let reduced = Rate::percent("5").unwrap();
        assert!(TaxCategory::Standard.takes(reduced) && !TaxCategory::Standard.takes(Rate::ZERO));
        for category in
            [TaxCategory::Zero, TaxCategory::Exempt, TaxCategory::ReverseCharge, TaxCategory::OutsideScope]
        {
            assert!(category.takes(Rate::ZERO) && !category.takes(reduced), "{category}");
        }
    }
}
