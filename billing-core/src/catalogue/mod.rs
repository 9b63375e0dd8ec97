//! The catalogue: what is sold, at which price, under which VAT. Plans and items have versions that never
//! change; tax codes have rates from a date on. One page a book, which events that depend on it name by
//! version.

mod commitment;
mod events;
pub mod lint;
mod page;
mod phase;
mod plan;
mod price;
mod publish_item;
mod publish_plan;
mod rejection;
mod sellable;
mod set_tax_code;
mod state;
mod tax;
#[cfg(test)]
mod tests;
mod tiers;
mod working;

pub use commitment::Commitment;
pub use events::{Event, ItemPublished, PlanPublished, TaxCodeSet};
pub use phase::{Aggregate, Alignment, Charge, Meter, Phase, PhaseKind};
pub use plan::{Existing, Item, Plan, PlanKind, Timing};
pub use price::{Limited, Percentage, Price};
pub use publish_item::PublishItem;
pub use publish_plan::PublishPlan;
pub use rejection::Rejection;
pub use set_tax_code::SetTaxCode;
pub use state::State;
pub use tax::{Tax, TaxCategory};
pub use tiers::{Package, PriceError, Tier, Tiers};
pub use working::Working;

use crate::decision::Department;

/// The department that keeps the catalogue.
#[derive(Debug)]
pub struct Catalogue;

impl Department for Catalogue {
    const NAME: &'static str = "catalogue";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}
