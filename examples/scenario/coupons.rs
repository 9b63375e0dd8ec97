//! Coupons, as discounts that an account is granted.

use billing_core::prelude::*;

use crate::firm::Firm;
use crate::form::given::{GivenLine, Off as CouponOff};
use crate::plans;
use crate::verdict::{Outcome, Stop};

/// Grants an account the coupons of the case, from its first day on.
pub(crate) fn grant(firm: &mut Firm<'_>, customer: usize) -> Outcome {
    let case = firm.case;
    if !case.given.coupons.is_empty() && firm.desk.customers.len() > 1 {
        return Err(Stop::unsupported("coupons beside children"));
    }
    for (order, coupon) in (1..).zip(&case.given.coupons) {
        let off = match &coupon.off {
            CouponOff::Percent(percent) => Off::Percent(percent.percent()?),
            CouponOff::Amount(amount) => Off::Amount(amount.money(case.given.currency)?),
        };
        let on = match &coupon.lines {
            None => Eligible::Everything,
            Some(lines) => Eligible::Only(codes(firm, lines)?),
        };
        let (account, from) = (firm.customer(customer).id, firm.desk.today);
        let name = Label::parse("Coupon")?;
        firm.give(GrantDiscount { order, on, ..GrantDiscount::new(account, name, off, from) })?;
    }
    Ok(())
}

/// The items of the lines that are named by number, or the plans that are named.
fn codes(firm: &mut Firm<'_>, names: &[String]) -> Outcome<Vec<Code>> {
    let mut codes = Vec::new();
    for name in names {
        let lines = &firm.case.given.keys.lines;
        let line = name.parse::<usize>().ok().filter(|number| (1..=lines.len()).contains(number));
        codes.push(match line {
            Some(number) => firm.item_of_line(&lines[number - 1].clone(), number)?,
            None => {
                let plan = plans::form(firm.case, Some(name))?;
                firm.plan(&plan, PlanKind::Base)?
            }
        });
    }
    Ok(codes)
}

impl Firm<'_> {
    /// The item of a line of a document: one of its own where coupons tell lines apart.
    pub(crate) fn item_of_line(&mut self, line: &GivenLine, number: usize) -> Outcome<Code> {
        let given = &self.case.given;
        let tax_code = self.tax(line.tax_percent().or(given.keys.tax_rate_percent.as_ref()))?;
        let price = line.amount().money(given.currency)?;
        let apart = given.coupons.iter().any(|coupon| coupon.lines.is_some());
        self.item(price, tax_code, apart.then_some(number))
    }
}
