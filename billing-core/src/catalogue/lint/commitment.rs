//! Minimum commitments that never count, or always do.

use super::curve::Curve;
use super::{Found, Kind, Place, meter_in};
use crate::catalogue::commitment::Commitment;
use crate::catalogue::phase::PhaseKind;
use crate::catalogue::plan::{Plan, PlanKind};
use crate::catalogue::price::Price;
use crate::kernel::currency::Currency;
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;

/// What is wrong with the commitments of a plan and of its charges.
pub(super) fn findings(plan: &Plan) -> Vec<Found> {
    let of_plan = plan.commitment.iter().map(|commitment| (Place::Plan, commitment));
    let of_charges = plan.charges.iter().filter_map(|charge| {
        Some((Place::Charge { charge: charge.code.clone() }, charge.commitment.as_ref()?))
    });
    let commitments = of_plan.chain(of_charges);
    commitments.flat_map(|(place, commitment)| of_commitment(plan, &place, commitment)).collect()
}

fn of_commitment(plan: &Plan, place: &Place, commitment: &Commitment) -> Vec<Found> {
    let minimums = commitment.minimums.iter().copied();
    let found = minimums.filter_map(|minimum| {
        let currency = minimum.currency();
        let Some(own) = plan.price_in(currency) else {
            return Some((None, Kind::MinimumNeverAsked { minimum }));
        };
        let curves = curves(plan, place, own);
        let least = total(currency, curves.iter().map(|one| least(one)));
        let most = total(currency, curves.iter().map(|one| most(one)));
        // Add-ons count towards what a plan comes to, so that there is no most.
        let whole = *place == Place::Plan && plan.kind == PlanKind::Base;
        let kind = match (least, most) {
            (Some(least), _) if minimum.minor() <= least.minor() => Kind::MinimumAlwaysMet { minimum, least },
            (_, Some(most)) if !whole && most.minor() <= minimum.minor() => {
                Kind::MinimumIsThePrice { minimum, most }
            }
            (Some(_) | None, Some(_) | None) => return None,
        };
        Some((Some(currency), kind))
    });
    found.map(|(currency, kind)| Found { place: place.clone(), currency, kind }).collect()
}

/// The prices that count towards a commitment, each with those that may stand in its place.
fn curves<'a>(plan: &'a Plan, place: &Place, own: &'a Price) -> Vec<Vec<Curve<'a>>> {
    let currency = own.currency();
    let of_charge = |charge: &'a crate::catalogue::Charge| {
        charge.price_in(currency).map(|price| vec![Curve::new(price, charge.meter.as_ref())])
    };
    match place {
        Place::Charge { charge } => {
            plan.charges.iter().filter(|one| one.code == *charge).filter_map(of_charge).collect()
        }
        Place::Plan | Place::Phase { .. } => {
            let phases = plan.phases.iter().filter(|phase| phase.kind != PhaseKind::Trial);
            let phases =
                phases.filter_map(|phase| Some(Curve::new(phase.price_in(currency)?, meter_in(plan, phase))));
            let of_plan = phases.chain([Curve::new(own, plan.meter.as_ref())]).collect();
            let charges = plan.charges.iter().filter(|_| plan.kind == PlanKind::Base);
            [of_plan].into_iter().chain(charges.filter_map(of_charge)).collect()
        }
    }
}

fn least(curves: &[Curve<'_>]) -> Option<Money> {
    let costs =
        curves.iter().flat_map(|curve| curve.quantities().into_iter().map(|quantity| curve.cost(quantity)));
    costs.flatten().min_by_key(|cost| cost.minor())
}

/// None where it is beyond what can be kept.
fn most(curves: &[Curve<'_>]) -> Option<Money> {
    let mut most: Option<Money> = None;
    for curve in curves {
        let mut quantities = curve.quantities();
        quantities.insert(Quantity::whole(curve.most()));
        for quantity in quantities {
            let cost = curve.cost(quantity)?;
            most = most.filter(|most| cost.minor() < most.minor()).or(Some(cost));
        }
    }
    most
}

fn total(currency: Currency, mut amounts: impl Iterator<Item = Option<Money>>) -> Option<Money> {
    amounts.try_fold(Money::zero(currency), |sum, amount| sum.plus(amount?).ok())
}
