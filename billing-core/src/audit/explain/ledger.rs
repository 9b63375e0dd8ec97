//! What is left of each line that was billed, kept along the log: apart from the page, and line by line.

use std::collections::BTreeMap;

use super::Step;
use crate::catalogue::{Meter, Price, TaxCategory, Working};
use crate::invoicing::{Line, LineRef, Subject, TaxTotal};
use crate::kernel::exact::Exact;
use crate::kernel::ids::{InvoiceId, SubscriptionId};
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::period::Period;
use crate::kernel::rate::Rate;
use crate::kernel::rounding::Rounding;
use crate::log::Position;
use crate::usage;

/// The lines of one account's invoices that stand.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    lines: BTreeMap<LineRef, Kept>,
    /// What is left of the VAT of each invoice.
    taxes: BTreeMap<InvoiceId, Vec<TaxTotal>>,
    /// What each invoice gave back, for the case that it is voided.
    gave_back: BTreeMap<InvoiceId, Vec<GaveBack>>,
    /// What was counted so far.
    pub(super) usage: usage::State,
}

/// A line that was billed, as it stands.
#[derive(Debug)]
struct Kept {
    /// The document that billed it.
    issued_at: Position,
    net: Money,
    left: Money,
    tax: (TaxCategory, Rate),
    /// Its service days that are still billed, in order of time.
    days: Vec<Period>,
    metered: Option<Metered>,
    /// What it charges of metered days, less what was taken off since, favours not counted.
    rated: Option<RatedAt>,
    /// The line whose days it rated again.
    again: Option<LineRef>,
}

#[derive(Debug)]
struct Metered {
    subscription: SubscriptionId,
    meter: Meter,
    price: Price,
}

#[derive(Debug, Clone, Copy)]
struct RatedAt {
    before_discounts: Money,
    net: Money,
}

#[derive(Debug)]
struct GaveBack {
    line: LineRef,
    net: Money,
    tax: Money,
    tax_of: (TaxCategory, Rate),
    days: Vec<Period>,
    /// By how much it rates metered days lower.
    rated: Option<RatedAt>,
}

/// The document that a line stands on.
#[derive(Debug, Clone, Copy)]
pub(super) struct On<'a> {
    /// The invoice; none for a credit note.
    pub(super) invoice: Option<InvoiceId>,
    pub(super) lines: &'a [Line],
    /// The lines of the same bill that stand on another document.
    pub(super) beside: &'a [Line],
    pub(super) position: Position,
    pub(super) line_rounding: Rounding,
    pub(super) tax_rounding: Rounding,
}

/// The line that a line takes off, or rates again.
pub(super) fn earlier_line(line: &Line) -> Option<LineRef> {
    match &line.subject {
        Subject::Unused { line, .. }
        | Subject::LateUsage { line, .. }
        | Subject::TrueUpTakenBack { line, .. }
        | Subject::Correction { line } => Some(*line),
        Subject::InterimUsage { line, .. } => *line,
        Subject::Service { .. }
        | Subject::Fee { .. }
        | Subject::TrueUp { .. }
        | Subject::Work { .. }
        | Subject::Item { .. } => None,
    }
}

impl Ledger {
    /// Where the document of an earlier line stands in the log.
    pub(super) fn issued_at(&self, line: LineRef) -> Option<Position> {
        self.lines.get(&line).map(|kept| kept.issued_at)
    }

