//! Setting a tax code.

use serde::{Deserialize, Serialize};

use super::Catalogue;
use super::events::TaxCodeSet;
use super::rejection::Rejection;
use super::tax::{Tax, TaxCategory};
use crate::book::Books;
use crate::decision::{Command, Context, Decision, Fact};
use crate::kernel::calendar::Date;
use crate::kernel::rate::Rate;
use crate::kernel::text::Code;
use crate::log::{Scope, StreamId};

/// Say what a tax code means from a date on. The days before it keep their meaning, and so do documents that
/// were issued; a meaning given for the same date before is replaced.
///
/// ```
/// use billing_core::catalogue::{SetTaxCode, TaxCategory};
/// use billing_core::kernel::rate::Rate;
/// let standard = SetTaxCode::new("standard".parse()?, Rate::percent("20")?, "2011-01-04".parse()?);
/// assert_eq!(standard.category, TaxCategory::Standard);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetTaxCode {
    /// The tax code.
    pub code: Code,
    /// Its category.
    pub category: TaxCategory,
    /// Its rate.
    pub rate: Rate,
    /// The first day of it.
    pub from: Date,
}

impl SetTaxCode {
    /// A code for what is taxed at a rate: standard rated, or zero rated where the rate is zero.
    pub fn new(code: Code, rate: Rate, from: Date) -> SetTaxCode {
        let category = if rate.is_zero() { TaxCategory::Zero } else { TaxCategory::Standard };
        SetTaxCode { code, category, rate, from }
    }
}

impl Command for SetTaxCode {
    type Department = Catalogue;
    const NAME: &'static str = "catalogue.set_tax_code";
    const SCOPE: Scope = Scope::Catalogue;

    fn decide(&self, books: &Books, _ctx: &Context<'_>) -> Decision<Catalogue> {
        let catalogue = books.catalogue_to_change()?;
        let SetTaxCode { code, category, rate, from } = self.clone();
        if !category.takes(rate) {
            return Err(Rejection::RateOfCategory { code, category, rate }.into());
        }
        if catalogue.tax_set_on(&code, from) == Some(Tax { category, rate }) {
            return Ok(vec![]);
        }
        Ok(vec![Fact::on(StreamId::Catalogue, TaxCodeSet { code, category, rate, from })])
    }
}
