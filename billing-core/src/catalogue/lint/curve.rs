//! A price as a curve: what each quantity costs, and where it falls. Between two ends of tiers no price falls, so
//! that it is enough to look there.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rust_decimal::prelude::ToPrimitive;

use super::Kind;
use crate::catalogue::phase::Meter;
use crate::catalogue::price::Price;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;

/// The price of what is ordered, in whole units from 1 on, or of what is counted, in any from none on.
pub(super) struct Curve<'a> {
    pub(super) price: &'a Price,
    pub(super) ordered: bool,
}

impl<'a> Curve<'a> {
    pub(super) fn new(price: &'a Price, meter: Option<&Meter>) -> Curve<'a> {
        Curve { price, ordered: meter.is_none() }
    }

    pub(super) fn findings(&self) -> Vec<Kind> {
        self.falls().into_iter().chain(self.limited()).chain(self.tiers()).collect()
    }

    /// What a quantity costs; none beyond what can be kept.
    pub(super) fn cost(&self, quantity: Quantity) -> Option<Money> {
        self.price.for_quantity(quantity, Rounding::HalfUp).ok()
    }

    /// How a quantity's exact cost compares with an amount; what is beyond what can be kept is more.
    pub(super) fn compare(&self, quantity: Quantity, amount: Money) -> Ordering {
        let exact = self.price.working(quantity).value();
        exact.and_then(|exact| exact.cmp_to(amount)).unwrap_or(Ordering::Greater)
    }

    /// The smallest quantity, the last one up to each end of a tier, and the first one behind it.
    pub(super) fn quantities(&self) -> BTreeSet<Quantity> {
        let mut quantities = BTreeSet::from([self.least()]);
        for end in ends(self.price) {
            let last = self.last_up_to(end);
            quantities.extend([last, self.next(last)].into_iter().filter(|found| self.least() <= *found));
        }
        quantities
    }

    /// Whether no quantity costs anything.
    pub(super) fn is_free(&self) -> bool {
        let mut quantities = self.quantities();
        quantities.insert(Quantity::whole(self.most()));
        quantities.into_iter().all(|quantity| self.cost(quantity).is_some_and(Money::is_zero))
    }

    fn falls(&self) -> Vec<Kind> {
        let lasts: BTreeSet<Quantity> =
            ends(self.price).into_iter().map(|end| self.last_up_to(end)).collect();
        let real = lasts.into_iter().filter(|last| self.least() <= *last);
        real.filter_map(|last| self.fall_behind(last)).collect()
    }

    fn fall_behind(&self, at: Quantity) -> Option<Kind> {
        let costs = self.cost(at)?;
        let falls_at = |next: Quantity| {
            let next_costs = self.cost(next)?;
            (next_costs.minor() < costs.minor()).then_some((next, next_costs))
        };
        // A whole unit is what people ask about; a fraction of one where only that is cheaper.
        let unit = at.plus(Quantity::ONE).ok().and_then(falls_at);
        let (next, next_costs) = unit.or_else(|| falls_at(self.next(at)))?;
        let again_at = self.first_that_costs(at, costs).map(Quantity::whole);
        Some(Kind::PriceFalls { at, costs, next, next_costs, again_at })
    }

    /// The first whole quantity behind another that costs an amount or more.
    fn first_that_costs(&self, behind: Quantity, amount: Money) -> Option<u64> {
        let reaches =
            |units: u64| self.cost(Quantity::whole(units)).is_none_or(|cost| amount.minor() <= cost.minor());
        let mut from = floor(behind).checked_add(1)?;
        for to in ends(self.price)
            .into_iter()
            .map(floor)
            .chain([self.most()])
            .filter(|to| from <= *to)
            .collect::<BTreeSet<u64>>()
        {
            if !reaches(to) {
                from = to.checked_add(1)?;
                continue;
            }
            let mut not_yet = from;
            let mut found = to;
            while not_yet < found {
                let middle = not_yet + (found - not_yet) / 2;
                if reaches(middle) {
                    found = middle;
                } else {
                    not_yet = middle + 1;
                }
            }
            return Some(found);
        }
        None
    }

    /// The smallest quantity.
    pub(super) fn least(&self) -> Quantity {
        if self.ordered { Quantity::ONE } else { Quantity::ZERO }
    }

    /// As many as anybody will ask for.
    pub(super) fn most(&self) -> u64 {
        if self.ordered { u32::MAX.into() } else { 1_000_000_000_000_000 }
    }

    /// The largest quantity that can be asked for up to an end.
    pub(super) fn last_up_to(&self, end: Quantity) -> Quantity {
        if self.ordered { Quantity::whole(floor(end)) } else { end }
    }

    /// The quantity behind: another unit where units are ordered, else the smallest fraction of one.
    pub(super) fn next(&self, quantity: Quantity) -> Quantity {
        let step = if self.ordered { Ok(Quantity::ONE) } else { Quantity::parse("0.00000001") };
        step.and_then(|step| quantity.plus(step)).unwrap_or(quantity)
    }
}

/// Where its tiers end, counted with what is free, in order.
pub(super) fn ends(price: &Price) -> Vec<Quantity> {
    match price {
        Price::Graduated(tiers) | Price::Volume(tiers) | Price::StairStep(tiers) => {
            tiers.tiers().iter().filter_map(|tier| tier.up_to).collect()
        }
        Price::Limited(limited) => {
            let free = limited.free.unwrap_or(Quantity::ZERO);
            ends(&limited.price).into_iter().filter_map(|end| end.plus(free).ok()).collect()
        }
        Price::Flat(_) | Price::PerSeat(_) | Price::Each(_) | Price::Package(_) | Price::Percentage(_) => {
            Vec::new()
        }
    }
}

fn floor(quantity: Quantity) -> u64 {
    quantity.to_decimal().floor().to_u64().unwrap_or(u64::MAX)
}