    /// How a line's net was reached, as things stand before it.
    pub(super) fn working(&self, line: &Line, on: On<'_>) -> Result<(Working, Vec<Step>), MoneyError> {
        let own = line.working();
        let earlier = earlier_line(line).and_then(|at| Some((at, self.lines.get(&at)?)));
        match &line.subject {
            Subject::Unused { period, .. } => {
                let Some((at, kept)) = earlier else { return Ok((own, vec![Step::GivenBack])) };
                if kept.metered.is_some() {
                    return self.metered_back(at, *period, own, on);
                }
                let last = kept.days.iter().map(|days| days.days()).sum::<u32>() == period.days();
                let mut steps = within(own.amount(on.line_rounding)?, last, kept.left)?;
                steps.push(Step::GivenBack);
                Ok((own, steps))
            }
            Subject::LateUsage { period, .. } if line.gives_back() => {
                let Some((at, kept)) = earlier else { return Ok((own, vec![Step::GivenBack])) };
                let root = kept.again.unwrap_or(at);
                let is_group = |other: &Line| match &other.subject {
                    Subject::Unused { line, period: days, .. } => *line == root && days == period,
                    Subject::Service { .. }
                    | Subject::Fee { .. }
                    | Subject::LateUsage { .. }
                    | Subject::InterimUsage { .. }
                    | Subject::TrueUp { .. }
                    | Subject::TrueUpTakenBack { .. }
                    | Subject::Work { .. }
                    | Subject::Item { .. }
                    | Subject::Correction { .. } => false,
                };
                if on.lines.iter().chain(on.beside).any(is_group) {
                    return self.metered_back(at, *period, own, on);
                }
                let steps =
                    self.charged_too_much(at, &own, Money::zero(line.net.currency()), on.line_rounding)?;
                Ok((own, steps))
            }
            Subject::LateUsage { .. } => {
                let charged = earlier.and_then(|(at, _)| self.charged(at));
                let less = charged.map(|charged| Step::LessCharged { charged });
                Ok((own, less.into_iter().chain(discounts(line)).collect()))
            }
            Subject::InterimUsage { line: Some(_), .. } => Ok((own, vec![Step::GivenBack])),
            Subject::TrueUpTakenBack { .. } => {
                let Some((_, kept)) = earlier else { return Ok((own, vec![Step::GivenBack])) };
                let mut steps =
                    within(own.amount(on.line_rounding)?, line.net.negated() == kept.left, kept.left)?;
                steps.push(Step::GivenBack);
                Ok((own, steps))
            }
            Subject::TrueUp { charged, .. } => {
                let charged = [Step::LessCharged { charged: *charged }];
                Ok((own, charged.into_iter().chain(discounts(line)).collect()))
            }
            Subject::InterimUsage { .. }
            | Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => Ok((own, discounts(line).collect())),
        }
    }

