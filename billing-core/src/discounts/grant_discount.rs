//! A customer is granted a discount.

use serde::{Deserialize, Serialize};

use super::{DiscountGranted, Discounts, Eligible, Off, Rejection};
use crate::book::Books;
use crate::catalogue;
use crate::decision::{Command, Context, Decision};
use crate::kernel::calendar::Date;
use crate::kernel::currency::Currency;
use crate::kernel::ids::{AccountId, DiscountId};
use crate::kernel::money::Money;
use crate::kernel::rate::Rate;
use crate::kernel::text::Label;
use crate::log::{ActorId, Scope};

/// Grants a discount, which is taken off the invoices dated while it is in force.
///
/// Where several are in force, each is taken off what those before it have left. A percentage is one of all
/// that is eligible together, rounded once; it and an amount are spread over the lines by the largest remainder,
/// ties in the order of the lines, so that the parts add up to it. VAT is on what is left.
///
/// ```
/// use billing_core::discounts::{Eligible, GrantDiscount, Off};
/// use billing_core::kernel::rate::Rate;
/// # let account = "acc_0123456789abcdef0123456789abcdef".parse()?;
/// let launch = GrantDiscount {
///     order: 1,
///     bills: Some(3),
///     ..GrantDiscount::new(account, "Launch offer".parse()?, Off::Percent(Rate::percent("10")?), "2026-01-25".parse()?)
/// };
/// assert_eq!((launch.on, launch.until), (Eligible::Everything, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantDiscount {
    /// To whom.
    pub account: AccountId,
    /// The words on the invoice.
    pub name: Label,
    /// How much is taken off.
    pub off: Off,
    /// What it is taken off.
    pub on: Eligible,
    /// Its place where several are in force: lower first; at the same place the one granted first.
    pub order: u16,
    /// The first day on which it is given: the date of an invoice counts.
    pub from: Date,
    /// The first day on which it is given no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// On how many invoices it is given at most, those declared void not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bills: Option<u32>,
    /// How much is given in all at most, on all invoices together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Money>,
    /// Who approved it, if not whoever grants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<ActorId>,
}

impl GrantDiscount {
    /// A discount off everything, without an end.
    pub fn new(account: AccountId, name: Label, off: Off, from: Date) -> Self {
        GrantDiscount {
            account,
            name,
            off,
            on: Eligible::Everything,
            order: 0,
            from,
            until: None,
            bills: None,
            at_most: None,
            approved_by: None,
        }
    }

    /// Whether each figure is one that can be given.
    fn figures(&self, account: Currency) -> Result<(), Rejection> {
        let amount = match self.off {
            Off::Percent(rate) => {
                if rate.is_zero() || rate > Rate::WHOLE {
                    return Err(Rejection::Percent(rate));
                }
                None
            }
            Off::Amount(amount) => Some(amount),
        };
        for amount in [amount, self.at_most].into_iter().flatten() {
            if !amount.is_positive() {
                return Err(Rejection::NotPositive(amount));
            }
            if amount.currency() != account {
                return Err(Rejection::Currency { given: amount.currency(), account });
            }
        }
        Ok(())
    }

    /// Whether what it is taken off is sold.
    fn eligible(&self, catalogue: &catalogue::State) -> Result<(), Rejection> {
        let Eligible::Only(codes) = &self.on else { return Ok(()) };
        if codes.is_empty() {
            return Err(Rejection::NothingEligible);
        }
        let unknown =
            codes.iter().find(|code| catalogue.plan(code).is_none() && catalogue.item(code).is_none());
        unknown.map_or(Ok(()), |code| Err(Rejection::NotSold(code.clone())))
    }
}

impl Command for GrantDiscount {
    type Department = Discounts;
    const NAME: &'static str = "discounts.grant_discount";
    const SCOPE: Scope = Scope::Sales;

    fn decide(&self, books: &Books, ctx: &Context<'_>) -> Decision<Discounts> {
        let account = books.account(self.account)?;
        let (catalogue, _) = books.catalogue()?;
        self.figures(account.accounts.currency())?;
        self.eligible(catalogue)?;
        if let Some(until) = self.until.filter(|until| *until <= self.from) {
            return Err(Rejection::EndsBeforeItBegins { from: self.from, until }.into());
        }
        if self.bills == Some(0) {
            return Err(Rejection::NoBills.into());
        }
        Ok(vec![account.record(DiscountGranted {
            discount: ctx.mint(DiscountId::from_uuid),
            name: self.name.clone(),
            off: self.off,
            on: self.on.clone(),
            order: self.order,
            from: self.from,
            until: self.until,
            bills: self.bills,
            at_most: self.at_most,
            approved_by: self.approved_by.clone(),
        })])
    }
}
