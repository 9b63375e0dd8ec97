//! Lines of metered days: what is given back of them, and what usage comes to that became known after they were billed.

use std::collections::BTreeMap;

use super::Rejection;
use super::billing::{Service, agrees};
use super::coverage::{BilledTerms, Coverage, RatedLine, Span};
use super::draft::{Draft, net, prefixed};
use super::line::{Line, LineRef, Subject};
use super::state::LineLeft;
use crate::catalogue::{Meter, Price, Tax};
use crate::kernel::calendar::{Date, plus_days};
use crate::kernel::exact::Exact;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::money::Money;
use crate::kernel::period::Period;
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::text::Code;
use crate::subscriptions::Timeline;
use crate::usage;

/// The metered days of a component while its bill is drawn up.
///
/// What days cost is the price of what was counted on them, never a part of the price of others. So what is given
/// back with some days of a line is what the line was rated at less what its other days come to, and usage that comes
/// late costs what the days come to with it less what they were rated at.
pub(super) struct Metered<'a> {
    pub(super) draft: &'a Draft<'a>,
    pub(super) usage: &'a usage::State,
    pub(super) subscription: SubscriptionId,
    pub(super) component: &'a Code,
    pub(super) billed: &'a Coverage,
    /// The lines that this bill has looked at, as they stand now.
    pub(super) standings: BTreeMap<LineRef, Standing>,
}

/// A line that billed metered days, as it stands.
#[derive(Clone)]
pub(super) struct Standing {
    /// Its days that are still billed, in order of time.
    days: Vec<Period>,
    /// What they were rated at, before discounts.
    rated: Money,
    /// What can be taken off which line: first off those that charged late usage, newest first, then off its own.
    left: Vec<Left>,
}

/// What is left of a line that rated metered days.
#[derive(Clone)]
struct Left {
    rated: RatedLine,
    /// What credit notes have left of it, after discounts.
    net: Money,
}

/// What is taken off a line.
#[derive(Clone, Copy)]
struct Taken {
    line: LineRef,
    /// What its rating is lowered by, before discounts.
    rated: Money,
    /// As much of that as was charged.
    net: Money,
}

impl<'a> Metered<'a> {
    /// How much was counted on some days.
    pub(super) fn quantity(&self, meter: &Meter, days: &[Period]) -> Quantity {
        self.usage.quantity(self.subscription, meter, days)
    }

    /// Gives days back.
    pub(super) fn unused(&mut self, span: &Span, lines: &mut Vec<Line>) -> Result<(), Rejection> {
        let (billed, draft) = (self.billed, self.draft);
        let Some(terms) = billed.terms_of(span) else { return Ok(()) };
        let Some(mut standing) = self.standing(span.line) else { return Ok(()) };
        standing.take_out(span.period);
        let taken = match standing.days.is_empty() {
            true => standing.take_all()?,
            false => {
                let rated_too_high = standing.rated.minus(self.worth(terms, &standing.days)?)?;
                standing.take(rated_too_high, draft.policies().line_rounding)?
            }
        };
        let of_days = self.quantity_of(terms, &[span.period]);
        for taken in taken {
            if taken.line == span.line {
                lines.extend(draft.taken_off(
                    taken,
                    terms,
                    of_days,
                    "Unused",
                    Subject::Unused {
                        subscription: self.subscription,
                        component: self.component.clone(),
                        plan: terms.plan.clone(),
                        period: span.period,
                        line: taken.line,
                        share: None,
                        rated: taken.rated_apart(),
                    },
                ));
            } else if !taken.rated.is_zero() {
                lines.extend(self.less(taken, terms, of_days, span.period));
            }
        }
        self.standings.insert(span.line, standing);
        Ok(())
    }

    /// Takes off what of a period was billed before it was over.
    pub(super) fn billed_ahead(&self, now: &Service<'_>, lines: &mut Vec<Line>) -> Result<(), Rejection> {
        let page = &self.draft.account.invoicing;
        for (from, at) in self.billed.ahead().filter(|(from, _)| now.period.contains(*from)) {
            let Some(LineLeft { left, tax, rate, .. }) = page.line(at).filter(|line| line.left.is_positive())
            else {
                continue;
            };
            lines.push(Line {
                text: prefixed("Billed before", now.terms.name()),
                subject: Subject::InterimUsage {
                    subscription: self.subscription,
                    component: self.component.clone(),
                    plan: now.terms.plan().clone(),
                    period: Period::new(from, now.period.to()).unwrap_or(now.period),
                    line: Some(at),
                },
                price: Price::Flat(*left),
                quantity: Quantity::ONE,
                part: None,
                discounts: Vec::new(),
                net: left.negated(),
                tax: *tax,
                rate: *rate,
            });
        }
        Ok(())
    }