    /// Metered days that are given back: what they were charged at with the others, less what the others come to.
    fn metered_back(
        &self,
        at: LineRef,
        given_back: Period,
        own: Working,
        on: On<'_>,
    ) -> Result<(Working, Vec<Step>), MoneyError> {
        let nothing_known = (own.clone(), vec![Step::GivenBack]);
        let unused = at;
        let Some(kept) = self.lines.get(&at) else { return Ok(nothing_known) };
        let root = self.lines.get(&kept.again.unwrap_or(at));
        let Some((root, days)) = root.and_then(|root| Some((root, root.metered.as_ref()?))) else {
            return Ok(nothing_known);
        };
        let stay = without(&root.days, given_back);
        if stay.is_empty() {
            return Ok((own, vec![Step::AllThatIsLeft { left: kept.left }, Step::GivenBack]));
        }
        let counted = self.usage.quantity(days.subscription, &days.meter, &stay);
        let others = days.price.working(counted);
        // First it was taken off the lines that charged late usage, also where those stand on another document.
        let off_late = on.beside.iter().filter(|line| match &line.subject {
            Subject::LateUsage { line: at, period, .. } => {
                let root = self.lines.get(at).and_then(|late| late.again);
                line.gives_back() && *period == given_back && root == Some(unused)
            }
            Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::Unused { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => false,
        });
        let off_late: Result<Vec<Money>, MoneyError> = off_late.map(Line::rated).collect();
        let off_late = Money::sum(kept.net.currency(), off_late?)?;
        let steps = self.charged_too_much(at, &others, off_late, on.line_rounding)?;
        Ok((others, steps))
    }

    /// From what days come to now to what is taken off a line that charged them too high.
    fn charged_too_much(
        &self,
        at: LineRef,
        worth: &Working,
        off_late: Money,
        rounding: Rounding,
    ) -> Result<Vec<Step>, MoneyError> {
        let Some(kept) = self.lines.get(&at) else { return Ok(vec![Step::GivenBack]) };
        let charged = self.charged(kept.again.unwrap_or(at));
        let Some((charged, rated)) = charged.zip(kept.rated) else { return Ok(vec![Step::GivenBack]) };
        let charged = charged.plus(off_late)?;
        let mut steps = vec![Step::OffCharged { charged }];
        let too_much = charged.minus(worth.amount(rounding)?)?;
        let most = rated.most(kept.left)?;
        match too_much.is_negative() {
            true => steps.push(Step::AllThatIsLeft { left: Money::zero(charged.currency()) }),
            false => steps.extend(within(too_much, false, most)?),
        }
        let RatedAt { before_discounts: before, net } = rated;
        if net != before {
            let step = Step::AsCharged { net, before, rounding };
            let amount = if too_much.is_negative() { Money::zero(net.currency()) } else { too_much };
            let off = within(step.apply(amount.at_most(most)?)?, false, kept.left)?;
            steps.extend([step].into_iter().chain(off));
        }
        steps.push(Step::GivenBack);
        Ok(steps)
    }

    /// What metered days are charged at before discounts: by the line that billed them and by later ones.
    fn charged(&self, root: LineRef) -> Option<Money> {
        let first = self.lines.get(&root)?.rated?.before_discounts;
        let again = self.lines.values().filter(|kept| kept.again == Some(root));
        let mut sum = first;
        again.filter_map(|kept| kept.rated).for_each(|rated| change(&mut sum, rated.before_discounts));
        Some(sum)
    }

    /// How the VAT of a category was reached on a credit note that corrects an invoice, whose lines were added before.
    pub(super) fn tax_back(
        &self,
        corrected: InvoiceId,
        total: &TaxTotal,
        on: On<'_>,
    ) -> Result<Vec<Step>, MoneyError> {
        let of_it = |tax: TaxCategory, rate: Rate| tax == total.category && rate == total.rate;
        let taxes = self.taxes.get(&corrected);
        let left = taxes.and_then(|taxes| taxes.iter().find(|left| of_it(left.category, left.rate)));
        let Some(left) = left.map(|left| left.tax) else { return Ok(vec![Step::GivenBack]) };
        let numbers =
            LineRef { invoice: corrected, line: 0 }..=LineRef { invoice: corrected, line: u32::MAX };
        let of_category =
            || self.lines.range(numbers.clone()).filter(|(_, kept)| of_it(kept.tax.0, kept.tax.1));
        let all = of_category().all(|(_, kept)| kept.left.is_zero());
        let below = of_category().any(|(_, kept)| kept.left.is_negative());
        let mut steps = match below {
            true => Vec::new(),
            false => within(total.rate.of(total.base.negated(), on.tax_rounding)?, all, left)?,
        };
        steps.push(Step::GivenBack);
        Ok(steps)
    }

    /// Takes a line, so that the next one of the document finds what it leaves.
    pub(super) fn add_line(&mut self, number: u32, line: &Line, on: On<'_>) {
        if let Some(invoice) = on.invoice {
            self.lines.insert(LineRef { invoice, line: number }, Kept::of(line, on.position));
        }
        self.take_off(line, on);
    }
}

impl Ledger {
    /// Closes a document whose lines were added.
    pub(super) fn close(&mut self, taxes: &[TaxTotal], corrected: Option<InvoiceId>, on: On<'_>) {
        if let Some(invoice) = on.invoice {
            self.taxes.insert(invoice, taxes.to_vec());
        }
        for total in taxes {
            corrected.iter().for_each(|invoice| {
                self.change_tax(*invoice, (total.category, total.rate), total.tax);
            });
        }
    }

    /// An invoice is void: its lines are gone, and what it gave back is billed again.
    pub(super) fn void(&mut self, invoice: InvoiceId) {
        self.lines.retain(|at, _| at.invoice != invoice);
        self.taxes.remove(&invoice);
        for back in self.gave_back.remove(&invoice).unwrap_or_default() {
            let Some(kept) = self.lines.get_mut(&back.line) else { continue };
            change(&mut kept.left, back.net.negated());
            kept.days.extend(back.days);
            kept.days.sort();
            if let Some(RatedAt { before_discounts, net }) = back.rated {
                kept.rate(before_discounts.negated(), net.negated());
            }
            self.change_tax(back.line.invoice, back.tax_of, back.tax.negated());
        }
    }

