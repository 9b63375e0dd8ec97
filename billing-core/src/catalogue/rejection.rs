//! The rules of the catalogue, in order of precedence.

use super::plan::PlanKind;
use super::tax::TaxCategory;
use super::tiers::PriceError;
use crate::decision;
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::defined_fields::FieldError;
use crate::kernel::money::Money;
use crate::kernel::rate::Rate;
use crate::kernel::text::Code;

/// Why something was not taken into the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Only the standard category has a rate above zero, and it always has one.
    #[error("tax code {code} is {category}, which does not go with a rate of {rate}")]
    RateOfCategory {
        /// The tax code.
        code: Code,
        /// Its category.
        category: TaxCategory,
        /// Its rate.
        rate: Rate,
    },
    /// On documents and in records `plan` means the plan that a subscription is to.
    #[error("an add-on can't have the code \"plan\"")]
    ReservedCode,
    /// A plan stays a plan, an add-on stays an add-on.
    #[error("{code} was published as {}, and can't become {}", article(.was), article(.now))]
    KindChanged {
        /// The plan or add-on.
        code: Code,
        /// What it was.
        was: PlanKind,
        /// What it would become.
        now: PlanKind,
    },
    /// The tax code has no meaning yet.
    #[error("{code} names tax code {tax_code}, which was never set")]
    UnknownTaxCode {
        /// What would be published.
        code: Code,
        /// The tax code.
        tax_code: Code,
    },
    /// What has no price can't be sold.
    #[error("{code} has no price")]
    NoPrice {
        /// What would be published.
        code: Code,
    },
    /// A customer pays in one currency, and must find one price in it.
    #[error("{code} has two prices in {currency}")]
    TwoPrices {
        /// What would be published.
        code: Code,
        /// The currency.
        currency: Currency,
    },
    /// A price of it can't be.
    #[error("{code} has a price that can't be: {why}")]
    Price {
        /// What would be published.
        code: Code,
        /// Which rule it breaks.
        why: PriceError,
    },
    /// A phase, a charge or a commitment has no amount in a currency that the plan is sold in.
    #[error(
        "{code} is sold in {currency}, but one of its phases, charges or commitments has no amount in it"
    )]
    NotInEveryCurrency {
        /// What would be published.
        code: Code,
        /// The currency.
        currency: Currency,
    },
    /// A commitment is to an amount above zero.
    #[error("{code} has a minimum commitment of {minimum}")]
    NoMinimum {
        /// What would be published.
        code: Code,
        /// The minimum.
        minimum: Money,
    },
    /// Two charges of a plan have one code.
    #[error("{code} has two charges {charge}")]
    ChargeTwice {
        /// What would be published.
        code: Code,
        /// The charge.
        charge: Code,
    },
    /// Existing subscribers would get a version before anybody can buy it.
    #[error("existing subscribers would move to {code} from {on} on, and it is sold from {sold} on")]
    MigratesBeforeSold {
        /// The plan or add-on.
        code: Code,
        /// The first day on which anybody would be moved.
        on: Date,
        /// The first day on which it is sold.
        sold: Date,
    },
    /// A field of the seller's own does not fit its definition.
    #[error(transparent)]
    CustomField(#[from] FieldError),
}

fn article(kind: &PlanKind) -> &'static str {
    match kind {
        PlanKind::Base => "a plan",
        PlanKind::AddOn => "an add-on",
    }
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::RateOfCategory { .. } => "catalogue.rate_of_category",
            Rejection::ReservedCode => "catalogue.reserved_code",
            Rejection::KindChanged { .. } => "catalogue.kind_changed",
            Rejection::UnknownTaxCode { .. } => "catalogue.unknown_tax_code",
            Rejection::NoPrice { .. } => "catalogue.no_price",
            Rejection::TwoPrices { .. } => "catalogue.two_prices",
            Rejection::Price { .. } => "catalogue.price",
            Rejection::NotInEveryCurrency { .. } => "catalogue.not_in_every_currency",
            Rejection::NoMinimum { .. } => "catalogue.no_minimum",
            Rejection::ChargeTwice { .. } => "catalogue.charge_twice",
            Rejection::MigratesBeforeSold { .. } => "catalogue.migrates_before_sold",
            Rejection::CustomField(_) => "catalogue.custom_field",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::RateOfCategory { .. } => {
                "Give standard (S) a rate above zero, reduced rates too, and every other category 0%."
            }
            Rejection::ReservedCode => "Choose another code for the add-on.",
            Rejection::KindChanged { .. } => "Publish it under another code.",
            Rejection::UnknownTaxCode { .. } => "Set the tax code first, or correct it.",
            Rejection::NoPrice { .. } => {
                "Give one price for each currency that it is sold in; a free plan costs 0."
            }
            Rejection::TwoPrices { .. } => "Leave one of them out.",
            Rejection::NotInEveryCurrency { .. } => {
                "Give each phase and charge a price, and each commitment a minimum, in every currency of the plan."
            }
            Rejection::NoMinimum { .. } => "Commit to an amount above zero, or leave the commitment out.",
            Rejection::ChargeTwice { .. } => "Give each charge a code of its own.",
            Rejection::MigratesBeforeSold { .. } => {
                "Let existing subscribers move on the day from which it is sold, or later."
            }
            Rejection::Price { .. } => {
                "Correct the price. It is never below zero: money is given back with a credit note."
            }
            Rejection::CustomField(_) => {
                "Look the field up in the book's settings, and give a value that fits; seal what is personal."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_says_which_it_is() {
        let code: Code = "basic".parse().unwrap();
        let tax_code: Code = "vat".parse().unwrap();
        let currency = Currency::GBP;
        for (rule, message) in [
            (
                Rejection::RateOfCategory {
                    code: tax_code.clone(),
                    category: TaxCategory::Exempt,
                    rate: Rate::percent("20").unwrap(),
                },
                "tax code vat is exempt, which does not go with a rate of 20%",
            ),
            (Rejection::ReservedCode, "an add-on can't have the code \"plan\""),
            (
                Rejection::KindChanged { code: code.clone(), was: PlanKind::Base, now: PlanKind::AddOn },
                "basic was published as a plan, and can't become an add-on",
            ),
            (
                Rejection::UnknownTaxCode { code: code.clone(), tax_code },
                "basic names tax code vat, which was never set",
            ),
            (Rejection::NoPrice { code: code.clone() }, "basic has no price"),
            (Rejection::TwoPrices { code: code.clone(), currency }, "basic has two prices in GBP"),
            (
                Rejection::MigratesBeforeSold {
                    code: code.clone(),
                    on: "2026-12-31".parse().unwrap(),
                    sold: "2027-01-01".parse().unwrap(),
                },
                "existing subscribers would move to basic from 2026-12-31 on, and it is sold from 2027-01-01 on",
            ),
            (
                Rejection::NotInEveryCurrency { code: code.clone(), currency },
                "basic is sold in GBP, but one of its phases, charges or commitments has no amount in it",
            ),
            (
                Rejection::NoMinimum { code: code.clone(), minimum: "GBP 0.00".parse().unwrap() },
                "basic has a minimum commitment of GBP 0.00",
            ),
            (
                Rejection::Price { code, why: PriceError::Negative("GBP -1.00".parse().unwrap()) },
                "basic has a price that can't be: GBP -1.00 is below zero: what is sold is never paid for by the \
                 seller",
            ),
        ] {
            assert_eq!(rule.to_string(), message);
        }
    }
}