    /// The usage of a running period up to and with a day, if it is worth so much and none of it was billed.
    pub(super) fn ahead(&self, now: &Service<'_>, on: Date) -> Result<Option<Line>, Rejection> {
        let Some(meter) = now.terms.meter() else { return Ok(None) };
        let Some(threshold) = meter.threshold else { return Ok(None) };
        let Some(period) = now.period.split_at(plus_days(on, 1)?).0 else { return Ok(None) };
        let currency = self.draft.account.accounts.currency();
        let billed = self.billed.ahead().any(|(from, _)| now.period.contains(from));
        if billed || !now.period.contains(on) || threshold.currency() != currency {
            return Ok(None);
        }
        let quantity = self.quantity(meter, &[period]);
        let net = net(now.terms.price, quantity, None, None, self.draft.policies().line_rounding)?;
        if !net.is_positive() || net.minus(threshold)?.is_negative() {
            return Ok(None);
        }
        let Tax { category, rate } = self.draft.tax(&now.terms.agreed.tax_code)?;
        Ok(Some(Line {
            text: prefixed("So far", now.terms.name()),
            subject: Subject::InterimUsage {
                subscription: self.subscription,
                component: self.component.clone(),
                plan: now.terms.plan().clone(),
                period,
                line: None,
            },
            price: now.terms.price.clone(),
            quantity,
            part: None,
            discounts: Vec::new(),
            net,
            tax: category,
            rate,
        }))
    }

    /// Rates the periods before one that is billed now again, as many as the seller's policy says.
    pub(super) fn late(
        &mut self,
        now: &Service<'_>,
        intended: &Timeline<'_>,
        lines: &mut Vec<Line>,
    ) -> Result<(), Rejection> {
        let from = look_back(now, self.draft.policies().late_usage.periods());
        let Ok(before) = Period::new(from, now.period.from()) else { return Ok(()) };
        let billed = self.billed;
        let mut looked_at = Vec::new();
        for span in billed.spans_in(before) {
            let Some(mut standing) = self.standing(span.line) else { continue };
            let (Some(first), Some(last)) = (standing.days.first(), standing.days.last()) else { continue };
            let (terms, asked_for) = (billed.terms_of(span), intended.terms_on(first.from()));
            let (Some(terms), Some(asked_for)) = (terms, asked_for) else { continue };
            if looked_at.contains(&span.line) || !agrees(terms, &asked_for) {
                continue;
            }
            looked_at.push(span.line);
            let period = Period::new(first.from(), last.to()).unwrap_or(*first);
            let quantity = self.quantity_of(terms, &standing.days);
            let more = self.worth(terms, &standing.days)?.minus(standing.rated)?;
            if more.is_positive() {
                let Tax { category, rate } = self.draft.tax(&asked_for.agreed.tax_code)?;
                lines.push(Line {
                    text: prefixed("Late usage", &terms.text),
                    subject: self.late_usage(terms, period, span.line, None),
                    price: terms.price.clone(),
                    quantity,
                    part: None,
                    discounts: Vec::new(),
                    net: more,
                    tax: category,
                    rate,
                });
                standing.rated = standing.rated.plus(more)?;
            }
            for taken in standing.take(more.negated(), self.draft.policies().line_rounding)? {
                if !taken.rated.is_zero() {
                    lines.extend(self.less(taken, terms, quantity, period));
                }
            }
            self.standings.insert(span.line, standing);
        }
        Ok(())
    }

    /// A line as it stands; none where it billed nothing metered.
    fn standing(&self, line: LineRef) -> Option<Standing> {
        if let Some(standing) = self.standings.get(&line) {
            return Some(standing.clone());
        }
        let rated = self.billed.rated(line)?;
        let page = &self.draft.account.invoicing;
        let lines = rated.lines().iter().skip(1).rev().chain(rated.lines().first());
        let left = lines.filter_map(|rated| Some(Left { rated: *rated, net: page.line(rated.line)?.left }));
        let spans = self.billed.spans().iter().filter(|span| span.line == line);
        Some(Standing {
            days: spans.map(|span| span.period).collect(),
            rated: rated.amount()?,
            left: left.filter(|left| !left.net.is_negative()).collect(),
        })
    }

