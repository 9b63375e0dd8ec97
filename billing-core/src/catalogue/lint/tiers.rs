//! Tiers and limits of a price that no quantity ever meets.

use super::Kind;
use super::curve::{Curve, ends};
use crate::catalogue::price::{Limited, Price};
use crate::catalogue::tiers::Tier;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;

impl Curve<'_> {
    /// Tiers that hold nothing, and tiers that say the same as the one before them.
    pub(super) fn tiers(&self) -> Vec<Kind> {
        let Some((tiers, graduated)) = tiers(self.price) else { return Vec::new() };
        let mut found = Vec::new();
        for (place, number) in (0..tiers.len()).zip(1..) {
            let before = place.checked_sub(1).and_then(|before| tiers.get(before));
            let (Some(tier), held) = (tiers.get(place), self.held(place)) else { continue };
            // A graduated tier counts for the part of a unit that lies in it, too.
            if held.is_none() && !graduated {
                found.push(Kind::TierNeverHolds { tier: number });
            } else if before.is_some_and(|before| says_the_same(before, tier, graduated)) {
                found.push(Kind::TierWithoutEffect { tier: number });
            }
        }
        found
    }

    /// A limit that always counts, or else the tiers in which it always does.
    pub(super) fn limited(&self) -> Vec<Kind> {
        let Price::Limited(limited) = self.price else { return Vec::new() };
        let Some(at_most) = limited.at_most else { return Vec::new() };
        let without = Price::Limited(Box::new(Limited { at_most: None, ..Limited::clone(limited) }));
        let without = Curve { price: &without, ordered: self.ordered };
        let reaches = |quantity: Quantity| without.compare(quantity, at_most).is_ge();
        if without.quantities().into_iter().all(reaches) {
            return vec![Kind::AlwaysTheMost { at_most }];
        }
        let count = tiers(self.price).map_or(0, |(tiers, _)| tiers.len());
        let beyond = (0..count).zip(1..).filter(|(place, _)| without.is_beyond(*place, at_most));
        beyond.map(|(_, tier)| Kind::TierBeyondLimit { tier, at_most }).collect()
    }

    /// Whether a tier's first quantity costs a limit, and its last one more.
    fn is_beyond(&self, place: usize, at_most: Money) -> bool {
        self.held(place).is_some_and(|(first, last)| {
            self.compare(first, at_most).is_ge() && self.compare(last, at_most).is_gt()
        })
    }

    /// The first and the last quantity that lie in a tier, if any do.
    fn held(&self, place: usize) -> Option<(Quantity, Quantity)> {
        let ends = ends(self.price);
        let begin = place.checked_sub(1).and_then(|before| ends.get(before));
        let first = begin.map_or(self.least(), |begin| self.next(self.last_up_to(*begin))).max(self.least());
        let last = ends.get(place).map_or(Quantity::whole(self.most()), |end| self.last_up_to(*end));
        (first <= last).then_some((first, last))
    }
}

/// The tiers of a price, and whether they are graduated.
fn tiers(price: &Price) -> Option<(&[Tier], bool)> {
    match price {
        Price::Graduated(tiers) => Some((tiers.tiers(), true)),
        Price::Volume(tiers) | Price::StairStep(tiers) => Some((tiers.tiers(), false)),
        Price::Limited(limited) => tiers(&limited.price),
        Price::Flat(_) | Price::PerSeat(_) | Price::Each(_) | Price::Package(_) | Price::Percentage(_) => {
            None
        }
    }
}

/// Whether a tier's end makes no difference. Graduated packages, flat amounts and limits begin anew with a tier.
fn says_the_same(before: &Tier, tier: &Tier, graduated: bool) -> bool {
    if !graduated {
        return Tier { up_to: None, ..before.clone() } == Tier { up_to: None, ..tier.clone() };
    }
    let anew = [before, tier].into_iter().any(|tier| tier.package.is_some() || tier.at_most.is_some());
    !anew && tier.flat.is_none() && before.each == tier.each
}
