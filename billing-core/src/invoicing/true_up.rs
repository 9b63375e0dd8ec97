//! Lines that charge what periods are short of a minimum commitment, and those that take it back.

use super::Rejection;
use super::commitments::Manner;
use super::draft::{Draft, prefixed};
use super::line::{Line, Subject};
use super::owed::{Missing, Owed, TooMuch};
use crate::catalogue::{Price, Tax};
use crate::kernel::calendar::Date;
use crate::kernel::exact::Exact;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Code;
use crate::subscriptions::{Subscription, is_plan};

impl Draft<'_> {
    /// Holds the periods of a subscription that are over by a day against its commitments: with what was billed, and the
    /// lines of this bill from one of them on.
    pub(super) fn true_up(
        &self,
        (id, subscription): (SubscriptionId, &Subscription),
        through: Date,
        first: usize,
        lines: &mut Vec<Line>,
    ) -> Result<(), Rejection> {
        let manner = Manner::of(self.policies());
        let page = &self.account.invoicing;
        let mut known = page.commitments.with_earlier(page, id, lines)?;
        let mut drawn = first;
        // The plan's minimum comes last: the true-ups of its charges count towards it.
        let (plan, beside): (Vec<_>, Vec<_>) =
            subscription.timelines().partition(|(component, _)| is_plan(component));
        for (component, timeline) in beside.into_iter().chain(plan) {
            for (number, line) in (1..).zip(&*lines).skip(drawn) {
                known.draw(number, line, manner);
            }
            drawn = lines.len();
            for owed in known.owed(id, component, &timeline, through, manner)? {
                match owed {
                    Owed::Missing(missing) => lines.push(self.missing(id, component, missing)?),
                    Owed::TooMuch(too_much) => lines.extend(self.too_much(id, component, too_much)?),
                }
            }
        }
        Ok(())
    }

    fn missing(
        &self,
        subscription: SubscriptionId,
        component: &Code,
        missing: Missing<'_>,
    ) -> Result<Line, Rejection> {
        let Missing { period, part, terms, committed, charged, net } = missing;
        let Tax { category, rate } = self.tax(&committed.tax_code)?;
        Ok(Line {
            text: committed.name.clone(),
            subject: Subject::TrueUp {
                subscription,
                component: component.clone(),
                plan: terms.plan().clone(),
                plan_version: terms.agreed.plan_version,
                period,
                charged,
            },
            price: Price::Flat(committed.minimum),
            quantity: Quantity::ONE,
            part,
            discounts: Vec::new(),
            net,
            tax: category,
            rate,
        })
    }

    /// As much of a true-up as is not missing any more, as far as so much is left of it.
    fn too_much(
        &self,
        subscription: SubscriptionId,
        component: &Code,
        too_much: TooMuch,
    ) -> Result<Option<Line>, Rejection> {
        let TooMuch { plan, text, period, line: at, amount, all } = too_much;
        let Some(line) = self.account.invoicing.line(at) else { return Ok(None) };
        let share = line.share;
        let exact =
            share.map_or(Ok(Exact::from(amount)), |share| Exact::from(amount).share(share.net, share.before));
        let taken = exact?.rounded(self.policies().line_rounding)?;
        let taken = if all { line.left } else { taken.at_most(line.left)? };
        Ok(taken.is_positive().then(|| Line {
            text: prefixed("Taken back", &text),
            subject: Subject::TrueUpTakenBack {
                subscription,
                component: component.clone(),
                plan,
                period,
                line: at,
                share,
            },
            price: Price::Flat(amount),
            quantity: Quantity::ONE,
            part: None,
            discounts: Vec::new(),
            net: taken.negated(),
            tax: line.tax,
            rate: line.rate,
        }))
    }
}