    /// What days come to by what is known now.
    fn worth(&self, terms: &BilledTerms, days: &[Period]) -> Result<Money, Rejection> {
        net(&terms.price, self.quantity_of(terms, days), None, None, self.draft.policies().line_rounding)
    }

    fn quantity_of(&self, terms: &BilledTerms, days: &[Period]) -> Quantity {
        terms.meter.as_ref().map_or(terms.quantity, |meter| self.quantity(meter, days))
    }

    /// A line that takes off what was rated too high.
    fn less(&self, taken: Taken, terms: &BilledTerms, quantity: Quantity, period: Period) -> Option<Line> {
        let subject = self.late_usage(terms, period, taken.line, taken.rated_apart());
        self.draft.taken_off(taken, terms, quantity, "Late usage", subject)
    }

    fn late_usage(
        &self,
        terms: &BilledTerms,
        period: Period,
        line: LineRef,
        rated: Option<Money>,
    ) -> Subject {
        Subject::LateUsage {
            subscription: self.subscription,
            component: self.component.clone(),
            plan: terms.plan.clone(),
            period,
            line,
            rated,
        }
    }
}

impl Draft<'_> {
    /// A line that takes something off an earlier one, with its tax.
    fn taken_off(
        &self,
        taken: Taken,
        terms: &BilledTerms,
        quantity: Quantity,
        what: &str,
        subject: Subject,
    ) -> Option<Line> {
        let left = self.account.invoicing.line(taken.line)?;
        Some(Line {
            text: prefixed(what, &terms.text),
            subject,
            price: terms.price.clone(),
            quantity,
            part: None,
            discounts: Vec::new(),
            net: taken.net.negated(),
            tax: left.tax,
            rate: left.rate,
        })
    }
}

impl Standing {
    fn take_out(&mut self, days: Period) {
        let without = |period: &Period| {
            let (before, rest) = period.split_at(days.from());
            [before, rest.and_then(|rest| rest.split_at(days.to()).1)]
        };
        self.days = self.days.iter().flat_map(without).flatten().collect();
    }

    /// Lowers the rating by an amount, as far as so much is left; not at all, where it is below zero.
    fn take(&mut self, amount: Money, rounding: Rounding) -> Result<Vec<Taken>, Rejection> {
        let mut rest = if amount.is_negative() { Money::zero(amount.currency()) } else { amount };
        let mut all = Vec::new();
        for left in &mut self.left {
            let taken = left.take(rest.at_most(left.most()?)?, rounding)?;
            rest = rest.minus(taken.rated)?;
            self.rated = self.rated.minus(taken.rated)?;
            all.push(taken);
        }
        Ok(all)
    }

    /// Takes all that is left.
    fn take_all(&self) -> Result<Vec<Taken>, Rejection> {
        let all = |left: &Left| Ok(Taken { line: left.rated.line, rated: left.most()?, net: left.net });
        self.left.iter().map(all).collect()
    }
}

impl Left {
    /// How much lower it can be rated: what was credited as a favour can't be given back once more.
    fn most(&self) -> Result<Money, Rejection> {
        let RatedLine { amount, net, .. } = self.rated;
        match self.net.minus(net)?.is_negative() {
            true => Ok(Exact::from(amount).share(self.net, net)?.rounded(Rounding::Down)?),
            false => Ok(amount),
        }
    }

    /// Lowers its rating, and takes off as much of that as was charged.
    fn take(&mut self, rated: Money, rounding: Rounding) -> Result<Taken, Rejection> {
        let RatedLine { line, amount, net } = self.rated;
        let charged = match rated == amount {
            true => net,
            false => Exact::from(rated).share(net, amount)?.rounded(rounding)?,
        };
        let taken = Taken { line, rated, net: charged.at_most(self.net)? };
        self.rated = RatedLine { line, amount: amount.minus(rated)?, net: net.minus(taken.net)? };
        self.net = self.net.minus(taken.net)?;
        Ok(taken)
    }
}

impl Taken {
    /// What the rating is lowered by, below zero, where the amount of the line does not say it.
    fn rated_apart(&self) -> Option<Money> {
        (self.rated != self.net).then(|| self.rated.negated())
    }
}

/// The first day of so many periods before the one in which the days of a bill lie.
fn look_back(now: &Service<'_>, periods: u8) -> Date {
    let mut from = now.full.from();
    for _ in 0..periods {
        let before = from.pred_opt().map(|before| now.terms.cycle.period_containing(before));
        // Before the calendar begins nothing was billed.
        let Some(Ok(before)) = before else { return Date::MIN };
        from = before.from();
    }
    from.min(now.period.from())
}
