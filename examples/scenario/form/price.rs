//! The keys in which a case spells a price: tiers, ranges, packages, percentages, units.

use serde::Deserialize;

use super::figure::Figure;
use super::reader::{Object, read, taken};
use crate::verdict::Outcome;

/// A price as it is spelt; nothing of it need be there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PriceForm {
    pub(crate) model: Option<String>,
    pub(crate) mode: Option<String>,
    pub(crate) tier_mode: Option<String>,
    pub(crate) ranges: Option<Vec<TierForm>>,
    pub(crate) tiers: Option<Vec<TierForm>>,
    pub(crate) capacity_tiers: Option<Vec<TierForm>>,
    pub(crate) tier: Option<TierForm>,
    pub(crate) package: Option<PackageForm>,
    pub(crate) package_size: Option<Figure>,
    pub(crate) price_per_package: Option<Figure>,
    pub(crate) per_unit: Option<Figure>,
    pub(crate) rate_percent: Option<Figure>,
    pub(crate) flat: Option<Figure>,
    pub(crate) free_units: Option<Figure>,
}

/// One tier as it is spelt.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TierForm {
    /// Where it begins, for people: it begins where the one before it ends.
    pub(crate) from: Option<Figure>,
    pub(crate) to: Option<Figure>,
    pub(crate) up_to: Option<Figure>,
    /// How many units it takes.
    pub(crate) max: Option<Figure>,
    /// How many blocks it takes.
    pub(crate) max_blocks: Option<Figure>,
    pub(crate) block_size: Option<Figure>,
    pub(crate) price: Option<Figure>,
    pub(crate) price_per_block: Option<Figure>,
    pub(crate) per_unit: Option<Figure>,
    pub(crate) rate_percent: Option<Figure>,
    pub(crate) flat: Option<Figure>,
    pub(crate) flat_fee: Option<Figure>,
    pub(crate) cap: Option<Figure>,
}

/// A package as it is spelt.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackageForm {
    pub(crate) size: Figure,
    pub(crate) price: Figure,
}

const KEYS: [&str; 14] = [
    "model",
    "mode",
    "tier_mode",
    "ranges",
    "tiers",
    "capacity_tiers",
    "tier",
    "package",
    "package_size",
    "price_per_package",
    "per_unit",
    "rate_percent",
    "flat",
    "free_units",
];

impl PriceForm {
    /// Takes the keys of a price out of an object.
    pub(crate) fn taken(object: &mut Object, place: &str) -> Outcome<PriceForm> {
        read(taken(object, &KEYS).into(), place)
    }

    /// Whether it names a price at all: a model or free units alone are none.
    pub(crate) fn is_given(&self) -> bool {
        let lists = [&self.ranges, &self.tiers, &self.capacity_tiers];
        lists.iter().any(|list| list.is_some())
            || self.tier.is_some()
            || self.package.is_some()
            || self.package_size.is_some()
            || self.per_unit.is_some()
            || self.rate_percent.is_some()
    }

    /// This one, and what it leaves out from another.
    pub(crate) fn or(self, other: &PriceForm) -> PriceForm {
        // A price of its own stands instead of the other's, not beside it.
        let other = if self.is_given() {
            PriceForm { model: other.model.clone(), mode: other.mode.clone(), ..PriceForm::default() }
        } else {
            other.clone()
        };
        PriceForm {
            model: self.model.or(other.model),
            mode: self.mode.or(other.mode),
            tier_mode: self.tier_mode.or(other.tier_mode),
            ranges: self.ranges.or(other.ranges),
            tiers: self.tiers.or(other.tiers),
            capacity_tiers: self.capacity_tiers.or(other.capacity_tiers),
            tier: self.tier.or(other.tier),
            package: self.package.or(other.package),
            package_size: self.package_size.or(other.package_size),
            price_per_package: self.price_per_package.or(other.price_per_package),
            per_unit: self.per_unit.or(other.per_unit),
            rate_percent: self.rate_percent.or(other.rate_percent),
            flat: self.flat.or(other.flat),
            free_units: self.free_units.or(other.free_units),
        }
    }
}