    fn take_off(&mut self, line: &Line, on: On<'_>) {
        let (rates_less, with_tax) = match &line.subject {
            Subject::Unused { .. } => (true, true),
            Subject::LateUsage { .. } => (true, true),
            Subject::InterimUsage { .. } => (false, true),
            Subject::Correction { .. } => (false, false),
            Subject::TrueUpTakenBack { .. } => (false, true),
            Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::TrueUp { .. }
            | Subject::Work { .. }
            | Subject::Item { .. } => return,
        };
        let late_charge = matches!(&line.subject, Subject::LateUsage { .. }) && !line.gives_back();
        let Some(at) = earlier_line(line).filter(|_| !late_charge) else { return };
        let Some(kept) = self.lines.get_mut(&at) else { return };
        change(&mut kept.left, line.net);
        let mut days = Vec::new();
        if let Subject::Unused { period, .. } = &line.subject {
            days.extend(kept.days.iter().filter_map(|billed| billed.intersection(*period)));
            kept.days = without(&kept.days, *period);
        }
        let rated = RatedAt { before_discounts: line.rated().unwrap_or(line.net), net: line.net };
        let rated = rates_less.then_some(rated);
        if let Some(RatedAt { before_discounts, net }) = rated {
            kept.rate(before_discounts, net);
        }
        if !with_tax {
            return;
        }
        // Beyond what an amount can be nothing was ever charged.
        let tax = line.rate.of(line.net, on.tax_rounding).unwrap_or(Money::zero(line.net.currency()));
        let tax_of = (line.tax, line.rate);
        self.change_tax(at.invoice, tax_of, tax);
        if let Some(invoice) = on.invoice {
            let back = GaveBack { line: at, net: line.net, tax, tax_of, days, rated };
            self.gave_back.entry(invoice).or_default().push(back);
        }
    }

    fn change_tax(&mut self, invoice: InvoiceId, of: (TaxCategory, Rate), by: Money) {
        let taxes = self.taxes.get_mut(&invoice).into_iter().flatten();
        taxes.filter(|left| (left.category, left.rate) == of).for_each(|left| change(&mut left.tax, by));
    }
}

impl Kept {
    fn of(line: &Line, issued_at: Position) -> Kept {
        let (days, metered) = match &line.subject {
            Subject::Service { subscription, period, meter, .. } => {
                let metered = meter.clone().map(|meter| Metered {
                    subscription: *subscription,
                    meter,
                    price: line.price.clone(),
                });
                (vec![*period], metered)
            }
            Subject::Fee { .. }
            | Subject::Unused { .. }
            | Subject::LateUsage { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => (Vec::new(), None),
        };
        let again = match &line.subject {
            Subject::LateUsage { line: root, .. } if !line.gives_back() => Some(*root),
            Subject::LateUsage { .. }
            | Subject::Service { .. }
            | Subject::Fee { .. }
            | Subject::Unused { .. }
            | Subject::InterimUsage { .. }
            | Subject::TrueUp { .. }
            | Subject::TrueUpTakenBack { .. }
            | Subject::Work { .. }
            | Subject::Item { .. }
            | Subject::Correction { .. } => None,
        };
        let (net, tax) = (line.net, (line.tax, line.rate));
        let rates = metered.is_some() || again.is_some();
        let rated = rates.then(|| RatedAt { before_discounts: line.rated().unwrap_or(net), net });
        Kept { issued_at, net, left: net, tax, days, metered, rated, again }
    }

    /// Rates its metered days higher, or lower, by amounts before and after discounts.
    fn rate(&mut self, before_discounts: Money, net: Money) {
        if let Some(rated) = &mut self.rated {
            change(&mut rated.before_discounts, before_discounts);
            change(&mut rated.net, net);
        }
    }
}

impl RatedAt {
    /// How much lower it can be rated where so much is left after favours.
    fn most(self, left: Money) -> Result<Money, MoneyError> {
        match left.minus(self.net)?.is_negative() {
            true => Exact::from(self.before_discounts).share(left, self.net)?.rounded(Rounding::Down),
            false => Ok(self.before_discounts),
        }
    }
}

/// What discounts take off a line.
fn discounts(line: &Line) -> impl Iterator<Item = Step> {
    line.discounts.iter().map(|discount| Step::Discount {
        discount: discount.discount,
        name: discount.name.clone(),
        off: discount.amount,
    })
}

/// The step to what is left, where more would be taken off, or all of it is.
fn within(amount: Money, all: bool, left: Money) -> Result<Vec<Step>, MoneyError> {
    Ok(match all {
        true if amount != left => vec![Step::AllThatIsLeft { left }],
        true => Vec::new(),
        false if amount.at_most(left)? != amount => vec![Step::AtMostLeft { left }],
        false => Vec::new(),
    })
}

/// Days but for some.
fn without(days: &[Period], gone: Period) -> Vec<Period> {
    let split = |period: &Period| {
        let (before, rest) = period.split_at(gone.from());
        [before, rest.and_then(|rest| rest.split_at(gone.to()).1)]
    };
    days.iter().flat_map(split).flatten().collect()
}

/// A sum that can't be written was refused when it was decided; a log that holds one all the same does not add up.
fn change(sum: &mut Money, by: Money) {
    *sum = sum.plus(by).unwrap_or(*sum);
}
